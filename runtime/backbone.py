"""A backbone: a CLIP-type model that turns sentences and pictures into unit vectors, with a fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

from .backbones.attention import split_attention
from .backbones.open_clip_model import Parts
from .backbones.open_clip_model import build as build_open_clip
from .backbones.quiet import quiet

TEXT_BATCH = 64
PICTURE_BATCH = 64
_PROBES = (
    "a child drinking wine at the beach",
    "  Zwölf Boxkämpfer  jagen Viktor, quer & schnell!  ",
    "наука 北京 😀 don't re-use №7 <b>HTML</b>",
    "word " * 200,
)
Kind = Literal["mini", "open_clip"]


@dataclass(frozen=True, slots=True, eq=False)
class Backbone:
    """A loaded model. `model` is the open_clip module in eval mode, its attention split into Linears.

    `fingerprint`: sha256 in hex over `fingerprint_parts` (architecture, weights, tokenizer, preprocessing).
    `pad_token` is the id whose columns may be cut off a batch, where the text tower masks it.
    """

    name: str
    kind: Kind
    model: nn.Module
    dim: int
    image_px: int
    fingerprint: str
    fingerprint_parts: Mapping[str, str]
    tokenizer: Callable[[list[str]], Tensor]
    picture_transform: Callable[[Image.Image], Tensor]
    pad_token: int | None = None

    def tokenize(self, texts: Iterable[str]) -> Tensor:
        """(n, context) int64 token ids; longer sentences are cut. TypeError for anything but strings."""
        checked = _sentences(texts)
        return self.tokenizer(checked).long() if checked else torch.zeros(0, 0, dtype=torch.long)

    def preprocess(self, picture: Image.Image) -> Tensor:
        """(3, px, px) float32. Raises TypeError for anything but a PIL picture."""
        return self.picture_transform(_pictures([picture])[0])

    def encode_text(self, texts: Iterable[str]) -> Tensor:
        """(n, d) float32 unit vectors, in the order of `texts`. Safe from several threads."""
        return encode_text(self, self.model, texts)

    def encode_image(self, pictures: Iterable[Image.Image]) -> Tensor:
        """(n, d) float32 unit vectors, in the order of `pictures`. Safe from several threads."""
        return encode_image(self, self.model, pictures)


@torch.no_grad()
def encode_text(backbone: Backbone, model: Any, texts: Iterable[str]) -> Tensor:
    """(n, d) float32 unit vectors of `texts` by `model`, the backbone's own or a guarded copy of it."""
    tokens = backbone.tokenize(texts)
    found_ND = torch.zeros(len(tokens), backbone.dim)
    if not len(tokens):
        return found_ND
    if backbone.pad_token is None:
        for start in range(0, len(tokens), TEXT_BATCH):
            rows = slice(start, start + TEXT_BATCH)
            found_ND[rows] = F.normalize(model.encode_text(tokens[rows]).float(), dim=-1)
        return found_ND
    length = (tokens != backbone.pad_token).sum(1)
    # Neighbours in length share a batch, so that little padding is computed.
    order = torch.argsort(length, stable=True)
    for picked in torch.split(order, TEXT_BATCH):
        batch = tokens[picked, : int(length[picked].max())]
        found_ND[picked] = F.normalize(model.encode_text(batch).float(), dim=-1)
    return found_ND


@torch.no_grad()
def encode_image(backbone: Backbone, model: Any, pictures: Iterable[Image.Image]) -> Tensor:
    """(n, d) float32 unit vectors of `pictures` by `model`, the backbone's own or a guarded copy of it."""
    checked = _pictures(pictures)
    found_ND = torch.zeros(len(checked), backbone.dim)
    for start in range(0, len(checked), PICTURE_BATCH):
        rows = slice(start, start + PICTURE_BATCH)
        stack_NCHW = torch.stack([backbone.picture_transform(picture) for picture in checked[rows]])
        stack_NCHW = stack_NCHW.contiguous(memory_format=torch.channels_last)
        found_ND[rows] = F.normalize(model.encode_image(stack_NCHW).float(), dim=-1)
    return found_ND


def load_backbone(name: str = "mini") -> Backbone:
    """Load `mini`, `ARCH:TAG`, `ARCH:/path.safetensors` or `hf-hub:org/name`; `ARCH` alone is random.

    Raises EnvironmentProblem, in one sentence, for whatever is missing or unsafe to read.
    """
    if not isinstance(name, str):
        raise TypeError(f"a backbone is named by a string such as 'mini', not by {type(name).__name__}")
    if name == "mini":
        with quiet():
            return backbone_of(name, "mini", mini_parts())
    return backbone_of(name, "open_clip", build_open_clip(name))


def backbone_of(name: str, kind: Kind, parts: Parts) -> Backbone:
    """A Backbone from a built model: fingerprint it, split its attention in place, freeze it."""
    described = {
        "architecture": f"{parts.architecture} {_shapes(parts.model)[:16]}",
        "weights": _weights(parts.model),
        "tokenizer": _vocabulary(parts.tokenize),
        "preprocessing": parts.preprocessing,
    }
    model = split_attention(parts.model).eval().requires_grad_(False)
    model.get_submodule("visual").to(memory_format=torch.channels_last)
    with torch.no_grad():
        dim = int(model.encode_text(parts.tokenize(["a"])).shape[1])  # type: ignore[operator]
    return Backbone(
        name=name,
        kind=kind,
        model=model,
        dim=dim,
        image_px=parts.image_px,
        fingerprint=hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest(),
        fingerprint_parts=MappingProxyType(described),
        tokenizer=parts.tokenize,
        picture_transform=parts.preprocess,
        pad_token=0 if kind == "mini" else None,
    )


def mini_parts(model: nn.Module | None = None) -> Parts:
    """`mini` with its trained weights, or with those of `model`: one that is being trained, or a skeleton."""
    from .backbones import mini_model

    return Parts(
        model=model or mini_model.build(),
        architecture="mini",
        tokenize=mini_model.tokenizer(),
        preprocess=partial(mini_pixels, image_px=mini_model.IMAGE_PX),
        preprocessing=f"RGB, squashed to {mini_model.IMAGE_PX} px, bicubic, x / 127.5 - 1",
        image_px=mini_model.IMAGE_PX,
    )


def mini_pixels(picture: Image.Image, image_px: int) -> Tensor:
    """(3, px, px) float32 in -1..1: the picture squashed to a square, as `mini` was trained to see it."""
    picture = picture.convert("RGB")
    if picture.size != (image_px, image_px):
        picture = picture.resize((image_px, image_px), Image.Resampling.BICUBIC)
    pixels_HWC = torch.from_numpy(np.array(picture, dtype=np.uint8))
    return pixels_HWC.permute(2, 0, 1).float() / 127.5 - 1.0


def _sentences(texts: object) -> list[str]:
    if isinstance(texts, (str, bytes)) or not isinstance(texts, Iterable):
        raise TypeError(f"texts must be a list of sentences, not one {type(texts).__name__}")
    found = list(texts)
    for place, text in enumerate(found):
        if not isinstance(text, str):
            raise TypeError(f"texts[{place}] is {type(text).__name__}, not a string")
    return found


def _pictures(pictures: object) -> list[Image.Image]:
    if isinstance(pictures, (Image.Image, str, bytes, Tensor)) or not isinstance(pictures, Iterable):
        raise TypeError(f"pictures must be a list of PIL pictures, not one {type(pictures).__name__}")
    found = list(pictures)
    for place, picture in enumerate(found):
        if not isinstance(picture, Image.Image):
            kind = type(picture).__name__
            raise TypeError(f"pictures[{place}] is {kind}, not a PIL picture: open it with PIL.Image")
    return found


def _shapes(model: nn.Module) -> str:
    listed = sorted((key, list(value.shape)) for key, value in model.state_dict().items())
    return hashlib.sha256(json.dumps(listed).encode()).hexdigest()


def _weights(model: nn.Module) -> str:
    """sha256 in hex over every tensor's name, type and bytes, whatever file they came from."""
    digest = hashlib.sha256()
    for key, value in sorted(model.state_dict().items()):
        digest.update(f"{key} {value.dtype} ".encode())
        digest.update(value.detach().contiguous().reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()


def _vocabulary(tokenize: Any) -> str:
    """sha256 in hex over the vocabulary and over what becomes of a few awkward sentences."""
    inner: Any = getattr(tokenize, "tokenizer", None)
    words = inner.get_vocab() if hasattr(inner, "get_vocab") else getattr(tokenize, "encoder", {})
    ids = [tokenize([probe]).tolist() for probe in _PROBES]
    return hashlib.sha256(json.dumps([sorted(words.items()), ids]).encode()).hexdigest()
