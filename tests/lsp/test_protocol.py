"""Messages out of turn, out of shape and out of reach: each request is answered, with the protocol's own codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from lsp_editor import PATIENCE_SECONDS, Editor

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, NOT_INITIALIZED = -32700, -32600, -32601, -32602, -32002

AGAIN = {"id": 907, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}}


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    with Editor() as editor:
        yield editor


def answer(editor: Editor, message: bytes | dict[str, Any]) -> dict[str, Any]:
    """What comes back; a pop-up in the place of an answer is a fault."""
    body = message if isinstance(message, bytes) else json.dumps({"jsonrpc": "2.0", **message}).encode()
    editor.send_raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    found = editor.receive()
    assert "method" not in found, found
    return found


@pytest.mark.parametrize(
    ("message", "code", "number"),
    [
        (b"{nonsense", PARSE_ERROR, None),
        (b"\xff\xfe{}", PARSE_ERROR, None),
        (b"[]", INVALID_REQUEST, None),
        (b"null", INVALID_REQUEST, None),
        (b'{"id": 901, "method": "shutdown"}', INVALID_REQUEST, 901),
        ({"id": 902, "method": "proscribe/nothing"}, METHOD_NOT_FOUND, 902),
        ({"id": 903, "method": "proscribe/nothing", "params": {}}, METHOD_NOT_FOUND, 903),
        ({"id": "904", "method": "textDocument/hover", "params": {}}, INVALID_PARAMS, "904"),
        ({"id": 905, "method": "textDocument/documentSymbol", "params": [1]}, INVALID_PARAMS, 905),
        ({"id": 906, "method": "textDocument/hover"}, INVALID_PARAMS, 906),
        ({"id": 908, "method": "textDocument/selectionRange", "params": {}}, METHOD_NOT_FOUND, 908),
        (AGAIN, INVALID_REQUEST, 907),
    ],
)
def test_what_cannot_be_done_is_answered(
    editor: Editor, message: bytes | dict[str, Any], code: int, number: object
) -> None:
    found = answer(editor, message)
    assert (found["error"]["code"], found["id"]) == (code, number)
    assert editor.shown == []


def test_unreadable_parameters_are_named(editor: Editor) -> None:
    params = {"textDocument": {"uri": "file:///p"}}
    found = answer(editor, {"id": 910, "method": "textDocument/hover", "params": params})
    assert "position" in found["error"]["message"]


def test_answers_without_a_result_are_taken(editor: Editor) -> None:
    editor.send({"id": "nobody asked"})
    editor.settle()
    assert editor.shown == []


def test_the_first_request_must_be_initialize_and_after_shutdown_comes_exit() -> None:
    editor = Editor()
    hover = {"method": "textDocument/hover", "params": {"textDocument": {"uri": "a"}, "position": {}}}
    asked = {"method": "textDocument/documentSymbol", "params": {"textDocument": {"uri": "a"}}}
    assert answer(editor, {"id": 1, **asked})["error"]["code"] == NOT_INITIALIZED
    editor.notify("textDocument/didClose", textDocument={"uri": "a"})  # is dropped
    editor.__enter__()
    editor.request("shutdown")
    assert answer(editor, {"id": 2, **asked})["error"]["code"] == INVALID_REQUEST
    assert answer(editor, {"id": 3, **hover})["error"]["code"] == INVALID_PARAMS
    editor.notify("exit")
    assert editor.process.wait(PATIENCE_SECONDS) == 0
    editor.__exit__(None, None, None)


def test_capabilities_that_cannot_be_read_are_no_reason_to_refuse(tmp_path: Path) -> None:
    """What an editor says beside what is asked for need not be well-formed."""
    odd = {
        "general": {"positionEncodings": ["utf-8"], "markdown": 7},
        "textDocument": {"semanticTokens": {}, "publishDiagnostics": {"tagSupport": True}},
        "workspace": {"workspaceEdit": {"documentChanges": True, "failureHandling": "what?"}},
    }
    uri = (tmp_path / "p.policy").as_uri()
    with Editor(capabilities=odd) as editor:
        assert editor.server["capabilities"]["positionEncoding"] == "utf-8"
        editor.open(uri, "# é\nforbid a -b-> c")
        assert "documentChanges" in editor.ask("rename", uri, 1, 7, newName="d")


def test_other_spellings_of_a_local_file(editor: Editor, tmp_path: Path) -> None:
    (tmp_path / "people.policy").write_text("concept child\n")
    text = 'policy "p" edition 2026\nuse "people"\nconcept w; relation r\nforbid child -r-> w\n'
    for start in ("file://localhost", "file://"):
        uri = f"{start}{'' if 'local' in start else '/'}{tmp_path}/p.policy"
        assert editor.open(uri, text) == []
        assert editor.ask("definition", uri, 1, 6)["uri"] == (tmp_path / "people.policy").as_uri()
        editor.close(uri)
