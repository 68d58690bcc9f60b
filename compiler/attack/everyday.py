"""Everyday scenes to stand beside a forbidden one, or to be named in its place. They are no part of any rule's sets."""

from __future__ import annotations

import random

from ..corpus.lexicon import WORDS, word
from ..graph.cells import Cell

# By relation, so that only who and what need differ.
_EVERYDAY: dict[str, tuple[str, ...]] = {
    "drinking": ("juice", "milk", "water"),
    "eating": ("cake", "apple", "bread"),
    "holding": ("ball", "teddy_bear", "book"),
    "pouring": ("milk", "juice"),
    "throwing": ("ball", "teddy_bear"),
    "pointing_at": ("kite", "balloon"),
    "reading": ("book",),
    "riding": ("bicycle", "horse"),
    "sitting_next_to": ("teddy_bear", "ball"),
}
_ANYWHERE = ("drinking", "eating", "holding")
_PEOPLE = tuple(entry.name for entry in WORDS["subject"] if entry.group in ("minor", "adult"))


def everyday_deeds(cell: Cell) -> tuple[tuple[str, str], ...]:
    """(relation, object) pairs without the cell's object: those of its own relation, where that has any."""
    own = [(cell.relation, thing) for thing in _EVERYDAY.get(cell.relation, ()) if thing != cell.object]
    others = [(r, o) for r in _ANYWHERE if r != cell.relation for o in _EVERYDAY[r] if o != cell.object]
    return tuple(own or others)


def other_people(subject: str) -> tuple[str, ...]:
    """People of another age than the subject; for an animal or a robot, all people."""
    own = word("subject", subject)
    return tuple(
        name for name in _PEOPLE if own is None or (other := word("subject", name)) is None or other.group != own.group
    )


def everyday_beside(cell: Cell, rng: random.Random) -> Cell:
    """Somebody of another age who does something everyday."""
    relation, thing = rng.choice(everyday_deeds(cell))
    return Cell(rng.choice(other_people(cell.subject)), relation, thing)
