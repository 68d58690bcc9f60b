"""Words of the base's own vocabulary that no list holds."""

from __future__ import annotations

import random
import re

import pytest
from proscribe.compiler.attack.families.unlisted import NEAREST, Unlisted
from proscribe.compiler.attack.family import FittedFamily, probes
from proscribe.compiler.attack.near_words import near_words
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


def test_words_are_of_the_attack_half_and_unlisted(part: Cut, book: Phrasebook) -> None:
    family = Unlisted()
    assert isinstance(family, FittedFamily)
    fitted = family.fitted(part, (WINE, CIGAR), book, 0)
    assert set(fitted.words) == {
        ("subject", "child"),
        ("relation", "drinking"),
        ("relation", "smoking"),
        ("object", "wine"),
        ("object", "cigar"),
    }
    allowed = set(unlisted(words_of(part.backbone, "attack"), book))
    for words in fitted.words.values():
        assert 10 <= len(words) <= NEAREST
        assert set(words) <= allowed
        assert {vocabulary_split(word) for word in words} == {"attack"}
    trained = near_words(part, book, (WINE, CIGAR), "train")
    assert all(set(words).isdisjoint(trained[name]) for name, words in fitted.words.items())
    found = probes(fitted, (WINE, CIGAR), book, 140, seed=0)
    assert len(found) == 140
    own = {word for words in fitted.words.values() for word in words}
    counts = [len(set(re.findall("[a-z]+", probe.text)) & own) for probe in found]
    assert set(counts) == {1, 2}
    assert all(count == probe.variant.count(" and ") + 1 for count, probe in zip(counts, found, strict=True))


def test_without_words_there_is_nothing_to_say(part: Cut, book: Phrasebook, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Unlisted().probe(WINE, WINE, book, random.Random(0), 0) is None
    monkeypatch.setattr("proscribe.compiler.attack.near_words.words_of", lambda backbone, split: ())
    fitted = Unlisted().fitted(part, (WINE,), book, 0)
    assert probes(fitted, (WINE,), book, 20, seed=0) == ()
