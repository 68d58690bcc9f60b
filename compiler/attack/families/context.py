"""Context: the plain sentence of the rule with surroundings that no training used."""

from __future__ import annotations

import random
from dataclasses import dataclass

from ...corpus.captions import compose
from ...corpus.phrasebook import Phrasebook, frame_of, speak
from ...records.results import Modality
from ...world.cells import Cell
from ..language.phrasing import context
from .family import Probe

_LEADS = (
    "",
    "once more, ",
    "as everybody could tell, ",
    "believe it or not, ",
    "just as the bell rang, ",
    "to everyone's surprise, ",
    "while nobody was looking, ",
)


@dataclass(frozen=True, slots=True)
class Context:
    """Canonical words in the plain frame, an attack context behind it and often a phrase before it."""

    name: str = "context"
    modality: Modality = "text"

    def probe(self, cell: Cell, world: Cell | None, book: Phrasebook, rng: random.Random, number: int) -> Probe | None:
        """One sentence."""
        spoken = speak(cell, book, rng, forms=None, frames=None, contexts=None)
        around = context(rng, rng.choice((1, 2)), spoken.text)
        text = rng.choice(_LEADS) + compose(frame_of(cell), *spoken.parts, around)
        return Probe(cell, world, text, cluster=around)
