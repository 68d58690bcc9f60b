"""Clauses: the tuple in the passive, in relative clauses and as a noun.

Passives need a past participle, relative clauses some of them a finite verb; where none is certain, those forms are
left out. So are passives that the policy declares as an inverse: training says those. A relation that is no verb
("next to") makes relative clauses alone.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from ...corpus.phrasebook import Phrasebook
from ...records.results import Modality
from ...world.cells import Cell
from ...world.grammar import definite, third_person
from ...world.morphology import is_action, is_person, number_words, possessive
from ...world.nouns import is_plural
from ..language.phrasing import passive_of, plain_parts, surrounded
from .family import Probe

# {p} is the participle, {f} the finite verb, {v} a relation that is a verb, {n} one of a single word. {d} and {e} are
# the subject and the object with the definite article, {w} is who or that, {own} the owner's form of the subject.
TEMPLATES: dict[str, tuple[str, ...]] = {
    "passive": (
        "{o} {ois} being {p} by {s}",
        "{o} {p} by {s}",
        "{e} {owas} {p} by {s}",
        "{o} {gets} {p} by {s}",
    ),
    "relative": (
        "{d} {w} {is_} {r} {o}",
        "{o} that {s} {f}",
        "{o} that {s} {is_} {r}",
        "it was {s} {w} {was} {r} {o}",
        "the {one} {r} {o} {is_} {s}",
        "{d} {w} {f} {o}",
    ),
    "nominal": (
        "{own} {n} of {o}",
        "the {n} of {o} by {s}",
        "{s} caught in the act of {v} {o}",
    ),
}
_LISTED = tuple((kind, template) for kind, templates in TEMPLATES.items() for template in templates)


@dataclass(frozen=True, slots=True)
class Clauses:
    """Canonical words in other clauses; `variant` is passive, relative or nominal."""

    name: str = "clauses"
    modality: Modality = "text"

    def probe(self, cell: Cell, world: Cell | None, book: Phrasebook, rng: random.Random, number: int) -> Probe | None:
        """One sentence, or None for a cell that is not whole."""
        parts = plain_parts(cell, book)
        if parts is None:
            return None
        subject, relation, object_ = parts
        acts = is_action(relation)
        forms = {
            "p": passive_of(cell, relation, book),
            # "Twins play" would need the verb's stem, which the table does not have.
            "f": None if is_plural(subject) else third_person(relation),
            "v": relation if acts else None,
            "n": relation if acts and " " not in relation else None,  # not "the pointing at of a gun"
        }
        listed = [pair for pair in _LISTED if all(found or f"{{{key}}}" not in pair[1] for key, found in forms.items())]
        kind, template = rng.choice(listed)
        words = {
            "s": subject,
            "d": definite(subject),
            "own": possessive(subject),
            "r": relation,
            "o": object_,
            "e": definite(object_),
            "w": "who" if is_person(cell.subject) else "that",
            **number_words(subject, object_),
        }
        return Probe(cell, world, surrounded(template.format(**words, **forms), rng), variant=kind, cluster=template)
