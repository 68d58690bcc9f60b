"""The loss that `mini` is trained with.

Method: multi-positive InfoNCE (Khosla et al. 2020, supervised contrastive) where a caption that is true of another
picture of the batch without being its own is left out of the sum, so that "a child" is never pushed from a child.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..corpus.captions import Caption
from ..world.cells import SLOTS, Cell


def noisy(features_NW: Tensor, amount: float) -> Tensor:
    """The features with normal noise of `amount` times their own spread."""
    return features_NW + amount * features_NW.detach().std() * torch.randn_like(features_NW)


def true_of(captions: tuple[Caption, ...], cells: list[Cell]) -> tuple[Tensor, Tensor]:
    """(n, n) bool each: caption j is picture i's own match; caption j is true of picture i but not its match."""
    n = len(cells)
    own = torch.zeros(n, n, dtype=torch.bool)
    vague = torch.zeros(n, n, dtype=torch.bool)
    exact = [all(part is None or len(part) == 1 for part in caption.leaves) for caption in captions]
    for j, caption in enumerate(captions):
        for i, cell in enumerate(cells):
            if i == j:
                own[i, j] = True
            elif caption.describes(cell):
                spoken = all(
                    (part is None) == (not cell.get(slot)) for part, slot in zip(caption.leaves, SLOTS, strict=True)
                )
                (own if exact[j] and spoken else vague)[i, j] = True
    return own, vague


def contrast(picture_ND: Tensor, text_ND: Tensor, scale: Tensor, own: Tensor, vague: Tensor) -> Tensor:
    """Symmetric multi-positive InfoNCE; `vague` pairs count neither way."""
    logits = (scale * picture_ND @ text_ND.T).masked_fill(vague, -1e4)
    loss = torch.zeros(())
    for rows, mine in ((logits, own), (logits.T, own.T)):
        share = mine.float() / mine.sum(1, keepdim=True)
        loss = loss - (share * rows.log_softmax(1)).sum(1).mean() / 2
    return loss
