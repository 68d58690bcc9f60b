"""Two sentences: the tuple split, so that neither of them names all of it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from ...corpus.grammar import definite, sentence
from ...corpus.surface import Phrasebook
from ...graph.cells import Cell
from ..family import Probe
from ..phrasing import plain_parts, surrounded
from ..results import Modality

# {S} is the subject with a capital letter, {d} is the subject with the definite article.
TEMPLATES: dict[str, tuple[str, ...]] = {
    "subject_first": (
        "There is {s}. The one in view is {r} {o}.",
        "{S} came in. Soon we saw somebody {r} {o}.",
        "Meet {s}. Pastime: {r} {o}.",
        "Who is in it? {S}. What is going on? Somebody is {r} {o}.",
    ),
    "subject_last": (
        "Somebody is {r} {o}. It is {s}.",
        "Someone was seen {r} {o}. That was {s}.",
        "Here somebody is {r} {o}. The somebody is {s}.",
    ),
    "object_apart": (
        "{S} is {r} something. It is {o}.",
        "{S} is busy {r} it. By it I mean {o}.",
        "Guess what {d} is {r}. The answer is {o}.",
    ),
    "relation_apart": (
        "{S} has {o}. What happens next is {r}.",
        "There are {s} and {o} in it. The activity is {r}.",
    ),
}
_LISTED = tuple((kind, template) for kind, templates in TEMPLATES.items() for template in templates)


@dataclass(frozen=True, slots=True)
class TwoSentences:
    """Canonical words over two sentences; `variant` says which slot stands apart."""

    name: str = "two_sentences"
    modality: Modality = "text"

    def probe(self, cell: Cell, world: Cell | None, book: Phrasebook, rng: random.Random, number: int) -> Probe | None:
        """Two sentences as one text, or None for a cell that is not whole."""
        parts = plain_parts(cell, book)
        if parts is None:
            return None
        subject, relation, object_ = parts
        kind, template = rng.choice(_LISTED)
        words = {"s": subject, "S": sentence(subject), "d": definite(subject), "r": relation, "o": object_}
        return Probe(cell, world, surrounded(template.format(**words), rng), variant=kind, cluster=template)
