"""A sentence is read as the cell that it says, and as none where that is in doubt."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest
from proscribe.compiler.explain import sentences
from proscribe.compiler.explain.sentences import Reading, read_sentence
from proscribe.compiler.pipeline import analyse, analyse_file
from proscribe.compiler.syntax.parse import source_of

ROOT = Path(__file__).parents[2]
POLICY = """
policy "p" edition 2026
concept toddler as "a toddler", "an infant"
concept child as "a child", "a kid", "young man"
concept man as "a man"
concept wine as "wine", "a glass of wine"
concept red_wine_vinegar
concept beer
concept alcohol = wine | beer
concept bull; concept juice as "juice"
relation drinking as "drinking", "gulping", "gulping down"
relation riding
relation ridden_by inverse riding as "ridden by"
relation next_to symmetric as "next to"
relation consuming = drinking | eating
forbid child -drinking-> alcohol
forbid bull -ridden_by-> toddler
"""


def read(sentence: str, policy: str = POLICY) -> Reading:
    return read_sentence(analyse(source_of("p.policy", policy.encode())).graph.resolved, sentence)


@pytest.mark.parametrize(
    ("sentence", "cell"),
    [
        ("a child drinking wine", "child -drinking-> wine"),
        ("The KID gulping a glass of  Wine.", "child -drinking-> wine"),
        ("young man gulping down beer", "child -drinking-> beer"),  # the longest form, not `man`
        ("a child drinking red wine vinegar", "child -drinking-> red_wine_vinegar"),  # a name is read as itself
        ("an infant quaffing merlot", "toddler -drinking-> wine"),  # words of the built-in world
        ("a bull ridden by an infant", "toddler -riding-> bull"),
        ("a toddler riding a bull", "toddler -riding-> bull"),
        ("a bull next to a child", "bull -next_to-> child"),
        ("a dog eating cake", "dog -eating-> cake"),  # nothing of it is the policy's
        ("a photo of a happy kid who is drinking beer at home", "child -drinking-> beer"),
    ],
)
def test_a_sentence_is_read_as_its_cell(sentence: str, cell: str) -> None:
    reading = read(sentence)
    assert (str(reading.cell), reading.why) == (cell, "")
    assert [part.leaves for part in reading.parts] == [
        (p,) for p in cell.replace("-> ", "-").replace(" -", "-").split("-")
    ]


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("", "it has no words"),
        ("a child", "it says no relation of the policy or of the built-in world"),
        ("a child not drinking wine", "`not` is in no surface form that fits there"),
        ("a child drinking toy wine", "`toy` is in no surface form that fits there"),
        ("a child drinking wine and bleach", "`and` and `bleach` are in no surface form that fits there"),
        ("wine is drinking", "no known concept stands behind `drinking`"),
        ("gulping down wine", "no known concept stands before `gulping down`"),
        ("a child drinking alcohol", "`alcohol` stands for `beer` and `wine`: that is not one cell"),
        ("a child consuming wine", "`consuming` stands for `drinking` and `eating`: that is not one cell"),
        (" ".join(["wine"] * 65), "it has more than 64 words"),
    ],
)
def test_a_sentence_that_is_no_cell_says_why(sentence: str, why: str) -> None:
    reading = read(sentence)
    assert reading.cell is None
    assert reading.why == why


def test_what_may_have_been_meant() -> None:
    assert read("a child drnking wine").hint.startswith("did you mean `drinking`")
    assert read("a child drinking alcohol").hint == (
        "say one of them, or test them all with a pattern: `expect child -drinking-> alcohol ...`"
    )


def test_a_form_of_two_names_is_no_cell() -> None:
    policy = 'concept ale as "pint"; concept bitter as "pint"; concept man; relation lifting\nforbid man -lifting-> ale'
    assert read("a man lifting a pint", policy).why == (
        "it can be read as `man -lifting-> ale` or `man -lifting-> bitter`"
    )


def test_a_word_of_the_world_is_the_leaf_that_shows_it() -> None:
    policy = "forbid child -drinking-> alcohol"
    assert str(read("a kid sipping merlot", policy).cell) == "child -drinking-> alcohol"
    both = "concept alcohol; concept wine; concept child; relation drinking\nforbid child -drinking-> alcohol"
    assert str(read("a kid sipping merlot", both).cell) == "child -drinking-> wine"


def test_words_that_no_form_has_are_named() -> None:
    policy = "concept child; concept wine; relation drinking\nforbid child -drinking-> wine"
    reading = read("a nipper drinking wine", policy)
    assert reading.why == "no known concept stands before `drinking`"
    assert reading.hint == 'to read `nipper`, write it as a form: `concept NAME as "nipper"`'
    assert (
        read("a child drinking the mauby", policy).hint
        == 'to read `mauby`, write it as a form: `concept NAME as "mauby"`'
    )


def test_a_name_may_be_an_article() -> None:
    assert str(read("a b c", "forbid a -b-> c").cell) == "a -b-> c"


@pytest.mark.parametrize("path", sorted((ROOT / "policies/examples").glob("*.policy")), ids=lambda p: p.stem)
def test_sentences_of_the_examples_are_read(path: Path) -> None:
    resolved = analyse_file(path).graph.resolved
    read_all = sentences.Sentences(resolved)
    said = [e.sentence for e in resolved.expects if e.sentence]
    assert said
    assert [s for s in said if read_all.read(s).cell is None] == []


def test_doctests() -> None:
    assert doctest.testmod(sentences).failed == 0
