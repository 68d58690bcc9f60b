"""What a name that nobody knows was meant to be: near names, plurals, look-alike letters, words of other languages."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from .diagnostics import meant, near, quote

_LONGEST = 60
# Letters of other scripts that cannot be told from Latin ones by eye.
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁһӏԛԝвкмнтАВЕКМНОРСТХІЈЅαοινρυκΑΒΕΗΙΚΜΝΟΡΤΥΧΖ", "aeopcyxijsdhlqwbkmhtABEKMHOPCTXIJSaoivpukABEHIKMNOPTYXZ"
)
_WHY = (" capital letters count", "", " some of its letters only look the same")
_PLURALS = (("children", "child"), ("people", "person"), ("men", "man"), ("women", "woman"), ("knives", "knife"))


@dataclass(frozen=True, slots=True)
class Guess:
    """A hint for the message, and the name to write where there is only one that it can be."""

    hint: str = ""
    certain: str | None = None


def guess(name: str, known: Iterable[str]) -> Guess:
    """What `name` is a slip of, if it is one of a `known` name.

    >>> guess("toddlers", ["toddler", "child"])
    Guess(hint='did you mean `toddler`? names are in the singular', certain='toddler')
    >>> guess("alchohol", ["alcohol", "tobacco"]).certain
    'alcohol'
    >>> guess("beer", ["deer", "bear"])
    Guess(hint='did you mean `deer` or `bear`?', certain=None)
    """
    if len(name) > _LONGEST:
        return Guess()
    return _known(known if isinstance(known, frozenset) else frozenset(known)).guess(name)


class _Known:
    """Names that slips are compared with, and what was said of each slip."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names
        self._said: dict[str, Guess] = {}
        self._folded: dict[str, list[str]] = defaultdict(list)
        self._bare: dict[str, list[str]] = defaultdict(list)
        self._plain: dict[str, list[str]] = defaultdict(list)
        for name in sorted(names):
            self._folded[name.casefold()].append(name)
            self._bare[_bare(name)].append(name)
            self._plain[plain_letters(name).casefold()].append(name)

    def guess(self, name: str) -> Guess:
        """The same as `guess`, worked out once."""
        if name not in self._said:
            self._said[name] = self._guess(name)
        return self._said[name]

    def _guess(self, name: str) -> Guess:
        for same, why in zip(self._same(name), _WHY, strict=True):
            if same:
                only = same[0] if len(same) == 1 else None
                return Guess(f"did you mean {quote(same[0])}?{why}", only)
        singulars = [other for other in _singulars(name) if other in self.names and other != name]
        if singulars:
            return Guess(f"did you mean {quote(singulars[0])}? names are in the singular", singulars[0])
        found = near(name, self.names)
        is_certain = len(found) == 1 and len(name) >= 4 and self._slips(name) == [found[0]]
        return Guess(meant(found), found[0] if is_certain else None)

    def _same(self, name: str) -> tuple[list[str], list[str], list[str]]:
        """The names that differ in capital letters only, in `_` only, in letters that look the same only."""
        capitals = self._folded.get(name.casefold(), [])
        blanks = [other for other in self._bare.get(_bare(name), []) if other not in capitals]
        letters = [
            other
            for other in self._plain.get(plain_letters(name).casefold(), [])
            if not (name.isascii() and other.isascii()) and other not in capitals and other not in blanks
        ]
        return [other for other in capitals if other != name], blanks, letters

    def _slips(self, name: str) -> list[str]:
        alike = (other for other in self.names if abs(len(other) - len(name)) <= 1 and other != name)
        return [other for other in alike if _is_one_slip(name, other)]


_known = lru_cache(maxsize=16)(_Known)


def _bare(name: str) -> str:
    return name.casefold().replace("_", "")


def plain_letters(text: str) -> str:
    """The text with full-width and look-alike letters as the plain ones that they pass for.

    >>> plain_letters("ｗｉｎｅ"), plain_letters("сhild")  # the second begins with a Cyrillic letter
    ('wine', 'child')
    """
    return unicodedata.normalize("NFKC", text).translate(_LOOKALIKES)


def _singulars(name: str) -> tuple[str, ...]:
    """What a plural may be the plural of; the last word of a name carries it."""
    head, _, last = name.rpartition("_")
    found = [one for many, one in _PLURALS if last == many]
    found += [last[:-3] + "man"] if len(last) > 4 and last.endswith("men") else []
    if len(last) > 3 and last.endswith("s") and not last.endswith("ss"):
        found.append(last[:-1])
        found += [last[:-2]] if last.endswith("es") else []
        found += [last[:-3] + "y"] if last.endswith("ies") else []
        found += [last[:-3] + "f"] if last.endswith("ves") else []
    return tuple(f"{head}_{one}" if head else one for one in found)


def _is_one_slip(a: str, b: str) -> bool:
    """Two neighbours exchanged, a letter too many or too few, one wrong: what short words differ by is no slip."""
    if a[0] != b[0] and len(a) < 7:
        return False
    if len(a) > len(b):
        a, b = b, a
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(a))
    if len(b) - len(a) == 1:
        return len(b) >= 5 and a[start:] == b[start + 1 :]
    if len(a) != len(b):
        return False
    exchanged = a[start : start + 2] == b[start : start + 2][::-1] and a[start + 2 :] == b[start + 2 :]
    return exchanged or (len(a) >= 6 and a[start + 1 :] == b[start + 1 :])
