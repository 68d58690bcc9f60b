"""Clauses: the tuple in the passive, in relative clauses and as a noun.

Passives need a past participle, relative clauses some of them a finite verb; where `corpus/grammar.py` has none that
is certain, those forms are left out. So are passives that the policy declares as an inverse: training says those.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from ...corpus.grammar import definite, third_person
from ...corpus.surface import Phrasebook
from ...graph.cells import Cell
from ..family import Probe
from ..phrasing import passive_of, plain_parts, surrounded
from ..results import Modality

# {p} is the participle, {f} the finite verb, {d} and {e} the subject and the object with the definite article.
TEMPLATES: dict[str, tuple[str, ...]] = {
    "passive": (
        "{o} is being {p} by {s}",
        "{o} {p} by {s}",
        "{e} was {p} by {s}",
        "{o} gets {p} by {s}",
    ),
    "relative": (
        "{d} who is {r} {o}",
        "{o} that {s} {f}",
        "{o}, which {s} is {r}",
        "it was {s} who was {r} {o}",
        "the one who is {r} {o} is {s}",
        "{d} that {f} {o}",
    ),
    "nominal": (
        "{s}'s {r} of {o}",
        "the {r} of {o} by {s}",
        "{s} caught in the act of {r} {o}",
    ),
}
_LISTED = tuple((kind, template) for kind, templates in TEMPLATES.items() for template in templates)
_OF = ("{s}'s {r} of {o}", "the {r} of {o} by {s}")


@dataclass(frozen=True, slots=True)
class Clauses:
    """Canonical words in other clauses; `variant` is passive, relative or nominal."""

    name: str = "clauses"
    modality: Modality = "text"

    def probe(self, cell: Cell, world: Cell | None, book: Phrasebook, rng: random.Random, number: int) -> Probe | None:
        """One sentence, or None for a cell that is not whole or a relation that makes no clause."""
        parts = plain_parts(cell, book)
        if parts is None or not parts[1].split()[0].endswith("ing"):
            return None
        subject, relation, object_ = parts
        forms = {"p": passive_of(cell, relation, book), "f": third_person(relation)}
        if " " in relation:
            listed = [(kind, template) for kind, template in _LISTED if template not in _OF]  # "pointing at of"
        else:
            listed = list(_LISTED)
        listed = [pair for pair in listed if all(found or f"{{{key}}}" not in pair[1] for key, found in forms.items())]
        kind, template = rng.choice(listed)
        words = {"s": subject, "d": definite(subject), "r": relation, "o": object_, "e": definite(object_)}
        return Probe(cell, world, surrounded(template.format(**words, **forms), rng), variant=kind, cluster=template)
