"""The outline of a file: its names, its groups with their rules, its expectations."""

from __future__ import annotations

from lsprotocol import types

from ...messages.diagnostics import Span
from ...syntax.nodes import Declaration, Expect, Group, PolicyLine, RuleStatement, Use
from .. import words
from ..text import Text
from ..workspace import Workspace

_KINDS = {
    "concept": types.SymbolKind.Class,
    "relation": types.SymbolKind.Method,
    "forbid": types.SymbolKind.Event,
    "allow": types.SymbolKind.Event,
}


def run(workspace: Workspace, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
    """All statements that can be read, in the order of the file."""
    document, analysis = workspace.documents.get(params.text_document.uri), None
    if document is not None:
        analysis = workspace.analysis(document.uri)
    if document is None or analysis is None:
        return []
    policy, text = analysis.program.policy, document.text
    ids = {id(rule): rule_id for rule_id, rule, _ in words.numbered(policy)}
    found = [_symbol(statement, ids, text) for statement in policy.statements]
    return sorted(found, key=lambda symbol: (symbol.range.start.line, symbol.range.start.character))


def _symbol(
    statement: PolicyLine | Use | Declaration | RuleStatement | Group | Expect, ids: dict[int, str], text: Text
) -> types.DocumentSymbol:
    if isinstance(statement, PolicyLine):
        return _made(f'"{statement.name.text}"', "policy", types.SymbolKind.Module, statement.span, text)
    if isinstance(statement, Use):
        return _made(f'"{statement.path.text}"', "use", types.SymbolKind.Package, statement.span, text)
    if isinstance(statement, Declaration):
        name = statement.name
        return _made(name.text, statement.kind, _KINDS[statement.kind], statement.span, text, name.span)
    if isinstance(statement, RuleStatement):
        pattern = statement.pattern
        said = f"{pattern.subject.text} -{pattern.relation.text}-> {pattern.object.text}"
        kind = _KINDS[statement.kind]
        return _made(f"{ids[id(statement)]} {statement.kind} {said}", "", kind, statement.span, text, pattern.span)
    if isinstance(statement, Group):
        name = statement.name
        symbol = _made(f'"{name.text}"', "group", types.SymbolKind.Namespace, statement.span, text, name.span)
        symbol.children = [_symbol(rule, ids, text) for rule in statement.rules]
        return symbol
    about = statement.pattern or statement.sentence
    assert about is not None
    return _made(f"expect {_about(statement)}", statement.verdict, types.SymbolKind.Boolean, statement.span, text)


def _about(statement: Expect) -> str:
    if statement.pattern is None:
        return f'"{statement.sentence.text}"' if statement.sentence else ""
    pattern = statement.pattern
    return f"{pattern.subject.text} -{pattern.relation.text}-> {pattern.object.text}"


def _made(
    name: str, detail: str, kind: types.SymbolKind, span: Span, text: Text, chosen: Span | None = None
) -> types.DocumentSymbol:
    whole = text.range(span)
    return types.DocumentSymbol(name, kind, whole, text.range(chosen) if chosen else whole, detail or None)
