"""Cut a source text into statements before any of it is parsed, so that one fault costs one statement."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..diagnostics import near

STATEMENT_WORDS = ("policy", "use", "concept", "relation", "forbid", "allow", "expect")
CLAUSE_WORDS = ("except", "instead", "because", "severity", "require")
OTHER_WORDS = ("edition", "as", "forbidden", "by", "allowed")
KEYWORDS = (*STATEMENT_WORDS, *CLAUSE_WORDS, *OTHER_WORDS)

_TOKEN = re.compile(
    r"""(?P<newline>\n) | (?P<space>[^\S\n]+) | (?P<comment>\#[^\n]*) | (?P<end>;)
      | "[^"\n]*" | "[^\n]* | “[^”\n]*”? | (?P<word>[^\W\d]\w*) | .""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Chunk:
    """One statement's place in the text, from its first character up to and without `end`."""

    start: int
    end: int
    first: str


def chunks(text: str) -> Iterator[Chunk]:
    """The statements of a text. One ends at `;`, or at a line end unless the next line carries it on.

    >>> [c.first for c in chunks("forbid a -b-> c; allow d -e-> f")]
    ['forbid', 'allow']
    >>> [c.first for c in chunks("forbid a -b-> c\\n  except d\\nconcept e =\\n  f | g")]
    ['forbid', 'concept']
    """
    start = end = -1  # of the statement being read; start < 0 between statements
    first, last, statement_indent = "", "", 0
    indent, fresh_line = 0, True
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup, match.group()
        if kind == "newline":
            indent, fresh_line = 0, True
        elif kind == "space":
            indent = len(token) if fresh_line else indent
        elif kind == "end":
            if start >= 0:
                yield Chunk(start, end, first)
            start, fresh_line = -1, False
        elif kind != "comment":
            if start >= 0 and fresh_line and not _carries_on(token, last, deeper=indent > statement_indent):
                yield Chunk(start, end, first)
                start = -1
            if start < 0:
                start, first, statement_indent = match.start(), token, indent
            end, last, fresh_line = match.end(), token, False
    if start >= 0:
        yield Chunk(start, end, first)


def _carries_on(token: str, last: str, *, deeper: bool) -> bool:
    """Whether a line that begins with `token` belongs to the statement before it."""
    if token in STATEMENT_WORDS:
        return False
    if last in {"|", ",", "=", ":"} or token in {*CLAUSE_WORDS, "as", "|", ",", ":", "="}:
        return True
    slip_of = near(token, (*STATEMENT_WORDS, *CLAUSE_WORDS), count=1)
    return deeper and not (slip_of and slip_of[0] in STATEMENT_WORDS)
