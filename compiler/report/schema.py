"""The JSON Schemas of what proscribe writes; the version stands in `$id` and in each document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

SchemaName = Literal["report-1", "report-2", "report-3", "manifest-1"]
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


def faults_quickly(document: dict[str, Any], name: SchemaName) -> tuple[str, ...]:
    """The same faults as `faults_of`, fifty times sooner in the long lists of plain items that a rule's document holds.

    An item whose every value plainly fits is left out; all others, and all else, are for jsonschema to judge, in place.
    """
    flat = _flat_lists(name)
    thin = dict(document)
    for key, checks in flat.items():
        items = document.get(key)
        if isinstance(items, list) and all(_fits(item, checks) for item in items):
            thin[key] = []
    return faults_of(thin, name)


_Check = dict[str, Any]
_NUMBERS: dict[str, tuple[type, ...]] = {"integer": (int,), "number": (int, float)}


@cache
def _flat_lists(name: SchemaName) -> dict[str, dict[str, _Check]]:
    """Of a rule's document, the lists whose items hold plain values only, with each property's own check."""
    definitions = schema(name).get("$defs", {})
    found = {}
    for key, value in definitions.get("rule", {}).get("properties", {}).items():
        check = _resolved(value.get("items", {}), definitions)
        if check is not None and "object" in check:
            found[key] = check["object"]
    return found


def _resolved(part: _Check, definitions: Mapping[str, _Check]) -> _Check | None:
    """A part of a schema as a check of `_value_fits`; None where it asks for more than that can tell."""
    if "$ref" in part:
        # What stands beside a reference is a description.
        return _resolved(definitions[part["$ref"].removeprefix("#/$defs/")], definitions)
    if part.get("type") == "object":
        closed = part.get("additionalProperties") is False and set(part.get("required", ())) == set(part["properties"])
        own = {name: _resolved(p, definitions) for name, p in part["properties"].items()} if closed else {}
        return {"object": own} if own and None not in own.values() else None
    if part.get("type") == "array" and set(part) <= {"type", "items", "description"}:
        items = part.get("items", {})
        # A list of pairs: `any_of_k`. Its own schema asks for both parts and no more.
        parts = [_resolved(p, definitions) for p in items.get("prefixItems", ())]
        if parts:
            return {"pairs": parts} if None not in parts else None
        check = _resolved(items, definitions)
        return {"each": check} if check is not None else None
    known = set(part) <= {"type", "minimum", "maximum", "enum", "description"}
    return part if known and ("enum" in part or part.get("type") in ("string", "boolean", *_NUMBERS)) else None


def _fits(item: object, checks: Mapping[str, _Check]) -> bool:
    if not isinstance(item, dict) or item.keys() != checks.keys():
        return False
    return all(_value_fits(item[key], check) for key, check in checks.items())


def _value_fits(value: Any, check: _Check) -> bool:
    kind = check.get("type")
    if "object" in check:
        return _fits(value, check["object"])
    if "each" in check:
        return isinstance(value, list) and all(_value_fits(item, check["each"]) for item in value)
    if "pairs" in check:
        parts = check["pairs"]
        return isinstance(value, list) and all(
            isinstance(pair, list) and len(pair) == len(parts) and all(map(_value_fits, pair, parts)) for pair in value
        )
    if "enum" in check:
        return isinstance(value, str) and value in check["enum"]
    if kind in _NUMBERS:
        return type(value) in _NUMBERS[kind] and check.get("minimum", value) <= value <= check.get("maximum", value)
    return type(value) is (str if kind == "string" else bool)
