"""`proscribe fmt` in the editor: only the lines that change are sent, so that the cursor stays where it is."""

from __future__ import annotations

from difflib import SequenceMatcher
from importlib.util import find_spec

from lsprotocol import types

from .text import Text
from .workspace import Workspace


def is_here() -> bool:
    """Whether this installation can format."""
    return find_spec("proscribe.compiler.syntax.format") is not None


def run(workspace: Workspace, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
    """The edits that make a file look as `fmt` writes it."""
    from ..syntax import format as formatter

    document = workspace.documents.get(params.text_document.uri)
    if document is None:
        return None
    source = document.text.source(document.path)
    return list(edits(document.text, formatter.run(source)))


def edits(text: Text, wanted: str) -> list[types.TextEdit]:
    """Whole lines to replace."""
    before, after = text.raw.splitlines(keepends=True), wanted.splitlines(keepends=True)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    found = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            place = types.Range(text.position(starts[a]), text.position(starts[b]))
            found.append(types.TextEdit(place, "".join(after[c:d])))
    return found
