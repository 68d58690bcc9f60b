"""Training `mini`. The first part: the pointwise picture stages, two text layers and both heads move.

Contrastive on scenes and photos, at 128 px; the second part (settle.py) goes on from here at the size that ships, the
third (widen.py) puts a path for photos beside the heads.
"""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from proscribe.runtime.backbones.mini_model import build, build_skeleton, learned_keys, sha256_file
from proscribe.runtime.errors import EnvironmentProblem
from safetensors.torch import save_file
from torch import Tensor

from ..world.cells import Cell
from .contrast import contrast, noisy, true_of
from .data import SceneBatch, draw_batch, held_out_cells, render_all
from .imagenet import load_imagenet
from .photos import Photo
from .settle import SettleConfig, settle
from .towers import PICTURE_STAGES_FROZEN, Tails, unfused_state
from .widen import WidenConfig, widen

TRAIN_PX = 128
Tick = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class MiniConfig:
    """Settings of the first part; the defaults made the weights that ship."""

    seed: int = 0
    steps: int = 1000
    scenes: int = 192
    photos: int = 64
    round_batches: int = 20
    uses: int = 2
    picture_lr: float = 5e-4
    text_lr: float = 2e-4
    head_lr: float = 2e-3
    weight_decay: float = 0.02
    text_noise: float = 0.7
    picture_noise: float = 0.2
    photo_weight: float = 0.5
    scale_start: float = 20.0
    scale_max: float = 60.0
    warmup: int = 30


def _learning_rate(step: int, config: MiniConfig) -> float:
    warm = min(1.0, (step + 1) / config.warmup)
    return warm * 0.5 * (1 + math.cos(math.pi * step / config.steps))


def _trainable(tails: Tails, config: MiniConfig) -> list[dict[str, object]]:
    for parameter in tails.parameters():
        parameter.requires_grad_(False)
    # Depthwise kernels stay: their backward pass costs more than all the rest together.
    stages = [
        p
        for name, p in tails.trunk.named_parameters()
        if "conv_dw" not in name
        and (
            name.startswith("conv_head")
            or any(name.startswith(f"blocks.{i}.") for i in range(PICTURE_STAGES_FROZEN, 7))
        )
    ]
    layers = [p for layer in tails.bert.encoder.layer[4:] for p in layer.parameters()]
    heads = [*tails.picture_head.parameters(), *tails.text_head.parameters()]
    groups: list[dict[str, object]] = [
        {"params": stages, "base": config.picture_lr, "weight_decay": config.weight_decay},
        {"params": layers, "base": config.text_lr, "weight_decay": config.weight_decay},
        {"params": heads, "base": config.head_lr, "weight_decay": config.weight_decay},
        {"params": [tails.logit_scale], "base": config.head_lr, "weight_decay": 0.0},
    ]
    for group in groups:
        for parameter in group["params"]:  # type: ignore[attr-defined]
            parameter.requires_grad_(True)
    return groups


def save_weights(tails: Tails, path: Path) -> None:
    """All that mini learned, under open_clip's names, fp16, written aside and renamed."""
    like = build_skeleton(0)
    state = {f"visual.trunk.{k}": v for k, v in unfused_state(tails.trunk, like.visual.trunk.state_dict()).items()}
    state |= {f"visual.head.{k}": v for k, v in tails.picture_head.state_dict().items()}
    state |= {f"text.transformer.{k}": v for k, v in tails.bert.state_dict().items()}
    state |= {f"text.proj.{k}": v for k, v in tails.text_head.state_dict().items()}
    state["logit_scale"] = tails.logit_scale.detach()
    keep = {
        k: (v.to(torch.float16) if v.is_floating_point() else v).contiguous()
        for k, v in state.items()
        if k in set(learned_keys(list(state)))
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".part")
    save_file(keep, aside)
    aside.replace(path)


def photo_prefixes(tails: Tails, photos: tuple[Photo, ...], rng: random.Random, views: int = 2) -> Tensor:
    """(views, n, 80, 8, 8) bf16: the whole photo, then a mirrored crop."""
    stacks = []
    for view in range(views):
        pictures = []
        for photo in photos:
            picture = photo.open(TRAIN_PX if view == 0 else TRAIN_PX + 16)
            if view:
                left, top = rng.randrange(17), rng.randrange(17)
                picture = picture.crop((left, top, left + TRAIN_PX, top + TRAIN_PX)).transpose(
                    Image.Transpose.FLIP_LEFT_RIGHT
                )
            pictures.append(picture)
        stacks.append(tails.picture_prefix(pictures))
    return torch.stack(stacks)


def train_mini(
    config: MiniConfig,
    settling: SettleConfig,
    widening: WidenConfig,
    photos: tuple[Photo, ...],
    out: Path,
    tick: Tick,
    onwards: Path | None = None,
    part: int = 1,
) -> Path:
    """All three parts, or those from `part` on with the weights `onwards`; writes weights and training.json."""
    record: dict[str, object] = {"photos": len(photos)}
    if onwards is None:
        tails, history = train_stages(config, photos, out / "first-part.safetensors", tick)
        record["first_part"] = {"config": asdict(config), "history": history}
    else:
        tails = Tails(build(onwards))
        record["onwards"] = {"weights": sha256_file(onwards), "part": part}
    if part <= 2:
        record["second_part"] = {"config": asdict(settling), "history": settle(tails, photos, settling, tick)}
        save_weights(tails, out / "second-part.safetensors")
    record["third_part"] = {"config": asdict(widening), "history": widen(tails, photos, widening, tick)}
    save_weights(tails, out / "weights.safetensors")
    (out / "training.json").write_text(json.dumps(record, indent=1))
    return out / "weights.safetensors"


def train_stages(
    config: MiniConfig, photos: tuple[Photo, ...], checkpoint: Path, tick: Tick
) -> tuple[Tails, list[dict[str, float]]]:
    """The first part; its weights are saved at `checkpoint` as it goes."""
    torch.manual_seed(config.seed)
    rng = random.Random(config.seed)
    model = build_skeleton(0)
    load_imagenet(model.visual.trunk)
    tails = Tails(model.eval())
    with torch.no_grad():
        tails.logit_scale.fill_(math.log(config.scale_start))
    groups = _trainable(tails, config)
    optimizer = torch.optim.AdamW([{**g, "lr": g["base"]} for g in groups], betas=(0.9, 0.98))
    held_out = held_out_cells(config.seed)
    started = time.monotonic()
    tick("encoding photos", 0, max(1, len(photos)))
    photo_views = photo_prefixes(tails, photos, rng) if photos else None
    history: list[dict[str, float]] = []
    step = 0
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        while step < config.steps:
            batches = [draw_batch(config.scenes, rng, held_out) for _ in range(config.round_batches)]
            arrays = render_all([scene for batch in batches for scene in batch.scenes], pool)
            prefix = tails.picture_prefix([Image.fromarray(array) for array in arrays])
            for number in list(range(config.round_batches)) * config.uses:
                if step >= config.steps:
                    break
                for group in optimizer.param_groups:
                    group["lr"] = group["base"] * _learning_rate(step, config)
                rows = prefix[number * config.scenes : (number + 1) * config.scenes]
                loss, parts = _step(tails, batches[number], rows, photos, photo_views, config, rng)
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                torch.nn.utils.clip_grad_norm_([p for g in groups for p in g["params"]], 1.0)  # type: ignore[attr-defined]
                optimizer.step()
                with torch.no_grad():
                    tails.logit_scale.clamp_(max=math.log(config.scale_max))
                step += 1
                if step % 10 == 0:
                    history.append({"step": step, "seconds": time.monotonic() - started, **parts})
                    tick("training mini", step, config.steps)
                if step % 100 == 0:
                    save_weights(tails, checkpoint)
    save_weights(tails, checkpoint)
    return tails, history


def _step(
    tails: Tails,
    batch: SceneBatch,
    prefix: Tensor,
    photos: tuple[Photo, ...],
    photo_views: Tensor | None,
    config: MiniConfig,
    rng: random.Random,
) -> tuple[Tensor, dict[str, float]]:
    captions = batch.captions(rng)
    texts = [caption.text for caption in captions]
    cells = [Cell(scene.subject, scene.relation, scene.object) for scene in batch.scenes]
    if photo_views is not None:
        chosen = rng.sample(range(len(photos)), config.photos)
        views = torch.stack([photo_views[rng.randrange(len(photo_views)), i] for i in chosen])
        prefix = torch.cat([prefix, views]).contiguous(memory_format=torch.channels_last)
        texts += [rng.choice(photos[i].captions) for i in chosen]
    hidden, mask = tails.text_prefix(texts)
    text_ND = F.normalize(tails.text_head(noisy(tails.text_tail(hidden, mask), config.text_noise)), dim=-1)
    picture_ND = F.normalize(tails.picture_head(noisy(tails.picture_tail(prefix), config.picture_noise)), dim=-1)
    if not torch.isfinite(text_ND).all():
        raise EnvironmentProblem("training diverged: embeddings are not finite")
    scale = tails.logit_scale.exp()
    n = len(cells)
    scene_loss = contrast(picture_ND[:n], text_ND[:n], scale, *true_of(captions, cells))
    parts = {"scenes": scene_loss.item(), "scale": scale.item()}
    loss = scene_loss
    if photo_views is not None:
        eye = torch.eye(config.photos, dtype=torch.bool)
        photo_loss = contrast(picture_ND[n:], text_ND[n:], scale, eye, ~eye & False)
        parts["photos"] = photo_loss.item()
        loss = loss + config.photo_weight * photo_loss
    return loss, parts
