"""The nearest allowed cells: the quick selection is the plain one, and looks at few cells however many there are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proscribe.compiler.cli.benchmarks.synthetic_policy import generated_policy
from proscribe.compiler.graph import derive, nearest
from proscribe.compiler.graph.derive import Item, RuleSets
from proscribe.compiler.graph.neighbours import stable_key
from proscribe.compiler.graph.relations import Extent, RelationGraph
from proscribe.compiler.messages.diagnostics import Diagnostics
from proscribe.compiler.pipeline import analyse
from proscribe.compiler.syntax.parse import source_of
from proscribe.compiler.world.cells import SLOTS, Cell

from .test_laws import ALLOWS, FORBIDS, HEAD, graph_of


def plain_selection(forbid: Extent, graph: RelationGraph, count: int) -> list[tuple[Cell, int, list[str]]]:
    """Every cell of every allow, sorted."""
    forbidden = {cell for extent in graph.of_kind("forbid") for cell in extent.cells}
    origins: dict[Cell, list[str]] = {}
    for allow in graph.of_kind("allow"):
        for cell in set(allow.cells) - forbidden:
            origins.setdefault(cell, []).append(allow.rule.id)
    inside = {slot: set(forbid.cells.names(slot)) for slot in SLOTS}
    far = {cell: sum(cell.get(slot) not in inside[slot] for slot in SLOTS) for cell in origins}
    chosen = sorted(origins, key=lambda cell: (far[cell], stable_key(cell)))[:count]
    return [(cell, far[cell], origins[cell]) for cell in chosen]


def shown(items: tuple[Item, ...]) -> list[tuple[Cell, int, list[str]]]:
    return [(item.cell, item.distance, [origin.rule for origin in item.origin]) for item in items]


@settings(max_examples=60, deadline=None)
@given(st.lists(FORBIDS, min_size=1, max_size=3), st.lists(ALLOWS, max_size=4), st.sampled_from([3, 20, 400]))
def test_the_selection_is_the_plain_one(forbids: list[str], allows: list[str], count: int) -> None:
    graph = graph_of([*HEAD, *forbids, *allows])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nearest, "MAX_ALLOWS", count)
        for extent, sets in zip(graph.of_kind("forbid"), derive.run(graph, Diagnostics()).rules, strict=True):
            assert shown(sets.allows) == plain_selection(extent, graph, count)


@pytest.mark.parametrize("seed", range(3))
def test_the_selection_of_larger_policies_is_the_plain_one(seed: int) -> None:
    found = analyse(source_of("p.policy", generated_policy(160, 300, seed).encode()))
    assert found.derived is not None
    for extent in found.graph.of_kind("forbid")[::20]:
        sets = found.derived.sets(extent.rule.id)
        assert sets is not None
        assert len(sets.allows) > 100
        assert shown(sets.allows) == plain_selection(extent, found.graph, nearest.MAX_ALLOWS)


def looked_at(text: str, monkeypatch: pytest.MonkeyPatch) -> tuple[RuleSets, int]:
    """The first rule's sets, and how many allowed cells were looked at for them."""
    found = analyse(source_of("p.policy", text.encode()))
    assert found.derived is not None
    seen: list[Cell] = []

    def key(cell: Cell) -> str:
        seen.append(cell)
        return stable_key(cell)

    monkeypatch.setattr(nearest, "stable_key", key)
    return found.derived.rules[0], len(seen)


def test_nothing_is_looked_at_behind_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    people = "".join(f"concept p{n} : person\n" for n in range(500))
    text = f"{people}concept child; relation drinking; concept wine\nconcept a; concept b; relation r\n"
    sets, seen = looked_at(text + "forbid child -drinking-> wine\nallow person -drinking-> wine", monkeypatch)
    wide, with_far = looked_at(
        text + "forbid child -drinking-> wine\nallow person -drinking-> wine\nallow person -r-> a", monkeypatch
    )
    assert {item.distance for item in sets.allows} == {1}
    assert shown(sets.allows) == shown(wide.allows)
    assert seen == with_far == 500


def test_of_very_many_at_one_distance_some_of_every_allow_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    names = "".join(f"concept p{n} : person\nconcept t{n} : thing\n" for n in range(300))
    rules = "forbid child -drinking-> wine\nallow person -holding-> thing\nallow dog -eating-> bone"
    text = f"{names}concept child; concept dog; relation drinking\n{rules}"
    sets, seen = looked_at(text, monkeypatch)
    assert len(sets.allows) == nearest.MAX_ALLOWS
    assert seen <= nearest.SOME + 1
    monkeypatch.setattr(nearest, "MAX_ALLOWS", nearest.SOME)
    every, _ = looked_at(text, monkeypatch)
    assert {origin.rule for item in every.allows for origin in item.origin} == {"A1", "A2"}
    assert len({item.cell.object for item in every.allows}) > 200, "they lie evenly over the allow"
