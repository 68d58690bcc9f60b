"""A relation's inverses: training says some of them, attacks say the others, and none is said by both."""

from __future__ import annotations

import random

import pytest
from proscribe.compiler.attack.families.family import probes
from proscribe.compiler.attack.listed import load_family, row_of
from proscribe.compiler.build.plan import rule_hash
from proscribe.compiler.corpus.phrasebook import Phrasebook, build_phrasebook, speak, turned
from proscribe.compiler.graph.derive import Derived
from proscribe.compiler.pipeline import loads
from proscribe.compiler.train.settings import TrainSettings
from proscribe.compiler.world.cells import Cell
from proscribe.compiler.world.templates import CONTEXTS, MORE_TEMPLATES, SPLITS, TEMPLATES, Split

RULE = "forbid child -drinking-> wine instead juice; allow man -drinking-> wine; allow child -holding-> wine"
MANY = ", ".join(f'"way {n} of"' for n in range(40))
INVERSE = f'relation drinking; relation drunk_by inverse drinking as "drunk by", {MANY}\n{RULE}'
WINE = Cell("child", "drinking", "wine")


def derived_of(text: str) -> Derived:
    derived, found = loads(text)
    assert derived is not None, [d.message for d in found]
    return derived


@pytest.fixture(scope="module")
def book() -> Phrasebook:
    return build_phrasebook(derived_of(INVERSE), 0)


def said(book: Phrasebook, forms: Split | None, frames: Split, count: int = 800) -> list[str]:
    rng = random.Random(1)
    return [speak(WINE, book, rng, forms=forms, frames=frames, contexts=frames).text for _ in range(count)]


def test_every_form_of_an_inverse_belongs_to_one_split(book: Phrasebook) -> None:
    entry = book.inverses["drinking"]
    everything = [form for split in SPLITS for form in entry.of(split)]
    assert sorted(everything) == sorted(["drunk by", *(f"way {n} of" for n in range(40))])
    assert entry.train[0] == entry.canonical == "drunk by"
    assert entry.attack
    assert entry.select
    assert set(book.inverses) == {"drinking"}


@pytest.mark.parametrize("split", ["train", "attack"])
def test_a_split_says_the_inverses_of_its_own_with_the_object_first(book: Phrasebook, split: Split) -> None:
    entry = book.inverses["drinking"]
    texts = said(book, split, split)
    turned_ones = [text for text in texts if any(f" {form} " in f" {text} " for form in entry.of(split))]
    assert 0.1 < len(turned_ones) / len(texts) < 0.3
    others = [form for other in SPLITS if other != split for form in entry.of(other)]
    assert [text for text in texts if any(f" {form} " in f" {text} " for form in others)] == []
    subjects, objects = book.forms("subject", "child").of(split), book.forms("object", "wine").of(split)
    heads = [form.split()[-1] for form in (*subjects, book.forms("subject", "child").canonical)]
    drinks = [form.split()[-1] for form in (*objects, book.forms("object", "wine").canonical)]
    for text in turned_ones:
        form = next(form for form in entry.of(split) if f" {form} " in f" {text} ")
        before, _, behind = f" {text} ".partition(f" {form} ")
        assert any(word in before.split() for word in drinks), text
        assert any(word in behind.split() for word in heads), text


def test_the_canonical_sentence_has_no_inverse(book: Phrasebook) -> None:
    assert not any("drunk" in text or "way" in text for text in said(book, None, "attack", 200))
    assert book.canonical(WINE) == "a child drinking wine"


def test_half_a_cell_is_never_turned(book: Phrasebook) -> None:
    rng = random.Random(2)
    for cell in (Cell("", "drinking", "wine"), Cell("child", "drinking", "")):
        texts = [speak(cell, book, rng).text for _ in range(200)]
        assert not any("drunk" in text or "way" in text for text in texts)


def test_only_sentence_forms_that_read_right_are_turned() -> None:
    assert turned("{s} likes {r} {o}") is None
    assert turned("a cartoon of {s} who is {r} {o}") is None
    for template in (*TEMPLATES["train"], *MORE_TEMPLATES, *TEMPLATES["attack"]):
        other = turned(template)
        assert other is None or (other != template and turned(other) == template)
    assert sum(turned(template) is not None for template in TEMPLATES["attack"]) >= 4


def test_the_same_sentence_about_another_relation_is_turned_back(book: Phrasebook) -> None:
    rng = random.Random(3)
    spoken = [s for s in (speak(WINE, book, rng, strewn=True) for _ in range(400)) if "drunk by" in s.text]
    assert len(spoken) >= 2
    for one in spoken:
        head = one.parts[0]
        juice = one.about(Cell("child", "drinking", "juice"), book)
        assert f"juice drunk by {head}" in juice or f"juice is drunk by {head}" in juice
        holding = one.about(Cell("child", "holding", "wine"), book)
        assert "drunk by" not in holding
        assert f"{head} holding {one.parts[2]}" in holding or f"{head} is holding {one.parts[2]}" in holding


def test_a_policy_without_inverses_says_what_it_said() -> None:
    with_them, without = (build_phrasebook(derived_of(text), 0) for text in (INVERSE, RULE))
    assert without.inverses == {}
    rng, other = random.Random(4), random.Random(4)
    cell = Cell("man", "smoking", "pipe")
    for _ in range(50):
        assert speak(cell, with_them, rng) == speak(cell, without, other)


def test_another_form_of_an_inverse_is_another_training() -> None:
    def hashed(text: str) -> str:
        derived = derived_of(text)
        return rule_hash(derived.rules[0], derived, build_phrasebook(derived, 0), "f" * 64, 0, TrainSettings())

    assert hashed(INVERSE) == hashed(INVERSE)
    assert hashed(INVERSE) != hashed(INVERSE.replace("drunk by", "downed by"))


@pytest.mark.parametrize("name", ["clauses", "word_order"])
def test_a_passive_that_training_says_is_no_attack(name: str, book: Phrasebook) -> None:
    row = row_of(name)
    assert row is not None
    plain = build_phrasebook(derived_of(RULE), 0)
    assert any(" drunk by " in probe.text for probe in probes(load_family(row), (WINE,), plain, 60, seed=1))
    found = probes(load_family(row), (WINE,), book, 60, seed=1)
    assert len(found) >= 30
    assert not any("drunk" in probe.text for probe in found)


def test_held_out_inverses_are_synonyms_of_the_attack(book: Phrasebook) -> None:
    row = row_of("synonym")
    assert row is not None
    found = [probe.text for probe in probes(load_family(row), (WINE,), book, 200, seed=1)]
    held_out = book.inverses["drinking"].attack
    assert any(any(f" {form} " in text for form in held_out) for text in found)
    assert not any(text.endswith(tuple(CONTEXTS["train"])) for text in found)
