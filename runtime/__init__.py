"""Load a backbone, attach a bundle of rules, encode. Nothing here needs the compiler."""

from __future__ import annotations

from .adapter import Adapter, read_adapter
from .apply import Guarded, attach_adapters
from .backbone import Backbone, load_backbone
from .backbones.attention import split_attention
from .backbones.open_clip_model import RandomWeights
from .bundle import Bundle, load_bundle, write_manifest
from .errors import BundleRefused, EnvironmentProblem

__all__ = [
    "Adapter",
    "Backbone",
    "Bundle",
    "BundleRefused",
    "EnvironmentProblem",
    "Guarded",
    "RandomWeights",
    "attach_adapters",
    "load_backbone",
    "load_bundle",
    "read_adapter",
    "split_attention",
    "write_manifest",
]
