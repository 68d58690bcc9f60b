"""Everyday scenes to stand beside a forbidden one, or to be named in its place.

They are chosen from a short list of harmless deeds; what a policy forbids all the same is left out by its rules' cells.
"""

from __future__ import annotations

import random
from collections.abc import Set as AbstractSet

from ...world.cells import Cell
from ...world.lexicon import WORDS, word

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


def everyday_deeds(cell: Cell, subject: str = "", forbidden: AbstractSet[Cell] = frozenset()) -> tuple[Cell, ...]:
    """What the subject may be shown at instead of the cell's object: in the cell's own relation, where that can be.

    Without a subject it is the cell's own. Nothing of `forbidden`; () where that leaves nothing.
    """
    who = subject or cell.subject
    own = [Cell(who, cell.relation, thing) for thing in _EVERYDAY.get(cell.relation, ())]
    others = [Cell(who, relation, thing) for relation in _ANYWHERE for thing in _EVERYDAY[relation]]
    for deeds in (own, [deed for deed in others if deed.relation != cell.relation]):
        if allowed := tuple(deed for deed in deeds if deed.object != cell.object and deed not in forbidden):
            return allowed
    return ()


def other_people(subject: str) -> tuple[str, ...]:
    """People of another age than the subject; for an animal or a robot, all people."""
    own = word("subject", subject)
    return tuple(
        name for name in _PEOPLE if own is None or (other := word("subject", name)) is None or other.group != own.group
    )


def everyday_beside(cell: Cell, rng: random.Random, forbidden: AbstractSet[Cell] = frozenset()) -> Cell | None:
    """Somebody of another age who does something everyday that no rule forbids; None where every rule leaves nothing.

    In the cell's own relation, where one of them may.
    """
    deeds = [deed for who in other_people(cell.subject) for deed in everyday_deeds(cell, who, forbidden)]
    alike = [deed for deed in deeds if deed.relation == cell.relation]
    return rng.choice(alike or deeds) if deeds else None
