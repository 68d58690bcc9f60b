"""Fixes as code actions: one for each message that carries a fix, and one that makes them all."""

from __future__ import annotations

from collections.abc import Iterable

from lsprotocol import types

from ...messages.diagnostics import Diagnostic, Fix, quote
from ...pipeline import Analysis, analyse
from ...syntax import fixes
from ...syntax.fixes import choose
from ...syntax.nodes import SourceFile
from ..workspace import Document, Workspace
from .diagnostics import converted, here
from .formatting import as_edits, line_changes
from .rename import edit_of

_FIX_ALL = types.CodeActionKind.SourceFixAll
KINDS = (types.CodeActionKind.QuickFix, _FIX_ALL)


def run(workspace: Workspace, params: types.CodeActionParams) -> list[types.CodeAction]:
    """The actions for a range: certain fixes of the messages there, and all of the file's at once."""
    document = workspace.documents.get(params.text_document.uri)
    if document is None:
        return []
    only = params.context.only
    all_here = [(d, a) for d, a in here(workspace, document.uri) if d.fix and d.fix.span.file == document.path]
    found: list[types.CodeAction] = []
    if _is_wanted(types.CodeActionKind.QuickFix, only):
        found += [
            _quick(diagnostic, diagnostic.fix, analysis, document, workspace)
            for diagnostic, analysis in all_here
            if diagnostic.fix and _meets(document.text.range(diagnostic.span), params.range)
        ]
    own = workspace.analysis(document.uri)
    if own and choose(own.diagnostics, document.path) and _is_wanted(_FIX_ALL, only):
        action = types.CodeAction("Make all certain fixes", _FIX_ALL, data=document.uri)
        found.append(action if _may_wait(workspace) else resolve(workspace, action))
    return found


def resolve(workspace: Workspace, action: types.CodeAction) -> types.CodeAction:
    """The edit of `source.fixAll`, which is what `check --fix` writes: one fix may uncover the next."""
    document, own = workspace.documents.get(str(action.data)), workspace.analysis(str(action.data))
    if document is None or own is None:
        return action

    def check(source: SourceFile) -> Iterable[Diagnostic]:
        return own.diagnostics if source == own.source else analyse(source, workspace.overlay(document.uri)).diagnostics

    before = document.text
    after = fixes.run(document.path, before.raw.encode("utf-8"), check).data.decode("utf-8")
    action.edit = edit_of(workspace, {document.uri: as_edits(before, line_changes(before.raw, after))})
    return action


def _quick(
    diagnostic: Diagnostic, fix: Fix, analysis: Analysis, document: Document, workspace: Workspace
) -> types.CodeAction:
    edit = edit_of(workspace, {workspace.uri(fix.span.file): [_edit(document, fix)]})
    answered = [converted(diagnostic, analysis, workspace)]
    return types.CodeAction(_title(fix, document), types.CodeActionKind.QuickFix, answered, True, edit=edit)


def _title(fix: Fix, document: Document) -> str:
    at = document.text.range(fix.span)
    before = document.text.raw[document.text.offset(at.start) : document.text.offset(at.end)]
    after = fix.replacement.strip()
    if not after:
        return f"Delete {quote(before)}"
    return f"Write {quote(after)} instead of {quote(before)}" if before.strip() else f"Insert {quote(after)}"


def _edit(document: Document, fix: Fix) -> types.TextEdit:
    return types.TextEdit(document.text.range(fix.span), fix.replacement)


def _may_wait(workspace: Workspace) -> bool:
    """Whether the editor asks for an edit once it is chosen: it asks for actions at every move of the cursor."""
    able = workspace.capabilities.text_document and workspace.capabilities.text_document.code_action
    return bool(able and able.resolve_support and "edit" in able.resolve_support.properties)


def _meets(a: types.Range, b: types.Range) -> bool:
    return a.start <= b.end and b.start <= a.end


def _is_wanted(kind: str, only: object) -> bool:
    if not isinstance(only, list | tuple):
        return True
    return any(kind == wanted or kind.startswith(f"{getattr(wanted, 'value', wanted)}.") for wanted in only)
