"""A policy on disk, or as it was at a revision: `HEAD~1:policies/minors.policy`."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import click

from ..pipeline import Analysis, analyse
from ..resolve.imports import Reader, from_disk, is_library
from ..syntax.parse import source_of
from .commands.check import analysed


@dataclass(frozen=True, slots=True)
class Version:
    """A policy as it is or was: `shown` is how it was asked for; `on_disk` where its places can be opened."""

    shown: str
    found: Analysis
    on_disk: bool


def version(text: str) -> Version:
    """The policy that `FILE` or `REV:FILE` names. click's usage fault where there is none."""
    if Path(text).is_file():
        return Version(text, analysed(Path(text)), True)
    revision, colon, path = text.partition(":")
    if not colon or not revision or not path or revision.startswith("-"):
        raise click.BadParameter(f"there is no file {text!r}; a revision of one is written HEAD~1:{text or 'FILE'}")
    try:
        read, data = _opened(revision, path)
    except OSError as fault:
        raise click.BadParameter(f"{text!r}: {fault}") from fault
    return Version(text, analyse(source_of(path, data), reader=read), False)


def _opened(revision: str, path: str) -> tuple[Reader, bytes]:
    """A file's bytes and the reader for what it uses: by its path in the repository as git does, else from here."""
    from_here = _reader(revision, "./")
    if path.startswith(("./", "../")):
        return from_here, from_here(path)
    from_top = _reader(revision, "")
    try:
        return from_top, from_top(path)
    except OSError as fault:
        with suppress(OSError):
            return from_here, from_here(path)
        raise fault


def _reader(revision: str, prefix: str) -> Reader:
    """Reads files as they were: by their path in the repository, or with the prefix `./` by their path from here.

    The standard library is the installed one: a policy's meaning at a revision is what this proscribe makes of it.
    """

    def read(path: str) -> bytes:
        if is_library(path):
            return from_disk(path)
        try:
            command = ["git", "show", f"{revision}:{prefix}{Path(path).as_posix()}"]
            done = subprocess.run(command, capture_output=True, check=False)
        except FileNotFoundError as missing:
            raise OSError("git is not installed") from missing
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
            raise FileNotFoundError(said or f"git shows no {path} at {revision}")
        return done.stdout

    return read
