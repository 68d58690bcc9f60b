"""What stands under the pointer: a name with its home, cells and forms; a rule with its cells; a message's code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol import types

from ...graph.cell_sets import Box, CellSet
from ...graph.relations import Extent, RelationGraph
from ...messages.catalogue import CODES, page
from ...messages.diagnostics import Span, listed, quote
from ...pipeline import Analysis
from ...resolve.imports import is_library
from ...resolve.taxonomy import Concept
from ...syntax.nodes import RuleStatement
from .. import words
from ..keywords import KEYWORD_HELP
from ..workspace import Document, Workspace
from . import hover_text
from .diagnostics import here

_SHOWN_NAMES = 12
_SHOWN_RULES = 10
_SHOWN_CELLS = 6
_CODE = re.compile(r"\b[PL]\d{3}\b")


def run(workspace: Workspace, params: types.HoverParams) -> types.Hover | None:
    """All that there is to say of a place, as Markdown."""
    document, analysis = workspace.documents.get(params.text_document.uri), None
    if document is not None:
        analysis = workspace.analysis(document.uri)
    if document is None or analysis is None:
        return None
    line, column = document.text.point(params.position)
    word = words.at(analysis.program.policy, line, column)
    named = "\n\n".join(_of_word(word, analysis)) if word else ""
    span = word.span if word else None
    if not named:
        other = hover_text.at(analysis, line, column, _of_concept)
        named, span = other or ("", span)
    said = [part for part in (named, *_codes(workspace, document, analysis, line, column)) if part]
    if not said:
        return None
    place = document.text.range(span) if span else None
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, "\n\n---\n\n".join(said)), place)


def _of_word(word: words.Occurrence, analysis: Analysis) -> Iterator[str]:
    if word.role in ("rule", "keyword"):
        rule_id = word.rule or (word.name if word.role == "rule" else "")
        for found, statement, _ in words.numbered(analysis.program.policy):
            if found == rule_id:
                yield from _of_rule(found, statement, analysis)
                return
        yield KEYWORD_HELP.get(word.name, "")
        return
    resolved = analysis.graph.resolved
    concept = words.meaning(word, resolved.concepts, resolved.relations)
    if concept is not None:
        yield from _of_concept(concept, analysis)


def _of_concept(concept: Concept, analysis: Analysis) -> Iterator[str]:
    yield f"**{concept.kind}** {quote(concept.name)}{_traits(concept)} · {_home(concept, analysis)}"
    if concept.doc:
        yield concept.doc
    facts = []
    if concept.parents:
        facts.append(f"is a {listed(map(quote, concept.parents), 'and')}")
    covered = (*concept.leaves, *concept.turned) if not concept.is_leaf else ()
    if covered and not concept.inverse_of:
        facts.append(f"stands for {_count(len(set(covered)), 'leaf', 'leaves')}: {_some(sorted(set(covered)))}")
    elif concept.is_leaf:
        facts.append("a leaf: nothing is below it")
    facts.append("written " + _some([f'"{form}"' for form in concept.forms], quoted=False))
    if concept.inverse_forms:
        forms = _some([f'"{form}"' for form in concept.inverse_forms], quoted=False)
        facts.append(f"turned round, the object first: {forms}")
    yield "\n".join(f"- {fact}" for fact in facts)
    yield from _rules_of(concept, analysis.graph)


def _traits(concept: Concept) -> str:
    if concept.inverse_of:
        return f", the inverse of {quote(concept.inverse_of)}"
    return ", symmetric" if concept.symmetric and concept.declared else ""


def _home(concept: Concept, analysis: Analysis) -> str:
    if concept.span is None:
        return "declared nowhere: a leaf of its own"
    if concept.span.file == analysis.source.path:
        return f"line {concept.span.line}"
    return f"`{file_name(concept.span)}`, line {concept.span.line}"


def file_name(span: Span) -> str:
    """The file of a place as a `use` would say it, or its last part."""
    name = re.split(r"[\\/]", span.file)[-1].removesuffix(".policy")
    return f"std/{name}" if is_library(span.file) else name


def _rules_of(concept: Concept, graph: RelationGraph) -> Iterator[str]:
    """Of each rule how many of its cells have the name in them, exactly."""
    mine = _cells_with(concept, graph)
    counted = [(extent, len(extent.cells & mine)) for extent in graph.extents]
    meeting = [(extent, count) for extent, count in counted if count]
    if not meeting:
        if graph.extents:
            yield "No rule speaks of it."
        return
    lines = [
        f"- {e.rule.id} {_verb(e)} {_of(count, len(e.cells))} with it: {quote(e.rule.pattern)}"
        for e, count in meeting[:_SHOWN_RULES]
    ]
    if len(meeting) > _SHOWN_RULES:
        lines.append(f"- and {_count(len(meeting) - _SHOWN_RULES, 'more rule', 'more rules')}")
    yield "\n".join(lines)


def _cells_with(concept: Concept, graph: RelationGraph) -> CellSet:
    space = graph.space
    everyone, every = space.concepts.every, space.relations.every
    if concept.kind == "relation":
        return CellSet(space, [Box(everyone, space.relations.bits((*concept.leaves, *concept.turned)), everyone)])
    leaves = space.concepts.bits(concept.leaves)
    return CellSet(space, [Box(leaves, every, everyone), Box(everyone, every, leaves)])


def _of_rule(rule_id: str, statement: RuleStatement, analysis: Analysis) -> Iterator[str]:
    extent = next((e for e in analysis.graph.extents if e.rule.id == rule_id), None)
    if extent is None:
        yield f"**{rule_id}** covers no cells: it rests on something in error."
        return
    rule = extent.rule
    group = f' · group "{rule.group}"' if rule.group else ""
    taken = f"; {_count(len(extent.excepted), 'is', 'are')} excepted" if extent.excepted else ""
    yield f"**{rule_id}** {_verb(extent)} **{_count(len(extent.cells), 'cell', 'cells')}**{taken}{group}"
    if rule.doc:
        yield rule.doc
    cells = [f"- {cell}" for cell in extent.cells.some(_SHOWN_CELLS)]
    if len(extent.cells) > _SHOWN_CELLS:
        cells.append(f"- and {len(extent.cells) - _SHOWN_CELLS:,} more")
    yield "\n".join(cells)
    if rule.kind == "forbid":
        require = rule.require
        demands = f"breach at most {require.breach_max:.4g}, retention at least {require.retention_min:.4g}"
        instead = f" · led to {quote(rule.instead)}" if rule.instead else ""
        yield f"severity {rule.severity} · {demands}{instead}"
    if rule.because:
        yield f"because: {rule.because}"


def _codes(workspace: Workspace, document: Document, analysis: Analysis, line: int, column: int) -> Iterator[str]:
    """What the codes mean of the messages at a place, and of one that is written there, as in a comment."""
    found: dict[str, None] = {}  # in order, each once
    for diagnostic, _ in here(workspace, document.uri):
        span = diagnostic.span
        if (span.line, span.column) <= (line, column) <= (span.end_line, span.end_column):
            found[diagnostic.code] = None
    for match in _CODE.finditer(analysis.source.line(line)):
        if match.start() < column <= match.end() + 1 and match[0] in CODES:
            found[match[0]] = None
    for code in found:
        if code in CODES:
            said = page(code).strip().split("**Wrong:**")[0].partition("\n")[2].strip()
            yield f"**{code}** {CODES[code].title}\n\n{said}"


def _verb(extent: Extent) -> str:
    return "forbids" if extent.rule.kind == "forbid" else "allows"


def _of(part: int, whole: int) -> str:
    return _count(whole, "cell", "cells") if part == whole else f"{part:,} of its {whole:,} cells"


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _some(names: list[str], *, quoted: bool = True) -> str:
    shown = [quote(n) if quoted else n for n in names[:_SHOWN_NAMES]]
    return ", ".join(shown) + (f" and {len(names) - _SHOWN_NAMES:,} more" if len(names) > _SHOWN_NAMES else "")
