"""Unlisted: words that no list holds, from the half of the base's own vocabulary that training never uses.

Only words that mean the name count, or a sentence with one is not about the tuple: `fair_words` says how that is told.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ...corpus.captions import compose
from ...corpus.phrasebook import Phrasebook, speak
from ...records.results import Modality
from ...world.cells import SLOTS, Cell, Slot
from ..language.phrasing import context, fitting_frames, in_place_of
from .family import Probe

if TYPE_CHECKING:
    from ...train.cuts import Cut

TWO_SHARE = 0.3  # of sentences with two unlisted words
CONTEXT_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Unlisted:
    """One or two slots said by a word that means the name to the base and by its table; the variant is which slots."""

    name: str = "unlisted"
    modality: Modality = "text"
    words: Mapping[tuple[Slot, str], tuple[str, ...]] = field(default_factory=dict)

    def fitted(self, part: Cut, cells: tuple[Cell, ...], book: Phrasebook, seed: int) -> Unlisted:
        """The family with its words; without any on a base that shows no vocabulary or no table of words."""
        from ..unlisted_words.candidates import fair_words  # torch, which plans do without

        return replace(self, words=fair_words(part, book, cells))

    def probe(self, cell: Cell, world: Cell | None, book: Phrasebook, rng: random.Random, number: int) -> Probe | None:
        """One sentence, or None for a cell without such words."""
        open_slots = [slot for slot in SLOTS if self.words.get((slot, cell.get(slot)))]
        if not open_slots:
            return None
        spoken = speak(cell, book, rng, forms=None, frames=None, contexts=None)
        parts = dict(zip(SLOTS, spoken.parts, strict=True))
        wanted = 2 if rng.random() < TWO_SHARE else 1
        changed = rng.sample(open_slots, min(wanted, len(open_slots)))
        for slot in changed:
            parts[slot] = in_place_of(slot, parts[slot], rng.choice(self.words[(slot, cell.get(slot))]))
        whole = bool(cell.subject and cell.relation)
        frame = rng.choice(fitting_frames(parts["subject"], parts["relation"])) if whole else spoken.template
        said = compose(frame, parts["subject"], parts["relation"], parts["object"])
        around = context(rng, 1 if rng.random() < CONTEXT_SHARE else 0, said)
        variant = " and ".join(slot for slot in SLOTS if slot in changed)
        return Probe(cell, world, f"{said} {around}".strip(), variant=variant, cluster=frame)
