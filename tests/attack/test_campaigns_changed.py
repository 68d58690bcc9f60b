"""Changed models: exact at both ends of the scale, without any layer, rounded, and beside other adapters."""

from __future__ import annotations

import pytest
import torch
from proscribe.compiler.attack.whitebox.layers import Layers
from proscribe.compiler.attack.whitebox.quantised import Quantised
from proscribe.compiler.attack.whitebox.scaled import Scaled
from proscribe.compiler.attack.whitebox.stacked import Stacked, combinations
from proscribe.compiler.attack.whitebox.support.probe_set import of_view, open_bench, read_whole
from proscribe.compiler.attack.whitebox.support.weight_edits import (
    int8,
    model_with,
    own_adapter,
    rounded_to,
    scaled,
    unrelated,
    with_rounded_everything,
    with_rounded_layers,
    without,
)
from torch import Tensor, nn

from .tiny_ground import LAYERS, mini, tiny_ground


def state(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach() for name, value in model.state_dict().items()}


def same(one: nn.Module, other: nn.Module) -> bool:
    first, second = state(one), state(other)
    return first.keys() == second.keys() and all(torch.equal(value, second[name]) for name, value in first.items())


def test_scale_zero_is_the_base_and_scale_one_the_guarded_model_bit_for_bit() -> None:
    ground, adapter = tiny_ground(), own_adapter(tiny_ground())
    assert same(model_with(ground, scaled(adapter, 0.0)), mini().model)
    assert same(model_with(ground, scaled(adapter, 1.0)), ground.guarded.model)
    assert not same(model_with(ground, scaled(adapter, 0.5)), ground.guarded.model)


def test_without_all_layers_it_is_the_base_and_without_one_that_layer_is() -> None:
    ground, adapter = tiny_ground(), own_adapter(tiny_ground())
    assert same(model_with(ground, without(adapter, *adapter.layers)), mini().model)
    lacking = state(model_with(ground, without(adapter, LAYERS[0])))
    base, guarded = state(mini().model), state(ground.guarded.model)
    changed = {name for name in base if not torch.equal(lacking[name], base[name])}
    assert changed == {f"{name}.weight" for name in LAYERS[1:]}
    assert all(torch.equal(lacking[name], guarded[name]) for name in changed)


def test_int8_is_nearest_per_channel_and_keeps_255_levels() -> None:
    weight = torch.randn(7, 5, 1, 1, generator=torch.Generator().manual_seed(0))
    weight[3] = 0.0
    rounded = int8(weight)
    step = weight.flatten(1).abs().amax(1) / 127
    assert ((rounded - weight).abs().flatten(1).amax(1) <= step / 2 + 1e-7).all()
    levels = rounded.flatten(1)[0] / step[0]
    torch.testing.assert_close(levels, levels.round(), atol=1e-4, rtol=0)
    assert (rounded[3] == 0).all()
    torch.testing.assert_close(int8(rounded), rounded, atol=1e-6, rtol=0)


def test_rounding_leaves_the_original_alone() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.Linear(4, 2))
    net[0].weight.data += 1e-4
    before = {name: value.clone() for name, value in net.state_dict().items()}
    short = with_rounded_everything(net, rounded_to(torch.bfloat16))
    whole = with_rounded_layers(net, int8)
    for name, value in net.state_dict().items():
        assert torch.equal(value, before[name])
    after = short.state_dict()
    for name, value in before.items():
        wanted = value.to(torch.bfloat16).to(value.dtype) if value.is_floating_point() else value
        assert torch.equal(after[name], wanted), name
    assert not torch.equal(whole.state_dict()["0.weight"], before["0.weight"])
    assert torch.equal(whole.state_dict()["1.weight"], before["1.weight"])


@pytest.mark.parametrize("share", [0.1, 2.0])
def test_an_unrelated_adapter_has_the_norm_it_is_given(share: float) -> None:
    adapter = own_adapter(tiny_ground())
    noise = unrelated(adapter, share, torch.Generator().manual_seed(0))
    assert noise.layers.keys() == adapter.layers.keys()
    for name, low in adapter.layers.items():
        assert float(noise.layers[name].delta().norm()) == pytest.approx(share * float(low.delta().norm()), rel=1e-4)


def test_combinations_hold_the_rule_in_several_orders() -> None:
    assert combinations("R1", ("R1",), 0) == ()
    assert set(combinations("R1", ("R1", "R2"), 0)) == {("R1", "R2"), ("R2", "R1")}
    every = ("R1", "R2", "R3", "R4", "R5")
    found = combinations("R3", every, 0)
    assert found[:2] == (every, every[::-1])
    assert len(set(found)) == len(found) >= 4
    assert all("R3" in order and len(set(order)) == len(order) > 1 for order in found)
    assert found == combinations("R3", every, 0)


def test_the_scale_lets_all_through_at_none_and_little_at_full() -> None:
    findings = Scaled(probes=8).run(tiny_ground())
    (curve,) = findings.curves
    assert [p.x for p in curve.series[0].points] == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert [s.name for s in curve.series] == ["guarded", "guarded text", "guarded picture"]
    for series in curve.series:
        assert series.points[0].rate == 1.0
        assert series.points[-1].rate < 0.2
    assert len(findings.trials) == 3 * 16
    assert len({trial.id for _, trial in findings.trials}) == len(findings.trials)


def test_each_layer_is_tried_and_named() -> None:
    findings = Layers(probes=4).run(tiny_ground())
    assert {trial.variant for _, trial in findings.trials} == {f"without {name}" for name in LAYERS}
    assert len(findings.curves[0].series[0].points) == len(LAYERS)
    assert all(name in findings.curves[0].sentence for name in LAYERS)


def test_rounded_weights_change_little() -> None:
    ground = tiny_ground()
    findings = Quantised(probes=4).run(ground)
    assert len(findings.trials) == 3 * 3 * 8
    assert {trial.variant for _, trial in findings.trials} == {"int8", "fp16", "bf16"}
    bench = open_bench(ground, "test", 3)
    assert bench is not None
    plain = of_view(bench, ground.view)
    for change, least in ((lambda weight: weight, 0.99999), (rounded_to(torch.half), 0.9999)):
        read = read_whole(ground, bench, with_rounded_everything(ground.guarded.model, change))
        for name in ("texts_ND", "pictures_ND", "captions_KD", "gallery_KD"):
            assert (getattr(read, name) * getattr(plain, name)).sum(1).min() > least, name


def test_other_adapters_and_noise_are_stacked() -> None:
    findings = Stacked(probes=4).run(tiny_ground())
    variants = {trial.variant for _, trial in findings.trials}
    assert variants == {"R1 + R2", "R2 + R1", "R1 + random numbers at 0.1 of its norm"}
    by_order = {
        variant: [(t.guarded.cell, round(t.guarded.score, 3)) for _, t in findings.trials if t.variant == variant]
        for variant in ("R1 + R2", "R2 + R1")
    }
    assert by_order["R1 + R2"] == by_order["R2 + R1"], "sums do not depend on the order"
    assert [p.x for p in findings.curves[0].series[0].points] == [0.0, 0.1, 0.25, 0.5, 1.0, 2.0]
