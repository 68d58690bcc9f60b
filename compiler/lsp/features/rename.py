"""Give a name another name wherever it stands, or say why that cannot be done."""

from __future__ import annotations

import re
import unicodedata

from lsprotocol import types

from ...messages.diagnostics import quote
from ...pipeline import Analysis
from ...resolve.imports import is_library
from ...syntax.parse import LONGEST_NAME
from ...syntax.tokens import KEYWORDS, NAME_PATTERN
from .. import words
from ..refused import Refused
from ..workspace import Document, Workspace, policies
from .hover import file_name
from .references import Kind, declared, kind_of, of_name

_NAME = re.compile(NAME_PATTERN)


def prepare(workspace: Workspace, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder:
    """What would be renamed."""
    _, analysis, word, _ = _named(workspace, params.text_document.uri, params.position)
    return types.PrepareRenamePlaceholder(workspace.location(word.span, analysis).range, word.name)


def run(workspace: Workspace, params: types.RenameParams) -> types.WorkspaceEdit:
    """The edits in the open file, in the files that it uses, and in open files that use them too."""
    document, analysis, word, kind = _named(workspace, params.text_document.uri, params.position)
    new = unicodedata.normalize("NFC", params.new_name.strip())
    _refuse_bad_name(new)
    found = list(of_name(workspace, document, analysis, kind, word.name))
    for each in {id(analysis): analysis for _, analysis in found}.values():
        _refuse_unclear(each, kind, word.name, new)
    edits: dict[str, list[types.TextEdit]] = {}
    for place, each in found:
        at = workspace.location(place.span, each)
        edits.setdefault(at.uri, []).append(types.TextEdit(at.range, new))
    return edit_of(workspace, edits)


def edit_of(workspace: Workspace, edits: dict[str, list[types.TextEdit]]) -> types.WorkspaceEdit:
    """Edits by file; with the versions that they are meant for, where the editor can read those."""
    wanted = workspace.capabilities.workspace and workspace.capabilities.workspace.workspace_edit
    if not (wanted and wanted.document_changes):
        return types.WorkspaceEdit(edits)
    changes: list[types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile] = []
    for uri, made in edits.items():
        document = workspace.documents.get(uri)
        named = types.OptionalVersionedTextDocumentIdentifier(uri, document.version if document else None)
        changes.append(types.TextDocumentEdit(named, list(made)))
    return types.WorkspaceEdit(document_changes=changes)


def _named(
    workspace: Workspace, uri: str, position: types.Position
) -> tuple[Document, Analysis, words.Occurrence, Kind]:
    document, analysis = workspace.documents.get(uri), workspace.analysis(uri)
    if document is None or analysis is None:
        raise Refused("this file is not open")
    word = words.at(analysis.program.policy, *document.text.point(position))
    if word is None:
        raise Refused("there is no name here")
    if word.role == "rule" or word.rule:
        raise Refused("rules are numbered by their order in the file: they cannot be renamed")
    kind = kind_of(word, analysis)
    if kind is None:
        raise Refused(f"{quote(word.name)} is no name of this policy")
    concept = declared(analysis, kind, word.name)
    if concept and concept.span and is_library(concept.span.file):
        library = f"the {kind} {quote(word.name)} belongs to the standard library"
        raise Refused(f"{library}: declare a name of your own below it (`{kind} NAME : {word.name}`)")
    return document, analysis, word, kind


def _refuse_bad_name(new: str) -> None:
    if new in KEYWORDS:
        raise Refused(f"{quote(new)} is a word of the language and cannot be a name")
    if not _NAME.fullmatch(new):
        raise Refused(f"{quote(new)} cannot be a name: a name has letters, digits and `_`, and no digit first")
    if len(new) > LONGEST_NAME:
        raise Refused(f"this name has {len(new)} letters; the longest may have {LONGEST_NAME}")


def _refuse_unclear(analysis: Analysis, kind: Kind, name: str, new: str) -> None:
    """A rename may not change what any other word means."""
    there = declared(analysis, kind, new)
    if there is not None and new != name:
        where = f", in {file_name(there.span)}, line {there.span.line}" if there.span else ""
        raise Refused(f"there is a {kind} {quote(new)} already{where}: the two would become one")
    other: Kind = "relation" if kind == "concept" else "concept"
    is_both = declared(analysis, other, name) is not None or declared(analysis, other, new) is not None
    for policy in policies(analysis.program):
        if is_library(policy.source.path):
            continue
        lost = next((w for w in words.unread(policy) if w.name == name), None)
        if lost is not None:
            raise Refused(f"{lost.span} names {quote(name)} in a statement that cannot be read: mend it first")
        if is_both and any(w.role == "either" and w.name in (name, new) for w in words.occurrences(policy)):
            raise Refused(f"an `except` or `instead` names what would be both a concept and a relation: {quote(name)}")
