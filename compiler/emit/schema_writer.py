"""JSON Schemas (Draft 2020-12) of the stages, made from the dataclasses that the stages are.

`python -m proscribe.compiler.emit.schema_writer` writes those that ship again; a test compares them.
"""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from ..build.plan import Plan
from ..graph.cell_sets import CellSet
from ..syntax.nodes import SourceFile
from .stages import STAGES, TYPES, VERSION, StageName, is_node, schema_id

Json = dict[str, Any]
_HASH: Json = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_NAMES: Json = {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True}
_SPECIAL: dict[type, Json] = {
    SourceFile: {
        "description": "A file, named from the policy's folder (`std:` is the standard library); its bytes' hash.",
        "type": "object",
        "properties": {"path": {"type": "string"}, "sha256": _HASH},
        "required": ["path", "sha256"],
        "additionalProperties": False,
    },
    CellSet: {
        "description": "A set of cells: their number, and boxes that share none. A box is every subject with every "
        "relation with every object.",
        "type": "object",
        "properties": {
            "count": {"type": "integer", "minimum": 0},
            "boxes": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"subjects": _NAMES, "relations": _NAMES, "objects": _NAMES},
                    "required": ["subjects", "relations", "objects"],
                    "additionalProperties": False,
                },
            },
        },
        "required": ["count", "boxes"],
        "additionalProperties": False,
    },
}
_PLAIN: dict[object, Json] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    Any: {},
}


def schema_of(stage: StageName) -> Json:
    """The schema of one stage's document."""
    defs: dict[str, Json] = {}
    value = _schema(Plan if stage == "plan" else TYPES[stage], defs)
    if stage == "plan":
        defs["Plan"]["properties"]["plan"] = {**_HASH, "description": "The hash of the jobs and the attack settings."}
        defs["Plan"]["required"].append("plan")
    properties = {
        "schema": {"const": schema_id(stage)},
        "stage": {"const": stage},
        "sha256": {**_HASH, "description": "Of the value as canonical JSON: keys sorted, no spaces, UTF-8."},
        "meaning": {**_HASH, "description": "The same without places and source text."},
        "value": value,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": schema_id(stage),
        "title": f"proscribe: the stage `{stage}` of a policy",
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
        "$defs": dict(sorted(defs.items())),
    }


def _schema(kind: Any, defs: dict[str, Json]) -> Json:
    if kind in _PLAIN:
        return dict(_PLAIN[kind])
    origin, args = get_origin(kind), get_args(kind)
    if origin is Literal:
        return {"enum": list(args)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [_schema(arg, defs) for arg in args]}
    if origin is tuple and args[-1] is Ellipsis:
        return {"type": "array", "items": _schema(args[0], defs)}
    if origin is tuple:
        items = [_schema(arg, defs) for arg in args]
        return {"type": "array", "prefixItems": items, "items": False, "minItems": len(items)}
    if origin in (dict, Mapping):
        return {"type": "object", "additionalProperties": _schema(args[1], defs)}
    if kind in _SPECIAL or dataclasses.is_dataclass(kind):
        return _reference(kind, defs)
    raise TypeError(f"{kind} has no schema")


def _reference(kind: type, defs: dict[str, Json]) -> Json:
    name = kind.__name__
    if name not in defs:
        defs[name] = dict(_SPECIAL.get(kind, {}))
        if not defs[name]:
            defs[name].update(_object(kind, defs))
    return {"$ref": f"#/$defs/{name}"}


def _object(kind: type, defs: dict[str, Json]) -> Json:
    hints = get_type_hints(kind)
    properties: Json = {"node": {"const": kind.__name__}} if is_node(kind) else {}
    properties |= {f.name: _schema(hints[f.name], defs) for f in dataclasses.fields(kind)}
    said = " ".join((kind.__doc__ or "").split())
    return {
        **({"description": said} if said else {}),
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def text_of(stage: StageName) -> str:
    """The schema as its file holds it."""
    return json.dumps(schema_of(stage), indent=1, ensure_ascii=False) + "\n"


def write() -> None:
    """Write all schemas that ship."""
    for stage in STAGES:
        (Path(__file__).parent / "schemas" / f"{stage}-{VERSION}.json").write_text(text_of(stage), encoding="utf-8")


if __name__ == "__main__":
    write()
