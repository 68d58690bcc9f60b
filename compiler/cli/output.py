"""`--format` and `--json`, the same on every command that reports on policies, and the printing that follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import click

from ..formats import FORMATS, FileResult, Format, render
from ..messages.catalogue import CODES
from .files import STDIN_NAME


def formats_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--format` and its old spelling `--json`; the command gets `format`. The last one given wins."""
    what = "Text, or JSON, SARIF 2.1.0 or GitHub annotations for machines."
    as_json = click.option("--json", "format", flag_value="json", help="The same as --format json.")
    choice = click.option("--format", "format", type=click.Choice(FORMATS), default="text", help=what)
    return choice(as_json(command))


def emit(results: Sequence[FileResult], format: str, *, command: str, quiet: bool = False, err: bool = False) -> None:
    """Print what was found; colours only where a terminal reads them."""
    said = render(cast(Format, format), results, command=command, quiet=quiet, colour=format == "text")
    click.echo(said, nl=False, err=err)
    if format == "text" and not quiet:
        further = pointer(results, command)
        if further:
            click.echo(further, err=True)


def pointer(results: Sequence[FileResult], command: str) -> str:
    """Where to read more about the gravest message, and how many of them `--fix` would answer; notes need nothing."""
    found = [d for result in results for d in result.diagnostics if d.severity != "note"]
    worst = next((d for d in found if d.severity == "error"), None)
    in_files = all(result.source.path != STDIN_NAME for result in results)
    fixable = sum(d.fix is not None for d in found) if command == "check" and in_files else 0
    said = [f"`proscribe explain {worst.code}` says more"] if worst and worst.code in CODES else []
    if fixable:
        said.append(f"`proscribe check --fix` writes {'the fix' if fixable == 1 else f'{fixable:,} fixes'}")
    return "; ".join(said)
