"""A backbone cut in two: a frozen prefix, computed once and cached, and the tail in which adapters live.

Prefix outputs are a State: tensors whose first axis is the item, half precision, so that thousands fit in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from PIL import Image
from proscribe.runtime.backbone import Backbone
from proscribe.runtime.precision import fast_autocast
from torch import Tensor, nn

TEXT_BATCH = 128
PICTURE_BATCH = 64


@dataclass(frozen=True, slots=True)
class State:
    """Prefix outputs of n items, the item on the first axis."""

    hidden: Tensor

    def __len__(self) -> int:
        return len(self.hidden)

    def rows(self, index: Tensor) -> State:
        """The items at `index`, in that order."""
        return State(self.hidden[index])


def join(states: Sequence[State]) -> State:
    """States one after another."""
    return State(torch.cat([state.hidden for state in states]))


class Cut(Protocol):
    """What training and attacks need of a backbone.

    `fast` computes a prefix in bf16: good for training, several times faster; attacks measure what the runtime
    computes, in float32.
    """

    text_targets: tuple[str, ...]
    picture_targets: tuple[str, ...]
    text_noise: float
    picture_noise: float
    text_has_edge: bool  # all of the text tower's adapter sits behind `text_pool`
    model: Any
    backbone: Backbone

    def text_prefix(self, texts: Sequence[str], fast: bool = False) -> State: ...
    def text_pool(self, state: State) -> Tensor: ...
    def text_head(self, pooled_NW: Tensor) -> Tensor: ...
    def text_tail(self, state: State) -> Tensor: ...
    def picture_prefix(self, pictures: Sequence[Image.Image], fast: bool = False) -> State: ...
    def picture_pool(self, state: State) -> Tensor: ...
    def picture_head(self, pooled_NW: Tensor) -> Tensor: ...
    def picture_tail(self, state: State) -> Tensor: ...


class MiniCut:
    """`mini`: adapters in both heads.

    There, sentences and pictures that the base takes for the same thing have already met, and unseen words and drawing
    styles are moved with the rest (docs/experiments.md, E6 and E19).
    """

    # In shares of the pooled features' own spread; `mini` itself was trained under such noise (0.7 and 0.1).
    # More drowns the text tower: its path for photos is linear (docs/experiments.md, E15).
    text_noise = 0.5
    picture_noise = 0.5
    text_has_edge = True

    def __init__(self, model: nn.Module, backbone: Backbone) -> None:
        self.model: Any = model
        self.backbone = backbone
        self.text_targets: tuple[str, ...] = ("text.proj.0", "text.proj.2")
        self.picture_targets: tuple[str, ...] = ("visual.head.mlp.fc1", "visual.head.mlp.fc2")

    @torch.no_grad()
    def text_prefix(self, texts: Sequence[str], fast: bool = False) -> State:
        """hidden (n, 384): the mean over a caption's tokens; no text layer carries an adapter."""
        tokens = self.backbone.tokenize(list(texts))
        mask = (tokens != 0).float()
        hidden = torch.zeros(len(texts), 384)
        order = torch.argsort(mask.sum(1), stable=True)
        bert = self.model.text.transformer
        for rows in torch.split(order, TEXT_BATCH):
            length = int(mask[rows].sum(1).max())
            some, words = tokens[rows][:, :length], mask[rows][:, :length]
            with fast_autocast(fast):
                x = bert(input_ids=some, attention_mask=words.long()).last_hidden_state
            hidden[rows] = (x.float() * words[..., None]).sum(1) / words.sum(1, keepdim=True)
        return State(hidden)

    def text_tail(self, state: State) -> Tensor:
        """(n, d) unit norm."""
        return self.text_head(self.text_pool(state))

    def text_head(self, pooled_NW: Tensor) -> Tensor:
        """(n, d) unit norm from pooled features (n, 384)."""
        return F.normalize(self.model.text.proj(pooled_NW).float(), dim=-1)

    def text_pool(self, state: State) -> Tensor:
        """(n, 384), as the prefix left it."""
        return state.hidden

    @torch.no_grad()
    def picture_prefix(self, pictures: Sequence[Image.Image], fast: bool = False) -> State:
        """hidden (n, 1280): the mean over a picture's places; no layer below it carries an adapter."""
        parts = [torch.zeros(0, 1280)]
        for start in range(0, len(pictures), PICTURE_BATCH):
            block = pictures[start : start + PICTURE_BATCH]
            x = torch.stack([self.backbone.preprocess(picture) for picture in block])
            with fast_autocast(fast):
                parts.append(self.model.visual.trunk(x.contiguous(memory_format=torch.channels_last)).float())
        return State(torch.cat(parts))

    def picture_tail(self, state: State) -> Tensor:
        """(n, d) unit norm."""
        return self.picture_head(self.picture_pool(state))

    def picture_head(self, pooled_NW: Tensor) -> Tensor:
        """(n, d) unit norm from pooled features (n, 1280)."""
        return F.normalize(self.model.visual.head(pooled_NW).float(), dim=-1)

    def picture_pool(self, state: State) -> Tensor:
        """(n, 1280), as the prefix left it."""
        return state.hidden


class WholeCut:
    """Any other open_clip model: the prefix is the input itself, the tail the whole tower."""

    blocks = 3
    text_noise = 0.0
    picture_noise = 0.0
    text_has_edge = False

    def __init__(self, model: nn.Module, backbone: Backbone) -> None:
        self.model: Any = model
        self.backbone = backbone
        self.text_targets = self._linears("visual.", inside=False)
        self.picture_targets = self._linears("visual.", inside=True)

    def _linears(self, prefix: str, inside: bool) -> tuple[str, ...]:
        """The attention and MLP linears of the tower's last blocks."""
        named = [
            (name, int(name.split("resblocks.")[1].split(".")[0]))
            for name, module in self.model.named_modules()
            if isinstance(module, nn.Linear) and "resblocks." in name and name.startswith(prefix) == inside
        ]
        last = max((number for _, number in named), default=-1)
        return tuple(name for name, number in named if number > last - self.blocks)

    def text_prefix(self, texts: Sequence[str], fast: bool = False) -> State:
        """hidden: tokens (n, context)."""
        return State(self.backbone.tokenize(list(texts)))

    def text_pool(self, state: State) -> Tensor:
        """(n, d) before normalisation."""
        pooled: Tensor = self.model.encode_text(state.hidden).float()
        return pooled

    def text_head(self, pooled_NW: Tensor) -> Tensor:
        """(n, d) unit norm."""
        return F.normalize(pooled_NW, dim=-1)

    def text_tail(self, state: State) -> Tensor:
        """(n, d) unit norm."""
        return self.text_head(self.text_pool(state))

    def picture_prefix(self, pictures: Sequence[Image.Image], fast: bool = False) -> State:
        """hidden: pixels (n, 3, px, px) fp16."""
        stack = [self.backbone.preprocess(picture) for picture in pictures]
        return State(torch.stack(stack).to(torch.float16) if stack else torch.zeros(0, 3, 1, 1, dtype=torch.float16))

    def picture_pool(self, state: State) -> Tensor:
        """(n, d) before normalisation."""
        pooled: Tensor = self.model.encode_image(state.hidden.float()).float()
        return pooled

    def picture_head(self, pooled_NW: Tensor) -> Tensor:
        """(n, d) unit norm."""
        return F.normalize(pooled_NW, dim=-1)

    def picture_tail(self, state: State) -> Tensor:
        """(n, d) unit norm."""
        return self.picture_head(self.picture_pool(state))


def cut(backbone: Backbone, model: nn.Module | None = None) -> Cut:
    """The backbone's own model, or a copy of it with adapters, cut where adapters begin."""
    chosen = backbone.model if model is None else model
    return MiniCut(chosen, backbone) if backbone.kind == "mini" else WholeCut(chosen, backbone)


@torch.no_grad()
def embed(tail: Any, state: State, batch: int = 256) -> Tensor:
    """(n, d) float32 without gradients, a batch at a time."""
    if not len(state):
        return torch.zeros(0, 0)
    rows = torch.split(torch.arange(len(state)), batch)
    return torch.cat([tail(state.rows(some)).float() for some in rows])
