"""From text to syntax tree, statement by statement: a bad one costs one message and nothing else.

lark does the parsing and stays in here: what leaves are `Span`s and nodes of our own.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from ..diagnostics import MAX_DIAGNOSTICS, Diagnostics, Fix, Span, quote
from .nodes import (
    WILDCARD,
    Bound,
    Clause,
    Declaration,
    Expect,
    Pattern,
    Policy,
    PolicyLine,
    RuleStatement,
    SourceFile,
    Statement,
    Word,
)
from .slips import Fault, explain, opening_fault
from .statements import Chunk, chunks

LONGEST_NAME = 64
# Characters that no policy needs: undecodable bytes, controls, and the marks that make text read in another
# order than it stands.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffd]")
_DECLARED_NAME = re.compile(r"(?:concept|relation)\s+([^\W\d]\w*)")


def source_of(path: str, data: bytes) -> SourceFile:
    """The text of a file: no byte order mark, plain line ends, composed letters, bad bytes as U+FFFD."""
    text = data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    return SourceFile(path, unicodedata.normalize("NFC", text), hashlib.sha256(data).hexdigest())


def run(source: SourceFile, diagnostics: Diagnostics) -> Policy:
    """Every statement that can be read; the rest as one message each."""
    statements: list[Statement] = []
    broken: list[str] = []
    if source.text.startswith("\ufffd\ufffd"):  # a UTF-16 byte order mark: nothing below would make sense
        _report_unfit(source, 0, diagnostics)
        return Policy(source, ())
    stray = _stray_unfit(source.text)
    if stray is not None:
        _report_unfit(source, stray, diagnostics)
    for chunk in chunks(source.text):
        statement = _statement(source, chunk, diagnostics)
        if statement is not None:
            statements.append(statement)
            continue
        broken += _DECLARED_NAME.findall(source.text[chunk.start : chunk.end][:200])
        if len(diagnostics.found) >= MAX_DIAGNOSTICS:
            break
    return Policy(source, tuple(statements), tuple(broken))


def _stray_unfit(text: str) -> int | None:
    """The first unfit character outside all statements, that is in a comment."""
    if not _UNFIT.search(text):
        return None
    inside = 0
    for chunk in chunks(text):
        found = _UNFIT.search(text, inside, chunk.start)
        if found:
            return found.start()
        inside = chunk.end
    found = _UNFIT.search(text, inside)
    return found.start() if found else None


def _report_unfit(source: SourceFile, at: int, diagnostics: Diagnostics) -> None:
    span = source.span(at, at + 1)
    if source.text[at] == "\ufffd":
        diagnostics.error("P001", "this is not UTF-8 text", span, hint="save the file as UTF-8")
    else:
        what = f"the character U+{ord(source.text[at]):04X} does not belong in a policy"
        diagnostics.error("P002", what, span, hint="it cannot be seen; delete it")


def _statement(source: SourceFile, chunk: Chunk, diagnostics: Diagnostics) -> Statement | None:
    text = source.text[chunk.start : chunk.end]
    unfit = _UNFIT.search(text)
    if unfit:
        _report_unfit(source, chunk.start + unfit.start(), diagnostics)
        return None
    fault = opening_fault(text, chunk.first)
    if fault is None:
        try:
            tree = _parser().parse(text)
        except UnexpectedInput as unexpected:
            fault = _fault(text, unexpected)
        else:
            fault = _long_name(tree)
            if fault is None:
                return _Reader(source, chunk).statement(tree, diagnostics)
    span = source.span(chunk.start + fault.start, chunk.start + fault.end)
    fix = fault.fix and Fix(source.span(chunk.start + fault.fix[0], chunk.start + fault.fix[1]), fault.fix[2])
    diagnostics.error(fault.code, fault.message, span, hint=fault.hint, fix=fix)
    return None


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = files("proscribe.compiler.syntax").joinpath("policy.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", lexer="basic", start="statement", maybe_placeholders=False)


def _fault(text: str, unexpected: UnexpectedInput) -> Fault:
    if isinstance(unexpected, UnexpectedToken):
        token = unexpected.token
        if token.type == "$END":
            return explain(text, len(text), len(text), "$END", frozenset(unexpected.accepts))
        return explain(text, token.start_pos, token.end_pos, token.type, frozenset(unexpected.accepts))
    at = unexpected.pos_in_stream if isinstance(unexpected, UnexpectedCharacters) else len(text)
    return explain(text, at, min(at + 1, len(text)), "", frozenset())


def _long_name(tree: Tree[Token]) -> Fault | None:
    for token in tree.scan_values(lambda value: isinstance(value, Token) and value.type == "NAME"):
        if len(token) > LONGEST_NAME:
            message = f"this name has {len(token)} letters; the longest may have {LONGEST_NAME}"
            return Fault("P017", message, "give it a shorter name, and the long words with `as`",
                         token.start_pos, token.end_pos)  # fmt: skip
    return None


class _Reader:
    """Turns the tree of one statement into nodes."""

    def __init__(self, source: SourceFile, chunk: Chunk) -> None:
        self.source, self.chunk = source, chunk
        self.span = source.span(chunk.start, chunk.end)

    def statement(self, tree: Tree[Any], diagnostics: Diagnostics) -> Statement | None:
        part = tree.children[0]
        kids: list[Any] = part.children
        if part.data == "policy":
            return PolicyLine(self.word(kids[1]), self.word(kids[3]), self.span)
        if part.data == "declaration":
            return self.declaration(kids)
        if part.data == "rule":
            return self.rule(kids)
        if part.data == "expect":
            allowed = len(kids) == 3
            rule = None if allowed else self.word(kids[4])
            return Expect(self.word(kids[1]), "allowed" if allowed else "forbidden", rule, self.span)
        diagnostics.error(
            "P020",
            f"`use` is not supported in this edition yet: {quote(self.word(kids[1]).text)} is not read",
            self.span,
            hint="declare the concepts you need in this file",
        )
        return None

    def declaration(self, kids: list[Any]) -> Declaration:
        lists = {kid.data: tuple(self.words(kid)) for kid in kids[2:]}
        return Declaration(
            "concept" if kids[0].type == "CONCEPT" else "relation",
            self.word(kids[1]),
            lists.get("parents", ()),
            lists.get("members", ()),
            lists.get("forms", ()),
            self.span,
        )

    def rule(self, kids: list[Any]) -> RuleStatement:
        kind: Literal["forbid", "allow"] = "forbid" if kids[0].type == "FORBID" else "allow"
        clauses = tuple(self.clause(kid) for kid in kids[2:])
        text = self.source.text[self.chunk.start : self.chunk.end]
        return RuleStatement(kind, self.pattern(kids[1]), clauses, self.span, text)

    def clause(self, tree: Tree[Any]) -> Clause:
        keyword, *rest = tree.children
        word = self.word(keyword)
        if keyword.type == "EXCEPT":
            kids = [kid.children[0] for kid in rest if isinstance(kid, Tree)]
            names = tuple(self.pattern(k) if isinstance(k, Tree) else self.word(k) for k in kids)
            return Clause(word, names=names)
        if keyword.type == "REQUIRE":
            bounds = [Bound(*(self.word(t) for t in kid.children)) for kid in rest if isinstance(kid, Tree)]
            return Clause(word, bounds=tuple(bounds))
        return Clause(word, value=self.word(rest[0]))

    def pattern(self, tree: Tree[Any]) -> Pattern:
        subject, _, relation, _, obj = tree.children
        words = self.word(subject), self.word(relation), self.word(obj)
        return Pattern(*words, self.at(subject.start_pos, obj.end_pos))

    def words(self, tree: Tree[Any]) -> list[Word]:
        return [self.word(t) for t in tree.children if t.type in {"NAME", "STRING"}]

    def word(self, token: Token) -> Word:
        text = WILDCARD if token.type == "STAR" else str(token)
        if token.type == "STRING":
            text = " ".join(text[1:-1].split())
        return Word(text, self.at(token.start_pos or 0, token.end_pos or 0))

    def at(self, start: int, end: int) -> Span:
        return self.source.span(self.chunk.start + start, self.chunk.start + end)
