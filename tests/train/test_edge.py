"""The edge of what the base takes for the tuple: inside it picks a forbidden prototype, outside it does not."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from proscribe.compiler.train.composition import ForgetItems
from proscribe.compiler.train.cuts import State
from proscribe.compiler.train.methods.redirect.boundary_points import Edge, find_edge
from torch import Tensor, nn

WIDTH, DIM, GROUPS = 12, 8, 20


def _world(seed: int = 0) -> tuple[nn.Module, Tensor, Tensor, ForgetItems]:
    torch.manual_seed(seed)
    mlp = nn.Sequential(nn.Linear(WIDTH, 16), nn.GELU(), nn.Linear(16, DIM))
    for parameter in mlp.parameters():
        parameter.requires_grad_(False)
    picture_CD = F.normalize(torch.randn(GROUPS, DIM), dim=-1)
    forbidden_C = torch.arange(GROUPS) < 3
    known = torch.randn(10, WIDTH)
    base = F.normalize(mlp(known), dim=-1)
    forget = ForgetItems(State(known), F.normalize(torch.randn(10, DIM), dim=-1), base)
    return mlp, picture_CD, forbidden_C, forget


def _edge(seed: int = 0, starts: Tensor | None = None) -> tuple[Edge, nn.Module, Tensor, Tensor, ForgetItems]:
    mlp, picture_CD, forbidden_C, forget = _world()
    if starts is None:
        starts = torch.randn(200, WIDTH, generator=torch.Generator().manual_seed(5))

    def head(rows: Tensor) -> Tensor:
        return F.normalize(mlp(rows), dim=-1)

    draw = torch.Generator().manual_seed(seed)
    return find_edge(head, starts, picture_CD, forbidden_C, forget, draw), mlp, picture_CD, forbidden_C, forget


def _picks_forbidden(mlp: nn.Module, rows: Tensor, picture_CD: Tensor, forbidden_C: Tensor) -> Tensor:
    return forbidden_C[(F.normalize(mlp(rows), dim=-1) @ picture_CD.T).argmax(1)]


def test_inside_the_base_picks_a_forbidden_picture_and_outside_it_does_not() -> None:
    edge, mlp, picture_CD, forbidden_C, _ = _edge()
    inside, outside = edge.inside.state.hidden, edge.outside.hidden
    assert len(inside) == len(outside) > 50
    assert _picks_forbidden(mlp, inside, picture_CD, forbidden_C).all()
    assert not _picks_forbidden(mlp, outside, picture_CD, forbidden_C).any()
    assert not forbidden_C[edge.outside_picks].any()


def test_inside_points_are_led_where_the_likest_forget_item_is_led() -> None:
    edge, mlp, _, _, forget = _edge()
    base_ND = F.normalize(mlp(edge.inside.state.hidden), dim=-1)
    torch.testing.assert_close(edge.inside.base_ND, base_ND)
    likest = (base_ND @ forget.base_ND.T).argmax(1)
    torch.testing.assert_close(edge.inside.target_ND, forget.target_ND[likest])


def test_the_same_draw_finds_the_same_edge() -> None:
    torch.testing.assert_close(_edge(3)[0].inside.state.hidden, _edge(3)[0].inside.state.hidden)


def test_starts_that_never_arrive_give_nothing() -> None:
    mlp, picture_CD, _, forget = _world()
    nobody = torch.zeros(GROUPS, dtype=torch.bool)
    nobody[0] = True
    # The safe prototypes hold the forbidden one as well: no caption can ever be nearer to it alone.
    doubled = torch.cat([picture_CD, picture_CD[:1]])
    mask = torch.cat([nobody, torch.zeros(1, dtype=torch.bool)])

    def head(rows: Tensor) -> Tensor:
        return F.normalize(mlp(rows), dim=-1)

    edge = find_edge(head, torch.randn(40, WIDTH), doubled, mask, forget, torch.Generator().manual_seed(0))
    assert len(edge.inside.state) == len(edge.outside) == 0


def test_starts_that_are_inside_from_the_beginning_are_left_alone() -> None:
    first, mlp, picture_CD, forbidden_C, _ = _edge()
    already = first.inside.state.hidden
    assert _picks_forbidden(mlp, already, picture_CD, forbidden_C).all()
    assert len(_edge(starts=already)[0].inside.state) == 0
