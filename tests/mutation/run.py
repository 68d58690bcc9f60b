"""Which small faults no test sees: `python -m tests.mutation.run conflicts derive`. Takes minutes; not part of CI.

Each mutant runs in a fork of its own, in place of the module, until the first test fails.
"""

from __future__ import annotations

import argparse
import importlib.abc
import importlib.util
import os
import resource
import sys
import time
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest

from .mutants import Mutant, mutants_of

ROOT = Path(__file__).parents[2]
PACKAGE = "proscribe.compiler.graph"
MOST_SECONDS = 45  # of processor time: a mutant that never ends is seen too
# Those that fail first, first; the scale tests measure time alone.
FIRST = {
    "cell_sets": ("test_cell_sets",), "rule_index": ("test_rule_index", "test_conflict_messages"),
    "conflicts": ("test_conflicts", "test_conflict_messages"), "derive": ("test_derive", "test_derived_items"),
}  # fmt: skip
LAST = ("tests/graph/test_laws.py", "tests/graph/test_diff.py")
SKIPPED = ("test_scale.py", "test_doctests.py", "test_drawing.py", "test_svg.py", "test_nearest.py")


class _Instead(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the mutant where its module is asked for."""

    def __init__(self, name: str, path: Path, mutant: Mutant) -> None:
        self.name, self.path, self.mutant = name, path, mutant

    def find_spec(self, name: str, path: object, target: object = None) -> ModuleSpec | None:
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.mutant.tree, str(self.path), "exec"), module.__dict__)


def killers_of(module: str) -> list[str]:
    """The killing tests: those of graph and resolve."""
    every = sorted(
        str(path.relative_to(ROOT))
        for folder in ("graph", "resolve")
        for path in (ROOT / "tests" / folder).glob("test_*.py")
        if path.name not in SKIPPED
    )
    first = [f"tests/graph/{name}.py" for name in FIRST[module]]
    return list(dict.fromkeys([*first, *(test for test in every if test not in LAST), *LAST]))


def dies(module: str, mutant: Mutant | None, tests: Sequence[str]) -> bool:
    """Whether some test fails with the mutant in place of its module."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] != 0
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        if mutant is not None:
            path = ROOT / "compiler" / "graph" / f"{module}.py"
            sys.meta_path.insert(0, _Instead(f"{PACKAGE}.{module}", path, mutant))
        hypothesis.settings.register_profile("once", derandomize=True, database=None, deadline=None)
        hypothesis.settings.load_profile("once")
        os._exit(
            int(
                pytest.main(
                    ["-x", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning", *tests]
                )
            )
        )
    except BaseException:
        os._exit(99)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="+", choices=sorted(FIRST))
    parser.add_argument("--lines", metavar="12,40", default="", help="only mutants of these lines")
    options = parser.parse_args()
    os.chdir(ROOT)
    wanted = {int(line) for line in options.lines.split(",") if line}
    survivors = 0
    for module in options.modules:
        tests = killers_of(module)
        if dies(module, None, tests):
            print(f"the tests of {module} fail without any mutant")
            return 2
        source = (ROOT / "compiler" / "graph" / f"{module}.py").read_text("utf-8")
        started, count, alive = time.monotonic(), 0, 0
        for mutant in mutants_of(source):
            if wanted and mutant.line not in wanted:
                continue
            count += 1
            if dies(module, mutant, tests):
                continue
            alive += 1
            print(f"{module}.py:{mutant.line}: {mutant.what}", flush=True)
        print(f"{module}: {alive} of {count} mutants survive, {time.monotonic() - started:.0f} s", flush=True)
        survivors += alive
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
