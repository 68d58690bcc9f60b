"""Rules applied to a backbone: merged into copies of the touched weights, or as branches beside them.

A switch builds a new module tree that shares every untouched tensor with the base, then swaps one reference:
an `encode` that is running ends on the tree it began on, so no answer ever mixes two settings.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

from .adapter import Adapter, LowRank, adapter_of, by_layer, check_fits, read_adapter
from .backbone import Backbone, Kind, encode_image, encode_text

AdapterSource = Adapter | Path | str | tuple[Mapping[str, Any], Mapping[str, Tensor]]


class Guarded:
    """A backbone under rules. Encoding is safe from several threads, also while rules are switched."""

    def __init__(self, base: Backbone, adapters: Iterable[Adapter], merged: bool = True) -> None:
        """All rules on. Raises BundleRefused where an adapter does not fit the model."""
        self.base = base
        self.merged = merged
        self._adapters = {adapter.rule: adapter for adapter in adapters}
        self._lock = Lock()
        for adapter in self._adapters.values():
            check_fits(adapter, base.model)
        self._now = (self.rules, self._tree(self.rules))

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of all rules, on or off, in the order of the policy."""
        return tuple(self._adapters)

    @property
    def enabled(self) -> tuple[str, ...]:
        """The ids of the rules that are on, in the order of the policy."""
        return self._now[0]

    @property
    def model(self) -> nn.Module:
        """The open_clip module with the enabled rules in it; a switch puts another in its place."""
        return self._now[1]

    @property
    def name(self) -> str:
        """The base's name."""
        return self.base.name

    @property
    def kind(self) -> Kind:
        """The base's kind."""
        return self.base.kind

    @property
    def dim(self) -> int:
        """The length of an embedding."""
        return self.base.dim

    @property
    def image_px(self) -> int:
        """The side of the square that a picture becomes."""
        return self.base.image_px

    @property
    def fingerprint(self) -> str:
        """The base's fingerprint."""
        return self.base.fingerprint

    def enable(self, *rules: str) -> None:
        """Switch these rules on, beside those that are; ValueError for an id that is not here."""
        with self._lock:
            self._switch({*self.enabled, *self._known(rules)})

    def disable(self, *rules: str) -> None:
        """Switch these rules off; with all of them off the model's weights are the base's own tensors."""
        with self._lock:
            self._switch({*self.enabled} - self._known(rules))

    def only(self, *rules: str) -> None:
        """Switch on exactly these rules."""
        with self._lock:
            self._switch(self._known(rules))

    def tokenize(self, texts: Iterable[str]) -> Tensor:
        """(n, context) int64 token ids, as the base's."""
        return self.base.tokenize(texts)

    def preprocess(self, picture: Image.Image) -> Tensor:
        """(3, px, px) float32, as the base's."""
        return self.base.preprocess(picture)

    def encode_text(self, texts: Iterable[str]) -> Tensor:
        """(n, d) float32 unit vectors under the enabled rules."""
        return encode_text(self.base, self.model, texts)

    def encode_image(self, pictures: Iterable[Image.Image]) -> Tensor:
        """(n, d) float32 unit vectors under the enabled rules."""
        return encode_image(self.base, self.model, pictures)

    def _known(self, rules: Iterable[str]) -> set[str]:
        wanted = set(rules)
        for rule in sorted(wanted - set(self.rules)):
            raise ValueError(f"there is no rule {rule!r} here; there is {', '.join(self.rules)}")
        return wanted

    def _switch(self, wanted: set[str]) -> None:
        enabled = tuple(rule for rule in self.rules if rule in wanted)
        if enabled != self.enabled:
            self._now = (enabled, self._tree(enabled))

    @torch.no_grad()
    def _tree(self, enabled: tuple[str, ...]) -> nn.Module:
        """The tree under `enabled`, always made from the base's own tensors, so that nothing drifts."""
        tree = _shared_copy(self.base.model)
        for name, changes in by_layer(self._adapters[rule] for rule in enabled).items():
            layer: Any = tree.get_submodule(name)
            if self.merged:
                layer.weight = nn.Parameter(_merged(layer.weight, changes), requires_grad=False)
            else:
                convolves = isinstance(layer, nn.Conv2d)
                branch = BranchConv(layer, changes) if convolves else BranchLinear(layer, changes)
                tree.set_submodule(name, branch)
        return tree


class _Branch(nn.Module):
    """A layer and, beside it, one pair of small matrices for all rules, their ranks laid side by side."""

    def __init__(self, layer: nn.Module, changes: list[LowRank]) -> None:
        super().__init__()
        self.layer = layer
        self.register_buffer("down_RI", torch.cat([change.down_RI for change in changes]))
        self.register_buffer("up_OR", torch.cat([change.up_OR * change.scale for change in changes], dim=1))
        self.down_RI: Tensor
        self.up_OR: Tensor
        self.train(layer.training)

    @property
    def weight(self) -> Any:
        """The layer's own weight: some towers look at its type."""
        return self.layer.weight

    @property
    def bias(self) -> Any:
        """The layer's own bias."""
        return self.layer.bias


class BranchLinear(_Branch):
    """layer(x) + up(down(x)) for a Linear."""

    def forward(self, x: Tensor) -> Tensor:
        """(..., in) to (..., out)."""
        out: Tensor = self.layer(x)
        return out + F.linear(F.linear(x, self.down_RI), self.up_OR)


class BranchConv(_Branch):
    """layer(x) + up(down(x)) for a 1x1 Conv2d."""

    def __init__(self, layer: nn.Conv2d, changes: list[LowRank]) -> None:
        super().__init__(layer, changes)
        self.stride = layer.stride

    def forward(self, x_NCHW: Tensor) -> Tensor:
        """(n, in, h, w) to (n, out, h', w')."""
        out: Tensor = self.layer(x_NCHW)
        inner = F.conv2d(x_NCHW, self.down_RI[:, :, None, None], stride=self.stride)
        return out + F.conv2d(inner, self.up_OR[:, :, None, None])


def attach_adapters(model: Backbone, adapters: Mapping[str, AdapterSource], merged: bool = True) -> Guarded:
    """Put adapters on a backbone, all on: rule id -> Adapter, folder, or (PEFT settings, state dict).

    The backbone itself is left untouched. Raises BundleRefused for an adapter that does not fit.
    """
    if not isinstance(model, Backbone):
        raise TypeError(f"rules attach to what load_backbone gives, not to {type(model).__name__}")
    return Guarded(model, [_adapter(rule, source) for rule, source in adapters.items()], merged)


def _adapter(rule: str, source: AdapterSource) -> Adapter:
    if isinstance(source, Adapter):
        return Adapter(rule, source.layers)
    if isinstance(source, (str, Path)):
        return read_adapter(rule, Path(source))
    return adapter_of(rule, *source)


def _shared_copy(model: nn.Module) -> nn.Module:
    """A copy of the module tree whose every parameter and buffer is the original's own tensor."""
    tensors = [*model.parameters(), *model.buffers()]
    return copy.deepcopy(model, {id(tensor): tensor for tensor in tensors})


def _merged(weight: Tensor, changes: list[LowRank]) -> Tensor:
    """The base's weight plus all changes, summed in float32, laid out in memory as the base's is."""
    total = torch.stack([change.delta() for change in changes]).sum(0).view(weight.shape)
    layout = torch.channels_last if weight.dim() == 4 else torch.contiguous_format
    return (weight.float() + total).to(weight.dtype).contiguous(memory_format=layout)
