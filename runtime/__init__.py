"""Load a backbone, attach a bundle of rules, encode. Nothing here needs the compiler."""

from __future__ import annotations

from .backbone import Backbone, load_backbone
from .backbones.attention import split_attention
from .errors import BundleRefused, EnvironmentProblem

__all__ = ["Backbone", "BundleRefused", "EnvironmentProblem", "load_backbone", "split_attention"]
