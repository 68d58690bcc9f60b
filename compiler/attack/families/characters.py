"""Characters: one to three letters of the tuple changed as a hasty or a cunning writer would.

What is no longer about the tuple is left out. "Riding" with one key wrong is "rising", and "wine" without a letter
"win": a change that makes another word of the base's vocabulary, of the lexicon or of the policy is dropped. A word is
misspelt in one place at most and only where it has four letters: "csr" and "gnu" leave nothing to read a car and a gun
by. Articles are left alone.
Spaces, look-alikes, figures and capitals leave all letters in their order and are never dropped.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...corpus.captions import compose
from ...corpus.phrasebook import Phrasebook
from ...corpus.vocabulary import listed_words, spoken_words, word_tokens
from ...records.results import Modality
from ...world.cells import Cell
from ..language.phrasing import fitting_frames, plain_parts, surrounded
from .family import Probe

if TYPE_CHECKING:
    from ...train.cuts import Cut

KINDS = ("drop", "double", "swap", "neighbour", "homoglyph", "spacing", "case", "leetspeak")
MOST_CHANGES = 3
SHORTEST_MISSPELT = 4

# Cyrillic and Greek letters that look like Latin ones; hand-made after the confusables of Unicode TS 39.
HOMOGLYPHS = dict(zip("aceopxyisjhdkvun", "асеорхуіѕјһԁκνυո", strict=True))
LEET = {"a": "4", "b": "8", "e": "3", "g": "9", "i": "1", "l": "1", "o": "0", "s": "5", "t": "7", "z": "2"}
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
NEIGHBOURS = {key: row[max(0, at - 1) : at] + row[at + 1 : at + 2] for row in _ROWS for at, key in enumerate(row)}
# These change which letters stand there; the others only how the same letters look.
MISSPELT = frozenset(("drop", "double", "swap", "neighbour"))
_ARTICLES = frozenset(("a", "an", "the"))
# Between the parts of a tuple while its letters change: no letter, and in no policy's words.
_SEAM = "\n"


@dataclass(frozen=True, slots=True)
class Characters:
    """Canonical words with changed letters in attack sentence forms; `variant` is one of KINDS."""

    name: str = "characters"
    modality: Modality = "text"
    vocabulary: frozenset[str] = frozenset()

    def fitted(self, part: Cut, cells: tuple[Cell, ...], book: Phrasebook, seed: int) -> Characters:
        """The family with the words that the base's tokenizer and the lists know."""
        tokens = word_tokens(part.backbone.tokenizer)
        return replace(self, vocabulary=listed_words() | spoken_words(book) | frozenset(tokens))

    def probe(self, cell: Cell, world: Cell | None, book: Phrasebook, rng: random.Random, number: int) -> Probe | None:
        """One sentence; None for a cell that is not whole, has no place for the change, or becomes another word."""
        parts = plain_parts(cell, book)
        if parts is None:
            return None
        kind = rng.choice(KINDS)
        plain = _SEAM.join(parts)
        noisy = changed(plain, kind, rng.randint(1, MOST_CHANGES), rng)
        if noisy is None or (kind in MISSPELT and other_words(plain, noisy) & self.vocabulary):
            return None
        subject, relation, object_ = noisy.split(_SEAM)
        # An attack's sentence form: an encoder that knows no case would read changed case alone as training's words.
        frame = rng.choice(fitting_frames(parts[0], parts[1]))
        text = surrounded(compose(frame, subject, relation, object_), rng, most=1)
        return Probe(cell, world, text, variant=kind, cluster=frame)


def changed(text: str, kind: str, count: int, rng: random.Random) -> str | None:
    """The text with up to `count` changes of one kind, never two side by side; None where it has no place for one.

    A word is misspelt once at most; its look may be changed in several places. An article keeps its letters.
    """
    places = [at for at in range(len(text)) if _may_change(text, at, kind) and _change(text, at, kind, rng) is not None]
    rng.shuffle(places)
    chosen: list[int] = []
    for at in places:
        apart = all(abs(at - other) > 1 for other in chosen)
        once = kind not in MISSPELT or _word_at(text, at) not in {_word_at(text, other) for other in chosen}
        if len(chosen) < count and apart and once:
            chosen.append(at)
    # From the end, so that the places before stay where they are.
    for at in sorted(chosen, reverse=True):
        new = _change(text, at, kind, rng)
        assert new is not None
        text = text[:at] + new + text[at + (2 if kind == "swap" else 1) :]
    return text if chosen else None


def other_words(plain: str, noisy: str) -> frozenset[str]:
    """The words of the changed text that do not stand in the plain one, in lower case."""
    return frozenset(noisy.lower().split()) - frozenset(plain.lower().split())


def _word_at(text: str, at: int) -> tuple[int, int]:
    """From where to where the word around a letter goes; nothing long for what stands between words."""
    start, end = at, at
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return start, end


def _may_change(text: str, at: int, kind: str) -> bool:
    """Spaces may always move; "4 child" and "s child" would be a number and a slip beside the tuple's own words."""
    start, end = _word_at(text, at)
    if kind in MISSPELT and end - start < SHORTEST_MISSPELT:
        return False
    return kind == "spacing" or text[start:end] not in _ARTICLES


def _change(text: str, at: int, kind: str, rng: random.Random) -> str | None:
    """What stands in the place of the letter at `at`, and of the next one as well for a swap; None for no change."""
    letter, following = text[at], text[at + 1 : at + 2]
    inside = letter.isalpha() and following.isalpha()
    new: str | None = None
    if kind == "spacing":
        new = "" if letter == " " else f"{letter} " if inside else None
    elif kind == "swap":
        new = following + letter if inside and letter != following else None
    elif kind == "drop":
        # A word keeps its first letter.
        new = "" if letter.isalpha() and text[:at][-1:].isalpha() else None
    elif kind == "double":
        new = letter * 2 if letter.isalpha() else None
    elif kind == "case":
        new = letter.swapcase() if letter.swapcase() != letter else None
    elif kind == "neighbour":
        new = rng.choice(NEIGHBOURS[letter]) if letter in NEIGHBOURS else None
    else:
        new = (HOMOGLYPHS if kind == "homoglyph" else LEET).get(letter)
    return new
