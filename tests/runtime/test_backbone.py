"""Loading, encoding, refusing and fingerprinting backbones."""

from __future__ import annotations

import copy
import dataclasses
import logging
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from PIL import Image
from proscribe.compiler.backbones.towers import pixels
from proscribe.runtime import Backbone, EnvironmentProblem, RandomWeights, load_backbone, split_attention
from proscribe.runtime.backbone import backbone_of, mini_parts
from proscribe.runtime.backbones.attention import SplitAttention
from proscribe.runtime.backbones.mini_model import IMAGE_PX, build_skeleton
from proscribe.runtime.backbones.quiet import quiet
from safetensors.torch import save_file

SENTENCES = [
    "a child drinking wine",
    "wine",
    "an old man riding a horse along the beach at dusk",
    "",
    "x " * 400,
]


def test_the_trained_mini_loads_and_says_nothing() -> None:
    code = "from proscribe.runtime import load_backbone as l; print(l('mini').encode_text(['a dog']).shape)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout.strip(), done.stderr) == ("torch.Size([1, 384])", "")


def test_encodes_to_unit_vectors_in_order(mini: Backbone, pictures: list[Image.Image]) -> None:
    text_ND, picture_ND = mini.encode_text(SENTENCES), mini.encode_image(pictures)
    assert text_ND.shape == (5, mini.dim)
    assert picture_ND.shape == (5, 384)
    for found_ND in (text_ND, picture_ND):
        assert found_ND.dtype == torch.float32
        assert not found_ND.requires_grad
        assert torch.allclose(found_ND.norm(dim=1), torch.ones(5), atol=1e-5)


def test_an_answer_does_not_depend_on_its_batch(mini: Backbone, pictures: list[Image.Image]) -> None:
    together, apart = mini.encode_text(SENTENCES * 30), [mini.encode_text([text]) for text in SENTENCES]
    assert (together - torch.cat(apart * 30)).abs().max() < 1e-5
    together = mini.encode_image(pictures * 14)
    assert (together - torch.cat([mini.encode_image([p]) for p in pictures] * 14)).abs().max() < 1e-5


def test_trimming_the_padding_changes_nothing(mini: Backbone) -> None:
    untrimmed = dataclasses.replace(mini, pad_token=None)
    assert (mini.encode_text(SENTENCES) - untrimmed.encode_text(SENTENCES)).abs().max() < 1e-5


def test_nothing_in_is_nothing_out(mini: Backbone) -> None:
    assert mini.encode_text([]).shape == mini.encode_image([]).shape == (0, mini.dim)


@pytest.mark.parametrize("wrong", ["a sentence", [1], None, [b"bytes"]])
def test_text_of_a_wrong_type_is_named(mini: Backbone, wrong: object) -> None:
    with pytest.raises(TypeError, match="texts"):
        mini.encode_text(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [Image.new("RGB", (8, 8)), ["file.png"], torch.zeros(1, 3, 8, 8), None])
def test_pictures_of_a_wrong_type_are_named(mini: Backbone, wrong: object) -> None:
    with pytest.raises(TypeError, match="pictures"):
        mini.encode_image(wrong)  # type: ignore[arg-type]


def test_pixels_are_those_that_mini_was_trained_on(mini: Backbone, pictures: list[Image.Image]) -> None:
    seen = pictures[0].resize((IMAGE_PX, IMAGE_PX), Image.Resampling.BICUBIC)
    assert mini.preprocess(pictures[0]).shape == (3, IMAGE_PX, IMAGE_PX)
    assert torch.equal(mini.preprocess(pictures[0]), pixels([seen])[0])


def test_threads_get_the_answers_that_one_gets(mini: Backbone) -> None:
    expected = mini.encode_text(SENTENCES)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: mini.encode_text(SENTENCES), range(12)))
    assert all((each - expected).abs().max() < 1e-5 for each in found)


def test_the_fingerprint_follows_the_weights(mini: Backbone) -> None:
    with quiet(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        skeleton = build_skeleton()
    again = backbone_of("mini", "mini", mini_parts(copy.deepcopy(skeleton)))
    assert again.fingerprint == mini.fingerprint
    assert len(mini.fingerprint) == 64
    skeleton.text.proj[0].weight.data[0, 0] += 1e-6
    changed = backbone_of("mini", "mini", mini_parts(skeleton))
    parts = mini.fingerprint_parts
    assert set(parts) == {"architecture", "weights", "tokenizer", "preprocessing"}
    assert [name for name in parts if parts[name] != changed.fingerprint_parts[name]] == ["weights"]
    assert changed.fingerprint != mini.fingerprint


@pytest.fixture(scope="module")
def vit() -> Backbone:
    with pytest.warns(RandomWeights, match="random"):
        return load_backbone("ViT-B-32")


def test_split_attention_leaves_a_vits_answers_alone(vit: Backbone, pictures: list[Image.Image]) -> None:
    import open_clip

    with quiet(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        fused = open_clip.create_model("ViT-B-32").eval()
    assert not any(isinstance(module, torch.nn.MultiheadAttention) for module in vit.model.modules())
    assert sum(isinstance(module, SplitAttention) for module in vit.model.modules()) == 24
    tokens, stack = vit.tokenize(SENTENCES), torch.stack([vit.preprocess(picture) for picture in pictures])
    with torch.no_grad():
        pairs = (
            (vit.encode_text(SENTENCES), fused.encode_text(tokens, normalize=True)),
            (vit.encode_image(pictures), fused.encode_image(stack, normalize=True)),
        )
        raw = vit.model.encode_text(tokens) - fused.encode_text(tokens)  # type: ignore[operator]
    assert all((ours - its).abs().max() < 1e-5 for ours, its in pairs)
    assert raw.abs().max() < 1e-5
    assert vit.dim == 512
    assert vit.image_px == 224
    assert vit.kind == "open_clip"


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("boolean", [True, False])
@pytest.mark.parametrize("widths", [{}, {"kdim": 12, "vdim": 20}])
def test_split_attention_equals_torchs(batch_first: bool, boolean: bool, widths: dict[str, int]) -> None:
    torch.manual_seed(0)
    fused = torch.nn.MultiheadAttention(16, 4, batch_first=batch_first, **widths).eval()
    fused.out_proj.bias.data.normal_()
    split = split_attention(torch.nn.ModuleDict({"attn": fused}))["attn"]  # type: ignore[index]
    q, k, v = (torch.randn(3, 5, width) for width in (16, widths.get("kdim", 16), widths.get("vdim", 16)))
    if not batch_first:
        q, k, v = (x.transpose(0, 1) for x in (q, k, v))
    blocked = torch.ones(5, 5).triu(1).bool()
    mask = blocked if boolean else torch.zeros(5, 5).masked_fill(blocked, float("-inf"))
    for each in (None, mask, mask.expand(12, 5, 5)):
        expected = fused(q, k, v, need_weights=False, attn_mask=each)[0]
        assert torch.allclose(split(q, k, v, need_weights=False, attn_mask=each)[0], expected, atol=1e-6)


def test_a_safetensors_file_is_loaded(vit: Backbone, tmp_path: Path) -> None:
    import open_clip

    with quiet():
        torch.manual_seed(5)
        model = open_clip.create_model("ViT-B-32")
    path = tmp_path / "weights.safetensors"
    save_file({key: value.contiguous() for key, value in model.state_dict().items()}, path)
    found = load_backbone(f"ViT-B-32:{path}")
    differ = [name for name, part in found.fingerprint_parts.items() if part != vit.fingerprint_parts[name]]
    assert differ == ["weights"]
    assert torch.equal(found.model.get_parameter("visual.conv1.weight"), model.visual.conv1.weight)


def test_what_cannot_be_loaded_is_refused_in_words(tmp_path: Path) -> None:
    pickle = tmp_path / "weights.pt"
    pickle.write_bytes(b"")
    (tmp_path / "broken.safetensors").write_bytes(b"\x00" * 32)
    for name, words in {
        f"ViT-B-32:{pickle}": "convert them to safetensors",
        f"ViT-B-32:{tmp_path}/none.safetensors": "there is no file",
        f"ViT-B-32:{tmp_path}/broken.safetensors": "cannot be built",
        "ViT-B32": "did you mean 'ViT-B-32'",
        "minni": "did you mean 'mini'",
        "ViT-B-32:laion2b": "its tags are .*laion2b_s34b_b79k",
    }.items():
        with pytest.raises(EnvironmentProblem, match=words):
            load_backbone(name)


def test_weights_that_are_a_pickle_on_the_hub_or_out_of_reach_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import open_clip

    monkeypatch.setattr(open_clip, "download_pretrained", lambda config: "/cache/open_clip_pytorch_model.bin")
    with pytest.raises(EnvironmentProblem, match="are a pickle"):
        load_backbone("ViT-B-32:laion2b_s34b_b79k")

    def unreachable(model_id: str) -> str:
        raise OSError("no route to host")

    monkeypatch.setattr("open_clip.pretrained.download_pretrained_from_hf", unreachable)
    with pytest.raises(EnvironmentProblem, match="neither in the cache nor can they be downloaded: no route"):
        load_backbone("hf-hub:org/name")


def test_quiet_is_only_quiet_inside(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet():
        warnings.warn("not heard", UserWarning, stacklevel=1)
        logging.warning("not heard")
    assert capfd.readouterr() == ("", "")
    assert logging.root.manager.disable == 0
    with pytest.warns(UserWarning, match="heard"):
        warnings.warn("heard", UserWarning, stacklevel=1)


def test_the_runtime_never_imports_the_compiler() -> None:
    code = "import sys, proscribe.runtime; print([m for m in sys.modules if m.startswith('proscribe.compiler')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
