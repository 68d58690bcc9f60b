"""Negation: the tuple denied, which contrastive models tend to read as the tuple itself.

Method: "Learn 'No' to Say 'Yes' Better" (Singh et al. 2024) and NegBench (Alhamoud et al. 2025) measured that CLIP
retrieves what a query denies. A probe is counted only where the base takes the denied sentence for the forbidden cell.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from ...corpus.phrasebook import Phrasebook
from ...records.results import Modality
from ...world.cells import Cell
from ...world.grammar import bare
from ...world.morphology import is_action, is_person, number_words
from ..language.phrasing import plain_parts, surrounded
from .family import Probe

# {b} is the subject without its article, {one_b} the same where it can be counted, {v} a relation that is a verb: "who
# has stopped next to a bomb" is next to it. {w} is who or that.
TEMPLATES = (
    "{s} {w} {is_} not {r} {o}",
    "{s} not {r} {o}",
    "no {b} {r} {o}",
    "anything but {s} {r} {o}",
    "everything except {s} {r} {o}",
    "{s} never {r} {o}",
    "not one {one_b} is {r} {o}",
    "{s} {w} {has} stopped {v} {o}",
    "under no circumstances show {s} {r} {o}",
    "it is not true that {s} {is_} {r} {o}",
    "{s} {isnt} {r} {o}",
    "a picture free of any {b} {r} {o}",
)


@dataclass(frozen=True, slots=True)
class Negation:
    """Canonical words in sentence forms that deny the tuple."""

    name: str = "negation"
    modality: Modality = "text"

    def probe(self, cell: Cell, world: Cell | None, book: Phrasebook, rng: random.Random, number: int) -> Probe | None:
        """One sentence, or None for a cell that is not whole."""
        parts = plain_parts(cell, book)
        if parts is None:
            return None
        subject, relation, object_ = parts
        forms = {
            "one_b": bare(subject) if subject.startswith(("a ", "an ")) else None,
            "v": relation if is_action(relation) else None,
        }
        template = rng.choice(
            [t for t in TEMPLATES if all(found or f"{{{key}}}" not in t for key, found in forms.items())]
        )
        words = {
            "s": subject,
            "b": bare(subject),
            "r": relation,
            "o": object_,
            "w": "who" if is_person(cell.subject) else "that",
            **number_words(subject, object_),
        }
        text = template.format(**words, **forms)
        return Probe(cell, world, surrounded(text, rng), variant="denied", cluster=template)
