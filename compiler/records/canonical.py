"""One byte-exact JSON for all data up to the plan: for golden tests, `--json` and the build cache."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import Any

from ..messages.diagnostics import Span
from ..syntax.nodes import SourceFile


def to_json(obj: Any, indent: int | None = None) -> str:
    """Keys sorted, tuples as lists, no NaN, the same bytes for the same meaning on every machine.

    >>> from ..world.cells import Cell
    >>> to_json(Cell("child", "drinking", "wine"))
    '{"object":"wine","relation":"drinking","subject":"child"}'
    """
    separators = (",", ":") if indent is None else (",", ": ")
    return json.dumps(
        plain(obj), sort_keys=True, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators
    )


def content_hash(obj: Any) -> str:
    """The sha256 of everything in `obj`, places in the source included."""
    return hashlib.sha256(to_json(obj).encode()).hexdigest()


def meaning_hash(obj: Any) -> str:
    """The sha256 without places and source text: a rule that only moved down a line keeps it."""
    text = json.dumps(plain(obj, places=False), sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def plain(obj: Any, *, places: bool = True) -> Any:
    """Dataclasses as dicts; without `places`, spans, source files and statement texts are left out.

    What is worked out on demand says itself how it is written, by a method `__plain__`.
    """
    if obj is None or isinstance(obj, str | bool | int | float):  # first, for most values are these
        return obj
    if hasattr(obj, "__plain__"):
        return plain(obj.__plain__(), places=places)
    if dataclasses.is_dataclass(obj) and not isinstance(obj, type):
        found = {f.name: getattr(obj, f.name) for f in dataclasses.fields(obj)}
        if not places:
            found = {k: v for k, v in found.items() if not _is_place(k, v)}
        return {k: plain(v, places=places) for k, v in found.items()}
    if isinstance(obj, tuple | list):
        return [plain(item, places=places) for item in obj]
    if isinstance(obj, dict):
        return {str(key): plain(value, places=places) for key, value in obj.items()}
    raise TypeError(f"{type(obj).__name__} has no canonical JSON")


def _is_place(name: str, value: object) -> bool:
    return isinstance(value, Span | SourceFile) or name.endswith("span") or name == "text"
