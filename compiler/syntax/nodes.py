"""The syntax tree of a policy: what the author wrote, with the place of every word and no meaning yet."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from ..messages.diagnostics import Span

WILDCARD = "*"
Kind = Literal["concept", "relation"]
Verdict = Literal["forbidden", "allowed", "unspecified"]


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
    """`policy "name" edition 2026`. `doc` is, here as elsewhere, what the `##` lines right above say."""

    name: Word
    edition: Word
    span: Span
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """`use "std/people"`."""

    path: Word
    span: Span
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Declaration:
    """`concept a : parent = member | member as "form"`, or the same of a relation.

    `symmetric` is that word where it stands, `inverse` the relation that this one turns round.
    """

    kind: Kind
    name: Word
    parents: tuple[Word, ...]
    members: tuple[Word, ...]
    forms: tuple[Word, ...]
    span: Span
    symmetric: Word | None = None
    inverse: Word | None = None
    doc: str = ""

    @property
    def only_adds(self) -> bool:
        """Whether it can speak of another file's name: it gives parents or forms and nothing else."""
        return not (self.members or self.symmetric or self.inverse) and bool(self.parents or self.forms)


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
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """`group "name" { ... }`: rules whose forbids share `clauses`, the defaults that stand before them."""

    name: Word
    clauses: tuple[Clause, ...]
    rules: tuple[RuleStatement, ...]
    span: Span
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Expect:
    """`expect "a sentence" forbidden by R1`, or a pattern for the sentence: a test of the policy."""

    sentence: Word | None
    pattern: Pattern | None
    verdict: Verdict
    rule: Word | None
    span: Span
    doc: str = ""


Statement = PolicyLine | Use | Declaration | RuleStatement | Group | Expect


@dataclass(frozen=True, slots=True)
class Policy:
    """A whole file. `broken` are names whose declaration could not be read: nothing is said of them."""

    source: SourceFile
    statements: tuple[Statement, ...]
    broken: tuple[str, ...] = ()

    def rules(self) -> Iterator[tuple[RuleStatement, Group | None]]:
        """All rules in the order of the file, each with the group that it stands in."""
        for statement in self.statements:
            if isinstance(statement, RuleStatement):
                yield statement, None
            elif isinstance(statement, Group):
                yield from ((rule, statement) for rule in statement.rules)

    def declarations(self) -> tuple[Declaration, ...]:
        """All declarations in the order of the file."""
        return tuple(s for s in self.statements if isinstance(s, Declaration))
