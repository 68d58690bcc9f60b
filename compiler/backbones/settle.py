"""The second part of training `mini`: the trunk goes part of the way back, then heads and text layers settle on it.

Trained stages remember photos. Moving them back towards ImageNet (WiSE-FT, Wortsman et al. 2022) costs scenes little
and gives photos back; the heads are fitted to the moved trunk first and trained together with the text layers after
that (LP-FT, Kumar et al. 2022), on cached features, at the size that ships.
"""

from __future__ import annotations

import itertools
import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import torch
import torch.nn.functional as F
from PIL import Image
from proscribe.runtime.backbones.mini_model import IMAGE_PX, build_skeleton
from torch import Tensor, nn

from ..corpus.captions import Caption, world_cells
from ..corpus.scenes.scene import OBJECTS, RELATIONS, SUBJECTS, Scene
from ..world.cells import Cell
from .contrast import contrast, noisy, true_of
from .data import caption_of, held_out_cells, render_all, scene_of
from .imagenet import load_imagenet
from .photos import Photo
from .towers import Tails

Tick = Callable[[str, int, int], None]
_BLOCK = 960


@dataclass(frozen=True, slots=True)
class SettleConfig:
    """Settings of the second part; the defaults made the weights that ship."""

    seed: int = 0
    trunk_share: float = 0.7
    scenes_per_cell: int = 4
    scenes_per_part: int = 20
    part_share: float = 0.08
    captions_per_scene: int = 4
    photo_views: int = 5
    head_steps: int = 200
    steps: int = 400
    scenes: int = 192
    photos: int = 256
    head_lr: float = 1e-3
    joint_head_lr: float = 4e-4
    text_lr: float = 2e-4
    weight_decay: float = 0.05
    text_noise: float = 0.7
    picture_noise: float = 0.1
    photo_dropout: float = 0.5
    photo_weight: float = 1.5
    photo_scale_max: float = 30.0
    scale_max: float = 60.0
    warmup: int = 20


@dataclass(frozen=True, slots=True)
class _Features:
    """Cached inputs: scenes (n, 1280), photo views (views, m, 1280), and the frozen text prefix of every caption."""

    scenes: tuple[Scene, ...]
    of_cell: Mapping[Cell, Sequence[int]]
    parts: Sequence[int]
    captions: tuple[tuple[Caption, ...], ...]
    scene_NW: Tensor
    photo_VMW: Tensor
    scene_text: tuple[Tensor, Tensor]
    photo_text: tuple[Tensor, Tensor]
    photo_captions: tuple[range, ...]


def moved_back(tails: Tails, share: float) -> None:
    """Set the trunk to ImageNet plus `share` of what training changed; both have BatchNorm folded away."""
    skeleton = build_skeleton(0)
    load_imagenet(skeleton.visual.trunk)
    start = Tails(skeleton.eval()).trunk.state_dict()
    trained = tails.trunk.state_dict()
    tails.trunk.load_state_dict({key: start[key] + share * (trained[key] - start[key]) for key in trained})


def _view(photo: Photo, rng: random.Random, whole: bool) -> Image.Image:
    if whole:
        return photo.open(IMAGE_PX)
    px = rng.choice((IMAGE_PX + 8, IMAGE_PX + 16, IMAGE_PX + 32, IMAGE_PX + 48))
    left, top = rng.randrange(px - IMAGE_PX + 1), rng.randrange(px - IMAGE_PX + 1)
    picture = photo.open(px).crop((left, top, left + IMAGE_PX, top + IMAGE_PX))
    return picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if rng.random() < 0.5 else picture


@torch.no_grad()
def pooled(tails: Tails, pictures: Sequence[Image.Image]) -> Tensor:
    """(n, 1280) float32 pooled features."""
    blocks = (pictures[i : i + 96] for i in range(0, len(pictures), 96))
    return torch.cat(
        [tails.picture_tail(tails.picture_prefix(b).contiguous(memory_format=torch.channels_last)) for b in blocks]
    )


def encode_scenes(
    tails: Tails, seed: int, per_cell: int, per_part: int, rng: random.Random, tick: Tick
) -> tuple[tuple[Scene, ...], Tensor]:
    """Training scenes of every cell that is not held out, then of the parts alone; pooled features (n, 1280)."""
    held_out = held_out_cells(seed)
    cells = [cell for cell in world_cells() if cell not in held_out]
    parts = [Cell(name, "", "") for name in SUBJECTS] + [Cell("", "", name) for name in OBJECTS]
    scenes = (
        *(scene_of(cell, rng) for cell in cells for _ in range(per_cell)),
        *(scene_of(part, rng) for part in parts for _ in range(per_part)),
    )
    rows = []
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        for start in range(0, len(scenes), _BLOCK):
            arrays = render_all(list(scenes[start : start + _BLOCK]), pool)
            size = (IMAGE_PX, IMAGE_PX)
            drawn = [Image.fromarray(array).resize(size, Image.Resampling.BICUBIC) for array in arrays]
            rows.append(pooled(tails, drawn))
            tick("encoding scenes", min(start + _BLOCK, len(scenes)), len(scenes))
    return scenes, torch.cat(rows)


def rows_of(scenes: Sequence[Scene]) -> tuple[Mapping[Cell, Sequence[int]], Sequence[int]]:
    """Which scenes show each cell, and which show a part alone."""
    of_cell: dict[Cell, list[int]] = {}
    for number, scene in enumerate(scenes):
        of_cell.setdefault(Cell(scene.subject, scene.relation, scene.object), []).append(number)
    return of_cell, [number for number, scene in enumerate(scenes) if not scene.relation]


def _gather(tails: Tails, photos: tuple[Photo, ...], config: SettleConfig, rng: random.Random, tick: Tick) -> _Features:
    scenes, scene_NW = encode_scenes(tails, config.seed, config.scenes_per_cell, config.scenes_per_part, rng, tick)
    views = []
    for view in range(config.photo_views if photos else 0):
        rows = []
        for start in range(0, len(photos), _BLOCK):
            rows.append(pooled(tails, [_view(p, rng, view == 0) for p in photos[start : start + _BLOCK]]))
            done = view * len(photos) + min(start + _BLOCK, len(photos))
            tick("encoding photos", done, config.photo_views * len(photos))
        views.append(torch.cat(rows))
    captions = tuple(tuple(caption_of(scene, rng) for _ in range(config.captions_per_scene)) for scene in scenes)
    told = [caption for photo in photos for caption in photo.captions]
    starts = [0]
    for photo in photos:
        starts.append(starts[-1] + len(photo.captions))
    tick("encoding captions", 0, 2)
    scene_text = _short(tails.text_prefix([caption.text for some in captions for caption in some]))
    tick("encoding captions", 1, 2)
    photo_text = _short(tails.text_prefix(told)) if photos else scene_text
    tick("encoding captions", 2, 2)
    return _Features(
        scenes,
        *rows_of(scenes),
        captions,
        scene_NW,
        torch.stack(views) if views else torch.zeros(0, 0, 1280),
        scene_text,
        photo_text,
        tuple(range(a, b) for a, b in itertools.pairwise(starts)),
    )


def _short(text: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """The same without the columns that no caption fills."""
    length = int(text[1].sum(1).max())
    return text[0][:, :length].clone(), text[1][:, :length].clone()


def settle(tails: Tails, photos: tuple[Photo, ...], config: SettleConfig, tick: Tick) -> list[dict[str, float]]:
    """Move the trunk back and train both heads, then the text layers as well, in place; returns the loss curve."""
    torch.manual_seed(config.seed)
    rng = random.Random(f"settle/{config.seed}")
    moved_back(tails, config.trunk_share)
    features = _gather(tails, photos, config, rng, tick)
    for parameter in tails.parameters():
        parameter.requires_grad_(False)
    heads = [*tails.picture_head.parameters(), *tails.text_head.parameters()]
    layers = [p for layer in tails.bert.encoder.layer[4:] for p in layer.parameters()]
    photo_scale = nn.Parameter(tails.logit_scale.detach().clamp(max=math.log(config.photo_scale_max)).clone())
    scales = [tails.logit_scale, photo_scale]
    history: list[dict[str, float]] = []
    for name, steps, groups in (
        ("fitting the heads", config.head_steps, [(heads, config.head_lr)]),
        ("settling", config.steps, [(heads, config.joint_head_lr), (layers, config.text_lr)]),
    ):
        for parameter in (p for group, _ in groups for p in group):
            parameter.requires_grad_(True)
        tails.logit_scale.requires_grad_(True)
        chosen = [{"params": g, "base": lr, "weight_decay": config.weight_decay} for g, lr in groups]
        chosen.append({"params": scales, "base": config.joint_head_lr, "weight_decay": 0.0})
        history += _train(tails, features, chosen, name, steps, photo_scale, config, rng, tick)
    return history


def _train(
    tails: Tails,
    features: _Features,
    groups: list[dict[str, object]],
    name: str,
    steps: int,
    photo_scale: Tensor,
    config: SettleConfig,
    rng: random.Random,
    tick: Tick,
) -> list[dict[str, float]]:
    optimizer = torch.optim.AdamW([{**g, "lr": g["base"]} for g in groups], betas=(0.9, 0.98))
    parameters = [p for g in optimizer.param_groups for p in g["params"]]
    history, started = [], time.monotonic()
    for step in range(1, steps + 1):
        for group in optimizer.param_groups:
            cosine = 0.5 * (1 + math.cos(math.pi * (step - 1) / steps))
            group["lr"] = group["base"] * min(1.0, step / config.warmup) * cosine
        scene_loss, photo_loss = _losses(tails, features, photo_scale, config, rng)
        optimizer.zero_grad(set_to_none=True)
        (scene_loss + config.photo_weight * photo_loss).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        with torch.no_grad():
            tails.logit_scale.clamp_(max=math.log(config.scale_max))
            photo_scale.clamp_(max=math.log(config.photo_scale_max))
        if step % 10 == 0 or step == steps:
            parts = {"scenes": scene_loss.item(), "photos": photo_loss.item(), "scale": tails.logit_scale.exp().item()}
            history.append({"step": step, "seconds": round(time.monotonic() - started, 1), **parts})
            tick(name, step, steps)
    return history


def draw_rows(
    of_cell: Mapping[Cell, Sequence[int]],
    parts: Sequence[int],
    total: int,
    count: int,
    part_share: float,
    rng: random.Random,
) -> list[int]:
    """Scenes of one step; half of the batches are a small product of slots: every picture has hard neighbours."""
    found: list[int] = []
    if rng.random() < 0.5:
        subjects, relations, objects = rng.sample(SUBJECTS, 4), rng.sample(RELATIONS, 4), rng.sample(OBJECTS, 12)
        cells = (Cell(s, r, o) for s in subjects for r in relations for o in objects)
        found = [rng.choice(of_cell[cell]) for cell in cells if cell in of_cell][:count]
    found += rng.sample(range(total), count - len(found))
    return [rng.choice(parts) if rng.random() < part_share else row for row in found]


def _losses(
    tails: Tails, features: _Features, photo_scale: Tensor, config: SettleConfig, rng: random.Random
) -> tuple[Tensor, Tensor]:
    rows = draw_rows(features.of_cell, features.parts, len(features.scenes), config.scenes, config.part_share, rng)
    said = [rng.randrange(config.captions_per_scene) for _ in rows]
    captions = tuple(features.captions[i][j] for i, j in zip(rows, said, strict=True))
    cells = [Cell(s.subject, s.relation, s.object) for s in (features.scenes[i] for i in rows)]
    places = torch.tensor([i * config.captions_per_scene + j for i, j in zip(rows, said, strict=True)])
    texts = [(features.scene_text, places)]
    pictures = [noisy(features.scene_NW[torch.tensor(rows)], config.picture_noise)]
    if len(features.photo_VMW):
        chosen = torch.tensor(rng.sample(range(features.photo_VMW.shape[1]), config.photos))
        texts.append((features.photo_text, torch.tensor([rng.choice(features.photo_captions[i]) for i in chosen])))
        views = torch.tensor([rng.randrange(len(features.photo_VMW)) for _ in chosen])
        seen = noisy(features.photo_VMW[views, chosen], config.picture_noise)
        pictures.append(F.dropout(seen, config.photo_dropout))
    pooled = torch.cat([tails.text_tail(hidden[index], mask[index]) for (hidden, mask), index in texts])
    text_ND = F.normalize(tails.text_head(noisy(pooled, config.text_noise)), dim=-1)
    picture_ND = F.normalize(tails.picture_head(torch.cat(pictures)), dim=-1)
    n = len(rows)
    scene_loss = contrast(picture_ND[:n], text_ND[:n], tails.logit_scale.exp(), *true_of(captions, cells))
    if len(picture_ND) == n:
        return scene_loss, torch.zeros(())
    eye = torch.eye(config.photos, dtype=torch.bool)
    return scene_loss, contrast(picture_ND[n:], text_ND[n:], photo_scale.exp(), eye, ~eye & False)
