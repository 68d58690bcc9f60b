"""Sentences with words that no list holds, so that what is forgotten is the tuple and not our list of its names.

The words come from the half of the backbone's own vocabulary that training may use (corpus/vocabulary.py); which of
them the base takes for a part of the tuple is asked of the base itself: a sentence for which it picks a forbidden
training picture is led away, any other is held as it is.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import torch
from torch import Tensor

from ..cache import cached
from ..corpus.captions import compose
from ..corpus.surface import Phrasebook, speak
from ..corpus.vocabulary import VocabularySplit, unlisted, words_of
from ..graph.cells import SLOTS, Cell, Slot
from ..graph.derive import RuleSets
from .beside import ForgetItems
from .cuts import Cut, State, embed
from .edge import Prototypes

VOCABULARY_VERSION = 1
NEAREST = 120  # words looked at for each name of a slot
SLOT_SHARES = (0.65, 0.3, 0.05)  # of sentences with one, two or three unlisted words


@dataclass(frozen=True, slots=True)
class Unlisted:
    """`led`: sentences that the base takes for the tuple, with targets; `held` (n, ...) with the cells it reads."""

    led: ForgetItems
    held: State
    held_cells: tuple[Cell, ...]


def _word_embeddings(part: Cut, words: tuple[str, ...], split: VocabularySplit) -> Tensor:
    """(n, d): each word alone, as the base embeds it; from the cache after the first time."""

    def compute() -> dict[str, Tensor]:
        return {"words": embed(part.text_tail, part.text_prefix(words, fast=True))}

    fingerprint = part.backbone.fingerprint
    key = {"fingerprint": fingerprint, "version": VOCABULARY_VERSION, "words": len(words), "split": split}
    return cached("vocabulary", key, compute)["words"]


def near_words(
    part: Cut, book: Phrasebook, cells: tuple[Cell, ...], split: VocabularySplit = "train", nearest: int = NEAREST
) -> dict[tuple[Slot, str], tuple[str, ...]]:
    """For each name of the cells the split's unlisted words nearest to any of its training forms, nearest first."""
    every = words_of(part.backbone, split)
    if not every:
        return {}
    word_ND = _word_embeddings(part, every, split)
    allowed = set(unlisted(every, book))
    found: dict[tuple[Slot, str], tuple[str, ...]] = {}
    for slot in SLOTS:
        for name in dict.fromkeys(cell.get(slot) for cell in cells if cell.get(slot)):
            form_MD = embed(part.text_tail, part.text_prefix(book.forms(slot, name).train, fast=True))
            order = (word_ND @ form_MD.T).amax(1).argsort(descending=True, stable=True)
            ranked = (every[int(i)] for i in order)
            # A relation is said by a word that ends as one; the rest of the vocabulary names things.
            fitting = [w for w in ranked if w in allowed and w.endswith("ing") == (slot == "relation")]
            found[(slot, name)] = tuple(fitting[:nearest])
    return found


def unlisted_sentences(
    part: Cut, book: Phrasebook, sets: RuleSets, seen: Prototypes, forget: ForgetItems, count: int, rng: random.Random
) -> Unlisted | None:
    """`count` sentences, told apart by what the base picks for them among training pictures; None without words."""
    cells = tuple(item.cell for item in sets.forget)
    words = near_words(part, book, cells)
    if not words:
        return None
    texts = [_sentence(cells[i % len(cells)], words, book, rng) for i in range(count)]
    state = part.text_prefix(texts, fast=True)
    base_ND = embed(part.text_tail, state)
    picks = (base_ND @ seen.picture_CD.T).argmax(1)
    inside = seen.forbidden_C[picks]
    rows, others = torch.nonzero(inside).flatten(), torch.nonzero(~inside).flatten()
    same = (base_ND[rows] @ forget.base_ND.T).argmax(1)
    led = ForgetItems(state.rows(rows), forget.target_ND[same], base_ND[rows])
    return Unlisted(led, state.rows(others), tuple(seen.cells[int(picks[i])] for i in others))


def _sentence(cell: Cell, words: dict[tuple[Slot, str], tuple[str, ...]], book: Phrasebook, rng: random.Random) -> str:
    """The cell in a training sentence with an unlisted word in one slot or more."""
    spoken = speak(cell, book, rng)
    parts = dict(zip(SLOTS, spoken.parts, strict=True))
    open_slots = [slot for slot in SLOTS if words.get((slot, cell.get(slot)))]
    wanted = rng.choices((1, 2, 3), SLOT_SHARES)[0]
    for slot in rng.sample(open_slots, min(wanted, len(open_slots))):
        near = words[(slot, cell.get(slot))]
        word = near[min(int(rng.expovariate(3.0) * len(near)), len(near) - 1)]
        parts[slot] = word if slot == "relation" or rng.random() < 0.4 else f"a {word}"
    return compose(spoken.template, parts["subject"], parts["relation"], parts["object"], spoken.context)
