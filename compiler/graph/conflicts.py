"""Where rules contradict each other or themselves."""

from __future__ import annotations

from itertools import product

from ..diagnostics import Diagnostics, Related, quote
from .cells import SLOTS, Cell, Slot
from .depiction import Depiction
from .redirects import instead_cell, instead_slot
from .relations import Extent, RelationGraph


def run(graph: RelationGraph, diagnostics: Diagnostics) -> RelationGraph:
    """Report each allow that a forbid overrides and each `instead` that is forbidden; change nothing."""
    depiction = Depiction(graph)
    for allow in graph.of_kind("allow"):
        for forbid in graph.of_kind("forbid"):
            _overlap(forbid, allow, depiction, diagnostics)
    for forbid in graph.of_kind("forbid"):
        _instead(forbid, depiction, diagnostics)
    return graph


def _overlap(forbid: Extent, allow: Extent, depiction: Depiction, diagnostics: Diagnostics) -> None:
    common = set(forbid.cells) & set(allow.cells)
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


def _shown_by_both(forbid: Extent, allow: Extent, depiction: Depiction) -> tuple[Cell, Cell] | None:
    """An allowed and a forbidden cell of other names that pictures cannot tell apart."""
    forbidden = frozenset(forbid.cells)
    names: dict[Slot, list[tuple[str, str]]] = {}
    for slot in SLOTS:
        mine = sorted({cell.get(slot) for cell in allow.cells})
        theirs = sorted({cell.get(slot) for cell in forbid.cells})
        names[slot] = [(a, b) for a in mine for b in theirs if depiction.overlap(slot, a, b)]
    allowed = frozenset(allow.cells)
    for pairs in product(*(names[slot] for slot in SLOTS)):
        mine_cell, their_cell = (Cell(*side) for side in zip(*pairs, strict=True))
        if mine_cell in allowed and their_cell in forbidden:
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
