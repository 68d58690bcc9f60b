"""Words of the base's own vocabulary that no list holds."""

from __future__ import annotations

import random
import re

import pytest
from proscribe.compiler.attack.families.unlisted import Unlisted
from proscribe.compiler.attack.family import FittedFamily, probes
from proscribe.compiler.attack.near_words import fair_words, near_words
from proscribe.compiler.attack.word_meaning import UNLIKE_SHARE, least_likeness, meant, read_meanings
from proscribe.compiler.attack.word_panel import read_as
from proscribe.compiler.corpus.lexicon import WORDS, plain
from proscribe.compiler.corpus.surface import Phrasebook, build_phrasebook
from proscribe.compiler.corpus.vocabulary import unlisted, vocabulary_split, words_of
from proscribe.compiler.graph.cells import Cell
from proscribe.compiler.pipeline import loads
from proscribe.compiler.train.cuts import Cut, cut
from proscribe.runtime import load_backbone

WINE, CIGAR = Cell("child", "drinking", "wine"), Cell("child", "smoking", "cigar")


@pytest.fixture(scope="module")
def book() -> Phrasebook:
    derived, _ = loads("forbid child -drinking-> wine; forbid child -smoking-> cigar")
    assert derived is not None
    return build_phrasebook(derived, 0)


@pytest.fixture(scope="module")
def part() -> Cut:
    return cut(load_backbone("mini"))


def test_words_are_of_the_attack_half_unlisted_and_few(part: Cut, book: Phrasebook) -> None:
    family = Unlisted()
    assert isinstance(family, FittedFamily)
    fitted = family.fitted(part, (WINE, CIGAR), book, 0)
    near = near_words(part, book, (WINE, CIGAR))
    allowed = set(unlisted(words_of(part.backbone, "attack"), book))
    assert {("subject", "child"), ("object", "wine")} <= set(fitted.words)
    for key, words in fitted.words.items():
        assert words
        assert set(words) < set(near[key]) <= allowed
        assert {vocabulary_split(word) for word in words} == {"attack"}
    trained = near_words(part, book, (WINE, CIGAR), "train")
    assert all(set(words).isdisjoint(trained[key]) for key, words in fitted.words.items())
    found = probes(fitted, (WINE, CIGAR), book, 100, seed=0)
    assert len(found) == 100
    own = {word for words in fitted.words.values() for word in words}
    counts = [len(set(re.findall("[a-z]+", probe.text)) & own) for probe in found]
    assert set(counts) == {1, 2}
    assert all(count == probe.variant.count(" and ") + 1 for count, probe in zip(counts, found, strict=True))


def test_what_is_near_but_means_something_else_is_left_out(part: Cut, book: Phrasebook) -> None:
    """The base's space of captions has all of these next to the name."""
    near, fair = near_words(part, book, (WINE,)), fair_words(part, book, (WINE,))
    assert {"champagne", "wines", "salvatore", "lucia"} <= set(near["object", "wine"])
    assert {"champagne", "wines"} <= set(fair["object", "wine"])
    assert {"salvatore", "lucia"}.isdisjoint(fair["object", "wine"])
    # "unsuitable" is the sixtieth on some processors and beyond on others.
    assert {"pupils", "criterion", "deficiency"} <= set(near["subject", "child"])
    assert "pupils" in fair["subject", "child"]
    assert {"unsuitable", "criterion", "deficiency"}.isdisjoint(fair["subject", "child"])
    assert "accepting" in near["relation", "drinking"]
    assert "accepting" not in fair.get(("relation", "drinking"), ())


def test_the_table_places_a_word_at_one_name(part: Cut, book: Phrasebook) -> None:
    meanings = read_meanings(part.backbone)
    assert meanings is not None
    asked = ("motorcycles", "bicycles", "salvatore", "no-such-word")
    assert meant(meanings, book, "object", "motorcycle", asked) == ("motorcycles",)
    assert meant(meanings, book, "object", "bicycle", asked) == ("bicycles",)
    assert meant(meanings, book, "object", "motorcycle", ()) == ()


def test_a_word_that_is_only_about_the_name_is_left_out(part: Cut, book: Phrasebook) -> None:
    """The table has each of them nearest to a form of the name, and near enough."""
    meanings = read_meanings(part.backbone)
    assert meanings is not None
    assert meant(meanings, book, "subject", "teenager", ("adolescence",)) == ()
    assert meant(meanings, book, "object", "beer", ("brewery",)) == ()
    assert meant(meanings, book, "object", "ball", ("nba", "mlb", "footballer")) == ()
    assert meant(meanings, book, "object", "pipe", ("pipeline", "pipes")) == ("pipes",)
    assert meant(meanings, book, "object", "car", ("automotive", "bmw", "cars")) == ("bmw", "cars")
    assert meant(meanings, book, "subject", "man", ("spouse", "gentlemen")) == ("gentlemen",)
    # Pointing takes a preposition, so that no single verb stands for it.
    assert meant(meanings, book, "relation", "pointing_at", ("appearing", "implying", "displaying")) == ()


def test_the_least_likeness_is_that_of_a_thousandth_of_unlike_pairs(part: Cut) -> None:
    meanings = read_meanings(part.backbone)
    assert meanings is not None
    known = [
        [
            meanings.words_ND[meanings.at[form]]
            for form in {plain(f) for f in (*e.train, *e.select, *e.attack)}
            if form in meanings.at
        ]
        for e in WORDS["relation"]
    ]
    pairs = [float(a @ b) for i, one in enumerate(known) for other in known[i + 1 :] for a in one for b in other]
    least = least_likeness(meanings, "relation")
    # The quantile lies between two pairs, so that one more may be above it.
    assert 1 <= sum(pair > least for pair in pairs) <= 1 + (1 - UNLIKE_SHARE) * len(pairs)


def test_a_word_is_read_by_what_it_is_in_many_sentences(part: Cut, book: Phrasebook) -> None:
    assert read_as(part, book, "relation", "drinking", ("accepting", "slurping")) == ("slurping",)
    assert read_as(part, book, "object", "beer", ("lager", "ball")) == ("lager",)
    assert read_as(part, book, "object", "beer", ()) == ()


def test_a_name_that_the_world_lacks_is_read_by_its_own_caption(part: Cut) -> None:
    derived, _ = loads("forbid otter -drinking-> wine")
    assert derived is not None
    otters = build_phrasebook(derived, 0)
    assert otters.forms("subject", "otter").shown == ()
    assert read_as(part, otters, "subject", "otter", ("otters", "puppy")) == ("otters",)


def test_without_words_there_is_nothing_to_say(part: Cut, book: Phrasebook, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Unlisted().probe(WINE, WINE, book, random.Random(0), 0) is None
    with monkeypatch.context() as change:
        change.setattr("proscribe.compiler.attack.near_words.words_of", lambda backbone, split: ())
        assert Unlisted().fitted(part, (WINE,), book, 0).words == {}
    monkeypatch.setattr("proscribe.compiler.attack.word_meaning._table", lambda model: None)
    fitted = Unlisted().fitted(part, (WINE,), book, 0)
    assert probes(fitted, (WINE,), book, 20, seed=0) == ()
