"""WordNet's own files (`index.noun`, `data.noun`, ...), where a user has them: Debian's wordnet-base, nltk's corpus.

What must not reach a policy is left out: words marked as slurs or obscene, senses that are colours, and senses that
no picture shows.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

Part = Literal["noun", "verb"]
_HOMES = (
    "/usr/share/wordnet",
    "/usr/share/wordnet/dict",
    "/usr/local/share/wordnet",
    "/usr/local/WordNet-3.0/dict",
    "/usr/share/nltk_data/corpora/wordnet",
    "/usr/local/share/nltk_data/corpora/wordnet",
    "~/nltk_data/corpora/wordnet",
)
# Lexicographer files of what a picture can show: animals, artifacts, food, groups, objects, people, plants, substances.
_SHOWN = frozenset((5, 6, 13, 14, 17, 18, 20, 27))
_USAGES = frozenset(
    ("disparagement", "depreciation", "derogation", "ethnic_slur", "obscenity", "smut", "vulgarism", "dirty_word")
)
_GLOSS = re.compile(
    r"offensive|slur\b|disparag|derogat|contempt|obscen|vulgar|insult|sexual|prostitut|erotic|genital", re.IGNORECASE
)
_COLOURS = frozenset(("color", "colour", "chromatic_color", "chromatic_colour"))
_DEEPEST = 25


@dataclass(frozen=True, slots=True)
class Sense:
    """One meaning: its words that may be shown, what it says of itself, and the places of what is above and below."""

    place: str
    part: Part
    file: int
    words: tuple[str, ...]
    gloss: str
    above: tuple[str, ...]
    below: tuple[str, ...]
    is_marked: bool


def find_wordnet(folder: Path | None = None) -> WordNet | None:
    """WordNet in a folder, or where it is usually installed; `WNSEARCHDIR` names a place too."""
    named = os.environ.get("WNSEARCHDIR")
    places = [folder] if folder else [Path(named)] if named else [Path(home).expanduser() for home in _HOMES]
    return next((WordNet(place) for place in places if (place / "data.noun").is_file()), None)


class WordNet:
    """The files of one folder, each read when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def version(self) -> str:
        """As the files say it, or nothing."""
        found = re.search(rb"WordNet (\d[\d.]*)", _bytes(self.folder / "data.noun")[:2000])
        return f"WordNet {found[1].decode()}" if found else "WordNet"

    def senses(self, word: str, part: Part = "noun") -> tuple[Sense, ...]:
        """The meanings of a word, the commonest first; marked ones, colours and what no picture shows are left out."""
        return tuple(sense for sense in self._all(word, part) if self.may_show(sense))

    def left_out(self, word: str, part: Part = "noun") -> int:
        """How many meanings `senses` keeps back."""
        return sum(not self.may_show(sense) for sense in self._all(word, part))

    def may_show(self, sense: Sense) -> bool:
        """Whether a meaning may be suggested."""
        if sense.is_marked or not sense.words or _GLOSS.search(sense.gloss):
            return False
        return sense.part == "verb" or (sense.file in _SHOWN and not self._is_colour(sense))

    def sense(self, place: str, part: Part) -> Sense:
        """The meaning at a place of a data file."""
        return _sense(self, place, part)

    def above(self, sense: Sense) -> Iterator[Sense]:
        """Everything that a meaning is a kind of, nearest first."""
        seen, row = {sense.place}, list(sense.above)
        for _ in range(_DEEPEST):
            following: list[str] = []
            for place in row:
                if place not in seen:
                    seen.add(place)
                    parent = self.sense(place, sense.part)
                    yield parent
                    following += parent.above
            row = following

    def beside(self, sense: Sense) -> Iterator[Sense]:
        """The other kinds of what a meaning is a kind of."""
        for place in sense.above:
            for other in self.sense(place, sense.part).below:
                if other != sense.place and self.may_show(sibling := self.sense(other, sense.part)):
                    yield sibling

    def _all(self, word: str, part: Part) -> Iterator[Sense]:
        data = _bytes(self.folder / f"index.{part}")
        start = data.find(b"\n" + word.lower().encode("ascii", "replace") + b" ") + 1
        if not start:
            return
        fields = data[start : data.index(b"\n", start)].decode("ascii", "replace").split()
        count = int(fields[2])
        yield from (self.sense(place, part) for place in fields[-count:])

    def _is_colour(self, sense: Sense) -> bool:
        return any(_COLOURS.intersection(above.words) for above in (sense, *self.above(sense)))


@lru_cache(maxsize=8)
def _bytes(path: Path) -> bytes:
    try:
        # The first entry is found by the line end before it, as all others are.
        return b"\n" + path.read_bytes()
    except FileNotFoundError:
        return b""


@lru_cache(maxsize=4096)
def _sense(wordnet: WordNet, place: str, part: Part) -> Sense:
    data = _bytes(wordnet.folder / f"data.{part}")
    start = int(place) + 1
    line = data[start : data.find(b"\n", start)].decode("utf-8", "replace")
    head, _, gloss = line.partition(" | ")
    fields = head.split()
    count = int(fields[3], 16)
    words = [fields[4 + 2 * number] for number in range(count)]
    after = 4 + 2 * count
    pointers = [fields[after + 1 + 4 * number : after + 5 + 4 * number] for number in range(int(fields[after]))]
    kind = {"n": "noun", "v": "verb"}
    marked = [
        int(ends[:2], 16) for sign, to, pos, ends in pointers if sign == ";u" and _offends(wordnet, to, kind.get(pos))
    ]
    kept = tuple(word for number, word in enumerate(words, 1) if number not in marked)
    return Sense(
        place,
        part,
        int(fields[1]),
        kept,
        gloss.strip(),
        tuple(to for sign, to, _, _ in pointers if sign in ("@", "@i")),
        tuple(to for sign, to, _, _ in pointers if sign == "~"),
        0 in marked,
    )


def _offends(wordnet: WordNet, place: str, part: str | None) -> bool:
    """Whether a usage marks its words as slurs or obscene."""
    return part == "noun" and bool(_USAGES.intersection(wordnet.sense(place, "noun").words))
