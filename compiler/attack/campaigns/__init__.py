"""Every campaign, listed in one place, in the order of the report: first by gradients, then by changing the model."""

from __future__ import annotations

from ..campaign import Campaign
from .layers import Layers
from .linear_probe import LinearProbing
from .pixels import PixelAttack
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
