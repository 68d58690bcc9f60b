"""`proscribe fmt` in the editor: only the lines that change are sent, so that the cursor stays where it is."""

from __future__ import annotations

from difflib import SequenceMatcher

from lsprotocol import types

from ..diagnostics import Diagnostics
from ..syntax import format as layout
from .text import Text
from .workspace import Workspace

_BOM = "\ufeff"


def run(workspace: Workspace, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
    """The edits that make a file look as `fmt` writes it; none where it cannot be parsed, its messages say why."""
    document = workspace.documents.get(params.text_document.uri)
    if document is None:
        return None
    wanted = layout.run(document.text.source(document.path), Diagnostics())
    return None if wanted is None else edits(document.text, wanted)


def edits(text: Text, wanted: str) -> list[types.TextEdit]:
    """Whole lines to replace; the file keeps its line ends and its byte order mark."""
    raw = text.raw
    if "\r\n" in raw:
        wanted = wanted.replace("\n", "\r\n")
    if raw.startswith(_BOM):
        wanted = _BOM + wanted
    before, after = raw.splitlines(keepends=True), wanted.splitlines(keepends=True)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    found = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            place = types.Range(text.position(starts[a]), text.position(starts[b]))
            found.append(types.TextEdit(place, "".join(after[c:d])))
    return found
