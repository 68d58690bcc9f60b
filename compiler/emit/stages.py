"""Every stage of a policy, from its text to its plan, as canonical JSON with a schema and hashes.

The same policy gives the same bytes on every machine: files are named from the policy's folder, those of the standard
library as `std:NAME.policy`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from ..graph.cell_sets import CellSet
from ..graph.derive import RuleSets
from ..messages.diagnostics import Span
from ..pipeline import Analysis
from ..resolve.expects import Expectation
from ..resolve.imports import library
from ..resolve.names import Resolved, Rule
from ..resolve.taxonomy import Concept
from ..syntax import nodes
from ..syntax.nodes import Policy, SourceFile
from ..world.cells import Slot

if TYPE_CHECKING:
    from ..build.plan import Plan

VERSION = 1  # of every schema; a change that breaks readers raises it
StageName = Literal["source", "policy", "resolved", "graph", "derived", "plan"]
STAGES: tuple[StageName, ...] = get_args(StageName)


@dataclass(frozen=True, slots=True)
class Text:
    """A file as it was read: plain line ends, no byte order mark; `sha256` is of its raw bytes."""

    path: str
    sha256: str
    text: str


@dataclass(frozen=True, slots=True)
class SourceStage:
    """The policy's file and every file that it uses."""

    file: Text
    used: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class PolicyStage:
    """The statements of the policy's file and of every file that it uses."""

    file: Policy
    used: tuple[Policy, ...]


@dataclass(frozen=True, slots=True)
class Covers:
    """The cells of one rule: `open` slots were written as `*`."""

    rule: str
    kind: Literal["forbid", "allow"]
    cells: CellSet
    excepted: CellSet
    open: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class GraphStage:
    """All leaves in alphabetical order, and what each rule covers."""

    concepts: tuple[str, ...]
    relations: tuple[str, ...]
    rules: tuple[Covers, ...]


@dataclass(frozen=True, slots=True)
class DerivedStage:
    """What each forbid is trained and tested on."""

    policy: str
    edition: int
    concepts: tuple[Concept, ...]
    relations: tuple[Concept, ...]
    allow_rules: tuple[Rule, ...]
    expects: tuple[Expectation, ...]
    uncovered_count: int
    source: SourceFile
    rules: tuple[RuleSets, ...]


# What each stage's value is, for the schemas; a `plan.Plan` is left to those who can load numpy.
TYPES: dict[StageName, type] = {
    "source": SourceStage,
    "policy": PolicyStage,
    "resolved": Resolved,
    "graph": GraphStage,
    "derived": DerivedStage,
}


def emit(found: Analysis, stage: StageName, plan: Plan | None = None) -> dict[str, Any]:
    """A stage with its schema and hashes: `sha256` of everything, `meaning` without places and source text.

    The stages up to `graph` are there of a policy in error too. ValueError where a later one is asked of such a policy.
    """
    value = _value(found, stage, plan)
    names = _Names(found)
    written = names.plain(value)
    if stage == "plan" and plan is not None:
        written["plan"] = plan.hash
    return {
        "schema": schema_id(stage),
        "stage": stage,
        "sha256": _sha256(written),
        "meaning": _sha256(names.plain(value, places=False)),
        "value": written,
    }


def schema_id(stage: StageName) -> str:
    """The address that names a stage's schema."""
    return f"https://proscribe.dev/schemas/{stage}-{VERSION}.json"


def schema(stage: StageName) -> dict[str, Any]:
    """The JSON Schema of a stage, as it ships."""
    path = Path(__file__).parent / "schemas" / f"{stage}-{VERSION}.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def _value(found: Analysis, stage: StageName, plan: Plan | None) -> object:
    program = found.program
    if stage == "source":
        first, *used = (Text(s.path, s.sha256, s.text) for s in found.sources.values())
        return SourceStage(first, tuple(used))
    if stage == "policy":
        return PolicyStage(program.policy, program.used)
    if stage == "resolved":
        return found.graph.resolved
    if stage == "graph":
        space = found.graph.space
        rules = (
            Covers(e.rule.id, e.rule.kind, e.cells, e.excepted, tuple(sorted(e.open))) for e in found.graph.extents
        )
        return GraphStage(space.concepts.names, space.relations.names, tuple(rules))
    derived = found.derived
    if derived is None or (stage == "plan" and plan is None):
        raise ValueError(f"there is no {stage} of this policy")
    if stage == "plan":
        assert plan is not None
        return plan
    return DerivedStage(
        derived.policy,
        derived.edition,
        derived.concepts,
        derived.relations,
        derived.allow_rules,
        derived.expects,
        derived.uncovered_count,
        derived.source,
        tuple(derived.rules),
    )


def _sha256(written: object) -> str:
    text = json.dumps(written, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class _Names:
    """Writes values as plain ones, with files named the same on every machine."""

    def __init__(self, found: Analysis) -> None:
        here = os.path.dirname(os.path.abspath(found.source.path))
        shipped = os.path.join(library(), "")
        self.shown = {path: _portable(os.path.abspath(path), here, shipped) for path in found.sources}

    def plain(self, obj: Any, *, places: bool = True) -> Any:
        if isinstance(obj, CellSet):
            return obj.__plain__()
        if isinstance(obj, Span):
            return {**_fields(obj), "file": self.shown.get(obj.file, obj.file)}
        if isinstance(obj, SourceFile):
            return {"path": self.shown.get(obj.path, obj.path), "sha256": obj.sha256}
        if isinstance(obj, Text):
            return {**_fields(obj), "path": self.shown.get(obj.path, obj.path)}
        if dataclasses.is_dataclass(obj) and not isinstance(obj, type):
            fields = _fields(obj)
            if not places:
                fields = {k: v for k, v in fields.items() if not is_place(k, v)}
            written = {k: self.plain(v, places=places) for k, v in fields.items()}
            return {"node": type(obj).__name__, **written} if is_node(type(obj)) else written
        if isinstance(obj, tuple | list):
            return [self.plain(item, places=places) for item in obj]
        if isinstance(obj, Mapping):
            return {str(key): self.plain(value, places=places) for key, value in obj.items()}
        return obj


def _fields(obj: Any) -> dict[str, Any]:
    return {f.name: getattr(obj, f.name) for f in dataclasses.fields(obj)}


def is_node(cls: type) -> bool:
    """Whether values of a class are written with their class under `node`: those of the syntax tree."""
    return cls.__module__ == nodes.__name__ and cls is not SourceFile


def is_place(name: str, value: object) -> bool:
    """Whether a field only says where something stands, or how it was written there."""
    return isinstance(value, Span | SourceFile) or name.endswith("span") or name in ("text", "used", "policy_sha256")


def _portable(path: str, here: str, shipped: str) -> str:
    if path.startswith(shipped):
        return "std:" + path.removeprefix(shipped).replace(os.sep, "/")
    return os.path.relpath(path, here).replace(os.sep, "/")
