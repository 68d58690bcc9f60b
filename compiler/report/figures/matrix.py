"""Families against rules and against settings: the worst of each, and the tables that show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import get_args

from ...records.results import FamilyResult, Kind, Modality, RetentionResult, Stage, Status, Towers
from ..model import RuleReport, counted
from ..words import KIND, MODALITY, SETS, a_setting, bare, interval

BADNESS: dict[Status, int] = {"fail": 0, "inconclusive": 1, "pass": 2}
FamilyKey = tuple[Kind, Modality, str]
_KINDS: tuple[Kind, ...] = get_args(Kind)
_MODALITIES: tuple[Modality, ...] = get_args(Modality)
SETTINGS: tuple[tuple[Towers, Stage], ...] = tuple((t, s) for s in get_args(Stage) for t in get_args(Towers))


@dataclass(frozen=True, slots=True)
class Span:
    """A heading over several columns."""

    title: str
    columns: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rules against families. A cell is the family's worst setting, or None where the rule was not tried so."""

    spans: tuple[Span, ...]
    families: tuple[str, ...]
    rows: tuple[tuple[RuleReport, tuple[FamilyResult | None, ...]], ...]


@dataclass(frozen=True, slots=True)
class GridCell:
    """One measured share in one setting."""

    value: str
    small: str
    status: Status


@dataclass(frozen=True, slots=True)
class GridRow:
    """One family or one kept set in every setting."""

    name: str
    note: str
    cells: tuple[GridCell | None, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of everything by setting; `trouble` counts the cells that did not pass."""

    columns: tuple[str, ...]
    rows: tuple[GridRow, ...]
    cells: int
    trouble: int


def key_of(result: FamilyResult) -> FamilyKey:
    """What makes a family the same one in every rule."""
    return result.kind, result.modality, result.family


def worst_of(results: Iterable[FamilyResult]) -> FamilyResult | None:
    """The setting to worry about: over its limit first, then not proven, then by its rate; without counted trials last.

    A setting within its limit never hides one that is not proven.
    """
    return max(results, key=lambda f: (bool(counted(f)), -BADNESS[f.status] * f.gates, f.breach, f.high), default=None)


def worst_kept(retention: Sequence[RetentionResult]) -> tuple[RetentionResult, ...]:
    """Each kept set in its worst setting, worst set first: what is not proven is never hidden by a greater loss."""
    grouped: dict[tuple[str, str], list[RetentionResult]] = {}
    for r in retention:
        if r.trials:
            grouped.setdefault((r.name, r.modality), []).append(r)
    found = [max(own, key=lambda r: (-BADNESS[r.status], r.loss_points, -r.low)) for own in grouped.values()]
    return tuple(sorted(found, key=lambda r: (BADNESS[r.status], r.kept, r.low, r.name, r.modality)))


def worst_by_family(families: Sequence[FamilyResult], gates: bool) -> tuple[FamilyResult, ...]:
    """Each family in its worst setting, worst family first, of those that count against `require` or of the others."""
    grouped: dict[FamilyKey, list[FamilyResult]] = {}
    for family in families:
        if family.gates == gates:
            grouped.setdefault(key_of(family), []).append(family)
    found = [worst for group in grouped.values() if (worst := worst_of(group))]
    return tuple(sorted(found, key=lambda f: (BADNESS[f.status] if gates else 0, -f.breach, -f.high, key_of(f))))


def matrix(rules: Sequence[RuleReport], gates: bool) -> Matrix | None:
    """Rules, worst first, against families, worst first within what the attacker may touch; None without any."""
    by_rule = [(r, {key_of(f): f for f in worst_by_family(r.attack.families, gates)}) for r in rules]
    keys: dict[FamilyKey, tuple[int, float]] = {}
    for _, found in by_rule:
        for key, f in found.items():
            keys[key] = min(keys.get(key, (9, 0.0)), (BADNESS[f.status], -f.breach if counted(f) else 0.0))
    if not keys:
        return None
    groups = [
        (kind, modality, sorted((k for k in keys if k[:2] == (kind, modality)), key=lambda k: (keys[k], k)))
        for kind in _KINDS
        for modality in _MODALITIES
    ]
    ordered = [key for *_, group in groups for key in group]
    # Stable: rules that are equally bad stay in the order of the policy.
    ranked = sorted(by_rule, key=lambda pair: _rank(pair[0], list(pair[1].values())))
    rows = tuple((rule, tuple(found.get(key) for key in ordered)) for rule, found in ranked)
    spans = tuple(Span(f"{kind}, {MODALITY[modality]}", len(group)) for kind, modality, group in groups if group)
    return Matrix(spans, tuple(key[2] for key in ordered), rows)


def _rank(rule: RuleReport, families: list[FamilyResult]) -> tuple[int, float]:
    return BADNESS[rule.attack.status], -max((f.breach for f in families if counted(f)), default=0.0)


def family_grid(families: Sequence[FamilyResult]) -> Grid:
    """Every family in every setting, in the order of `worst_by_family`: those that gate first."""
    ordered = [key_of(f) for gates in (True, False) for f in worst_by_family(families, gates)]
    found = {(key_of(f), f.towers, f.stage): f for f in families}

    def cell(key: FamilyKey, towers: Towers, stage: Stage) -> GridCell | None:
        f = found.get((key, towers, stage))
        if f is None:
            return None
        if not counted(f):
            return GridCell("–", "none counted", "pass" if not f.gates else f.status)
        # Evidence is never coloured as a fault against `require`.
        return GridCell(bare(f.breach), interval(f.low, f.high), f.status if f.gates else "pass")

    kinds = {key_of(f): f"{MODALITY[f.modality]}, {KIND[f.kind].split(':')[0].lower()}" for f in families}
    evidence = {key_of(f) for f in families if not f.gates}
    rows = [
        (k[2], kinds[k] + (", evidence only" if k in evidence else ""), [cell(k, *s) for s in SETTINGS])
        for k in dict.fromkeys(ordered)
    ]
    return _grid(rows)


def kept_grid(retention: Sequence[RetentionResult]) -> Grid:
    """Every kept set in every setting."""
    found = {(r.name, r.modality, r.towers, r.stage): r for r in retention}

    def cell(name: str, modality: str, towers: Towers, stage: Stage) -> GridCell | None:
        r = found.get((name, modality, towers, stage))  # type: ignore[arg-type]
        return GridCell(bare(r.kept), interval(r.low, r.high), r.status) if r and r.trials else None

    sets = dict.fromkeys((r.name, r.modality) for r in retention)
    return _grid([(SETS[n], MODALITY[m], [cell(n, m, *s) for s in SETTINGS]) for n, m in sets])


def _grid(rows: list[tuple[str, str, list[GridCell | None]]]) -> Grid:
    used = [i for i in range(len(SETTINGS)) if any(cells[i] for *_, cells in rows)]
    kept = tuple(GridRow(name, note, tuple(cells[i] for i in used)) for name, note, cells in rows)
    every = [cell for row in kept for cell in row.cells if cell]
    columns = tuple(a_setting(*SETTINGS[i]) for i in used)
    return Grid(columns, kept, len(every), sum(cell.status != "pass" for cell in every))
