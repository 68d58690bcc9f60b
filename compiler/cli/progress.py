"""What a person sees while a command works: bars with the expected end on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tick = Callable[[str, int, int], None]
PLAIN_EVERY_SECONDS = 10.0


@contextmanager
def progress(quiet: bool) -> Iterator[Tick]:
    """A function to call with (what, done, total). Writes to standard error only, so that output can be piped."""
    if quiet:
        yield lambda what, done, total: None
    elif sys.stderr.isatty():
        yield from _bars()
    else:
        yield _lines()


def _lines() -> Tick:
    started = time.monotonic()
    last_what, last_at = "", 0.0

    def tick(what: str, done: int, total: int) -> None:
        nonlocal last_what, last_at
        now = time.monotonic()
        if what == last_what and now - last_at < PLAIN_EVERY_SECONDS and done < total:
            return
        last_what, last_at = what, now
        count = f" {done}/{total}" if total > 1 else ""
        print(f"[{now - started:5.0f} s] {what}{count}", file=sys.stderr, flush=True)

    return tick


def _bars() -> Iterator[Tick]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def tick(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield tick
