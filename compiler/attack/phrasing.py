"""What the text families share: the canonical words of a cell, and attack contexts around a sentence."""

from __future__ import annotations

import random

from ..corpus.surface import Phrasebook
from ..corpus.templates import CONTEXTS
from ..graph.cells import SLOTS, Cell


def plain_parts(cell: Cell, book: Phrasebook) -> tuple[str, str, str] | None:
    """Subject, relation and object in their canonical words; None for a cell that lacks one of them."""
    if not all(cell.get(slot) for slot in SLOTS):
        return None
    subject, relation, object_ = (book.forms(slot, cell.get(slot)).canonical for slot in SLOTS)
    return subject, relation, object_


def surrounded(text: str, rng: random.Random, most: int = 2) -> str:
    """The text with none, one or two attack contexts before its full stop, so that one cell gives many sentences."""
    count = min(rng.choice((0, 0, 1, 1, 1, 2)), most)
    end = text[-1] if text[-1] in ".!?" else ""
    body = text[: len(text) - len(end)]
    return " ".join([body, *rng.sample(CONTEXTS["attack"], count)]) + end
