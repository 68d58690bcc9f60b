"""A rule's adapter: low-rank changes to named layers, read from PEFT's format and checked against a model."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_safetensors
from torch import Tensor, nn

from .errors import BundleRefused

CONFIG_FILE = "adapter_config.json"
WEIGHTS_FILE = "adapter_model.safetensors"
_PREFIX = "base_model.model."
_DOWN, _UP = ".lora_A.weight", ".lora_B.weight"
# Settings of PEFT that change what the tensors mean; an adapter that sets one is refused rather than misread.
_NOT_READ = (
    "alora_invocation_tokens",
    "arrow_config",
    "bias",
    "exclude_modules",
    "fan_in_fan_out",
    "layer_replication",
    "layers_to_transform",
    "lora_bias",
    "megatron_config",
    "modules_to_save",
    "target_parameters",
    "trainable_token_indices",
    "use_dora",
    "use_qalora",
)


@dataclass(frozen=True, slots=True, eq=False)
class LowRank:
    """One layer's change: weight += scale * up_OR @ down_RI, both float32."""

    down_RI: Tensor
    up_OR: Tensor
    scale: float

    def delta(self) -> Tensor:
        """(out, in) float32, to be added to the layer's weight."""
        return (self.up_OR @ self.down_RI) * self.scale


@dataclass(frozen=True, slots=True, eq=False)
class Adapter:
    """What one rule adds: dotted layer name inside the open_clip model -> change."""

    rule: str
    layers: Mapping[str, LowRank]


def read_adapter(rule: str, folder: Path) -> Adapter:
    """Read an adapter that `save_pretrained` wrote; raises BundleRefused for whatever is missing or odd."""
    read = []
    for name in (CONFIG_FILE, WEIGHTS_FILE):
        path = folder / name
        if not path.is_file():
            raise BundleRefused(f"{path} is missing")
        read.append(path.read_bytes())
    return parse_adapter(rule, *read)


def parse_adapter(rule: str, config: bytes, weights: bytes) -> Adapter:
    """An adapter from the bytes of its two files: adapter_config.json and adapter_model.safetensors."""
    try:
        settings = json.loads(config)
    except (ValueError, RecursionError) as fault:
        raise BundleRefused(f"{rule}: {CONFIG_FILE} is not JSON: {fault}") from fault
    try:
        state = load_safetensors(weights)
    except (SafetensorError, ValueError, KeyError) as fault:
        raise BundleRefused(f"{rule}: {WEIGHTS_FILE} is not a safetensors file: {fault}") from fault
    if not isinstance(settings, dict):
        raise BundleRefused(f"{rule}: {CONFIG_FILE} is not an object")
    return adapter_of(rule, settings, state)


def adapter_of(rule: str, config: Mapping[str, Any], state: Mapping[str, Tensor]) -> Adapter:
    """An adapter from PEFT's settings and state dict (keys: base_model.model.NAME.lora_A.weight)."""
    targets = _targets(rule, config)
    halves: dict[str, dict[str, Tensor]] = {}
    for key, value in state.items():
        half = next((end for end in (_DOWN, _UP) if key.endswith(end)), None)
        if half is None or not key.startswith(_PREFIX) or value.dim() not in (2, 4):
            raise BundleRefused(f"{rule}: unexpected tensor {key} in the adapter")
        if value.dim() == 4 and value.shape[2:] != (1, 1):
            raise BundleRefused(f"{rule}: {key} is a convolution of {tuple(value.shape[2:])}, not 1x1")
        if not value.is_floating_point() or not bool(torch.isfinite(value).all()):
            raise BundleRefused(f"{rule}: {key} holds numbers that are not finite")
        halves.setdefault(key[len(_PREFIX) : -len(half)], {})[half] = value.flatten(1).to(torch.float32)
    if not halves:
        raise BundleRefused(f"{rule}: the adapter is empty")
    layers = {name: _layer(rule, name, found, config) for name, found in sorted(halves.items())}
    for name in layers:
        if not any(_names(target, name) for target in targets):
            raise BundleRefused(f"{rule}: the adapter holds {name}, which its target_modules do not name")
    for target in targets:
        if not any(_names(target, name) for name in layers):
            raise BundleRefused(f"{rule}: the adapter holds no tensors for its target module {target}")
    return Adapter(rule, layers)


def check_fits(adapter: Adapter, model: nn.Module) -> None:
    """Raise BundleRefused unless every layer is a Linear or 1x1 Conv2d of `model`, of the adapter's size."""
    modules = dict(model.named_modules())
    for name, layer in adapter.layers.items():
        module = modules.get(name)
        if module is None:
            raise BundleRefused(f"{adapter.rule}: the model has no layer {name}")
        if isinstance(module, nn.Conv2d):
            plain = module.kernel_size == (1, 1) and module.groups == 1 and module.padding in ((0, 0), "same")
        else:
            plain = isinstance(module, nn.Linear)
        if not plain:
            kind = type(module).__name__
            raise BundleRefused(f"{adapter.rule}: {name} is a {kind}, not a Linear or 1x1 Conv2d")
        wanted = tuple(module.weight.shape[:2])
        found = (layer.up_OR.shape[0], layer.down_RI.shape[1])
        if wanted != found:
            raise BundleRefused(f"{adapter.rule}: {name} is {wanted} in the model and {found} in the adapter")


def _targets(rule: str, config: Mapping[str, Any]) -> list[str]:
    if str(config.get("peft_type")) not in ("LORA", "PeftType.LORA"):
        raise BundleRefused(f"{rule}: the adapter is {config.get('peft_type')!r}, not LORA")
    for name in _NOT_READ:
        if config.get(name) not in (None, False, [], {}, "none"):
            raise BundleRefused(f"{rule}: the adapter sets {name}, which this runtime does not read")
    targets = config.get("target_modules")
    # A pattern could take for ever to match, and says less than a list does.
    if not isinstance(targets, (list, tuple, set)) or not all(isinstance(t, str) and t for t in targets):
        raise BundleRefused(f"{rule}: target_modules must be a list of layer names")
    return sorted(targets)


def _layer(rule: str, name: str, halves: Mapping[str, Tensor], config: Mapping[str, Any]) -> LowRank:
    for half, key in ((_DOWN, "lora_A"), (_UP, "lora_B")):
        if half not in halves:
            raise BundleRefused(f"{rule}: {name} has no {key}")
    down_RI, up_OR = halves[_DOWN], halves[_UP]
    rank = _setting(rule, name, config, "rank_pattern", "r")
    alpha = _setting(rule, name, config, "alpha_pattern", "lora_alpha")
    if rank < 1 or not down_RI.shape[0] == up_OR.shape[1] == rank:
        shapes = f"{tuple(down_RI.shape)} and {tuple(up_OR.shape)}"
        raise BundleRefused(f"{rule}: {name} should have rank {rank:g}, its tensors are {shapes}")
    scale = alpha / (math.sqrt(rank) if config.get("use_rslora") else rank)
    return LowRank(down_RI, up_OR, scale)


def _setting(rule: str, name: str, config: Mapping[str, Any], pattern: str, general: str) -> float:
    """The rank or alpha of one layer: the first entry of the pattern that names it, else the general one."""
    entries = config.get(pattern) or {}
    if not isinstance(entries, Mapping):
        raise BundleRefused(f"{rule}: {pattern} is not an object")
    key = next((key for key in entries if _names(key.removeprefix("^"), name)), None)
    value = config.get(general) if key is None else entries[key]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise BundleRefused(f"{rule}: {name} has no usable {general}: {value!r}")
    return value


def _names(target: str, name: str) -> bool:
    return name == target or name.endswith(f".{target}")


def by_layer(adapters: Iterable[Adapter]) -> dict[str, list[LowRank]]:
    """Layer name -> the changes that these adapters make to it, in the order given."""
    found: dict[str, list[LowRank]] = {}
    for adapter in adapters:
        for name, layer in adapter.layers.items():
            found.setdefault(name, []).append(layer)
    return found
