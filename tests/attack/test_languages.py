"""Sentences in other languages: complete tables, right grammar, nothing that training says."""

from __future__ import annotations

import random

import pytest
from proscribe.compiler.attack.families.family import probes
from proscribe.compiler.attack.families.languages import Languages
from proscribe.compiler.attack.language.languages import LANGUAGES, Language
from proscribe.compiler.corpus.phrasebook import Phrasebook, build_phrasebook
from proscribe.compiler.pipeline import loads
from proscribe.compiler.world.cells import SLOTS, Cell
from proscribe.compiler.world.lexicon import WORDS
from proscribe.compiler.world.templates import SPLITS, TEMPLATES

BY_NAME = {language.name: language for language in LANGUAGES}
# The same word in both languages; English has borrowed some of them ("vino", "bambino", "gelato").
COGNATES = {
    "german": {"whisky", "ball", "car", "hammer"},
    "french": {"teenager", "robot", "whisky", "cigarette", "pipe"},
    "spanish": {"robot", "whisky", "wine"},
    "italian": {"child", "robot", "wine", "whisky", "milk", "banana", "ice_cream", "car"},
    "portuguese": {"banana"},
    "dutch": {"man", "robot", "whisky", "water", "car"},
}


@pytest.fixture(scope="module")
def book() -> Phrasebook:
    derived, _ = loads("forbid child -drinking-> alcohol; forbid otter -juggling-> pebble")
    assert derived is not None
    return build_phrasebook(derived, 0)


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_every_table_is_complete_and_shares_true_cognates_only(language: Language) -> None:
    names = {(slot, entry.name) for slot in SLOTS for entry in WORDS[slot]}
    assert set(language.words) == names
    for (slot, _), form in language.words.items():
        assert form
        assert ("{o}" in form) + ("{d}" in form) == (slot == "relation")
    assert {name for slot, name in names if language.is_cognate(slot, name)} == COGNATES[language.name]
    assert all("{c}" in frame for frame in language.frames)
    for slot in SLOTS:
        forms = [language.bare(slot, entry.name) for entry in WORDS[slot]]
        assert len(set(forms)) == len(forms), "no two names are said alike"


@pytest.mark.parametrize(
    ("language", "cell", "said"),
    [
        ("german", Cell("woman", "sitting_next_to", "ball"), "eine Frau sitzt neben einem Ball"),
        ("german", Cell("child", "riding", "horse"), "ein Kind reitet auf einem Pferd"),
        ("german", Cell("child", "riding", "scooter"), "ein Kind fährt auf einem Tretroller"),
        ("french", Cell("child", "sitting_next_to", "water"), "un enfant s'assied à côté d'eau"),
        ("french", Cell("cat", "sitting_next_to", "car"), "un chat s'assied à côté d'une voiture"),
        ("italian", Cell("man", "holding", "car"), "un uomo tiene in mano un'automobile"),
        ("dutch", Cell("child", "holding", "kite"), "een kind houdt een vlieger vast"),
        ("spanish", Cell("elder", "riding", "bicycle"), "un anciano monta en una bicicleta"),
        ("portuguese", Cell("dog", "sitting_next_to", "ball"), "um cão senta-se ao lado de uma bola"),
    ],
)
def test_articles_and_cases_fit(language: str, cell: Cell, said: str) -> None:
    assert BY_NAME[language].clause(cell) == said


def test_all_languages_speak_alone_and_in_english(book: Phrasebook) -> None:
    beer = Cell("woman", "drinking", "beer")
    found = probes(Languages(), (beer,), book, 140, seed=0)
    assert len({probe.text for probe in found}) == len(found) >= 120, "from one cell alone"
    assert {probe.variant for probe in found} == {n for name in BY_NAME for n in (name, f"{name} in English")}
    assert {probe.cell for probe in found} == {beer}
    assert found == probes(Languages(), (beer,), book, 140, seed=0)


def test_cognates_are_left_out(book: Phrasebook) -> None:
    cell = Cell("child", "drinking", "whisky")
    found = probes(Languages(), (cell,), book, 140, seed=0)
    assert {probe.variant for probe in found if "English" not in probe.variant} == {"portuguese"}
    forms = [form for split in SPLITS for form in TEMPLATES[split]]
    english = {form.format(s="a child", r="drinking", o="whisky") for form in forms}
    assert [probe.text for probe in found if probe.text in english or "du whisky" in probe.text] == []


def test_outside_the_world_there_is_nothing_to_say(book: Phrasebook) -> None:
    assert Languages().probe(Cell("otter", "juggling", "pebble"), None, book, random.Random(0), 0) is None
    part = Cell("child", "", "wine")
    assert Languages().probe(part, part, book, random.Random(0), 0) is None
