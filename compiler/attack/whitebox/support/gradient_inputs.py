"""A way in for gradients: the token embeddings of a text tower, and the pixels that a picture tower sees."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from PIL import Image
from proscribe.runtime.backbone import Backbone
from torch import Tensor, nn

from ....world.lexicon import WORDS
from ....world.templates import ADJECTIVES, CONTEXTS, FILLERS, SPLITS

# A word between a beginning and an end: the only layout of tokens that is understood here.
_FRAME = 2
# Harmless within their own forms, as in "a maine coon", but not to be strewn through sentences.
_NOT_ALONE = frozenset(("babe", "balls", "butt", "coon", "fag"))


def token_embedding(model: nn.Module) -> nn.Embedding | None:
    """The layer that turns token ids into vectors: Hugging Face's, or open_clip's own; None where neither is there."""
    for name in ("text.transformer.embeddings.word_embeddings", "text.token_embedding", "token_embedding"):
        with_name = dict(model.named_modules()).get(name)
        if isinstance(with_name, nn.Embedding):
            return with_name
    return None


@contextmanager
def embeddings_changed(layer: nn.Module, change: Callable[[Tensor], Tensor]) -> Iterator[None]:
    """Inside the block the layer gives `change` of its output (n, length, w); position codes are added after it."""

    def hook(_module: nn.Module, _args: Any, out: Tensor) -> Tensor:
        return change(out)

    handle = layer.register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()


def padded(backbone: Backbone, texts: list[str]) -> Tensor:
    """(n, length) token ids, cut to the longest sentence where the tower masks its padding."""
    tokens = backbone.tokenize(texts)
    if backbone.pad_token is None:
        return tokens
    return tokens[:, : int((tokens != backbone.pad_token).sum(1).max())]


def encode_tokens(model: Any, tokens: Tensor) -> Tensor:
    """(n, d) unit norm, with gradients."""
    return F.normalize(model.encode_text(tokens).float(), dim=-1)


def known_layout(backbone: Backbone) -> bool:
    """True where a word becomes beginning, word, end and zeros, and the embedding layer can be found."""
    if token_embedding(backbone.model) is None:
        return False
    tokens = backbone.tokenize(["a"])[0]
    return int((tokens != 0).sum()) == _FRAME + 1 and bool((tokens[: _FRAME + 1] != 0).all())


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words that are one token each: `words` (v,), their `ids` (v,) and embeddings (v, w)."""

    words: tuple[str, ...]
    ids: Tensor
    embedding_VW: Tensor


def vocabulary(backbone: Backbone) -> Vocabulary:
    """The project's own words that are one token of this backbone.

    A tokenizer's whole vocabulary holds words that no report should print; these lists have been read by people.
    """
    layer = token_embedding(backbone.model)
    if layer is None:
        raise ValueError(f"the text tower of {backbone.name} has no token embedding that is known here")
    forms = [form for entries in WORDS.values() for entry in entries for split in SPLITS for form in entry.of(split)]
    said = [*FILLERS, *ADJECTIVES, *(text for split in SPLITS for text in CONTEXTS[split]), *forms]
    words = sorted({word for text in said for word in re.findall(r"[a-z]+", text.lower())} - _NOT_ALONE)
    tokens = backbone.tokenize(words)
    single = (tokens != 0).sum(1) == _FRAME + 1
    kept = tuple(word for word, one in zip(words, single.tolist(), strict=True) if one)
    ids = tokens[single][:, 1]
    return Vocabulary(kept, ids, layer.weight.detach()[ids].float())


@dataclass(frozen=True, slots=True)
class Pixels:
    """What a picture tower takes for black and for white, per channel (3, 1, 1)."""

    low_C11: Tensor
    high_C11: Tensor

    @property
    def unit_C11(self) -> Tensor:
        """How much of the tower's input one unit of brightness (0..1) is."""
        return self.high_C11 - self.low_C11

    def clamp(self, x_NCHW: Tensor) -> Tensor:
        """Inside black to white."""
        return torch.maximum(torch.minimum(x_NCHW, self.high_C11), self.low_C11)


def pixel_range(backbone: Backbone) -> Pixels:
    """Measured by showing the backbone a black and a white picture, whatever its normalisation is."""
    size = (backbone.image_px, backbone.image_px)
    black, white = (backbone.preprocess(Image.new("RGB", size, colour)) for colour in ("black", "white"))
    return Pixels(black.amin((1, 2))[:, None, None], white.amax((1, 2))[:, None, None])


def encode_pixels(model: Any, x_NCHW: Tensor) -> Tensor:
    """(n, d) unit norm, with gradients."""
    out = model.encode_image(x_NCHW.contiguous(memory_format=torch.channels_last))
    return F.normalize(out.float(), dim=-1)


def rng_of(*parts: object) -> random.Random:
    """A stream of chance that depends on these names and numbers alone."""
    return random.Random("/".join(map(str, parts)))


def generator_of(*parts: object) -> torch.Generator:
    """The same for tensors."""
    return torch.Generator().manual_seed(rng_of(*parts).getrandbits(31))
