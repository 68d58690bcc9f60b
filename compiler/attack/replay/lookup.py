"""The recorded trials of a bundle: one by its id, or near ids where there is none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from difflib import get_close_matches
from itertools import product
from typing import Any

from proscribe.runtime.bundle import Bundle

from ...records.decode import Damaged, decode
from ...records.results import Kind, Trial
from ..listed import LISTED

_NEAR = 3
_MOST_COMPARED = 20_000


def find_trial(bundle: Bundle, wanted: str) -> tuple[str, Trial]:
    """(rule, trial). LookupError with near ids where there is none; Damaged for a line that is no trial."""
    # A rule's id may have dashes too: the longest that fits is the one.
    rules = sorted((r for r in bundle.rules if wanted.startswith(f"{r}-")), key=len, reverse=True)
    if not rules:
        raise LookupError(f"no trial {wanted!r}: {bundle.folder} has the rules {', '.join(bundle.rules)}")
    ids: list[str] = []
    for rule in rules:
        name = f"rules/{rule}/trials.jsonl"
        if name not in bundle.manifest["files"]:
            continue
        for number, line in enumerate(bundle.read_bytes(name).splitlines(), 1):
            record = _record(line, f"{name}:{number}")
            if record.get("id") == wanted:
                return rule, decode(Trial, record, f"{name}:{number}")
            ids.append(str(record.get("id")))
    raise LookupError(f"no trial {wanted!r} among the {len(ids):,} trials of {rules[0]}{_hint(bundle, wanted, ids)}")


def _hint(bundle: Bundle, wanted: str, ids: Sequence[str]) -> str:
    """Near ids; for an attack that left no trials, the command that makes it."""
    for rule, row in product(bundle.rules, LISTED):
        start = f"{rule}-{row.name}"
        if (wanted == start or wanted.startswith(f"{start}-")) and not any(i.startswith(f"{start}-") for i in ids):
            made = f"`proscribe attack {bundle.folder} --rule {rule} --family {row.name}` makes that attack"
            return f": {row.name.replace('_', ' ')} has left no trials of {rule} in this bundle; {made}"
    near = get_close_matches(wanted, ids[:_MOST_COMPARED], _NEAR, 0.6)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def kind_of(bundle: Bundle, rule: str, family: str) -> Kind:
    """What the attacker of a family may touch, as the rule's attack.json says."""
    families = bundle.read_json(f"rules/{rule}/attack.json").get("families", ())
    kinds: list[Kind] = [f.get("kind", "black box") for f in families if f.get("family") == family]
    return kinds[0] if kinds else "black box"


def _record(line: bytes, place: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as fault:
        raise Damaged(f"{place}: {fault}, not JSON") from fault
    if not isinstance(found, dict):
        raise Damaged(f"{place}: is no trial")
    return found
