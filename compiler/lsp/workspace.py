"""The open files and what is known of each: an analysis is kept until a text changes that it was made from."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path, urlparse

from ..messages.diagnostics import Span
from ..pipeline import Analysis, analyse
from ..resolve.imports import Program, target
from ..syntax.nodes import Policy, SourceFile, Use
from .text import Text


@dataclass(frozen=True, slots=True)
class Document:
    """A file as the editor has it, saved or not."""

    uri: str
    path: str
    text: Text
    version: int | None = None


@dataclass(slots=True)
class Workspace:
    """All that the server remembers; `encoding` are the units of columns that the editor agreed to."""

    encoding: types.PositionEncodingKind | str | None = None
    capabilities: types.ClientCapabilities = field(default_factory=types.ClientCapabilities)
    documents: dict[str, Document] = field(default_factory=dict)
    _analyses: dict[str, tuple[Analysis, frozenset[str]]] = field(default_factory=dict)
    _saved: dict[str, tuple[SourceFile, Text]] = field(default_factory=dict)

    def put(self, uri: str, text: Text, version: int | None) -> None:
        """A file is opened, or changed."""
        document = Document(uri, path_of(uri), text, version)
        self.documents[uri] = document
        self.forget(document.path)

    def change(self, uri: str, changes: list[tuple[types.Range | None, str]], version: int | None) -> None:
        """Edit a file; one that was never opened is left alone."""
        document = self.documents.get(uri)
        if document is None:
            return
        text = document.text
        for place, new in changes:
            text = text.changed(place, new)
        self.put(uri, text, version)

    def close(self, uri: str) -> None:
        """A file is closed: from now on the disk's text counts."""
        document = self.documents.pop(uri, None)
        if document is not None:
            self._analyses.pop(uri, None)
            self.forget(document.path)

    def forget(self, path: str | None = None) -> None:
        """Drop what was found with the text of a file, or everything."""
        stale = [uri for uri, (_, paths) in self._analyses.items() if path is None or path in paths]
        for uri in stale:
            del self._analyses[uri]

    def is_known(self, uri: str) -> bool:
        """Whether what was found in an open file still holds."""
        return uri in self._analyses

    def analysis(self, uri: str) -> Analysis | None:
        """What is known of an open file."""
        if uri in self._analyses:
            return self._analyses[uri][0]
        document = self.documents.get(uri)
        if document is None:
            return None
        found = analyse(document.text.source(document.path), self.overlay(uri))
        paths = frozenset({document.path, *_paths(found.program)})
        self._analyses[uri] = (found, paths)
        return found

    def overlay(self, uri: str) -> dict[str, str]:
        """The texts of all other open files by path: they count before the disk's."""
        return {other.path: other.text.raw for other in self.documents.values() if other.uri != uri}

    def analyses(self) -> Iterator[Analysis]:
        """What is known of every open file."""
        for uri in tuple(self.documents):
            found = self.analysis(uri)
            if found is not None:
                yield found

    def open_at(self, path: str) -> Document | None:
        """The open file with a path."""
        return next((d for d in self.documents.values() if d.path == os.path.abspath(path)), None)

    def uri(self, path: str) -> str:
        """The editor's name of a file."""
        document = self.open_at(path)
        return document.uri if document else from_fs_path(os.path.abspath(path)) or path

    def text(self, source: SourceFile) -> Text:
        """The raw text of a file that was read: the editor's, or else the disk's."""
        document = self.open_at(source.path)
        if document is not None:
            return document.text
        known = self._saved.get(source.path)
        if known is None or known[0] is not source:
            known = self._saved[source.path] = (source, self._on_disk(source))
        return known[1]

    def location(self, span: Span, analysis: Analysis) -> types.Location:
        """A place for the editor."""
        return types.Location(self.uri(span.file), self.text(analysis.sources[span.file]).range(span))

    def _on_disk(self, source: SourceFile) -> Text:
        if source.text.isascii():  # a BOM and line ends of two characters leave all columns as they are
            return Text.of(source.text, self.encoding)
        try:
            with open(source.path, "rb") as file:
                raw = file.read().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            raw = source.text
        same = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n")) == source.text
        return Text.of(raw if same else source.text, self.encoding)


def path_of(uri: str) -> str:
    """The path of a file's uri; what is not saved anywhere counts as lying in the working folder."""
    path = to_fs_path(uri) or urlparse(uri)[2].lstrip("/") or "untitled"
    if os.sep == "/" and path.startswith("//"):  # `file://localhost/a` and `file:////a` are `/a`
        path = "/" + path.lstrip("/").removeprefix("localhost/")
    return os.path.abspath(path)


def policies(program: Program) -> tuple[Policy, ...]:
    """A policy and all that it uses."""
    return (program.policy, *program.used)


def _paths(program: Program) -> Iterator[str]:
    """The files that a policy stands on, those that are missing too: they may come."""
    for policy in policies(program):
        for statement in policy.statements:
            if isinstance(statement, Use):
                yield os.path.abspath(target(statement.path.text, policy.source.path))
