"""The syntax tree of a policy: what the author wrote, with the place of every word and no meaning yet."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from ..diagnostics import Span

WILDCARD = "*"
Kind = Literal["concept", "relation"]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A policy file: `text` with plain line ends and no byte order mark, `sha256` of the raw bytes."""

    path: str
    text: str
    sha256: str

    def line(self, number: int) -> str:
        """The text of one line, counted from 1; empty outside the file."""
        starts = _line_starts(self.text)
        if not 1 <= number <= len(starts):
            return ""
        end = self.text.find("\n", starts[number - 1])
        return self.text[starts[number - 1] : end if end >= 0 else len(self.text)]

    def span(self, start: int, end: int) -> Span:
        """The place of the characters from `start` up to and without `end`."""
        starts = _line_starts(self.text)
        first, last = bisect_right(starts, start), bisect_right(starts, max(start, end))
        return Span(self.path, first, start - starts[first - 1] + 1, last, end - starts[last - 1] + 1)


@lru_cache(maxsize=8)
def _line_starts(text: str) -> tuple[int, ...]:
    return (0, *(i + 1 for i, c in enumerate(text) if c == "\n"))


@dataclass(frozen=True, slots=True)
class Word:
    """A name, a quoted text or a number where it stands; a quoted text comes without its quotes."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Pattern:
    """`subject -relation-> object`, each a name or `*`."""

    subject: Word
    relation: Word
    object: Word
    span: Span


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """`policy "name" edition 2026`."""

    name: Word
    edition: Word
    span: Span


@dataclass(frozen=True, slots=True)
class Declaration:
    """`concept a : parent = member | member as "form"`, or the same of a relation."""

    kind: Kind
    name: Word
    parents: tuple[Word, ...]
    members: tuple[Word, ...]
    forms: tuple[Word, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Bound:
    """One demand of `require`: `breach <= 5%`."""

    measure: Word
    compare: Word
    amount: Word


@dataclass(frozen=True, slots=True)
class Clause:
    """One continuation of a forbid; which fields are filled follows from `keyword`."""

    keyword: Word
    names: tuple[Word | Pattern, ...] = ()
    value: Word | None = None
    bounds: tuple[Bound, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleStatement:
    """`forbid` or `allow` with its pattern and clauses; `text` is the source of the statement."""

    kind: Literal["forbid", "allow"]
    pattern: Pattern
    clauses: tuple[Clause, ...]
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Expect:
    """`expect "a sentence" forbidden by R1`, or `allowed`: kept for a later edition."""

    sentence: Word
    verdict: Literal["forbidden", "allowed"]
    rule: Word | None
    span: Span


Statement = PolicyLine | Declaration | RuleStatement | Expect


@dataclass(frozen=True, slots=True)
class Policy:
    """A whole file. `broken` are names whose declaration could not be read: nothing is said of them."""

    source: SourceFile
    statements: tuple[Statement, ...]
    broken: tuple[str, ...] = ()
