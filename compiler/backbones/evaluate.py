"""How well a backbone knows the built-in world, and photos: the numbers of its card. Only fresh pictures and words."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from proscribe.runtime.backbone import Backbone
from torch import Tensor

from ..corpus.captions import sample_caption, world_cells
from ..corpus.scene_sets import damaged_scene, fresh_scene, styled_scene
from ..corpus.scenes.scene import ATTACK_CORRUPTIONS, ATTACK_STYLES, Scene, render
from ..world.cells import Cell
from ..world.lexicon import word
from .data import held_out_cells
from .photos import load_photos

Tick = Callable[[str, int, int], None]


def canonical(cell: Cell) -> str:
    """The plainest caption of a world cell."""
    words = (word("subject", cell.subject), word("relation", cell.relation), word("object", cell.object))
    return " ".join(entry.canonical for entry in words if entry is not None)


def _pictures(backbone: Backbone, scenes: Sequence[Scene], tick: Tick, what: str) -> Tensor:
    parts = []
    for start in range(0, len(scenes), 128):
        parts.append(backbone.encode_image([render(scene) for scene in scenes[start : start + 128]]))
        tick(what, min(start + 128, len(scenes)), len(scenes))
    return torch.cat(parts)


def _top1(query_ND: Tensor, candidates_CD: Tensor, wanted: Sequence[int]) -> float:
    return float(((query_ND @ candidates_CD.T).argmax(1) == torch.tensor(wanted)).float().mean())


def evaluate(backbone: Backbone, photos: Path | None, tick: Tick, seed: int = 0, count: int = 1600) -> dict[str, float]:
    """Top-1 rates in 0..1 over the whole world of cells, by name; Flickr8k dev R@1, 5, 10 where the photos are."""
    cells = world_cells()
    rng = random.Random(f"evaluate/{seed}")
    captions_CD = backbone.encode_text([canonical(cell) for cell in cells])
    gallery_CD = _pictures(backbone, [fresh_scene(cell) for cell in cells], tick, "fresh pictures")
    everything = list(range(len(cells)))
    held_out = held_out_cells(seed)
    hidden = [i for i, cell in enumerate(cells) if cell in held_out]
    found = {
        "cells": float(len(cells)),
        "fresh_pictures": _top1(gallery_CD, captions_CD, everything),
        "plain_captions": _top1(captions_CD, gallery_CD, everything),
        "held_out_cells_pictures": _top1(gallery_CD[hidden], captions_CD, hidden),
        "held_out_cells_captions": _top1(captions_CD[hidden], gallery_CD, hidden),
    }
    chosen = rng.sample(everything, min(count, len(cells)))
    for name, draw in (("unseen_styles", styled_scene), ("unseen_corruptions", damaged_scene)):
        scenes = [draw(cells[i], "evaluate", seed) for i in chosen]
        encoded = _pictures(backbone, scenes, tick, name.replace("_", " "))
        found[name] = _top1(encoded, captions_CD, chosen)
        kinds = ATTACK_STYLES if draw is styled_scene else ATTACK_CORRUPTIONS
        for kind in kinds:
            rows = [n for n, scene in enumerate(scenes) if kind in (scene.style, scene.corruption)]
            if rows:
                found[f"{name}/{kind}"] = _top1(encoded[rows], captions_CD, [chosen[n] for n in rows])
    for name, forms in (("unseen_contexts_and_forms", "train"), ("unseen_synonyms_contexts_and_forms", "attack")):
        texts = [sample_caption(cells[i], rng, forms=forms, frames="attack").text for i in chosen]  # type: ignore[arg-type]
        found[name] = _top1(backbone.encode_text(texts), gallery_CD, chosen)
    if photos is not None:
        found |= _photo_recall(backbone, photos, tick)
    return found


def _photo_recall(backbone: Backbone, folder: Path, tick: Tick) -> dict[str, float]:
    """Text-to-picture recall on Flickr8k dev, five captions a photo."""
    dev = load_photos(folder, "dev")
    if not dev:
        return {}
    pictures = []
    for start in range(0, len(dev), 128):
        pictures.append(backbone.encode_image([photo.open(160) for photo in dev[start : start + 128]]))
        tick("photos", min(start + 128, len(dev)), len(dev))
    texts = [(caption, i) for i, photo in enumerate(dev) for caption in photo.captions]
    sims = backbone.encode_text([text for text, _ in texts]) @ torch.cat(pictures).T
    wanted = torch.tensor([i for _, i in texts])
    own = sims[torch.arange(len(texts)), wanted]
    rank = (sims > own[:, None]).sum(1)
    return {f"photos_recall_at_{k}": float((rank < k).float().mean()) for k in (1, 5, 10)}
