"""The directions and targets that the forget set is led to."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from proscribe.compiler.train.methods.redirect.redirect_targets import find_refuge, targets
from torch import Tensor

DIM = 12


def embeddings(quiet_axis: int, seed: int, n: int = 600) -> Tensor:
    """(n, d) unit rows around a common mean with almost nothing along one axis."""
    draw = torch.Generator().manual_seed(seed)
    x = torch.randn(n, DIM, generator=draw) + 0.5
    x[:, quiet_axis] = 0.01 * x[:, quiet_axis] + 0.005
    return F.normalize(x, dim=-1)


def test_each_direction_is_where_the_other_tower_is_quiet() -> None:
    pictures, captions = embeddings(3, 0), embeddings(7, 1)
    refuge = find_refuge(pictures, captions)
    for direction, rows, axis in ((refuge.text_D, pictures, 3), (refuge.picture_D, captions, 7)):
        assert direction.dtype == torch.float32
        assert direction.norm().item() == pytest.approx(1.0, abs=1e-6)
        assert direction[axis].abs().item() > 0.99
        assert (rows @ direction).abs().max().item() < 0.1
        least = torch.linalg.eigvalsh(rows.double().T @ rows.double() / len(rows))[0].item()
        assert (rows @ direction).square().mean().item() < least + 1e-3


def test_the_directions_are_orthogonal_even_where_both_towers_are_quiet_alike() -> None:
    """Else the two guarded towers would meet there."""
    refuge = find_refuge(embeddings(5, 0), embeddings(5, 1))
    assert refuge.text_D[5].abs().item() > 0.99
    assert abs(float(refuge.text_D @ refuge.picture_D)) < 0.02


def test_the_sign_points_away_from_the_mean_and_is_the_same_each_time() -> None:
    pictures, captions = embeddings(3, 0), embeddings(7, 1)
    first, again = find_refuge(pictures, captions), find_refuge(pictures.clone(), captions.clone())
    assert torch.equal(first.text_D, again.text_D)
    assert torch.equal(first.picture_D, again.picture_D)
    assert float(first.text_D @ pictures.mean(0)) <= 0
    assert float(first.picture_D @ captions.mean(0)) <= 0


@pytest.mark.parametrize("share", [0.0, 0.5, 0.8, 1.0])
def test_targets_are_unit_and_keep_the_wanted_share(share: float) -> None:
    direction = F.one_hot(torch.tensor(0), DIM).float()
    redirect = F.normalize(torch.cat([torch.zeros(5, 1), torch.ones(5, DIM - 1)], dim=1), dim=-1)
    led = targets(redirect, direction, share)
    torch.testing.assert_close(led.norm(dim=-1), torch.ones(5))
    torch.testing.assert_close((led * redirect).sum(-1), torch.full((5,), share), atol=1e-5, rtol=0)
    torch.testing.assert_close(led @ direction, torch.full((5,), (1 - share**2) ** 0.5), atol=1e-5, rtol=0)


def test_targets_stay_unit_where_the_redirect_is_not_orthogonal() -> None:
    rows = embeddings(3, 2, n=40)
    led = targets(rows, find_refuge(rows.repeat(3, 1), embeddings(7, 1)).text_D, 0.8)
    torch.testing.assert_close(led.norm(dim=-1), torch.ones(40))
