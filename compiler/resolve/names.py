"""From syntax to meaning: every name is looked up and every clause is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from ..messages.diagnostics import Diagnostics, Fix, Related, Span, quote
from ..syntax.nodes import (
    WILDCARD,
    Clause,
    Declaration,
    Group,
    Pattern,
    Policy,
    PolicyLine,
    RuleStatement,
    SourceFile,
    Word,
)
from .clauses import Clauses, Require, read_clauses, read_defaults
from .expects import Expectation, read_expects
from .imports import Program
from .taxonomy import Concept, build

__all__ = ["EDITION", "Concept", "Except", "Expectation", "Require", "Resolved", "Rule", "run"]

EDITION = 2026


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
    """A forbid (R1, R2, ... in file order) or an allow (A1, A2, ...); its slots are names or `*`.

    `doc` is what the `##` lines above it say, `group` the name of the group that it stands in.
    """

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
    doc: str = ""
    group: str = ""

    @property
    def pattern(self) -> str:
        """The rule's three names as the language writes them."""
        return f"{self.subject} -{self.relation}-> {self.object}"


@dataclass(frozen=True, slots=True)
class Resolved:
    """A policy whose names are known; concepts and relations are in alphabetical order, `used` are its imports."""

    name: str
    edition: int
    concepts: tuple[Concept, ...]
    relations: tuple[Concept, ...]
    rules: tuple[Rule, ...]
    source: SourceFile
    expects: tuple[Expectation, ...] = ()
    used: tuple[SourceFile, ...] = ()

    def of(self, kind: str) -> tuple[Concept, ...]:
        """The names of a kind, or those that may stand in a slot."""
        return self.relations if kind == "relation" else self.concepts


def run(program: Program | Policy, diagnostics: Diagnostics) -> Resolved:
    """Resolve a policy; rules that rest on a declaration in error are left out, unjudged."""
    if isinstance(program, Policy):
        program = Program(program)
    policy = program.policy
    name, edition = _heading(program, diagnostics)
    declarations = [d for p in (policy, *program.used) for d in p.declarations()]
    broken = [name for p in (policy, *program.used) for name in p.broken]
    rules = list(policy.rules())
    has_line = any(isinstance(s, PolicyLine) for s in policy.statements)
    if not rules and not diagnostics.has_errors and (has_line or not declarations):
        diagnostics.warning("P104", "this policy has no rule", policy.source.span(0, 1), hint=_RULE_HINT)

    of_kind: dict[str, list[Declaration]] = {"concept": [], "relation": []}
    for declaration in declarations:
        of_kind[declaration.kind].append(declaration)
    names = {kind: frozenset(d.name.text for d in found) for kind, found in of_kind.items()}
    concept_words, relation_words = _words(policy, of_kind["relation"], names)
    reach = program.reach
    only_relations, only_concepts = names["relation"] - names["concept"], names["concept"] - names["relation"]
    concepts = build("concept", of_kind["concept"], concept_words, broken, only_relations, reach, diagnostics)
    relations = build("relation", of_kind["relation"], relation_words, broken, only_concepts, reach, diagnostics)
    doubtful = frozenset({*concepts.doubtful, *relations.doubtful, *broken})
    groups = {id(g): read_defaults(g, diagnostics) for g in policy.statements if isinstance(g, Group)}
    resolved = [
        _rule(statement, rule_id, group.name.text, groups[id(group)], diagnostics)
        if group
        else _rule(statement, rule_id, "", Clauses(), diagnostics)
        for statement, group, rule_id in _numbered(rules)
    ]
    _refuse_turned_insteads(resolved, relations.concepts, diagnostics)
    certain = tuple(rule for rule in resolved if not _touches(rule, doubtful))
    known = (concepts.concepts, relations.concepts, doubtful)
    expects = read_expects(policy, {rule.id: rule.kind for rule in resolved}, known, diagnostics)
    used = tuple(p.source for p in program.used)
    return Resolved(name, edition, concepts.concepts, relations.concepts, certain, policy.source, expects, used)


def _words(
    policy: Policy, declared_relations: list[Declaration], names: dict[str, frozenset[str]]
) -> tuple[list[Word], list[Word]]:
    """The names that rules use as concepts, and those they use as relations."""
    rules = [rule for rule, _ in policy.rules()]
    relation_words = [rule.pattern.relation for rule in rules]
    concept_words = [word for rule in rules for word in (rule.pattern.subject, rule.pattern.object)]
    parts = [part for rule in rules if rule.clauses for part in _named(rule.clauses)]
    parts += [part for group in policy.statements if isinstance(group, Group) for part in _named(group.clauses)]
    for part in parts:
        if isinstance(part, Pattern):
            relation_words.append(part.relation)
            concept_words += (part.subject, part.object)
    known_relations = {word.text for word in relation_words} | names["relation"]
    for d in declared_relations:
        known_relations |= {w.text for w in (*d.parents, *d.members, *([d.inverse] if d.inverse else ()))}
    for part in parts:
        if isinstance(part, Word):
            is_relation = part.text in known_relations and part.text not in names["concept"]
            (relation_words if is_relation else concept_words).append(part)
    return [w for w in concept_words if w.text != WILDCARD], [w for w in relation_words if w.text != WILDCARD]


def _refuse_turned_insteads(rules: list[Rule], relations: tuple[Concept, ...], diagnostics: Diagnostics) -> None:
    inverse = {c.name: c.inverse_of for c in relations if c.inverse_of}
    for rule in rules if inverse else ():
        if rule.instead in inverse and rule.instead_span is not None:
            message = f"{quote(rule.instead)} turns {quote(inverse[rule.instead])} round: nothing can be led to it"
            hint = f"write `instead {inverse[rule.instead]}`"
            diagnostics.error("P213", message, rule.instead_span, hint=hint)


_RULE_HINT = "a rule is written `forbid child -drinking-> alcohol`"


def _heading(program: Program, diagnostics: Diagnostics) -> tuple[str, int]:
    policy = program.policy
    for one in (policy, *program.used):
        _check_lines(one, diagnostics)
    first = next((s for s in policy.statements if isinstance(s, PolicyLine)), None)
    stem = PurePath(policy.source.path).stem or "policy"
    if first is None:
        only_names = policy.declarations() and not any(policy.rules())
        if not policy.broken and not diagnostics.has_errors and not only_names:
            message = f"no `policy` line: the policy is called {quote(stem)}, edition {EDITION}"
            hint = f'write `policy "{stem}" edition {EDITION}` in the first line'
            line = f'policy "{stem}" edition {EDITION}\n'
            fix = Fix(policy.source.span(0, 0), line) if stem.isprintable() and '"' not in stem else None
            diagnostics.note("P103", message, policy.source.span(0, 1), hint=hint, fix=fix)
        return stem, EDITION
    return first.name.text or stem, EDITION


def _check_lines(policy: Policy, diagnostics: Diagnostics) -> None:
    lines = [s for s in policy.statements if isinstance(s, PolicyLine)]
    for line in lines[1:]:
        related = [Related("first named here", lines[0].span)]
        diagnostics.error("P101", "a policy has one `policy` line", line.span, related=related)
    for line in lines[:1]:
        if line.edition.text != str(EDITION):
            message = f"this version of proscribe knows edition {EDITION}, not {line.edition.text}"
            # Digits of another script say the same year.
            same = line.edition.text.isdecimal() and int(line.edition.text) == EDITION
            fix = Fix(line.edition.span, str(EDITION)) if same else None
            diagnostics.error("P102", message, line.edition.span, hint=f"write `edition {EDITION}`", fix=fix)
        if not line.name.text:
            diagnostics.error("P105", "the policy's name is empty", line.name.span)


def _named(clauses: tuple[Clause, ...]) -> Iterator[Word | Pattern]:
    """What clauses name."""
    for clause in clauses:
        yield from clause.names
        if clause.keyword.text == "instead" and clause.value is not None:
            yield clause.value


def _numbered(
    rules: list[tuple[RuleStatement, Group | None]],
) -> Iterator[tuple[RuleStatement, Group | None, str]]:
    counts = {"forbid": 0, "allow": 0}
    for statement, group in rules:
        counts[statement.kind] += 1
        yield statement, group, f"{'R' if statement.kind == 'forbid' else 'A'}{counts[statement.kind]}"


def _rule(statement: RuleStatement, rule_id: str, group: str, defaults: Clauses, diagnostics: Diagnostics) -> Rule:
    pattern = statement.pattern
    clauses = read_clauses(statement, diagnostics, defaults)
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
        statement.doc,
        group,
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
