"""The third part of training `mini`: a linear path for photos beside the heads, which are then fitted around it.

Two MLP heads that learn scenes and 6,000 photos at once learn the photos by heart. A linear map from the pooled picture
features to those of the captions generalises better: it starts as regularised canonical correlation (Hotelling 1936;
Vinod 1976), goes on by a few contrastive steps with noise, and is then held while the MLPs learn to agree with it. The
path ends as plain hidden units of the same heads, two for each of its dimensions: gelu(x) - gelu(-x) = x.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from PIL import Image
from proscribe.runtime.backbones.mini_model import (
    EMBED_DIM,
    IMAGE_PX,
    PHOTO_DIM,
    SCENE_DIM,
    TEXT_HIDDEN,
    build_skeleton,
)
from torch import Tensor, nn

from ..corpus.captions import Caption, sample_caption
from ..corpus.scenes.scene import Scene
from ..world.cells import Cell
from .contrast import contrast, noisy, true_of
from .data import WIDER_SHARE
from .photos import Photo
from .settle import draw_rows, encode_scenes, pooled, rows_of
from .towers import Tails

Tick = Callable[[str, int, int], None]
_BLOCK = 960


@dataclass(frozen=True, slots=True)
class WidenConfig:
    """Settings of the third part; the defaults made the weights that ship. Ridges are shares of the mean variance."""

    seed: int = 0
    scenes_per_cell: int = 4
    scenes_per_part: int = 20
    part_share: float = 0.08
    captions_per_scene: int = 4
    partial_share: float = 0.25
    picture_ridge: float = 3.0
    text_ridge: float = 0.1
    path_steps: int = 150
    path_batch: int = 768
    path_lr: float = 0.02
    path_noise: float = 0.5
    path_scale: float = 15.0
    path_weight: float = 1.0
    steps: int = 800
    scenes: int = 192
    photos: int = 256
    head_lr: float = 4e-4
    weight_decay: float = 0.05
    text_noise: float = 0.7
    picture_noise: float = 0.1
    photo_dropout: float = 0.5
    photo_weight: float = 1.0
    photo_scale_max: float = 30.0
    scale_max: float = 60.0
    warmup: int = 20


@dataclass(frozen=True, slots=True)
class _Photos:
    """Pooled features: views (v, n, 1280) of n photos, captions (m, 384), and where each photo's captions begin."""

    view_VNW: Tensor
    caption_MW: Tensor
    starts: Tensor
    counts: Tensor

    def draw(self, count: int) -> tuple[Tensor, Tensor]:
        """`count` photos in one view each, (count, 1280), with one caption each, (count, 384)."""
        chosen = torch.randperm(self.view_VNW.shape[1])[:count]
        view = torch.randint(len(self.view_VNW), (count,))
        said = self.starts[chosen] + (torch.rand(count) * self.counts[chosen]).long()
        return self.view_VNW[view, chosen], self.caption_MW[said]


@dataclass(frozen=True, slots=True)
class _Scenes:
    """Pooled features of scenes (n, 1280) and of their captions, `each` a scene one after another (n * each, 384)."""

    scenes: tuple[Scene, ...]
    captions: tuple[tuple[Caption, ...], ...]
    of_cell: Mapping[Cell, Sequence[int]]
    parts: Sequence[int]
    picture_NW: Tensor
    text_MW: Tensor


@dataclass(frozen=True, slots=True)
class Path:
    """The linear path: pictures (1280, k) after `mean_W` is taken off, captions (384, k)."""

    mean_W: Tensor
    picture_WK: Tensor
    text_WK: Tensor


def widen(tails: Tails, photos: tuple[Photo, ...], config: WidenConfig, tick: Tick) -> list[dict[str, float]]:
    """Put the path beside the heads and fit the heads around it, in place; returns the loss curve."""
    torch.manual_seed(config.seed)
    tails.requires_grad_(False)
    told = _encode_photos(tails, photos, tick) if photos else None
    path = fit_path(told, config, tick) if told is not None else _no_path()
    drawn = _encode_scenes(tails, config, random.Random(f"widen/{config.seed}"), tick)
    if told is not None:
        path = _weighed(tails, path, told, config.path_weight)
    history = _fit_heads(tails, path, told, drawn, config, random.Random(f"widen/{config.seed}"), tick)
    tails.text_head, tails.picture_head = fold(tails, path)
    return history


def _no_path() -> Path:
    return Path(torch.zeros(1280), torch.zeros(1280, PHOTO_DIM), torch.zeros(384, PHOTO_DIM))


def _text(tails: Tails, texts: Sequence[str], tick: Tick, what: str) -> Tensor:
    """(n, 384) pooled features of captions."""
    parts = []
    with torch.no_grad():
        for start in range(0, len(texts), _BLOCK):
            parts.append(tails.text_tail(*tails.text_prefix(texts[start : start + _BLOCK])))
            tick(what, min(start + _BLOCK, len(texts)), len(texts))
    return torch.cat(parts)


def _encode_photos(tails: Tails, photos: tuple[Photo, ...], tick: Tick) -> _Photos:
    views = []
    for mirrored in (False, True):
        parts = []
        for start in range(0, len(photos), _BLOCK):
            pictures = [photo.open(IMAGE_PX) for photo in photos[start : start + _BLOCK]]
            if mirrored:
                pictures = [picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for picture in pictures]
            parts.append(pooled(tails, pictures))
            tick("encoding photos", mirrored * len(photos) + min(start + _BLOCK, len(photos)), 2 * len(photos))
        views.append(torch.cat(parts))
    counts = torch.tensor([len(photo.captions) for photo in photos])
    captions = _text(
        tails, [caption for photo in photos for caption in photo.captions], tick, "encoding photo captions"
    )
    return _Photos(torch.stack(views), captions, counts.cumsum(0) - counts, counts)


def _encode_scenes(tails: Tails, config: WidenConfig, rng: random.Random, tick: Tick) -> _Scenes:
    scenes, picture_NW = encode_scenes(tails, config.seed, config.scenes_per_cell, config.scenes_per_part, rng, tick)
    captions = tuple(tuple(_caption(s, config, rng) for _ in range(config.captions_per_scene)) for s in scenes)
    text = _text(tails, [caption.text for some in captions for caption in some], tick, "encoding captions")
    return _Scenes(scenes, captions, *rows_of(scenes), picture_NW, text)


def _caption(scene: Scene, config: WidenConfig, rng: random.Random) -> Caption:
    """A training caption; one in four leaves a slot out, so that parts of a tuple are told from other pairs."""
    cell = Cell(scene.subject, scene.relation, scene.object)
    if cell.relation and rng.random() < config.partial_share:
        cell = rng.choice((cell.replaced("subject", ""), cell.replaced("object", ""), cell.replaced("relation", "")))
    return sample_caption(cell, rng, wider=WIDER_SHARE)


def _root(moment: Tensor, ridge: float) -> Tensor:
    """Inverse square root of a second moment with a ridge, in float64."""
    eye = torch.eye(len(moment), dtype=torch.float64)
    values, vectors = torch.linalg.eigh(moment + ridge * moment.diagonal().mean() * eye)
    root: Tensor = (vectors * values.clamp(min=1e-9).rsqrt()) @ vectors.T
    return root


def fit_path(told: _Photos, config: WidenConfig, tick: Tick) -> Path:
    """Canonical correlation between photos and their captions, then contrastive steps on noisy features."""
    x_NW = told.view_VNW.flatten(0, 1)
    mean_W = x_NW.mean(0)
    owner = torch.repeat_interleave(torch.arange(len(told.counts)), told.counts)
    shown = (told.view_VNW.mean(0) - mean_W)[owner].double()
    said = told.caption_MW.double()
    centred = (x_NW - mean_W).double()
    left = _root(centred.T @ centred / len(centred), config.picture_ridge)
    right = _root(said.T @ said / len(said), config.text_ridge)
    u, s, v = torch.linalg.svd(left @ (shown.T @ said / len(said)) @ right)
    weight = s[:PHOTO_DIM].sqrt()
    picture = (left @ u[:, :PHOTO_DIM] * weight).float()
    text = (right @ v[:PHOTO_DIM].T * weight).float()
    picture /= ((told.view_VNW[0] - mean_W) @ picture).std()
    text /= (told.caption_MW @ text).std()
    return _sharpen(Path(mean_W, picture, text), told, config, tick)


def _sharpen(path: Path, told: _Photos, config: WidenConfig, tick: Tick) -> Path:
    picture, text = nn.Parameter(path.picture_WK), nn.Parameter(path.text_WK)
    scale = nn.Parameter(torch.tensor(math.log(config.path_scale)))
    lr = config.path_lr * float(path.picture_WK.std())
    optimizer = torch.optim.AdamW([picture, text, scale], lr=lr, weight_decay=0.0, betas=(0.9, 0.98))
    spread = (told.view_VNW[0].std(0), told.caption_MW.std(0))
    own = torch.arange(config.path_batch)
    for step in range(1, config.path_steps + 1):
        _set_rate(optimizer, [lr], step, config.path_steps, config.warmup)
        seen, said = told.draw(config.path_batch)
        seen = seen + config.path_noise * spread[0] * torch.randn_like(seen)
        said = said + config.path_noise * spread[1] * torch.randn_like(said)
        logits = scale.exp() * F.normalize((seen - path.mean_W) @ picture, dim=-1) @ F.normalize(said @ text, dim=-1).T
        loss = (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if step % 10 == 0:
            tick("fitting the path for photos", step, config.path_steps)
    return Path(path.mean_W, picture.detach(), text.detach())


@torch.no_grad()
def _weighed(tails: Tails, path: Path, told: _Photos, weight: float) -> Path:
    """The path at `weight` times the length that the MLPs give to photos and to their captions."""
    seen, said = told.view_VNW[0], told.caption_MW
    picture = (
        tails.picture_head(seen).norm(dim=-1).mean() / ((seen - path.mean_W) @ path.picture_WK).norm(dim=-1).mean()
    )
    text = tails.text_head(said).norm(dim=-1).mean() / (said @ path.text_WK).norm(dim=-1).mean()
    return Path(path.mean_W, path.picture_WK * picture * weight, path.text_WK * text * weight)


def _set_rate(optimizer: torch.optim.Optimizer, rates: Sequence[float], step: int, steps: int, warmup: int) -> None:
    cosine = 0.5 * (1 + math.cos(math.pi * (step - 1) / steps))
    for group, rate in zip(optimizer.param_groups, rates, strict=True):
        group["lr"] = rate * min(1.0, step / warmup) * cosine


def _fit_heads(
    tails: Tails,
    path: Path,
    told: _Photos | None,
    drawn: _Scenes,
    config: WidenConfig,
    rng: random.Random,
    tick: Tick,
) -> list[dict[str, float]]:
    """The MLPs learn scenes, and to agree with the path about photos; the path is held."""
    heads = [*tails.picture_head.parameters(), *tails.text_head.parameters()]
    photo_scale = nn.Parameter(tails.logit_scale.detach().clamp(max=math.log(config.photo_scale_max)).clone())
    scales = [tails.logit_scale, photo_scale]
    for parameter in (*heads, *scales):
        parameter.requires_grad_(True)
    groups = [{"params": heads, "weight_decay": config.weight_decay}, {"params": scales, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=config.head_lr, betas=(0.9, 0.98))
    eye = torch.eye(config.photos, dtype=torch.bool)
    history, started = [], time.monotonic()
    for step in range(1, config.steps + 1):
        _set_rate(optimizer, [config.head_lr] * 2, step, config.steps, config.warmup)
        chosen = draw_rows(drawn.of_cell, drawn.parts, len(drawn.scenes), config.scenes, config.part_share, rng)
        each = config.captions_per_scene
        said = [rng.randrange(each) for _ in chosen]
        captions = tuple(drawn.captions[i][j] for i, j in zip(chosen, said, strict=True))
        cells = [Cell(s.subject, s.relation, s.object) for s in (drawn.scenes[i] for i in chosen)]
        seen = [noisy(drawn.picture_NW[torch.tensor(chosen)], config.picture_noise)]
        read = [drawn.text_MW[torch.tensor([i * each + j for i, j in zip(chosen, said, strict=True)])]]
        if told is not None:
            photo_NW, caption_NW = told.draw(config.photos)
            seen.append(noisy(photo_NW, config.picture_noise))
            read.append(caption_NW)
        # Dropout for photos in the MLP alone: the path was regularised when it was fitted.
        blurred = torch.cat([seen[0], *(F.dropout(part, config.photo_dropout) for part in seen[1:])])
        words_NW = noisy(torch.cat(read), config.text_noise)
        picture_ND = F.normalize(
            torch.cat([tails.picture_head(blurred), (torch.cat(seen) - path.mean_W) @ path.picture_WK], 1), dim=-1
        )
        text_ND = F.normalize(torch.cat([tails.text_head(words_NW), words_NW @ path.text_WK], 1), dim=-1)
        n = len(chosen)
        scene_loss = contrast(picture_ND[:n], text_ND[:n], tails.logit_scale.exp(), *true_of(captions, cells))
        photo_loss = torch.zeros(())
        if told is not None:
            photo_loss = contrast(picture_ND[n:], text_ND[n:], photo_scale.exp(), eye, ~eye & False)
        optimizer.zero_grad(set_to_none=True)
        (scene_loss + config.photo_weight * photo_loss).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(heads, 1.0)
        optimizer.step()
        with torch.no_grad():
            tails.logit_scale.clamp_(max=math.log(config.scale_max))
            photo_scale.clamp_(max=math.log(config.photo_scale_max))
        if step % 10 == 0 or step == config.steps:
            parts = {"scenes": scene_loss.item(), "photos": photo_loss.item(), "scale": tails.logit_scale.exp().item()}
            history.append({"step": step, "seconds": round(time.monotonic() - started, 1), **parts})
            tick("fitting the heads around it", step, config.steps)
    return history


@torch.no_grad()
def fold(tails: Tails, path: Path) -> tuple[nn.Module, nn.Module]:
    """(text head, picture head) of the wide model: the MLPs as they are, the path in two hidden units a dimension."""
    wide = build_skeleton()
    text, picture = wide.text.proj, wide.visual.head
    k = PHOTO_DIM
    first, last = tails.text_head[0], tails.text_head[2]
    text[0].weight.copy_(torch.cat([first.weight, path.text_WK.T, -path.text_WK.T]))
    text[2].weight.copy_(_last_layer(last.weight, TEXT_HIDDEN, k))
    mlp, old = picture.mlp, tails.picture_head.mlp
    mlp.fc1.weight.copy_(torch.cat([old.fc1.weight, path.picture_WK.T, -path.picture_WK.T]))
    shift = path.mean_W @ path.picture_WK
    mlp.fc1.bias.copy_(torch.cat([old.fc1.bias, -shift, shift]))
    mlp.fc2.weight.copy_(_last_layer(old.fc2.weight, 2 * SCENE_DIM, k))
    return text.requires_grad_(False), picture.requires_grad_(False)


def _last_layer(weight: Tensor, hidden: int, k: int) -> Tensor:
    """(embed, hidden + 2k): the old layer in one corner, x = gelu(x) - gelu(-x) in the other."""
    found = torch.zeros(EMBED_DIM, hidden + 2 * k)
    found[:SCENE_DIM, :hidden] = weight
    eye = torch.eye(k)
    found[SCENE_DIM:, hidden:] = torch.cat([eye, -eye], 1)
    return found
