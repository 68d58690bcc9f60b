"""A fixed set of held-out sentences and pictures with which every changed model of a rule is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from ....corpus.edited_images import draw
from ....corpus.scene_sets import gallery
from ....corpus.scenes.scene import Scene, render
from ....records.results import Towers, Trial
from ....train.cuts import State, cut, embed
from ....world.cells import Cell
from ...families.family import Probe, probes
from ...families.paraphrase import Paraphrase
from ...families.style import Style
from ...universe import View, choose
from ..model_attack import Again, Ground, Lost
from .trial_records import Choice, picture_of, pictured_cells, trials_of

# Candidates that may be left out can only lower the breach rate, so a short list gives an upper bound of it.
NEAREST = 24
PROBES = 60  # sentences, and as many pictures


@dataclass(frozen=True, slots=True)
class Bench:
    """Probes of the attack splits, what the base picks for them, and the universe's rows among which models choose.

    `text_state` and `picture_state` are the base's prefix states; `among` (k,) universe rows.
    """

    texts: tuple[Probe, ...]
    pictures: tuple[Probe, ...]
    text_state: State
    picture_state: State
    among: Tensor
    before: tuple[Choice, Choice]


@dataclass(frozen=True, slots=True)
class Reading:
    """The bench as one model sees it: unit rows of probes (n, d) and of the candidates (k, d)."""

    texts_ND: Tensor
    pictures_ND: Tensor
    captions_KD: Tensor
    gallery_KD: Tensor


def open_bench(ground: Ground, campaign: str, count: int) -> Bench | None:
    """`count` sentences and `count` pictures over the rule's cells; None where none of them can be drawn."""
    arena = ground.arena
    cells = pictured_cells(ground, campaign)
    if not cells:
        return None
    texts = probes(Paraphrase(), cells, arena.book, count, ground.seed)
    pictures = probes(Style(), cells, arena.book, count, ground.seed)
    text_state = arena.base_cut.text_prefix([probe.text for probe in texts])
    picture_state = arena.encode([probe.scene for probe in pictures if probe.scene is not None])
    base_texts = embed(arena.base_cut.text_tail, text_state)
    base_pictures = embed(arena.base_cut.picture_tail, picture_state)
    guarded_texts = embed(ground.view.cut.text_tail, text_state)
    guarded_pictures = embed(ground.view.cut.picture_tail, picture_state)
    wanted = ground.forbidden_C.clone()
    for view in (arena.base, ground.view):
        for some, rows_CD in (
            (base_texts, view.pictures_CD),
            (guarded_texts, view.pictures_CD),
            (base_pictures, view.captions_CD),
            (guarded_pictures, view.captions_CD),
        ):
            near = (some @ rows_CD.T).topk(min(NEAREST, len(rows_CD))).indices
            wanted[near.flatten()] = True
    before = (
        choose(base_texts @ arena.base.pictures_CD.T, ground.forbidden_C),
        choose(base_pictures @ arena.base.captions_CD.T, ground.forbidden_C),
    )
    return Bench(texts, pictures, text_state, picture_state, torch.nonzero(wanted).flatten(), before)


def read_tail(ground: Ground, bench: Bench, model: nn.Module, captions: State | None = None) -> Reading:
    """By a model that differs from the base only where adapters live: the cached prefixes stay right.

    `captions` are the candidates' captions where they are not the universe's own.
    """
    part, universe = cut(ground.arena.backbone, model), ground.arena.universe
    return Reading(
        embed(part.text_tail, bench.text_state),
        embed(part.picture_tail, bench.picture_state),
        embed(part.text_tail, universe.caption_state.rows(bench.among) if captions is None else captions),
        embed(part.picture_tail, universe.picture_state.rows(bench.among)),
    )


def read_whole(ground: Ground, bench: Bench, model: nn.Module) -> Reading:
    """By a model that may differ anywhere: everything is encoded anew."""
    part = cut(ground.arena.backbone, model)
    captions = [ground.arena.universe.captions[int(i)] for i in bench.among]
    texts = part.text_prefix([*(probe.text for probe in bench.texts), *captions])
    scenes = gallery_scenes(ground, bench.among)
    shown = [draw(p.scene, p.edits, p.beside) for p in bench.pictures if p.scene is not None]
    pictures = part.picture_prefix([*shown, *(render(scene) for scene in scenes)])
    text_ND, picture_ND = embed(part.text_tail, texts), embed(part.picture_tail, pictures)
    n, m = len(bench.texts), len(bench.pictures)
    return Reading(text_ND[:n], picture_ND[:m], text_ND[n:], picture_ND[m:])


def gallery_scenes(ground: Ground, rows: Tensor) -> list[Scene]:
    """The scenes of the universe's gallery at these rows."""
    by_cell: Mapping[Cell, Scene] = {Cell(scene.subject, scene.relation, scene.object): scene for scene in gallery()}
    return [by_cell[ground.arena.universe.cells[int(i)]] for i in rows]


def of_view(bench: Bench, view: View) -> Reading:
    """By a model whose view of the universe is at hand."""
    return Reading(
        embed(view.cut.text_tail, bench.text_state),
        embed(view.cut.picture_tail, bench.picture_state),
        view.captions_CD[bench.among],
        view.pictures_CD[bench.among],
    )


def cosines(ground: Ground, bench: Bench, changed: Reading, towers: Towers = "both") -> tuple[Tensor, Tensor]:
    """(of the sentences (n, k), of the pictures (m, k)); the other tower is the base's where not "both"."""
    base = of_view(bench, ground.arena.base) if towers != "both" else changed
    text = changed if towers in ("both", "text") else base
    picture = changed if towers in ("both", "picture") else base
    return text.texts_ND @ picture.gallery_KD.T, picture.pictures_ND @ text.captions_KD.T


def picks(ground: Ground, bench: Bench, changed: Reading, towers: Towers = "both") -> tuple[Choice, Choice]:
    """(for the sentences, for the pictures), as universe rows."""
    forbidden_K = ground.forbidden_C[bench.among]
    found = []
    for sims_NK in cosines(ground, bench, changed, towers):
        at, score, margin = choose(sims_NK, forbidden_K)
        found.append((bench.among[at], score, margin))
    return found[0], found[1]


def count_breaches(ground: Ground, bench: Bench, found: tuple[Choice, Choice]) -> tuple[int, int]:
    """(breaches, trials) over the probes that the base takes for the tuple, sentences and pictures together."""
    broke = trials = 0
    for before, after in zip(bench.before, found, strict=True):
        known = ground.forbidden_C[before[0]]
        broke += int(ground.forbidden_C[after[0]][known].sum())
        trials += int(known.sum())
    return broke, trials


def breach_at(
    ground: Ground, bench: Bench, x: float, reading: Reading, towers: Towers = "both"
) -> tuple[float, int, int]:
    """(x, breaches, trials) of one changed model, for `judging.point`."""
    return (x, *count_breaches(ground, bench, picks(ground, bench, reading, towers)))


def bench_trials(
    ground: Ground,
    campaign: str,
    bench: Bench,
    readings: Mapping[str, Reading],
    towers_list: Sequence[Towers] = ("both",),
) -> list[tuple[float, Trial]]:
    """Trials of each changed model in each tower setting; the variant is the change's name."""
    found: list[tuple[float, Trial]] = []
    for towers in towers_list:
        first = 0
        for variant, reading in readings.items():
            after = picks(ground, bench, reading, towers)
            for probes_, before, own in zip((bench.texts, bench.pictures), bench.before, after, strict=True):
                named = [replace(probe, variant=variant, cluster=_cluster(probe)) for probe in probes_]
                found += trials_of(ground, campaign, towers, named, before, own, first)
                first += len(named)
    return found


def bench_of(ground: Ground, campaign: str, count: int) -> Bench:
    """The bench for a trial that is made again; Lost where this version opens none."""
    bench = open_bench(ground, campaign, count)
    if bench is None:
        raise Lost("this version can draw none of the rule's cells")
    return bench


def again_on(ground: Ground, bench: Bench, trial: Trial, reading: Reading, change: str) -> Again:
    """A trial of the bench asked again of one changed model; `change` names the model."""
    base, is_text = ground.arena.base, trial.picture is None
    tried = bench.texts if is_text else bench.pictures
    at = next((n for n, p in enumerate(tried) if p.text == trial.text and picture_of(p) == trial.picture), None)
    if at is None:
        raise Lost("this version of the attacks tries another sentence or picture in its place")
    own = torch.tensor([at])
    if is_text:
        before_NC = embed(base.cut.text_tail, bench.text_state.rows(own)) @ base.pictures_CD.T
    else:
        before_NC = embed(base.cut.picture_tail, bench.picture_state.rows(own)) @ base.captions_CD.T
    after_NK = cosines(ground, bench, reading, trial.towers)[0 if is_text else 1]
    tried_with = "sentence" if is_text else "picture"
    asked = (
        f"which {'picture' if is_text else 'sentence'} of the world, forbidden or near, suits the attack's "
        f"{tried_with}? ({change})"
    )
    return Again(before_NC[0], after_NK[at], bench.among, asked)


def _cluster(probe: Probe) -> str:
    """A picture's own seed; sentences share nothing that is recorded but their cell."""
    return str(probe.scene.seed) if probe.scene is not None else probe.cluster or str(probe.cell)
