"""Every name of a file where it stands: what hover, definition, references and rename look things up by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..messages.diagnostics import Span
from ..resolve.taxonomy import Concept
from ..syntax.nodes import (
    WILDCARD,
    Clause,
    Declaration,
    Expect,
    Group,
    Pattern,
    Policy,
    RuleStatement,
    SourceFile,
    Use,
    Word,
)
from ..syntax.statements import chunks
from ..syntax.tokens import Token

# `either` is a name that an `except` or `instead` leaves open; `word` is a name of neither kind, as a severity is.
Role = Literal["concept", "relation", "either", "rule", "file", "keyword", "word"]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One word; `is_declaration` where a declaration says it, `rule` the id of the rule that a keyword begins."""

    role: Role
    name: str
    span: Span
    is_declaration: bool = False
    rule: str = ""

    def can_be(self, kind: str) -> bool:
        """Whether it may stand for a name of a kind."""
        return self.role in (kind, "either")


def numbered(policy: Policy) -> Iterator[tuple[str, RuleStatement, Group | None]]:
    """All rules with their ids, those in error too."""
    counts = {"forbid": 0, "allow": 0}
    for rule, group in policy.rules():
        counts[rule.kind] += 1
        yield f"{'R' if rule.kind == 'forbid' else 'A'}{counts[rule.kind]}", rule, group


def occurrences(policy: Policy) -> tuple[Occurrence, ...]:
    """All words of the statements that can be read, in no certain order."""
    found: list[Occurrence] = []
    for statement in policy.statements:
        if isinstance(statement, Declaration):
            found += _of_declaration(statement)
        elif isinstance(statement, Use):
            found.append(Occurrence("file", statement.path.text, statement.path.span))
        elif isinstance(statement, Group):
            found += _of_clauses(statement.clauses)
        elif isinstance(statement, Expect):
            found += _of_pattern(statement.pattern) if statement.pattern else ()
            found += [Occurrence("rule", statement.rule.text, statement.rule.span)] if statement.rule else ()
    for rule_id, rule, _ in numbered(policy):
        start = rule.span
        keyword = Span(start.file, start.line, start.column, start.line, start.column + len(rule.kind))
        found.append(Occurrence("keyword", rule.kind, keyword, rule=rule_id))
        found += _of_pattern(rule.pattern)
        found += _of_clauses(rule.clauses)
    return tuple(found)


def at(policy: Policy, line: int, column: int) -> Occurrence | None:
    """The word at a place, or right before it; in a statement that cannot be read, a name of an unknown kind."""
    return _touching(occurrences(policy), line, column) or _touching(unread(policy), line, column)


def unread(policy: Policy) -> Iterator[Occurrence]:
    """The names in statements that cannot be read."""
    known = {(o.span.line, o.span.column) for o in occurrences(policy)}
    for chunk in chunks(policy.source.text):
        for token in chunk.tokens:
            if token.kind == "NAME" and (token.line, token.column) not in known:
                yield Occurrence("either", token.text, token_span(policy.source, token))


def token_span(source: SourceFile, token: Token) -> Span:
    """The place of a token."""
    return Span(source.path, token.line, token.column, token.line, token.column + len(token.text))


def meaning(occurrence: Occurrence, concepts: tuple[Concept, ...], relations: tuple[Concept, ...]) -> Concept | None:
    """What a name stands for; one that could be both is the concept."""
    from ..graph.relations import find

    found = find(concepts, occurrence.name) if occurrence.can_be("concept") else None
    return found or (find(relations, occurrence.name) if occurrence.can_be("relation") else None)


def _touching(words: Iterator[Occurrence] | tuple[Occurrence, ...], line: int, column: int) -> Occurrence | None:
    before = None
    for word in words:
        span = word.span
        if span.line == line == span.end_line and span.column <= column <= span.end_column:
            if column < span.end_column:
                return word
            before = word
    return before


def _of_declaration(declaration: Declaration) -> Iterator[Occurrence]:
    kind = declaration.kind
    yield Occurrence(kind, declaration.name.text, declaration.name.span, is_declaration=True)
    inverse = (declaration.inverse,) if declaration.inverse else ()
    for word in (*declaration.parents, *declaration.members, *inverse):
        yield Occurrence(kind, word.text, word.span)


def _of_pattern(pattern: Pattern) -> Iterator[Occurrence]:
    slots: tuple[tuple[Role, Word], ...] = (
        ("concept", pattern.subject),
        ("relation", pattern.relation),
        ("concept", pattern.object),
    )
    for role, word in slots:
        if word.text != WILDCARD:
            yield Occurrence(role, word.text, word.span)


def _of_clauses(clauses: tuple[Clause, ...]) -> Iterator[Occurrence]:
    for clause in clauses:
        yield Occurrence("keyword", clause.keyword.text, clause.keyword.span)
        for name in clause.names:
            if isinstance(name, Pattern):
                yield from _of_pattern(name)
            else:
                yield Occurrence("either", name.text, name.span)
        if clause.value is not None:
            role: Role = "either" if clause.keyword.text == "instead" else "word"
            yield Occurrence(role, clause.value.text, clause.value.span)
        for bound in clause.bounds:
            yield Occurrence("word", bound.measure.text, bound.measure.span)
