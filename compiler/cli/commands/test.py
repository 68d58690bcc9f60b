"""`proscribe test`: whether a policy's `expect` lines hold, and which rules they test. Only --bundle imports torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from ...explain.expectations import COVERAGE, Coverage, Outcome, run
from ...formats import FileResult
from ...messages.diagnostics import Diagnostics
from ...pipeline import Analysis
from ...resolve.expects import Expectation
from ..exits import PolicyError
from ..files import STANDARD_INPUT, files_argument
from ..output import emit, formats_option
from .check import analysed, summary

_SHOWN_RULES = 12


@click.command("test")
@files_argument
@click.option("--threshold", metavar="PERCENT", type=click.FloatRange(0, 100), help="How many rules must be tested.")
@click.option("--filter", "only", metavar="TEXT", default="", help="Only the expectations with TEXT in them.")
@click.option(
    "--bundle",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Ask the guarded model of a compiled FILE too; exit 3 where it breaks a line, 4 where the base never held it.",
)
@formats_option
@click.option("--quiet", "-q", is_flag=True, help="Print failures only.")
def test_command(
    files: tuple[Path, ...], threshold: float | None, only: str, bundle: Path | None, format: str, quiet: bool
) -> None:
    """Run the `expect` lines of each policy FILE on its cells; exit 1 where one fails."""
    if only and threshold is not None:
        raise click.UsageError("--threshold counts what all expectations test: leave out --filter")
    if bundle is not None:
        if len(files) > 1 or files[0] == STANDARD_INPUT:
            raise click.UsageError("--bundle goes with the one FILE that it was compiled from")
        if format not in ("text", "json"):
            raise click.UsageError("--bundle goes with --format text or json: a model's answer has no place in a file")
        _of_model(files[0], only, threshold, bundle, format, quiet)
        return
    read = [analysed(path) for path in files]
    _must_choose(read, only)
    results = [result_of_tests(found, only, threshold) for found in read]
    emit(results, format, command="test", quiet=quiet)
    if not all(result.ok for result in results):
        raise PolicyError


def _of_model(path: Path, only: str, threshold: float | None, folder: Path, format: str, quiet: bool) -> None:
    """The cells first; then the model is asked what holds on them."""
    from . import test_bundle

    found = analysed(path)
    _must_choose([found], only)
    result = result_of_tests(found, only, threshold)
    answers = test_bundle.Answers(())
    if found.derived is not None:
        outcomes, _ = run(found.graph, _chosen(found, only), Diagnostics())
        answers = test_bundle.ask(found.derived, outcomes, folder)
        said = "\n".join((result.summary, *test_bundle.lines(answers, folder)))
        result = replace(result, summary=said, data={**result.data, "model": test_bundle.data(answers)})
    emit([result], format, command="test", quiet=quiet)
    if not result.ok:
        raise PolicyError
    test_bundle.leave(answers)


def result_of_tests(found: Analysis, only: str = "", threshold: float | None = None) -> FileResult:
    """What `test` says of one policy; one in error has its errors."""
    if found.derived is None:
        errors = tuple(d for d in found.diagnostics if d.severity == "error")
        said = f"{summary(None, errors)}: there is nothing to test"
        return FileResult(found.source, errors, False, said, found.others)
    diagnostics = Diagnostics()
    outcomes, covered = run(found.graph, _chosen(found, only), diagnostics)
    if threshold is not None and covered.percent < threshold:
        message = f"{int(covered.percent)} % of the rules are tested; {threshold:g} % are asked for"
        hint = f"write an `expect` line for {covered.untested[0]}"
        rule = next(r for r in found.graph.resolved.rules if r.id == covered.untested[0])
        diagnostics.error(COVERAGE, message, rule.pattern_span, hint=hint)
    data = {"expectations": [_data(outcome) for outcome in outcomes], "coverage": _coverage_data(covered)}
    lines = [_counts(outcomes, covered, only), *(_outcome_line(outcome) for outcome in outcomes)]
    return FileResult(
        found.source, diagnostics.sorted(), not diagnostics.has_errors, "\n".join(lines), found.others, data
    )


def _must_choose(read: Sequence[Analysis], only: str) -> None:
    """A text that chooses nothing tests nothing, and must not look like success; what is in error tells that first."""
    if not only or any(found.derived is None or _chosen(found, only) for found in read):
        return
    every = [_line(e) for found in read for e in found.graph.resolved.expects]
    there = f"the first of {len(every):,} is {every[0]}" if every else "there are no `expect` lines at all"
    raise click.BadParameter(f"no expectation has the text {only!r}; {there}", param_hint="--filter")


def _chosen(found: Analysis, only: str) -> list[Expectation]:
    return [e for e in found.graph.resolved.expects if only.casefold() in _line(e).casefold()]


def _counts(outcomes: tuple[Outcome, ...], covered: Coverage, only: str) -> str:
    failed = sum(not outcome.holds for outcome in outcomes)
    many = "expectation" if len(outcomes) == 1 else "expectations"
    with_filter = " with that text" if only else ""
    said = f"{len(outcomes):,} {many}{with_filter}, {failed:,} failed"
    if not outcomes:
        said = f"no expectations{with_filter}"
    rules = len(covered.tested) + len(covered.untested)
    if only or not rules:
        return said
    said += f"; {len(covered.tested):,} of {rules:,} rules tested ({int(covered.percent)} %)"
    if covered.tested and covered.untested:
        more = len(covered.untested) - _SHOWN_RULES
        names = ", ".join(covered.untested[:_SHOWN_RULES])
        said += f", not {names}{f' and {more:,} more' if more > 0 else ''}"
    return said


def _outcome_line(outcome: Outcome) -> str:
    expectation = outcome.expectation
    verdict = "ok    " if outcome.holds else "FAILED"
    said = f"  {verdict}  line {expectation.span.line}: {_line(expectation)}"
    by = "" if expectation.rule or not outcome.rules else f" ({', '.join(outcome.rules[:_SHOWN_RULES])})"
    return said + by if outcome.holds else said


def _line(expectation: Expectation) -> str:
    by = f" by {expectation.rule}" if expectation.rule else ""
    return f"{expectation.about} {expectation.verdict}{by}"


def _data(outcome: Outcome) -> dict[str, object]:
    expectation = outcome.expectation
    return {
        "about": expectation.about,
        "expected": expectation.verdict,
        "by": expectation.rule,
        "line": expectation.span.line,
        "holds": outcome.holds,
        "found": outcome.found,
        "cells": outcome.about if outcome.found != "unread" else "",
        "cell_count": outcome.count,
        "rules": list(outcome.rules),
        "why": outcome.diagnostic.message if outcome.diagnostic else "",
    }


def _coverage_data(covered: Coverage) -> dict[str, object]:
    return {
        "percent": round(covered.percent, 2),
        "tested": list(covered.tested),
        "untested": list(covered.untested),
    }
