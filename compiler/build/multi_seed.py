"""A plan trained with several seeds: one bundle ships, the others stand beside it and show how much was chance.

Only training differs. Words, probes and whatever else a seed decides are those of the bundle that ships.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from proscribe.runtime.backbone import Backbone
from proscribe.runtime.bundle import load_bundle
from proscribe.runtime.errors import BundleRefused

from ..attack.listed import listed
from ..attack.verdict.score import verdict
from ..bundle.write import install, seeds_folder, write_json
from ..corpus.phrasebook import Phrasebook
from ..graph.derive import Derived
from ..records.results import Effort, RuleAttack, SeedSpread
from ..report.figures.matrix import worst_of
from ..report.model import counted, worst_retention
from ..resolve.names import Require
from ..train.data import Tick
from .attack_bundle import read_attack, seal
from .compile import Compiled, compile_policy
from .plan import Plan, retrained


@dataclass(frozen=True, slots=True)
class Seeded:
    """What a compile with several training seeds did: the bundle that ships, and the other seeds that were at work now.

    `attacks` are the shipping bundle's results by rule, with the spread between seeds where there is one.
    """

    shipped: Compiled
    others: tuple[int, ...]
    attacks: dict[str, RuleAttack]


def compile_seeds(
    derived: Derived, plan: Plan, book: Phrasebook, backbone: Backbone, out: Path, tick: Tick, processes: int = 1
) -> Seeded:
    """Build `out` with the plan's first seed, a bundle beside it with each other, and put the spread into `out`.

    A killed compile goes on at the seed where it stopped. What `out` says of a seed stays as long as its adapters and
    attacks do: only seeds that it does not know are looked for beside it, and built where nothing fitting stands there.
    """
    first, *others = plan.seeds
    shutil.rmtree(_aside(out), ignore_errors=True)
    done = compile_policy(derived, plan, book, backbone, out, _named(tick, first, plan), processes)
    attacks = _attacks(out, plan)
    unknown = [seed for seed in others if not all(_knows(attack, seed) for attack in attacks.values())]
    if not unknown:
        return Seeded(done, (), attacks)
    rows = {rule: {first: spread_of(attack, first, plan.effort)} for rule, attack in attacks.items()}
    built: list[int] = []
    for seed in unknown:
        beside, own = seeds_folder(out) / str(seed), retrained(plan, derived, book, seed)
        if not _stands(beside, own):
            beside.parent.mkdir(exist_ok=True)
            compile_policy(derived, own, book, backbone, beside, _named(tick, seed, plan), processes)
            built.append(seed)
        for rule, attack in _attacks(beside, own).items():
            rows[rule][seed] = spread_of(attack, seed, plan.effort)
    for rule, attack in attacks.items():
        every = {row.seed: row for row in attack.seeds} | rows[rule]
        attacks[rule] = replace(attack, seeds=tuple(every[seed] for seed in sorted(every)))
    _write(out, attacks)
    return Seeded(done, tuple(built), attacks)


def spread_of(attack: RuleAttack, seed: int, effort: Effort) -> SeedSpread:
    """One seed's worst breach and greatest loss, of the attacks of this effort alone.

    A bundle may have been attacked with more since; all seeds are compared by the same attacks.
    """
    names = {row.name for row in listed(effort)}
    families = [family for family in attack.families if family.family in names]
    require = Require(attack.breach_max, attack.retention_min)
    status, _, _ = verdict(families, attack.retention, attack.overblock, attack.cells, require)
    worst = worst_of(family for family in families if family.gates and counted(family))
    lost = worst_retention(attack.retention)
    return SeedSpread(seed, status, worst.breach if worst else None, lost.loss_points if lost else None)


def _attacks(bundle: Path, plan: Plan) -> dict[str, RuleAttack]:
    return {job.rule: read_attack(bundle / "rules" / job.rule) for job in plan.jobs}


def _knows(attack: RuleAttack, seed: int) -> bool:
    return any(row.seed == seed for row in attack.seeds)


def _stands(bundle: Path, plan: Plan) -> bool:
    """True where a whole bundle has exactly this plan's adapters and attacks."""
    if not bundle.exists():
        return False
    try:
        manifest = load_bundle(bundle).manifest
    except BundleRefused:
        return False
    return (manifest.get("plan"), manifest.get("attack")) == (plan.hash, plan.attack)


def _write(out: Path, attacks: Mapping[str, RuleAttack]) -> None:
    """Put the results into a copy of the bundle, and exchange the two."""
    copy = _aside(out)
    shutil.copytree(out, copy)
    for rule, attack in attacks.items():
        write_json(copy / "rules" / rule / "attack.json", attack.to_dict())
    manifest = load_bundle(out).manifest
    seal(copy, {key: value for key, value in manifest.items() if key not in ("format", "files")}, out)
    install(copy, out)


def _aside(out: Path) -> Path:
    return seeds_folder(out) / ".bundle"


def _named(tick: Tick, seed: int, plan: Plan) -> Tick:
    """The same tick, saying which seed is at work where there are several."""
    if len(plan.seeds) == 1:
        return tick
    return lambda what, done, total: tick(f"seed {seed}: {what}", done, total)
