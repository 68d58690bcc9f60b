"""The JSON Schemas of what proscribe writes; the version stands in `$id` and in each document."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Literal

SchemaName = Literal["report-1", "report-2", "manifest-1"]
_FOLDER = Path(__file__).parent / "schemas"
_LONGEST = 200


@cache
def schema(name: SchemaName) -> dict[str, Any]:
    """A schema by its name."""
    found: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
    return found


def faults_of(document: Any, name: SchemaName) -> tuple[str, ...]:
    """Where and why a document does not follow a schema, the deepest fault first; empty where it does."""
    from jsonschema import Draft202012Validator  # a tenth of a second that only rendering needs

    found = Draft202012Validator(schema(name)).iter_errors(document)
    ordered = sorted(found, key=lambda e: (-len(e.absolute_path), e.json_path))
    return tuple(f"{e.json_path}: {e.message[:_LONGEST]}" for e in ordered)
