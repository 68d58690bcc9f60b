"""What a word of the base's vocabulary means, by the table of word embeddings that its text tower begins with.

The table was learned from running text, where words of one meaning stand in the same places (Harris 1954; Mikolov et
al. 2013, arXiv:1310.4546), and no scene has changed it. The space of captions cannot judge alone what is to be
attacked in it: next to "a child" it places "deficiency" and "unsuitable".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import torch
import torch.nn.functional as F
from proscribe.runtime.backbone import Backbone
from torch import Tensor

from ...corpus.phrasebook import Forms, Phrasebook
from ...corpus.vocabulary import listed_words, spoken_words, word_tokens, words_in
from ...world.cells import Slot
from ...world.lexicon import WORDS, plain

# A word is as near to a name as words for different names are in one of a thousand pairs, or nearer.
UNLIKE_SHARE = 0.999
# Of so many listed words next to a word, most are to be the name's own: next to "nba" stand sport and soccer.
NEIGHBOURS = 6
_SAME_START = 4


@dataclass(frozen=True, slots=True)
class Meanings:
    """Every whole word of a vocabulary: its row, and unit rows (words, d)."""

    at: dict[str, int]
    words_ND: Tensor

    def rows(self, words: Sequence[str]) -> Tensor:
        """(n, d) of words that the table has."""
        return self.words_ND[[self.at[word] for word in words]]

    def known(self, words: Iterable[str]) -> tuple[str, ...]:
        """Those that the table has, sorted."""
        return tuple(sorted(word for word in words if word in self.at))


def read_meanings(backbone: Backbone) -> Meanings | None:
    """The table of a Hugging Face text tower or of open_clip's own; None for a tower that shows none."""
    table, tokens = _table(backbone.model), word_tokens(backbone.tokenizer)
    if table is None or not tokens:
        return None
    words = sorted(tokens)
    rows = table[torch.tensor([tokens[word] for word in words])]
    return Meanings({word: row for row, word in enumerate(words)}, F.normalize(rows.detach().float(), dim=-1))


def meant(meanings: Meanings, book: Phrasebook, slot: Slot, name: str, words: Sequence[str]) -> tuple[str, ...]:
    """The words that are near enough to a one-word form of the name and to no other listed word more than to it.

    Listed is every word of the lexicon, of the policy and of sentence forms and contexts. What is near a form is often
    only about it ("brewery", "nba", "novelist"). So a word also has to be the plural of a form; or, where it is not
    derived from one, near enough to the name's plain form itself, or among the name's own forms by most of its
    neighbours ("bmw").
    """
    forms = book.forms(slot, name)
    own = set(meanings.known(one_word_forms(forms)))
    listed = meanings.known(listed_words() | spoken_words(book) | own)
    asked = [word for word in words if word in meanings.at]
    if not own or not asked:
        return ()
    likeness_NL = meanings.rows(asked) @ meanings.rows(listed).T
    least = least_likeness(meanings, slot)
    at = listed.index(plain(forms.canonical)) if plain(forms.canonical) in listed else None
    found = []
    for word, likeness in zip(asked, likeness_NL, strict=True):
        nearest = [listed[row] for row in likeness.topk(min(NEIGHBOURS, len(listed))).indices.tolist()]
        if nearest[0] not in own or float(likeness.max()) < least:
            continue
        among = sum(other in own for other in nearest) > len(nearest) / 2
        close = at is not None and float(likeness[at]) >= least
        if _is_plural_of(word, own) or (not _is_derived(word, forms) and (close or among)):
            found.append(word)
    return tuple(found)


def _is_plural_of(word: str, forms: Iterable[str]) -> bool:
    """Whether one of the forms is the same noun in the singular, or in the plural."""
    return any(word in plurals(form) or form in plurals(word) for form in forms)


def plurals(noun: str) -> tuple[str, ...]:
    """What the plural of an English noun may be.

    >>> plurals("fireman"), plurals("cherry")
    (('firemans', 'firemanes', 'firemen'), ('cherrys', 'cherryes', 'cherries'))
    """
    regular = (f"{noun}s", f"{noun}es")
    if noun.endswith("man"):
        return (*regular, f"{noun[:-3]}men")
    return (*regular, f"{noun[:-1]}ies") if noun.endswith("y") else regular


def _is_derived(word: str, forms: Forms) -> bool:
    """Whether the word begins as a word of the name's forms does: an adolescence is no adolescent."""
    start = word[:_SAME_START]
    return len(start) == _SAME_START and any(
        other.startswith(start) for form in _every(forms) for other in words_in(form)
    )


def least_likeness(meanings: Meanings, slot: Slot) -> float:
    """The cosine that UNLIKE_SHARE of the pairs of one-word forms for different names of the world stay below.

    Infinity for a table that has forms of fewer than two names.
    """
    forms = [
        meanings.known({plain(form) for form in (*entry.train, *entry.select, *entry.attack)}) for entry in WORDS[slot]
    ]
    likeness = [
        (meanings.rows(one) @ meanings.rows(other).T).flatten()
        for one, other in combinations([some for some in forms if some], 2)
    ]
    return float(torch.cat(likeness).quantile(UNLIKE_SHARE)) if likeness else float("inf")


def one_word_forms(forms: Forms) -> frozenset[str]:
    """A name's forms of one word, without their articles, in any split."""
    return frozenset(word for form in _every(forms) if " " not in (word := plain(form)))


def _every(forms: Forms) -> tuple[str, ...]:
    return (forms.canonical, *forms.train, *forms.select, *forms.attack)


def _table(model: Any) -> Tensor | None:
    tower = getattr(model, "text", model)
    inner: Any = getattr(tower, "transformer", None)
    if hasattr(inner, "get_input_embeddings"):
        found: Tensor = inner.get_input_embeddings().weight
        return found
    own = getattr(tower, "token_embedding", None)
    return None if own is None else own.weight
