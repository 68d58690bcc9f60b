"""What may be folded: groups, statements over several lines, and runs of comments; in a broken file too."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from ...syntax.statements import chunks
from ..workspace import Workspace

Lines = tuple[int, int, types.FoldingRangeKind]
_REGION, _COMMENT = types.FoldingRangeKind.Region, types.FoldingRangeKind.Comment


def run(workspace: Workspace, params: types.FoldingRangeParams) -> list[types.FoldingRange]:
    """All folds, by whole lines."""
    document = workspace.documents.get(params.text_document.uri)
    if document is None:
        return []
    text = document.text.source(document.path).text
    found = sorted({*_statements(text), *_comments(text)})
    return [types.FoldingRange(first, last, kind=kind) for first, last, kind in found if last > first]


def _statements(text: str) -> Iterator[Lines]:
    opened: list[int] = []
    for chunk in chunks(text):
        first, last = chunk.tokens[0].line - 1, chunk.tokens[-1].line - 1
        if chunk.first == "group" and chunk.tokens[-1].kind == "OPEN":
            opened.append(first)
        elif chunk.first == "}":
            if opened:
                yield opened.pop(), last - 1, _REGION  # the brace stays in sight
        else:
            yield first, last, _REGION


def _comments(text: str) -> Iterator[Lines]:
    start: int | None = None
    lines = text.split("\n")
    for number, line in enumerate((*lines, "")):
        is_comment = line.lstrip().startswith("#")
        if is_comment and start is None:
            start = number
        elif not is_comment and start is not None:
            yield start, number - 1, _COMMENT
            start = None
