"""Projected gradient ascent inside an L-infinity ball (Madry et al. 2018), and the noise it must beat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .gradient_inputs import Pixels

Objective = Callable[[Tensor, Tensor], Tensor]  # (inputs (n, 3, h, w), their rows (n,)) -> (n,), to be raised
STRIDE = 2.5  # of eps / steps, as in the paper's own experiments


@dataclass(frozen=True, slots=True)
class Ascent:
    """The best input found for each start, its objective, and each step's mean objective over the starts."""

    best_NCHW: Tensor
    best_N: Tensor
    trace: tuple[float, ...]
    calls: Tensor  # (n,) how many inputs were tried for each start


def ascend(
    start_NCHW: Tensor,
    objective: Objective,
    pixels: Pixels,
    eps: float,
    steps: int,
    noise_NCHW: Tensor,
    stride: float | None = None,
    stop_at: float | None = 0.0,
) -> Ascent:
    """Raise `objective` within `eps` (a share of full brightness) of each start, from start + eps * noise.

    `noise_NCHW` lies in -1..1. A start whose objective exceeds `stop_at` is done. Ours rather than torchattacks': its
    attacks raise a classifier's cross-entropy over logits, and a pair of towers is no classifier; a test compares them.
    """
    unit = pixels.unit_C11
    x = pixels.clamp(start_NCHW + eps * unit * noise_NCHW)
    move = (stride if stride is not None else STRIDE * eps / steps) * unit
    best_NCHW, best_N = x.clone(), torch.full((len(x),), -torch.inf)
    calls = torch.zeros(len(x), dtype=torch.long)
    rows = torch.arange(len(x))
    trace = []
    for step in range(steps + 1):
        here = x[rows].detach().requires_grad_(step < steps)
        value = objective(here, rows)
        now = value.detach()
        calls[rows] += 1
        better = rows[now > best_N[rows]]
        best_NCHW[better] = x[better]
        best_N[rows] = torch.maximum(best_N[rows], now)
        trace.append(float(best_N.mean()))
        if step == steps:
            break
        (slope,) = torch.autograd.grad(value.sum(), here)
        moved = here.detach() + move * slope.sign()
        inside = torch.maximum(torch.minimum(moved, start_NCHW[rows] + eps * unit), start_NCHW[rows] - eps * unit)
        x[rows] = pixels.clamp(inside)
        if stop_at is not None:
            rows = rows[now <= stop_at]
            if not len(rows):
                break
    return Ascent(best_NCHW, best_N, tuple(trace), calls)


def noise_like(start_NCHW: Tensor, draws: list[torch.Generator]) -> Tensor:
    """Uniform in -1..1; each picture has its own stream, so that it does not matter which others are tried."""
    shape = start_NCHW.shape[1:]
    return torch.stack([torch.rand(shape, generator=draw) * 2 - 1 for draw in draws])
