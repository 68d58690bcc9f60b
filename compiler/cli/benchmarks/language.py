"""`proscribe bench --language`: how long `check` takes, and how much memory, as a policy grows."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from .synthetic_policy import generated_policy

SIZES = ((1_000, 200), (10_000, 2_000), (30_000, 6_000))  # rules, concepts
_PROGRAM = "from proscribe.compiler.cli.main import main; main()"
_TWO_RULES = "forbid child -drinking-> alcohol; allow adult -drinking-> wine\n"


@dataclass(frozen=True, slots=True)
class Measured:
    """One `check` from the shell: the best time of three to nine with the start of Python, and the most memory."""

    rules: int
    concepts: int
    seconds: float
    megabytes: float


def measure(sizes: tuple[tuple[int, int], ...] = SIZES, runs: int = 3) -> tuple[Measured, ...]:
    """Check a policy of two rules and a generated one of each size, each in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "generated.policy"
        found = []
        for rules, concepts in ((2, 4), *sizes):
            path.write_text(_TWO_RULES if rules == 2 else generated_policy(rules, concepts), "utf-8")
            # Of a short run much is chance, and the growth rests on what two short runs differ by.
            times = [_check(path) for _ in range(runs if rules >= 10_000 else 3 * runs)]
            found.append(Measured(rules, concepts, round(min(t for t, _ in times), 3), max(m for _, m in times)))
    return tuple(found)


def _check(path: Path) -> tuple[float, float]:
    """(seconds, megabytes) of one `check` in a process of its own."""
    command = [sys.executable, "-c", _PROGRAM, "check", "--quiet", str(path)]
    started = time.monotonic()
    process = os.posix_spawn(sys.executable, command, os.environ)
    _, status, usage = os.wait4(process, 0)
    if status:
        raise click.ClickException(f"`check` of a generated policy left with {os.waitstatus_to_exitcode(status)}")
    return time.monotonic() - started, round(usage.ru_maxrss / 1024, 1)


def table(found: tuple[Measured, ...]) -> str:
    """One line a size; `growth` is the time beyond the smallest policy's, over rules, against the size before."""
    lines = ["   rules  concepts  seconds    MB  per rule grows by"]
    start = found[0].seconds
    before: float | None = None
    for one in found:
        per_rule = max(one.seconds - start, 1e-3) / one.rules
        ratio = f"{per_rule / before:.2f}" if before and one is not found[0] else "-"
        lines.append(f"{one.rules:8,}  {one.concepts:8,}  {one.seconds:7.2f}  {one.megabytes:4.0f}  {ratio}")
        before = per_rule if one is not found[0] else None
    return "\n".join(lines)


def as_plain(found: tuple[Measured, ...]) -> list[dict[str, float]]:
    """For JSON."""
    return [asdict(one) for one in found]
