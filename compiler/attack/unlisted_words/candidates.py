"""Words of the backbone's own vocabulary that no list holds, nearest to the names of a rule."""

from __future__ import annotations

from torch import Tensor

from ...corpus.phrasebook import Phrasebook
from ...corpus.vocabulary import VocabularySplit, unlisted, words_of
from ...records.cache import cached
from ...train.cuts import Cut, embed
from ...world.cells import SLOTS, Cell, Slot
from .carrier_filter import read_as
from .embedding_filter import meant, read_meanings

VOCABULARY_VERSION = 1
NEAREST = 60  # words looked at for each name of a slot


def _word_embeddings(part: Cut, words: tuple[str, ...], split: VocabularySplit) -> Tensor:
    """(n, d): each word alone, as the base embeds it; from the cache after the first time."""

    def compute() -> dict[str, Tensor]:
        return {"words": embed(part.text_tail, part.text_prefix(words, fast=True))}

    fingerprint = part.backbone.fingerprint
    key = {"fingerprint": fingerprint, "version": VOCABULARY_VERSION, "words": len(words), "split": split}
    return cached("vocabulary", key, compute)["words"]


def near_words(
    part: Cut, book: Phrasebook, cells: tuple[Cell, ...], split: VocabularySplit = "attack", nearest: int = NEAREST
) -> dict[tuple[Slot, str], tuple[str, ...]]:
    """For each name of the cells the split's unlisted words nearest to any of its training forms, nearest first."""
    every = words_of(part.backbone, split)
    if not every:
        return {}
    word_ND = _word_embeddings(part, every, split)
    allowed = set(unlisted(every, book))
    found: dict[tuple[Slot, str], tuple[str, ...]] = {}
    for slot in SLOTS:
        for name in dict.fromkeys(cell.get(slot) for cell in cells if cell.get(slot)):
            form_MD = embed(part.text_tail, part.text_prefix(book.forms(slot, name).train, fast=True))
            order = (word_ND @ form_MD.T).amax(1).argsort(descending=True, stable=True)
            ranked = (every[int(i)] for i in order)
            # A relation is said by a word that ends as one; the rest of the vocabulary names things.
            fitting = [w for w in ranked if w in allowed and w.endswith("ing") == (slot == "relation")]
            found[(slot, name)] = tuple(fitting[:nearest])
    return found


def fair_words(part: Cut, book: Phrasebook, cells: tuple[Cell, ...]) -> dict[tuple[Slot, str], tuple[str, ...]]:
    """Of the attack half's near words those that mean the name, nearest first; names without any are left out.

    Three things have to agree, none of which knows of any adapter: the word is near to the name in the base's space
    of captions; the base takes it for the name in sentences about other things (word_panel); and the table of words,
    which knows no scenes, places it at the name and at no other listed word (word_meaning).
    """
    meanings = read_meanings(part.backbone)
    if meanings is None:
        return {}
    near = near_words(part, book, cells)
    found = {
        (slot, name): read_as(part, book, slot, name, meant(meanings, book, slot, name, words))
        for (slot, name), words in near.items()
    }
    return {key: words for key, words in found.items() if words}
