"""Every mutant is a program, and another one than the module; runs of them are by hand (docs/language-proofs.md)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from .mutants import mutants_of
from .run import FIRST, ROOT, killers_of

SOURCE = '''
def f(a: int, b=1) -> int:
    """Said and not run: 7."""
    if a < 3 and not b:
        return min(a, 2)
    a += 1
    return [x for x in range(a) if x]
'''


def test_each_place_is_changed_once() -> None:
    found = list(mutants_of(SOURCE))
    assert len({mutant.code for mutant in found}) == len(found)
    assert ast.unparse(ast.parse(SOURCE)) not in {mutant.code for mutant in found}
    assert sorted((mutant.line, mutant.what) for mutant in found) == [
        (2, "1 is 2"),
        (4, "3 is 4"),
        (4, "And is Or"),
        (4, "Lt is LtE"),
        (4, "Not is nothing"),
        (4, "the condition is turned"),
        (5, "2 is 3"),
        (5, "it returns None"),
        (5, "min is max"),
        (6, "1 is 2"),
        (6, "Add is Sub"),
        (7, "a filter is gone"),
        (7, "it returns None"),
    ]


@pytest.mark.parametrize("module", sorted(FIRST))
def test_mutants_of_the_core_compile_and_their_tests_are_there(module: str) -> None:
    path = ROOT / "compiler" / "graph" / f"{module}.py"
    count = 0
    for mutant in mutants_of(path.read_text("utf-8")):
        compile(mutant.tree, str(path), "exec")
        count += 1
    assert count > 40
    assert all((ROOT / test).is_file() for test in killers_of(module))
    assert Path(killers_of(module)[0]).stem == FIRST[module][0]
