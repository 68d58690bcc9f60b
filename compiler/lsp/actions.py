"""Fixes as code actions: one for each message that carries a fix, and one that makes them all."""

from __future__ import annotations

from lsprotocol import types

from ..diagnostics import Diagnostic, Fix, quote
from ..fixes import choose
from ..pipeline import Analysis
from .diagnostics import converted, here
from .rename import edit_of
from .workspace import Document, Workspace

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
    chosen = choose((d for d, _ in all_here), document.path)
    if chosen and _is_wanted(_FIX_ALL, only):
        edits = [_edit(document, d.fix) for d in chosen if d.fix]
        title = f"Make all certain fixes ({len(edits)})"
        found.append(types.CodeAction(title, _FIX_ALL, edit=edit_of(workspace, {document.uri: edits})))
    return found


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


def _meets(a: types.Range, b: types.Range) -> bool:
    return a.start <= b.end and b.start <= a.end


def _is_wanted(kind: str, only: object) -> bool:
    if not isinstance(only, list | tuple):
        return True
    return any(kind == wanted or kind.startswith(f"{getattr(wanted, 'value', wanted)}.") for wanted in only)
