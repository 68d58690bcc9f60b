"""How the base reads a word: in sentences about many other things, is it taken for the name every time?

In one sentence the other words may do the work: "a child, busy needing a sword" was taken for holding it
(docs/experiments.md, E17). Over a panel of other subjects, relations and objects the word itself has to tell.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch
from torch import Tensor

from ...corpus.phrasebook import Phrasebook
from ...records.cache import cached
from ...train.cuts import Cut, embed
from ...world.cells import SLOTS, Cell, Slot
from ...world.lexicon import WORDS
from ..language.phrasing import in_place_of

PANEL_VERSION = 1
CARRIERS = 12
READ_SHARE = 0.5


def read_as(part: Cut, book: Phrasebook, slot: Slot, name: str, words: Sequence[str]) -> tuple[str, ...]:
    """The words that the base takes for the name in more than half of the panel's sentences.

    It chooses among the plain captions of all names of the built-in world in that slot, and of the name itself.
    """
    if not words:
        return ()
    own = book.forms(slot, name)
    leaves = [entry.name for entry in WORDS[slot]]
    right = {leaves.index(leaf) for leaf in own.shown} or {len(leaves)}
    carriers = carriers_of(slot)
    world_PCD = _world_captions(part, book, slot, carriers)
    said = [in_place_of(slot, own.canonical, word) for word in words]
    asked = [_sentence(book, carrier, slot, form) for carrier in carriers for form in (own.canonical, *said)]
    asked_PND = _embedded(part, asked).view(len(carriers), 1 + len(said), -1)
    # Where the world has no leaf for the name, its own caption stands beside theirs.
    candidates = world_PCD if own.shown else torch.cat([world_PCD, asked_PND[:, :1]], 1)
    picked_PN = (asked_PND[:, 1:] @ candidates.transpose(1, 2)).argmax(2)
    hits = [sum(int(pick) in right for pick in column) for column in picked_PN.T]
    return tuple(word for word, count in zip(words, hits, strict=True) if count > READ_SHARE * len(carriers))


def carriers_of(slot: Slot) -> tuple[Cell, ...]:
    """Cells of the built-in world, the same for every word of the slot; what stands in the slot itself is not used."""
    rng = random.Random(f"panel/{slot}")
    return tuple(Cell(*(rng.choice(WORDS[other]).name for other in SLOTS)) for _ in range(CARRIERS))


def _world_captions(part: Cut, book: Phrasebook, slot: Slot, carriers: Sequence[Cell]) -> Tensor:
    """(carriers, names of the slot, d); from the cache after the first time."""
    texts = [
        _sentence(book, carrier, slot, book.forms(slot, entry.name).canonical)
        for carrier in carriers
        for entry in WORDS[slot]
    ]
    key = {"fingerprint": part.backbone.fingerprint, "version": PANEL_VERSION, "texts": texts}
    found = cached("panel", key, lambda: {"captions": _embedded(part, texts)})["captions"]
    return found.view(len(carriers), len(WORDS[slot]), -1)


def _embedded(part: Cut, texts: Sequence[str]) -> Tensor:
    return embed(part.text_tail, part.text_prefix(texts, fast=True))


def _sentence(book: Phrasebook, carrier: Cell, slot: Slot, form: str) -> str:
    parts = [form if other == slot else book.forms(other, carrier.get(other)).canonical for other in SLOTS]
    return " ".join(parts)
