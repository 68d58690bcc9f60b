"""From syntax to meaning: every name is looked up and every clause is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from ..diagnostics import Diagnostics, Related, Span, quote
from ..syntax.nodes import (
    WILDCARD,
    Declaration,
    Expect,
    Pattern,
    Policy,
    PolicyLine,
    RuleStatement,
    SourceFile,
    Word,
)
from .clauses import Require, read_clauses
from .taxonomy import Concept, build

__all__ = ["EDITION", "Concept", "Except", "Require", "Resolved", "Rule", "run"]

EDITION = 2026
MAX_RULES = 500  # of both kinds; every pair of them is compared


@dataclass(frozen=True, slots=True)
class Except:
    """One exception of a forbid: a `name` that counts in whichever slot it fits, or else a whole pattern."""

    name: str
    subject: str
    relation: str
    object: str
    span: Span


@dataclass(frozen=True, slots=True)
class Rule:
    """A forbid (R1, R2, ... in file order) or an allow (A1, A2, ...); its slots are names or `*`."""

    id: str
    kind: Literal["forbid", "allow"]
    subject: str
    relation: str
    object: str
    excepts: tuple[Except, ...]
    instead: str | None
    because: str
    severity: str
    require: Require
    span: Span
    text: str
    pattern_span: Span
    instead_span: Span | None = None

    @property
    def pattern(self) -> str:
        """The rule's three names as the language writes them."""
        return f"{self.subject} -{self.relation}-> {self.object}"


@dataclass(frozen=True, slots=True)
class Resolved:
    """A policy whose names are known; concepts and relations are in alphabetical order."""

    name: str
    edition: int
    concepts: tuple[Concept, ...]
    relations: tuple[Concept, ...]
    rules: tuple[Rule, ...]
    source: SourceFile


def run(policy: Policy, diagnostics: Diagnostics) -> Resolved:
    """Resolve a policy; rules that rest on a declaration in error are left out, unjudged."""
    name, edition = _heading(policy, diagnostics)
    declarations = [s for s in policy.statements if isinstance(s, Declaration)]
    rules = [s for s in policy.statements if isinstance(s, RuleStatement)]
    for statement in policy.statements:
        if isinstance(statement, Expect):
            diagnostics.note("P021", "`expect` is kept but not tested in this edition yet", statement.span)
    if len(rules) > MAX_RULES:
        message = f"a policy has at most {MAX_RULES} rules; this one has {len(rules):,}"
        diagnostics.error("P209", message, rules[MAX_RULES].span, hint="split the policy into several files")
        rules = rules[:MAX_RULES]
    if not rules and not diagnostics.has_errors:
        diagnostics.warning("P104", "this policy has no rule", policy.source.span(0, 1), hint=_RULE_HINT)

    declared = {
        kind: frozenset(d.name.text for d in declarations if d.kind == kind) for kind in ("concept", "relation")
    }
    relation_words = [r.pattern.relation for r in rules] + [
        p.relation for r in rules for p in _patterns(r) if isinstance(p, Pattern)
    ]
    known_relations = {w.text for w in relation_words} | declared["relation"]
    for d in declarations:
        if d.kind == "relation":
            known_relations |= {w.text for w in (*d.parents, *d.members)}
    concept_words: list[Word] = []
    for rule in rules:
        concept_words += [rule.pattern.subject, rule.pattern.object]
        for part in _patterns(rule):
            if isinstance(part, Pattern):
                concept_words += [part.subject, part.object]
            elif part.text in known_relations and part.text not in declared["concept"]:
                relation_words.append(part)
            else:
                concept_words.append(part)

    concepts = build(
        "concept",
        [d for d in declarations if d.kind == "concept"],
        [w for w in concept_words if w.text != WILDCARD],
        policy.broken,
        declared["relation"] - declared["concept"],
        diagnostics,
    )
    relations = build(
        "relation",
        [d for d in declarations if d.kind == "relation"],
        [w for w in relation_words if w.text != WILDCARD],
        policy.broken,
        declared["concept"] - declared["relation"],
        diagnostics,
    )
    doubtful = concepts.doubtful | relations.doubtful | set(policy.broken)
    resolved = (_rule(statement, rule_id, diagnostics) for statement, rule_id in _numbered(rules))
    certain = tuple(rule for rule in resolved if not _touches(rule, frozenset(doubtful)))
    return Resolved(name, edition, concepts.concepts, relations.concepts, certain, policy.source)


_RULE_HINT = "a rule is written `forbid child -drinking-> alcohol`"


def _heading(policy: Policy, diagnostics: Diagnostics) -> tuple[str, int]:
    lines = [s for s in policy.statements if isinstance(s, PolicyLine)]
    stem = PurePath(policy.source.path).stem or "policy"
    if not lines:
        if not policy.broken and not diagnostics.has_errors:
            message = f"no `policy` line: the policy is called {quote(stem)}, edition {EDITION}"
            hint = f'write `policy "{stem}" edition {EDITION}` in the first line'
            diagnostics.note("P103", message, policy.source.span(0, 1), hint=hint)
        return stem, EDITION
    first, *more = lines
    for line in more:
        related = [Related("first named here", first.span)]
        diagnostics.error("P101", "a policy has one `policy` line", line.span, related=related)
    if first.edition.text != str(EDITION):
        message = f"this version of proscribe knows edition {EDITION}, not {first.edition.text}"
        diagnostics.error("P102", message, first.edition.span, hint=f"write `edition {EDITION}`")
    if not first.name.text:
        diagnostics.error("P105", "the policy's name is empty", first.name.span)
    return first.name.text or stem, EDITION


def _patterns(rule: RuleStatement) -> Iterator[Word | Pattern]:
    """What the clauses of a rule name."""
    for clause in rule.clauses:
        yield from clause.names
        if clause.keyword.text == "instead" and clause.value is not None:
            yield clause.value


def _numbered(rules: list[RuleStatement]) -> Iterator[tuple[RuleStatement, str]]:
    counts = {"forbid": 0, "allow": 0}
    for statement in rules:
        counts[statement.kind] += 1
        yield statement, f"{'R' if statement.kind == 'forbid' else 'A'}{counts[statement.kind]}"


def _rule(statement: RuleStatement, rule_id: str, diagnostics: Diagnostics) -> Rule:
    pattern = statement.pattern
    clauses = read_clauses(statement, diagnostics)
    return Rule(
        rule_id,
        statement.kind,
        pattern.subject.text,
        pattern.relation.text,
        pattern.object.text,
        tuple(_except(part) for part in clauses.excepts),
        clauses.instead.text if clauses.instead else None,
        clauses.because,
        clauses.severity,
        clauses.require,
        statement.span,
        statement.text,
        pattern.span,
        clauses.instead.span if clauses.instead else None,
    )


def _except(part: Word | Pattern) -> Except:
    if isinstance(part, Word):
        return Except(part.text, "", "", "", part.span)
    return Except("", part.subject.text, part.relation.text, part.object.text, part.span)


def _touches(rule: Rule, doubtful: frozenset[str]) -> bool:
    """Whether a rule's meaning hangs on a declaration that is in error."""
    if not doubtful:
        return False
    names = {rule.subject, rule.relation, rule.object, rule.instead}
    for exception in rule.excepts:
        names |= {exception.name, exception.subject, exception.relation, exception.object}
    return WILDCARD in names or bool(names & doubtful)
