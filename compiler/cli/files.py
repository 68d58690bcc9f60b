"""Which policies a command is asked about: files, folders, standard input."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from ..resolve.imports import SUFFIX

POLICY_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
STANDARD_INPUT = Path("-")
STDIN_NAME = "<stdin>"


def files_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `FILE...`: files, folders for every policy below them, or `-` alone for standard input."""
    kind = click.Path(exists=True, allow_dash=True, path_type=Path)
    kind.name = "file"  # so that messages say what is asked for
    return click.argument("files", nargs=-1, required=True, type=kind, metavar="FILE...", callback=_files)(command)


def _files(ctx: click.Context, param: click.Parameter, given: tuple[Path, ...]) -> tuple[Path, ...]:
    if STANDARD_INPUT in given and len(given) > 1:
        raise click.UsageError("`-` is standard input and stands alone")
    found: list[Path] = []
    for path in given:
        if path == STANDARD_INPUT or not path.is_dir():
            found.append(path)
            continue
        below = sorted(_below(path))
        if not below:
            raise click.BadParameter(f"there is no *{SUFFIX} file in the folder {path}")
        found += below
    return tuple(found)


def _below(folder: Path) -> Iterator[Path]:
    """The policies in a folder and its folders, without hidden ones: no `.git`, no `.venv`."""
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(here, name) for name in names if name.endswith(SUFFIX) and not name.startswith("."))
