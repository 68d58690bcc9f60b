"""Where a name is declared, a rule stands, or a used file begins."""

from __future__ import annotations

import os

from lsprotocol import types

from ...pipeline import Analysis
from ...resolve.imports import target
from .. import words
from ..workspace import Workspace, policies


def run(workspace: Workspace, params: types.DefinitionParams) -> types.Location | None:
    """The home of the word at a place."""
    document, analysis = workspace.documents.get(params.text_document.uri), None
    if document is not None:
        analysis = workspace.analysis(document.uri)
    if document is None or analysis is None:
        return None
    word = words.at(analysis.program.policy, *document.text.point(params.position))
    return _home(word, document.path, analysis, workspace) if word else None


def _home(word: words.Occurrence, path: str, analysis: Analysis, workspace: Workspace) -> types.Location | None:
    if word.role == "file":
        return _file(target(word.name, path), workspace)
    if word.role == "rule":
        rules = words.numbered(analysis.program.policy)
        place = next((rule.span for rule_id, rule, _ in rules if rule_id == word.name), None)
        return workspace.location(place, analysis) if place else None
    resolved = analysis.graph.resolved
    concept = words.meaning(word, resolved.concepts, resolved.relations)
    if concept is not None and concept.span is not None:
        return workspace.location(concept.span, analysis)
    for policy in policies(analysis.program):  # of a policy with too many names, none is known
        for other in words.occurrences(policy):
            if other.is_declaration and other.name == word.name and word.can_be(other.role):
                return workspace.location(other.span, analysis)
    return None


def _file(path: str, workspace: Workspace) -> types.Location | None:
    if workspace.open_at(path) is None and not os.path.isfile(path):
        return None
    start = types.Position(0, 0)
    return types.Location(workspace.uri(path), types.Range(start, start))
