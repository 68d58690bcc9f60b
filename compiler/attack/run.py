"""Attack every rule of a bundle: alone, then with all rules on; count, judge and write down."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from proscribe.runtime.apply import Guarded, attach_adapters
from proscribe.runtime.backbone import Backbone

from ..corpus.scenes import Scene
from ..corpus.surface import Phrasebook
from ..graph.cells import Cell
from ..graph.derive import Derived, RuleSets
from ..train.cuts import Cut, State, cut, embed
from ..train.data import Shared, Tick, encode_scenes, forbidden_world
from .arena import Universe, View, build_universe, mask_of, see
from .families import FAMILIES
from .family import Family, probes
from .results import (
    OverblockResult,
    RedirectResult,
    RetentionResult,
    RuleAttack,
    SlotLoss,
    Stage,
    Towers,
    Trial,
)
from .retention import SafeSet, prepare_sets, run_overblock, run_retention
from .score import check_cells, count_family, verdict
from .trials import TOWERS, Loaded, TextUniverse, load_family, run_family

TRIALS_A_FAMILY = 280
HARDEST = 10


@dataclass(frozen=True, slots=True)
class Arena:
    """What every rule's attack shares: the base as it sees the universe, and the policy around it."""

    backbone: Backbone
    base_cut: Cut
    book: Phrasebook
    derived: Derived
    universe: Universe
    base: View
    forbidden: dict[str, frozenset[Cell]]
    seed: int
    tick: Tick

    def encode(self, scenes: Sequence[Scene]) -> State:
        """Prefix states of pictures; the prefix is the same under every rule."""
        return encode_scenes(self.base_cut, scenes, self.tick, "encoding attack pictures")

    def view(self, guarded: Guarded) -> View:
        """The universe as a guarded model sees it."""
        return see(cut(self.backbone, guarded.model), self.universe)


def open_arena(backbone: Backbone, derived: Derived, book: Phrasebook, shared: Shared, seed: int, tick: Tick) -> Arena:
    """Encode the universe by the base once."""
    base_cut = cut(backbone)
    universe = build_universe(base_cut, book, shared)
    forbidden = {sets.rule.id: forbidden_world(sets, book) for sets in derived.rules}
    return Arena(backbone, base_cut, book, derived, universe, see(base_cut, universe), forbidden, seed, tick)


@dataclass(frozen=True, slots=True)
class Prepared:
    """One rule's probes and safe sets as prefixes; used for both stages."""

    sets: RuleSets
    loaded: tuple[Loaded, ...]
    safe: tuple[SafeSet, ...]
    texts: TextUniverse | None
    towers: tuple[Towers, ...]
    not_tested: tuple[str, ...]


def prepare(arena: Arena, sets: RuleSets, families: Sequence[Family] = FAMILIES) -> Prepared:
    """Draw the rule's probes from the attack splits and encode what no adapter touches."""
    book, rule = arena.book, sets.rule
    cells = tuple(item.cell for item in sets.forget)
    loaded, missing = [], []
    for family in families:
        found = probes(family, cells, book, TRIALS_A_FAMILY, arena.seed)
        if not found:
            missing.append(_why_not(family))
            continue
        arena.tick(f"{rule.id}: preparing {family.name} attacks", 0, 1)
        loaded.append(load_family(arena.base_cut, family, found, arena.universe, arena.encode))
    unseen = [cell for cell in cells if not book.shown(cell)]
    if unseen:
        missing.append(
            f"pictures of {len(unseen)} of {len(cells)} forbidden cells: the built-in world cannot draw "
            + ", ".join(dict.fromkeys(str(cell) for cell in unseen[:3]))
            + (" and others" if len(unseen) > 3 else "")
            + "; those cells were tested on text alone"
        )
    forbidden_any = frozenset().union(*arena.forbidden.values())
    safe = prepare_sets(arena.base_cut, sets, book, arena.universe, forbidden_any, arena.encode, arena.seed)
    pictured = len(unseen) < len(cells)
    missing.append(
        "character noise, role swaps, negation, other languages, instruction prefixes, typographic overlays, "
        "white-box, relearning and quantisation attacks: not part of this version"
    )
    return Prepared(
        sets,
        tuple(loaded),
        safe,
        _text_universe(arena, sets) if unseen else None,
        TOWERS if pictured else ("text",),
        tuple(missing),
    )


def _why_not(family: Family) -> str:
    if family.modality == "picture":
        return f"{family.name} attacks: none of the forbidden cells can be drawn"
    return f"{family.name} attacks: the rule's words have no surface forms beyond those that training used"


def _text_universe(arena: Arena, sets: RuleSets) -> TextUniverse:
    forget = [item.cell for item in sets.forget]
    others = [item.cell for item in (*sets.neighbours, *sets.allows, *sets.control) if item.changed != "roles"]
    cells = tuple(dict.fromkeys([*forget, *others]))
    captions = [arena.book.canonical(cell) for cell in cells]
    base = embed(arena.base_cut.text_tail, arena.base_cut.text_prefix(captions))
    return TextUniverse(cells, base, torch.tensor([cell in set(forget) for cell in cells]))


@dataclass(frozen=True, slots=True)
class StageResult:
    """One rule in one stage."""

    trials: tuple[tuple[float, Trial], ...]
    retention: tuple[RetentionResult, ...]
    slots: tuple[SlotLoss, ...]
    overblock: tuple[OverblockResult, ...]


def run_stage(arena: Arena, prepared: Prepared, stage: Stage, guarded: View) -> StageResult:
    """All families, retention and over-blocking of one rule under one guarded model."""
    rule = prepared.sets.rule
    forbidden_C = mask_of(arena.universe, arena.forbidden[rule.id])
    any_C = mask_of(arena.universe, frozenset().union(*arena.forbidden.values()))
    trials: list[tuple[float, Trial]] = []
    for number, loaded in enumerate(prepared.loaded):
        arena.tick(
            f"{rule.id}: {loaded.family.name} attacks, {stage.replace('_', ' ')}",
            number,
            len(prepared.loaded),
        )
        trials += run_family(loaded, rule.id, stage, arena.base, guarded, arena.universe, forbidden_C, prepared.texts)
    retention: list[RetentionResult] = []
    slots: list[SlotLoss] = []
    for safe in prepared.safe:
        found, by_slot = run_retention(safe, stage, arena.base, guarded, rule.require.retention_min, prepared.towers)
        retention += found
        slots += by_slot
    overblock = (
        run_overblock(stage, arena.base, guarded, forbidden_C, any_C, prepared.towers) if forbidden_C.any() else []
    )
    return StageResult(tuple(trials), tuple(retention), tuple(slots), tuple(overblock))


def judge(
    arena: Arena,
    prepared: Prepared,
    stages: Sequence[StageResult],
    redirect: RedirectResult | None,
    seconds: float,
) -> tuple[RuleAttack, tuple[Trial, ...]]:
    """Counts, verdict and the hardest trials of one rule."""
    rule = prepared.sets.rule
    everything = [pair for stage in stages for pair in stage.trials]
    trials = [trial for _, trial in everything]
    pictured = frozenset(
        (i.cell.subject, i.cell.relation, i.cell.object) for i in prepared.sets.forget if arena.book.shown(i.cell)
    )
    plain = [t for t in trials if t.stage == "alone" and t.towers == prepared.towers[0]]
    cells = check_cells(plain, pictured)
    testable = frozenset(cell.cell for cell in cells if cell.testable)
    settings = dict.fromkeys((t.family, t.towers, t.stage) for t in trials)
    families = tuple(
        count_family([t for t in trials if (t.family, t.towers, t.stage) == key], rule.require, testable)
        for key in settings
    )
    retention = tuple(r for stage in stages for r in stage.retention)
    overblock = tuple(o for stage in stages for o in stage.overblock)
    status, sentence, reasons = verdict(families, retention, overblock, cells, rule.require)
    counted = [(margin, t) for margin, t in everything if t.recognised and t.cell in testable]
    worst = sorted(counted, key=lambda pair: (pair[1].outcome != "broke", -pair[0]))
    attack = RuleAttack(
        rule.id,
        status,
        sentence,
        reasons,
        rule.require.breach_max,
        rule.require.retention_min,
        families,
        retention,
        overblock,
        redirect,
        tuple(s for stage in stages[:1] for s in stage.slots),
        cells,
        prepared.not_tested,
        arena.seed,
        round(seconds, 1),
        _varied([t for _, t in worst]),
    )
    return attack, tuple(trials)


def _varied(worst: list[Trial]) -> tuple[Trial, ...]:
    """The hardest trials, at most three of a family and never the same sentence or picture twice."""
    chosen: list[Trial] = []
    for trial in worst:
        same = sum(t.family == trial.family for t in chosen)
        again = any(t.family == trial.family and t.text == trial.text and t.picture == trial.picture for t in chosen)
        if same < 3 and not again:
            chosen.append(trial)
        if len(chosen) == HARDEST:
            break
    return tuple(chosen)


def measure_redirect(
    arena: Arena, prepared: Prepared, guarded: View, redirects: dict[Cell, Cell]
) -> RedirectResult | None:
    """Where the canonical forbidden captions land among the pictures, both towers guarded."""
    rule = prepared.sets.rule
    asked = [item.cell for item in prepared.sets.forget if arena.book.shown(item.cell)]
    if not asked:
        return None
    texts = [arena.book.canonical(cell) for cell in asked]
    query = embed(guarded.cut.text_tail, guarded.cut.text_prefix(texts))
    picked = [arena.universe.cells[int(i)] for i in (query @ guarded.pictures_CD.T).argmax(1)]
    on_target = sum(world in arena.book.shown(redirects[cell]) for cell, world in zip(asked, picked, strict=True))
    safe = sum(world not in arena.forbidden[rule.id] for world in picked)
    targets = ", ".join(dict.fromkeys(arena.book.canonical(redirects[cell]) for cell in asked))
    return RedirectResult(len(asked), on_target / len(asked), safe / len(asked), targets)


def attack_rules(
    arena: Arena,
    adapters: dict[str, Path],
    wanted: Sequence[str],
    redirects: dict[str, dict[Cell, Cell]],
) -> dict[str, tuple[RuleAttack, tuple[Trial, ...]]]:
    """Attack each wanted rule alone and with all adapters on. The prefix of every probe is computed once."""
    results: dict[str, tuple[RuleAttack, tuple[Trial, ...]]] = {}
    together = arena.view(attach_adapters(arena.backbone, dict(adapters)))
    for sets in arena.derived.rules:
        if sets.rule.id not in wanted:
            continue
        started = time.monotonic()
        prepared = prepare(arena, sets)
        alone = arena.view(attach_adapters(arena.backbone, {sets.rule.id: adapters[sets.rule.id]}))
        stages = [run_stage(arena, prepared, "alone", alone)]
        if len(adapters) > 1:
            stages.append(run_stage(arena, prepared, "all_on", together))
        redirect = measure_redirect(arena, prepared, alone, redirects[sets.rule.id])
        results[sets.rule.id] = judge(arena, prepared, stages, redirect, time.monotonic() - started)
        arena.tick(f"{sets.rule.id}: attacked", 1, 1)
    return results
