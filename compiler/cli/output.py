"""`--format` and `--json`, the same on every command that reports on policies, and the printing that follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import click

from ..formats import FORMATS, FileResult, Format, render


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
