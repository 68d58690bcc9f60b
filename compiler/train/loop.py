"""Train one rule's LoRA adapter (PEFT) in both towers; the same seed gives the same bytes on one machine."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from proscribe.runtime.backbone import Backbone
from safetensors.torch import save_file
from torch import Tensor, nn

from .cuts import Cut, State, cut, join
from .data import Tick, TowerData
from .objective import redirect_and_keep
from .settings import TrainSettings


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


def train_rule(
    backbone: Backbone,
    text: TowerData,
    picture: TowerData | None,
    settings: TrainSettings,
    seed: int,
    tick: Tick,
    folder: Path,
) -> Trained:
    """Train and write `folder`/adapter_config.json and adapter_model.safetensors."""
    started = time.monotonic()
    torch.manual_seed(seed)
    model = sharing_copy(backbone.model)
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    base_cut = cut(backbone, model)
    config = lora_config(base_cut, settings, picture is not None)
    wrapped = get_peft_model(model, config)
    wrapped.eval()
    part = cut(backbone, wrapped.base_model.model)
    history: list[dict[str, float]] = []
    towers: list[tuple[str, TowerData, Callable[[State], Tensor], int, int, int]] = [
        ("text", text, part.text_tail, settings.text_steps, settings.text_forget_batch, settings.text_keep_batch)
    ]
    if picture is not None:
        towers.append(
            (
                "picture",
                picture,
                part.picture_tail,
                settings.picture_steps,
                settings.picture_forget_batch,
                settings.picture_keep_batch,
            )
        )
    for number, (name, data, tail, steps, forget_batch, keep_batch) in enumerate(towers):
        mine = [
            p
            for n, p in wrapped.named_parameters()
            if "lora_" in n and ("visual." in n) == (name == "picture")
        ]
        history += _train_tower(
            name, data, tail, mine, settings, steps, forget_batch, keep_batch, seed + number, tick
        )
    state = {
        k: v.detach().to(torch.float16).contiguous() for k, v in get_peft_model_state_dict(wrapped).items()
    }
    folder.mkdir(parents=True, exist_ok=True)
    save_file(state, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    config.base_model_name_or_path = f"proscribe:{backbone.name}@{backbone.fingerprint}"
    config.inference_mode = True
    config.save_pretrained(str(folder))
    record = {
        "seconds": round(time.monotonic() - started, 1),
        "steps": sum(tower[3] for tower in towers),
        "seed": seed,
        "parameters": sum(v.numel() for v in state.values()),
        "towers": [tower[0] for tower in towers],
        "history": history,
    }
    return Trained(state, record)


def _train_tower(
    name: str,
    data: TowerData,
    tail: Callable[[State], Tensor],
    parameters: list[nn.Parameter],
    settings: TrainSettings,
    steps: int,
    forget_batch: int,
    keep_batch: int,
    seed: int,
    tick: Tick,
) -> list[dict[str, float]]:
    draw = torch.Generator().manual_seed(seed)
    for parameter in parameters:
        parameter.requires_grad_(True)
    optimizer = torch.optim.AdamW(parameters, lr=settings.learning_rate, weight_decay=0.0, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.learning_rate, total_steps=steps, pct_start=0.15
    )
    history = []
    for step in range(1, steps + 1):
        f = torch.randint(len(data.forget), (forget_batch,), generator=draw)
        k = torch.randint(len(data.keep), (keep_batch,), generator=draw)
        batch = join([data.forget.rows(f), data.keep.rows(k)])
        with torch.autocast("cpu", torch.bfloat16):
            out = tail(batch)
        loss = redirect_and_keep(
            out[:forget_batch], data.target_ND[f], out[forget_batch:], data.base_ND[k], settings
        )
        optimizer.zero_grad(set_to_none=True)
        loss.total.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        schedule.step()
        if step % 10 == 0 or step == steps:
            history.append(
                {
                    "step": step,
                    f"{name}_forget": round(loss.forget.item(), 5),
                    f"{name}_keep": round(loss.keep.item(), 5),
                    f"{name}_hard": round(loss.hard.item(), 5),
                }
            )
            tick(f"training the {name} tower", step, steps)
    for parameter in parameters:
        parameter.requires_grad_(False)
    return history
