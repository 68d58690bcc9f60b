"""Changed models: an adapter scaled, cut down or among others, an unrelated one of a given size, rounded weights."""

from __future__ import annotations

from collections.abc import Callable

import torch
from proscribe.runtime.adapter import Adapter, LowRank, read_adapter
from proscribe.runtime.apply import attach_adapters
from torch import Tensor, nn

from ....train.loop import sharing_copy
from ..model_attack import Ground


def own_adapter(ground: Ground) -> Adapter:
    """The adapter of the rule under attack."""
    rule = ground.prepared.sets.rule.id
    return read_adapter(rule, ground.adapters[rule])


def model_with(ground: Ground, *adapters: Adapter) -> nn.Module:
    """The base with these adapters merged, in this order."""
    named = {str(number): adapter for number, adapter in enumerate(adapters)}
    return attach_adapters(ground.arena.backbone, named).model


def scaled(adapter: Adapter, factor: float) -> Adapter:
    """Every change times `factor`; 1 is the adapter itself, bit for bit."""
    return Adapter(
        adapter.rule,
        {name: LowRank(low.down_RI, low.up_OR, low.scale * factor) for name, low in adapter.layers.items()},
    )


def without(adapter: Adapter, *names: str) -> Adapter:
    """The adapter without its changes to these layers."""
    return Adapter(adapter.rule, {name: low for name, low in adapter.layers.items() if name not in names})


def unrelated(adapter: Adapter, share: float, draw: torch.Generator) -> Adapter:
    """Random low-rank changes to the same layers, each `share` times as long (Frobenius) as the adapter's own."""
    layers = {}
    for name, low in sorted(adapter.layers.items()):
        down = torch.randn(low.down_RI.shape, generator=draw)
        up = torch.randn(low.up_OR.shape, generator=draw)
        own, other = float(low.delta().norm()), float((up @ down).norm())
        layers[name] = LowRank(down, up, share * own / other if other else 0.0)
    return Adapter("unrelated", layers)


def int8(weight: Tensor) -> Tensor:
    """Rounded to 255 levels per output channel, symmetric, nearest (Jacob et al. 2018), and back to float32."""
    rows = weight.float().flatten(1)
    step = rows.abs().amax(1, keepdim=True).clamp(min=1e-12) / 127
    rounded: Tensor = ((rows / step).round() * step).view_as(weight).to(weight.dtype)
    return rounded.contiguous(memory_format=_layout(weight))


def rounded_to(dtype: torch.dtype) -> Callable[[Tensor], Tensor]:
    """To a shorter float and back."""

    def change(weight: Tensor) -> Tensor:
        return weight.to(dtype).to(weight.dtype)

    return change


def _layout(weight: Tensor) -> torch.memory_format:
    return torch.channels_last if weight.dim() == 4 else torch.contiguous_format


@torch.no_grad()
def with_rounded_layers(model: nn.Module, change: Callable[[Tensor], Tensor]) -> nn.Module:
    """A copy whose Linear and Conv2d weights are changed; the original keeps its own."""
    copied = sharing_copy(model)
    for module in copied.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            module.weight = nn.Parameter(change(module.weight.detach()), requires_grad=False)
    return copied


@torch.no_grad()
def with_rounded_everything(model: nn.Module, change: Callable[[Tensor], Tensor]) -> nn.Module:
    """A copy whose every floating parameter and buffer is changed."""
    copied = sharing_copy(model)
    for module in copied.modules():
        for name, parameter in list(module.named_parameters(recurse=False)):
            setattr(module, name, nn.Parameter(change(parameter.detach()), requires_grad=False))
        for name, buffer in list(module.named_buffers(recurse=False)):
            if buffer.is_floating_point():
                setattr(module, name, change(buffer))
    return copied
