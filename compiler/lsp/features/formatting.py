"""`proscribe fmt` in the editor: only the lines that change are sent, so that the cursor stays where it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from lsprotocol import types

from ...messages.diagnostics import Diagnostics
from ...syntax import format as layout
from ...syntax.statements import chunks
from ..text import Text, line_starts
from ..workspace import Document, Workspace


@dataclass(frozen=True, slots=True)
class Change:
    """Lines from `first` up to and without `last`, counted from 0, and what to write in their place."""

    first: int
    last: int
    new: str


def run(workspace: Workspace, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
    """The edits that make a file what `fmt` writes; none where it cannot be parsed, its messages say why."""
    document = workspace.documents.get(params.text_document.uri)
    wanted = _wanted(document)
    return None if document is None or wanted is None else as_edits(document.text, changes(document.text.raw, wanted))


def in_range(workspace: Workspace, params: types.DocumentRangeFormattingParams) -> list[types.TextEdit] | None:
    """The same for the lines of a range; more of them where these alone would not lead to what `fmt` writes."""
    document = workspace.documents.get(params.text_document.uri)
    wanted = _wanted(document)
    if document is None or wanted is None:
        return None
    text, start, end = document.text, params.range.start, params.range.end
    last_line = end.line - (end.character == 0 and end.line > start.line)
    found = changes(text.raw, wanted)
    chosen = [c for c in found if c.first <= last_line and (c.last > start.line or c.first == c.last == start.line)]
    partly = Text(applied(text.raw, chosen), text.unit)
    return as_edits(text, chosen if _wanted(Document(document.uri, document.path, partly)) == wanted else found)


def changes(raw: str, wanted: str) -> list[Change]:
    """The runs of lines that differ between a text and its layout, in time that grows with their length."""
    before, after = _lines(raw), _lines(wanted)
    found = []
    a = b = 0
    for c, d in (*_cuts(raw, wanted), (len(before), len(after))):
        old, new = before[a:c], after[b:d]
        if old != new:
            head = _equal(old, new)
            tail = _equal(old[head:][::-1], new[head:][::-1])
            found.append(Change(a + head, c - tail, "".join(new[head : len(new) - tail])))
        a, b = c, d
    return found


def _cuts(raw: str, wanted: str) -> Iterator[tuple[int, int]]:
    """Line ends that both texts have between the same two words: a layout keeps all words in their order."""
    before, after = _words(raw), _words(wanted)
    if [text for text, _ in before] == [text for text, _ in after]:
        for ((_, a), (_, b)), ((_, c), (_, d)) in pairwise(zip(before, after, strict=True)):
            if a < c and b < d:
                yield a, b


def _words(raw: str) -> list[tuple[str, int]]:
    """Each word with the number of its line, from 1."""
    return [(t.text, t.line) for chunk in chunks(Text(raw).source("").text) for t in chunk.tokens]


def _equal(some: list[str], others: list[str]) -> int:
    """How many lines are the same from the start."""
    pairs = enumerate(zip(some, others, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(some), len(others)))


def line_changes(raw: str, wanted: str) -> list[Change]:
    """The lines that differ, one by one where there are as many of them, or else from the first to the last."""
    before, after = _lines(raw), _lines(wanted)
    if len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        return [Change(number, number + 1, new) for number, (old, new) in pairs if old != new]
    head = _equal(before, after)
    tail = _equal(before[head:][::-1], after[head:][::-1])
    return [Change(head, len(before) - tail, "".join(after[head : len(after) - tail]))]


def applied(raw: str, made: list[Change]) -> str:
    """A text with changes made."""
    lines = _lines(raw)
    for change in reversed(made):
        lines[change.first : change.last] = [change.new]
    return "".join(lines)


def _wanted(document: Document | None) -> str | None:
    """What `fmt` writes: a file keeps its line ends, and loses its byte order mark."""
    if document is None:
        return None
    text = layout.run(document.text.source(document.path), Diagnostics())
    return text.replace("\n", "\r\n") if text is not None and "\r\n" in document.text.raw else text


def _lines(text: str) -> list[str]:
    return [text[start:end] for start, end in pairwise((*line_starts(text), len(text))) if start < end]


def as_edits(text: Text, made: list[Change]) -> list[types.TextEdit]:
    """Changes as the editor's edits."""
    at = (*line_starts(text.raw), len(text.raw))
    places = [types.Range(text.position(at[c.first]), text.position(at[c.last])) for c in made]
    return [types.TextEdit(place, change.new) for place, change in zip(places, made, strict=True)]
