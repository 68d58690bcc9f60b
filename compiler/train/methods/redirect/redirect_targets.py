"""Where the forget set is led: mostly the redirect's own embedding, partly a direction that matches nothing.

A guarded caption T = a t(redirect) + b u keeps the redirect's ranking over pictures, because u is the direction in
which pictures have least energy, yet stays behind the redirect's own caption by the factor a for every picture.
Guarded pictures get a direction w of their own, least in the energy of captions and orthogonal to u, so that the two
guarded towers never meet: this is what keeps both towers safe together (DESIGN section 8, "the collision").
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Refuge:
    """Two unit directions (d,): u for guarded captions, w for guarded pictures."""

    text_D: Tensor
    picture_D: Tensor


def _quietest(embeddings_ND: Tensor, against: Tensor | None = None) -> Tensor:
    """The unit direction with the least second moment, in float64, optionally orthogonal to another."""
    x = embeddings_ND.double()
    moment = x.T @ x / len(x)
    if against is not None:
        away = against.double()
        moment = moment + 10.0 * torch.outer(away, away)
    _, vectors = torch.linalg.eigh(moment)
    direction = vectors[:, 0]
    # Eigenvectors come with either sign; the one that points away from the mean is taken, the same each time.
    if direction @ x.mean(0) > 0:
        direction = -direction
    return F.normalize(direction, dim=0).float()


def find_refuge(picture_ND: Tensor, text_ND: Tensor) -> Refuge:
    """u from the base's picture embeddings, w from its caption embeddings; both (n, d), n well above d."""
    text_direction = _quietest(picture_ND)
    return Refuge(text_direction, _quietest(text_ND, text_direction))


def targets(redirect_ND: Tensor, direction_D: Tensor, redirect_share: float) -> Tensor:
    """(n, d) unit targets: `redirect_share` of the redirect's embedding, the rest of the norm along the direction."""
    rest = math.sqrt(1.0 - redirect_share**2)
    return F.normalize(redirect_share * redirect_ND + rest * direction_D, dim=-1)
