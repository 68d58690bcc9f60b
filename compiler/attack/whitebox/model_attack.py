"""The protocol of an attack that is more than a list of probes: it searches with gradients, or changes the weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from proscribe.runtime.apply import Guarded
from torch import Tensor

from ...records.results import Curve, Kind, LinearProbe, Trial
from ..universe import View

if TYPE_CHECKING:
    from ..context import Arena, Prepared


@dataclass(frozen=True, slots=True)
class Ground:
    """What a campaign works on: one rule, its guarded model (this rule alone), and everything the arena knows."""

    arena: Arena
    prepared: Prepared
    guarded: Guarded
    view: View
    forbidden_C: Tensor  # (cells,) bool over arena.universe.cells
    adapters: Mapping[str, Path]  # every adapter of the bundle, by rule
    seed: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What a campaign found. Each trial comes with its margin: best forbidden score less best safe, guarded."""

    trials: tuple[tuple[float, Trial], ...] = ()
    curves: tuple[Curve, ...] = ()
    probes: tuple[LinearProbe, ...] = ()
    not_tested: tuple[str, ...] = ()


class Campaign(Protocol):
    """An attack on one rule with the model in hand; one file each."""

    @property
    def name(self) -> str:
        """What trials, curves and reports call it."""
        ...

    @property
    def kind(self) -> Kind:
        """White box or model."""
        ...

    @property
    def gates(self) -> bool:
        """Whether a breach counts against the rule's `require`; most campaigns are evidence only."""
        ...

    def expected_seconds(self, cells: int, pictured: bool) -> float:
        """On two cores, for the plan; within a factor of two."""
        ...

    def run(self, ground: Ground) -> Findings:
        """Attack; the same seed finds the same."""
        ...


class Lost(Exception):
    """A recorded trial that a campaign does not make now; the message says why."""


@dataclass(frozen=True, slots=True)
class Again:
    """A recorded trial made once more, before its answers are compared with the recorded ones.

    `base_C` (cells,) are the base's cosines to the whole universe, `guarded_K` (k,) those of the model under attack to
    the universe's rows `among` (k,). `asked` is what was asked of it in words, `pixels` (3, px, px) in 0..1 the picture
    that was shown where it is not that of the record.
    """

    base_C: Tensor
    guarded_K: Tensor
    among: Tensor
    asked: str
    pixels: Tensor | None = None


@runtime_checkable
class Repeatable(Campaign, Protocol):
    """A campaign that makes trials, and any of them again."""

    def again(self, ground: Ground, trial: Trial) -> Again:
        """The trial as `run` made it, and no other; `ground` has the seed that it was found with. Lost for others."""
        ...
