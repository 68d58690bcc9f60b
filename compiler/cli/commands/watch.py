"""`proscribe watch`: check again at each save, by polling: it works everywhere, and a policy is a few small files."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from ...formats import FileResult
from ...formats.model import counts
from ...resolve.imports import Program, target
from ...syntax.nodes import Use
from ..exits import EnvironmentFault, PolicyError
from ..files import POLICY_FILE
from ..output import emit
from .check import analysed, result_of

Stamp = tuple[int, int, int] | None  # None: there is no such file


@dataclass(frozen=True, slots=True)
class Seen:
    """What the last check of a file found, and how the files looked that it read."""

    result: FileResult | None
    fault: str
    stamps: tuple[tuple[str, Stamp], ...]

    @property
    def stale(self) -> bool:
        """True once one of those files has changed."""
        return any(_stamp(path) != before for path, before in self.stamps)


@click.command()
@click.argument("files", nargs=-1, required=True, type=POLICY_FILE, metavar="FILE...")
@click.option("--quiet", "-q", is_flag=True, help="Print errors only.")
@click.option(
    "--interval",
    metavar="SECONDS",
    default=0.25,
    show_default=True,
    type=click.FloatRange(0.02, 60),
    help="How often to look for a change.",
)
@click.option("--once", is_flag=True, help="Check once and leave as `check` does, for scripts.")
def watch(files: tuple[Path, ...], quiet: bool, interval: float, once: bool) -> None:
    """Check each policy FILE again whenever it, or a file that it uses, is saved. Ctrl-C ends it."""
    seen: dict[Path, Seen] = {}
    while True:
        due = [path for path in files if path not in seen or seen[path].stale]
        if due:
            started = time.perf_counter()
            seen |= {path: _look(path) for path in dict.fromkeys(due)}
            _show(seen, time.perf_counter() - started, quiet=quiet, waiting=not once)
        if once:
            break
        time.sleep(interval)
    if not all(one.result and one.result.ok for one in seen.values()):
        raise PolicyError


def _look(path: Path) -> Seen:
    """Check one file. Its stamp is taken before it is read, so that a save in between is not missed."""
    before = _stamp(path)
    try:
        found = analysed(path)
    except EnvironmentFault as fault:  # an editor may be replacing it at this moment
        return Seen(None, fault.message, ((str(path), before),))
    used = sorted(set(_used(found.program)) - {str(path)})
    return Seen(result_of(found), "", ((str(path), before), *((other, _stamp(other)) for other in used)))


def _used(program: Program) -> Iterator[str]:
    """The files that a policy uses, those that are missing too: they may come."""
    for policy in (program.policy, *program.used):
        for statement in policy.statements:
            if isinstance(statement, Use):
                yield target(statement.path.text, policy.source.path)


def _stamp(path: str | Path) -> Stamp:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _show(seen: dict[Path, Seen], seconds: float, *, quiet: bool, waiting: bool) -> None:
    if waiting:
        click.clear()  # does nothing unless a terminal reads
    results = [one.result for one in seen.values() if one.result]
    emit(results, "text", command="watch", quiet=quiet)
    for one in seen.values():
        if one.fault:
            click.echo(one.fault)
    errors, unread = counts(results)["error"], sum(bool(one.fault) for one in seen.values())
    bad = [f"{errors} error{'' if errors == 1 else 's'}"] if errors else []
    bad += [f"{unread} file{'' if unread == 1 else 's'} not read"] if unread else []
    said = click.style(", ".join(bad) or "no errors", fg="red" if bad else "green", bold=bool(bad) or None)
    files = f"{len(results)} file{'' if len(results) == 1 else 's'}"
    more = "; waiting for a save, Ctrl-C ends" if waiting else ""
    click.echo(f"{time.strftime('%H:%M:%S')} {files} in {seconds * 1000:.0f} ms: {said}{more}")
