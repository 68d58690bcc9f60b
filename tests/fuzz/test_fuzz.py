"""A few thousand inputs hold all laws at each change; docs/language-proofs.md has the numbers of the long run."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from proscribe.compiler import pipeline
from proscribe.compiler.graph import conflicts, derive
from proscribe.compiler.graph.relations import RelationGraph
from proscribe.compiler.messages.diagnostics import Diagnostics
from proscribe.compiler.syntax import format

from . import laws
from .inputs import Input, corpus, input_of
from .laws import Broken, hold
from .run import fuzz
from .shell import exits_well

PART = 500
GOOD = b'policy "p" edition 2026\nconcept child\nconcept wine\nrelation drinking\nforbid child -drinking-> wine\n'
CONFLICT = GOOD + b"allow child -drinking-> wine\n"


def given(data: bytes) -> Input:
    return Input("by hand", data, {})


@pytest.mark.parametrize("part", range(6))
def test_no_input_breaks_a_law(part: int) -> None:
    tally = fuzz(2026, range(part * PART, (part + 1) * PART))
    assert tally.broken == [], "see one again with: python -m tests.fuzz.run --seed 2026 --only NUMBER"
    assert sum(tally.outcomes.values()) == PART
    assert tally.in_shell == 1
    # Noise alone would prove nothing: policies without errors, damaged ones and made ones are all among them.
    assert all(
        tally.outcomes[kind] > 5 for kind in ("made, good", "damaged, good", "damaged, refused", "made, refused")
    )


def test_an_input_is_known_by_its_numbers() -> None:
    assert input_of(3, 4) == input_of(3, 4)
    assert len({input_of(3, number).data for number in range(200)}) > 190
    assert len(corpus()) > 300


def broken(data: bytes) -> str:
    with pytest.raises(Broken) as law:
        hold(given(data), random.Random(0), often=True)
    return str(law.value)


def after(real: Callable[..., Any], change: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda *args: change(real(*args))


def test_a_message_outside_of_its_file_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Diagnostics.sorted
    for change, said in (
        ({"line": 90, "end_line": 90}, "outside of its file"),
        ({"column": 900, "end_column": 901}, "outside of its file"),
        ({"file": "elsewhere.policy"}, "no file of the policy"),
        ({"end_line": 1}, "outside of its file"),
    ):
        monkeypatch.setattr(
            Diagnostics,
            "sorted",
            after(real, lambda ds, c=change: tuple(replace(d, span=replace(d.span, **c)) for d in ds)),
        )
        assert said in broken(CONFLICT)


def test_an_unknown_code_and_a_terminals_own_marks_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Diagnostics.sorted
    for change, said in (({"code": "P999"}, "in no catalogue"), ({"severity": "note"}, "in no catalogue")):
        monkeypatch.setattr(Diagnostics, "sorted", after(real, lambda ds, c=change: tuple(replace(d, **c) for d in ds)))
        assert said in broken(CONFLICT)
    monkeypatch.setattr(Diagnostics, "sorted", real)
    monkeypatch.setattr("proscribe.compiler.messages.diagnostics._printable", lambda text: text)
    assert "shows {'\\x1b'}" in broken(GOOD.replace(b"child -", b"\x1b[31mchild -"))


def test_a_conflict_that_nobody_reports_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hold(given(CONFLICT), random.Random(0), often=True) == "refused"
    monkeypatch.setattr(conflicts, "run", lambda graph, diagnostics: graph)
    assert "A1 conflicts with R1, and nothing says so" in broken(CONFLICT)


def test_sets_that_are_not_the_rules_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    real = derive._sets
    monkeypatch.setattr(derive, "_sets", after(real, lambda sets: replace(sets, neighbours=sets.forget)))
    assert "a kept cell is forbidden" in broken(GOOD)
    monkeypatch.setattr(derive, "_sets", after(real, lambda sets: replace(sets, forget=())))
    assert "forget set and extent differ" in broken(GOOD)


def test_a_layout_that_changes_something_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    real = format.run
    monkeypatch.setattr(format, "run", after(real, lambda text: f"{text}# more\n"))
    assert "not idempotent" in broken(GOOD)
    monkeypatch.setattr(format, "run", lambda *_: GOOD.decode().replace("forbid", "allow"))
    assert "fmt changes the meaning" in broken(GOOD)


def test_an_order_that_matters_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the first rule of the file alone counted."""
    real = pipeline.relations.run

    def first_only(resolved: Any, diagnostics: Diagnostics) -> RelationGraph:
        graph = real(resolved, diagnostics)
        return replace(graph, extents=graph.extents[:1])

    monkeypatch.setattr(pipeline.relations, "run", first_only)
    said = set()
    for seed in range(8):
        try:
            hold(given(GOOD + b"forbid wine -drinking-> child\n"), random.Random(seed), often=True)
        except Broken as law:
            said.add(str(law))
    assert said == {"the order of the statements changes the meaning"}


def test_what_takes_too_long_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    real = pipeline.names.run

    def slow(program: Any, diagnostics: Diagnostics) -> Any:
        total = 0
        while total < 10**9:
            total += 1
        return real(program, diagnostics)

    monkeypatch.setattr(laws, "_GIVEN_UP", 0.3)
    monkeypatch.setattr(pipeline.names, "run", slow)
    assert "analyse hangs" in broken(GOOD)
    monkeypatch.undo()
    monkeypatch.setattr(laws, "MOST_SECONDS", -1.0)
    assert "analyse takes" in broken(GOOD)


def test_an_exception_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*_: Any) -> None:
        raise KeyError("child")

    monkeypatch.setattr(pipeline.relations, "run", bug)
    tally = fuzz(2026, range(3), shell=False)
    assert len(tally.broken) == 3
    assert "KeyError: 'child'" in tally.broken[0][1]


def test_a_wrong_exit_code_is_seen() -> None:
    exits_well(given(GOOD), "good")
    with pytest.raises(Broken, match="check leaves with 0"):
        exits_well(given(GOOD), "refused")
