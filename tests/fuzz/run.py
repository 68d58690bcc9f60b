"""Feed the compiler: `python -m tests.fuzz.run --count N --seed S`, or `--only NUMBER` to see one input again."""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from .inputs import FOLDER, Input, input_of
from .laws import Broken, hold
from .shell import exits_well

ONE_IN_SHELL = 500  # inputs that also go through the command line, each as a process of its own


@dataclass
class Tally:
    """What a run has seen."""

    outcomes: Counter[str] = field(default_factory=Counter)
    in_shell: int = 0
    slowest_seconds: float = 0.0
    slowest: int = 0
    broken: list[tuple[int, str]] = field(default_factory=list)

    def add(self, kind: str, outcome: str, number: int, seconds: float) -> None:
        self.outcomes[f"{kind}, {outcome}"] += 1
        if seconds > self.slowest_seconds:
            self.slowest_seconds, self.slowest = seconds, number

    def lines(self) -> list[str]:
        """The numbers for docs/language-proofs.md."""
        return [
            f"{sum(self.outcomes.values())} inputs, {self.in_shell} of them through the shell too, "
            f"{len(self.broken)} broken; the slowest took {self.slowest_seconds:.2f} s (input {self.slowest})",
            *(f"{count:>8}  {what}" for what, count in sorted(self.outcomes.items())),
        ]


def fuzz(seed: int, numbers: range, *, shell: bool = True, say: bool = False) -> Tally:
    """Check all laws on all these inputs."""
    tally, started = Tally(), time.monotonic()
    for number in numbers:
        given, dice = input_of(seed, number), random.Random(f"laws/{seed}/{number}")
        before = time.process_time()
        try:
            outcome = hold(given, dice)
            if shell and number % ONE_IN_SHELL == 0:
                tally.in_shell += 1
                exits_well(given, outcome)
        except Broken as law:
            outcome = "BROKEN"
            tally.broken.append((number, str(law)))
        except Exception:
            outcome = "BROKEN"
            tally.broken.append((number, traceback.format_exc()))
        tally.add(given.kind, outcome, number, time.process_time() - before)
        if say and outcome == "BROKEN":
            print(f"{seed}/{number} ({given.kind}): {tally.broken[-1][1]}", flush=True)
        if say and number % 5000 == 4999:
            print(f"[{time.monotonic() - started:.0f} s] {number + 1}: {len(tally.broken)} broken", flush=True)
    return tally


def show(given: Input, folder: Path) -> None:
    """Write an input to look at."""
    for path, data in {given.path: given.data, **given.files}.items():
        target = folder / Path(path).relative_to(FOLDER)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        print(target)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first input")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="check this one, often, and write it to --folder")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/fuzzed"))
    parser.add_argument("--no-shell", action="store_true")
    options = parser.parse_args()
    if options.only is not None:
        given = input_of(options.seed, options.only)
        show(given, options.folder)
        print(hold(given, random.Random(f"laws/{options.seed}/{options.only}")))
        return 0
    numbers = range(options.first, options.first + options.count)
    tally = fuzz(options.seed, numbers, shell=not options.no_shell, say=True)
    print("\n".join(tally.lines()))
    return 1 if tally.broken else 0


if __name__ == "__main__":
    sys.exit(main())
