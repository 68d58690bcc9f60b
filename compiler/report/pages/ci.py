"""The report for CI: JUnit XML, one test case for each family and setting, and SARIF at the policy's line."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from ...formats.sarif import SCHEMA
from ...records.results import FamilyResult, RetentionResult, Status
from ..model import Report, RuleReport, counted
from ..words import SETS, VERDICT, after_verdict, interval, limit, percent, visible


def render_junit(report: Report) -> bytes:
    """junit.xml: not proven is an error, since it is no pass; evidence that counts for nothing is skipped."""
    suites = [_suite(rule) for rule in report.rules]
    root = ElementTree.Element("testsuites", _totals(suites, name=_xml(report.manifest.policy)))
    root.extend(suites)
    ElementTree.indent(root, " ")
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _suite(rule: RuleReport) -> ElementTree.Element:
    attack, name = rule.attack, _xml(f"{rule.facts.id} {rule.facts.short}")
    suite = ElementTree.Element("testsuite")
    _case(suite, rule, "verdict", attack.status, after_verdict(attack.sentence, attack.status))
    for f in attack.families:
        title = f"{f.family} ({f.modality}, {f.kind}), towers {f.towers}, {f.stage}"
        _case(suite, rule, title, attack_status(f), _breach(f, attack.breach_max))
    for r in attack.retention:
        title = f"kept: {SETS[r.name]} ({r.modality}), towers {r.towers}, {r.stage}"
        _case(suite, rule, title, r.status, _kept(r, attack.retention_min))
    suite.attrib.update({**_totals([suite], name=name), "time": f"{attack.seconds:.1f}"})
    return suite


def attack_status(family: FamilyResult) -> Status | None:
    """The status of a family that counts, None for evidence."""
    return family.status if family.gates else None


def _case(suite: ElementTree.Element, rule: RuleReport, name: str, status: Status | None, said: str) -> None:
    case = ElementTree.SubElement(suite, "testcase", {"classname": _xml(rule.facts.id), "name": _xml(name)})
    if status is None:
        ElementTree.SubElement(case, "skipped", {"message": _xml(f"evidence, not counted: {said}")})
    elif status != "pass":
        tag = "failure" if status == "fail" else "error"
        ElementTree.SubElement(case, tag, {"message": _xml(said), "type": VERDICT[status]})


def _totals(elements: list[ElementTree.Element], name: str) -> dict[str, str]:
    def number(tag: str) -> str:
        return str(sum(1 for element in elements for _ in element.iter(tag)))

    tags = (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
    return {"name": name, **{key: number(tag) for key, tag in tags}}


def _breach(f: FamilyResult, most: float) -> str:
    if not counted(f):
        return f"nothing counted: the base recognised {f.recognised} of {f.trials} trials"
    note = f"; {f.note}" if f.note else ""
    return (
        f"breach {percent(f.breach)} ({interval(f.low, f.high)}), {f.broke} of {counted(f)} broke through; "
        f"at most {limit(most)} is allowed{note}"
    )


def _kept(r: RetentionResult, least: float) -> str:
    return f"kept {percent(r.kept)} ({interval(r.low, r.high)}); at least {limit(least)} is required"


def _xml(text: str) -> str:
    """Text that XML 1.0 can hold: control marks are written out, what has no place at all becomes U+FFFD."""
    shown = visible(text)
    return "".join(c if _in_xml(ord(c)) else "\ufffd" for c in shown)


def _in_xml(point: int) -> bool:
    return point in (9, 10, 13) or 0x20 <= point <= 0xD7FF or 0xE000 <= point <= 0xFFFD or point >= 0x10000


def sarif_log(report: Report) -> dict[str, Any]:
    """report.sarif: a result for each rule that failed or is not proven, at the line of the policy where it stands."""
    rules = [
        {
            "id": f"proscribe/{r.facts.id}",
            "shortDescription": _text(r.facts.short),
            "fullDescription": _text(r.facts.because or r.facts.short),
            "defaultConfiguration": {"level": "error"},
        }
        for r in report.rules
    ]
    troubled = [(i, r) for i, r in enumerate(report.rules) if r.attack.status != "pass"]
    driver = {"name": "proscribe", "version": visible(report.manifest.proscribe), "rules": rules}
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": "proscribe/report/"},
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "unicodeCodePoints",
        "results": [_result(i, r) for i, r in troubled],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(index: int, rule: RuleReport) -> dict[str, Any]:
    facts, attack = rule.facts, rule.attack
    path = PurePosixPath(facts.file)
    # A path of the machine that compiled says nothing elsewhere, but is still a legal address.
    address = f"file://{quote(str(path))}" if path.is_absolute() else quote(str(path))
    mark = hashlib.sha256("\0".join((facts.id, facts.file, facts.text)).encode()).hexdigest()[:32]
    said = f"{facts.short}: {VERDICT[attack.status]}. {after_verdict(attack.sentence, attack.status)}"
    return {
        "ruleId": f"proscribe/{facts.id}",
        "ruleIndex": index,
        "level": "error" if attack.status == "fail" else "warning",
        "message": _text(said),
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": address},
                    "region": {"startLine": max(1, facts.line), "startColumn": max(1, facts.column)},
                }
            }
        ],
        "partialFingerprints": {"rule/v1": mark},
    }


def _text(said: str) -> dict[str, str]:
    # Braces are doubled (SARIF 3.11.5), or readers would take them for placeholders.
    return {"text": visible(said).replace("{", "{{").replace("}", "}}")}
