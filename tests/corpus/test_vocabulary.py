"""The tokenizer's words in two halves, none of which any list holds."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from proscribe.compiler.corpus.phrasebook import build_phrasebook
from proscribe.compiler.corpus.vocabulary import unlisted, vocabulary_split, whole_words, word_tokens, words_of
from proscribe.compiler.pipeline import loads
from proscribe.compiler.world.lexicon import WORDS, plain
from proscribe.runtime.backbones import mini_model


def backbone(tokenizer: Any) -> Any:
    return SimpleNamespace(tokenizer=tokenizer)


@pytest.fixture(scope="module")
def mini() -> Any:
    return backbone(mini_model.tokenizer())


def test_two_halves_of_one_vocabulary(mini: Any) -> None:
    train, attack = words_of(mini, "train"), words_of(mini, "attack")
    assert set(train).isdisjoint(attack)
    assert 8000 < len(train) < 12000
    assert len(train) == pytest.approx(len(attack), rel=0.05)
    assert list(train) == sorted(train)
    assert train == words_of(mini, "train")
    assert {vocabulary_split(word) for word in train} == {"train"}
    assert {vocabulary_split(word) for word in attack} == {"attack"}


def test_case_moves_no_word_to_the_other_half() -> None:
    assert all(vocabulary_split(word) == vocabulary_split(word.upper()) for word in ("champagne", "lad", "gin"))


def test_words_are_whole_and_of_letters(mini: Any) -> None:
    words = (*words_of(mini, "train"), *words_of(mini, "attack"))
    assert all(len(word) >= 3 and word.isascii() and word.isalpha() and word.islower() for word in words)
    assert {"champagne", "lad", "vodka"} <= set(words)


def test_no_word_of_any_list_is_offered(mini: Any) -> None:
    words = {*words_of(mini, "train"), *words_of(mini, "attack")}
    entries = [entry for table in WORDS.values() for entry in table]
    said = {word for e in entries for form in (*e.train, *e.select, *e.attack) for word in plain(form).split()}
    assert {"wine", "merlot", "child"} <= said
    assert words.isdisjoint(said)
    assert words.isdisjoint({"illustration", "photograph", "picnic", "imagine"}), "nor of sentence forms and contexts"


def test_a_policys_own_words_can_be_left_out() -> None:
    derived, _ = loads('concept cider as "cider", "strong perry"; forbid child -drinking-> cider')
    assert derived is not None
    assert unlisted(("cider", "perry", "vodka"), build_phrasebook(derived, 0)) == ("vodka",)


def test_every_kind_of_tokenizer_marks_words_in_its_own_way() -> None:
    assert set(whole_words(("wine</w>", "win", "2go</w>", "Beer</w>"))) == {"wine"}
    assert set(whole_words(("wine", "##ing", "[PAD]", "an"))) == {"wine"}
    assert set(whole_words(("▁wine", "ing", "▁a"))) == {"wine"}
    assert set(whole_words(("Ġwine", "ing", "Ġa"))) == {"wine"}


def test_words_come_with_the_numbers_of_their_tokens(mini: Any) -> None:
    tokens = word_tokens(mini.tokenizer)
    assert mini.tokenizer.tokenizer.convert_ids_to_tokens([tokens["wine"], tokens["vodka"]]) == ["wine", "vodka"]


def test_open_clips_own_tokenizer_can_be_read() -> None:
    from open_clip import get_tokenizer

    found = words_of(backbone(get_tokenizer("ViT-B-32")), "attack")
    assert len(found) > 8000
    assert "vodka" in {*found, *words_of(backbone(get_tokenizer("ViT-B-32")), "train")}


def test_a_tokenizer_that_shows_no_vocabulary_gives_no_words() -> None:
    assert words_of(backbone(lambda texts: None), "attack") == ()
