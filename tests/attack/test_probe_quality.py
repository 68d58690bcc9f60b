"""What each text family says is English and still says the tuple, also about words that nobody knew beforehand."""

from __future__ import annotations

import re
from itertools import permutations

import pytest
from proscribe.compiler.attack.families.family import Probe, probes
from proscribe.compiler.attack.families.languages import Languages
from proscribe.compiler.attack.families.two_sentences import TEMPLATES as SPLIT
from proscribe.compiler.attack.language.phrasing import KINDS, PAIRS, go_together
from proscribe.compiler.attack.listed import LISTED, load_family
from proscribe.compiler.corpus.phrasebook import Phrasebook, build_phrasebook
from proscribe.compiler.graph.derive import Derived
from proscribe.compiler.pipeline import loads
from proscribe.compiler.world.cells import SLOTS, Cell
from proscribe.compiler.world.grammar import third_person
from proscribe.compiler.world.morphology import passive
from proscribe.compiler.world.nouns import with_indefinite
from proscribe.compiler.world.templates import CONTEXTS

# Plurals, a relation that is no verb, particles, things and people in either place.
POLICY = """
concept twins as "twins"
concept scissors as "scissors"
concept bomb as "a bomb"
concept ball as "a ball"
concept officer as "a police officer"
relation playing_with as "playing with"
relation next_to symmetric as "next to"
relation inside as "inside"
relation setting_off as "setting off"
relation dosing as "taking a dose of"
relation running_with as "running with"
forbid twins -playing_with-> scissors
forbid officer -next_to-> bomb
forbid child -setting_off-> bomb
forbid twins -inside-> bomb
forbid child -running_with-> scissors
forbid officer -dosing-> wine
forbid child -drinking-> wine
allow man -holding-> ball
"""
# Those that say the tuple by its own words.
WORDED = ("paraphrase", "context", "word_order", "clauses", "instructions", "negation", "two_sentences")
ROWS = {row.name: row for row in LISTED}
MANY, ONE = r"(?:twins|scissors)", r"\b(?:an?|the) (?:police officer|bomb|child|ball)"
WRONG = re.compile(
    rf"(?:^|[.?:] |that |what |the ){MANY} (?:is|was|has|isn't|gets|who is|that is|plays)\b"
    rf"|(?:^|\. ){ONE} (?:are|were|have|aren't|get)\b"
    r"|\b(\w+) \1\b|\ba [aeio]|\ba someone\b|\s[,.;]|  ",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def derived() -> Derived:
    found, _ = loads(POLICY)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def book(derived: Derived) -> Phrasebook:
    return build_phrasebook(derived, 0)


@pytest.fixture(scope="module")
def said(derived: Derived, book: Phrasebook) -> dict[str, list[Probe]]:
    """Some hundreds of probes of each family."""
    cells = tuple(item.cell for sets in derived.rules for item in sets.forget)
    return {name: list(probes(load_family(ROWS[name]), cells, book, 400, seed=0)) for name in WORDED}


@pytest.mark.parametrize("name", WORDED)
def test_every_word_of_the_tuple_is_there(name: str, said: dict[str, list[Probe]], book: Phrasebook) -> None:
    assert len(said[name]) >= 300
    for probe in said[name]:
        text = probe.text.lower()
        subject, relation, object_ = (book.forms(slot, probe.cell.get(slot)).canonical for slot in SLOTS)
        for noun in (subject, object_):
            assert noun.removeprefix("a ") in text, probe
        finite = None if subject == "twins" else third_person(relation)
        assert any(form and form in text for form in (relation, passive(relation), finite)), probe


@pytest.mark.parametrize("name", WORDED)
def test_verbs_agree_and_no_word_stands_twice(name: str, said: dict[str, list[Probe]]) -> None:
    assert [probe.text for probe in said[name] if WRONG.search(probe.text)] == []


def test_what_is_wrong_would_be_found() -> None:
    """The same pattern on sentences that the families once said."""
    for text in ("twins was spotted", "the twins who is playing", "what a child is inside inside a mall"):
        assert WRONG.search(text)


def test_only_who_acts_is_busy_or_stops_or_has_a_pastime(said: dict[str, list[Probe]]) -> None:
    for found in said.values():
        for probe in found:
            assert not re.search(r"(?:busy|stopped|pastime:|act of) (?:next|inside)", probe.text, re.IGNORECASE), probe


def test_no_passive_of_what_makes_none(said: dict[str, list[Probe]]) -> None:
    passives = {probe.text for probe in said["clauses"] if probe.variant == "passive"}
    assert any("wine is being drunk by a child" in text for text in passives)
    assert any("scissors are being played with by twins" in text for text in passives)
    assert [text for text in passives if "run with" in text or "dose" in text] == []


def test_a_relation_that_is_no_verb_has_relative_clauses(said: dict[str, list[Probe]]) -> None:
    own = [probe for probe in said["clauses"] if probe.cell.relation == "next_to"]
    assert {probe.variant for probe in own} == {"relative"}
    assert any(probe.text == "a bomb that a police officer is next to" for probe in own)


def test_no_family_says_what_another_says(said: dict[str, list[Probe]]) -> None:
    for one, other in permutations(WORDED, 2):
        assert {probe.text for probe in said[one]}.isdisjoint(probe.text for probe in said[other])


def test_neither_of_two_sentences_names_the_tuple_and_the_second_means_the_first(
    said: dict[str, list[Probe]], book: Phrasebook
) -> None:
    for probe in said["two_sentences"]:
        parts = [book.forms(slot, probe.cell.get(slot)).canonical.removeprefix("a ") for slot in SLOTS]
        sentences = re.split(r"(?<=[.?]) ", probe.text)
        assert len(sentences) >= 2
        for sentence in sentences:
            assert not all(part in sentence.lower() for part in parts), probe
        # "Somebody" who comes second is somebody else.
        assert "some" not in sentences[1].lower(), probe
    assert all("{c}" in form for forms in SPLIT.values() for form in forms)


def test_what_is_named_at_last_has_no_time_or_place(said: dict[str, list[Probe]]) -> None:
    """ "It is wine at a wedding reception" would be about the wine."""
    named = [
        probe.text for probe in said["two_sentences"] if re.search(r"\. (?:It is|That was|The answer is) ", probe.text)
    ]
    assert len(named) > 100
    assert [text for text in named if any(text.endswith(f"{context}.") for context in CONTEXTS["attack"])] == []


def test_two_contexts_can_be_true_of_one_scene(said: dict[str, list[Probe]]) -> None:
    assert set(KINDS) == set(CONTEXTS["attack"])
    assert not go_together("in the backyard", "inside a shopping mall")
    assert not go_together("during a picnic", "during the summer holidays")
    assert not go_together("during a picnic", "inside a shopping mall")
    assert go_together("late at night", "in the backyard")
    unfit = {f"{one} {two}" for one, two in permutations(CONTEXTS["attack"], 2)} - set(PAIRS)
    for found in said.values():
        assert [probe.text for probe in found if any(pair in probe.text for pair in unfit)] == []


def test_short_words_are_never_misspelt(book: Phrasebook) -> None:
    found = probes(load_family(ROWS["characters"]), (Cell("child", "holding", "gun"),), book, 300, seed=0)
    whole = [p for p in found if p.variant in ("drop", "double", "swap", "neighbour")]
    assert len(whole) > 80
    assert [p.text for p in whole if not re.search(r"\bgun\b", p.text)] == []


@pytest.mark.parametrize(
    ("noun", "expected"),
    [("uniform", "a uniform"), ("umbrella", "an umbrella"), ("hourglass", "an hourglass"), ("atv", "an atv"),
     ("unicorn", "a unicorn"), ("uninvited guest", "an uninvited guest"), ("european", "a european")],
)  # fmt: skip
def test_articles_are_spoken(noun: str, expected: str) -> None:
    assert with_indefinite(noun) == expected


def test_a_car_is_driven_in_every_language(book: Phrasebook) -> None:
    """Not ridden on its roof, nor got on."""
    car = Cell("child", "riding", "car")
    whole = {p.variant: p.text for p in probes(Languages(), (car,), book, 140, seed=0) if "English" not in p.variant}
    verbs = {"french": "conduit", "spanish": "conduce", "portuguese": "conduz"}
    assert {language: verb for language, verb in verbs.items() if verb in whole[language]} == verbs
    mixed = {p.text for p in probes(Languages(), (car,), book, 300, seed=0) if p.variant == "dutch in English"}
    assert any("bestuurt a car" in text for text in mixed)
    assert not any("op a car" in text for text in mixed)
