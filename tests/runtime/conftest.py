"""Backbones and adapters for the runtime's tests: mini's architecture with seeded random heads, and PEFT adapters."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import peft
import pytest
import torch
from PIL import Image
from proscribe.runtime import Backbone, write_manifest
from proscribe.runtime.backbone import backbone_of, mini_parts
from proscribe.runtime.backbones.mini_model import build_skeleton
from proscribe.runtime.backbones.quiet import quiet

TARGETS = (
    "text.transformer.encoder.layer.4.attention.self.value",
    "text.transformer.encoder.layer.5.attention.self.query",
    "text.transformer.encoder.layer.5.output.dense",
    "text.proj.0",
    "visual.trunk.blocks.5.0.conv_pw",
    "visual.trunk.conv_head",
    "visual.head.mlp.fc1",
)
SaveAdapter = Callable[..., Any]
PackBundle = Callable[..., Path]


@pytest.fixture(scope="session")
def mini() -> Backbone:
    """mini without its trained weights, so that these tests need no training."""
    with quiet(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        return backbone_of("mini", "mini", mini_parts(build_skeleton()))


@pytest.fixture(scope="session")
def pictures() -> list[Image.Image]:
    """Five pictures of several sizes and modes."""
    rng = np.random.default_rng(0)
    found = [
        Image.fromarray(rng.integers(0, 255, (h, w, 3), dtype=np.uint8)) for h, w in ((128, 128), (60, 90), (200, 150))
    ]
    return [*found, found[0].convert("L"), found[1].convert("RGBA")]


@pytest.fixture(scope="session")
def save_adapter() -> SaveAdapter:
    """Writes, with peft itself, an adapter with random weights; returns peft's own model for comparison."""

    def save(
        backbone: Backbone, folder: Path, seed: int, scale: float = 0.05, targets: tuple[str, ...] = TARGETS
    ) -> Any:
        config = peft.LoraConfig(
            r=4,
            lora_alpha=8,
            target_modules=list(targets),
            rank_pattern={targets[0]: 2, targets[-1]: 8},
            alpha_pattern={targets[-1]: 4},
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = peft.get_peft_model(copy.deepcopy(backbone.model), config).eval()
            for name, value in model.named_parameters():
                if "lora_" in name:
                    value.data.normal_(std=scale).copy_(value.data.half().float())
        model.save_pretrained(str(folder))
        _halve(folder / "adapter_model.safetensors")
        return model.base_model.model

    return save


def _halve(path: Path) -> None:
    from safetensors.torch import load_file, save_file

    save_file({key: value.half() for key, value in load_file(path).items()}, path)


@pytest.fixture
def pack_bundle(save_adapter: SaveAdapter) -> PackBundle:
    """Packs a bundle of two rules around a backbone."""

    def pack(folder: Path, backbone: Backbone, rules: tuple[str, ...] = ("R1", "R2")) -> Path:
        for number, rule in enumerate(rules):
            adapter = folder / "rules" / rule / "adapter"
            adapter.mkdir(parents=True)
            save_adapter(backbone, adapter, seed=number + 1)
            cell = f"child -{('drinking', 'holding')[number]}-> wine"
            facts = {
                "id": rule,
                "text": f"forbid {cell}",
                "forget": [cell],
                "redirect": [{"cell": cell, "target": "child -drinking-> juice", "why": "instead"}],
                "allow_texts": ["allow adult -drinking-> wine"],
            }
            (folder / "rules" / rule / "rule.json").write_text(json.dumps(facts))
        (folder / "plan.json").write_text("{}")
        named = {
            "name": "mini",
            "fingerprint": backbone.fingerprint,
            "parts": dict(backbone.fingerprint_parts),
        }
        write_manifest(folder, {"policy": "p", "backbone": named, "rules": [{"id": rule} for rule in rules]})
        return folder

    return pack


@pytest.fixture(autouse=True)
def _two_threads() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(threads)
