"""Logistic regression by L-BFGS, and how well scores tell two classes apart; no dependency beyond torch and scipy."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from scipy.stats import rankdata
from torch import Tensor

PENALTY = 1e-2
ROUNDS = 60


def fit_scores(train_NW: Tensor, labels_N: Tensor, test_MW: Tensor, penalty: float = PENALTY) -> Tensor:
    """(m,) log odds of the test rows; features are standardised by the training rows. `labels_N` bool."""
    mean, spread = train_NW.mean(0), train_NW.std(0).clamp(min=1e-6)
    x, goal = (train_NW - mean) / spread, labels_N.float()
    weight = torch.zeros(x.shape[1], requires_grad=True)
    bias = torch.zeros((), requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=ROUNDS, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = F.binary_cross_entropy_with_logits(x @ weight + bias, goal) + penalty / 2 * weight.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    with torch.enable_grad():
        optimizer.step(closure)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        scores: Tensor = ((test_MW - mean) / spread) @ weight + bias
    return scores


def auroc(scores_N: Tensor, labels_N: Tensor) -> float:
    """The probability that a positive scores above a negative, ties half (Mann and Whitney 1947, by ranks).

    >>> auroc(torch.tensor([0.1, 0.4, 0.35, 0.8]), torch.tensor([False, False, True, True]))
    0.75
    """
    positive = labels_N.numpy()
    ranks = rankdata(scores_N.double().numpy())
    n, m = int(positive.sum()), int((~positive).sum())
    if not n or not m:
        raise ValueError("AUROC needs items of both classes")
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * m))


def auroc_interval(value: float, positives: int, negatives: int) -> tuple[float, float]:
    """95 %, by the standard error of Hanley and McNeil (1982)."""
    q1, q2 = value / (2 - value), 2 * value * value / (1 + value)
    spread = (value * (1 - value) + (positives - 1) * (q1 - value * value) + (negatives - 1) * (q2 - value * value)) / (
        positives * negatives
    )
    half = 1.959964 * math.sqrt(max(spread, 0.0))
    return max(0.0, value - half), min(1.0, value + half)


def tpr_at(scores_N: Tensor, labels_N: Tensor, fpr: float = 0.01) -> float:
    """The greatest share of positives above a threshold that at most `fpr` of the negatives pass."""
    negatives = scores_N[~labels_N].sort(descending=True).values
    allowed = int(fpr * len(negatives))
    threshold = negatives[allowed]
    return float((scores_N[labels_N] > threshold).float().mean())
