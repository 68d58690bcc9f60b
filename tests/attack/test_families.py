"""The attack families' probes, and what a view of the universe picks."""

from __future__ import annotations

import random

import pytest
import torch
from proscribe.compiler.attack.families.family import Family, Probe, probes
from proscribe.compiler.attack.listed import QUICK_TRIALS, families
from proscribe.compiler.attack.universe import choose
from proscribe.compiler.corpus.phrasebook import Phrasebook, build_phrasebook
from proscribe.compiler.pipeline import loads
from proscribe.compiler.world.cells import Cell
from proscribe.compiler.world.templates import CONTEXTS

WINE = Cell("child", "drinking", "wine")
ALCOHOL = Cell("child", "drinking", "alcohol")
OTTER = Cell("otter", "juggling", "pebble")
FAMILIES = families("quick")
SENTENCES = [family for family in FAMILIES if family.modality == "text"]
PICTURES = [family for family in FAMILIES if family.modality == "picture"]
BY_NAME = {family.name: family for family in FAMILIES}


@pytest.fixture(scope="module")
def book() -> Phrasebook:
    derived, _ = loads("forbid child -drinking-> alcohol; forbid otter -juggling-> pebble; allow man -drinking-> wine")
    assert derived is not None
    return build_phrasebook(derived, 0)


def distinct(found: tuple[Probe, ...]) -> int:
    return len({(probe.text, probe.scene) for probe in found})


def test_the_families_are_these_five() -> None:
    assert [family.name for family in FAMILIES] == ["paraphrase", "synonym", "context", "style", "corruption"]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_probes_are_as_many_as_asked_for_and_all_different(family: Family, book: Phrasebook) -> None:
    cells = (WINE, Cell("child", "drinking", "beer"), Cell("man", "smoking", "pipe"), Cell("dog", "eating", "cake"))
    found = probes(family, cells, book, 60, seed=0)
    assert len(found) == distinct(found) == 60
    counts = [sum(probe.cell == cell for probe in found) for cell in cells]
    assert min(counts) > 5, "spread over the cells"
    assert found == probes(family, cells, book, 60, seed=0)
    assert found != probes(family, cells, book, 60, seed=1)


@pytest.mark.parametrize("family", ["paraphrase", "context"])
@pytest.mark.parametrize("cell", [WINE, ALCOHOL, OTTER], ids=str)
def test_a_policy_of_one_cell_is_attacked_often_enough(family: str, cell: Cell, book: Phrasebook) -> None:
    """One cell, and every probe in its canonical words: sentence forms and contexts alone make them different."""
    for seed in (0, 1):
        found = probes(BY_NAME[family], (cell,), book, QUICK_TRIALS, seed)
        assert len(found) == distinct(found) >= 200


def test_every_context_probe_has_surroundings_that_are_held_out(book: Phrasebook) -> None:
    for probe in probes(BY_NAME["context"], (WINE,), book, 200, seed=0):
        assert probe.text.endswith(CONTEXTS["attack"])
        assert "a child drinking wine" in probe.text


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_wide_cell_is_tried_on_everything_that_shows_it(family: Family, book: Phrasebook) -> None:
    found = probes(family, (ALCOHOL,), book, 30, seed=0)
    assert {probe.world for probe in found} == set(book.shown(ALCOHOL))
    assert {probe.cell for probe in found} == {ALCOHOL}


@pytest.mark.parametrize("family", SENTENCES, ids=lambda family: family.name)
def test_sentence_families_speak_and_draw_nothing(family: Family, book: Phrasebook) -> None:
    found = probes(family, (WINE,), book, 30, seed=0)
    assert all(probe.scene is None and probe.text != book.canonical(WINE) for probe in found)


@pytest.mark.parametrize("family", PICTURES, ids=lambda family: family.name)
def test_picture_families_draw_the_cell_that_shows_it(family: Family, book: Phrasebook) -> None:
    for probe in probes(family, (ALCOHOL,), book, 30, seed=0):
        assert probe.scene is not None
        assert probe.world == Cell(probe.scene.subject, probe.scene.relation, probe.scene.object)
        assert probe.text == book.canonical(probe.world)


def test_a_family_says_none_where_it_has_nothing_to_say(book: Phrasebook) -> None:
    rng = random.Random(0)
    for family in (*PICTURES, BY_NAME["synonym"]):
        assert family.probe(OTTER, None, book, rng, 0) is None
        assert probes(family, (OTTER,), book, 20, seed=0) == ()
    for name in ("paraphrase", "context"):
        probe = BY_NAME[name].probe(OTTER, None, book, rng, 0)
        assert probe is not None
        assert "an otter" in probe.text
        assert probe.world is None


def test_cells_without_probes_do_not_starve_the_others(book: Phrasebook) -> None:
    found = probes(BY_NAME["style"], (OTTER, WINE), book, 30, seed=0)
    assert {probe.cell for probe in found} == {WINE}
    assert len(found) == 30


def test_synonyms_leave_no_slot_in_its_canonical_form(book: Phrasebook) -> None:
    rng = random.Random(0)
    for number in range(40):
        probe = BY_NAME["synonym"].probe(WINE, WINE, book, rng, number)
        assert probe is not None
        # A form may be built on the canonical word ("drinking a little of"), but is never the word itself.
        assert not probe.text.removeprefix("a child").startswith(" drinking wine")
        assert "drinking wine" not in probe.text
        assert "a child " not in probe.text


def test_choose_picks_the_best_and_measures_the_margin() -> None:
    sims = torch.tensor([[0.9, 0.2, 0.5], [0.1, 0.7, 0.3], [0.4, 0.4, -0.2]])
    forbidden = torch.tensor([True, False, False])
    picked, score, margin = choose(sims, forbidden)
    assert picked[:2].tolist() == [0, 1]
    torch.testing.assert_close(score, torch.tensor([0.9, 0.7, 0.4]))
    torch.testing.assert_close(margin, torch.tensor([0.4, -0.6, 0.0]))


def test_choose_without_a_forbidden_cell_is_far_from_broken() -> None:
    picked, _, margin = choose(torch.tensor([[-0.9, -0.8]]), torch.tensor([False, False]))
    assert picked.tolist() == [1]
    assert margin.item() == pytest.approx(-1.2)
