"""Where rules contradict each other or themselves."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from ..diagnostics import MAX_DIAGNOSTICS, Diagnostics, Related, quote
from ..resolve.names import Rule
from .cells import SLOTS, Cell
from .depiction import Depiction
from .redirects import instead_cell, instead_slot
from .relations import Extent, RelationGraph


def run(graph: RelationGraph, diagnostics: Diagnostics) -> RelationGraph:
    """Report each allow that a forbid overrides and each `instead` that is forbidden; change nothing."""
    depiction = Depiction(graph)
    forbids = [_Side.of(extent) for extent in graph.of_kind("forbid")]
    for allow in map(_Side.of, graph.of_kind("allow")):
        for forbid in forbids:
            if len(diagnostics.found) < MAX_DIAGNOSTICS:
                _overlap(forbid, allow, depiction, diagnostics)
    for forbid in forbids:
        _instead(forbid.extent, depiction, diagnostics)
    return graph


@dataclass(frozen=True, slots=True)
class _Side:
    """One rule of a comparison: its cells as a set, and the names in each of its slots."""

    extent: Extent
    cells: frozenset[Cell]
    names: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, extent: Extent) -> _Side:
        names = (tuple(sorted({cell.get(slot) for cell in extent.cells})) for slot in SLOTS)
        return cls(extent, frozenset(extent.cells), tuple(names))

    @property
    def rule(self) -> Rule:
        return self.extent.rule


def _overlap(forbid: _Side, allow: _Side, depiction: Depiction, diagnostics: Diagnostics) -> None:
    common = forbid.cells & allow.cells
    related = [Related(f"{forbid.rule.id} forbids it here", forbid.rule.pattern_span)]
    if not common:
        shared = _shown_by_both(forbid, allow, depiction)
        if shared is not None:
            mine, theirs = shared
            diagnostics.warning(
                "P408",
                f"`{mine}` is allowed, but a picture of it shows the forbidden `{theirs}`",
                allow.rule.pattern_span,
                related=related,
                hint=_same_picture_hint(mine, theirs),
            )
        return
    witness = min(common)
    if len(common) == len(forbid.cells) < len(allow.cells):
        diagnostics.note(
            "P402",
            f"{forbid.rule.id} lies within this allow and overrides it, for example for `{witness}`",
            allow.rule.pattern_span,
            related=related,
        )
        return
    if len(common) == len(allow.cells):
        how = "is the same as" if len(common) == len(forbid.cells) else "lies within"
        what = f"this allow {how} what {forbid.rule.id} forbids"
    else:
        what = f"this allow and {forbid.rule.id} overlap in {len(common)} of its {len(allow.cells)} cells"
    diagnostics.error(
        "P401",
        f"{what}: both cover `{witness}`",
        allow.rule.pattern_span,
        related=related,
        hint=f"if it is meant to be allowed, write `except {allow.rule.pattern}` on {forbid.rule.id}",
    )


def _shown_by_both(forbid: _Side, allow: _Side, depiction: Depiction) -> tuple[Cell, Cell] | None:
    """An allowed and a forbidden cell of other names that pictures cannot tell apart."""
    shared: list[list[tuple[str, str]]] = []
    for slot, mine, theirs in zip(SLOTS, allow.names, forbid.names, strict=True):
        shared.append([(a, b) for a in mine for b in theirs if depiction.overlap(slot, a, b)])
        if not shared[-1]:
            return None
    for pairs in product(*shared):
        mine_cell, their_cell = (Cell(*side) for side in zip(*pairs, strict=True))
        if mine_cell in allow.cells and their_cell in forbid.cells:
            return mine_cell, their_cell
    return None


def _same_picture_hint(mine: Cell, theirs: Cell) -> str:
    slot = next(s for s in SLOTS if mine.get(s) != theirs.get(s))
    kind = "relation" if slot == "relation" else "concept"
    below, above = mine.get(slot), theirs.get(slot)
    return f"if {quote(below)} is part of {quote(above)}, say so: `{kind} {below} : {above}`"


def _instead(forbid: Extent, depiction: Depiction, diagnostics: Diagnostics) -> None:
    rule = forbid.rule
    if rule.instead is None or rule.instead_span is None:
        return
    slot = instead_slot(rule, depiction)
    for cell in forbid.cells:
        if instead_cell(rule, slot, cell, depiction) is None:
            target = cell.replaced(slot, rule.instead)
            diagnostics.error(
                "P405",
                f"`instead {rule.instead}` leads `{cell}` to `{target}`, which is forbidden too",
                rule.instead_span,
                hint=f"name a {'relation' if slot == 'relation' else 'concept'} that no rule forbids there",
            )
            return
