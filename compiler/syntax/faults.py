"""The message about one statement that could not be read, before it has a place in the file."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .statements import KEYWORDS

NAME = re.compile(r"[^\W\d]\w*")
TEXT = re.compile(r'"[^"\n]*"')


@dataclass(frozen=True, slots=True)
class Fault:
    """A message about one statement; offsets count from its first character, those of `fix` too."""

    code: str
    message: str
    hint: str
    start: int
    end: int
    fix: tuple[int, int, str] | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the parser stopped: at `found` (a terminal, or empty for a character that begins none)."""

    text: str
    start: int
    end: int
    found: str
    accepts: frozenset[str]

    @property
    def before(self) -> str:
        """The statement up to the stop."""
        return self.text[: self.start]

    @property
    def rest(self) -> str:
        """The statement from the stop on."""
        return self.text[self.start :]

    @property
    def word(self) -> str:
        """What stands at the stop; empty at the end of the statement."""
        return self.text[self.start : self.end]

    @property
    def last_word(self) -> str:
        """The name or keyword right before the stop."""
        found = re.search(r"[^\W\d]\w*$", self.before.rstrip())
        return found[0] if found else ""

    @property
    def place(self) -> tuple[int, int]:
        """What to point at; past the end of the statement it is the place right after its last word."""
        if self.start < len(self.text):
            return self.start, max(self.end, self.start + 1)
        return len(self.text), len(self.text) + 1

    def fault(self, code: str, message: str, hint: str = "", fix: tuple[int, int, str] | None = None) -> Fault:
        """A message about this place."""
        return Fault(code, message, hint, *self.place, fix)


def words_of(text: str) -> list[str]:
    """The names at the front of a text, up to the first keyword, quote or comment."""
    words: list[str] = []
    for word in NAME.findall(re.split(r"[\"#]", text)[0]):
        if word in KEYWORDS:
            break
        words.append(word)
    return words
