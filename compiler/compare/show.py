"""A comparison for people: regressions first, then improvements, then what is in one bundle only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..report.words import VERDICT, count, percent, spoken, visible
from .model import Comparison, Finding, Only, Row, Verdict

_TITLES: dict[Finding, tuple[str, str]] = {
    "regression": ("Regressions: significantly worse in NEW", "bold red"),
    "improvement": ("Improvements: significantly better in NEW", "bold green"),
    "no difference": ("No significant difference", "bold"),
}
_TOWERS = {"both": "both", "text": "text", "picture": "pictures"}
_STAGE = {"alone": "alone", "all_on": "all on"}
_MOST_ONLY = 12


def show(found: Comparison, every: bool, console: Console) -> None:
    """Print it; `every` lists the rows without a significant difference too."""
    console.print(Text(visible(f"OLD {found.old}\nNEW {found.new}")), soft_wrap=True)
    for note in found.notes:
        console.print(Text(visible(note), "yellow"))
    _verdicts(found, console)
    kinds: tuple[Finding, ...] = ("regression", "improvement", "no difference")
    for kind in kinds if every else kinds[:2]:
        rows = found.found(kind)
        if rows:
            title, style = _TITLES[kind]
            console.print()
            console.print(Text(title, style))
            console.print(_table(rows))
    if found.only:
        console.print(Text("In one of them only" if every or found.rows else "Nothing could be compared", "bold"))
        lines = [(only.side, only.what) for only in found.only] if every else _gathered(found.only)
        for side, what in lines[: None if every else _MOST_ONLY]:
            console.print(Text(f"  {side.upper()}  {visible(what)}"))
        if not every and len(lines) > _MOST_ONLY:
            console.print(Text(f"  and {len(lines) - _MOST_ONLY:,} more: --all lists them", "dim"))
        elif not every and len(lines) < len(found.only):
            console.print(Text("  (--all lists their settings)", "dim"))
        console.print()
    console.print(Text(summary(found)))


def summary(found: Comparison) -> str:
    """What was compared and what was found; where nothing was, what could have been."""
    worse, better = found.found("regression"), found.found("improvement")
    said = f"{count(len(found.rows), 'measure')} compared: "
    said += f"{len(worse)} significantly worse, {len(better)} significantly better (q <= 0.05 over all of them)."
    evidence = sum(not row.gates for row in worse)
    if evidence:
        said += f" {evidence} of the worse are evidence only and do not count for a verdict."
    smallest = sorted(row.smallest for row in found.rows if row.smallest is not None)
    if smallest and not worse and not better:
        middle = smallest[len(smallest) // 2]
        said += (
            f" A family's shared probes would have shown a change of {100 * middle:.1f} points or more "
            "(80 % power, before the correction for many tests; the median family)."
        )
    return said


def _verdicts(found: Comparison, console: Console) -> None:
    for verdict in found.verdicts:
        named = verdict.rule if verdict.rule == verdict.was else f"{verdict.rule} (was {verdict.was})"
        parts = []
        if verdict.old != verdict.new:
            parts.append(f"verdict was {VERDICT[verdict.old]}, is {VERDICT[verdict.new]}{_by_what(found, verdict)}")
        if verdict.changed:
            parts.append(verdict.changed)
        if parts or verdict.rule != verdict.was:
            console.print(Text(visible(f"{named}: {'; '.join(parts) or 'the same rule'}")))


def _by_what(found: Comparison, verdict: Verdict) -> str:
    """A worse verdict without a worse measure rests on what was not compared: it would puzzle a reader."""
    fresh = any(only.side == "new" and only.what.startswith(f"{verdict.rule}: ") for only in found.only)
    worse = any(row.rule == verdict.rule and row.gates for row in found.found("regression"))
    if verdict.new == "pass" or worse or not fresh:
        return ""
    return ", with attacks or sets that only NEW has and nothing compared is worse"


def _gathered(every: Sequence[Only]) -> list[tuple[str, str]]:
    """(side, line): measures of one rule and name as one line, with the number of their settings."""
    counts: dict[tuple[str, str], int] = {}
    for only in every:
        name = only.what.partition(" (")[0]
        # A rule that one bundle lacks has its tuple in brackets: it stays as it is.
        key = (only.side, name if ": " in name else only.what)
        counts[key] = counts.get(key, 0) + 1
    return [(side, what if n == 1 else f"{what}, {n} settings") for (side, what), n in counts.items()]


def _table(rows: Iterable[Row]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("rule", "measure", "guarded", "rules"):
        table.add_column(name, overflow="fold")
    for name in ("OLD", "NEW", "trials", "q"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            visible(row.rule),
            visible(_measured(row)),
            _TOWERS[row.towers],
            _STAGE[row.stage],
            percent(row.old),
            percent(row.new),
            _trials(row),
            "<0.0001" if row.q < 0.0001 else f"{row.q:.4f}",
        )
    return table


def _measured(row: Row) -> str:
    pictures = " pictures" if row.modality == "picture" else ""
    said = {
        "breach": f"{spoken(row.name)} breach",
        "retention": f"{row.name}{pictures} kept",
        "overblock": row.name,
    }[row.measure]
    return said if row.gates else f"{said} (evidence)"


def _trials(row: Row) -> str:
    if row.paired:
        return f"{row.trials_new:,} pairs"
    return f"{row.trials_old:,}/{row.trials_new:,}"
