"""The loss of one tower: where it is nothing, and which way it pulls."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from proscribe.compiler.train.objective import distance, redirect_and_keep
from proscribe.compiler.train.settings import TrainSettings
from torch import Tensor

SETTINGS = TrainSettings()


def unit(n: int, seed: int) -> Tensor:
    return F.normalize(torch.randn(n, 16, generator=torch.Generator().manual_seed(seed)), dim=-1)


def test_distance_is_one_less_cosine() -> None:
    a = F.normalize(torch.tensor([[1.0, 0.0], [1.0, 1.0], [1.0, 0.0]]), dim=-1)
    b = torch.tensor([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0]])
    torch.testing.assert_close(distance(a, b), torch.tensor([0.0, 1 - 0.5**0.5, 2.0]))


def test_nothing_is_lost_where_everything_is_in_its_place() -> None:
    target, base = unit(20, 0), unit(50, 1)
    forget, keep = target.clone().requires_grad_(), base.clone().requires_grad_()
    loss = redirect_and_keep(forget, target, keep, base, SETTINGS)
    for part in (loss.forget, loss.keep, loss.hard, loss.total):
        assert part.item() == pytest.approx(0.0, abs=1e-5)


def test_a_step_down_the_gradient_brings_both_sides_nearer() -> None:
    target, base = unit(20, 0), unit(50, 1)
    forget, keep = unit(20, 2).requires_grad_(), unit(50, 3).requires_grad_()
    loss = redirect_and_keep(forget, target, keep, base, SETTINGS)
    loss.total.backward()  # type: ignore[no-untyped-call]
    for rows, wanted in ((forget, target), (keep, base)):
        assert rows.grad is not None
        assert bool((rows.grad.norm(dim=-1) > 0).all()), "every row is pulled"
        moved = F.normalize(rows.detach() - 0.1 * rows.grad, dim=-1)
        assert distance(moved, wanted).mean() < distance(rows.detach(), wanted).mean()


def test_forgetting_does_not_pull_kept_rows_nor_the_other_way_round() -> None:
    target, base = unit(20, 0), unit(50, 1)
    forget, keep = unit(20, 2).requires_grad_(), unit(50, 3).requires_grad_()
    loss = redirect_and_keep(forget, target, keep, base, SETTINGS)
    (of_forget,) = torch.autograd.grad(loss.keep, [forget], retain_graph=True, allow_unused=True)
    (of_keep,) = torch.autograd.grad(loss.forget, [keep], allow_unused=True)
    assert of_forget is None
    assert of_keep is None


def test_one_lost_item_among_many_counts_more_than_its_share() -> None:
    base = unit(100, 0)
    keep = base.clone()
    keep[0] = -keep[0]
    loss = redirect_and_keep(base[:10], base[:10], keep, base, SETTINGS)
    assert loss.keep.item() == pytest.approx(0.02, abs=1e-5)
    assert loss.hard.item() > 5 * loss.keep.item()
    assert loss.total.item() > SETTINGS.keep_weight * 0.02
