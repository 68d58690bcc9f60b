"""From parsed JSON to frozen dataclasses, with the place of whatever does not fit."""

from __future__ import annotations

import dataclasses
import json
import math
import types
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
_NAMES = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


class Damaged(Exception):
    """A file of a bundle cannot be read as what it should be; the message begins with the place."""


def read_json(path: Path, name: str) -> Any:
    """The JSON in a file; `name` is how messages call it."""
    try:
        text = path.read_bytes().decode()
    except OSError as fault:
        raise Damaged(f"{name}: cannot be read ({fault.strerror or fault})") from fault
    except UnicodeDecodeError as fault:
        raise Damaged(f"{name}: byte {fault.start} is not UTF-8") from fault
    return parse_json(text, name)


def parse_json(text: str, name: str) -> Any:
    """The JSON in a text; `name` is how messages call it."""
    try:
        value = json.loads(text, parse_constant=_no_constant)
        # Half a surrogate pair parses but can never be written again.
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as fault:
        raise Damaged(f"{name}:{fault.lineno}:{fault.colno}: {fault.msg}, not JSON") from fault
    except UnicodeEncodeError as fault:
        raise Damaged(f"{name}: holds half a surrogate pair, which is no text") from fault
    except (RecursionError, ValueError) as fault:
        raise Damaged(f"{name}: {fault}") from fault
    return value


def decode(kind: type[T], value: object, place: str) -> T:
    """`value` as `kind`: a dataclass, a tuple, a Literal or a plain type. Unknown keys are passed over.

    >>> @dataclasses.dataclass
    ... class Point:
    ...     x: int
    ...     name: str = ""
    >>> decode(Point, {"x": 3, "colour": "red"}, "p.json")
    Point(x=3, name='')
    """
    return cast("T", _decode(kind, value, place))


def _decode(kind: Any, value: Any, place: str) -> Any:
    origin, args = get_origin(kind), get_args(kind)
    if kind is Any:
        return value
    if kind is None or kind is type(None):
        return _expect(value is None, value, None, "null", place)
    if dataclasses.is_dataclass(kind):
        return _decode_dataclass(kind, value, place)
    if origin is Literal:
        return _expect(value in args, value, value, " or ".join(map(repr, args)), place)
    if origin in (Union, types.UnionType):
        return _decode_union(args, value, place)
    if origin is tuple:
        _expect(isinstance(value, list | tuple), value, None, "a list", place)
        parts = args[:1] * len(value) if args[1:] == (...,) else args
        _expect(len(parts) == len(value), value, None, f"a list of {len(parts)}", place)
        return tuple(_decode(p, v, f"{place}[{i}]") for i, (p, v) in enumerate(zip(parts, value, strict=True)))
    if origin is dict:
        _expect(isinstance(value, dict), value, None, "an object", place)
        return {key: _decode(args[1], item, f"{place}.{key}") for key, item in value.items()}
    return _decode_plain(kind, value, place)


def _decode_dataclass(kind: Any, value: Any, place: str) -> Any:
    _expect(isinstance(value, dict), value, None, "an object", place)
    hints = _hints(kind)
    found: dict[str, Any] = {}
    for f in dataclasses.fields(kind):
        if f.name in value:
            found[f.name] = _decode(hints[f.name], value[f.name], f"{place}.{f.name}")
        elif f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING:
            raise Damaged(f"{place}: `{f.name}` is missing")
    return kind(**found)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _decode_union(kinds: tuple[Any, ...], value: Any, place: str) -> Any:
    faults: list[Damaged] = []
    for kind in kinds:
        try:
            return _decode(kind, value, place)
        except Damaged as fault:
            faults.append(fault)
    # The first kind is the one that is meant; null is seldom what the writer wanted to say.
    raise faults[0]


def _decode_plain(kind: Any, value: Any, place: str) -> Any:
    # Whole numbers that no float can hold are left to fail below.
    if kind is float and type(value) is int and abs(value) < 2**1023:
        return float(value)
    good = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    good = good and not (kind is float and not math.isfinite(value))
    return _expect(good, value, value, _NAMES[kind], place)


def _expect(good: bool, value: object, result: Any, wanted: str, place: str) -> Any:
    if not good:
        shown = json.dumps(value, ensure_ascii=True)
        raise Damaged(f"{place}: expected {wanted}, found {shown if len(shown) <= 60 else shown[:60] + '...'}")
    return result


def _no_constant(name: str) -> Any:
    raise ValueError(f"holds {name}, which is no JSON number")
