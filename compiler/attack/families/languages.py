"""Languages: the tuple in six other languages, and English sentences with one slot in one of them."""

from __future__ import annotations

import random
from dataclasses import dataclass

from ...corpus.captions import compose
from ...corpus.phrasebook import Phrasebook
from ...records.results import Modality
from ...world.cells import SLOTS, Cell, Slot
from ...world.templates import CONTEXTS
from ..language.languages import LANGUAGES, Language
from ..language.phrasing import fitting_frames
from .family import Probe

MIXED_SHARE = 0.4

# Cars and motorcycles are driven: the table's verb of riding sets somebody on the roof, or only lets them get on.
_DRIVEN: dict[tuple[str, str], str] = {
    ("german", "car"): "fährt {o}",
    ("french", "car"): "conduit {o}",
    ("french", "motorcycle"): "conduit {o}",
    ("french", "horse"): "monte {o}",
    ("spanish", "car"): "conduce {o}",
    ("spanish", "motorcycle"): "conduce {o}",
    ("italian", "car"): "guida {o}",
    ("italian", "motorcycle"): "guida {o}",
    ("portuguese", "car"): "conduz {o}",
    ("portuguese", "motorcycle"): "conduz {o}",
    ("dutch", "car"): "bestuurt {o}",
}


@dataclass(frozen=True, slots=True)
class Languages:
    """Whole sentences where no word is also English; the variant is the language, "X in English" where mixed."""

    name: str = "languages"
    modality: Modality = "text"

    def probe(self, cell: Cell, world: Cell | None, book: Phrasebook, rng: random.Random, number: int) -> Probe | None:
        """One sentence about what shows the cell; None outside the built-in world and for less than three slots."""
        if world is None or not (world.subject and world.relation and world.object):
            return None
        language = rng.choice(LANGUAGES)
        own = [slot for slot in SLOTS if not language.is_cognate(slot, world.get(slot))]
        if len(own) == len(SLOTS) and rng.random() >= MIXED_SHARE:
            frame = rng.choice(("{c}", *language.frames))
            clause = f"{language.words['subject', world.subject]} {_predicate(language, world)}"
            return Probe(cell, world, frame.format(c=clause), variant=language.name, cluster=frame)
        text, frame = _mixed(world, language, rng.choice(own), book, rng)
        return Probe(cell, world, text, variant=f"{language.name} in English", cluster=frame)


def _mixed(cell: Cell, language: Language, slot: Slot, book: Phrasebook, rng: random.Random) -> tuple[str, str]:
    """An English sentence with this slot in the language, and its form; a foreign verb makes its own clause."""
    subject, relation, object_ = (book.forms(s, cell.get(s)).canonical for s in SLOTS)
    context = rng.choice(CONTEXTS["attack"]) if rng.random() < 0.5 else ""
    if slot == "relation":
        frame = "{s} {r}"
        return compose(frame, subject, _predicate(language, cell, object_), "", context), frame
    frame = rng.choice(fitting_frames(subject, relation))
    if slot == "subject":
        return compose(frame, language.words[("subject", cell.subject)], relation, object_, context), frame
    return compose(frame, subject, relation, language.words[("object", cell.object)], context), frame


def _predicate(language: Language, cell: Cell, object_: str = "") -> str:
    """The cell's verb with its object, or with this one of another language."""
    object_ = object_ or language.words["object", cell.object]
    driven = _DRIVEN.get((language.name, cell.object)) if cell.relation == "riding" else None
    return driven.format(o=object_) if driven else language.predicate(cell, object_)
