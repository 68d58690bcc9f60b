"""Each adapted layer given back to the base, one at a time."""

from __future__ import annotations

from dataclasses import dataclass

from ...records.results import Curve, Kind, Series, Trial
from .model_attack import Again, Findings, Ground, Lost
from .support.probe_set import PROBES, again_on, bench_of, bench_trials, breach_at, of_view, open_bench, read_tail
from .support.trial_records import left_out, point
from .support.weight_edits import model_with, own_adapter, without


@dataclass(frozen=True, slots=True)
class Layers:
    """Each adapted layer given back to the base, one at a time."""

    name: str = "layers"
    kind: Kind = "model"
    gates: bool = False
    probes: int = PROBES

    def expected_seconds(self, cells: int, pictured: bool) -> float:
        """A run for each adapted layer."""
        return 3.0 if pictured else 0.0

    def run(self, ground: Ground) -> Findings:
        """Trials a layer, its name as the variant; a curve over the layer's number."""
        missing = left_out(ground, "single layers removed")
        bench = open_bench(ground, self.name, self.probes)
        if bench is None:
            return Findings(not_tested=missing)
        adapter = own_adapter(ground)
        readings = {}
        for number, name in enumerate(adapter.layers):
            ground.arena.tick("without one layer", number, len(adapter.layers))
            readings[f"without {name}"] = read_tail(ground, bench, model_with(ground, without(adapter, name)))
        points = tuple(
            point(*breach_at(ground, bench, number, reading)) for number, reading in enumerate(readings.values(), 1)
        )
        worst = max(range(len(points)), key=lambda i: points[i].rate)
        sentence = (
            f"Worst without {list(adapter.layers)[worst]}: {points[worst].rate:.0%} get through "
            f"(with all {len(points)} layers "
            f"{point(*breach_at(ground, bench, 0, of_view(bench, ground.view))).rate:.0%}). "
            f"Layers by number: {', '.join(f'{n} {name}' for n, name in enumerate(adapter.layers, 1))}."
        )
        curve = Curve(self.name, "One layer of the adapter removed", "layer, by number", "breach rate", False,
                      (Series("guarded", points),), sentence)  # fmt: skip
        return Findings(tuple(bench_trials(ground, self.name, bench, readings)), (curve,), not_tested=missing)

    def again(self, ground: Ground, trial: Trial) -> Again:
        """The trial without its layer."""
        adapter = own_adapter(ground)
        name = trial.variant.removeprefix("without ")
        if name not in adapter.layers:
            raise Lost(f"the adapter changes no layer {name!r}")
        bench = bench_of(ground, self.name, self.probes)
        reading = read_tail(ground, bench, model_with(ground, without(adapter, name)))
        return again_on(ground, bench, trial, reading, f"the adapter {trial.variant}")
