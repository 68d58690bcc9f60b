"""Cut a source text into statements before any of it is parsed, so that one fault costs one statement."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from ..messages.diagnostics import near
from .tokens import CLAUSE_WORDS, KEYWORD_KINDS, KEYWORDS, STATEMENT_WORDS, TOKEN, Token

__all__ = ["CLAUSE_WORDS", "KEYWORDS", "STATEMENT_WORDS", "Chunk", "chunks"]

_STATEMENT = frozenset(STATEMENT_WORDS)
_GOES_ON_AFTER = frozenset(("|", ",", "=", ":", "->"))
_GOES_ON_WITH = frozenset((*CLAUSE_WORDS, "as", "inverse", "symmetric", "|", ",", ":", "=", "{"))
_SKIPPED = frozenset(("newline", "space", "comment", "end"))


class Chunk(NamedTuple):
    """One statement's place in the text, from its first character up to and without `end`, and its words.

    `doc` is what the `##` lines right above it say. The head of a group, up to its `{`, is a statement, and so is
    its `}`.
    """

    start: int
    end: int
    first: str
    tokens: tuple[Token, ...] = ()
    doc: str = ""


class _Cutter:
    """The statement that is being read, and the comment lines above the next one."""

    def __init__(self) -> None:
        self.tokens: list[Token] = []
        self.doc = ""
        self.indent = 0
        self.above: list[str] = []
        self.above_line = 0

    def cut(self) -> Chunk:
        tokens, self.tokens = self.tokens, []
        return Chunk(tokens[0].start, tokens[-1].end, tokens[0].text, tuple(tokens), self.doc)

    def comment(self, text: str, line: int) -> None:
        """Keep a line of its own that begins with `##`."""
        if not text.startswith("##") or text.startswith("###"):
            return
        if line != self.above_line + 1:
            self.above.clear()
        self.above.append(text[2:].strip())
        self.above_line = line

    def begin(self, line: int, indent: int, *, fresh_line: bool) -> None:
        said = self.above if fresh_line and self.above_line == line - 1 else ()
        self.doc = " ".join(part for part in said if part)
        self.above.clear()
        self.indent = indent


def chunks(text: str) -> Iterator[Chunk]:
    """The statements of a text. One ends at `;`, or at a line end unless the next line carries it on.

    >>> [c.first for c in chunks("forbid a -b-> c; allow d -e-> f")]
    ['forbid', 'allow']
    >>> [c.first for c in chunks("forbid a -b-> c\\n  except d\\nconcept e =\\n  f | g")]
    ['forbid', 'concept']
    >>> [c.first for c in chunks('group "g" { severity low; forbid a -b-> c }')]
    ['group', 'severity', 'forbid', '}']
    """
    cutter = _Cutter()
    tokens = cutter.tokens
    line, line_start, indent, fresh_line = 1, 0, 0, True
    unknown: Token | None = None  # a blank that is none to the grammar, unless it ends the statement
    for match in TOKEN.finditer(text):
        kind, token, start = match.lastgroup, match.group(), match.start()
        if kind in _SKIPPED:
            if kind == "newline":
                line, line_start = line + 1, start + 1
                indent, fresh_line = 0, True
            elif kind == "space":
                indent = len(token.expandtabs()) if fresh_line else indent
                strange = token.strip(" \t")
                if strange and tokens:
                    at = start + token.index(strange[0])
                    unknown = unknown or Token("", strange[0], at, line, at - line_start + 1)
            elif kind == "comment":
                if fresh_line:
                    cutter.comment(token, line)
            else:
                if tokens:
                    yield cutter.cut()
                    tokens = cutter.tokens
                fresh_line = False
            continue
        if tokens and (
            (fresh_line and not _carries_on(token, tokens[-1].text, deeper=indent > cutter.indent)) or kind == "CLOSE"
        ):
            yield cutter.cut()
            tokens = cutter.tokens
        if not tokens:
            cutter.begin(line, indent, fresh_line=fresh_line)
            unknown = None
        elif unknown is not None:
            tokens.append(unknown)
            unknown = None
        if kind == "NAME":
            kind = KEYWORD_KINDS.get(token, "NAME")
        elif kind == "open" or kind == "other":
            kind = ""
        tokens.append(Token(kind or "", token, start, line, start - line_start + 1))
        fresh_line = False
        if kind == "CLOSE" or (kind == "OPEN" and tokens[0].kind == "GROUP"):
            yield cutter.cut()
            tokens = cutter.tokens
    if tokens:
        yield cutter.cut()


def _carries_on(token: str, last: str, *, deeper: bool) -> bool:
    """Whether a line that begins with `token` belongs to the statement before it."""
    if token in _STATEMENT:
        return False
    if last in _GOES_ON_AFTER or token in _GOES_ON_WITH:
        return True
    return deeper and not (token[0].isalpha() and _slip_of_statement(token))


@lru_cache(maxsize=1024)
def _slip_of_statement(token: str) -> bool:
    slip_of = near(token, (*STATEMENT_WORDS, *CLAUSE_WORDS), count=1)
    return bool(slip_of) and slip_of[0] in _STATEMENT
