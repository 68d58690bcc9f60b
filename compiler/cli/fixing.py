"""`proscribe check --fix`: write the fixes that are certain, or show them with `--diff`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from ..messages.diagnostics import Diagnostic
from ..syntax.nodes import SourceFile
from .exits import EnvironmentFault
from .files import STANDARD_INPUT

Check = Callable[[SourceFile], Iterable[Diagnostic]]


def fix_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--fix` and `--diff`."""
    diff = click.option("--diff", is_flag=True, help="Show what --fix would write, and write nothing.")
    return click.option("--fix", is_flag=True, help="Write the fixes that are certain, then check.")(diff(command))


def fix_files(files: Sequence[Path], *, only_show: bool, faults: Check | None = None) -> None:
    """Fix each file; what was changed goes to standard error, a diff to standard output.

    `faults` finds what is to be fixed: without it, what `check` does.
    """
    from ..pipeline import compile_source
    from ..syntax import fixes

    def of_check(source: SourceFile) -> Iterable[Diagnostic]:
        return compile_source(source)[2]

    if STANDARD_INPUT in files:
        raise click.UsageError("--fix and --diff are for files; `-` is standard input")
    for path in files:
        try:
            before = path.read_bytes()
            fixed = fixes.run(str(path), before, faults or of_check)
            if only_show:
                click.echo(fixes.diff(str(path), before, fixed.data), nl=False)
            elif fixed.changes:
                fixes.write(path, fixed.data)
                click.echo("\n".join(map(str, fixed.changes)), err=True)
        except OSError as fault:
            raise EnvironmentFault(f"{path} cannot be fixed: {fault.strerror}") from fault
