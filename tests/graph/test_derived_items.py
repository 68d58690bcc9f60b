"""What `Derived` says of itself: kinds and distances of its items, its counts, its rules, its forms."""

from __future__ import annotations

from pathlib import Path

import pytest
from proscribe.compiler.graph.cell_sets import ones
from proscribe.compiler.graph.depiction import Depiction
from proscribe.compiler.graph.derive import Derived, RuleSets
from proscribe.compiler.pipeline import load, loads
from proscribe.compiler.records.canonical import plain
from proscribe.compiler.world.cells import SLOTS, Cell

MINORS = Path(__file__).parents[2] / "policies" / "minors.policy"
POLICY = """concept minor = child | teen; concept drink = wine | beer | juice
relation drinking; relation holding
forbid minor -drinking-> wine
forbid teen -drinking-> beer
allow teen -drinking-> juice
allow man -drinking-> wine
"""


@pytest.fixture(scope="module")
def minors() -> Derived:
    derived, _ = load(MINORS)
    assert derived is not None
    return derived


def derived_of(text: str) -> Derived:
    derived, found = loads(text)
    assert derived is not None, [d.message for d in found]
    return derived


def test_every_item_says_what_it_is_for_and_how_far_away(minors: Derived) -> None:
    for sets in minors.rules:
        assert {(item.kind, item.distance, item.changed) for item in sets.forget} == {("forget", 0, "")}
        assert {(item.kind, item.distance, item.changed) for item in sets.marginals} == {("marginal", 0, "")}
        assert {(item.kind, item.distance, item.changed) for item in sets.control} == {("control", 0, "")}
        assert {item.kind for item in sets.neighbours} == {"neighbour"}
        assert {item.changed for item in sets.neighbours} <= {*SLOTS, "roles"}
        assert {(item.kind, item.changed) for item in sets.allows} == {("allow", "")}
        sides = {slot: {item.cell.get(slot) for item in sets.forget} for slot in SLOTS}
        for item in sets.allows:
            assert item.distance == sum(item.cell.get(slot) not in sides[slot] for slot in SLOTS)
        assert {origin.rule for item in sets.forget for origin in item.origin} == {sets.rule.id}


def test_control_is_two_slots_away_in_pictures_too_and_no_farther(minors: Derived) -> None:
    depiction = Depiction(minors.graph)
    for extent, sets in zip(minors.graph.of_kind("forbid"), minors.rules, strict=True):
        shared = set()
        for item in sets.control:
            sides = [depiction.covering(slot, item.cell.get(slot)) for slot in SLOTS]
            shared.add(max(sum(bool(a & b) for a, b in zip(sides, box, strict=True)) for box in extent.cells.boxes))
        assert shared == {0, 1}, sets.rule.id


def test_counts_of_cells_are_those_of_the_sets() -> None:
    derived = derived_of(POLICY)
    forbidden = {cell for extent in derived.graph.of_kind("forbid") for cell in extent.cells}
    assert derived.forbidden_count == len(forbidden) == 3
    # Two subjects of its own and a man, two relations, three drinks; five of these cells are spoken of.
    own = {
        Cell(s, r, o)
        for s in ("child", "teen", "man")
        for r in ("drinking", "holding")
        for o in ("wine", "beer", "juice")
    }
    spoken_of = {cell for extent in derived.graph.extents for cell in extent.cells}
    assert len(own) == 18
    assert derived.uncovered_count == len(own - spoken_of) == 13


def test_rules_are_derived_one_by_one_or_in_slices() -> None:
    derived = derived_of(POLICY)
    first, second = derived.rules
    assert derived.rules[:] == (first, second)
    assert derived.rules[1:] == (second,)
    assert derived.rules[-1] is second is derived.sets("R2")
    assert derived.sets("A1") is derived.sets("R3") is None
    with pytest.raises(IndexError):
        derived.rules[2]


def test_ids_and_rules_by_their_kind() -> None:
    wide = "".join(f"concept c{n};" for n in range(150)) + "relation r\n"
    derived = derived_of(wide + POLICY + "forbid * -r-> *")
    assert derived.ids == ("R1", "R2", "R3")
    assert [rule.id for rule in derived.forbid_rules] == ["R1", "R2", "R3"]
    assert [rule.id for rule in derived.allow_rules] == ["A1", "A2"]
    assert [rule.kind for rule in derived.allow_rules] == ["allow", "allow"]
    assert derived.too_wide == ("R3",)


def test_the_whole_is_written_with_every_rules_sets() -> None:
    derived = derived_of(POLICY)
    written = plain(derived)
    assert [sets["rule"]["id"] for sets in written["rules"]] == ["R1", "R2"]
    assert written["rules"] == [plain(sets) for sets in derived.rules]
    assert plain(derived.rules) == written["rules"]
    assert set(written) == {*derived.heading(), "rules"}


def test_forms_are_looked_up_among_the_names_of_the_slot() -> None:
    derived = derived_of('concept run as "a run"; relation running as "at a run"; forbid run -running-> run')
    assert derived.forms("relation", "running") == ("at a run",)
    assert derived.forms("subject", "run") == derived.forms("object", "run") == ("a run",)
    assert derived.forms("relation", "run") == ("run",)


def test_an_exception_of_one_name_is_no_forget_cell_and_changes_its_siblings_sets() -> None:
    derived = derived_of(POLICY.replace("forbid minor -drinking-> wine", "forbid minor -drinking-> wine except teen"))
    sets: RuleSets = derived.rules[0]
    assert [item.cell for item in sets.forget] == [Cell("child", "drinking", "wine")]
    assert sets.forget_count == 1
    assert Cell("teen", "drinking", "wine") in {item.cell for item in sets.neighbours if item.distance == 1}
    assert list(ones(derived.graph.extents[0].cells.side("subject"))) == [derived.graph.space.concepts.index["child"]]
