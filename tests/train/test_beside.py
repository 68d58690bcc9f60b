"""Finished adapters beside the one in training: which are on, what they add, and that they leave no trace."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch
from peft import get_peft_model, get_peft_model_state_dict
from proscribe.compiler.train import loop
from proscribe.compiler.train.composition import (
    ALONE_SHARE,
    TOGETHER_SHARE,
    Companion,
    ForgetItems,
    Held,
    Weights,
    deltas_of,
    draw_companions,
    draw_items,
)
from proscribe.compiler.train.cuts import Cut, State
from proscribe.compiler.train.loop import Trained, lora_config, sharing_copy, train_rule
from proscribe.compiler.train.methods.redirect.candidates import Choices
from proscribe.compiler.train.methods.redirect.objective import Loss, distance, redirect_and_keep
from proscribe.compiler.train.settings import TrainSettings
from proscribe.compiler.world.cells import Cell
from proscribe.runtime.apply import attach_adapters
from proscribe.runtime.backbone import Backbone
from torch import Tensor, nn

from .conftest import SETTINGS, silent, tower_data


class Net(nn.Module):
    """A layer of each kind that an adapter of `mini` changes."""

    def __init__(self) -> None:
        super().__init__()
        self.text = nn.Linear(6, 4)
        self.visual = nn.Sequential(nn.Conv2d(3, 5, 1, bias=False), nn.Conv2d(5, 4, 3), nn.Linear(4, 7))


PART = cast(Cut, SimpleNamespace(text_targets=("text",), picture_targets=("visual.0", "visual.1", "visual.2")))


def test_deltas_are_what_peft_itself_adds() -> None:
    """Whatever the rank: both ranks come with an alpha of their own, so that the scale is one."""
    torch.manual_seed(0)
    plain = Net()
    before = {name: tensor.clone() for name, tensor in plain.named_parameters()}
    wrapped = get_peft_model(plain, lora_config(PART, TrainSettings(text_rank=3, picture_rank=2), pictures=True))
    with torch.no_grad():
        for name, parameter in wrapped.named_parameters():
            if "lora_" in name:
                parameter.normal_()
    state = {key: value.clone() for key, value in get_peft_model_state_dict(wrapped).items()}
    merged = dict(wrapped.merge_and_unload().named_parameters())
    deltas = deltas_of(state)
    assert set(deltas) == {"text", "visual.0", "visual.1", "visual.2"}
    for name, delta in deltas.items():
        added = merged[f"{name}.weight"] - before[f"{name}.weight"]
        assert delta.shape == (added.shape[0], added[0].numel())
        torch.testing.assert_close(delta.view_as(added), added, atol=1e-5, rtol=0)
        halved = deltas_of({key: value.half() for key, value in state.items()})[name]
        assert halved.dtype == torch.float32
        torch.testing.assert_close(halved, delta, atol=2e-2, rtol=1e-2)


def companion(rule: str, seed: int, *names: str) -> Companion:
    draw = torch.Generator().manual_seed(seed)
    shapes = {"text": (4, 6), "visual.0": (5, 3), "visual.1": (4, 45), "visual.2": (7, 4), "gone": (2, 2)}
    return Companion(rule, frozenset(), {name: torch.randn(shapes[name], generator=draw) for name in names}, {}, {})


CHOICES = Choices((), torch.zeros(0, 1), torch.zeros(0, dtype=torch.bool))
GROUPS = ((0, 10, 0), (2, 20, 1))
COMPANIONS = (companion("R1", 1, "text", "visual.1"), companion("R2", 2, "text"), companion("R3", 3, "visual.0"))


def layers_of(net: Net) -> dict[str, nn.Module]:
    return {"text": net.text, "visual.0": net.visual[0], "visual.1": net.visual[1], "visual.2": net.visual[2]}


def test_switching_adds_exactly_what_is_on() -> None:
    net = Net()
    originals = dict(net.named_parameters())
    before = {name: parameter.detach().clone() for name, parameter in originals.items()}
    weights = Weights(layers_of(net), COMPANIONS)
    for on in [(0,), (0, 1, 2), (2,), (), (1, 2), (1,), (0, 1), ()]:
        weights.switch(on)
        for name, layer in layers_of(net).items():
            wanted = before[f"{name}.weight"].clone()
            for number in on:
                if name in COMPANIONS[number].deltas:
                    wanted += COMPANIONS[number].deltas[name].view_as(wanted)
            assert torch.equal(cast(Tensor, layer.weight), wanted), (on, name)
            assert not cast(Tensor, layer.weight).requires_grad
        for name, original in originals.items():
            assert torch.equal(original, before[name]), (on, name)


def test_after_many_switches_the_plain_weights_are_back_bit_for_bit() -> None:
    """Nothing is subtracted again: that would leave rounding behind."""
    net = Net()
    before = {name: parameter.detach().clone() for name, parameter in net.named_parameters()}
    weights = Weights(layers_of(net), COMPANIONS)
    draw = torch.Generator().manual_seed(0)
    for _ in range(200):
        weights.switch(draw_companions(3, draw))
    weights.switch(())
    assert all(torch.equal(parameter, before[name]) for name, parameter in net.named_parameters())


def test_a_copy_that_shares_its_tensors_keeps_them() -> None:
    net = Net()
    before = {name: (parameter, parameter.detach().clone()) for name, parameter in net.named_parameters()}
    copied = sharing_copy(net)
    weights = Weights(layers_of(cast(Net, copied)), COMPANIONS)
    weights.switch((0, 1, 2))
    for name, parameter in net.named_parameters():
        assert parameter is before[name][0]
        assert torch.equal(parameter, before[name][1])
    assert not torch.equal(cast(Net, copied).text.weight, net.text.weight)


def test_an_adapter_that_changes_no_such_layer_changes_nothing() -> None:
    net = Net()
    before = net.text.weight.detach().clone()
    Weights(layers_of(net), [companion("R1", 0, "gone")]).switch((0,))
    assert torch.equal(net.text.weight, before)


def draws(count: int, seed: int, times: int = 2000) -> list[tuple[int, ...]]:
    draw = torch.Generator().manual_seed(seed)
    return [draw_companions(count, draw) for _ in range(times)]


def test_companions_are_drawn_none_all_or_some() -> None:
    found = draws(3, 0)
    assert found == draws(3, 0)
    assert found != draws(3, 1)
    counted = Counter(found)
    assert set(counted) == {(), (0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)}
    rest = 1 - ALONE_SHARE - TOGETHER_SHARE
    assert counted[()] / len(found) == pytest.approx(ALONE_SHARE + rest / 8, abs=0.04)
    assert counted[(0, 1, 2)] / len(found) == pytest.approx(TOGETHER_SHARE + rest / 8, abs=0.04)
    assert set(draws(1, 0)) == {(), (0,)}


def test_a_rule_that_trains_alone_draws_nothing() -> None:
    """Its bytes do not depend on there being companions at all."""
    draw = torch.Generator().manual_seed(0)
    before = draw.get_state()
    assert draw_companions(0, draw) == ()
    assert torch.equal(draw.get_state(), before)


def test_a_companion_asks_for_its_choices_only_while_it_is_on() -> None:
    def items(size: int, seed: int) -> ForgetItems:
        rows = torch.arange(size, dtype=torch.float32)[:, None]
        return ForgetItems(State(rows + 100 * seed), rows + 0.25, rows + 0.5)

    known = [Held(number, items(n, seed), CHOICES, torch.arange(n)[:, None] * 2.0) for number, n, seed in GROUPS]
    for on in [(), (0,), (2,), (0, 1, 2)]:
        found = draw_items(known, on, 8, torch.Generator().manual_seed(0))
        for one, drawn in zip(known, found, strict=True):
            row = drawn.state.hidden % 100
            assert len(row) == 4
            assert torch.equal(drawn.target_ND - row, torch.full_like(row, 0.25))
            assert torch.equal(drawn.pooled_NW, 2 * row)
            assert int(row.max()) < len(one.items.state)
            assert drawn.choices is (CHOICES if one.number in on else None)
    assert draw_items([], (), 8, torch.Generator()) == []


def test_what_a_companion_forgets_is_where_the_base_has_it_while_it_is_off(
    backbone: Backbone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With noise on both sides alike: an untrained adapter loses nothing on them."""
    other = finished(backbone, tmp_path / "R1")
    seen: list[tuple[bool, float, int]] = []

    def spy(forget: Tensor, target: Tensor, keep: Tensor, base: Tensor, *rest: Any) -> Loss:
        far = float(distance(keep.detach(), base)[-SETTINGS.companion_batch :].max())
        seen.append((bool(rest[-1]), far, len(rest[-1])))
        return redirect_and_keep(forget, target, keep, base, *rest)

    monkeypatch.setattr(loop, "redirect_and_keep", spy)
    monkeypatch.setattr(torch.optim.AdamW, "step", lambda self: None)
    beside(backbone, tmp_path / "R2", other)
    assert {on for on, *_ in seen} == {True, False}
    assert all(far < 0.01 for on, far, _ in seen if not on)
    assert all(far > 0.01 and count == 1 for on, far, count in seen if on)


def finished(backbone: Backbone, folder: Path, forbidden: frozenset[Cell] = frozenset()) -> Companion:
    """A rule trained alone."""
    text, picture = tower_data(backbone, False), tower_data(backbone, True)
    done = train_rule(backbone, text, picture, SETTINGS, 7, silent, folder)
    items, choices = (
        {"text": a, "picture": b} for a, b in ((text.forget, picture.forget), (text.choices, picture.choices))
    )
    return Companion("R1", forbidden, deltas_of(done.state), items, choices)


def beside(backbone: Backbone, folder: Path, *others: Companion) -> Trained:
    text, picture = tower_data(backbone, False), tower_data(backbone, True)
    return train_rule(backbone, text, picture, SETTINGS, 0, silent, folder, others)


def test_training_beside_another_rule_is_deterministic_and_leaves_the_base(backbone: Backbone, tmp_path: Path) -> None:
    before = {name: (tensor, tensor.clone()) for name, tensor in backbone.model.state_dict(keep_vars=True).items()}
    other = finished(backbone, tmp_path / "R1")
    deltas = {name: delta.clone() for name, delta in other.deltas.items()}
    alone = beside(backbone, tmp_path / "alone")
    found = [beside(backbone, tmp_path / name, other) for name in "ab"]
    a, b, c = ((tmp_path / name / "adapter_model.safetensors").read_bytes() for name in ("a", "b", "alone"))
    assert a == b != c
    assert [trained.record["trained_beside"] for trained in (alone, *found)] == [[], ["R1"], ["R1"]]
    assert set(found[0].state) == set(alone.state), "the companion is not part of what is learnt"
    for name, tensor in backbone.model.state_dict(keep_vars=True).items():
        assert tensor is before[name][0]
        assert torch.equal(tensor, before[name][1]), name
    for name, delta in other.deltas.items():
        assert torch.equal(delta, deltas[name]), name


def test_a_companion_adds_what_the_runtime_adds_for_it(backbone: Backbone, tmp_path: Path) -> None:
    deltas = finished(backbone, tmp_path).deltas
    guarded = dict(attach_adapters(backbone, {"R1": tmp_path}).model.named_parameters())
    assert len(deltas) == 6
    for name, delta in deltas.items():
        plain = backbone.model.get_parameter(f"{name}.weight")
        torch.testing.assert_close(plain + delta, guarded[f"{name}.weight"], atol=1e-6, rtol=0)


def test_what_a_companion_forbids_is_not_held_while_it_is_on(
    backbone: Backbone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here it forbids every kept item: what is left to hold are its own items."""
    kept: set[tuple[int, bool]] = set()
    on: list[tuple[int, ...]] = []
    switch = Weights.switch

    def spy_switch(self: Weights, now: tuple[int, ...]) -> None:
        on.append(now)
        switch(self, now)

    def spy(forget: Tensor, target: Tensor, keep: Tensor, base: Tensor, *rest: Any) -> Loss:
        assert len(keep) == len(base)
        kept.add((len(keep), bool(on[-1])))
        return redirect_and_keep(forget, target, keep, base, *rest)

    cells = frozenset(tower_data(backbone, False).keep_cells)
    other = finished(backbone, tmp_path / "R1", cells)
    monkeypatch.setattr(Weights, "switch", spy_switch)
    monkeypatch.setattr(loop, "redirect_and_keep", spy)
    beside(backbone, tmp_path / "R2", other)
    own = SETTINGS.text_keep_batch
    assert kept == {(SETTINGS.companion_batch, True), (own + SETTINGS.companion_batch, False)}
