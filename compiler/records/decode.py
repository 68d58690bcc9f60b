"""From parsed JSON to frozen dataclasses, with the place of whatever does not fit."""

from __future__ import annotations

import dataclasses
import json
import math
import types
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
Decoder = Callable[[Any, str], Any]
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
    return _decoder(kind)(value, place)


@cache
def _decoder(kind: Any) -> Decoder:
    """What reads one kind: looked up once, for a large bundle holds hundreds of thousands of values."""
    origin, args = get_origin(kind), get_args(kind)
    if kind is Any:
        return lambda value, place: value
    if kind is None or kind is type(None):
        return lambda value, place: _expect(value is None, value, None, "null", place)
    if dataclasses.is_dataclass(kind):
        return _dataclass_decoder(kind)
    if origin is Literal:
        wanted = " or ".join(map(repr, args))
        return lambda value, place: _expect(value in args, value, value, wanted, place)
    if origin in (Union, types.UnionType):
        return lambda value, place: _decode_union(args, value, place)
    if origin is tuple:
        return lambda value, place: _decode_tuple(args, value, place)
    if origin is dict:
        return lambda value, place: _decode_dict(args[1], value, place)
    return lambda value, place: _decode_plain(kind, value, place)


def _decode_tuple(kinds: tuple[Any, ...], value: Any, place: str) -> tuple[Any, ...]:
    _expect(isinstance(value, list | tuple), value, None, "a list", place)
    if kinds[1:] == (...,):
        read = _decoder(kinds[0])
        return tuple([read(one, f"{place}[{i}]") for i, one in enumerate(value)])
    _expect(len(kinds) == len(value), value, None, f"a list of {len(kinds)}", place)
    return tuple(_decode(p, v, f"{place}[{i}]") for i, (p, v) in enumerate(zip(kinds, value, strict=True)))


def _decode_dict(kind: Any, value: Any, place: str) -> dict[str, Any]:
    _expect(isinstance(value, dict), value, None, "an object", place)
    return {key: _decode(kind, item, f"{place}.{key}") for key, item in value.items()}


def _dataclass_decoder(kind: Any) -> Decoder:
    hints = get_type_hints(kind)
    fields = [
        (f.name, hints[f.name], f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING)
        for f in dataclasses.fields(kind)
    ]

    def read(value: Any, place: str) -> Any:
        _expect(isinstance(value, dict), value, None, "an object", place)
        found: dict[str, Any] = {}
        for name, hint, is_needed in fields:
            if name in value:
                found[name] = _decode(hint, value[name], f"{place}.{name}")
            elif is_needed:
                raise Damaged(f"{place}: `{name}` is missing")
        return kind(**found)

    return read


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
