"""How messages are read and answered where pygls leaves a client waiting, and where the open texts are kept.

Errors and their codes: https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cattrs import transform_error
from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol, lsp_method

from .text import Text

if TYPE_CHECKING:
    from .server import Server

# Of what an editor can do, all that is asked for: the rest need not be well-formed.
_ASKED_FOR = (
    ("general", "positionEncodings"),
    ("workspace", "workspaceEdit", "documentChanges"),
    ("workspace", "didChangeWatchedFiles", "dynamicRegistration"),
    ("textDocument", "rename", "prepareSupport"),
    ("textDocument", "codeAction", "resolveSupport"),
)
_ANSWERED = object()


class Protocol(LanguageServerProtocol):
    """pygls's own, but for the texts: ours know the line ends and the units of the protocol."""

    _server: Server

    def structure_message(self, data: dict[str, Any]) -> Any:
        """As pygls does, but a request that cannot be read is answered, for somebody waits for it."""
        method = data.get("method")
        if "jsonrpc" not in data or not isinstance(method, str):
            is_bare_answer = "jsonrpc" in data and "id" in data and "error" not in data
            return super().structure_message({"result": None, **data} if is_bare_answer else data)
        if self.get_message_type(method) is None:
            data = {**data, "params": data.get("params")}  # may be left out; pygls wants them
        try:
            return self._structured(data, method)
        except JsonRpcException as fault:
            if "id" not in data:
                raise
            if method in self.fm.features or method in self.fm.builtin_features:
                why = "; ".join(transform_error(fault.__cause__)) if fault.__cause__ else ""
                self.refuse(data["id"], JsonRpcInvalidParams(f"these parameters cannot be read: {why}"))
            else:
                self.refuse(data["id"], JsonRpcMethodNotFound.of(method))
            return _ANSWERED

    def _structured(self, data: dict[str, Any], method: str) -> Any:
        try:
            return super().structure_message(data)
        except JsonRpcException:
            params = data.get("params")
            if method != types.INITIALIZE or not isinstance(params, dict):
                raise
            known = {name: params.get(name) for name in ("processId", "rootUri", "workspaceFolders")}
            asked = {**known, "capabilities": _pruned(params.get("capabilities"))}
            return super().structure_message({**data, "params": asked})

    def handle_message(self, message: Any) -> None:
        """As pygls does, but a request out of turn is answered too."""
        if message is _ANSWERED:
            return
        if not hasattr(message, "jsonrpc"):
            waiting = message.get("id") if isinstance(message, dict) else None
            self.refuse(waiting, JsonRpcInvalidRequest("this is no message of JSON-RPC 2.0"))
            return
        method = getattr(message, "method", None)
        if method is not None and method != types.EXIT:
            fault = self._out_of_turn(method)
            if fault is not None:
                if hasattr(message, "id"):
                    self.refuse(message.id, fault)
                return
        super().handle_message(message)

    def _out_of_turn(self, method: str) -> JsonRpcException | None:
        if self._shutdown:
            return JsonRpcInvalidRequest("the server was shut down: only `exit` may follow")
        if self._workspace is None and method != types.INITIALIZE:
            return JsonRpcServerNotInitialized("the first request must be `initialize`")
        if self._workspace is not None and method == types.INITIALIZE:
            return JsonRpcInvalidRequest("the server is initialized already")
        return None

    def refuse(self, message_id: Any, fault: JsonRpcException) -> None:
        """Answer with an error; what cannot be read far enough to have an id is answered with none."""
        self._send_data({"jsonrpc": self.VERSION, "id": message_id, "error": fault.to_response_error()})

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        document, server = params.text_document, self._server
        server.forget_published(document.uri)
        server.known.put(document.uri, Text.of(document.text, server.known.encoding), document.version)
        server.check_soon()

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        changes = [(getattr(change, "range", None), change.text) for change in params.content_changes]
        self._server.known.change(params.text_document.uri, changes, params.text_document.version)
        self._server.check_soon()

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        self._server.known.close(params.text_document.uri)
        self._server.check_soon()

    @lsp_method(types.TEXT_DOCUMENT_DID_SAVE)
    def lsp_text_document__did_save(self, params: types.DidSaveTextDocumentParams) -> None:
        self._server.check_all_again()

    @lsp_method(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def lsp_workspace__did_change_watched_files(self, params: types.DidChangeWatchedFilesParams) -> None:
        self._server.check_all_again()


def _pruned(capabilities: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for *path, last in _ASKED_FOR:
        at, there = found, capabilities
        for name in path:
            there = there.get(name) if isinstance(there, dict) else None
        if isinstance(there, dict) and last in there:
            for name in path:
                at = at.setdefault(name, {})
            at[last] = there[last]
    return found
