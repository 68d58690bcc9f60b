"""Training a rule's adapter on a backbone small enough to train in a second."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import torch
from proscribe.compiler.train.cuts import State, WholeCut, cut, embed, join
from proscribe.compiler.train.loop import Trained, sharing_copy, train_rule
from proscribe.compiler.train.settings import TrainSettings
from proscribe.runtime.backbone import Backbone

from .conftest import SETTINGS, silent, tower_data


def trained(
    backbone: Backbone, folder: Path, seed: int = 0, pictures: bool = True, settings: TrainSettings = SETTINGS
) -> Trained:
    picture = tower_data(backbone, True) if pictures else None
    return train_rule(backbone, tower_data(backbone, False), picture, settings, seed, silent, folder)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(backbone: Backbone, tmp_path: Path) -> None:
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        torch.manual_seed(torch.seed() % 2**31)  # whatever ran before does not matter
        trained(backbone, tmp_path / name, seed)
    a, b, c = ((tmp_path / name / "adapter_model.safetensors").read_bytes() for name in "abc")
    assert a == b
    assert a != c
    a_config, b_config = ((tmp_path / name / "adapter_config.json").read_text() for name in "ab")
    assert json.loads(a_config) == json.loads(b_config)


def test_the_base_is_left_as_it_was(backbone: Backbone, tmp_path: Path) -> None:
    names = [name for name, _ in backbone.model.named_modules()]
    before = {name: tensor.clone() for name, tensor in backbone.model.state_dict().items()}
    trained(backbone, tmp_path)
    assert [name for name, _ in backbone.model.named_modules()] == names
    for name, tensor in backbone.model.state_dict().items():
        assert torch.equal(tensor, before[name]), name


def test_an_adapter_is_small_half_precision_and_says_its_base(backbone: Backbone, tmp_path: Path) -> None:
    found = trained(backbone, tmp_path)
    assert {tensor.dtype for tensor in found.state.values()} == {torch.float16}
    assert all("lora_" in name for name in found.state)
    assert any(tensor.abs().max() > 0 for name, tensor in found.state.items() if "lora_B" in name and "visual." in name)
    assert any(
        tensor.abs().max() > 0 for name, tensor in found.state.items() if "lora_B" in name and "visual." not in name
    )
    config = json.loads((tmp_path / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == f"proscribe:towers@{'f' * 64}"
    assert config["peft_type"] == "LORA"
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".md") == [
        "adapter_config.json",
        "adapter_model.safetensors",
    ]
    assert found.record["seed"] == 0
    assert found.record["towers"] == ["text", "picture"]


def test_a_rule_without_pictures_trains_the_text_tower_alone(backbone: Backbone, tmp_path: Path) -> None:
    found = trained(backbone, tmp_path, pictures=False)
    assert found.record["towers"] == ["text"]
    assert found.record["history"]
    assert not any("picture_forget" in row for row in found.record["history"])
    in_pictures = [tensor for name, tensor in found.state.items() if "visual." in name and "lora_B" in name]
    assert all(not tensor.any() for tensor in in_pictures), "nothing that changes a picture"


def test_training_leads_the_forget_set_to_its_target(backbone: Backbone, tmp_path: Path) -> None:
    by_distance = replace(SETTINGS, text_steps=60, picture_steps=60, keep_weight=0.5, pick_weight=0)
    by_distance = replace(by_distance, forget_weight=2.0, rival_weight=0)
    history = trained(backbone, tmp_path, settings=by_distance).record["history"]
    for tower in ("text", "picture"):
        losses = [row[f"{tower}_forget"] for row in history if f"{tower}_forget" in row]
        assert losses[-1] < losses[0]


def test_training_takes_the_forbidden_choices_out_of_reach(backbone: Backbone, tmp_path: Path) -> None:
    longer = replace(SETTINGS, text_steps=60, picture_steps=60, keep_weight=0.5, hard_weight=0.3, rival_weight=1.0)
    history = trained(backbone, tmp_path, settings=longer).record["history"]
    for tower in ("text", "picture"):
        losses = [row[f"{tower}_picks"] for row in history if f"{tower}_picks" in row]
        assert losses[-1] < 0.5 * losses[0], tower


def test_a_sharing_copy_shares_tensors_but_no_modules(backbone: Backbone) -> None:
    copied = sharing_copy(backbone.model)
    assert copied is not backbone.model
    for (_, own), (_, other) in zip(backbone.model.named_parameters(), copied.named_parameters(), strict=True):
        assert own is other


def test_adapters_go_into_the_last_blocks_of_each_tower(backbone: Backbone) -> None:
    part = cut(backbone)
    assert isinstance(part, WholeCut)
    assert part.text_targets == tuple(f"transformer.resblocks.{n}" for n in (1, 2, 3))
    assert part.picture_targets == tuple(f"visual.transformer.resblocks.{n}" for n in (1, 2, 3))


def test_embedding_in_batches_keeps_the_order() -> None:
    hidden = torch.arange(20.0)[:, None].expand(20, 3)
    out = embed(lambda state: state.hidden, State(hidden), batch=3)
    torch.testing.assert_close(out, hidden)
    assert embed(lambda state: state.hidden, State(torch.zeros(0, 3))).shape == (0, 0)


def test_states_are_joined_and_picked_in_order() -> None:
    joined = join([State(torch.zeros(2, 3)), State(torch.ones(1, 3))])
    assert len(joined) == 3
    assert joined.rows(torch.tensor([2, 0])).hidden[:, 0].tolist() == [1.0, 0.0]
