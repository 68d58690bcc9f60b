"""SARIF 2.1.0 (OASIS): what code scanning at GitHub, GitLab, Azure DevOps and editors read."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from ..messages.diagnostics import Diagnostic, Fix, Related, Span
from ..syntax.nodes import SourceFile
from .model import FileResult, once
from .paths import uri
from .titles import help_text, level, title

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"  # the name that GitHub and others give to the folder of the checkout
Json = dict[str, Any]


def log(results: Sequence[FileResult], command: str) -> Json:
    """One run of one tool over all files. Columns are counted in characters, as everywhere in proscribe."""
    found = list(once(results))
    codes = {code: index for index, code in enumerate(sorted({d.code for _, d in found}))}
    files = {source.path: source for result in results for source in (result.source, *result.others)}
    indexes = {path: index for index, path in enumerate(files)}
    seen: Counter[str] = Counter()
    run: Json = {
        "tool": {"driver": _driver([next(d for _, d in found if d.code == code) for code in codes])},
        "automationDetails": {"id": f"proscribe/{command}/"},
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder in which proscribe was called."}}},
        "artifacts": [_artifact(source) for source in files.values()],
        "results": [_result(d, result, codes[d.code], indexes, seen) for result, d in found],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _driver(firsts: list[Diagnostic]) -> Json:
    from importlib.metadata import PackageNotFoundError, version

    driver: Json = {"name": "proscribe", "rules": [_rule(d) for d in firsts]}
    with suppress(PackageNotFoundError):  # run from a folder that was never installed
        driver["version"] = version("proscribe")
    return driver


def _rule(first: Diagnostic) -> Json:
    said = title(first.code)
    said = said[:1].upper() + said[1:] + "."
    helped = help_text(first.code)
    return {
        "id": first.code,
        "shortDescription": _text(said),
        "fullDescription": _text(said),
        "help": {**_text(helped or said), **({"markdown": _text(helped)["text"]} if helped else {})},
        "defaultConfiguration": {"level": level(first)},
    }


def _artifact(source: SourceFile) -> Json:
    entry: Json = {"location": _location_of(source.path), "encoding": "UTF-8", "mimeType": "text/plain"}
    if source.sha256:
        entry["hashes"] = {"sha-256": source.sha256}
    return entry


def _result(d: Diagnostic, result: FileResult, rule: int, indexes: dict[str, int], seen: Counter[str]) -> Json:
    line = result.source_of(d.span.file).line(d.span.line).strip()
    mark = hashlib.sha256("\0".join((d.code, uri(d.span.file)[0], line)).encode("utf-8", "replace")).hexdigest()[:32]
    seen[mark] += 1
    entry: Json = {
        "ruleId": d.code,
        "ruleIndex": rule,
        "level": d.severity,
        "message": _text(f"{d.message}\n{d.hint}" if d.hint else d.message),
        "locations": [{"physicalLocation": _place(d.span, indexes)}],
        "partialFingerprints": {"codeFileLine/v1": f"{mark}:{seen[mark]}"},  # a message keeps it when its line moves
    }
    if d.related:
        entry["relatedLocations"] = [_related(number, r, indexes) for number, r in enumerate(d.related)]
    if d.fix:
        entry["fixes"] = [_fix(d.fix, d.hint or d.message, indexes)]
    return entry


def _related(number: int, related: Related, indexes: dict[str, int]) -> Json:
    place = _place(related.span, indexes)
    return {"id": number, "message": _text(related.message), "physicalLocation": place}


def _fix(fix: Fix, said: str, indexes: dict[str, int]) -> Json:
    place = _place(fix.span, indexes)
    replacement: Json = {"deletedRegion": place["region"], "insertedContent": {"text": fix.replacement}}
    change = {"artifactLocation": place["artifactLocation"], "replacements": [replacement]}
    return {"description": _text(said), "artifactChanges": [change]}


def _place(span: Span, indexes: dict[str, int]) -> Json:
    location = _location_of(span.file)
    if span.file in indexes:
        location["index"] = indexes[span.file]
    return {
        "artifactLocation": location,
        "region": {
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": span.end_line,
            "endColumn": span.end_column,
        },
    }


def _location_of(path: str) -> Json:
    address, relative = uri(path)
    return {"uri": address, "uriBaseId": _ROOT} if relative else {"uri": address}


def _text(said: str) -> Json:
    """A message object; braces are doubled (SARIF 3.11.5), or readers would take them for placeholders.

    >>> _text("a group is opened by {")
    {'text': 'a group is opened by {{'}
    """
    return {"text": said.replace("{", "{{").replace("}", "}}")}
