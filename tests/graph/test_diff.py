"""The change in meaning between two versions of a policy, in cells."""

from __future__ import annotations

import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from proscribe.compiler.build import retrain_reasons as adapters
from proscribe.compiler.explain import diff, set_changes
from proscribe.compiler.explain.diff import Diff
from proscribe.compiler.graph.relations import RelationGraph
from proscribe.compiler.pipeline import Analysis, analyse
from proscribe.compiler.syntax.parse import source_of
from proscribe.compiler.world.cells import Cell

MINORS = Path(__file__).parents[2] / "policies/minors.policy"
NAMES = """policy "p" edition 2026
concept minor = child | teenager
concept adult = man | woman
concept alcohol = wine | beer
relation drinking; relation holding
"""


def analysed(text: str, path: str = "p.policy") -> Analysis:
    return analyse(source_of(path, text.encode()))


def graph(text: str) -> RelationGraph:
    return analysed(text).graph


def changes(old: str, new: str, **renamed: str) -> Diff:
    return diff.run(graph(NAMES + old), graph(NAMES + new), renamed)


def shown(cells: object) -> list[str]:
    return [str(cell) for cell in cells]  # type: ignore[attr-defined]


def test_text_order_and_numbers_are_no_change() -> None:
    old = "forbid minor -drinking-> wine\nforbid minor -drinking-> beer\nallow adult -drinking-> wine"
    new = "# moved\nallow adult -drinking-> wine\nforbid minor -drinking-> beer\nforbid minor -drinking-> wine"
    found = changes(old, new)
    assert found.is_same
    assert found.renumbered == {"R1": "R2", "R2": "R1"}
    assert all(change.is_same for change in found.rules)


def test_one_rule_split_in_two_loses_nothing() -> None:
    found = changes("forbid minor -drinking-> alcohol", "forbid minor -drinking-> wine\nforbid minor -drinking-> beer")
    assert (len(found.forbidden.gained), len(found.forbidden.lost), found.lost) == (0, 0, ())
    assert not found.is_same, "the adapters are others"


def test_an_except_loses_cells_and_is_named() -> None:
    found = changes("forbid minor -drinking-> alcohol", "forbid minor -drinking-> alcohol except beer")
    assert shown(found.forbidden.lost) == ["child -drinking-> beer", "teenager -drinking-> beer"]
    (lost,) = found.lost
    assert (lost.why, lost.span and lost.span.line, lost.now_allowed) == ("`except beer` takes them", 6, ())


def test_a_rule_that_is_gone_and_what_is_said_of_its_cells_now() -> None:
    found = changes("forbid minor -drinking-> wine", "allow child -drinking-> wine")
    assert [(lost.why, lost.now_allowed) for lost in found.lost] == [("its rule is gone", ("A1",))]
    assert shown(found.allowed.gained) == ["child -drinking-> wine"]
    assert (found.forbidden.before, found.forbidden.after, found.allowed.after) == (2, 0, 1)


def test_a_name_that_moved_in_the_taxonomy() -> None:
    rule = "forbid minor -drinking-> alcohol"
    found = diff.run(graph(NAMES + rule), graph(NAMES.replace("wine | beer", "wine") + "concept beer\n" + rule))
    (lost,) = found.lost
    assert lost.why == "`beer` is no longer below `alcohol`"
    assert shown(lost.cells) == ["child -drinking-> beer", "teenager -drinking-> beer"]


def test_cells_that_another_rule_forbids_now_are_not_lost() -> None:
    found = changes(
        "forbid minor -drinking-> alcohol",
        "forbid minor -drinking-> alcohol except beer\nforbid minor -*-> beer",
    )
    assert not found.forbidden.lost
    assert shown(found.forbidden.gained) == ["child -holding-> beer", "teenager -holding-> beer"]


def test_a_leaf_that_is_split_stands_for_its_parts() -> None:
    rule = "forbid minor -drinking-> alcohol"
    finer = NAMES + "concept wine = red_wine | white_wine\n" + rule
    found = diff.run(graph(NAMES + rule), graph(finer))
    assert (len(found.forbidden.gained), len(found.forbidden.lost)) == (0, 0)
    assert [(s.name, s.leaves, s.was_leaf) for s in found.splits] == [("wine", ("red_wine", "white_wine"), True)]
    back = diff.run(graph(finer), graph(NAMES + rule))
    assert (len(back.forbidden.gained), len(back.forbidden.lost), back.splits[0].was_leaf) == (0, 0, False)
    part = diff.run(graph(NAMES + rule), graph(finer + " except white_wine"))
    assert shown(part.forbidden.lost) == ["child -drinking-> white_wine", "teenager -drinking-> white_wine"]


def test_a_renamed_name_is_the_same_when_it_is_said_so() -> None:
    rule = "forbid minor -drinking-> alcohol"
    old, new = graph(NAMES + rule), graph(NAMES.replace("child", "kid") + rule)
    assert shown(diff.run(old, new).forbidden.lost)[0] == "child -drinking-> beer"
    assert diff.run(old, new, {"child": "kid"}).is_same


def test_clauses_that_demand_less() -> None:
    found = changes(
        "forbid minor -drinking-> wine severity high require breach <= 5%, retention >= 98%",
        "forbid minor -drinking-> wine severity low instead beer require breach <= 2%, retention >= 90%",
    )
    (change,) = found.rules
    assert [(c.name, c.old, c.new, c.looser) for c in change.clauses] == [
        ("instead", "", "beer", False),
        ("severity", "high", "low", True),
        ("require", "breach <= 5%", "breach <= 2%", False),
        ("require", "retention >= 98%", "retention >= 90%", True),
    ]


SLOTS = st.tuples(
    st.sampled_from(["minor", "adult", "child", "man", "*"]),
    st.sampled_from(["drinking", "holding", "*"]),
    st.sampled_from(["alcohol", "wine", "beer", "child"]),
)
RULES = st.lists(
    st.tuples(st.sampled_from(["forbid", "forbid", "allow"]), SLOTS, st.sampled_from(["", "beer", "child"])), max_size=6
)


@settings(max_examples=150, deadline=None)
@given(RULES, RULES)
def test_the_difference_is_the_difference_of_the_cells(old: list, new: list) -> None:  # type: ignore[type-arg]
    """Against every cell of the policy, one by one; every lost cell is told once."""

    def text(rules: list) -> str:  # type: ignore[type-arg]
        lines = [f"{k} {s} -{r}-> {o}" + (f" except {e}" if e and k == "forbid" else "") for k, (s, r, o), e in rules]
        return NAMES + "\n".join(lines)

    before, after = graph(text(old)), graph(text(new))
    found = diff.run(before, after)

    def cells(of: RelationGraph, kind: str) -> set[Cell]:
        return {cell for extent in of.of_kind(kind) for cell in extent.cells}

    was, now = cells(before, "forbid"), cells(after, "forbid")
    assert set(found.forbidden.lost) == was - now
    assert set(found.forbidden.gained) == now - was
    assert (found.forbidden.before, found.forbidden.after) == (len(was), len(now))
    assert sorted(cell for lost in found.lost for cell in lost.cells) == sorted(was - now)
    could, can = cells(before, "allow") - was, cells(after, "allow") - now
    assert set(found.allowed.lost) == could - can
    assert set(found.allowed.gained) == can - could
    assert (found.allowed.before, found.allowed.after) == (len(could), len(can))
    for change in found.rules:
        assert change.before - len(change.lost) + len(change.gained) == change.after


def test_adapters_that_are_trained_again_are_those_that_compile_would_not_take_over() -> None:
    had_torch = "torch" in sys.modules
    text = MINORS.read_text("utf-8")
    old = analysed(text)
    moved = text.replace("forbid minor -riding", 'forbid child -eating-> cigar because "new"\nforbid minor -riding')
    new = analysed(moved)
    assert old.derived is not None
    assert new.derived is not None
    found = diff.run(old.graph, new.graph)
    matched = {c.new.id: c.old.id for c in found.rules if c.old and c.new and c.new.kind == "forbid"}
    work = {change.rule: (change.work, change.was) for change in adapters.run(old.derived, new.derived, matched)}
    assert work["R1"] == ("attack", "R1")
    assert work["R4"] == ("train", "")
    assert work["R5"][1] == "R4"
    same = adapters.run(old.derived, old.derived, {rule: rule for rule in old.derived.ids})
    assert {change.work for change in same} == {"nothing"}
    less = analysed(text.replace("wine | beer | whisky", "wine | beer"))
    assert less.derived is not None
    why = adapters.run(old.derived, less.derived, {rule: rule for rule in old.derived.ids})[0].why
    assert why.startswith("its forget set (3 less), where its cells are led")
    assert ("torch" in sys.modules) == had_torch


def test_changes_of_the_sets_around_a_rule() -> None:
    text = MINORS.read_text("utf-8")
    old, new = analysed(text), analysed(text.replace("wine | beer | whisky", "wine | beer"))
    assert old.derived is not None
    assert new.derived is not None
    assert set_changes.run(old.derived, old.derived, {"R1": "R1"}) == ()
    found = {change.set: change for change in set_changes.run(old.derived, new.derived, {"R1": "R1"})}
    assert {str(cell) for cell in found["marginals"].lost} >= {"whisky"}
    assert "child -drinking-> whisky" in {str(cell) for cell in found["neighbours"].gained}
    assert (found["redirects"].before, found["redirects"].after) == (9, 6)
