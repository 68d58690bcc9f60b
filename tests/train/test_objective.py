"""The loss of one tower: where it is nothing, and which way it pulls."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from proscribe.compiler.train.methods.redirect.candidates import Choices, searches
from proscribe.compiler.train.methods.redirect.objective import Loss, distance, redirect_and_keep
from proscribe.compiler.train.settings import TrainSettings
from proscribe.compiler.world.cells import Cell
from torch import Tensor

SETTINGS = TrainSettings()


def unit(n: int, seed: int) -> Tensor:
    return F.normalize(torch.randn(n, 16, generator=torch.Generator().manual_seed(seed)), dim=-1)


NOTHING = Choices((), torch.zeros(0, 16), torch.zeros(0, dtype=torch.bool))


def of(forget: Tensor, target: Tensor, keep: Tensor, base: Tensor, choices: Choices = NOTHING) -> Loss:
    rivals = torch.zeros(0, 1, 16) if choices is NOTHING else choices.choice_CD.expand(len(keep), -1, -1)
    return redirect_and_keep(forget, target, keep, base, choices, rivals, SETTINGS)


def test_distance_is_one_less_cosine() -> None:
    a = F.normalize(torch.tensor([[1.0, 0.0], [1.0, 1.0], [1.0, 0.0]]), dim=-1)
    b = torch.tensor([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0]])
    torch.testing.assert_close(distance(a, b), torch.tensor([0.0, 1 - 0.5**0.5, 2.0]))


def test_nothing_is_lost_where_everything_is_in_its_place() -> None:
    target, base = unit(20, 0), unit(50, 1)
    forget, keep = target.clone().requires_grad_(), base.clone().requires_grad_()
    loss = of(forget, target, keep, base)
    for part in (loss.forget, loss.keep, loss.hard, loss.total):
        assert part.item() == pytest.approx(0.0, abs=1e-5)


def test_a_step_down_the_gradient_brings_both_sides_nearer() -> None:
    target, base = unit(20, 0), unit(50, 1)
    forget, keep = unit(20, 2).requires_grad_(), unit(50, 3).requires_grad_()
    loss = of(forget, target, keep, base)
    loss.total.backward()  # type: ignore[no-untyped-call]
    for rows, wanted in ((forget, target), (keep, base)):
        assert rows.grad is not None
        assert bool((rows.grad.norm(dim=-1) > 0).all()), "every row is pulled"
        moved = F.normalize(rows.detach() - 0.1 * rows.grad, dim=-1)
        assert distance(moved, wanted).mean() < distance(rows.detach(), wanted).mean()


def test_forgetting_does_not_pull_kept_rows_nor_the_other_way_round() -> None:
    target, base = unit(20, 0), unit(50, 1)
    forget, keep = unit(20, 2).requires_grad_(), unit(50, 3).requires_grad_()
    loss = of(forget, target, keep, base)
    (of_forget,) = torch.autograd.grad(loss.keep, [forget], retain_graph=True, allow_unused=True)
    (of_keep,) = torch.autograd.grad(loss.forget, [keep], allow_unused=True)
    assert of_forget is None
    assert of_keep is None


def test_one_lost_item_among_many_counts_more_than_its_share() -> None:
    base = unit(100, 0)
    keep = base.clone()
    keep[0] = -keep[0]
    loss = of(base[:10], base[:10], keep, base)
    assert loss.keep.item() == pytest.approx(0.02, abs=1e-5)
    assert loss.hard.item() > 5 * loss.keep.item()
    assert loss.total.item() > SETTINGS.keep_weight * 0.02


def test_a_forget_item_that_still_picks_the_forbidden_costs_more_than_its_distance() -> None:
    choice_CD, base = unit(6, 4), unit(50, 1)
    choices = Choices(tuple(Cell(f"c{n}", "r", "o") for n in range(6)), choice_CD, torch.arange(6) < 1)
    still, away = choice_CD[:1], choice_CD[1:2]
    assert of(still, still, base, base, choices).picks > SETTINGS.pick_margin
    assert of(away, away, base, base, choices).picks == 0.0
    assert of(still, still, base, base, choices).total > of(away, away, base, base, choices).total + 1.0


def test_a_kept_item_whose_rivals_changed_places_costs_more_than_one_that_moved_elsewhere() -> None:
    choices = Choices((), torch.eye(16)[:2], torch.zeros(0, dtype=torch.bool))
    base = F.normalize(torch.tensor([[0.5, 0.45] + [0.2] * 14]), dim=-1)
    along, elsewhere = base.clone(), base.clone()
    along[0, 0], along[0, 1] = base[0, 1], base[0, 0]
    elsewhere[0, 5], elsewhere[0, 6] = base[0, 5] + 0.05, base[0, 6] - 0.05
    assert of(base, base, along, base, choices).scores > 0
    assert of(base, base, elsewhere, base, choices).scores.item() == pytest.approx(0.0, abs=1e-10)


def test_a_companions_item_that_still_picks_what_it_forbids_costs_by_its_own_choices() -> None:
    choice_CD, base = unit(6, 4), unit(50, 1)
    cells = tuple(Cell(f"c{n}", "r", "o") for n in range(6))
    own, theirs = (Choices(cells, choice_CD, torch.arange(6) == forbidden) for forbidden in (0, 1))
    away, rivals = choice_CD[2:3], choice_CD.expand(len(base), -1, -1)

    def picks(beside: list[tuple[Tensor, Choices]], weight: float) -> float:
        settings = replace(SETTINGS, companion_weight=weight)
        return redirect_and_keep(away, away, base, base, own, rivals, settings, beside).picks.item()

    caught = [(choice_CD[1:2], theirs)]
    assert picks([], 1.0) == picks(caught, 0.0) == picks([(choice_CD[1:2], own)], 1.0) == 0.0
    assert picks(caught, 1.0) > SETTINGS.pick_margin
    assert picks(caught, 0.5) == pytest.approx(picks(caught, 1.0) / 2)
    assert picks([*caught, (away, theirs)], 1.0) == pytest.approx(picks(caught, 1.0) / 2), "a mean over items"


def test_a_forget_item_that_no_choice_betrays_may_still_be_found() -> None:
    choice_CD, base = torch.eye(16)[:6], unit(50, 1)
    cells = tuple(Cell(f"c{n}", "r", "o") for n in range(6))
    looking = searches(choice_CD[:1], 0.5 * choice_CD[:1])
    forget = F.normalize(0.48 * choice_CD[:1] + choice_CD[1:2], dim=-1)
    quiet, watched = (Choices(cells, choice_CD, torch.arange(6) < 1, found) for found in (None, looking))
    assert of(forget, forget, base, base, quiet).picks == 0.0
    assert of(forget, forget, base, base, watched).picks.item() == pytest.approx(
        float(forget[0, 0]) - 0.5 + SETTINGS.found_margin, abs=1e-6
    )


def test_a_forget_item_that_only_plain_captions_betray_costs_too() -> None:
    choice_CD, base = torch.eye(16)[:6], unit(50, 1)
    cells = tuple(Cell(f"c{n}", "r", "o") for n in range(6))
    pictures, captions = (Choices(cells, choice_CD, torch.arange(6) == forbidden) for forbidden in (0, 1))
    still, away = choice_CD[1:2], choice_CD[2:3]
    assert of(still, still, base, base, pictures).picks == 0.0
    both = replace(pictures, plain=captions)
    assert of(away, away, base, base, both).picks == 0.0
    assert of(still, still, base, base, both).picks.item() == pytest.approx(1.0 + SETTINGS.pick_margin)
