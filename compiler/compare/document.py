"""A comparison for machines, as schemas/comparison-1.json says."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .model import Q_MAX, Comparison, Finding, Row

SCHEMA_VERSION = 1
_SCHEMA = Path(__file__).parent / "schemas" / f"comparison-{SCHEMA_VERSION}.json"


def schema() -> dict[str, Any]:
    """The JSON Schema of `document`."""
    found: dict[str, Any] = json.loads(_SCHEMA.read_text("utf-8"))
    return found


def document(found: Comparison) -> dict[str, Any]:
    """Everything, regressions first and then improvements."""
    order: tuple[Finding, ...] = ("regression", "improvement", "no difference")
    return {
        "schema": SCHEMA_VERSION,
        "kind": "comparison",
        "old": found.old,
        "new": found.new,
        "regressed": found.regressed,
        "q_max": Q_MAX,
        "counts": {name.replace(" ", "_"): len(found.found(name)) for name in order},
        "notes": list(found.notes),
        "verdicts": [asdict(verdict) for verdict in found.verdicts],
        "rows": [_row(row) for name in order for row in found.found(name)],
        "only": [asdict(only) for only in found.only],
    }


def _row(row: Row) -> dict[str, Any]:
    return {**asdict(row), "worse_by_points": round(row.worse_by, 6), "finding": row.finding}
