"""What one tower's items choose among: the other tower's items as the base has them, each for one cell.

An attack succeeds by what is picked, not by how far an embedding moved; so training looks at the picks too.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from proscribe.runtime.precision import fast_autocast
from torch import Tensor

from ....world.cells import Cell


@dataclass(frozen=True, slots=True)
class Searches:
    """What of the other tower looks for the tuple: unit queries (q, d), and the best score (q,) of a safe item."""

    query_QD: Tensor
    best_safe_Q: Tensor


@dataclass(frozen=True, slots=True)
class Choices:
    """A unit embedding (c, d) a cell, which of the cells (c,) show what the rule forbids, and who looks for those.

    `plain` are captions to choose among as well, where no picture shows some of what the rule forbids.
    """

    cells: tuple[Cell, ...]
    choice_CD: Tensor
    forbidden_C: Tensor
    searches: Searches | None = None
    plain: Choices | None = None


def searches(query_QD: Tensor, safe_ND: Tensor) -> Searches:
    """Queries (q, d) with the best score that any safe item (n, d) of the base has for each."""
    best = torch.cat([(some @ safe_ND.T).amax(1) for some in torch.split(query_QD, 512)])
    return Searches(query_QD, best)


def found_by(item_ND: Tensor, wanted: Searches, margin: float) -> Tensor:
    """(n,) how far an item comes short of staying `margin` behind the best safe one, in the search nearest to it."""
    with torch.no_grad(), fast_autocast():
        nearest = (item_ND @ wanted.query_QD.T - wanted.best_safe_Q).argmax(1)
    return F.relu((item_ND * wanted.query_QD[nearest]).sum(1) - wanted.best_safe_Q[nearest] + margin)


def prototypes(embeddings_ND: Tensor, groups: Tensor, count: int) -> Tensor:
    """(count, d) unit means of the rows of each group; a group without rows is zero and matches nothing."""
    sums = torch.zeros(count, embeddings_ND.shape[1]).index_add_(0, groups, embeddings_ND)
    return F.normalize(sums, dim=-1)


def picks_forbidden(item_ND: Tensor, choices: Choices, margin: float) -> Tensor:
    """(n,) how far the best forbidden choice comes short of staying `margin` behind the best safe one; 0 is enough."""
    if not choices.forbidden_C.any() or choices.forbidden_C.all():
        return torch.zeros(len(item_ND))
    with torch.no_grad(), fast_autocast():
        score_NC = item_ND @ choices.choice_CD.T
        safe = score_NC.masked_fill(choices.forbidden_C, -2.0).argmax(1)
        forbidden = score_NC.masked_fill_(~choices.forbidden_C, -2.0).argmax(1)
    # Only the two leaders have a gradient: their scores again, in full precision.
    ahead_ND = choices.choice_CD[forbidden] - choices.choice_CD[safe]
    return F.relu((item_ND * ahead_ND).sum(1) + margin)


def rivals(base_ND: Tensor, choices: Choices, count: int) -> Tensor:
    """(n, count) the choices that the base likes best for each row: a small change of these changes what is picked."""
    rows = torch.split(base_ND, 512)
    return torch.cat([(some @ choices.choice_CD.T).topk(min(count, len(choices.cells)), 1).indices for some in rows])


def rescoring(item_ND: Tensor, base_ND: Tensor, rival_NKD: Tensor) -> Tensor:
    """(n,) mean square of how much the scores of an item's rivals moved.

    A shift that all of them share counts too: it turns those that choose among the items.
    """
    return torch.einsum("nd,nkd->nk", item_ND - base_ND, rival_NKD).square().mean(1)
