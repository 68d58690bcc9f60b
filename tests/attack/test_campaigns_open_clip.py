"""open_clip's own text transformer and a ViT, both tiny and random: gradients find their way into these as well."""

from __future__ import annotations

import pytest
import torch
from open_clip.model import CLIP, CLIPTextCfg, CLIPVisionCfg
from open_clip.tokenizer import SimpleTokenizer
from open_clip.transform import PreprocessCfg, image_transform_v2
from proscribe.compiler.attack.whitebox.linear_probe import EMBEDDING, Items, activations, layers_of
from proscribe.compiler.attack.whitebox.soft_prompts import Prompted, learn
from proscribe.compiler.attack.whitebox.support.gradient_inputs import (
    known_layout,
    pixel_range,
    token_embedding,
    vocabulary,
)
from proscribe.compiler.attack.whitebox.token_swaps import Aim, swap
from proscribe.runtime.backbone import Backbone
from proscribe.runtime.backbones.attention import split_attention

MEAN, SPREAD = (0.4, 0.5, 0.6), (0.2, 0.25, 0.3)


@pytest.fixture(scope="module")
def clip() -> Backbone:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        vision = CLIPVisionCfg(layers=2, width=64, head_width=32, patch_size=16, image_size=32)
        model = split_attention(CLIP(24, vision, CLIPTextCfg(width=32, heads=2, layers=2))).eval().requires_grad_(False)
    transform = image_transform_v2(PreprocessCfg(size=32, mean=MEAN, std=SPREAD), is_train=False)
    return Backbone("tiny", "open_clip", model, 24, 32, "f", {}, SimpleTokenizer(), transform)


def test_swaps_and_prompts_raise_the_margin(clip: Backbone) -> None:
    assert known_layout(clip)
    words = vocabulary(clip)
    assert {"toddler", "juice", "drinking"} <= set(words.words)
    pictures = torch.nn.functional.normalize(torch.randn(5, 24, generator=torch.Generator().manual_seed(1)), dim=-1)
    aim = Aim(clip, clip.model, pictures, torch.arange(5) == 2)
    start = float(aim.margins(["a toddler drinking juice"])[0])
    assert start < 0
    found = swap(aim, words, "a toddler drinking juice", "gradient", "test", count=8)
    assert found.margins[0] == pytest.approx(start, abs=1e-5)
    assert found.margins[-1] > start
    layer = token_embedding(clip.model)
    assert layer is not None
    texts = ["a toddler drinking juice", "a man eating cake"]
    prompted = Prompted(clip, clip.model, layer)
    prompts = learn(prompted, texts, pictures, aim.forbidden_C, (0, 16), torch.Generator().manual_seed(0))
    scores = [float((prompted.embed(texts, prompt) @ pictures[2]).mean()) for prompt in prompts.values()]
    assert scores[1] > scores[0]


def test_pixels_are_measured_through_the_normalisation(clip: Backbone) -> None:
    pixels = pixel_range(clip)
    for channel, (mean, spread) in enumerate(zip(MEAN, SPREAD, strict=True)):
        assert float(pixels.low_C11[channel]) == pytest.approx(-mean / spread, abs=1e-5)
        assert float(pixels.unit_C11[channel]) == pytest.approx(1 / spread, abs=1e-5)


def test_the_probe_reads_every_block(clip: Backbone) -> None:
    names = layers_of(clip.model, (), "text")
    assert names == ("transformer.resblocks.0", "transformer.resblocks.1")
    assert layers_of(clip.model, (), "picture") == tuple(f"visual.{name}" for name in names)
    items = Items("text", ("a cake", "a dog"), (), torch.tensor([True, False]), torch.tensor([False, False]))
    found = activations(clip, clip.model, names, items)
    assert {name: tuple(value.shape) for name, value in found.items()} == {
        names[0]: (2, 32), names[1]: (2, 32), EMBEDDING: (2, 24),
    }  # fmt: skip
