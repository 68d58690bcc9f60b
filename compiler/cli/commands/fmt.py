"""`proscribe fmt`: lay policies out in the one way there is."""

from __future__ import annotations

import difflib
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from ...formats import FileResult
from ...messages.diagnostics import Diagnostics
from ...syntax import format as layout
from ...syntax.fixes import write
from ...syntax.nodes import SourceFile
from ...syntax.parse import source_of
from ..exits import EnvironmentFault, PolicyError
from ..files import STANDARD_INPUT, STDIN_NAME, files_argument
from ..output import emit


@dataclass(frozen=True, slots=True)
class Formatted:
    """A file before and after; `after` is None where it cannot be parsed, and `found` says why."""

    source: SourceFile
    before: bytes
    after: bytes | None
    found: Diagnostics

    @property
    def changes(self) -> bool:
        """Whether it is laid out otherwise than `fmt` does."""
        return self.after is not None and self.after != self.before


@click.command()
@files_argument
@click.option("--check", is_flag=True, help="Write nothing; exit 1 and name the files that would change.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
@click.option("--quiet", "-q", is_flag=True, help="Do not say which files were written.")
def fmt(files: tuple[Path, ...], check: bool, diff: bool, quiet: bool) -> None:
    """Lay out each policy FILE, comments kept and meaning untouched; `-` reads standard input and prints.

    A folder stands for every policy below it. A file that cannot be parsed is left as it is, and the exit code is 1.
    """
    results = [formatted(STDIN_NAME if path == STANDARD_INPUT else str(path), _read(path)) for path in files]
    refused = [result for result in results if result.after is None]
    if refused:
        said = "cannot be parsed: it is left as it is"
        emit(
            [FileResult(r.source, r.found.sorted(), False, f"{r.source.path} {said}") for r in refused],
            "text",
            command="fmt",
            err=True,
        )
    changed = [result for result in results if result.changes]
    for path, result in zip(files, results, strict=True):
        if diff and result.changes:
            click.echo(difference(result), nl=False)
        elif path == STANDARD_INPUT and not (diff or check) and result.after is not None:
            click.echo(result.after, nl=False)
        elif result.changes and result.after is not None and not (diff or check):
            _write(path, result.after)
        if result.changes and not quiet and path != STANDARD_INPUT:
            click.echo(f"{path} {'would change' if check or diff else 'is laid out'}", err=True)
    if refused or (check and changed):
        raise PolicyError


def formatted(name: str, data: bytes) -> Formatted:
    """A file laid out; its line ends stay what they are, a byte order mark goes."""
    source, found = source_of(name, data), Diagnostics()
    text = layout.run(source, found)
    if text is not None and b"\r\n" in data:
        text = text.replace("\n", "\r\n")
    return Formatted(source, data, None if text is None else text.encode("utf-8"), found)


def difference(result: Formatted) -> str:
    """What `fmt` changes, as a unified diff."""
    old, new = (_lines(data or b"") for data in (result.before, result.after))
    name = result.source.path
    lines = difflib.unified_diff(old, new, name, f"{name} (laid out)")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").splitlines(keepends=True)


def _read(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == STANDARD_INPUT else path.read_bytes()
    except OSError as fault:
        raise EnvironmentFault(f"{path} cannot be read: {fault.strerror}") from fault


def _write(path: Path, data: bytes) -> None:
    try:
        write(path, data)
    except OSError as fault:
        raise EnvironmentFault(f"{path} cannot be written: {fault.strerror}") from fault
