"""Kinds within a family, dealt out evenly."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

T = TypeVar("T")


def dealt(options: Sequence[T], number: int, salt: str) -> T:
    """The `number`-th card: each option once a round, every round in an order of its own.

    Probes go round the cells by their number; a fixed order would give each cell a few of the options only.
    """
    return options[_order(len(options), number // len(options), salt)[number % len(options)]]


@lru_cache(maxsize=256)
def _order(count: int, turn: int, salt: str) -> tuple[int, ...]:
    order = list(range(count))
    random.Random(f"{salt}/{turn}").shuffle(order)
    return tuple(order)
