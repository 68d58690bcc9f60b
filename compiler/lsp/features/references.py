"""Every place where a name, a rule or a used file is named, in all files that the editor's policies stand on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Literal

from lsprotocol import types

from ...pipeline import Analysis
from ...resolve.imports import target
from ...resolve.taxonomy import Concept
from ...syntax.nodes import Policy
from .. import words
from ..workspace import Document, Workspace, policies

Kind = Literal["concept", "relation"]
Place = tuple[words.Occurrence, Analysis]


def run(workspace: Workspace, params: types.ReferenceParams) -> list[types.Location]:
    """All places of the word at a place; the declarations too, if they are wanted."""
    found = places(workspace, params.text_document.uri, params.position)
    wanted = params.context.include_declaration
    return [workspace.location(w.span, analysis) for w, analysis in found if wanted or not w.is_declaration]


def highlights(workspace: Workspace, params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
    """The same within one file."""
    uri = params.text_document.uri
    kinds = {True: types.DocumentHighlightKind.Write, False: types.DocumentHighlightKind.Read}
    found = [(w, workspace.location(w.span, analysis)) for w, analysis in places(workspace, uri, params.position)]
    return [types.DocumentHighlight(at.range, kinds[w.is_declaration]) for w, at in found if at.uri == uri]


def places(workspace: Workspace, uri: str, position: types.Position) -> list[Place]:
    """All places of what is named at a place, the file's own first, each once."""
    document, analysis = workspace.documents.get(uri), workspace.analysis(uri)
    if document is None or analysis is None:
        return []
    word = words.at(analysis.program.policy, *document.text.point(position))
    if word is None:
        return []
    if word.role in ("rule", "keyword"):
        return [(w, analysis) for w in _of_rule(analysis.program.policy, word)]
    if word.role == "file":
        return list(_of_file(workspace, target(word.name, document.path)))
    kind = kind_of(word, analysis)
    return list(of_name(workspace, document, analysis, kind, word.name)) if kind else []


def kind_of(word: words.Occurrence, analysis: Analysis) -> Kind | None:
    """Which kind of name a word is."""
    if word.role == "concept" or word.role == "relation":
        return word.role
    if word.role != "either":
        return None
    meant = words.meaning(word, analysis.graph.resolved.concepts, analysis.graph.resolved.relations)
    return meant.kind if meant else None


def of_name(workspace: Workspace, document: Document, analysis: Analysis, kind: Kind, name: str) -> Iterator[Place]:
    """Every place of a name, in each open policy that means the same by it."""
    home = _home(analysis, kind, name)
    seen: set[tuple[str, int, int]] = set()
    others = [other for other in workspace.analyses() if other is not analysis]
    for each in (analysis, *others):
        if each is not analysis and (home is None or _home(each, kind, name) != home):
            continue
        for policy in policies(each.program):
            for word in words.occurrences(policy):
                key = (os.path.abspath(word.span.file), word.span.line, word.span.column)
                if word.name == name and word.can_be(kind) and key not in seen:
                    seen.add(key)
                    yield word, each


def declared(analysis: Analysis, kind: Kind, name: str) -> Concept | None:
    """What a policy knows of a name."""
    from ...graph.relations import find

    resolved = analysis.graph.resolved
    return find(resolved.concepts if kind == "concept" else resolved.relations, name)


def _home(analysis: Analysis, kind: Kind, name: str) -> tuple[str, int] | None:
    concept = declared(analysis, kind, name)
    return (os.path.abspath(concept.span.file), concept.span.line) if concept and concept.span else None


def _of_rule(policy: Policy, word: words.Occurrence) -> Iterator[words.Occurrence]:
    rule_id = word.rule or word.name
    for other in words.occurrences(policy):
        if other.rule == rule_id:
            yield words.Occurrence("keyword", other.name, other.span, is_declaration=True, rule=rule_id)
        elif other.role == "rule" and other.name == rule_id:
            yield other


def _of_file(workspace: Workspace, path: str) -> Iterator[Place]:
    seen = set()
    for analysis in workspace.analyses():
        for policy in policies(analysis.program):
            for word in words.occurrences(policy):
                here = word.role == "file" and target(word.name, policy.source.path)
                if here and os.path.abspath(here) == os.path.abspath(path) and word.span not in seen:
                    seen.add(word.span)
                    yield word, analysis
