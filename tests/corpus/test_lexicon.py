"""The built-in world's words and sentence forms: what is held out for attacks is shared with nothing."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest
from proscribe.compiler.corpus.captions import sample_caption, sample_form, world_cells
from proscribe.compiler.corpus.scenes.scene import OBJECTS, RELATIONS, SUBJECTS
from proscribe.compiler.world.cells import SLOTS, Cell, Slot
from proscribe.compiler.world.lexicon import WIDER_FORMS, WORDS, Word, depicts, plain, siblings, word
from proscribe.compiler.world.templates import ADJECTIVES, CONTEXTS, PLAIN, SPLITS, TEMPLATES

EVERY = tuple(entry for slot in SLOTS for entry in WORDS[slot])


def named(entry: Word) -> str:
    return f"{entry.slot}/{entry.name}"


@pytest.mark.parametrize("entry", EVERY, ids=named)
def test_the_splits_of_a_word_share_no_form(entry: Word) -> None:
    sets = [{plain(form) for form in entry.of(split)} for split in SPLITS]
    assert sum(map(len, sets)) == len(set().union(*sets)) == sum(len(entry.of(split)) for split in SPLITS)
    assert all(sets), "each split has at least one form"


@pytest.mark.parametrize("slot", SLOTS)
def test_no_form_is_held_out_for_one_word_and_trained_for_another(slot: Slot) -> None:
    splits: dict[str, set[str]] = defaultdict(set)
    for entry in WORDS[slot]:
        for split in SPLITS:
            for form in entry.of(split):
                splits[plain(form)].add(split)
    assert {form: found for form, found in splits.items() if len(found) > 1} == {}


@pytest.mark.parametrize("slot", SLOTS)
def test_wider_forms_are_no_attack_forms(slot: Slot) -> None:
    held_out = {plain(form) for entry in WORDS[slot] for form in entry.attack}
    assert held_out.isdisjoint(plain(form) for form, _ in WIDER_FORMS[slot])
    names = {entry.name for entry in WORDS[slot]}
    assert all(set(leaves) <= names and leaves for _, leaves in WIDER_FORMS[slot])


@pytest.mark.parametrize("entry", EVERY, ids=named)
def test_the_canonical_form_is_the_first_train_form_and_says_the_name(entry: Word) -> None:
    assert entry.canonical == entry.train[0]
    assert word(entry.slot, entry.name) is entry
    if entry.name != "elder":  # said "an elderly person"
        assert plain(entry.canonical) == plain(entry.name)


def test_the_world_is_what_can_be_drawn() -> None:
    assert {entry.name for entry in WORDS["subject"]} == set(SUBJECTS)
    assert {entry.name for entry in WORDS["relation"]} == set(RELATIONS)
    assert {entry.name for entry in WORDS["object"]} == set(OBJECTS)
    cells = world_cells()
    assert len(cells) == len(set(cells)) == len(SUBJECTS) * len(RELATIONS) * len(OBJECTS) > 2000


def test_the_splits_of_sentence_forms_and_contexts_are_disjoint() -> None:
    for table in (TEMPLATES, CONTEXTS):
        everything = [text for split in SPLITS for text in table[split]]
        assert len(everything) == len(set(everything))
        assert all(table[split] for split in SPLITS)


def test_every_sentence_form_says_all_three_slots_once() -> None:
    for split in SPLITS:
        for template in TEMPLATES[split]:
            assert all(template.count(part) == 1 for part in ("{s}", "{r}", "{o}")), template
    assert PLAIN in TEMPLATES["train"]


def test_no_context_or_adjective_speaks_of_the_world() -> None:
    """Otherwise a context would make a caption true of another cell."""
    objects = {plain(entry.canonical) for entry in WORDS["object"]}
    for split in SPLITS:
        for context in CONTEXTS[split]:
            assert objects.isdisjoint(context.split()), context
    assert objects.isdisjoint(ADJECTIVES)


def test_siblings_put_the_own_group_first() -> None:
    found = siblings("object", "wine")
    assert set(found[:2]) == {"beer", "whisky"}
    assert "wine" not in found
    assert len(found) == len(WORDS["object"]) - 1


@pytest.mark.parametrize(
    ("slot", "name", "forms", "leaves"),
    [
        ("object", "alcohol", (), ("wine", "beer", "whisky")),
        ("object", "wine", ("beer",), ("wine",)),
        ("object", "plonk", ("red wine",), ("wine",)),
        ("subject", "person", (), ("toddler", "child", "teenager", "man", "woman", "elder")),
        ("object", "otter", (), ()),
    ],
)
def test_depicts(slot: Slot, name: str, forms: tuple[str, ...], leaves: tuple[str, ...]) -> None:
    assert depicts(slot, name, forms) == leaves


def test_a_form_from_a_split_is_of_that_split() -> None:
    rng = random.Random(0)
    for entry in EVERY:
        for _ in range(5):
            assert sample_form(entry.slot, entry.name, "attack", rng) in entry.attack
            assert sample_form(entry.slot, entry.name, "select", rng) in entry.select
    with pytest.raises(KeyError, match="otter"):
        sample_form("object", "otter", "train", rng)


def test_a_caption_describes_its_cell_and_no_other_exact_one() -> None:
    rng = random.Random(1)
    cells = world_cells()
    for cell in rng.sample(cells, 60):
        caption = sample_caption(cell, rng)
        assert caption.describes(cell)
        assert sum(map(caption.describes, cells)) == 1


def test_a_wider_caption_describes_every_leaf_it_may_stand_for() -> None:
    rng = random.Random(2)
    cell = Cell("child", "drinking", "wine")
    caption = sample_caption(cell, rng, wider=1.0)
    subjects, relations, objects = caption.leaves
    assert subjects is not None
    assert relations is not None
    assert objects is not None
    assert all(caption.describes(Cell(s, r, o)) for s in subjects for r in relations for o in objects)
    assert {"child"} < subjects
    assert {"wine"} < objects
    assert not caption.describes(Cell("dog", "drinking", "wine"))


def test_a_part_describes_whatever_has_it() -> None:
    caption = sample_caption(Cell("child", "", "wine"), random.Random(3))
    assert caption.leaves[1] is None
    assert caption.describes(Cell("child", "holding", "wine"))
    assert not caption.describes(Cell("child", "holding", "beer"))
