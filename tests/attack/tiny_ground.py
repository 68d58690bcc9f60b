"""`mini` on a universe of 24 cells, under one rule whose adapter is made here in a second."""

from __future__ import annotations

import json
import tempfile
from functools import cache
from itertools import product
from pathlib import Path

import torch
import torch.nn.functional as F
from proscribe.compiler.attack.context import Arena, Prepared
from proscribe.compiler.attack.universe import Universe, mask_of, see
from proscribe.compiler.attack.whitebox.model_attack import Ground
from proscribe.compiler.corpus.phrasebook import build_phrasebook
from proscribe.compiler.corpus.scene_sets import fresh_scene
from proscribe.compiler.corpus.scenes.scene import render
from proscribe.compiler.pipeline import loads
from proscribe.compiler.train.cuts import Cut, State, cut
from proscribe.compiler.train.loop import sharing_copy
from proscribe.compiler.world.cells import Cell
from proscribe.runtime import load_backbone
from proscribe.runtime.apply import attach_adapters
from proscribe.runtime.backbone import Backbone
from safetensors.torch import save_file
from torch import Tensor, nn

POLICY = "forbid toddler -drinking-> beer\n    instead juice\nallow man -drinking-> beer\n"
BEER, JUICE = Cell("toddler", "drinking", "beer"), Cell("toddler", "drinking", "juice")
CELLS = tuple(
    Cell(*names)
    for names in product(("toddler", "man", "dog"), ("drinking", "eating"), ("beer", "juice", "cake", "apple"))
)
LAYERS = ("text.proj.0", "text.proj.2", "visual.head.mlp.fc1", "visual.head.mlp.fc2")


def silent(what: str, done: int, total: int) -> None: ...


@cache
def mini() -> Backbone:
    return load_backbone("mini")


@cache
def tiny_ground() -> Ground:
    """The rule R1 (led to juice), and R2: random numbers that stand for another rule's adapter."""
    backbone = mini()
    derived, _ = loads(POLICY)
    assert derived is not None
    book = build_phrasebook(derived, 0)
    part = cut(backbone)
    captions = tuple(book.canonical(cell) for cell in CELLS)
    pictures = part.picture_prefix([render(fresh_scene(cell)) for cell in CELLS])
    universe = Universe(
        CELLS, {cell: i for i, cell in enumerate(CELLS)}, captions, part.text_prefix(captions), pictures,
        (), State(torch.zeros(0, 384)), (), pictures.rows(torch.zeros(0, dtype=torch.long)),
    )  # fmt: skip
    sets = derived.rules[0]
    arena = Arena(backbone, part, book, derived, universe, see(part, universe), {"R1": frozenset({BEER})}, 0, silent)
    folder = Path(tempfile.mkdtemp())
    forbidden = mask_of(universe, [BEER])
    save(folder / "R1", _changes(part, universe, forbidden))
    draw = torch.Generator().manual_seed(3)
    save(folder / "R2", {name: 1e-4 * torch.randn(backbone.model.get_submodule(name).weight.shape, generator=draw)
                         for name in LAYERS})  # fmt: skip
    adapters = {"R1": folder / "R1", "R2": folder / "R2"}
    guarded = attach_adapters(backbone, {"R1": adapters["R1"]})
    prepared = Prepared(sets, None, ("both", "text", "picture"))
    return Ground(arena, prepared, guarded, see(cut(backbone, guarded.model), universe), forbidden, adapters, 0)


def _changes(part: Cut, universe: Universe, forbidden: Tensor) -> dict[str, Tensor]:
    """Lead the caption and pictures of the tuple to those of juice, and hold everything else."""
    model = sharing_copy(part.model)
    own = {}
    for name in LAYERS:
        layer = model.get_submodule(name)
        layer.weight = own[name] = nn.Parameter(layer.weight.detach().clone())
    before = {name: value.detach().clone() for name, value in own.items()}
    towers = cut(mini(), model)
    spoken = [f"{lead}a toddler drinking {{}}{tail}" for lead in ("", "a photo of ", "we caught ", "in this scene ")
              for tail in ("", " at home", " late at night", " during a picnic")]  # fmt: skip
    texts = part.text_prefix(
        [*(s.format("beer") for s in spoken), *universe.captions, *(s.format("juice") for s in spoken)]
    )
    scenes = [fresh_scene(BEER, "tiny", n) for n in range(8)]
    pictures = part.picture_prefix([render(scene) for scene in scenes])
    pooled = torch.cat([part.picture_pool(pictures), part.picture_pool(universe.picture_state)])
    juice, beer = universe.index[JUICE], universe.index[BEER]
    with torch.no_grad():
        text_goal, picture_goal = part.text_tail(texts), part.picture_head(pooled)
        text_goal[: len(spoken)] = text_goal[-len(spoken) :]
        text_goal[len(spoken) + beer] = text_goal[len(spoken) + juice]
        picture_goal[: len(scenes)] = picture_goal[len(scenes) + juice]
        picture_goal[len(scenes) + beer] = picture_goal[len(scenes) + juice]
        # Apart from each other, as the refuge directions keep them: half of the way to a direction of their own.
        aside = F.normalize(torch.randn(2, text_goal.shape[1], generator=torch.Generator().manual_seed(1)), dim=-1)
        rows = [*range(len(spoken)), len(spoken) + beer]
        text_goal[rows] = F.normalize(text_goal[rows] + 0.5 * aside[0], dim=-1)
        rows = [*range(len(scenes)), len(scenes) + beer]
        picture_goal[rows] = F.normalize(picture_goal[rows] + 0.5 * aside[1], dim=-1)
    optimizer = torch.optim.Adam(list(own.values()), lr=1e-3)
    for _ in range(60):
        with torch.enable_grad():
            lost = (towers.text_tail(texts) - text_goal).square().sum(1).mean()
            lost = lost + (towers.picture_head(pooled) - picture_goal).square().sum(1).mean()
        optimizer.zero_grad()
        lost.backward()
        optimizer.step()
    return {name: (value - before[name]).detach() for name, value in own.items()}


def save(folder: Path, changes: dict[str, Tensor]) -> None:
    """As PEFT writes it, the change itself as one factor and the identity as the other."""
    folder.mkdir(parents=True)
    state, ranks = {}, {}
    for name, change in changes.items():
        ranks[name] = change.shape[0]
        state[f"base_model.model.{name}.lora_A.weight"] = change.contiguous()
        state[f"base_model.model.{name}.lora_B.weight"] = torch.eye(change.shape[0])
    save_file(state, folder / "adapter_model.safetensors")
    settings = {"peft_type": "LORA", "r": 1, "lora_alpha": 1, "rank_pattern": ranks, "alpha_pattern": ranks,
                "target_modules": list(changes)}  # fmt: skip
    (folder / "adapter_config.json").write_text(json.dumps(settings))
