"""Unlisted: words that no list holds, from the half of the base's own vocabulary that training never uses."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ...corpus.captions import compose
from ...corpus.surface import Phrasebook, speak
from ...graph.cells import SLOTS, Cell, Slot
from ..family import Probe
from ..results import Modality

if TYPE_CHECKING:
    from ...train.cuts import Cut

NEAREST = 60  # words for each name
TWO_SHARE = 0.3  # of sentences with two unlisted words


@dataclass(frozen=True, slots=True)
class Unlisted:
    """One or two slots said by words near to the name in the base's text space; the variant is which slots."""

    name: str = "unlisted"
    modality: Modality = "text"
    words: Mapping[tuple[Slot, str], tuple[str, ...]] = field(default_factory=dict)

    def fitted(self, part: Cut, cells: tuple[Cell, ...], book: Phrasebook, seed: int) -> Unlisted:
        """The family with its words; without any on a base that shows no vocabulary."""
        from ..near_words import near_words  # torch, which plans do without

        return replace(self, words=near_words(part, book, cells, "attack", NEAREST))

    def probe(self, cell: Cell, world: Cell | None, book: Phrasebook, rng: random.Random, number: int) -> Probe | None:
        """One sentence, or None for a cell without such words."""
        open_slots = [slot for slot in SLOTS if self.words.get((slot, cell.get(slot)))]
        if not open_slots:
            return None
        spoken = speak(cell, book, rng, forms=None, frames="attack", contexts="attack", context_share=0.3)
        parts = dict(zip(SLOTS, spoken.parts, strict=True))
        wanted = 2 if rng.random() < TWO_SHARE else 1
        changed = rng.sample(open_slots, min(wanted, len(open_slots)))
        for slot in changed:
            parts[slot] = _said(slot, rng.choice(self.words[(slot, cell.get(slot))]), parts[slot])
        text = compose(spoken.template, parts["subject"], parts["relation"], parts["object"], spoken.context)
        variant = " and ".join(slot for slot in SLOTS if slot in changed)
        return Probe(cell, world, text, variant=variant, cluster=spoken.template)


def _said(slot: Slot, word: str, instead_of: str) -> str:
    """The word with an article where the form that it replaces has one."""
    if slot == "relation" or not instead_of.startswith(("a ", "an ")):
        return word
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"
