"""Every campaign, listed in one place, in the order of the report: first by gradients, then by changing the model."""

from __future__ import annotations

from .layers import Layers
from .linear_probe import LinearProbing
from .model_attack import Campaign
from .pgd_attack import PixelAttack
from .quantised import Quantised
from .relearning import Relearning
from .scaled import Scaled
from .soft_prompts import SoftPrompts
from .stacked import Stacked
from .token_swaps import TokenSwaps

CAMPAIGNS: tuple[Campaign, ...] = (
    TokenSwaps(),
    SoftPrompts(),
    PixelAttack(),
    Scaled(),
    Layers(),
    Quantised(),
    Stacked(),
    Relearning(),
    LinearProbing(),
)
