"""Messages as JSON, in the form of schemas/diagnostics-1.json; a change that breaks readers gets a new number."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..messages.catalogue import entry
from ..messages.diagnostics import Diagnostic
from ..records.canonical import plain
from .model import FileResult, counts

VERSION = 1


def document(results: Sequence[FileResult], command: str) -> dict[str, Any]:
    """All files of one command."""
    return {
        "schema": VERSION,
        "kind": "diagnostics",
        "command": command,
        "ok": all(result.ok for result in results),
        "counts": counts(results),
        "files": [_file(result) for result in results],
    }


def schema() -> dict[str, Any]:
    """The JSON Schema that `document` follows."""
    path = Path(__file__).parent / "schemas" / f"diagnostics-{VERSION}.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def _file(result: FileResult) -> dict[str, Any]:
    return {
        **{key: plain(value) for key, value in result.data.items()},
        "file": result.source.path,
        "sha256": result.source.sha256,
        "ok": result.ok,
        "summary": result.summary,
        "diagnostics": [_diagnostic(diagnostic) for diagnostic in result.diagnostics],
    }


def _diagnostic(diagnostic: Diagnostic) -> dict[str, Any]:
    known = entry(diagnostic.code)
    return {**plain(diagnostic), "page": known.page if known else ""}
