"""Points on both sides of the edge of what the base takes for the tuple, found by gradient in the pooled features.

Training captions are made of known words; words that nobody listed land elsewhere. Other captions are therefore
moved, step by step, until the base picks a forbidden picture for them: just inside they are led away as the forget set
is, just outside they are held. The search is a projected-gradient attack (Madry et al. 2018) on the base's own head.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ...composition import ForgetItems
from ...cuts import State, embed

STEPS = 16
TIE = 1e-5
STRIDE = 0.12  # of the length of one standard deviation in every dimension


@dataclass(frozen=True, slots=True)
class Edge:
    """Pooled features (n, w): `inside` with their targets and what the base makes of them, `outside` to be held."""

    inside: ForgetItems
    outside: State
    outside_picks: Tensor  # (n,) which prototype the base picks there


def find_edge(
    head: Callable[[Tensor], Tensor],
    starts_NW: Tensor,
    picture_CD: Tensor,
    forbidden_C: Tensor,
    forget: ForgetItems,
    draw: torch.Generator,
) -> Edge:
    """Move each start towards a random forbidden prototype of `picture_CD` until the base picks a forbidden one.

    `forbidden_C` (c,) bool says which prototypes are. A start that never arrives gives nothing to either side,
    nor does one that is inside from the beginning: it is a kept caption, however the base may read it.
    """
    wanted = torch.nonzero(forbidden_C).flatten()
    goal_ND = picture_CD[wanted[torch.randint(len(wanted), (len(starts_NW),), generator=draw)]]
    safe_CD = picture_CD[~forbidden_C]
    stride = STRIDE * float(starts_NW.std()) * starts_NW.shape[1] ** 0.5
    point = starts_NW.clone()
    # A random stop beyond the edge, so that the inside is not a thin shell.
    beyond = torch.randint(0, 4, (len(starts_NW),), generator=draw)
    inside = torch.zeros(len(starts_NW), dtype=torch.bool)
    outside_NW, began_outside = starts_NW.clone(), torch.zeros_like(inside)
    for step in range(STEPS):
        point = point.detach().requires_grad_(True)
        out = head(point)
        safest = (out @ safe_CD.T).amax(1)
        (slope,) = torch.autograd.grad(((out * goal_ND).sum(1) - safest).sum(), point)
        arrived = (out @ picture_CD[wanted].T).amax(1) - safest > TIE
        if step == 0:
            began_outside = ~arrived
        outside_NW = torch.where((arrived | inside)[:, None], outside_NW, point.detach())
        inside |= arrived
        beyond = beyond - inside.long()
        moved = point.detach() + stride * F.normalize(slope, dim=-1)
        point = torch.where((inside & (beyond < 0))[:, None], point.detach(), moved)
    with torch.no_grad():
        base_ND = head(point.detach())
        # Going on beyond the edge may have led out again on another side.
        inside &= began_outside & forbidden_C[(base_ND @ picture_CD.T).argmax(1)]
        same = (base_ND[inside] @ forget.base_ND.T).argmax(1)
    led = ForgetItems(State(point.detach()[inside]), forget.target_ND[same], base_ND[inside])
    outside_NW = outside_NW[inside]
    with torch.no_grad():
        picks = (head(outside_NW) @ picture_CD.T).argmax(1)
    return Edge(led, State(outside_NW), picks)


def starts_of(pool: Callable[[State], Tensor], keep: State, count: int, draw: torch.Generator) -> Tensor:
    """(count, w) pooled features of kept items to start from."""
    return embed(pool, keep.rows(torch.randint(len(keep), (count,), generator=draw)))
