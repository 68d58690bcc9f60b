"""The linear probe on noise and on separable features, AUROC by its definition, and the layers it reads."""

from __future__ import annotations

import pytest
import torch
from proscribe.compiler.attack.whitebox.linear_probe import (
    EMBEDDING,
    Items,
    LinearProbing,
    activations,
    layers_of,
    probe_layers,
)
from proscribe.compiler.attack.whitebox.support.logistic import auroc, auroc_interval, fit_scores, tpr_at
from proscribe.compiler.train.cuts import cut
from torch import Tensor

from .tiny_ground import mini, tiny_ground


def by_definition(scores: Tensor, labels: Tensor) -> float:
    """Every positive against every negative."""
    wins = [(p > n) + 0.5 * (p == n) for p in scores[labels].tolist() for n in scores[~labels].tolist()]
    return sum(wins) / len(wins)


@pytest.mark.parametrize("seed", range(4))
def test_auroc_is_the_share_of_pairs_in_order(seed: int) -> None:
    draw = torch.Generator().manual_seed(seed)
    labels = torch.rand(60, generator=draw) < 0.4
    scores = (torch.randn(60, generator=draw) + labels).mul(3).round()  # ties
    assert auroc(scores, labels) == pytest.approx(by_definition(scores, labels))
    assert auroc(-scores, labels) == pytest.approx(1 - by_definition(scores, labels))


def test_auroc_needs_both_classes() -> None:
    with pytest.raises(ValueError, match="both classes"):
        auroc(torch.zeros(3), torch.tensor([True, True, True]))


def test_the_interval_of_hanley_and_mcneil() -> None:
    """Their own example: 0.893 of 58 normal and 51 abnormal has a standard error of 0.032."""
    low, high = auroc_interval(0.893, 51, 58)
    # Its square, by hand: (0.095551 + 50 * 0.009236 + 57 * 0.045075) / (51 * 58).
    assert (high - low) / 2 / 1.959964 == pytest.approx(0.03251, abs=1e-5)
    assert auroc_interval(1.0, 10, 10) == (1.0, 1.0)


def test_tpr_at_one_percent_lets_one_negative_of_a_hundred_pass() -> None:
    labels = torch.cat([torch.zeros(100), torch.ones(4)]).bool()
    scores = torch.cat([torch.arange(100.0), torch.tensor([97.5, 98.5, 99.5, 0.0])])
    assert tpr_at(scores, labels) == 0.5
    assert tpr_at(scores, labels, fpr=0.02) == 0.75
    assert tpr_at(scores, labels, fpr=0.0) == 0.25


def test_random_labels_tell_nothing_and_separable_features_everything() -> None:
    draw = torch.Generator().manual_seed(0)
    features, labels = torch.randn(1200, 10, generator=draw), torch.rand(1200, generator=draw) < 0.5
    train, test = slice(0, 600), slice(600, None)
    scores = fit_scores(features[train], labels[train], features[test])
    assert auroc(scores, labels[test]) == pytest.approx(0.5, abs=0.07)
    apart = features + 3.0 * labels[:, None] * torch.eye(10)[2]
    assert auroc(fit_scores(apart[train], labels[train], apart[test]), labels[test]) > 0.97
    scaled = apart * torch.logspace(-3, 3, 10) + 100
    assert auroc(fit_scores(scaled[train], labels[train], scaled[test]), labels[test]) > 0.97


def test_layers_are_the_blocks_and_the_adapted_layers_outside_them() -> None:
    part, model = cut(mini()), mini().model
    text = layers_of(model, part.text_targets, "text")
    assert text == (*(f"text.transformer.encoder.layer.{n}" for n in range(6)), "text.proj.0", "text.proj.2")
    picture = layers_of(model, part.picture_targets, "picture")
    assert picture[:7] == tuple(f"visual.trunk.blocks.{n}" for n in range(7))
    assert set(picture[7:]) == {"visual.head.mlp.fc1", "visual.head.mlp.fc2"}


def test_activations_do_not_depend_on_the_padding_of_a_batch() -> None:
    names = layers_of(mini().model, (), "text")
    long = "a dog eating an apple in a crowded train station late at night during the summer holidays"
    some = Items("text", ("a man eating cake", long), (), torch.tensor([True, False]), torch.tensor([False, False]))
    alone = Items("text", ("a man eating cake",), (), torch.tensor([True]), torch.tensor([False]))
    both, one = activations(mini(), mini().model, names, some), activations(mini(), mini().model, names, alone)
    assert list(both) == [*names, EMBEDDING]
    for name, value in one.items():
        torch.testing.assert_close(both[name][:1], value, atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(one[EMBEDDING], mini().encode_text(["a man eating cake"]), atol=1e-5, rtol=0)
    assert not any(module._forward_hooks for module in mini().model.modules())


def test_a_probe_is_judged_on_what_it_did_not_learn() -> None:
    labels = torch.tensor([True, False] * 20)
    judged = torch.arange(40) >= 20
    items = Items("text", ("x",) * 40, (), labels, judged)
    turned = torch.where(judged, ~labels, labels).float()[:, None] + 0.01 * torch.randn(40, 1)
    (row,) = probe_layers({"turned": turned}, items, "guarded")
    assert (row.auroc, row.trials, row.model, row.layer) == (0.0, 20, "guarded", "turned")


def test_the_campaign_reads_both_towers_of_both_models() -> None:
    findings = LinearProbing(learnt=6, judged=5).run(tiny_ground())
    assert {(row.modality, row.model) for row in findings.probes} == {
        (tower, model) for tower in ("text", "picture") for model in ("base", "guarded")
    }
    assert [len(curve.series) for curve in findings.curves] == [2, 2]
    for curve in findings.curves:
        assert curve.y_name == "AUROC"
        assert "tuple is only hidden" in curve.sentence or "it is gone" in curve.sentence
    base = {row.layer: row.auroc for row in findings.probes if row.model == "base" and row.modality == "text"}
    guarded = {row.layer: row.auroc for row in findings.probes if row.model == "guarded" and row.modality == "text"}
    untouched = [layer for layer in base if "encoder.layer" in layer]
    assert all(base[layer] == guarded[layer] for layer in untouched), "no adapter there"
