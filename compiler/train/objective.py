"""The loss of one tower: lead the forget set to its targets, hold everything else where the base has it."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from .settings import TrainSettings


@dataclass(frozen=True, slots=True)
class Loss:
    """The parts of the loss, each a scalar."""

    forget: Tensor
    keep: Tensor
    hard: Tensor
    total: Tensor


def distance(a_ND: Tensor, b_ND: Tensor) -> Tensor:
    """(n,) 1 - cosine of unit rows."""
    return 1.0 - (a_ND * b_ND).sum(-1)


def redirect_and_keep(
    forget_ND: Tensor, target_ND: Tensor, keep_ND: Tensor, base_ND: Tensor, settings: TrainSettings
) -> Loss:
    """Redirect plus keep; the worst tenth of the kept items counts again, for a mean hides a lost neighbour.

    The worst-share term is the conditional value at risk of Rockafellar and Uryasev (2000) over the batch.
    """
    forget = distance(forget_ND, target_ND)
    keep = distance(keep_ND, base_ND)
    worst = keep.topk(max(1, int(len(keep) * settings.hard_share))).values
    worst_forget = forget.topk(max(1, int(len(forget) * settings.hard_share))).values
    hard = worst.mean()
    total = forget.mean() + 0.5 * worst_forget.mean() + settings.keep_weight * keep.mean() + settings.hard_weight * hard
    return Loss(forget.mean(), keep.mean(), hard, total)
