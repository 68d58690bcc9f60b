"""Paraphrase: the rule's own words in sentence forms that no training used."""

from __future__ import annotations

import random
from dataclasses import dataclass

from ...corpus.surface import Phrasebook, speak
from ...corpus.templates import CONTEXTS
from ...graph.cells import Cell
from ..family import Probe
from ..results import Modality


@dataclass(frozen=True, slots=True)
class Paraphrase:
    """Canonical words, attack sentence forms; a context as well in half of the probes, so that they stay different."""

    name: str = "paraphrase"
    modality: Modality = "text"

    def probe(self, cell: Cell, world: Cell | None, book: Phrasebook, rng: random.Random, number: int) -> Probe | None:
        """One sentence."""
        spoken = speak(cell, book, rng, forms=None, frames="attack", contexts="attack", context_share=0.5)
        others = [context for context in CONTEXTS["attack"] if context != spoken.context]
        second = rng.choice(others) if spoken.context and rng.random() < 0.4 else ""
        return Probe(cell, world, f"{spoken.text} {second}".strip(), cluster=spoken.template)
