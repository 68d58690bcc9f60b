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
from torch import Tensor, nn

TEXT_TOKENS = 40
TEXT_BATCH = 128
PICTURE_BATCH = 64


@dataclass(frozen=True, slots=True)
class State:
    """Prefix outputs of n items; `mask` (n, tokens) only where the tail needs one."""

    hidden: Tensor
    mask: Tensor | None = None

    def __len__(self) -> int:
        return len(self.hidden)

    def rows(self, index: Tensor) -> State:
        """The items at `index`, in that order."""
        return State(self.hidden[index], None if self.mask is None else self.mask[index])


def join(states: Sequence[State]) -> State:
    """States one after another."""
    masks = [state.mask for state in states if state.mask is not None]
    return State(torch.cat([state.hidden for state in states]), torch.cat(masks) if masks else None)


class Cut(Protocol):
    """What training and attacks need of a backbone.

    `fast` computes a prefix in bf16: good for training, several times faster; attacks measure what the runtime
    computes, in float32.
    """

    text_targets: tuple[str, ...]
    picture_targets: tuple[str, ...]
    model: nn.Module

    def text_prefix(self, texts: Sequence[str], fast: bool = False) -> State: ...
    def text_tail(self, state: State) -> Tensor: ...
    def picture_prefix(self, pictures: Sequence[Image.Image], fast: bool = False) -> State: ...
    def picture_tail(self, state: State) -> Tensor: ...


class MiniCut:
    """`mini`: adapters in the last text layer, the last picture stage and both heads."""

    text_first = 5
    picture_first = 6

    def __init__(self, model: nn.Module, backbone: Backbone) -> None:
        self.model: Any = model
        self.backbone = backbone
        layer = f"text.transformer.encoder.layer.{self.text_first}"
        self.text_targets = (
            *(f"{layer}.attention.self.{part}" for part in ("query", "key", "value")),
            f"{layer}.attention.output.dense",
            f"{layer}.intermediate.dense",
            f"{layer}.output.dense",
            "text.proj.0",
            "text.proj.2",
        )
        stage = f"visual.trunk.blocks.{self.picture_first}.0"
        self.picture_targets: tuple[str, ...] = (
            f"{stage}.conv_pw",
            f"{stage}.conv_pwl",
            "visual.trunk.conv_head",
            "visual.head.mlp.fc1",
            "visual.head.mlp.fc2",
        )

    @torch.no_grad()
    def text_prefix(self, texts: Sequence[str], fast: bool = False) -> State:
        """hidden (n, 40, 384) fp16, mask (n, 40)."""
        tokens = self.backbone.tokenize(list(texts))[:, :TEXT_TOKENS]
        mask = (tokens != 0).float()
        hidden = torch.zeros(len(texts), tokens.shape[1], 384, dtype=torch.float16)
        order = torch.argsort(mask.sum(1), stable=True)
        bert = self.model.text.transformer
        for rows in torch.split(order, TEXT_BATCH):
            length = int(mask[rows].sum(1).max())
            with torch.autocast("cpu", torch.bfloat16, enabled=fast):
                x = bert.embeddings(tokens[rows][:, :length])
                x = self._layers(x, mask[rows][:, :length], 0, self.text_first)
            hidden[rows[:, None], torch.arange(length)[None]] = x.to(torch.float16)
        return State(hidden, mask)

    def _layers(self, x_NLD: Tensor, mask_NL: Tensor, first: int, last: int) -> Tensor:
        bias = (1.0 - mask_NL[:, None, None]) * torch.finfo(torch.float32).min
        for layer in self.model.text.transformer.encoder.layer[first:last]:
            out = layer(x_NLD, bias)
            x_NLD = out[0] if isinstance(out, tuple) else out
        return x_NLD

    def text_tail(self, state: State) -> Tensor:
        """(n, d) unit norm."""
        assert state.mask is not None
        length = int(state.mask.sum(1).max())
        mask = state.mask[:, :length]
        x = self._layers(state.hidden[:, :length].float(), mask, self.text_first, 6)
        pooled = (x.float() * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return F.normalize(self.model.text.proj(pooled).float(), dim=-1)

    @torch.no_grad()
    def picture_prefix(self, pictures: Sequence[Image.Image], fast: bool = False) -> State:
        """hidden (n, 192, 4, 4) fp16."""
        trunk = self.model.visual.trunk
        parts = []
        for start in range(0, len(pictures), PICTURE_BATCH):
            block = pictures[start : start + PICTURE_BATCH]
            x = torch.stack([self.backbone.preprocess(picture) for picture in block])
            x = x.contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16, enabled=fast):
                x = trunk.bn1(trunk.conv_stem(x))
                for stage in trunk.blocks[: self.picture_first]:
                    x = stage(x)
            parts.append(x.to(torch.float16))
        return State(torch.cat(parts) if parts else torch.zeros(0, 192, 4, 4, dtype=torch.float16))

    def picture_tail(self, state: State) -> Tensor:
        """(n, d) unit norm."""
        trunk = self.model.visual.trunk
        x = state.hidden.float().contiguous(memory_format=torch.channels_last)
        for stage in trunk.blocks[self.picture_first :]:
            x = stage(x)
        x = trunk.bn2(trunk.conv_head(x)).mean((2, 3))
        return F.normalize(self.model.visual.head(x).float(), dim=-1)


class WholeCut:
    """Any other open_clip model: the prefix is the input itself, the tail the whole tower."""

    blocks = 3

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

    def text_tail(self, state: State) -> Tensor:
        """(n, d) unit norm."""
        return F.normalize(self.model.encode_text(state.hidden).float(), dim=-1)

    def picture_prefix(self, pictures: Sequence[Image.Image], fast: bool = False) -> State:
        """hidden: pixels (n, 3, px, px) fp16."""
        stack = [self.backbone.preprocess(picture) for picture in pictures]
        return State(
            torch.stack(stack).to(torch.float16) if stack else torch.zeros(0, 3, 1, 1, dtype=torch.float16)
        )

    def picture_tail(self, state: State) -> Tensor:
        """(n, d) unit norm."""
        return F.normalize(self.model.encode_image(state.hidden.float()).float(), dim=-1)


def cut(backbone: Backbone, model: nn.Module | None = None) -> Cut:
    """The backbone's own model, or a copy of it with adapters, cut where adapters begin."""
    chosen = backbone.model if model is None else model
    return MiniCut(chosen, backbone) if backbone.kind == "mini" else WholeCut(chosen, backbone)


@torch.no_grad()
def embed(tail: Any, state: State, batch: int = 256) -> Tensor:
    """(n, d) float32 without gradients, a batch at a time; captions of like length go together."""
    if not len(state):
        return torch.zeros(0, 0)
    lengths = state.mask.sum(1) if state.mask is not None else torch.zeros(len(state))
    order = torch.argsort(lengths, stable=True)
    parts = [tail(state.rows(rows)) for rows in torch.split(order, batch)]
    out = torch.empty(len(state), parts[0].shape[1])
    out[order] = torch.cat(parts).float()
    return out
