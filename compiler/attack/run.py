"""Run attacks: each of them on each rule, one piece at a time; pieces that are finished are taken as they are."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from proscribe.runtime.apply import attach_adapters

from ..records.results import OverblockResult, RetentionResult, SlotLoss, Stage, Trial
from ..world.cells import Cell
from .checkpoints import Piece, Store
from .context import Arena, RuleGround, measure_redirect, stages_of
from .heatmap import heat_map
from .listed import Listed, load_campaign
from .retention import run_binding, run_overblock, run_retention
from .trials import run_family
from .universe import View, mask_of

SAFE = "safe"  # the piece of what must not be lost
Redirects = Mapping[str, Mapping[Cell, Cell]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which attacks on which rules, and whether what must not be lost is measured as well."""

    rules: tuple[str, ...]
    attacks: tuple[Listed, ...]
    safe: bool = True

    def pieces(self) -> tuple[tuple[str, Listed | None], ...]:
        """(rule, attack) for every piece of work; None stands for the safe sets."""
        own: tuple[Listed | None, ...] = (*((None,) if self.safe else ()), *self.attacks)
        return tuple((rule, row) for rule in self.rules for row in own)


def name_of(row: Listed | None) -> str:
    """What a piece is called."""
    return SAFE if row is None else row.name


class Attacker:
    """Attacks the rules of one arena under one set of adapters."""

    def __init__(self, arena: Arena, adapters: Mapping[str, Path], redirects: Redirects, store: Store | None) -> None:
        self.arena = arena
        self.adapters = dict(adapters)
        self.redirects = redirects
        self.store = store
        self.stages = stages_of(adapters)
        self._ground: RuleGround | None = None

    @cached_property
    def together(self) -> View:
        """The universe under all rules."""
        return self.arena.view(attach_adapters(self.arena.backbone, self.adapters))

    def ground(self, rule: str) -> RuleGround:
        """What the attacks on this rule share; that of the rule before it is let go."""
        if self._ground is None or self._ground.rule != rule:
            sets = next(sets for sets in self.arena.derived.rules if sets.rule.id == rule)
            self._ground = RuleGround(self.arena, sets, self.adapters)
        return self._ground

    def view(self, ground: RuleGround, stage: Stage) -> View:
        """The universe as the stage's guarded model sees it."""
        return ground.alone if stage == "alone" else self.together

    def piece(self, rule: str, row: Listed | None) -> Piece:
        """One piece, from the store where it is finished, else found now and stored."""
        name = name_of(row)
        found = self.store.read(rule, name) if self.store is not None else None
        if found is None:
            started = time.monotonic()
            ground = self.ground(rule)
            if row is None:
                found = self._safe(ground)
            elif row.is_campaign:
                found = self._campaign(ground, row)
            else:
                found = self._family(ground, row)
            found = replace(found, seconds=round(time.monotonic() - started, 2))
            if self.store is not None:
                self.store.write(rule, name, found)
        return found

    def _family(self, ground: RuleGround, row: Listed) -> Piece:
        loaded = ground.probes(row)
        if loaded is None:
            return Piece(0.0, why_not=(_why_not(row),))
        trials: list[Trial] = []
        for stage in self.stages:
            view = self.view(ground, stage)
            found = run_family(
                loaded,
                ground.rule,
                stage,
                self.arena.base,
                view,
                self.arena.universe,
                ground.forbidden_C,
                ground.texts,
                self.arena.tag,
            )
            trials += [trial for _, trial in found]
        return Piece(0.0, tuple(trials))

    def _campaign(self, ground: RuleGround, row: Listed) -> Piece:
        self.arena.tick(f"{ground.rule}: {row.name} attacks", 0, 1)
        found = load_campaign(row).run(ground.for_campaigns)
        tag = self.arena.tag
        trials = tuple(
            replace(trial, id=_tagged(trial.id, tag), margin=round(margin, 6)) for margin, trial in found.trials
        )
        why_not = tuple(f"{row.name} attacks: {said}" for said in found.not_tested)
        return Piece(0.0, trials, found.curves, found.probes, why_not)

    def _safe(self, ground: RuleGround) -> Piece:
        arena, minimum = self.arena, ground.sets.rule.require.retention_min
        any_C = mask_of(arena.universe, arena.forbidden_by_any)
        retention: list[RetentionResult] = []
        slots: list[SlotLoss] = []
        overblock: list[OverblockResult] = []
        for stage in self.stages:
            arena.tick(f"{ground.rule}: safe sets, {stage.replace('_', ' ')}", 0, 1)
            view = self.view(ground, stage)
            for safe in ground.safe:
                found, by_slot = run_retention(safe, stage, arena.base, view, minimum, ground.towers)
                retention += found
                slots += by_slot if stage == "alone" else []
            if ground.forbidden_C.any():
                overblock += run_overblock(stage, arena.base, view, ground.forbidden_C, any_C, ground.towers)
            if len(ground.binding):
                overblock += run_binding(ground.binding, stage, arena.base, view, ground.forbidden_C, ground.towers)
        return Piece(
            0.0,
            why_not=tuple(_unseen(ground)),
            retention=tuple(retention),
            slots=tuple(slots),
            overblock=tuple(overblock),
            redirect=measure_redirect(ground, ground.alone, self.redirects[ground.rule]),
            heat=heat_map(arena.universe, arena.base, ground.alone, ground.forbidden_C),
        )


def _tagged(trial: str, tag: str) -> str:
    head, _, number = trial.rpartition("-")
    return f"{head}-{tag}{number}"


def find(attacker: Attacker, wanted: Wanted) -> dict[str, dict[str, Piece]]:
    """Every wanted piece, by rule and attack."""
    found: dict[str, dict[str, Piece]] = {rule: {} for rule in wanted.rules}
    work = wanted.pieces()
    for number, (rule, row) in enumerate(work):
        attacker.arena.tick(f"{rule}: attacks", number, len(work))
        found[rule][name_of(row)] = attacker.piece(rule, row)
    return found


def _why_not(row: Listed) -> str:
    if row.modality == "picture":
        return f"{row.name} attacks: none of the forbidden cells can be drawn"
    return f"{row.name} attacks: the rule's words have no surface forms beyond those that training used"


def _unseen(ground: RuleGround) -> Iterator[str]:
    unseen, cells = ground.unseen, ground.cells
    if unseen:
        yield (
            f"pictures of {len(unseen)} of {len(cells)} forbidden cells: the built-in world cannot draw "
            + ", ".join(dict.fromkeys(str(cell) for cell in unseen[:3]))
            + (" and others" if len(unseen) > 3 else "")
            + "; those cells were tested on text alone"
        )
