"""A trial of a campaign run again: the model is changed, or its gradient climbed, as when the trial was found."""

from __future__ import annotations

import torch
from PIL import Image
from proscribe.runtime.backbone import Backbone
from proscribe.runtime.bundle import Bundle
from torch import Tensor

from ...corpus.captions import world_cells
from ...corpus.phrasebook import Phrasebook
from ...graph.derive import Derived
from ...records.results import Trial, tag_of
from ...train.cuts import cut
from ...train.data import Tick, forbidden_world, gallery_pool
from ...world.cells import Cell
from ..context import Arena, RuleGround
from ..listed import Listed, load_campaign
from ..universe import see, world_alone, world_captions
from ..whitebox.model_attack import Again, Ground, Lost, Repeatable
from .result import TOLERANCE, NotReplayable, Ranked, Replayed, best_first, compared, name_of, outcome_of, picture_of


def replay_campaign(
    bundle: Bundle,
    rule: str,
    trial: Trial,
    row: Listed,
    derived: Derived,
    book: Phrasebook,
    model: Backbone,
    tick: Tick,
) -> Replayed:
    """The trial, found again by its campaign; NotReplayable where the campaign finds no such trial now."""
    campaign = load_campaign(row)
    try:
        if not isinstance(campaign, Repeatable):
            raise Lost(f"{row.name} makes no trials")
        ground = ground_of(bundle, rule, trial, derived, book, model, tick)
        found = _nearest(campaign, ground, trial)
    except Lost as lost:
        raise NotReplayable(
            f"{trial.id}: {lost}; `proscribe attack {bundle.folder} --rule {rule} --family {row.name}` makes the "
            "family's trials anew"
        ) from lost
    cells = ground.arena.universe.cells
    base = _ranked(found.base_C, cells, ground)
    after = _ranked(found.guarded_K, [cells[int(i)] for i in found.among], ground)
    outcome = outcome_of(after[0])
    same, sentence = compared(trial, base[0], after, outcome)
    if row.kind == "white box" and _off(found, trial) > TOLERANCE:
        sentence += " Gradients round otherwise on another number of cores than the attack had (`--jobs`)."
    shown = picture_of(trial) if found.pixels is None else picture_from(found.pixels)
    return Replayed(
        rule, trial, (rule,), found.asked, len(found.among), base, after, outcome, same, sentence, shown
    )  # fmt: skip


def _nearest(campaign: Repeatable, ground: Ground, trial: Trial) -> Again:
    """The trial made with torch's own number of threads or, where that gives another score, with one.

    Sums in a gradient round as the number of threads does, ten steps of its sign carry that on, and how many threads
    the attack had (`--jobs`) is not recorded.
    """
    own, found = torch.get_num_threads(), campaign.again(ground, trial)
    if own == 1 or _off(found, trial) <= TOLERANCE:
        return found
    torch.set_num_threads(1)
    try:
        other = campaign.again(ground, trial)
    finally:
        torch.set_num_threads(own)
    return min(found, other, key=lambda one: _off(one, trial))


def _off(found: Again, trial: Trial) -> float:
    return abs(float(found.guarded_K.max()) - trial.guarded.score)


def ground_of(
    bundle: Bundle, rule: str, trial: Trial, derived: Derived, book: Phrasebook, model: Backbone, tick: Tick
) -> Ground:
    """What the campaign worked on: the bundle's rules, and the seed that the trial was found with."""
    part, tag = cut(model), tag_of(trial)
    seed = int(tag.removeprefix("s").removesuffix("-")) if tag else book.seed
    captions = world_captions(part, model.fingerprint, book, world_cells(), tick)
    universe = world_alone(book, world_cells(), captions, gallery_pool(part, model.fingerprint, tick).state)
    forbidden = {sets.rule.id: forbidden_world(sets, book) for sets in derived.rules}
    arena = Arena(model, part, book, derived, universe, see(part, universe), forbidden, seed, tick)
    sets = next(sets for sets in derived.rules if sets.rule.id == rule)
    own = RuleGround(arena, sets, {known: bundle.folder / "rules" / known / "adapter" for known in bundle.rules})
    return own.for_campaigns


def picture_from(pixels_CHW: Tensor) -> Image.Image:
    """RGB from (3, h, w) in 0..1, rounded to whole grey levels."""
    levels = (pixels_CHW.clamp(0, 1) * 255).round().byte()
    return Image.fromarray(levels.permute(1, 2, 0).contiguous().numpy(), "RGB")


def _ranked(scores_C: Tensor, cells: tuple[Cell, ...] | list[Cell], ground: Ground) -> tuple[Ranked, ...]:
    forbidden = ground.arena.forbidden[ground.prepared.sets.rule.id]
    return tuple(
        Ranked(
            name_of(cells[i]), ground.arena.book.canonical(cells[i]), round(float(scores_C[i]), 4),
            cells[i] in forbidden, False,
        )
        for i in best_first(scores_C)
    )  # fmt: skip
