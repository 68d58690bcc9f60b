"""What is said of a place that is no name: a word of the language, a text in quotes, or `*`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import takewhile

from ...graph.cell_sets import CellSet
from ...messages.diagnostics import Span, listed, quote
from ...pipeline import Analysis
from ...resolve.imports import is_library, target
from ...resolve.taxonomy import Concept
from ...syntax.nodes import Declaration, SourceFile, Verdict
from ...syntax.statements import Chunk, chunks
from ...syntax.tokens import KEYWORD_KINDS, Token, comments
from ..keywords import KEYWORD_HELP
from ..words import token_span

Say = Callable[[Concept, Analysis], Iterator[str]]
_VALUES = ("SEVERITY", "REQUIRE")


def at(analysis: Analysis, line: int, column: int, of_concept: Say) -> tuple[str, Span] | None:
    """What there is to say of the word at a place, and the word's place; `of_concept` says what a name is."""
    for chunk in chunks(analysis.source.text):
        if chunk.tokens[-1].line < line:
            continue
        for number, token in enumerate(chunk.tokens):
            if token.line == line and token.column <= column < token.column + len(token.text):
                said = "\n\n".join(_said(token, number, chunk, analysis, of_concept))
                return (said, token_span(analysis.source, token)) if said else None
    return None


def _said(token: Token, number: int, chunk: Chunk, analysis: Analysis, of_concept: Say) -> Iterator[str]:
    before = chunk.tokens[:number]
    if token.kind and KEYWORD_KINDS.get(token.text) == token.kind:
        yield KEYWORD_HELP[token.text]
    elif token.kind == "NAME":  # the value of a clause
        clause = next((t for t in reversed(before) if t.kind in KEYWORD_KINDS.values()), None)
        if clause is not None and clause.kind in _VALUES:
            yield KEYWORD_HELP[clause.text]
    elif token.kind == "STAR":
        yield _of_star(analysis, is_relation=bool(before) and before[-1].kind == "DASH")
    elif token.kind == "STRING":
        text = " ".join(token.text[1:-1].split())
        if chunk.first == "use":
            yield from _of_file(text, analysis)
        elif chunk.first in ("concept", "relation") and number > 1:
            yield from _of_form(text, chunk.first, chunk.tokens[1].text, analysis, of_concept)
        elif chunk.first == "expect":
            yield from _of_sentence(text, analysis)


def _of_star(analysis: Analysis, *, is_relation: bool) -> str:
    resolved = analysis.graph.resolved
    known = resolved.relations if is_relation else resolved.concepts
    leaves = {leaf for c in known if c.declared and not c.inverse_of for leaf in c.leaves}
    kind = "relation" if is_relation else "concept"
    return f"`*`: every {kind} that is declared, here and in used files: {_count(len(leaves), 'leaf', 'leaves')}"


def _of_file(text: str, analysis: Analysis) -> Iterator[str]:
    path = os.path.abspath(target(text, analysis.source.path))
    used = next((p for p in analysis.program.used if os.path.abspath(p.source.path) == path), None)
    if used is None:
        return  # the message at this place says why
    yield f"**file** {quote(text)} · {'the standard library' if is_library(path) else quote(used.source.path)}"
    yield _opening(used.source)
    declared = [s for s in used.statements if isinstance(s, Declaration)]
    concepts = len({s.name.text for s in declared if s.kind == "concept"})
    relations = len({s.name.text for s in declared if s.kind == "relation"})
    yield f"{_count(concepts, 'concept', 'concepts')}, {_count(relations, 'relation', 'relations')}"


def _opening(source: SourceFile) -> str:
    """The first paragraph of the comment that a file begins with."""
    opening = [c for n, c in enumerate(comments(source), 1) if c.span.line == n]
    return " ".join(takewhile(bool, (comment.text.lstrip("#").strip() for comment in opening)))


def _of_form(text: str, kind: str, name: str, analysis: Analysis, of_concept: Say) -> Iterator[str]:
    resolved = analysis.graph.resolved
    known = resolved.concepts if kind == "concept" else resolved.relations
    concept = next((c for c in known if c.name == name), None)
    if concept is None:
        return
    forms = (*concept.forms, *concept.inverse_forms)
    which = "the plainest form" if forms[:1] == (text,) else "a form"
    others = [c.name for c in known if c.name != name and text in (*c.forms, *c.inverse_forms)]
    shared = f", and of {listed(map(quote, others), 'and')}" if others else ""
    yield f'"{text}": {which} of the {kind} {quote(name)}{shared}'
    yield from of_concept(concept, analysis)


def _of_sentence(text: str, analysis: Analysis) -> Iterator[str]:
    if analysis.derived is None:
        return  # nothing is decided in a policy with errors
    from ...explain.expectations import VERDICTS, Judge

    judge = Judge(analysis.graph)
    reading = judge.sentences.read(text)
    if reading.cell is None:
        yield f"This sentence cannot be read as one cell: {reading.why}"
        return
    box = analysis.graph.space.box(reading.cell)
    decision = judge.decide(CellSet(analysis.graph.space, [box] if box else ()))
    verdict: Verdict = next((v for v in VERDICTS if decision.parts[v]), "unspecified")  # one cell has one verdict
    rules = [extent.rule.id for extent in decision.rules[verdict]]
    by = f" by {listed(rules, 'and')}" if rules else ""
    yield f"says {quote(str(reading.cell))}: **{verdict}**{by}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
