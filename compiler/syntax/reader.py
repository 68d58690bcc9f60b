"""The grammar of policy.lark as functions: the words of one statement in, its node out, by looking one word ahead."""

from __future__ import annotations

from typing import Literal

from ..messages.diagnostics import Span
from .nodes import (
    WILDCARD,
    Bound,
    Clause,
    Declaration,
    Expect,
    Pattern,
    PolicyLine,
    RuleStatement,
    SourceFile,
    Use,
    Word,
)
from .statements import Chunk
from .tokens import Token

END = "$END"
_SLOT = ("NAME", "STAR")
_CLAUSES = ("EXCEPT", "INSTEAD", "BECAUSE", "SEVERITY", "REQUIRE")


class Unexpected(Exception):
    """The word that the statement cannot be read beyond, and the terminals that could stand there."""

    def __init__(self, token: Token | None, accepts: frozenset[str]) -> None:
        super().__init__(token, accepts)
        self.token, self.accepts = token, accepts


class GroupHead:
    """`group "name" {`, before its rules are known."""

    def __init__(self, name: Word, span: Span, doc: str) -> None:
        self.name, self.span, self.doc = name, span, doc


class GroupEnd:
    """`}`."""


Node = PolicyLine | Use | Declaration | RuleStatement | Expect | GroupHead | GroupEnd | tuple[Clause, ...]


def read(source: SourceFile, chunk: Chunk) -> Node:
    """The node of one statement, or `Unexpected`."""
    return _Reader(source, chunk).statement()


class _Reader:
    """Where in the statement we are; `wanted` are the terminals that were looked for at this place."""

    def __init__(self, source: SourceFile, chunk: Chunk) -> None:
        self.source, self.chunk = source, chunk
        self.path, self.tokens = source.path, chunk.tokens
        self.at = 0
        self.kind = self.tokens[0].kind
        self.wanted: list[str] = []

    def statement(self) -> Node:
        kind = self.kind
        if kind == "FORBID" or kind == "ALLOW":
            return self.rule("forbid" if kind == "FORBID" else "allow")
        if kind == "CONCEPT" or kind == "RELATION":
            return self.declaration("concept" if kind == "CONCEPT" else "relation")
        if kind == "EXPECT":
            return self.expect()
        if kind == "POLICY":
            self.next()
            name = self.word("STRING")
            self.word("EDITION")
            edition = self.word("NUMBER")
            return PolicyLine(name, edition, self.end(), self.chunk.doc)
        if kind == "USE":
            self.next()
            path = self.word("STRING")
            return Use(path, self.end(), self.chunk.doc)
        if kind == "GROUP":
            self.next()
            name = self.word("STRING")
            self.word("OPEN")
            return GroupHead(name, self.end(), self.chunk.doc)
        if kind == "CLOSE":
            self.next()
            self.end()
            return GroupEnd()
        if kind in _CLAUSES:
            clauses = [self.clause()]
            while self.kind in _CLAUSES:
                clauses.append(self.clause())
            self.wanted += _CLAUSES
            self.end()
            return tuple(clauses)
        starts = ("POLICY", "USE", "CONCEPT", "RELATION", "FORBID", "ALLOW", "EXPECT", "GROUP", "CLOSE", *_CLAUSES)
        raise self.unexpected(*starts)

    def declaration(self, what: Literal["concept", "relation"]) -> Declaration:
        self.next()
        name = self.word("NAME")
        symmetric = inverse = None
        if self.found("SYMMETRIC"):
            symmetric = self.here()
            self.next()
        elif self.found("INVERSE"):
            self.next()
            inverse = self.word("NAME")
        parents = self.listed("NAME", "COMMA") if self.take("COLON") else ()
        members = self.listed("NAME", "BAR") if self.take("EQUALS") else ()
        forms = self.listed("STRING", "COMMA") if self.take("AS") else ()
        return Declaration(what, name, parents, members, forms, self.end(), symmetric, inverse, self.chunk.doc)

    def rule(self, kind: Literal["forbid", "allow"]) -> RuleStatement:
        self.next()
        pattern = self.pattern()
        clauses: list[Clause] = []
        while self.kind in _CLAUSES:
            clauses.append(self.clause())
        self.wanted += _CLAUSES
        span, chunk = self.end(), self.chunk
        return RuleStatement(kind, pattern, tuple(clauses), span, self.source.text[chunk.start : chunk.end], chunk.doc)

    def expect(self) -> Expect:
        self.next()
        sentence = pattern = rule = None
        if self.found("STRING"):
            sentence = self.word("STRING")
        else:
            pattern = self.pattern()
        verdict: Literal["forbidden", "allowed", "unspecified"] = "unspecified"
        if self.take("FORBIDDEN"):
            verdict = "forbidden"
        elif self.take("ALLOWED"):
            verdict = "allowed"
        else:
            self.word("UNSPECIFIED")
        if verdict != "unspecified" and self.take("BY"):
            rule = self.word("NAME")
        return Expect(sentence, pattern, verdict, rule, self.end(), self.chunk.doc)

    def pattern(self, subject: Word | None = None) -> Pattern:
        subject = subject or self.word(*_SLOT)
        self.word("DASH")
        relation = self.word(*_SLOT)
        self.word("ARROW")
        obj = self.word(*_SLOT)
        start, end = subject.span, obj.span
        span = Span(self.path, start.line, start.column, end.end_line, end.end_column)
        return Pattern(subject, relation, obj, span)

    def clause(self) -> Clause:
        kind, keyword = self.kind, self.here()
        self.next()
        if kind == "EXCEPT":
            names = [self.exception()]
            while self.take("COMMA"):
                names.append(self.exception())
            return Clause(keyword, names=tuple(names))
        if kind == "REQUIRE":
            bounds = [self.bound()]
            while self.take("COMMA"):
                bounds.append(self.bound())
            return Clause(keyword, bounds=tuple(bounds))
        return Clause(keyword, value=self.word("STRING" if kind == "BECAUSE" else "NAME"))

    def exception(self) -> Word | Pattern:
        if self.found("STAR"):
            return self.pattern()
        word = self.word("NAME")
        return self.pattern(word) if self.found("DASH") else word

    def bound(self) -> Bound:
        return Bound(self.word("NAME"), self.word("COMPARE"), self.word("NUMBER"))

    def listed(self, kind: str, between: str) -> tuple[Word, ...]:
        words = [self.word(kind)]
        while self.take(between):
            words.append(self.word(kind))
        return tuple(words)

    def found(self, kind: str) -> bool:
        self.wanted.append(kind)
        return self.kind == kind

    def take(self, kind: str) -> bool:
        self.wanted.append(kind)
        if self.kind != kind:
            return False
        self.next()
        return True

    def word(self, *kinds: str) -> Word:
        """The next word, which must be one of these."""
        if self.kind not in kinds:
            raise self.unexpected(*kinds)
        word = self.here()
        self.next()
        return word

    def here(self) -> Word:
        _, text, _, line, column = self.tokens[self.at]
        span = Span(self.path, line, column, line, column + len(text))
        if self.kind == "STRING":
            return Word(" ".join(text[1:-1].split()), span)
        return Word(WILDCARD if self.kind == "STAR" else text, span)

    def next(self) -> None:
        self.at += 1
        self.kind = self.tokens[self.at].kind if self.at < len(self.tokens) else END
        self.wanted.clear()

    def end(self) -> Span:
        """The whole statement's place, where nothing follows."""
        if self.kind != END:
            raise self.unexpected(END)
        first, last = self.tokens[0], self.tokens[-1]
        return Span(self.path, first.line, first.column, last.line, last.column + len(last.text))

    def unexpected(self, *kinds: str) -> Unexpected:
        token = self.tokens[self.at] if self.at < len(self.tokens) else None
        return Unexpected(token, frozenset((*self.wanted, *kinds)))
