"""The words that a backbone's tokenizer knows, split by a hash: half for attacks, half that training may use.

What is offered is a word that no list of the built-in world holds: neither its forms nor its sentence forms.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from ..world.lexicon import WIDER_FORMS, WORDS
from ..world.templates import ADJECTIVES, CONTEXTS, FILLERS, MORE_TEMPLATES, TEMPLATES

if TYPE_CHECKING:
    from proscribe.runtime.backbone import Backbone

    from .phrasebook import Phrasebook

VocabularySplit = Literal["train", "attack"]
SHORTEST = 3

# Words that nothing here may show (abuse, gore, people's groups): the first 8 hex digits of their sha256.
_DIGESTS = """
002b4d9d 018fa96a 0405c248 0508a634 0632813d 066d655f 06a1d8bf 08234c94 08a841e9 098593a0 0a6b4744 0b12f56d 0d38e0ec
0dcc4d33 0f28c496 11cf8376 120f6e5b 12a667c9 12e90b8e 13a465fc 14d3f05b 15cce715 16ea09fc 1837bc2c 183936b0 1dba4b33
1de4ec03 1de83442 2062f800 2189c0ed 21ff590c 2257b6d9 22e07914 235e2853 2481a63c 25390976 2795661f 27ec4ab2 28a3a5e8
2a6937d7 2bb7818b 2bda9b4d 2c1d8af3 2c32c156 2ceabeb8 2d66da9f 2f34b7a4 304bf48b 30a989af 31506a84 32c2aaad 341d5638
35a04321 3625d3b6 36bf28ef 36f4662d 38012c26 38136d6e 3b1e0d7c 3e8e40c0 3ed05acf 3fb6f6b9 3ff9649d 4098e1a8 4140197e
42c75396 43016c73 431e876d 437ff1f1 4426e54c 44660f86 44fef9ae 45eb60d1 460ed72c 46a11f13 4ae19158 4cf454d8 4ea54ab0
503afc4b 5055fa00 52c8e029 5304378d 530f71e4 533f8cc0 53fcc49a 544aff9c 57a2f7f4 586acb3c 594810ad 59a2418c 59cc3cb8
5a36615e 5a9d9dce 5b4d25aa 5bc3ef89 5c2583a1 5ddf61f4 61526b20 619bc82e 61dd29f2 63a44b1e 6577be77 6672b930 680f2c08
6ac3c336 6adc452d 6c4e4400 6c7dd80b 6d0d69a4 6ef9d9fd 6f0831d7 701033ae 70a4ce37 70aafb42 713ba152 72ec5590 737dd1bc
73f80633 74305616 76f41c43 7710e1b1 779e6186 7902e270 7920e3b1 796e43a5 7bc67115 7c4a23e0 7d515ad4 7e85c676 7f5a9ba1
8171c4ec 82159dd0 83ebccea 847901fd 85266837 85fc17f7 867d7897 870a0255 886d51e9 89364a0a 8981a7d5 8a69602a 8ac21972
8b074093 8b272f29 8c5c0439 8ca2dcb0 8d1ae626 8f16aaa0 9270c8c3 938b345c 93ceaf0d 9499e6ae 9557070a 96c91fa8 96efbc43
9849bf00 986c9900 98b52c4b 98d44e13 9915ba2d 9a22e5ed 9a4eac2d 9ae315a9 9dfd0dc6 a1c1a3b7 a20ed48f a24efab8 a259276a
a32876c6 a3686065 a402c433 a448294a a467a313 a4c7815e a52ff550 a60a2bb1 a76d588d a8d79f40 a8fd10a4 a9b1d276 a9f41dff
aaf3aa11 ab26f696 acefec68 acf45488 ad505b0b ade74a96 af48d859 b0d4754c b475efdb b4b66e0d b4e20a1e b5a352ef b6460834
b652ea88 b690cdbe b81d6dc2 b8257369 ba6fb01a ba7463ed bcca893d bd0c441b bd331fb1 c006c7e3 c22f315f c2c3b68b c3de533e
c542a0d1 c6603565 c6c48631 c77f4717 c8b2c8a3 c91d7a20 c927109d c99eb023 c9f3c15a ca8c522a cb156688 cb8db7f3 cb9c0134
cd2eb083 cdb2869a cdd28ff1 ce96cb0c d11f3961 d1bbb220 d31f9b0c d5405925 d6bf9fbe d75a838d d84f691f d92f4cf1 d937a9f3
db10a790 dc2abe4e dcb85fcf dcd2ee35 dd32831e ddc919be df59c257 e041c609 e11dc1da e1490e2a e2d3b41d e30c2ea7 e3dc18bf
e512a055 e5313522 e6836793 e7b98c6a e84dde50 e9143a29 e99d5524 e9b64384 eaf16bc0 eafd5120 ebc98c1e ebec03d8 ed45d626
edc845b6 eff26b18 f1a5fb56 f50c51ed f5778592 f59e28f8 f6952d6e f6a9dcb1 fa1597ae fa7418ee fb780848 fb96c276 fb9ebf18
fc3086f6 fd70ad90 fe38c268 ff5ae7e8 fff9f219
"""
_UNWELCOME = frozenset(_DIGESTS.split())


def vocabulary_split(word: str) -> VocabularySplit:
    """Half of all words train, half attack, by the sha256 of the word in lower case.

    >>> vocabulary_split("champagne") == vocabulary_split("Champagne")
    True
    """
    return "attack" if hashlib.sha256(word.lower().encode()).digest()[0] % 2 else "train"


def words_of(backbone: Backbone, split: VocabularySplit) -> tuple[str, ...]:
    """The unlisted whole words of the backbone's tokenizer in one half, sorted; () where it shows no vocabulary.

    Letters a to z only, at least three of them. A policy's own words are not left out here: see `unlisted`.
    """
    listed = listed_words()
    found = {word for word in word_tokens(backbone.tokenizer) if word not in listed}
    return tuple(sorted(word for word in found if vocabulary_split(word) == split and welcome(word)))


def unlisted(words: tuple[str, ...], book: Phrasebook) -> tuple[str, ...]:
    """The words that stand in no surface form of the phrasebook, in any split."""
    said = spoken_words(book)
    return tuple(word for word in words if word not in said)


def spoken_words(book: Phrasebook) -> frozenset[str]:
    """Every word of every surface form of the phrasebook, in any split."""
    return frozenset(
        word
        for entry in book.entries.values()
        for form in (entry.canonical, *entry.train, *entry.select, *entry.attack)
        for word in words_in(form)
    )


def welcome(word: str) -> bool:
    """False for a word that the project shows nowhere."""
    return hashlib.sha256(word.encode()).hexdigest()[:8] not in _UNWELCOME


def whole_words(tokens: Iterable[str]) -> dict[str, str]:
    """Whole words, without the mark that their kind of tokenizer puts on them, and the token of each.

    CLIP's BPE ends a word with "</w>", SentencePiece and GPT-2's BPE begin one with a mark, and WordPiece marks
    what is no beginning.

    >>> sorted(whole_words(("wine</w>", "win", "beer</w>")))
    ['beer', 'wine']
    >>> whole_words(("wine", "##ry", "[CLS]"))
    {'wine': 'wine'}
    """
    tokens = tuple(tokens)
    ends = any(token.endswith("</w>") for token in tokens)
    mark = next((mark for mark in ("▁", "Ġ") if any(token.startswith(mark) for token in tokens)), "")
    found = {}
    for token in tokens:
        if ends and not token.endswith("</w>"):
            continue
        if mark and not ends and not token.startswith(mark):
            continue
        word = token.removesuffix("</w>").removeprefix(mark)
        if len(word) >= SHORTEST and word.isascii() and word.isalpha() and word.islower():
            found[word] = token
    return found


def word_tokens(tokenize: Any) -> dict[str, int]:
    """The whole words that a tokenizer knows, and the number of each one's token.

    Of a Hugging Face tokenizer in open_clip's wrapper or of open_clip's own; none for any other.
    """
    inner: Any = getattr(tokenize, "tokenizer", None)
    numbers = dict(inner.get_vocab() if hasattr(inner, "get_vocab") else getattr(tokenize, "encoder", {}))
    return {word: int(numbers[token]) for word, token in whole_words(numbers).items()}


def words_in(text: str) -> list[str]:
    """Its words in lower case, letters a to z only."""
    return re.findall("[a-z]+", text.lower())


@cache
def listed_words() -> frozenset[str]:
    """Every word of the lexicon, of sentence forms, contexts and loose words."""
    forms = [
        form for words in WORDS.values() for entry in words for form in (*entry.train, *entry.select, *entry.attack)
    ]
    wider = [form for forms in WIDER_FORMS.values() for form, _ in forms]
    frames = [re.sub(r"\{.\}", " ", form) for table in (*TEMPLATES.values(), MORE_TEMPLATES) for form in table]
    loose = [*ADJECTIVES, *FILLERS, *(context for table in CONTEXTS.values() for context in table)]
    return frozenset(word for text in (*forms, *wider, *frames, *loose) for word in words_in(text))
