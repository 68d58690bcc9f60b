"""The merged model's weights rounded as deployments round them: int8 per channel, float16, bfloat16."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from ...records.results import Kind, Trial
from ..trials import TOWERS
from .model_attack import Again, Findings, Ground, Lost
from .support.probe_set import PROBES, again_on, bench_of, bench_trials, open_bench, read_whole
from .support.trial_records import left_out
from .support.weight_edits import int8, rounded_to, with_rounded_everything, with_rounded_layers

FORMATS = ("int8", "fp16", "bf16")


@dataclass(frozen=True, slots=True)
class Quantised:
    """The merged model's weights as int8 (per channel), float16 and bfloat16: this is how it is deployed."""

    name: str = "quantised"
    kind: Kind = "model"
    gates: bool = True
    probes: int = PROBES

    def expected_seconds(self, cells: int, pictured: bool) -> float:
        """Three models encode some hundreds of sentences and pictures from the beginning."""
        return 24.0 if pictured else 0.0

    def run(self, ground: Ground) -> Findings:
        """Trials a format and tower setting, the format as the variant."""
        missing = (
            *left_out(ground, "quantised weights"),
            "quantisation of activations, and arithmetic in float16: weights are rounded, sums stay in float32",
        )
        bench = open_bench(ground, self.name, self.probes)
        if bench is None:
            return Findings(not_tested=missing)
        readings = {}
        for name in FORMATS:
            ground.arena.tick(f"weights in {name}", 0, 1)
            readings[name] = read_whole(ground, bench, _rounded(ground.guarded.model, name))
        return Findings(tuple(bench_trials(ground, self.name, bench, readings, TOWERS)), not_tested=missing)

    def again(self, ground: Ground, trial: Trial) -> Again:
        """The trial under weights of its format."""
        if trial.variant not in FORMATS:
            raise Lost(f"this version rounds no weights to {trial.variant!r}")
        bench = bench_of(ground, self.name, self.probes)
        reading = read_whole(ground, bench, _rounded(ground.guarded.model, trial.variant))
        return again_on(ground, bench, trial, reading, f"weights in {trial.variant}")


def _rounded(model: nn.Module, name: str) -> nn.Module:
    if name == "int8":
        return with_rounded_layers(model, int8)
    return with_rounded_everything(model, rounded_to(torch.half if name == "fp16" else torch.bfloat16))
