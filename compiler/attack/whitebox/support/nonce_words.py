"""Made-up words for the parts of a tuple: a stand-in for a model that never knew it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ....corpus.captions import compose
from ....corpus.phrasebook import Phrasebook, Spoken
from ....world.cells import SLOTS, Cell, Slot

_HEADS = ("flim", "mez", "nup", "tav", "zem", "plon", "vish", "drel", "kwim", "orb")
_TAILS = ("dal", "ket", "lon", "mur", "pix", "sto", "nad", "vek", "wug", "rin")
Words = Mapping[tuple[Slot, str], str]


def words_for(forbidden: Iterable[Cell]) -> Words:
    """A word for every name in the forbidden cells, the same each time; ValueError beyond a hundred names a slot."""
    found: dict[tuple[Slot, str], str] = {}
    cells = sorted(forbidden)
    for shift, slot in enumerate(SLOTS):
        names = sorted({cell.get(slot) for cell in cells})
        if len(names) > len(_HEADS) * len(_TAILS):
            raise ValueError(f"{len(names)} names in one slot are more than there are made-up words")
        for number, name in enumerate(names):
            head = _HEADS[(number + 3 * shift) % len(_HEADS)]
            tail = _TAILS[(number // len(_HEADS) + 3 * shift) % len(_TAILS)]
            found[(slot, name)] = f"{head}{tail}{'ing' if slot == 'relation' else ''}"
    return found


def like(form: str, word: str) -> str:
    """The word with the form's own article.

    >>> like("an otter", "flimdal"), like("wine", "mezket"), like("some milk", "nuplon")
    ('a flimdal', 'mezket', 'some nuplon')
    """
    article = form.split()[0] if " " in form else ""
    return f"{'a' if article == 'an' else article} {word}" if article in ("a", "an", "the", "some") else word


def respoken(spoken: Spoken, words: Words) -> str:
    """The same sentence with made-up words where the cell's names have one."""
    parts = [
        like(part, words[(slot, spoken.cell.get(slot))]) if (slot, spoken.cell.get(slot)) in words else part
        for slot, part in zip(SLOTS, spoken.parts, strict=True)
    ]
    return compose(spoken.template, parts[0], parts[1], parts[2], spoken.context)


def renamed(text: str, cell: Cell, book: Phrasebook, words: Words) -> str:
    """A sentence in canonical words about the cell, with made-up words in their place."""
    for slot in SLOTS:
        if (word := words.get((slot, cell.get(slot)))) is not None:
            canonical = book.forms(slot, cell.get(slot)).canonical
            text = re.sub(rf"\b{re.escape(canonical)}\b", like(canonical, word), text)
    return text
