"""Attack the rules of a policy: find, put together, judge."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..graph.derive import RuleSets
from ..records.results import Effort, RuleAttack, Trial
from .checkpoints import Piece, store_in
from .context import Arena
from .parallel import find_in_processes
from .run import Attacker, Redirects, Wanted, find
from .verdict.judge import Cells, corrected, gather, judge

Attacked = dict[str, tuple[RuleAttack, tuple[Trial, ...]]]


def find_all(
    arena: Arena, adapters: Mapping[str, Path], wanted: Wanted, redirects: Redirects, kept: Path, processes: int = 1
) -> dict[str, dict[str, Piece]]:
    """Every wanted piece, by rule and attack; finished ones are kept in the folder `kept` until it is removed."""
    attacker = Attacker(arena, adapters, redirects, store_in(kept, arena, adapters))
    if processes > 1:
        find_in_processes(attacker, wanted, processes)
    return find(attacker, wanted)


def attack_rules(
    arena: Arena,
    adapters: Mapping[str, Path],
    wanted: Wanted,
    redirects: Redirects,
    kept: Path,
    effort: Effort,
    processes: int = 1,
) -> Attacked:
    """Attack each wanted rule alone and with all adapters on, and judge it."""
    pieces = find_all(arena, adapters, wanted, redirects, kept, processes)
    sets = {sets.rule.id: sets for sets in arena.derived.rules}
    found: Attacked = {}
    for rule, own in pieces.items():
        evidence, trials = gather(own, pictured(arena, sets[rule]), arena.seed, effort)
        found[rule] = judge(rule, sets[rule].rule.require, evidence, trials), trials
    attacks = corrected({rule: attack for rule, (attack, _) in found.items()})
    return {rule: (attacks[rule], trials) for rule, (_, trials) in found.items()}


def pictured(arena: Arena, sets: RuleSets) -> Cells:
    """The forbidden cells that pictures show."""
    return frozenset((i.cell.subject, i.cell.relation, i.cell.object) for i in sets.forget if arena.book.shown(i.cell))
