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
    """The same faults as `faults_of`, fifty times sooner in the long lists of flat items that a rule's document holds.

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
    """Of a rule's document, the lists whose items hold plain values only, with each property's own schema."""
    definitions = schema(name).get("$defs", {})
    found = {}
    for key, value in definitions.get("rule", {}).get("properties", {}).items():
        item = definitions.get(value.get("items", {}).get("$ref", "").removeprefix("#/$defs/"), {})
        if item.get("additionalProperties") is False and set(item["required"]) == set(item["properties"]):
            resolved = {p: _resolved(s, definitions) for p, s in item["properties"].items()}
            if all(_is_plain(s) for s in resolved.values()):
                found[key] = resolved
    return found


def _resolved(check: _Check, definitions: Mapping[str, _Check]) -> _Check:
    if "$ref" in check:
        return dict(definitions[check["$ref"].removeprefix("#/$defs/")])
    pairs = check.get("items", {}).get("prefixItems") if isinstance(check.get("items"), dict) else None
    # A list of pairs: `any_of_k`. Its own schema asks for both parts and no more.
    return {"pairs": [_resolved(part, definitions) for part in pairs]} if pairs else check


def _is_plain(check: _Check) -> bool:
    known = {"type", "minimum", "maximum", "enum", "description"}
    if "pairs" in check:
        return all(_is_plain(part) for part in check["pairs"])
    return set(check) <= known and ("enum" in check or check.get("type") in ("string", "boolean", *_NUMBERS))


def _fits(item: object, checks: Mapping[str, _Check]) -> bool:
    if not isinstance(item, dict) or item.keys() != checks.keys():
        return False
    return all(_value_fits(item[key], check) for key, check in checks.items())


def _value_fits(value: Any, check: _Check) -> bool:
    kind = check.get("type")
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
