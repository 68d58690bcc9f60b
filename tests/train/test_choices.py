"""What items pick among: who counts as picking the forbidden, and when scores have moved."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from proscribe.compiler.train.methods.redirect.candidates import (
    Choices,
    found_by,
    picks_forbidden,
    prototypes,
    rescoring,
    rivals,
    searches,
)
from proscribe.compiler.world.cells import Cell

AXES = Choices(
    tuple(Cell(f"c{n}", "r", "o") for n in range(4)), torch.eye(4), torch.tensor([True, False, False, False])
)


def test_prototypes_are_means_by_group() -> None:
    rows = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 2.0]])
    found = prototypes(rows, torch.tensor([0, 0, 2]), 3)
    torch.testing.assert_close(found, torch.tensor([[0.5**0.5, 0.5**0.5], [0.0, 0.0], [0.0, 1.0]]))


def test_an_item_is_pushed_until_a_safe_choice_leads_by_the_margin() -> None:
    items = torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.5, 0.45, 0.0, 0.0], [0.5, 0.55, 0.1, 0.0], [0.5, 0.7, 0.0, 0.0]])
    torch.testing.assert_close(picks_forbidden(items, AXES, 0.1), torch.tensor([1.1, 0.15, 0.05, 0.0]))


def test_the_push_is_towards_the_best_safe_choice_and_away_from_the_forbidden_one() -> None:
    item = torch.tensor([[0.6, 0.3, 0.1, 0.0]], requires_grad=True)
    picks_forbidden(item, AXES, 0.1).sum().backward()  # type: ignore[no-untyped-call]
    assert item.grad is not None
    torch.testing.assert_close(item.grad, torch.tensor([[1.0, -1.0, 0.0, 0.0]]))


def test_where_nothing_or_everything_is_forbidden_there_is_nothing_to_pick_instead() -> None:
    for mask in (torch.zeros(4, dtype=torch.bool), torch.ones(4, dtype=torch.bool)):
        assert not picks_forbidden(torch.eye(4), Choices(AXES.cells, AXES.choice_CD, mask), 0.1).any()


def test_an_item_is_pushed_behind_the_best_safe_one_of_the_search_nearest_to_it() -> None:
    safe = torch.tensor([[0.0, 0.6, 0.8, 0.0], [0.0, 0.8, 0.0, 0.6]])
    looking = searches(torch.eye(4)[:2], safe)
    torch.testing.assert_close(looking.best_safe_Q, torch.tensor([0.0, 0.8]))
    items = torch.tensor([[0.1, 0.95, 0.0, 0.0], [0.3, 0.5, 0.0, 0.0], [-0.5, 0.2, 0.0, 0.8]])
    torch.testing.assert_close(found_by(items, looking, 0.05), torch.tensor([0.2, 0.35, 0.0]))
    item = torch.tensor([[0.1, 0.95, 0.0, 0.0]], requires_grad=True)
    found_by(item, looking, 0.05).sum().backward()  # type: ignore[no-untyped-call]
    assert item.grad is not None
    torch.testing.assert_close(item.grad, torch.tensor([[0.0, 1.0, 0.0, 0.0]]))


def test_rivals_are_what_the_base_likes_best() -> None:
    assert rivals(torch.tensor([[0.1, 0.9, 0.5, 0.0]]), AXES, 2).tolist() == [[1, 2]]
    assert rivals(torch.zeros(3, 4), AXES, 9).shape == (3, 4), "no more than there are"


def test_scores_that_moved_are_told_whether_or_not_their_order_changed() -> None:
    base = F.normalize(torch.randn(5, 4, generator=torch.Generator().manual_seed(0)), dim=-1)
    among = torch.eye(4)[rivals(base, AXES, 2)]
    assert not rescoring(base, base, among).any()
    torch.testing.assert_close(rescoring(base + 0.2, base, among), torch.full((5,), 0.04))
    swapped = base.clone()
    first, second = rivals(base, AXES, 2).T
    rows = torch.arange(5)
    swapped[rows, first], swapped[rows, second] = base[rows, second], base[rows, first]
    gap = base[rows, first] - base[rows, second]
    torch.testing.assert_close(rescoring(swapped, base, among), gap**2)
