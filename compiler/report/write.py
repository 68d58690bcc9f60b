"""Render a bundle: its page, its report for machines, GitHub and CI, a card a rule; written aside and renamed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..records.canonical import plain
from ..records.decode import Damaged
from .model import Level
from .pages.card import render_card
from .pages.ci import render_junit, sarif_log
from .pages.document import policy_document, rule_document
from .pages.html import render_html
from .pages.markdown import render_markdown
from .read import MANIFEST, inside, read_bundle, read_manifest
from .schema import faults_quickly


def render_bundle(
    folder: Path, manifest: Mapping[str, Any] | None = None, level: Level = "internal", place: Path | None = None
) -> tuple[Path, ...]:
    """Write the reports of the bundle in `folder` from its other files, and return what was written.

    Nothing is computed anew. `manifest` is for the compile command, which renders before it writes its own. `place` is
    where the bundle will lie, as its reader would type it: for the commands that the reports print.
    The manifest is not touched: `refresh_manifest` follows.
    """
    report = read_bundle(folder, manifest, level, place)
    # Rules first: a fault in a rule is told at its own place, not where the policy's report quotes it.
    documents = {f"rules/{rule.facts.id}/report.json": rule_document(report, rule) for rule in report.rules}
    documents["report.json"] = policy_document(report)
    documents = {name: plain(document) for name, document in documents.items()}
    for name, document in documents.items():
        faults = faults_quickly(document, "report-3")
        if faults:
            raise Damaged(f"{name} would break its schema at {faults[0]}")
    # All is rendered before anything is written: a fault leaves the old reports as they were.
    contents = {"report.html": render_html(report).encode()}
    contents |= {name: _json_bytes(document) for name, document in documents.items()}
    contents["report.md"] = render_markdown(report).encode()
    contents["junit.xml"] = render_junit(report)
    contents["report.sarif"] = _json_bytes(sarif_log(report))
    contents |= {f"rules/{rule.facts.id}/card.md": render_card(report, rule).encode() for rule in report.rules}
    return _replace_all(folder, contents)


def refresh_manifest(folder: Path, files: Iterable[Path]) -> Path:
    """Put the sha256 of `files`, as they are now, into the manifest."""
    manifest = read_manifest(folder)
    root = folder.resolve()
    hashes = {
        (path.resolve().relative_to(root)).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }
    contents = {MANIFEST: _json_bytes({**manifest, "files": {**manifest["files"], **hashes}})}
    return _replace_all(folder, contents)[0]


def _json_bytes(document: Mapping[str, Any]) -> bytes:
    # As `to_json` writes it, for what is plain already: half a second of a large policy's report.
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1, separators=(",", ": "))
    return f"{text}\n".encode()


def _replace_all(folder: Path, contents: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write all files aside, then rename all: a full disk or a kill while writing changes nothing."""
    # Aside means at the top: a bundle with a stray file below rules/ is refused.
    moves = [
        (folder / f".aside-{os.getpid()}-{number}", inside(folder, name), data)
        for number, (name, data) in enumerate(contents.items())
    ]
    try:
        for aside, _, data in moves:
            with aside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        for aside, path, _ in moves:
            aside.replace(path)
    finally:
        for aside, _, _ in moves:
            aside.unlink(missing_ok=True)
    return tuple(path for _, path, _ in moves)
