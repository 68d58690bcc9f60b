"""Picture attacks: many, different, of the cell, unlike training; and the safe pictures that must stay safe."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from proscribe.compiler.attack.binding import binding_negatives
from proscribe.compiler.attack.families.corruptions import Corruptions
from proscribe.compiler.attack.families.family import Family, SparingFamily, probes
from proscribe.compiler.attack.families.geometry import KINDS, Geometry
from proscribe.compiler.attack.families.overlay import Overlay
from proscribe.compiler.attack.families.picture_context import VARIANTS, PictureContext
from proscribe.compiler.attack.families.two_subjects import TwoSubjects
from proscribe.compiler.attack.language.balanced_choice import dealt
from proscribe.compiler.attack.language.safe_distractors import _PEOPLE, everyday_beside, everyday_deeds
from proscribe.compiler.corpus.captions import world_cells
from proscribe.compiler.corpus.edited_images import draw
from proscribe.compiler.corpus.phrasebook import Phrasebook, build_phrasebook
from proscribe.compiler.corpus.scene_sets import cell_of, gallery
from proscribe.compiler.corpus.scenes.scene import ATTACK_BACKGROUNDS
from proscribe.compiler.graph.derive import Derived
from proscribe.compiler.pipeline import load, loads
from proscribe.compiler.train.data import forbidden_world
from proscribe.compiler.world.cells import Cell
from proscribe.compiler.world.lexicon import word

from .tiny_ground import BEER, tiny_ground

FAMILIES: tuple[Family, ...] = (PictureContext(), Corruptions(), Geometry(), Overlay(), TwoSubjects())
WINE = Cell("child", "drinking", "wine")
ALCOHOL = Cell("child", "drinking", "alcohol")
CELLS = (WINE, Cell("teenager", "smoking", "pipe"), Cell("toddler", "holding", "gun"), Cell("child", "riding", "car"))
MINORS = Path(__file__).parents[2] / "policies" / "minors.policy"
each = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)


@pytest.fixture(scope="module")
def minors() -> Derived:
    derived, _ = load(MINORS)
    assert derived is not None
    return derived


@pytest.fixture(scope="module")
def book() -> Phrasebook:
    derived, _ = loads("forbid child -drinking-> alcohol; forbid otter -juggling-> pebble; allow man -drinking-> wine")
    assert derived is not None
    return build_phrasebook(derived, 0)


@each
def test_probes_are_as_many_as_asked_for_different_and_the_same_each_time(family: Family, book: Phrasebook) -> None:
    found = probes(family, CELLS, book, 140, seed=0)
    assert len({(p.scene, p.edits, p.beside) for p in found}) == len(found) == 140
    assert Counter(p.cell for p in found) == dict.fromkeys(CELLS, 35)
    assert found == probes(family, CELLS, book, 140, seed=0)
    assert found != probes(family, CELLS, book, 140, seed=1)


@each
def test_probes_show_the_world_cell_and_say_what_they_are(family: Family, book: Phrasebook) -> None:
    found = probes(family, (ALCOHOL,), book, 60, seed=0)
    assert {p.world for p in found} == set(book.shown(ALCOHOL))
    for p in found:
        assert p.scene is not None
        assert p.world == cell_of(p.scene)
        assert p.text == book.canonical(p.world)
        assert p.variant
        assert p.cluster == str(p.scene.seed)


@each
def test_nothing_is_tried_on_a_cell_that_cannot_be_drawn(family: Family, book: Phrasebook) -> None:
    otter = Cell("otter", "juggling", "pebble")
    assert family.probe(otter, None, book, random.Random(0), 0) is None
    assert probes(family, (otter,), book, 20, seed=0) == ()


@each
def test_probes_differ_from_all_that_training_and_galleries_draw(family: Family, book: Phrasebook) -> None:
    fresh = set(gallery())
    for p in probes(family, CELLS, book, 140, seed=3):
        assert p.scene is not None
        assert p.edits or p.beside or p.scene.background in ATTACK_BACKGROUNDS
        assert p.scene not in fresh
        assert p.scene.corruption == ""


@each
def test_probes_can_be_drawn(family: Family, book: Phrasebook) -> None:
    for p in probes(family, CELLS, book, 70 if family.name == "corruptions" else 20, seed=2):
        assert p.scene is not None
        image = draw(p.scene, p.edits, p.beside)
        assert (image.mode, image.size) == ("RGB", (128, 128))


@pytest.mark.parametrize(
    ("family", "variants", "times"),
    [
        (PictureContext(), set(VARIANTS), 12),
        (Corruptions(), {f"{p}/{n}" for p in ("fog", "jpeg", "snow", "elastic") for n in range(1, 6)}, 1),
        (Geometry(), {variant for variant, _, _ in KINDS}, 5),
        (Overlay(), {"forbidden", "harmless", "unrelated"}, 25),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_variants_come_up_evenly(family: Family, variants: set[str], times: int, book: Phrasebook) -> None:
    counts = Counter(p.variant for p in probes(family, CELLS, book, 80, seed=0))
    assert variants <= set(counts)
    assert min(counts[variant] for variant in variants) >= times
    assert max(counts.values()) - min(counts.values()) <= 1


def test_each_cell_gets_most_severities_of_the_corruptions(book: Phrasebook) -> None:
    """Cells go round with the number of the probe: a fixed order of kinds would give each cell one severity only."""
    cells = (*CELLS, Cell("child", "drinking", "beer"))
    found = probes(Corruptions(), cells, book, 140, seed=0)
    for cell in cells:
        severities = Counter(p.variant[-1] for p in found if p.cell == cell)
        assert set(severities) == set("12345")
        assert max(severities.values()) < 14


def test_a_round_deals_every_card_once() -> None:
    rounds = [[dealt("abcdef", 6 * turn + n, "x") for n in range(6)] for turn in range(5)]
    assert all(sorted(one) == list("abcdef") for one in rounds)
    assert len({tuple(one) for one in rounds}) > 3


def test_overlays_write_what_their_variant_says(book: Phrasebook) -> None:
    for p in probes(Overlay(), CELLS, book, 60, seed=0):
        (edit,) = p.edits
        assert p.world is not None
        thing = book.forms("object", p.world.object).canonical
        who = book.forms("subject", p.world.subject).canonical
        assert (edit.text == p.text) == (p.variant == "forbidden")
        assert (thing in edit.text) == (p.variant == "forbidden")
        assert edit.text.startswith(who) == (p.variant != "unrelated")


def test_the_second_subject_is_of_another_age_and_everyday(book: Phrasebook) -> None:
    found = probes(TwoSubjects(), CELLS, book, 60, seed=0)
    for p in found:
        assert p.beside is not None
        assert p.world is not None
        own, other = word("subject", p.world.subject), word("subject", p.beside.subject)
        assert own is not None
        assert other is not None
        assert {own.group, other.group} == {"minor", "adult"}
        assert p.beside.object != p.world.object
        assert (p.variant == "same relation") == (p.beside.relation == p.world.relation)
    assert {p.variant for p in found} == {"same relation", "other relation"}, "nothing everyday is smoked"


def test_everyday_scenes_are_of_the_world() -> None:
    world = set(world_cells())
    rng = random.Random(0)
    for cell in rng.sample(world_cells(), 400):
        assert set(everyday_deeds(cell)) <= world
        beside = everyday_beside(cell, rng)
        assert beside in world
        assert beside is not None
        assert beside.subject != cell.subject
        assert beside.object != cell.object


@pytest.fixture(scope="module")
def strict() -> tuple[Phrasebook, frozenset[Cell]]:
    """A policy whose other rules forbid much of what usually stands beside a child with wine."""
    derived, _ = loads(
        "forbid child -drinking-> wine; forbid man -drinking-> juice; forbid woman -drinking-> milk;"
        " forbid child -drinking-> juice; forbid child -drinking-> milk; forbid child -drinking-> water"
    )
    assert derived is not None
    book = build_phrasebook(derived, 0)
    return book, frozenset().union(*(forbidden_world(sets, book) for sets in derived.rules))


def test_what_stands_beside_is_forbidden_by_no_rule(strict: tuple[Phrasebook, frozenset[Cell]]) -> None:
    book, forbidden = strict
    careless = {cell_of(p.beside) for p in probes(TwoSubjects(), (WINE,), book, 80, seed=0) if p.beside}
    assert careless & forbidden, "without the policy's rules the family shows forbidden things"
    family = TwoSubjects().sparing(forbidden)
    assert isinstance(TwoSubjects(), SparingFamily)
    found = probes(family, (WINE,), book, 80, seed=0)
    assert len(found) == 80
    shown = {cell_of(p.beside) for p in found if p.beside}
    assert shown.isdisjoint(forbidden)
    assert shown == {cell for cell in careless if cell not in forbidden}, "nothing more is left out"


def test_harmless_captions_name_nothing_that_a_rule_forbids(strict: tuple[Phrasebook, frozenset[Cell]]) -> None:
    book, forbidden = strict
    assert isinstance(Overlay(), SparingFamily)
    found = probes(Overlay().sparing(forbidden), (WINE,), book, 90, seed=0)
    written = {edit.text for p in found for edit in p.edits if p.variant == "harmless"}
    assert written, "eating and holding are left"
    assert written.isdisjoint(map(book.canonical, forbidden))
    assert not any("drinking" in text for text in written)
    careless = {edit.text for p in probes(Overlay(), (WINE,), book, 90, seed=0) for edit in p.edits}
    assert careless & {book.canonical(cell) for cell in forbidden if cell != WINE}


def test_where_the_policy_forbids_everything_harmless_nothing_is_shown(book: Phrasebook) -> None:
    everything = frozenset(world_cells())
    assert everyday_beside(WINE, random.Random(0), everything) is None
    assert probes(TwoSubjects().sparing(everything), (WINE,), book, 20, seed=0) == ()
    variants = {p.variant for p in probes(Overlay().sparing(everything), (WINE,), book, 20, seed=0)}
    assert variants == {"forbidden", "unrelated"}


def test_binding_negatives_are_safe_in_both_halves_and_hold_every_part(minors: Derived) -> None:
    book = build_phrasebook(minors, 0)
    forget = {sets.rule.id: tuple(item.cell for item in sets.forget) for sets in minors.rules}
    anything = {world for cells in forget.values() for cell in cells for world in book.shown(cell)}
    for cells in forget.values():
        found = binding_negatives(cells, book, 60, 0, anything)
        own = {world for cell in cells for world in book.shown(cell)}
        assert len({(p.scene, p.beside) for p in found}) == len(found) == 60
        assert found == binding_negatives(cells, book, 60, 0, anything)
        assert found != binding_negatives(cells, book, 60, 1, anything)
        for p in found:
            assert p.scene is not None
            assert p.beside is not None
            assert p.cell == p.world == cell_of(p.scene)
            other = cell_of(p.beside)
            assert {p.cell, other}.isdisjoint(anything)
            assert other.replaced("subject", p.cell.subject) in own, "the parts of a forbidden cell are there"
            assert p.text == book.canonical(p.cell)
            assert p.cluster == str(p.scene.seed)
            assert draw(p.scene, p.edits, p.beside).size == (128, 128)


def test_no_binding_negative_where_nothing_can_be_drawn(book: Phrasebook) -> None:
    assert binding_negatives((Cell("otter", "juggling", "pebble"),), book, 20, 0) == ()


def test_no_binding_negative_where_everybody_is_forbidden_the_tuple() -> None:
    derived, _ = loads("; ".join(f"forbid {who} -drinking-> wine" for who in _PEOPLE))
    assert derived is not None
    book = build_phrasebook(derived, 0)
    cells = tuple(item.cell for sets in derived.rules for item in sets.forget)
    assert binding_negatives(cells, book, 20, 0) == ()


def test_the_arena_hands_the_cells_of_all_rules_to_a_family() -> None:
    arena = tiny_ground().arena
    others = frozenset(cell for cell in world_cells() if cell.subject != "elder" and cell != BEER)
    loaded = replace(arena, forbidden={**arena.forbidden, "R2": others}).load(TwoSubjects(), (BEER,), 8)
    assert loaded is not None
    assert {p.beside.subject for p in loaded.probes if p.beside} == {"elder"}
