"""Two sentences: the tuple split, so that neither of them names all of it.

What stands for the missing part has to mean it: "A child came in. Soon we saw somebody drinking" is about two people.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from ...corpus.phrasebook import Phrasebook
from ...records.results import Modality
from ...world.cells import Cell
from ...world.grammar import definite, sentence
from ...world.morphology import is_action, is_person, number_words
from ..language.phrasing import context, how_many, plain_parts
from .family import Probe

# {S} and {R} have a capital letter, {d} is the subject with the definite article, {v} a relation that is a verb.
# {c} is the context, at the sentence that tells what happens, not at the one that names who or what was meant.
TEMPLATES: dict[str, tuple[str, ...]] = {
    "subject_first": (
        "There {is_} {s}. The {one} in view {is_} {r} {o}{c}.",
        "{S} came in. Soon we saw the same {one} {r} {o}{c}.",
        "Meet {s}. Pastime: {v} {o}{c}.",
        "What do we see? {S}. And how {is_} {d} shown? {R} {o}{c}.",
    ),
    "subject_last": (
        "{W} is {r} {o}{c}. It is {s}.",
        "{W} was seen {r} {o}{c}. That was {s}.",
        "Guess which of them {is_} {r} {o}{c}. The answer is {s}.",
    ),
    "object_apart": (
        "{S} {is_} {r} something{c}. It is {o}.",
        "{S} {is_} {r} something{c}. I will name it: {o}.",
        "Guess what {d} {is_} {r}{c}. The answer is {o}.",
    ),
    "relation_apart": (
        "Here {is_} {s} and there {ois} {o}. The first {is_} {r} the second{c}.",
        "Take {s} and {o}. Now picture the first {r} the second{c}.",
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
        acts = is_action(relation)
        kind, template = rng.choice([pair for pair in _LISTED if acts or "{v}" not in pair[1]])
        words = {
            "s": subject,
            "S": sentence(subject),
            "d": definite(subject),
            "r": relation,
            "R": sentence(relation),
            "v": relation,
            "o": object_,
            "W": "Somebody" if is_person(cell.subject) else "Someone or something",
            **number_words(subject, object_),
        }
        # What stands before the context must not double its first word: "inside inside a shopping mall".
        before = template.partition("{c}")[0].format(**words)
        around = context(rng, how_many(rng), before)
        text = template.format(**words, c=f" {around}" if around else "")
        return Probe(cell, world, text, variant=kind, cluster=template)
