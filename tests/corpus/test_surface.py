"""How a policy's names are said, and which of it is held out."""

from __future__ import annotations

import random

import pytest
from proscribe.compiler.corpus.phrasebook import Phrasebook, build_phrasebook, forms_of, speak, with_article
from proscribe.compiler.pipeline import loads
from proscribe.compiler.world.cells import SLOTS, Cell, Slot
from proscribe.compiler.world.lexicon import WORDS, plain, word
from proscribe.compiler.world.templates import CONTEXTS, MORE_TEMPLATES, SPLITS, TEMPLATES

TWO_RULES = "forbid child -drinking-> alcohol; allow adult -drinking-> wine"
INVENTED = tuple(f"blorp number {n}" for n in range(60))


def phrasebook(text: str, seed: int = 0) -> Phrasebook:
    derived, found = loads(text)
    assert derived is not None, [d.message for d in found]
    return build_phrasebook(derived, seed)


def test_forms_that_the_lexicon_knows_keep_its_split() -> None:
    wine = word("object", "wine")
    assert wine is not None
    declared = ("wine", wine.train[1], wine.attack[0], wine.select[0])
    for seed in range(5):
        found = forms_of("object", "tipple", declared, seed)
        assert plain(wine.train[1]) in map(plain, found.train)
        assert plain(wine.attack[0]) in map(plain, found.attack)
        assert plain(wine.select[0]) in map(plain, found.select)


def test_a_name_of_the_world_is_said_as_the_world_says_it() -> None:
    found = forms_of("object", "wine", ("merlot", "plonk"), 0)
    known = word("object", "wine")
    assert known is not None
    assert found.canonical == known.canonical == "wine"
    assert found.shown == ("wine",)
    assert set(known.attack) <= set(found.attack)
    assert set(known.train) <= set(found.train)


def test_forms_of_the_policy_alone_are_split_by_the_seed() -> None:
    declared = ("blorp", *INVENTED)
    first, again, other = (forms_of("object", "blorp", declared, seed) for seed in (3, 3, 4))
    assert first == again
    assert (first.train, first.select, first.attack) != (other.train, other.select, other.attack)
    for found in (first, other):
        assert found.canonical == found.train[0] == "a blorp"
        assert found.shown == ()
        everything = [form for split in SPLITS for form in found.of(split)]
        assert len(everything) == len(set(everything)) == len(declared)
        assert len(INVENTED) * 0.5 < len(found.train) < len(INVENTED) * 0.9
        assert found.attack
        assert found.select


def test_a_form_has_one_split_whatever_name_or_order_it_is_declared_under() -> None:
    one = forms_of("object", "blorp", ("blorp", *INVENTED), 0)
    other = forms_of("object", "flurp", ("flurp", *reversed(INVENTED)), 0)
    assert set(one.attack) == set(other.attack)
    assert set(one.train) - {"a blorp"} == set(other.train) - {"a flurp"}


def test_alcohol_is_shown_by_its_three_drinks() -> None:
    book = phrasebook(TWO_RULES)
    assert book.forms("object", "alcohol").shown == ("wine", "beer", "whisky")
    assert set(book.shown(Cell("child", "drinking", "alcohol"))) == {
        Cell("child", "drinking", drink) for drink in ("wine", "beer", "whisky")
    }
    assert book.shown(Cell("child", "", "alcohol"))[0] == Cell("child", "", "wine")
    assert book.canonical(Cell("child", "drinking", "alcohol")) == "a child drinking alcohol"
    assert book.canonical(Cell("child", "", "wine")) == "a child and wine"


def test_a_word_outside_the_world_has_no_pictures() -> None:
    book = phrasebook("concept otter\nforbid otter -drinking-> wine")
    assert book.shown(Cell("otter", "drinking", "wine")) == ()
    assert book.canonical(Cell("otter", "drinking", "wine")) == "an otter drinking wine"


@pytest.mark.parametrize("leaf", ["{attack}", "brew"])
def test_what_training_says_as_a_name_no_other_name_holds_out(leaf: str) -> None:
    """A policy may name a leaf by a word that is another name's attack form."""
    known = word("object", "wine")
    assert known is not None
    name = plain(known.attack[0]).replace(" ", "_") if leaf == "{attack}" else leaf
    text = f'concept tipple as "tipple", "{name.replace("_", " ")}"\nconcept {name}\nconcept wine\n'
    for seed in range(12):
        book = phrasebook(text + f"forbid child -drinking-> {name}; forbid man -holding-> tipple", seed)
        said = {plain(entry.canonical) for (slot, _), entry in book.entries.items() if slot == "object"}
        held_out = {
            plain(form)
            for (slot, _), entry in book.entries.items()
            if slot == "object"
            for form in (*entry.select, *entry.attack)
        }
        assert said.isdisjoint(held_out)


def test_no_name_trains_on_what_another_holds_out() -> None:
    for text in (TWO_RULES, 'concept vino as "vino", "merlot"\nforbid child -drinking-> vino'):
        book = phrasebook(text)
        for slot in SLOTS:
            own = [entry for (other, _), entry in book.entries.items() if other == slot]
            trained = {plain(form) for entry in own for form in entry.train}
            assert trained.isdisjoint(plain(form) for entry in own for form in (*entry.select, *entry.attack))


def test_names_that_the_policy_never_mentions_are_known() -> None:
    book = phrasebook(TWO_RULES)
    for slot in SLOTS:
        for entry in WORDS[slot]:
            assert book.forms(slot, entry.name).canonical == entry.canonical


@pytest.mark.parametrize(
    ("slot", "form", "said"),
    [
        ("object", "the crown", "the crown"),
        ("object", "umbrella", "an umbrella"),
        ("object", "skittles", "skittles"),
        ("object", "glass", "a glass"),
        ("relation", "eyeing", "eyeing"),
        ("object", "alcohol", "alcohol"),
    ],
)
def test_articles(slot: Slot, form: str, said: str) -> None:
    assert with_article(slot, form) == said


def test_a_sentence_is_said_again_of_its_redirect() -> None:
    book = phrasebook(TWO_RULES)
    rng = random.Random(0)
    cell, led = Cell("child", "drinking", "wine"), Cell("child", "drinking", "juice")
    for _ in range(30):
        spoken = speak(cell, book, rng)
        _, relation, object_ = spoken.parts
        assert spoken.about(cell, book) == spoken.text
        assert spoken.about(led, book) == spoken.text.replace(f"{relation} {object_}", f"{relation} juice")


def test_splits_of_a_sentence_are_the_ones_asked_for() -> None:
    book = phrasebook(TWO_RULES)
    rng = random.Random(1)
    cell = Cell("child", "drinking", "wine")
    for split in SPLITS:
        spoken = speak(cell, book, rng, forms=split, frames=split, contexts=split, context_share=1.0)
        assert spoken.template in TEMPLATES[split] + (MORE_TEMPLATES if split == "train" else ())
        assert spoken.context in CONTEXTS[split]
    plainest = speak(cell, book, rng, forms=None, frames=None, contexts=None)
    assert plainest.text == book.canonical(cell)


def test_the_same_seed_says_the_same() -> None:
    book = phrasebook(TWO_RULES)
    cell = Cell("child", "drinking", "alcohol")
    assert [speak(cell, book, random.Random(7)) for _ in range(3)] == [speak(cell, book, random.Random(7))] * 3


def test_articles_follow_the_sound_the_number_and_what_the_author_wrote() -> None:
    said = {form: with_article("object", form) for form in ("hourglass", "uniform", "twins", "unknown thing")}
    assert said == {
        "hourglass": "an hourglass", "uniform": "a uniform", "twins": "twins", "unknown thing": "an unknown thing"
    }  # fmt: skip
    assert with_article("subject", "someone with a beard") == "someone with a beard"
    assert with_article("object", "kerosene") == "a kerosene"
    mixed = forms_of("object", "fuel", ("kerosene", "a can of kerosene"), 0)
    everything = {form for split in SPLITS for form in mixed.of(split)}
    assert everything == {"kerosene", "a can of kerosene"}
