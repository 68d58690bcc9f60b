"""The loss of one tower: lead the forget set to its targets, hold everything else where the base has it.

Both are asked twice: by distance, and by what an item would pick (docs/experiments.md, E18).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ...settings import TrainSettings
from .candidates import Choices, found_by, picks_forbidden, rescoring


@dataclass(frozen=True, slots=True)
class Loss:
    """The parts of the loss, each a scalar."""

    forget: Tensor
    keep: Tensor
    hard: Tensor
    picks: Tensor
    scores: Tensor
    total: Tensor


def distance(a_ND: Tensor, b_ND: Tensor) -> Tensor:
    """(n,) 1 - cosine of unit rows."""
    return 1.0 - (a_ND * b_ND).sum(-1)


def redirect_and_keep(
    forget_ND: Tensor,
    target_ND: Tensor,
    keep_ND: Tensor,
    base_ND: Tensor,
    choices: Choices,
    rival_NKD: Tensor,
    settings: TrainSettings,
    beside: Sequence[tuple[Tensor, Choices]] = (),
) -> Loss:
    """Redirect plus keep; the worst tenth of the kept items counts again, for a mean hides a lost neighbour.

    A forget item that would still pick a forbidden choice is pushed until a safe one leads by a margin, and one that a
    search for the tuple would still find until a safe item leads there (the n-pair margins of DESIGN section 8). So are
    the items of companions that are on, `beside`, each with its own choices. The first rows of the kept items, one each
    of `rival_NKD` (n, k, d), keep the scores of their rivals. The worst share is the conditional value at risk of
    Rockafellar and Uryasev (2000) over the batch.
    """
    forget = distance(forget_ND, target_ND).mean()
    keep = distance(keep_ND, base_ND)
    hard = _worst(keep, settings)
    picks = _picks(forget_ND, choices, settings).mean()
    if beside and settings.companion_weight:
        others = torch.cat([_picks(item_ND, theirs, settings) for item_ND, theirs in beside])
        picks = picks + settings.companion_weight * others.mean()
    ranked = len(rival_NKD)
    moved = rescoring(keep_ND[:ranked], base_ND[:ranked], rival_NKD)
    scores = keep.new_zeros(())
    if ranked:
        scores = moved.mean() + settings.hard_weight / settings.keep_weight * _worst(moved, settings)
    total = (
        settings.forget_weight * forget
        + settings.pick_weight * picks
        + settings.keep_weight * keep.mean()
        + settings.hard_weight * hard
        + settings.rival_weight * scores
    )
    return Loss(forget, keep.mean(), hard, picks, scores, total)


def _picks(item_ND: Tensor, choices: Choices, settings: TrainSettings) -> Tensor:
    """(n,) how far each item comes short of every margin: in what it picks, and in what picks it."""
    short = picks_forbidden(item_ND, choices, settings.pick_margin)
    if choices.searches is not None:
        short = short + found_by(item_ND, choices.searches, settings.found_margin)
    if choices.plain is not None:
        short = short + picks_forbidden(item_ND, choices.plain, settings.pick_margin)
    return short


def _worst(values_N: Tensor, settings: TrainSettings) -> Tensor:
    """The mean of the greatest tenth."""
    return values_N.topk(max(1, int(len(values_N) * settings.hard_share))).values.mean()
