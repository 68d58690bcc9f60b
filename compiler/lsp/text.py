"""A text as an editor holds it: its raw lines, edits in the editor's units, and where the compiler's columns lie in it.

The compiler counts characters of composed text without a byte order mark; an editor counts UTF-16 units (or what was
agreed) of the text as it is typed. A letter with its accent beside it is one to the first and two to the second.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

from lsprotocol.types import Position, PositionEncodingKind, Range

from ..messages.diagnostics import Span
from ..syntax.nodes import SourceFile
from ..syntax.parse import source_of

_LINE_END = re.compile(r"\r\n|\r|\n")
_LONE = re.compile("[\ud800-\udfff]")
_BOM = "\ufeff"
_BYTES = {PositionEncodingKind.Utf8: 1, PositionEncodingKind.Utf16: 2, PositionEncodingKind.Utf32: 4}
_CODEC = {1: "utf-8", 2: "utf-16-le", 4: "utf-32-le"}


@dataclass(frozen=True, slots=True)
class Text:
    """A raw text; `unit` is how many bytes one column of the editor has in its encoding."""

    raw: str
    unit: int = 2

    @staticmethod
    def of(raw: str, encoding: PositionEncodingKind | str | None = None) -> Text:
        """A text in the units that were agreed on; half of a surrogate pair becomes U+FFFD, which is as wide."""
        clean = _LONE.sub("\ufffd", raw)
        return Text(clean, _BYTES.get(PositionEncodingKind(encoding or "utf-16"), 2))

    def changed(self, place: Range | None, new: str) -> Text:
        """The text after one edit; without a place it is all new."""
        new = _LONE.sub("\ufffd", new)
        if place is None:
            return Text(new, self.unit)
        start, end = self.offset(place.start), self.offset(place.end)
        return Text(self.raw[:start] + new + self.raw[max(start, end) :], self.unit)

    def source(self, path: str) -> SourceFile:
        """The same as the compiler reads it."""
        return source_of(path, self.raw.encode("utf-8"))

    def offset(self, position: Position) -> int:
        """Where a position of the editor lies in `raw`; one outside of its line is drawn back to the line's end."""
        starts = line_starts(self.raw)
        if position.line >= len(starts):
            return len(self.raw)
        line = self._line(position.line)
        return starts[position.line] + _characters(line, position.character, self.unit)

    def position(self, offset: int) -> Position:
        """The editor's position of an offset in `raw`."""
        starts = line_starts(self.raw)
        number = bisect_right(starts, offset) - 1
        return Position(number, _units(self.raw[starts[number] : offset], self.unit))

    def range(self, span: Span) -> Range:
        """The editor's range of a span."""
        return Range(self.place(span.line, span.column), self.place(span.end_line, span.end_column))

    def place(self, line: int, column: int) -> Position:
        """The editor's position of the compiler's line and column, which count from 1."""
        starts = line_starts(self.raw)
        if line > len(starts):
            return self.position(len(self.raw))
        text = self._line(line - 1)
        marked = line == 1 and text.startswith(_BOM)
        at = _raw_column(text[1:], column - 1) + 1 if marked else _raw_column(text, column - 1)
        return Position(line - 1, _units(text[:at], self.unit))

    def point(self, position: Position) -> tuple[int, int]:
        """The compiler's line and column of an editor's position."""
        number = min(position.line, len(line_starts(self.raw)) - 1)
        line = self._line(number)
        at = _characters(line, position.character, self.unit) if position.line == number else len(line)
        if number == 0 and line.startswith(_BOM):
            line, at = line[1:], max(0, at - 1)
        return number + 1, _composed_column(line, at) + 1

    def _line(self, number: int) -> str:
        starts = line_starts(self.raw)
        end = starts[number + 1] if number + 1 < len(starts) else len(self.raw)
        return self.raw[starts[number] : end].rstrip("\r\n")


@lru_cache(maxsize=32)
def line_starts(raw: str) -> tuple[int, ...]:
    """Where each line begins; behind a last line end one more, which is empty."""
    return (0, *(found.end() for found in _LINE_END.finditer(raw)))


def _units(text: str, unit: int) -> int:
    return len(text) if unit == 4 or text.isascii() else len(text.encode(_CODEC[unit])) // unit


def _characters(line: str, units: int, unit: int) -> int:
    """How many whole characters of a line stand before a column in units."""
    if unit == 4 or line.isascii():
        return min(units, len(line))
    passed = 0
    for at, character in enumerate(line):
        passed += _units(character, unit)
        if passed > units:
            return at
    return len(line)


def _raw_column(line: str, column: int) -> int:
    """Where a column of the composed line lies in the raw one."""
    raw, composed = _stops(line)
    at = bisect_right(composed, column) - 1
    return min(raw[at] + column - composed[at], raw[at + 1] if at + 1 < len(raw) else len(line))


def _composed_column(line: str, column: int) -> int:
    raw, composed = _stops(line)
    at = bisect_right(raw, column) - 1
    here = composed[at] + column - raw[at]
    return min(here, composed[at + 1] - 1) if at + 1 < len(raw) else here


@lru_cache(maxsize=256)
def _stops(line: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Offsets in the raw line and in the composed one that are the same place."""
    if unicodedata.is_normalized("NFC", line):
        return (0,), (0,)
    starts = [at for at, character in enumerate(line) if at == 0 or _begins(character)]
    pieces = [unicodedata.normalize("NFC", line[a:b]) for a, b in zip(starts, (*starts[1:], len(line)), strict=True)]
    if "".join(pieces) != unicodedata.normalize("NFC", line):  # a script that this Python's tables know better
        starts, pieces = [0], [unicodedata.normalize("NFC", line)]
    composed = [0]
    for piece in pieces:
        composed.append(composed[-1] + len(piece))
    return (*starts, len(line)), tuple(composed)


def _begins(character: str) -> bool:
    """Whether a character joins nothing before it."""
    return unicodedata.category(character)[0] != "M" and not "\u1160" <= character <= "\u11ff"
