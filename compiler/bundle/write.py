"""Bundles on disk: built aside piece by piece, then exchanged with the last good one in one step."""

from __future__ import annotations

import ctypes
import json
import os
import platform
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..attack.version import ATTACK_VERSION, ATTACKS
from ..graph.derive import Derived, RuleSets
from ..records.results import Pick, RuleAttack, Trial
from ..world.cells import Cell
from .policy_files import files_of

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
VERSIONED = ("torch", "open_clip_torch", "peft", "transformers", "timm", "numpy", "pillow")


def work_folder(out: Path) -> Path:
    """Where a build of `out` gathers its pieces; it stays after a kill, and the next build goes on from it."""
    return out.parent / f".{out.name}.work"


def seeds_folder(out: Path) -> Path:
    """Where bundles of other training seeds than that of `out` stand, each under its number."""
    return out.parent / f"{out.name}.seeds"


def write_json(path: Path, value: Any) -> None:
    """Written aside and renamed, so that a half-written file is never taken for a piece."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.part")
    aside.write_text(json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    aside.replace(path)


def write_trials(path: Path, trials: Sequence[Trial]) -> None:
    """One trial a line."""
    aside = path.with_name(f".{path.name}.part")
    with aside.open("w", encoding="utf-8") as stream:
        for trial in trials:
            stream.write(json.dumps(asdict(trial), ensure_ascii=False) + "\n")
    aside.replace(path)


def read_trials(path: Path) -> tuple[Trial, ...]:
    """The trials of a rule, as they were written; TypeError or KeyError for a line that is no trial."""
    with path.open(encoding="utf-8") as stream:
        return tuple(_trial(json.loads(line)) for line in stream)


def _trial(record: dict[str, Any]) -> Trial:
    picks = {name: Pick(tuple(record[name]["cell"]), record[name]["score"]) for name in ("base", "guarded")}
    return Trial(**{**record, **picks, "cell": tuple(record["cell"])})


def rule_facts(sets: RuleSets, derived: Derived, redirects: dict[Cell, Cell]) -> dict[str, Any]:
    """rule.json: the rule as its author wrote it and what was derived from it."""
    rule = sets.rule
    why = {redirect.cell: redirect.why for redirect in sets.redirects}
    return {
        "id": rule.id,
        "text": rule.text,
        "kind": rule.kind,
        "severity": rule.severity,
        "because": rule.because,
        "doc": rule.doc,
        "group": rule.group,
        "file": rule.span.file,
        "line": rule.span.line,
        "column": rule.span.column,
        "subject": rule.subject,
        "relation": rule.relation,
        "object": rule.object,
        "excepts": [_except_text(e) for e in rule.excepts],
        "instead": rule.instead,
        "require": {"breach_max": rule.require.breach_max, "retention_min": rule.require.retention_min},
        "forget": [str(item.cell) for item in sets.forget],
        "counts": {
            name: len(getattr(sets, name)) for name in ("forget", "neighbours", "allows", "marginals", "control")
        },
        "redirect": [
            {"cell": str(cell), "target": str(target), "why": why.get(cell, "nearest safe neighbour")}
            for cell, target in redirects.items()
        ],
        "allow_texts": [allow.text for allow in derived.allow_rules],
    }


def _except_text(item: Any) -> str:
    if item.name:
        return str(item.name)
    return f"{item.subject} -{item.relation}-> {item.object}"


def manifest_fields(plan: dict[str, Any], derived: Derived, backbone: Any) -> dict[str, Any]:
    """What the manifest says beside the hashes of the files."""
    return {
        "policy": derived.policy,
        "edition": derived.edition,
        "policy_file": Path(derived.source.path).name,
        "policy_sha256": derived.source.sha256,
        **files_of(derived).fields(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "proscribe": version("proscribe"),
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in VERSIONED},
            ATTACKS: str(ATTACK_VERSION),
        },
        "backbone": {
            "name": backbone.name,
            "fingerprint": backbone.fingerprint,
            "parts": dict(backbone.fingerprint_parts),
        },
        "seed": plan["seed"],
        "plan": plan["plan"],
        "attack": plan["attack"],
        "rules": [{"id": job["rule"], "text": job["text"], "plan": job["plan"]} for job in plan["jobs"]],
    }


def write_attack(folder: Path, attack: RuleAttack, trials: Sequence[Trial]) -> None:
    """attack.json and trials.jsonl of one rule."""
    write_trials(folder / "trials.jsonl", trials)
    write_json(folder / "attack.json", attack.to_dict())


def install(work: Path, out: Path) -> None:
    """Put the finished `work` where `out` is. At every moment one whole bundle stands at `out`, if there was one."""
    if not out.exists():
        work.rename(out)
        return
    if not _exchange(work, out):
        old = out.with_name(f".{out.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        out.rename(old)
        work.rename(out)
        shutil.rmtree(old)
        return
    shutil.rmtree(work)


def _exchange(a: Path, b: Path) -> bool:
    """Swap two folders in one system call (Linux renameat2); False where the system has no such call."""
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    done = call(_AT_FDCWD, os.fsencode(a), _AT_FDCWD, os.fsencode(b), _RENAME_EXCHANGE)
    return bool(done == 0)
