"""Messages for the editor: of each file what all open policies say of it, with what explains them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache

from lsprotocol import types
from pygls.uris import from_fs_path

from ...messages.catalogue import CODES
from ...messages.diagnostics import Diagnostic
from ...pipeline import Analysis
from ..workspace import Workspace

SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "note": types.DiagnosticSeverity.Information,
}
_NEEDLESS = frozenset(("P403", "P506"))  # editors show these words pale


def published(workspace: Workspace) -> dict[str, tuple[types.Diagnostic, ...]]:
    """All messages by the uri of their file; every open file is there, and every other one that has some."""
    found: dict[str, dict[Diagnostic, types.Diagnostic]] = {uri: {} for uri in workspace.documents}
    for analysis in workspace.analyses():
        for diagnostic in analysis.diagnostics:
            file = found.setdefault(workspace.uri(diagnostic.span.file), {})
            if diagnostic not in file:
                file[diagnostic] = converted(diagnostic, analysis, workspace)
    return {uri: tuple(said.values()) for uri, said in found.items()}


def converted(diagnostic: Diagnostic, analysis: Analysis, workspace: Workspace) -> types.Diagnostic:
    """One message."""
    hint = f"\nhint: {diagnostic.hint}" if diagnostic.hint else ""
    href = page_uri(diagnostic.code)
    related = [
        types.DiagnosticRelatedInformation(workspace.location(r.span, analysis), r.message)
        for r in diagnostic.related
        if r.span.file in analysis.sources
    ]
    return types.Diagnostic(
        workspace.location(diagnostic.span, analysis).range,
        diagnostic.message + hint,
        SEVERITIES[diagnostic.severity],
        diagnostic.code,
        types.CodeDescription(href) if href else None,
        "proscribe",
        [types.DiagnosticTag.Unnecessary] if diagnostic.code in _NEEDLESS else None,
        related or None,
    )


@lru_cache(maxsize=256)
def page_uri(code: str) -> str | None:
    """Where an installed proscribe has the page of a code."""
    from importlib.resources import files

    if code not in CODES:
        return None
    found: str | None = from_fs_path(
        os.path.abspath(str(files("proscribe.compiler.messages").joinpath("pages", f"{code}.md")))
    )
    return found


def here(workspace: Workspace, uri: str) -> Iterable[tuple[Diagnostic, Analysis]]:
    """What is said of an open file, by its own analysis and by those of the files that use it."""
    document = workspace.documents.get(uri)
    seen: set[Diagnostic] = set()
    for analysis in workspace.analyses() if document else ():
        for diagnostic in analysis.diagnostics:
            if document and os.path.abspath(diagnostic.span.file) == document.path and diagnostic not in seen:
                seen.add(diagnostic)
                yield diagnostic, analysis
