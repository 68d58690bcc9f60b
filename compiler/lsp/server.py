"""The language server: which request leads to which feature, and when files are checked again.

Every feature is a function of the workspace and the request's parameters in a file of its own.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcParseError
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

from .features import (
    actions,
    completion,
    definition,
    diagnostics,
    folding,
    formatting,
    hover,
    references,
    rename,
    symbols,
)
from .protocol import Protocol
from .refused import Refused
from .workspace import Workspace

_QUIET_SECONDS = 0.01  # how long no key must be pressed before a check; a burst of edits costs one check
_LONGEST_WAIT_SECONDS = 0.05  # unless checks take longer than this
_WATCHED = types.FileSystemWatcher("**/*.policy")

FEATURES: tuple[tuple[str, Callable[[Workspace, Any], Any], Any], ...] = (
    (types.TEXT_DOCUMENT_HOVER, hover.run, None),
    (types.TEXT_DOCUMENT_DEFINITION, definition.run, None),
    (types.TEXT_DOCUMENT_REFERENCES, references.run, None),
    (types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, references.highlights, None),
    (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, symbols.run, None),
    (types.TEXT_DOCUMENT_COMPLETION, completion.run, types.CompletionOptions(trigger_characters=list('->"/'))),
    (types.TEXT_DOCUMENT_RENAME, rename.run, types.RenameOptions(prepare_provider=True)),
    (types.TEXT_DOCUMENT_PREPARE_RENAME, rename.prepare, None),
    (types.TEXT_DOCUMENT_FORMATTING, formatting.run, None),
    (types.TEXT_DOCUMENT_RANGE_FORMATTING, formatting.in_range, None),
    (types.TEXT_DOCUMENT_CODE_ACTION, actions.run, types.CodeActionOptions(list(actions.KINDS), resolve_provider=True)),
    (types.CODE_ACTION_RESOLVE, actions.resolve, None),
    (types.TEXT_DOCUMENT_FOLDING_RANGE, folding.run, None),
)


class Server(LanguageServer):
    """A server for one editor."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__("proscribe", _version(), protocol_cls=Protocol, converter_factory=default_converter)
        self.known = Workspace()
        self.exit_code = 1  # an editor that leaves without `shutdown` and `exit` has crashed
        self._published: dict[str, tuple[int | None, tuple[types.Diagnostic, ...]]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._asked_at = 0.0
        self._check_seconds = 0.0
        self.feature(types.INITIALIZE)(partial(self._initialize))
        self.feature(types.INITIALIZED)(partial(self._initialized))
        self.feature(types.EXIT)(partial(self._exit))
        for method, feature, options in FEATURES:
            self.feature(method, options)(partial(feature, self.known))

    def check_soon(self) -> None:
        """Check once the typing pauses, or after a short while even if it does not."""
        now = time.monotonic()
        if self._timer is None:
            self._asked_at = now
        else:
            self._timer.cancel()
        slow = self._check_seconds > 3 * _LONGEST_WAIT_SECONDS
        quiet = min(self._check_seconds, 1.0) if slow else _QUIET_SECONDS
        longest = 4 * quiet if slow else _LONGEST_WAIT_SECONDS
        wait = max(0.0, min(quiet, self._asked_at + longest - now))
        self._timer = asyncio.get_running_loop().call_later(wait, self._check)

    def forget_published(self, uri: str) -> None:
        """Say everything of a file again, whatever was said before it was opened."""
        self._published.pop(uri, None)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """As pygls does, but a message that is no JSON is answered, with the id that JSON-RPC wants: none."""
        if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
            self.protocol.refuse(None, JsonRpcParseError(f"this message is no JSON: {error}"))
        else:
            super().report_server_error(error, source)

    def check_all_again(self) -> None:
        """Files may have changed on the disk."""
        self.known.forget()
        self.check_soon()

    def _check(self) -> None:
        self._timer = None
        started = time.monotonic()
        try:
            found = diagnostics.published(self.known)
        except Exception:  # a bug: the editor keeps its server, and the log says why
            logging.getLogger(__name__).exception("the check failed")
            return
        finally:
            self._check_seconds = time.monotonic() - started
        versions = {uri: document.version for uri, document in self.known.documents.items()}
        for uri in self._published.keys() - found.keys():
            del self._published[uri]
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))
        for uri, said in found.items():
            if self._published.get(uri) != (versions.get(uri), said):
                self._published[uri] = (versions.get(uri), said)
                params = types.PublishDiagnosticsParams(uri, list(said), versions.get(uri))
                self.text_document_publish_diagnostics(params)

    def _initialize(self, params: types.InitializeParams) -> None:
        self.known.encoding = self.workspace.position_encoding
        self.known.capabilities = params.capabilities

    def _initialized(self, params: types.InitializedParams) -> None:
        watching = self.known.capabilities.workspace and self.known.capabilities.workspace.did_change_watched_files
        if watching and watching.dynamic_registration:
            options = types.DidChangeWatchedFilesRegistrationOptions([_WATCHED])
            wanted = types.Registration("policies", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            self.client_register_capability(types.RegistrationParams([wanted]))

    def _exit(self, params: Any) -> None:
        self.exit_code = 0 if self.protocol._shutdown else 1


def serve() -> int:
    """Serve one editor on standard input and output until it leaves; the exit code that the protocol asks for."""
    output, sys.stdout = sys.stdout.buffer, sys.stderr  # a stray print would break the talk
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR)
    logging.getLogger("pygls.protocol.json_rpc").addFilter(_is_a_fault)
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))  # pygls would wait for one more line of input
    server = Server()
    gc.collect()
    gc.freeze()
    server.start_io(stdout=output)
    return server.exit_code


def _is_a_fault(record: logging.LogRecord) -> bool:
    """A request that is refused with a reason is no fault of the server."""
    return not (record.exc_info and isinstance(record.exc_info[1], Refused))


def _version() -> str:
    try:
        return version("proscribe")
    except PackageNotFoundError:
        return "0"
