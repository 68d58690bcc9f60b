"""The report for machines: report.json of the policy and of each rule, as schemas/report-3.json says."""

from __future__ import annotations

from typing import Any

from ...records.canonical import plain
from ..model import Report, RuleReport
from ..words import VERDICT, cell_of, tuple_text

# Raised with each change of a schema that was on main: readers of the old one keep theirs (tests freeze all of them).
SCHEMA_VERSION = 3


def policy_document(report: Report) -> dict[str, Any]:
    """The policy: verdict, what it was made with, one entry a rule."""
    m = report.manifest
    return {
        "schema": SCHEMA_VERSION,
        "kind": "policy",
        "level": report.level,
        "policy": m.policy,
        "edition": m.edition,
        "policy_file": m.policy_file,
        "policy_sha256": m.policy_sha256,
        "created": m.created,
        "proscribe": m.proscribe,
        "versions": m.versions,
        "backbone": {"name": m.backbone.name, "fingerprint": m.backbone.fingerprint},
        "seed": m.seed,
        "plan": m.plan,
        "verdict": {"status": report.status, "words": VERDICT[report.status], "sentence": report.sentence},
        "rules": [{**_entry(rule), "report": f"rules/{rule.facts.id}/report.json"} for rule in report.rules],
    }


def rule_document(report: Report, rule: RuleReport) -> dict[str, Any]:
    """One rule with everything that was measured, as dataclasses still."""
    facts, attack = rule.facts, rule.attack
    measured = (
        "families",
        "retention",
        "overblock",
        "redirect",
        "slots",
        "cells",
        "not_tested",
        "hardest",
        "effort",
        "curves",
        "probes",
        "statistics",
        "heat",
        "seeds",
    )
    return {
        "schema": SCHEMA_VERSION,
        "kind": "rule",
        "level": report.level,
        "policy": report.manifest.policy,
        **_entry(rule),
        "reasons": list(rule.attack.reasons),
        "excepts": list(facts.excepts),
        "instead": facts.instead,
        "forget": [_written(cell) for cell in facts.forget],
        "redirects": [
            {"cell": _written(led.cell), "target": _written(led.target), "why": led.why} for led in facts.redirect
        ],
        "allow_texts": list(facts.allow_texts),
        "counts": facts.counts,
        **{name: getattr(attack, name) for name in measured},
        # What an attacker could use is not in a public report of any form.
        "hardest": [] if report.level == "public" else attack.hardest,
        "withheld": len(rule.attack.hardest) if report.level == "public" else 0,
        "training": {**plain(rule.training), "adapter_sha256": rule.adapter_sha256},
        "attack": {"seed": rule.attack.seed, "seconds": rule.attack.seconds},
    }


def _entry(rule: RuleReport) -> dict[str, Any]:
    facts, attack = rule.facts, rule.attack
    breach, retention, overblock = rule.worst_family, rule.worst_retention, rule.worst_overblock
    return {
        "id": facts.id,
        "text": facts.text,
        "because": facts.because,
        "doc": facts.doc,
        "group": facts.group,
        "severity": facts.severity,
        "place": {"file": facts.file, "line": facts.line, "column": facts.column},
        "require": {"breach_max": attack.breach_max, "retention_min": attack.retention_min},
        "verdict": {"status": attack.status, "words": VERDICT[attack.status], "sentence": attack.sentence},
        "worst": {"breach": breach, "retention": retention, "overblock": overblock},
    }


def _written(cell: str | tuple[str, str, str]) -> str:
    found = cell_of(cell)
    return tuple_text(found) if found else str(cell)
