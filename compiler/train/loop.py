"""Train one rule's LoRA adapter (PEFT) in both towers; the same seed gives the same bytes on one machine."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from proscribe.runtime.backbone import Backbone
from proscribe.runtime.precision import fast_autocast
from safetensors.torch import save_file
from torch import Tensor, nn

from .composition import Companion, Held, Weights, draw_companions, draw_items
from .cuts import Cut, State, cut, embed, join
from .data import Tick, TowerData
from .methods.redirect.boundary_points import Edge
from .methods.redirect.candidates import rivals
from .methods.redirect.objective import redirect_and_keep
from .settings import TrainSettings

if TYPE_CHECKING:
    from peft import LoraConfig


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training leaves: the adapter's tensors (fp16) and a record for the report."""

    state: dict[str, Tensor]
    record: dict[str, Any]


def sharing_copy(model: nn.Module) -> nn.Module:
    """A copy of the module tree that shares every parameter and buffer with the original."""
    memo: dict[int, Any] = {id(p): p for p in model.parameters()} | {id(b): b for b in model.buffers()}
    return copy.deepcopy(model, memo)


def lora_config(part: Cut, settings: TrainSettings, pictures: bool) -> LoraConfig:
    """PEFT's settings: full module names as targets, the text rank unless a picture module says otherwise."""
    from peft import LoraConfig

    targets = [*part.text_targets, *(part.picture_targets if pictures else ())]
    ranks = {} if not pictures else dict.fromkeys(part.picture_targets, settings.picture_rank)
    return LoraConfig(
        r=settings.text_rank,
        lora_alpha=settings.text_rank,
        rank_pattern=ranks,
        alpha_pattern=dict(ranks),
        target_modules=targets,
        lora_dropout=0.0,
        bias="none",
    )


@dataclass(frozen=True, slots=True)
class Tower:
    """One tower in training: its data, its two halves (with adapters, and the base's), and how long it trains."""

    name: str
    data: TowerData
    pool: Callable[[State], Tensor]
    head: Callable[[Tensor], Tensor]
    base_pool: Callable[[State], Tensor]
    base_head: Callable[[Tensor], Tensor]
    noise: float
    steps: int
    forget_batch: int
    keep_batch: int


def train_rule(
    backbone: Backbone,
    text: TowerData,
    picture: TowerData | None,
    settings: TrainSettings,
    seed: int,
    tick: Tick,
    folder: Path,
    beside: Sequence[Companion] = (),
) -> Trained:
    """Train beside finished companions; write `folder`/adapter_config.json and adapter_model.safetensors."""
    # Here, so that a compile that finds nothing to train does not load it.
    from peft import get_peft_model, get_peft_model_state_dict

    started = time.monotonic()
    torch.manual_seed(seed)
    model = sharing_copy(backbone.model)
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    base = cut(backbone)
    config = lora_config(cut(backbone, model), settings, picture is not None)
    wrapped = get_peft_model(model, config)
    wrapped.eval()
    part = cut(backbone, wrapped.base_model.model)
    layers = {
        name.removeprefix("base_model.model.").removesuffix(".base_layer"): module
        for name, module in wrapped.named_modules()
        if name.endswith(".base_layer")
    }
    towers = [
        Tower(
            "text", text, part.text_pool, part.text_head, base.text_pool, base.text_head, base.text_noise,
            settings.text_steps, settings.text_forget_batch, settings.text_keep_batch,
        )
    ]  # fmt: skip
    if picture is not None:
        towers.append(
            Tower(
                "picture", picture, part.picture_pool, part.picture_head, base.picture_pool, base.picture_head,
                base.picture_noise, settings.picture_steps, settings.picture_forget_batch, settings.picture_keep_batch,
            )
        )  # fmt: skip
    history: list[dict[str, float]] = []
    for number, tower in enumerate(towers):
        # Only its own layers are switched: it is done at every step.
        own = {name: layer for name, layer in layers.items() if name.startswith("visual.") == (tower.name == "picture")}
        weights = Weights(own, beside)
        mine = [
            p for n, p in wrapped.named_parameters() if "lora_" in n and ("visual." in n) == (tower.name == "picture")
        ]
        own_settings = settings.for_pictures() if tower.name == "picture" else settings
        history += _train_tower(tower, mine, own_settings, weights, beside, seed + number, tick)
    state = {k: v.detach().to(torch.float16).contiguous() for k, v in get_peft_model_state_dict(wrapped).items()}
    folder.mkdir(parents=True, exist_ok=True)
    save_file(state, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    config.base_model_name_or_path = f"proscribe:{backbone.name}@{backbone.fingerprint}"
    config.inference_mode = True
    config.save_pretrained(str(folder))
    record = {
        "seconds": round(time.monotonic() - started, 1),
        "steps": sum(tower.steps for tower in towers),
        "seed": seed,
        "parameters": sum(v.numel() for v in state.values()),
        "towers": [tower.name for tower in towers],
        "trained_beside": [companion.rule for companion in beside],
        "history": history,
    }
    return Trained(state, record)


def _train_tower(
    tower: Tower,
    parameters: list[nn.Parameter],
    settings: TrainSettings,
    weights: Weights,
    beside: Sequence[Companion],
    seed: int,
    tick: Tick,
) -> list[dict[str, float]]:
    draw = torch.Generator().manual_seed(seed)
    for parameter in parameters:
        parameter.requires_grad_(True)
    optimizer = torch.optim.AdamW(parameters, lr=settings.learning_rate, weight_decay=0.0, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.learning_rate, total_steps=tower.steps, pct_start=0.15
    )
    data = tower.data
    pooled_NW = embed(tower.base_pool, data.keep)
    spread = pooled_NW.std()
    with torch.no_grad():
        rival_NK = rivals(tower.base_head(pooled_NW), data.choices, settings.rivals)
    known = [
        Held(
            number,
            other.items[tower.name],
            other.choices[tower.name],
            embed(tower.base_pool, other.items[tower.name].state),
        )
        for number, other in enumerate(beside)
        if tower.name in other.items
    ]
    # While a companion is on, what it forbids is led away by it and cannot be held.
    led_away = torch.tensor([[cell in companion.forbidden for cell in data.keep_cells] for companion in beside])
    edge_away = _edge_led_away(data, beside)
    history = []
    for step in range(1, tower.steps + 1):
        f = torch.randint(len(data.forget.state), (tower.forget_batch,), generator=draw)
        k = torch.randint(len(data.keep), (tower.keep_batch,), generator=draw)
        on = draw_companions(len(beside), draw)
        weights.switch(on)
        if on:
            k = k[~led_away[list(on)][:, k].any(0)]
        others = draw_items(known, on, settings.companion_batch, draw)
        inside, outside = _edge_items(data.edge, edge_away, on, settings.edge_batch, draw)
        led, led_targets = [data.forget.state.rows(f)], [data.forget.target_ND[f]]
        if inside is not None and data.edge is not None:
            led.append(data.edge.inside.state.rows(inside))
            led_targets.append(data.edge.inside.target_ND[inside])
        n = sum(map(len, led))
        sizes = [len(other.state) for other in others]
        end = n + len(k) + sum(sizes)
        batch = join([*led, data.keep.rows(k), *(other.state for other in others), *outside])
        with fast_autocast():
            pooled = tower.pool(batch).float()
            # The base's own training noise: what the base takes for the tuple lies in a ball, not at a few points.
            noise = tower.noise * spread * torch.randn(pooled.shape, generator=draw)
            noise[::4] = 0.0
            # Points at the edge stay there.
            noise[len(f) : n] = 0.0
            noise[end:] = 0.0
            out = tower.head(pooled + noise)
        with torch.no_grad():
            held = tower.base_head(pooled_NW[k] + noise[n : n + len(k)])
            held_outside = [tower.base_head(state.hidden) for state in outside]
            beside_targets = [
                other.target_ND if other.choices else tower.base_head(other.pooled_NW + theirs)
                for other, theirs in zip(others, torch.split(noise[n + len(k) : end], sizes), strict=True)
            ]
        keep_targets = torch.cat([held, *beside_targets, *held_outside])
        rows = zip(others, torch.split(out[n + len(k) : end], sizes), strict=True)
        led_beside = [(theirs, other.choices) for other, theirs in rows if other.choices]
        rival_NKD = data.choices.choice_CD[rival_NK[k]]
        loss = redirect_and_keep(
            out[:n], torch.cat(led_targets), out[n:], keep_targets, data.choices, rival_NKD, settings, led_beside
        )
        optimizer.zero_grad(set_to_none=True)
        loss.total.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        schedule.step()
        if step % 10 == 0 or step == tower.steps:
            history.append(
                {
                    "step": step,
                    f"{tower.name}_forget": round(loss.forget.item(), 5),
                    f"{tower.name}_keep": round(loss.keep.item(), 5),
                    f"{tower.name}_hard": round(loss.hard.item(), 5),
                    f"{tower.name}_picks": round(loss.picks.item(), 5),
                    f"{tower.name}_scores": round(loss.scores.item() ** 0.5, 5),
                }
            )
            tick(f"training the {tower.name} tower", step, tower.steps)
    for parameter in parameters:
        parameter.requires_grad_(False)
    return history


def _edge_led_away(data: TowerData, beside: Sequence[Companion]) -> Tensor:
    """(companions, n) bool: what the base takes an outside point for is forbidden by that companion."""
    if data.edge is None:
        return torch.zeros(len(beside), 0, dtype=torch.bool)
    picked = [data.choices.cells[int(i)] for i in data.edge.outside_picks]
    return torch.tensor([[cell in companion.forbidden for cell in picked] for companion in beside])


def _edge_items(
    edge: Edge | None, away: Tensor, on: tuple[int, ...], count: int, draw: torch.Generator
) -> tuple[Tensor | None, list[State]]:
    """Rows of the inside, and points of the outside without those that a companion which is on leads away."""
    if edge is None or not len(edge.inside.state):
        return None, []
    rows = torch.randint(len(edge.inside.state), (count,), generator=draw)
    held = torch.randint(len(edge.outside), (count,), generator=draw)
    if on:
        held = held[~away[list(on)][:, held].any(0)]
    return rows, [edge.outside.rows(held)] if len(held) else []
