"""The words of a source text. Spaces and comments are tokens too: nothing that was written is lost before parsing."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..messages.diagnostics import Span
from .nodes import SourceFile, Word

STATEMENT_WORDS = ("policy", "use", "concept", "relation", "forbid", "allow", "expect", "group")
CLAUSE_WORDS = ("except", "instead", "because", "severity", "require")
OTHER_WORDS = ("edition", "as", "inverse", "symmetric", "forbidden", "by", "allowed", "unspecified")
KEYWORDS = (*STATEMENT_WORDS, *CLAUSE_WORDS, *OTHER_WORDS)
KEYWORD_KINDS = {word: word.upper() for word in KEYWORDS}
# The vowel signs and accents of living scripts, which `\w` leaves out: Devanagari and Thai have no words without them.
MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f"
    "\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0711-\u074a\u07a6-\u07f3\u0900-\u0963\u0981-\u09e3"
    "\u0a01-\u0a75\u0a81-\u0ae3\u0b01-\u0b63\u0b82-\u0bd7\u0c00-\u0c63\u0c81-\u0c83\u0cbc-\u0ce3\u0d00-\u0d4d"
    "\u0d57-\u0d63\u0d81-\u0df3\u0e31-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ecd\u0f71-\u0f84\u0f8d-\u0fbc\u102b-\u103e"
    "\u1056-\u109d\u135d-\u135f\u17b4-\u17d3\u1a55-\u1a7f\u1b00-\u1b44\ua980-\ua9c0\u3099\u309a"
)
NAME_PATTERN = rf"[^\W\d][\w{MARKS}]*"

# The groups in capitals are the terminals of policy.lark; `open` is a quote that is never closed, or no plain one.
TOKEN = re.compile(
    r"""(?P<newline>\n) | (?P<space>[^\S\n]+) | (?P<NAME>[^\W\d][\w"""
    + MARKS
    + r"""]*) | (?P<ARROW>->) | (?P<DASH>-)
      | (?P<comment>\#[^\n]*) | (?P<end>;) | (?P<STRING>"[^"\n]*") | (?P<open>"[^\n]* | “[^”\n]*”?)
      | (?P<COMMA>,) | (?P<EQUALS>=) | (?P<BAR>\|)
      | (?P<COLON>:) | (?P<STAR>\*) | (?P<NUMBER>\d+(?:\.\d+)?(?:[ \t]*%)?(?!\w)) | (?P<COMPARE><=|>=|≤|≥|<|>)
      | (?P<OPEN>\{) | (?P<CLOSE>\}) | (?P<other>&(?:gt|lt|quot|amp);|.)""",
    re.VERBOSE,
)


class Token(NamedTuple):
    """One word of a statement; `kind` is a terminal of the grammar, or empty where the language has no such word."""

    kind: str
    text: str
    start: int
    line: int
    column: int

    @property
    def end(self) -> int:
        """The offset of the first character after it."""
        return self.start + len(self.text)


def comments(source: SourceFile) -> tuple[Word, ...]:
    """Every comment of a file in order, `#` included and trailing blanks not.

    >>> [word.text for word in comments(SourceFile("p", '## said of a\\nconcept a as "#"  # not of b', ""))]
    ['## said of a', '# not of b']
    """
    found: list[Word] = []
    line, line_start = 1, 0
    for match in TOKEN.finditer(source.text):
        if match.lastgroup == "newline":
            line, line_start = line + 1, match.end()
        elif match.lastgroup == "comment":
            text, column = match.group().rstrip(), match.start() - line_start + 1
            found.append(Word(text, Span(source.path, line, column, line, column + len(text))))
    return tuple(found)
