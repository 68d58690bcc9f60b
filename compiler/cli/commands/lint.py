"""`proscribe lint`: what is doubtful in a policy that has no errors. Nothing here imports torch."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import click

from ...formats import FileResult
from ...lint import RULES, run
from ...lint.run import USELESS_IGNORE
from ...messages.diagnostics import MAX_DIAGNOSTICS, Diagnostic, did_you_mean
from ...pipeline import Analysis, analyse
from ...syntax.nodes import SourceFile
from ..exits import PolicyError
from ..files import files_argument
from ..fixing import fix_files, fix_options
from ..output import emit, formats_option
from .check import analysed, summary

Codes = tuple[str, ...]
_CODES = frozenset((*(rule.code for rule in RULES), USELESS_IGNORE))


def _codes(ctx: click.Context, option: click.Parameter, given: Codes) -> Codes:
    """Codes or their first letters, from commas and from several options."""
    found = tuple(part.upper() for text in given for part in re.split(r"[,\s]+", text) if part)
    for code in found:
        if not any(known.startswith(code) for known in _CODES):
            hint = did_you_mean(code, _CODES)
            raise click.BadParameter(f"no lint rule begins with {code}" + (f"; {hint}" if hint else ""))
    return found


@click.command()
@files_argument
@click.option("--select", multiple=True, metavar="L001,L02", callback=_codes, help="Only rules with these codes.")
@click.option("--ignore", multiple=True, metavar="L001,L02", callback=_codes, help="All rules but these.")
@click.option("--strict", is_flag=True, help="Exit 1 for notes too.")
@formats_option
@click.option("--quiet", "-q", is_flag=True, help="Print errors only.")
@fix_options
def lint(
    files: tuple[Path, ...],
    select: Codes,
    ignore: Codes,
    strict: bool,
    format: str,
    quiet: bool,
    fix: bool,
    diff: bool,
) -> None:
    """Say what is doubtful in each policy FILE; exit 1 where there is a warning.

    Codes may be given by their first letters. `# lint: ignore L021` at the end of a line, or above it, hides what is
    found there.
    """
    if diff and format != "text":
        raise click.UsageError("--diff prints a patch, which has no other --format")
    if fix or diff:

        def doubts(source: SourceFile) -> Iterable[Diagnostic]:
            return run(analyse(source), select, ignore).diagnostics

        fix_files(files, only_show=diff, faults=doubts)
    results = [result_of_lint(analysed(path), select, ignore, strict=strict) for path in files]
    if not diff:
        emit(results, format, command="lint", quiet=quiet)
    if not all(result.ok for result in results):
        raise PolicyError


def result_of_lint(found: Analysis, select: Codes = (), ignore: Codes = (), *, strict: bool = False) -> FileResult:
    """What `lint` says of one policy; one in error has its errors."""
    if found.derived is None:
        errors = tuple(d for d in found.diagnostics if d.severity == "error")
        said = f"{summary(None, errors)}: lint begins where `check` has none"
        return FileResult(found.source, errors, False, said, found.others)
    linted = run(found, select, ignore)
    warnings, notes = (sum(d.severity == s for d in linted.diagnostics) for s in ("warning", "note"))
    said = f"{warnings or 'no'} warning{'' if warnings == 1 else 's'}, {notes or 'no'} note{'' if notes == 1 else 's'}"
    if linted.is_cut:
        said += f"; no more than {MAX_DIAGNOSTICS} are shown, some of each kind"
    for why in dict.fromkeys(why for _, why in linted.skipped):
        codes = [code for code, other in linted.skipped if other == why]
        said += f"; {', '.join(codes)} not asked: {why}"
    ok = not (warnings or (strict and notes))
    data = {"skipped": [{"code": code, "why": why} for code, why in linted.skipped]}
    return FileResult(found.source, linted.diagnostics, ok, said, found.others, data)
