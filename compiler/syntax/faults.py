"""The message about one statement that could not be read, before it has a place in the file."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..messages.diagnostics import quote
from .statements import KEYWORDS
from .tokens import NAME_PATTERN

NAME = re.compile(NAME_PATTERN)
TEXT = re.compile(r'"[^"\n]*"')
_LAST_NAME = re.compile(NAME_PATTERN + "$")
_SLOT = re.compile(rf"\*|{NAME_PATTERN}")


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
    """Where the parser stopped: at `found` (a terminal, or empty for a character that begins none).

    `could` are the terminals that could stand there; `accepts` are the same, and none where `found` is empty.
    """

    text: str
    start: int
    end: int
    found: str
    could: frozenset[str]

    @property
    def accepts(self) -> frozenset[str]:
        """What could stand there, asked of a word of the language: a strange character is a slip of its own."""
        return self.could if self.found else frozenset()

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
        found = _LAST_NAME.search(self.before.rstrip())
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
    """The names and `*` at the front of a text, up to the first keyword, quote or comment."""
    words: list[str] = []
    for word in _SLOT.findall(re.split(r"[\"#]", text)[0]):
        if word in KEYWORDS:
            break
        words.append(word)
    return words


# Words of English beside a name that mean nothing here, and those that would turn a rule round.
_FILLERS = frozenset({"a", "an", "the", "all", "any", "every", "each", "some", "is", "are"})
_ARTICLES = frozenset({"a", "an", "the"})
_NEGATIONS = frozenset({"not", "no", "never"})


def as_name(words: list[str]) -> str:
    """Words as one name, without the article that a form would have.

    >>> as_name(["a", "young", "child"])
    'young_child'
    """
    return "_".join(words[1:] if len(words) > 1 and words[0].lower() in _ARTICLES else words)


def english(text: str, begin: int, end: int) -> Fault | None:
    """The message about a name written as English says it: `a child`, `all children`, `not a child`."""
    words = list(NAME.finditer(text, begin, end))
    if len(words) < 2:
        return None
    first, last = words[0], words[-1]
    negation = next((word for word in words if word[0].lower() in _NEGATIONS), None)
    if negation:
        message = f"a rule has no {quote(negation[0])}"
        hint = "say who or what it is about; what is left out stands behind `except`"
        return Fault("P025", message, hint, *negation.span())
    if first[0].lower() not in _FILLERS:
        return None
    name = "_".join(word[0] for word in words[1:] if word[0].lower() not in _FILLERS)
    if not name or name in KEYWORDS:
        return None
    message = f"{quote(first[0])} is no part of a name"
    return Fault("P017", message, f"write {quote(name)}", *first.span(), (first.start(), last.end(), name))
