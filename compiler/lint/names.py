"""Names and surface forms that nothing needs, or that mean two things."""

from __future__ import annotations

from collections.abc import Iterator

from ..explain.sentences import folded
from ..messages.diagnostics import Fix, Related, Span, quote
from ..resolve.imports import target
from ..resolve.taxonomy import Concept
from ..syntax.nodes import WILDCARD, Declaration, Kind, Use, Word
from ..world.lexicon import plain
from .facts import Facts
from .model import Finding


def unused_concept(facts: Facts) -> Iterator[Finding]:
    """A concept that no rule and no expectation has to do with."""
    yield from _unused(facts, "concept")


def unused_relation(facts: Facts) -> Iterator[Finding]:
    """A relation that no rule and no expectation has to do with."""
    yield from _unused(facts, "relation")


def unused_use(facts: Facts) -> Iterator[Finding]:
    """A used file none of whose names is needed."""
    uses = [statement for statement in facts.policy.statements if isinstance(statement, Use)]
    if not uses or not facts.resolved.rules:
        return
    homes = {
        c.span.file for kind in _KINDS for c in facts.resolved.of(kind) if c.span and c.name in _needed(facts, kind)
    }
    added = {d.name.text for d in facts.policy.declarations()}
    homes |= {c.span.file for c in facts.names if c.span and c.name in added}
    for use in uses:
        path = target(use.path.text, facts.source.path)
        given = {path} | facts.analysis.program.reach.get(path, frozenset())
        if not homes & given:
            message = f"nothing of {quote(use.path.text)} is needed here"
            yield Finding(message, use.span, "delete the line")


def shared_form(facts: Facts) -> Iterator[Finding]:
    """A form that is said of two names, but for its article and capitals."""
    for kind in _KINDS:
        owners: dict[tuple[str, ...], list[Concept]] = {}
        for concept in facts.resolved.of(kind):
            for words in dict.fromkeys(folded(form) for form in concept.forms):
                owners.setdefault(words, []).append(concept)
        for declaration, word in _own_forms(facts, kind):
            name = declaration.name.text
            others = [c for c in owners.get(folded(word.text), ()) if c.name != name]
            others = [c for c in others if not facts.is_own(c.span) or _before(c.span, declaration.name.span)]
            if others:
                message = f'"{word.text}" is said of {quote(others[0].name)} and of {quote(name)}'
                places = tuple(Related(f"{quote(c.name)} is declared here", c.span) for c in others[:1] if c.span)
                yield Finding(message, word.span, "a sentence with it would mean two cells; keep it with one", places)


def repeated_form(facts: Facts) -> Iterator[Finding]:
    """A form that its name has already, but for its article and capitals."""
    for kind in _KINDS:
        seen: dict[tuple[str, str], Word] = {}
        for declaration, word in _own_forms(facts, kind):
            key = (declaration.name.text, plain(word.text))  # what training takes for one form too
            if key not in seen:
                seen[key] = word
                continue
            message = f'"{word.text}" is the same form as "{seen[key].text}"'
            places = (Related("it is written here", seen[key].span),)
            fix = _without(declaration.forms, declaration.forms.index(word))
            yield Finding(message, word.span, "articles and capitals make no other form; delete it", places, fix)


_KINDS: tuple[Kind, ...] = ("concept", "relation")


def _unused(facts: Facts, kind: Kind) -> Iterator[Finding]:
    if not facts.resolved.rules:
        return  # a file of names is there for others
    needed = _needed(facts, kind)
    for concept in facts.resolved.of(kind):
        if concept.declared and facts.is_own(concept.span) and concept.name not in needed:
            assert concept.span is not None
            message = f"no rule has to do with the {kind} {quote(concept.name)}"
            yield Finding(message, concept.span, "delete it, or write the rule that needs it")


def _needed(facts: Facts, kind: Kind) -> set[str]:
    """The names that rules and expectations mention, all above and below them, and what stands beside those: a
    sibling is a neighbour, and what an inverse turns round is needed with it.
    """
    known = {concept.name: concept for concept in facts.resolved.of(kind)}
    mentioned = {name for name in _mentioned(facts) if name in known}
    if WILDCARD in _mentioned(facts, kind):
        return set(known)
    leaves = {leaf for name in mentioned for leaf in (*known[name].leaves, *known[name].turned)}
    needed = {c.name for c in known.values() if leaves.intersection(c.leaves) or leaves.intersection(c.turned)}
    parents = {parent for name in needed if known[name].is_leaf for parent in known[name].parents}
    beside = {c.name for c in known.values() if c.is_leaf and parents.intersection(c.parents)}
    return needed | beside | {c.inverse_of for c in known.values() if c.name in needed and c.inverse_of}


def _mentioned(facts: Facts, kind: Kind | None = None) -> set[str]:
    """What rules and expectations name; of one kind only where that is given."""
    concepts: set[str] = set()
    relations: set[str] = set()
    either: set[str] = set()
    for rule in facts.resolved.rules:
        patterns = [(rule.subject, rule.relation, rule.object)]
        patterns += [(e.subject, e.relation, e.object) for e in rule.excepts if not e.name]
        either |= {e.name for e in rule.excepts if e.name} | ({rule.instead} if rule.instead else set())
        for subject, relation, obj in patterns:
            concepts |= {subject, obj}
            relations.add(relation)
    for expectation in facts.resolved.expects:
        if expectation.pattern:
            subject, relation, obj = expectation.pattern
            either |= {subject, relation, obj} - {WILDCARD}
    for cell in facts.read_cells:
        either |= {cell.subject, cell.relation, cell.object}
    if kind is not None:
        return concepts if kind == "concept" else relations
    return concepts | relations | either


def _own_forms(facts: Facts, kind: Kind) -> Iterator[tuple[Declaration, Word]]:
    for declaration in facts.policy.declarations():
        if declaration.kind == kind:
            yield from ((declaration, word) for word in declaration.forms)


def _before(a: Span | None, b: Span) -> bool:
    return a is not None and (a.line, a.column) < (b.line, b.column)


def _without(forms: tuple[Word, ...], at: int) -> Fix | None:
    """A later form taken away with the comma before it, where both stand on one line."""
    before, word = forms[at - 1].span, forms[at].span
    if not at or before.line != word.line:
        return None
    return Fix(Span(word.file, word.line, before.end_column, word.line, word.end_column), "")
