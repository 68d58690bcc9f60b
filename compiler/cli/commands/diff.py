"""`proscribe diff OLD NEW`: what a change of a policy means, in cells, sets and adapters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ...explain.cell import is_quick
from ...explain.diff import Diff, Lost, RuleChange
from ...formats import FileResult
from ...messages.diagnostics import Diagnostic, Related, Severity
from ...records.canonical import plain
from ...resolve.names import Resolved
from ...world.cells import SLOTS
from ..exits import PolicyError
from ..output import emit, formats_option
from ..revisions import Version, version
from .check import show, summary

if TYPE_CHECKING:
    from ..views.diff import Behind


@click.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@formats_option
@click.option("--allow-loss", is_flag=True, help="Exit 0 also where cells are no longer forbidden.")
@click.option("--cells-only", is_flag=True, help="Compare rules and cells, not the sets and adapters behind them.")
@click.option("--renamed", "renames", multiple=True, metavar="OLD=NEW", help="A name that only changed its spelling.")
@click.option("--examples", metavar="N", default=6, type=click.IntRange(1, 1000), help="Examples per list.")
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but what was lost.")
def diff(
    old: str,
    new: str,
    format: str,
    allow_loss: bool,
    cells_only: bool,
    renames: tuple[str, ...],
    examples: int,
    quiet: bool,
) -> None:
    """Show what the change from policy OLD to NEW means; exit 1 where a cell is no longer forbidden.

    OLD and NEW are files, or files at a git revision: HEAD~1:policies/minors.policy. Order, numbers, comments and
    spelling do not count: rules are matched by what they mean.
    """
    from ...explain.diff import run

    before, after = version(old), version(new)
    for side in (before, after):
        _must_compile(side)
    renamed = _renamed(renames, before.found.graph.resolved, after.found.graph.resolved)
    found = run(before.found.graph, after.found.graph, renamed)
    behind, why_not = (None, "") if cells_only else _behind(before, after, found)
    diagnostics = tuple(diagnostics_of(before, after, found, renamed, allow_loss))
    ok = allow_loss or not found.forbidden.lost
    if format == "text" and not quiet:
        from ..views.diff import heading, trees
        from ..views.tree import show_trees

        show_trees(trees(found, behind, examples, why_not), heading(before.shown, after.shown, found))
    else:
        data = {"old": before.shown, "new": after.shown, "diff": _document(found, behind)}
        result = FileResult(after.found.source, diagnostics, ok, _summary(found), (before.found.source,), data)
        emit([result], format, command="diff", quiet=quiet)
    if not ok:
        lost = len(found.forbidden.lost)
        raise PolicyError(
            f"{lost:,} cell{' is' if lost == 1 else 's are'} no longer forbidden (P701); --allow-loss if meant"
            f"{_respelled(before, after, found, renamed)}"
        )


def _respelled(before: Version, after: Version, found: Diff, renamed: dict[str, str]) -> str:
    """What to pass where a name that lost cells seems to be written otherwise now."""
    gone = {name for slot in SLOTS for name in found.forbidden.lost.names(slot)}
    guess = _guess(before.found.graph.resolved, after.found.graph.resolved, renamed)
    meant = [f"--renamed {was}={now}" for was, now in sorted(guess.items()) if was in gone]
    return f", {' '.join(meant)} if a name only changed its spelling" if meant else ""


def _must_compile(side: Version) -> None:
    found = side.found
    if found.derived is None:
        show((None, found.source, found.diagnostics), {"error"}, err=True, others=found.others)
        raise PolicyError(f"{side.shown}: {summary(None, found.diagnostics)}: there is nothing to compare")


def _renamed(renames: tuple[str, ...], old: Resolved, new: Resolved) -> dict[str, str]:
    names = [{c.name for c in (*side.concepts, *side.relations)} for side in (old, new)]
    pairs = {}
    for rename in renames:
        was, sign, now = rename.partition("=")
        if not sign or was not in names[0] or now not in names[1]:
            raise click.BadParameter(f"{rename!r} is not OLD=NEW with a name of each version", param_hint="--renamed")
        if now in names[0]:
            raise click.BadParameter(f"{now!r} is a name of the old version already", param_hint="--renamed")
        pairs[was] = now
    return pairs


def _behind(before: Version, after: Version, found: Diff) -> tuple[Behind | None, str]:
    """The changes of derived sets and adapters, or why they are not to be had."""
    old, new = before.found.derived, after.found.derived
    assert old is not None
    assert new is not None
    if not (is_quick(before.found.graph) and is_quick(after.found.graph)):
        return None, "too many rules and allowed cells to derive their sets here"
    try:
        from ...build import retrain_reasons
    except ModuleNotFoundError as missing:  # a job that only checks policies has no more than it needs
        return None, f"{missing.name} is not installed"
    from ...explain import set_changes

    matched = {c.new.id: c.old.id for c in found.rules if c.old and c.new and c.new.kind == "forbid"}
    return (set_changes.run(old, new, matched), retrain_reasons.run(old, new, matched)), ""


def _document(found: Diff, behind: Behind | None) -> dict[str, object]:
    sets, adapters = behind or (None, None)
    return {
        "same": found.is_same,
        "forbidden": found.forbidden,
        "allowed": found.allowed,
        "lost": found.lost,
        "rules": [change for change in found.rules if not change.is_same],
        "renumbered": found.renumbered,
        "splits": found.splits,
        "sets": plain(sets),
        "adapters": plain(adapters),
    }


def _summary(found: Diff) -> str:
    gained, lost = len(found.forbidden.gained), len(found.forbidden.lost)
    return f"{found.forbidden.after:,} forbidden cells, {gained:,} gained, {lost:,} lost"


def diagnostics_of(
    before: Version, after: Version, found: Diff, renamed: dict[str, str], allow_loss: bool
) -> Iterator[Diagnostic]:
    """What machines are told: each block of lost cells at its rule, each looser demand."""
    guess = _guess(before.found.graph.resolved, after.found.graph.resolved, renamed)
    for lost in found.lost:
        yield _loss(before, after, lost, guess, allow_loss)
    for change in found.rules:
        yield from _looser(change)


def _loss(before: Version, after: Version, lost: Lost, guess: dict[str, str], allow_loss: bool) -> Diagnostic:
    count, witness = len(lost.cells), lost.cells.first()
    place = lost.old.pattern_span
    many = f"`{witness}` is" if count == 1 else f"{count:,} cells such as `{witness}` are"
    by = f"{lost.old.id} of {before.shown}, line {place.line}"
    now = f"{', '.join(lost.now_allowed)} allows it now" if lost.now_allowed else "no rule speaks of it now"
    names = {name for slot in SLOTS for name in lost.cells.names(slot)}
    meant = [f"--renamed {was}={now}" for was, now in sorted(guess.items()) if was in names]
    hint = f"{now if count == 1 else now.replace(' it ', ' them ').replace('allows', 'allow')}"
    hint += f"; if a name only changed its spelling, pass {' '.join(meant)}" if meant else ""
    related = (Related(f"{lost.old.id} forbade it here", place),) if before.on_disk else ()
    span = lost.span or after.found.source.span(0, max(1, after.found.source.text.find("\n")))
    severity: Severity = "warning" if allow_loss else "error"
    return Diagnostic("P701", severity, f"{many} no longer forbidden, as by {by}: {lost.why}", span, related, hint)


def _looser(change: RuleChange) -> Iterator[Diagnostic]:
    if change.new is None or change.new.kind != "forbid":
        return
    for clause in change.clauses:
        if clause.looser:
            message = f"{change.new.id} demands less than before: {clause.name} {clause.new}, not {clause.old}"
            yield Diagnostic("P702", "warning", message, change.new.pattern_span)


def _guess(old: Resolved, new: Resolved, renamed: dict[str, str]) -> dict[str, str]:
    """Names that are gone, with a new one that is written alike."""
    pairs = ((old.concepts, new.concepts), (old.relations, new.relations))
    found = {}
    for before, after in pairs:
        was, now = {c.name for c in before}, {c.name for c in after}
        fresh = {form.casefold(): c.name for c in after if c.name not in was for form in c.forms}
        for concept in before:
            if concept.name not in now and concept.name not in renamed:
                meant = next((fresh[f.casefold()] for f in concept.forms if f.casefold() in fresh), "")
                if meant:
                    found[concept.name] = meant
    return found
