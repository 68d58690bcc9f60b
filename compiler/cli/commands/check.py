"""`check`, and what the other commands on policies share with it. Nothing here may import torch."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ...formats import FileResult
from ...graph.derive import Derived
from ...messages.diagnostics import Diagnostic, Severity, Style, listed, near, quote, segments
from ...pipeline import Analysis, analyse, analyse_file
from ...syntax.nodes import SourceFile
from ...syntax.parse import source_of
from ..exits import EnvironmentFault, PolicyError
from ..files import STANDARD_INPUT, STDIN_NAME, files_argument
from ..fixing import fix_files, fix_options
from ..output import emit, formats_option

_STYLES: dict[Style, dict[str, object]] = {
    "": {},
    "bold": {"bold": True},
    "dim": {"dim": True},
    "red": {"fg": "red", "bold": True},
    "yellow": {"fg": "yellow", "bold": True},
    "cyan": {"fg": "cyan"},
    "green": {"fg": "green"},
}
Loaded = tuple[Derived | None, SourceFile, tuple[Diagnostic, ...]]


@click.command()
@files_argument
@formats_option
@click.option("--quiet", "-q", is_flag=True, help="Print errors only.")
@fix_options
def check(files: tuple[Path, ...], format: str, quiet: bool, fix: bool, diff: bool) -> None:
    """Say what is wrong with each policy FILE; exit 1 where one has errors.

    A folder stands for every policy below it, `-` for standard input.
    """
    if diff and format != "text":
        raise click.UsageError("--diff prints a patch, which has no other --format")
    if fix or diff:
        fix_files(files, only_show=diff)
    results = [checked(path) for path in files]
    if not diff:
        emit(results, format, command="check", quiet=quiet)
    if not all(result.ok for result in results):
        raise PolicyError


def joined(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> str:
    """`--rules R1,R2` and `--rules R1 --rules R2` are the same."""
    return ",".join(given)


def wanted_rules(derived: Derived, rules: str) -> tuple[str, ...]:
    """The ids in `--rules R1,R2`, checked against the policy; all of them where the option is empty."""
    known = derived.ids
    wanted = tuple(part.strip().upper() for part in rules.split(",") if part.strip())
    for name in wanted:
        if name not in known:
            guess = near(name, known)
            has = f"it has {listed(known, 'and')}" if known else "it has none"
            hint = f"; did you mean {listed(guess)}?" if guess else ""
            raise click.BadParameter(f"this policy has no forbid rule {quote(name)}; {has}{hint}", param_hint="--rules")
    return wanted or known


def summary(derived: Derived | None, found: tuple[Diagnostic, ...]) -> str:
    """One line: what the policy holds, and how many messages there are.

    >>> from ...pipeline import loads
    >>> summary(*loads('policy "p" edition 2026\\nforbid * -x-> b'))
    '1 error, 2 warnings'
    """
    faults = [_count(sum(d.severity == kind for d in found), kind) for kind in ("error", "warning", "note")]
    errors, *others = faults
    said = [errors if derived is None else "no errors", *(o for o in others if not o.startswith("0 "))]
    if derived is None:
        return ", ".join(said)
    holds = (
        _count(len(derived.rules), "forbid rule"),
        _count(len(derived.allow_rules), "allow rule"),
        _count(derived.forbidden_count, "forbidden cell"),
    )
    return f"{', '.join(holds)}; {', '.join(said)}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def analysed(path: Path) -> Analysis:
    """All that is known of a policy file; `-` is standard input."""
    try:
        if path == STANDARD_INPUT:
            return analyse(source_of(STDIN_NAME, sys.stdin.buffer.read()))
        return analyse_file(path)
    except OSError as fault:
        raise EnvironmentFault(f"{path} cannot be read: {fault.strerror}") from fault


def checked(path: Path) -> FileResult:
    """What `check` finds in one file."""
    return result_of(analysed(path))


def result_of(found: Analysis) -> FileResult:
    """What `check` says of a policy."""
    said = summary(found.derived, found.diagnostics)
    return FileResult(found.source, found.diagnostics, found.derived is not None, said, found.others)


def show(result: Loaded, severities: set[Severity], *, err: bool = False, others: tuple[SourceFile, ...] = ()) -> None:
    """Print messages, in colour where a terminal reads them. `others` are the texts of used files."""
    _, source, found = result
    for diagnostic in found:
        if diagnostic.severity in severities:
            text = "".join(click.style(t, **_STYLES[s]) for t, s in segments(diagnostic, source, others))  # type: ignore[arg-type]
            click.echo(text, err=err)
