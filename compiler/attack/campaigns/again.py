"""A recorded trial of a campaign run once more from what its record holds."""

from __future__ import annotations

from typing import Any

from proscribe.runtime.backbone import encode_text

from ...corpus.scenes import Scene
from ...graph.cells import Cell
from ..arena import choose
from ..campaign import Ground
from ..family import Probe
from ..results import Pick, Trial
from .pixels import STEPS, perturb, show, targets

FOUND_AGAIN = ("token_swaps", "pixels")


def found_again(ground: Ground, trial: Trial) -> Pick:
    """What the guarded model picks now: the sentence is asked again, PGD is run again from the recorded picture.

    LookupError for a campaign whose trials are found only by running it again with the same seed.
    """
    if trial.family == "token_swaps":
        pictures_CD = (ground.view if trial.towers == "both" else ground.arena.base).pictures_CD
        asked_ND = encode_text(ground.arena.backbone, ground.guarded.model, [trial.text])
        at, score, _ = choose(asked_ND @ pictures_CD.T, ground.forbidden_C)
    elif trial.family == "pixels" and trial.picture is not None:
        fields: dict[str, Any] = {k: v for k, v in trial.picture.items() if k not in ("edits", "beside")}
        probe = Probe(Cell(*trial.cell), None, trial.text, Scene(**fields))
        target = targets(ground)[trial.towers]
        level = float(trial.variant.removesuffix("/255"))
        # As many steps as inputs were tried, less the last one's check.
        steps = trial.tries - 1 if trial.tries > 1 else STEPS
        found = perturb(ground, target, [probe], show(ground, [probe]), level, steps)
        at, score, _ = target.choose(found.best_NCHW)
    else:
        raise LookupError(f"{trial.id}: trials of {trial.family} are found again by attacking with the same seed")
    cell = ground.arena.universe.cells[int(at[0])]
    return Pick((cell.subject, cell.relation, cell.object), round(float(score[0]), 4))
