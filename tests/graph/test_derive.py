"""What is derived from a rule, and the laws that hold for every policy."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from proscribe.compiler.explain.rule import blocks, run
from proscribe.compiler.graph import conflicts, derive, relations
from proscribe.compiler.graph.derive import Derived
from proscribe.compiler.graph.neighbours import MAX_NEIGHBOURS
from proscribe.compiler.pipeline import PASSES, load, loads
from proscribe.compiler.records.canonical import content_hash, meaning_hash, to_json
from proscribe.compiler.world import lexicon
from proscribe.compiler.world.cells import SLOTS, Cell

POLICIES = Path(__file__).parents[2] / "policies"


def derived_of(text: str) -> Derived:
    derived, found = loads(text)
    assert derived is not None, found
    return derived


def minors() -> Derived:
    derived, found = load(POLICIES / "minors.policy")
    assert derived is not None
    assert found == ()
    return derived


def test_the_passes_in_order() -> None:
    assert PASSES[3:] == (relations.run, conflicts.run, derive.run)


def test_the_policy_of_minors() -> None:
    derived = minors()
    forgets = [{item.cell for item in sets.forget} for sets in derived.rules]
    assert [len(forget) for forget in forgets] == [9, 9, 17, 6]
    assert len(set().union(*forgets)) == sum(map(len, forgets)), "no cell is forbidden twice"
    assert Cell("child", "holding", "knife") not in forgets[2]
    assert Cell("teenager", "holding", "sword") not in forgets[2]
    for sets in derived.rules:
        assert sets.rule.because
        assert sets.redirects
        assert len(sets.control) == derive.CONTROL_CELLS
        assert all(r.target not in set().union(*forgets) for r in sets.redirects)


def test_leaves_of_minors_are_drawn_and_speak_no_attack_words() -> None:
    derived = minors()
    kept_back = {lexicon.plain(f) for words in lexicon.WORDS.values() for w in words for f in (*w.select, *w.attack)}
    for concept in (*derived.concepts, *derived.relations):
        if concept.is_leaf:
            slots = ("relation",) if concept.kind == "relation" else ("subject", "object")
            assert (concept.name,) in [lexicon.depicts(slot, concept.name) for slot in slots]
            assert not kept_back & {lexicon.plain(form) for form in concept.forms}, concept.name


def test_neighbours_are_one_slot_away_safe_and_nearest_first() -> None:
    derived = minors()
    forbidden = {item.cell for sets in derived.rules for item in sets.forget}
    for sets in derived.rules:
        forget = [item.cell for item in sets.forget]
        assert len(sets.neighbours) <= MAX_NEIGHBOURS
        assert [n.distance for n in sets.neighbours] == sorted(n.distance for n in sets.neighbours)
        for item in sets.neighbours:
            assert item.cell not in forbidden
            if item.changed == "roles":
                assert Cell(item.cell.object, item.cell.relation, item.cell.subject) in forget
            else:
                others = [slot for slot in SLOTS if slot != item.changed]
                assert any(all(item.cell.get(s) == f.get(s) for s in others) for f in forget)
        near = {item.cell for item in sets.neighbours if item.distance == 1}
        if sets.rule.id == "R4":
            assert near == {Cell(s, "riding", "scooter") for s in ("toddler", "child", "teenager")}


def test_control_is_unrelated() -> None:
    for sets in minors().rules:
        for control in sets.control:
            for item in sets.forget:
                assert sum(control.cell.get(slot) == item.cell.get(slot) for slot in SLOTS) <= 1


def test_what_an_undeclared_name_depicts_is_no_neighbour() -> None:
    sets = derived_of("forbid kid -drinking-> alcohol; allow adult -drinking-> wine").rules[0]
    neighbours = {item.cell for item in sets.neighbours}
    assert Cell("kid", "drinking", "juice") in neighbours
    assert not {Cell("kid", "drinking", drink) for drink in ("wine", "beer", "whisky")} & neighbours
    assert Cell("child", "drinking", "alcohol") not in neighbours
    assert Cell("man", "drinking", "alcohol") in neighbours
    assert [item.cell for item in sets.allows] == [Cell("adult", "drinking", "wine")]
    assert not {Cell("child", "drinking", "wine")} & {item.cell for item in sets.control}


def test_marginals_are_every_part_and_pair() -> None:
    sets = derived_of("forbid a -b-> c").rules[0]
    assert {item.cell for item in sets.marginals} == {
        Cell("a", "", ""), Cell("", "b", ""), Cell("", "", "c"),
        Cell("a", "b", ""), Cell("a", "", "c"), Cell("", "b", "c"),
    }  # fmt: skip


def test_redirects_follow_instead_in_the_slot_that_it_fits() -> None:
    def targets(clause: str) -> list[str]:
        text = f"relation pointing_at; concept adult = man | woman; forbid child -drinking-> wine {clause}"
        return [str(r.target) for r in derived_of(text).rules[0].redirects]

    assert targets("") == []
    assert targets("instead juice") == ["child -drinking-> juice"]
    assert targets("instead pointing_at") == ["child -pointing_at-> wine"]
    assert targets("instead adult") == ["man -drinking-> wine"]


def test_what_cells_are_led_to_is_among_those_that_are_told_apart() -> None:
    text = "concept clerk; concept opioid; concept aid; relation selling; forbid clerk -selling-> opioid instead aid"
    (sets,) = derived_of(text).rules
    told = sets.told_apart
    assert told[0] == Cell("clerk", "selling", "opioid")
    assert Cell("clerk", "selling", "aid") in told
    assert Cell("opioid", "selling", "clerk") not in told
    assert len(told) == len(set(told)) > 200


def test_forms_come_from_the_policy_then_from_the_lexicons_training_words() -> None:
    derived = derived_of('concept child as "a kid"; forbid child -sitting_on-> wine')
    assert derived.forms("subject", "child") == ("a kid",)
    assert derived.forms("relation", "sitting_on") == ("sitting on",)
    assert derived.forms("object", "juice") == lexicon.word("object", "juice").train  # type: ignore[union-attr]
    assert derived.forms("object", "lava_lamp") == ("lava lamp",)


def test_origins_point_at_the_rules() -> None:
    sets = derived_of("forbid a -b-> c\nallow d -b-> c; allow d -*-> c\nrelation b").rules[0]
    assert [(o.rule, o.span.line) for o in sets.forget[0].origin] == [("R1", 1)]
    assert [(o.rule, o.span.line) for o in sets.allows[0].origin] == [("A1", 2), ("A2", 2)]


def test_canonical_json_and_hashes() -> None:
    text = "forbid a -b-> c\nforbid d -b-> c because 'x'".replace("'", '"')
    one, again, moved = derived_of(text), derived_of(text), derived_of("\n\n" + text)
    assert to_json(one) == to_json(again)
    assert content_hash(one) == content_hash(again) != content_hash(moved)
    assert meaning_hash(one.rules[0]) == meaning_hash(moved.rules[0]) != meaning_hash(one.rules[1])


def test_the_graph_on_networkx() -> None:
    from proscribe.compiler.messages.diagnostics import Diagnostics
    from proscribe.compiler.resolve import names
    from proscribe.compiler.syntax import parse

    diagnostics = Diagnostics()
    source = parse.source_of("p", b"concept alcohol = wine | beer; forbid child -drinking-> alcohol")
    graph = relations.run(names.run(parse.run(source, diagnostics), diagnostics), diagnostics).as_networkx()
    assert set(graph.predecessors("concept:alcohol")) == {"concept:wine", "concept:beer", "concept:child"}
    assert graph.edges["concept:child", "concept:alcohol", "R1"] == {
        "kind": "forbid", "relation": "drinking", "cells": 2,
    }  # fmt: skip


def test_explanations() -> None:
    first, *_ = run(minors(), ("R1",))
    assert [str(b) for b in first.forget] == ["child | teenager | toddler -drinking-> beer | whisky | wine"]
    assert first.unseen == ()
    (unknown,) = run(derived_of("forbid child -knitting-> wine"))
    assert [str(b) for b in unknown.unseen] == ["child -knitting-> wine"]


@given(st.sets(st.builds(Cell, *[st.sampled_from("xyz")] * 3), max_size=12))
def test_blocks_hold_the_same_cells(cells: set[Cell]) -> None:
    found = [Cell(s, r, o) for b in blocks(cells) for s in b.subjects for r in b.relations for o in b.objects]
    assert len(found) == len(set(found))
    assert set(found) == cells
