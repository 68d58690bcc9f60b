"""The fixes that messages carry, written into a file; of those that overlap, one."""

from __future__ import annotations

import difflib
import os
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ..messages.diagnostics import Diagnostic, Fix, Span
from .nodes import SourceFile
from .parse import source_of

MAX_ROUNDS = 100  # a fixed fault may uncover the next one of its statement, a fixed name its next use
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")

Check = Callable[[SourceFile], Iterable[Diagnostic]]


@dataclass(frozen=True, slots=True)
class Change:
    """One fix that was made: the message it answers, and the words before and after."""

    diagnostic: Diagnostic
    before: str
    after: str

    def __str__(self) -> str:
        said = f"`{self.before}` is now `{self.after}`"
        if not self.before:
            said = f"`{self.after.strip()}` is added"
        elif not self.after:
            said = f"`{self.before}` is deleted"
        return f"{self.diagnostic.span}: fixed[{self.diagnostic.code}]: {said}"


@dataclass(frozen=True, slots=True)
class Fixed:
    """A file after all its fixes; `data` is what it had where nothing could be fixed."""

    data: bytes
    changes: tuple[Change, ...]


def run(path: str, data: bytes, check: Check) -> Fixed:
    """Fix a file again and again until no certain fix is left; `check` finds its faults.

    Bytes that are not UTF-8 are left alone: a rewrite would lose them.
    """
    changes: list[Change] = []
    for _ in range(MAX_ROUNDS):
        source = source_of(path, data)
        chosen = choose(check(source), path)
        if not chosen or not _is_utf8(data):
            break
        changes += [Change(d, _text_at(source, d.fix.span), d.fix.replacement) for d in chosen if d.fix]
        data = apply(data, source, [d.fix for d in chosen if d.fix])
    return Fixed(data, tuple(changes))


def choose(found: Iterable[Diagnostic], path: str) -> tuple[Diagnostic, ...]:
    """The messages whose fixes can be made together in one file, in its order; of two that overlap, the first."""
    chosen: list[Diagnostic] = []
    with_fix = [d for d in found if d.fix is not None and d.fix.span.file == path]
    for diagnostic in sorted(with_fix, key=lambda d: _edges(d.fix)):
        start, end = _edges(diagnostic.fix)
        if not chosen or (start >= _edges(chosen[-1].fix)[1] and (start, end) != _edges(chosen[-1].fix)):
            chosen.append(diagnostic)
    return tuple(chosen)


def apply(data: bytes, source: SourceFile, fixes: Iterable[Fix]) -> bytes:
    """The file with `fixes` made; every line that no fix touches keeps its bytes, line end and byte order mark."""
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    raw = [m[0] for m in _LINE.finditer(data[len(mark) :].decode("utf-8"))]
    line_end = next((end for line in raw if (end := line[len(line.rstrip("\r\n")) :])), "\n")
    for fix in sorted(fixes, key=_edges, reverse=True):
        span = fix.span
        first, last = _normal(raw[span.line - 1]), _normal(raw[span.end_line - 1])
        end = raw[span.end_line - 1][len(raw[span.end_line - 1].rstrip("\r\n")) :]
        text = first[: span.column - 1] + fix.replacement + last[span.end_column - 1 :]
        text = text.replace("\n", line_end)
        raw[span.line - 1 : span.end_line] = [text + end]
    return mark + "".join(raw).encode("utf-8")


def diff(path: str, before: bytes, after: bytes) -> str:
    """What fixes change, as a unified diff."""
    old, new = (data.decode("utf-8-sig", errors="replace").splitlines(keepends=True) for data in (before, after))
    lines = difflib.unified_diff(old, new, path, f"{path} (fixed)")
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def write(path: Path, data: bytes) -> None:
    """Put `data` into a file in one step, so that nobody ever reads half of it; its mode stays."""
    target = path.resolve()
    number, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(number, "wb") as aside:
            aside.write(data)
        os.chmod(name, target.stat().st_mode & 0o7777)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _edges(fix: Fix | None) -> tuple[tuple[int, int], tuple[int, int]]:
    assert fix is not None
    span = fix.span
    return (span.line, span.column), (span.end_line, span.end_column)


def _normal(line: str) -> str:
    """A line as `source_of` reads it, so that columns mean the same."""
    return unicodedata.normalize("NFC", line.rstrip("\r\n"))


def _text_at(source: SourceFile, span: Span) -> str:
    if span.line == span.end_line:
        return source.line(span.line)[span.column - 1 : span.end_column - 1]
    lines = [source.line(number) for number in range(span.line, span.end_line + 1)]
    lines[0], lines[-1] = lines[0][span.column - 1 :], lines[-1][: span.end_column - 1]
    return "\n".join(lines)
