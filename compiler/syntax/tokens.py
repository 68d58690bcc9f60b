"""The words of a source text. Spaces and comments are tokens too: nothing that was written is lost before parsing."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..diagnostics import Span
from .nodes import SourceFile, Word

STATEMENT_WORDS = ("policy", "use", "concept", "relation", "forbid", "allow", "expect", "group")
CLAUSE_WORDS = ("except", "instead", "because", "severity", "require")
OTHER_WORDS = ("edition", "as", "inverse", "symmetric", "forbidden", "by", "allowed", "unspecified")
KEYWORDS = (*STATEMENT_WORDS, *CLAUSE_WORDS, *OTHER_WORDS)
KEYWORD_KINDS = {word: word.upper() for word in KEYWORDS}

# The groups in capitals are the terminals of policy.lark; `open` is a quote that is never closed, or no plain one.
TOKEN = re.compile(
    r"""(?P<newline>\n) | (?P<space>[^\S\n]+) | (?P<NAME>[^\W\d]\w*) | (?P<ARROW>->) | (?P<DASH>-)
      | (?P<comment>\#[^\n]*) | (?P<end>;) | (?P<STRING>"[^"\n]*") | (?P<open>"[^\n]* | “[^”\n]*”?)
      | (?P<COMMA>,) | (?P<EQUALS>=) | (?P<BAR>\|)
      | (?P<COLON>:) | (?P<STAR>\*) | (?P<NUMBER>\d+(?:\.\d+)?(?:[ \t]*%)?(?!\w)) | (?P<COMPARE><=|>=|≤|≥|<|>)
      | (?P<OPEN>\{) | (?P<CLOSE>\}) | (?P<other>.)""",
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
