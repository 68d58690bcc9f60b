"""Other rules' finished adapters, switched on and off at random while one rule trains, so that any combination holds.

Sums of adapters that were trained apart are not safe: measured, four of them together lost 45 points on control
captions (docs/experiments.md, E7). The finished ones stay as they are; only the rule in training adapts to them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..world.cells import Cell
from .cuts import State
from .methods.redirect.candidates import Choices

ALONE_SHARE, TOGETHER_SHARE = 0.35, 0.35
_PREFIX = "base_model.model."


@dataclass(frozen=True, slots=True)
class ForgetItems:
    """A rule's forget items in one tower: led to `target_ND` while it is on, as in the base while it is off."""

    state: State
    target_ND: Tensor
    base_ND: Tensor


@dataclass(frozen=True, slots=True)
class Companion:
    """A finished rule: its weight changes by module, its forget items and choices by tower, every cell it forbids."""

    rule: str
    forbidden: frozenset[Cell]
    deltas: Mapping[str, Tensor]
    items: Mapping[str, ForgetItems]
    choices: Mapping[str, Choices]


def deltas_of(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weight changes (out, in) in float32 by module name, from a PEFT state dict whose scale is one."""
    found = {}
    for key, value in state.items():
        if ".lora_A." in key:
            name = key.removeprefix(_PREFIX).split(".lora_A.")[0]
            up = state[key.replace(".lora_A.", ".lora_B.")].float().flatten(1)
            found[name] = up @ value.float().flatten(1)
    return found


class Weights:
    """The adapted modules' frozen weights in the model that trains; any set of companions can be added to them."""

    def __init__(self, layers: Mapping[str, nn.Module], companions: Sequence[Companion]) -> None:
        """`layers` by module name: the layers below the LoRA branches. Their weights become the model's own."""
        self._layers: dict[str, nn.Parameter] = {}
        self._plain: dict[str, Tensor] = {}
        for name, layer in layers.items():
            weight = layer.weight
            assert isinstance(weight, Tensor)
            self._plain[name] = weight.detach()
            own = nn.Parameter(weight.detach().clone(), requires_grad=False)
            layer.weight = own
            self._layers[name] = own
        self._companions = tuple(companions)
        self._on: tuple[int, ...] = ()

    @torch.no_grad()
    def switch(self, on: tuple[int, ...]) -> None:
        """Let exactly these companions work."""
        if on == self._on:
            return
        for name, own in self._layers.items():
            value = self._plain[name].clone()
            for number in on:
                delta = self._companions[number].deltas.get(name)
                if delta is not None:
                    value += delta.view_as(value)
            own.copy_(value)
        self._on = on


def draw_companions(count: int, draw: torch.Generator) -> tuple[int, ...]:
    """Which companions are on in one step: often none, often all, else a random choice."""
    if not count:
        return ()
    luck = float(torch.rand((), generator=draw))
    if luck < ALONE_SHARE:
        return ()
    if luck < ALONE_SHARE + TOGETHER_SHARE:
        return tuple(range(count))
    return tuple(int(i) for i in torch.nonzero(torch.rand(count, generator=draw) < 0.5).flatten())


@dataclass(frozen=True, slots=True)
class Held:
    """A companion's items in one tower, with their pooled features (n, w) in the base."""

    number: int
    items: ForgetItems
    choices: Choices
    pooled_NW: Tensor


@dataclass(frozen=True, slots=True)
class Drawn:
    """Some of them in one step; `choices` only while their companion is on and leads them away."""

    state: State
    pooled_NW: Tensor
    target_ND: Tensor
    choices: Choices | None


def draw_items(held: Sequence[Held], on: tuple[int, ...], count: int, draw: torch.Generator) -> list[Drawn]:
    """About `count` items that companions forget, as many of each."""
    found = []
    for one in held:
        rows = torch.randint(len(one.items.state), (max(1, count // len(held)),), generator=draw)
        choices = one.choices if one.number in on else None
        found.append(Drawn(one.items.state.rows(rows), one.pooled_NW[rows], one.items.target_ND[rows], choices))
    return found
