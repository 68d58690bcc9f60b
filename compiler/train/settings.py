"""Settings of rule training, one frozen value that goes into every plan hash."""

from __future__ import annotations

from dataclasses import dataclass, replace

# Raised whenever training would give other bytes for the same plan, so that cached adapters are not reused.
TRAINING_VERSION = 7


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """How one rule's adapter is trained. Counts are items, shares are 0..1."""

    text_rank: int = 64
    picture_rank: int = 64
    text_steps: int = 1600
    picture_steps: int = 900
    text_forget_batch: int = 128
    text_keep_batch: int = 384
    picture_forget_batch: int = 64
    picture_keep_batch: int = 320
    learning_rate: float = 3e-3
    keep_weight: float = 5.0
    hard_share: float = 0.1
    hard_weight: float = 3.0
    forget_weight: float = 0.5
    pick_weight: float = 20.0
    pick_margin: float = 0.1
    picture_pick_weight: float = 40.0
    picture_pick_margin: float = 0.15
    found_margin: float = 0.1
    picture_found_margin: float = 0.05
    companion_weight: float = 0.5
    picture_companion_weight: float = 1.0
    rival_weight: float = 1000.0
    rivals: int = 8
    redirect_share: float = 0.8
    companion_batch: int = 64
    edge_batch: int = 64
    edge_captions: int = 4800
    forget_captions: int = 2400
    forget_pictures: int = 480
    neighbour_captions: int = 2000
    neighbour_pictures: int = 700
    allowed_pictures: int = 300

    def for_pictures(self) -> TrainSettings:
        """The same, with the picture tower's own margins and weights."""
        return replace(
            self,
            pick_weight=self.picture_pick_weight,
            pick_margin=self.picture_pick_margin,
            found_margin=self.picture_found_margin,
            companion_weight=self.picture_companion_weight,
        )
