"""Fixes and layout in the editor are those of the commands: `check --fix` and `fmt`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from proscribe.compiler.lsp.features import formatting
from proscribe.compiler.lsp.text import Text
from proscribe.compiler.lsp.workspace import Workspace
from proscribe.compiler.messages.diagnostics import Diagnostics
from proscribe.compiler.pipeline import analyse
from proscribe.compiler.syntax import fixes
from proscribe.compiler.syntax import format as layout
from proscribe.compiler.syntax.parse import source_of

sys.path.insert(0, str(Path(__file__).parent))
from lsp_editor import Editor, position
from test_features import applied
from test_server import large_policy

CASES = Path(__file__).parents[1] / "cases"
WHOLE = {"start": position(0, 0), "end": position(9999, 0)}
UNTIDY = """policy   "p" edition 2026
concept  a   as "an a"
concept bb as   "a bb"

# Why.
forbid a -r->   bb   because "x"   # behind
    severity   high
relation   r; relation s
allow bb  -s->  a
"""


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    with Editor() as editor:
        yield editor


def actions(editor: Editor, uri: str, only: str) -> list[dict[str, Any]]:
    context = {"diagnostics": [], "only": [only]}
    found: list[dict[str, Any]] = editor.request(
        "textDocument/codeAction", textDocument={"uri": uri}, range=WHOLE, context=context
    )
    return found


@pytest.mark.parametrize(
    "name",
    [
        "P015-missing-arrow",
        "P015-fat-arrow",
        "P017-quoted-name",
        "P017-every",
        "P018-use-without-quotes",
        "P019-require-with-swapped-sign",
        "P022-full-width-star",
        "P023-comma-before-a-clause",
        "many-copied-from-a-word-processor",
        "many-each-statement-one",
        "many-in-a-group",
    ],
)
def test_all_fixes_are_what_check_fix_writes(editor: Editor, name: str) -> None:
    """Also where one fix uncovers the next; and so are the single ones, made one after another."""
    path = CASES / f"{name}.policy"
    text, uri = path.read_bytes().decode(), path.as_uri()
    fixed = fixes.run(str(path), text.encode(), lambda source: analyse(source).diagnostics).data.decode()
    assert fixed != text
    editor.open(uri, text)
    (whole,) = actions(editor, uri, "source.fixAll")
    assert applied(text, whole["edit"]["changes"][uri]) == fixed
    now = text
    while single := actions(editor, uri, "quickfix"):
        now = applied(now, single[0]["edit"]["changes"][uri])
        editor.change(uri, {"text": now})
    assert now == fixed
    editor.close(uri)


def test_an_editor_that_can_wait_gets_the_edit_when_it_asks() -> None:
    able = {"textDocument": {"codeAction": {"resolveSupport": {"properties": ["edit"]}}}}
    path = CASES / "many-in-a-group.policy"
    text, uri = path.read_bytes().decode(), path.as_uri()
    with Editor(capabilities=able) as editor:
        editor.open(uri, text)
        (whole,) = actions(editor, uri, "source.fixAll")
        assert "edit" not in whole
        assert editor.server["capabilities"]["codeActionProvider"]["resolveProvider"] is True
        assert editor.request("codeAction/resolve", **whole)["edit"]["changes"][uri]
        gone = {**whole, "data": "file:///nowhere.policy"}
        assert "edit" not in editor.request("codeAction/resolve", **gone)


def formatted(editor: Editor, uri: str, first: int, last: int) -> str:
    between = {"start": position(first, 3), "end": position(last, 0)}
    options = {"tabSize": 4, "insertSpaces": True}
    edits = editor.request("textDocument/rangeFormatting", textDocument={"uri": uri}, range=between, options=options)
    return applied(UNTIDY, edits)


def test_a_range_is_laid_out_and_nothing_else(editor: Editor, tmp_path: Path) -> None:
    uri = (tmp_path / "p.policy").as_uri()
    editor.open(uri, UNTIDY)
    tidy = layout.run(source_of("p.policy", UNTIDY.encode()), Diagnostics())
    assert tidy is not None
    before = UNTIDY.split("\n")
    assert formatted(editor, uri, 0, 1).split("\n") == [tidy.split("\n")[0], *before[1:]]
    rule = formatted(editor, uri, 6, 7)
    assert "\n    severity high\n" in rule or '\n        because "x"' in rule
    assert rule.startswith(UNTIDY[: UNTIDY.index("forbid")])
    assert rule.endswith(UNTIDY[UNTIDY.index("relation ") :])
    assert formatted(editor, uri, 3, 4) == UNTIDY
    assert formatted(editor, uri, 0, 9) == tidy
    editor.change(uri, {"text": "forbid =>"})
    options = {"tabSize": 4, "insertSpaces": True}
    asked = {"textDocument": {"uri": uri}, "range": WHOLE, "options": options}
    assert editor.request("textDocument/rangeFormatting", **asked) is None


def test_laying_out_thousands_of_rules_stays_linear() -> None:
    """The edits may not cost more than the layout itself: lines that stand there often once made it minutes."""
    text = large_policy(2000).replace("    because", "  because").replace("severity high", "severity   high")
    source = source_of("/p.policy", text.encode())
    started = time.process_time()
    tidy = layout.run(source, Diagnostics())
    limit = 2 * (time.process_time() - started) + 0.5
    workspace, uri = Workspace(), "file:///p.policy"
    workspace.put(uri, Text.of(text), 1)
    options = types.FormattingOptions(4, True)
    started = time.process_time()
    edits = formatting.run(workspace, types.DocumentFormattingParams(types.TextDocumentIdentifier(uri), options))
    assert time.process_time() - started < limit
    assert edits is not None
    assert tidy is not None
    assert formatting.applied(text, formatting.changes(text, tidy)) == tidy
