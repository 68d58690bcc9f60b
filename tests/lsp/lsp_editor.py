"""An editor of the tests' own: the real server as a subprocess, JSON-RPC over its standard input and output."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

SERVER = (sys.executable, "-m", "proscribe.compiler.cli.main", "lsp")
PATIENCE_SECONDS = 240.0  # a busy machine is no fault: at a load of 30 the server took more than 60 s to start


class Answered(Exception):
    """The server answered a request with an error."""


class Editor:
    """One editor with one server; `with Editor() as editor:` says hello and goodbye."""

    def __init__(self, folder: Path | None = None, *, capabilities: dict[str, Any] | None = None) -> None:
        self.process = subprocess.Popen(
            SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder
        )
        self.capabilities = capabilities or {}
        self.messages: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.published: dict[str, list[dict[str, Any]]] = {}  # all publications of a file, oldest first
        self.shown: list[str] = []
        self.errors: list[bytes] = []
        self.number = 0
        self.versions: dict[str, int] = {}
        self.threads = [threading.Thread(target=t, daemon=True) for t in (self._read, self._read_errors)]
        for thread in self.threads:
            thread.start()

    def __enter__(self) -> Editor:
        self.server = self.request("initialize", processId=os.getpid(), rootUri=None, capabilities=self.capabilities)
        self.notify("initialized")
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, _: TracebackType | None) -> None:
        if kind is None and self.process.poll() is None:
            assert self.leave() == 0
        self.process.kill()
        self.process.wait()
        for thread in self.threads:
            thread.join()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            with suppress(BrokenPipeError):
                pipe.close()

    def leave(self) -> int:
        """Say goodbye; the exit code."""
        self.request("shutdown")
        self.notify("exit")
        return self.process.wait(PATIENCE_SECONDS)

    def send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.send_raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def send_raw(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def notify(self, method: str, **params: Any) -> None:
        self.send({"method": method, "params": params})

    def request(self, method: str, **params: Any) -> Any:
        """Ask, and wait for the answer; messages that come before it are kept."""
        self.number += 1
        wanted = self.number
        asked: dict[str, Any] = {"id": wanted, "method": method}
        self.send({**asked, "params": params} if params else asked)
        while True:
            message = self.receive()
            if message.get("id") == wanted and "method" not in message:
                if "error" in message:
                    raise Answered(message["error"]["message"])
                return message["result"]

    def receive(self, patience: float = PATIENCE_SECONDS) -> dict[str, Any]:
        message = self.messages.get(timeout=patience)
        assert message is not None, f"the server left: {b''.join(self.errors).decode()}"
        if message.get("method") == "textDocument/publishDiagnostics":
            self.published.setdefault(message["params"]["uri"], []).append(message["params"])
        elif message.get("method") == "window/showMessage":
            self.shown.append(message["params"]["message"])
        return message

    def open(self, uri: str, text: str) -> list[dict[str, Any]]:
        """Open a file; what is said of it."""
        self.versions[uri] = 1
        item = {"uri": uri, "languageId": "proscribe", "version": 1, "text": text}
        self.notify("textDocument/didOpen", textDocument=item)
        return self.diagnostics(uri)

    def change(self, uri: str, *changes: dict[str, Any]) -> None:
        self.versions[uri] += 1
        document = {"uri": uri, "version": self.versions[uri]}
        self.notify("textDocument/didChange", textDocument=document, contentChanges=list(changes))

    def close(self, uri: str) -> None:
        del self.versions[uri]
        self.notify("textDocument/didClose", textDocument={"uri": uri})

    def diagnostics(self, uri: str) -> list[dict[str, Any]]:
        """What is said of the newest version of a file."""
        until = time.monotonic() + PATIENCE_SECONDS
        while not (said := self.published.get(uri)) or said[-1].get("version") != self.versions[uri]:
            self.receive(max(0.1, until - time.monotonic()))
        found: list[dict[str, Any]] = said[-1]["diagnostics"]
        return found

    def settle(self) -> None:
        """Wait until all that was sent has been answered for, checks too."""
        time.sleep(0.15)
        self.request("textDocument/hover", textDocument={"uri": "file:///nowhere"}, position=position(0, 0))
        time.sleep(0.15)
        self.request("textDocument/hover", textDocument={"uri": "file:///nowhere"}, position=position(0, 0))

    def ask(self, what: str, uri: str, line: int, character: int, **params: Any) -> Any:
        """A request about a place, which counts from 0."""
        return self.request(
            f"textDocument/{what}", textDocument={"uri": uri}, position=position(line, character), **params
        )

    def _read(self) -> None:
        stdout = self.process.stdout
        assert stdout is not None
        while True:
            length = 0
            while header := stdout.readline().strip():
                if header.lower().startswith(b"content-length:"):
                    length = int(header.partition(b":")[2])
            if not length:
                self.messages.put(None)
                return
            self.messages.put(json.loads(stdout.read(length)))

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        self.errors.extend(self.process.stderr)


def position(line: int, character: int) -> dict[str, int]:
    return {"line": line, "character": character}


def edit(first: tuple[int, int], last: tuple[int, int], text: str) -> dict[str, Any]:
    """An incremental change."""
    return {"range": {"start": position(*first), "end": position(*last)}, "text": text}


def place(text: str, needle: str, number: int = 0, inside: int = 0) -> tuple[int, int]:
    """Where the nth `needle` stands, in the editor's lines and UTF-16 units; `inside` characters further on."""
    at = -1
    for _ in range(number + 1):
        at = text.index(needle, at + 1)
    at += inside
    line = text.count("\n", 0, at)
    start = text.rfind("\n", 0, at) + 1
    return line, len(text[start:at].encode("utf-16-le")) // 2


def marked(text: str, found: dict[str, Any]) -> str:
    """The words that a range covers, by UTF-16 units."""
    lines = text.split("\n")
    start, end = found["start"], found["end"]
    chosen = lines[start["line"] : end["line"] + 1]
    cut = [line.encode("utf-16-le") for line in chosen]
    cut[-1] = cut[-1][: 2 * end["character"]]
    cut[0] = cut[0][2 * start["character"] :]
    return "\n".join(part.decode("utf-16-le") for part in cut)
