"""Where rules contradict each other or themselves.

An index of the rules by their leaves finds the pairs that can meet at all; nothing compares every rule with every
other, and no rule is spread out into its cells.
"""

from __future__ import annotations

from ..messages.diagnostics import Diagnostics, Related, quote
from ..world.cells import SLOTS, Cell
from .cell_sets import Box, CellSet, ones
from .depiction import Depiction
from .redirects import TURNED, instead_slot, safe_instead, slot_in
from .relations import Extent, RelationGraph, leaves_of


def run(graph: RelationGraph, diagnostics: Diagnostics) -> RelationGraph:
    """Report each allow that a forbid overrides and each `instead` that is forbidden; change nothing."""
    depiction = Depiction(graph)
    for allow in graph.of_kind("allow"):
        if diagnostics.is_settled:
            return graph
        _overlaps(allow, depiction, diagnostics)
    for forbid in depiction.forbids:
        if diagnostics.is_settled:
            return graph
        _instead(forbid, depiction, diagnostics)
    return graph


def _overlaps(allow: Extent, depiction: Depiction, diagnostics: Diagnostics) -> None:
    """Compare an allow with the forbids that share a leaf with it in every slot, itself or in pictures."""
    cells, index = allow.cells, depiction.index
    meeting = index.meeting(*(cells.side(slot) for slot in SLOTS))
    if diagnostics.is_full:  # only an error would still be heard, and a forbid well within the allow is none
        whole = len(cells.boxes) == 1
        candidates = meeting & (index.leaving(cells) | index.same_sides(cells)) if whole else meeting
    else:
        candidates = index.meeting(*(depiction.spread(slot, cells.side(slot)) for slot in SLOTS))
    for number in ones(candidates):
        if diagnostics.is_settled:
            return
        forbid = depiction.forbids[number]
        if meeting >> number & 1 and not cells.isdisjoint(forbid.cells):
            _overlap(forbid, allow, diagnostics)
        elif not diagnostics.is_full:
            _same_picture(forbid, allow, depiction, diagnostics)


def _overlap(forbid: Extent, allow: Extent, diagnostics: Diagnostics) -> None:
    common = forbid.cells & allow.cells
    related = [Related(f"{forbid.rule.id} forbids it here", forbid.rule.pattern_span)]
    witness = common.first()
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
        what = f"this allow and {forbid.rule.id} overlap in {len(common):,} of its {len(allow.cells):,} cells"
    diagnostics.error(
        "P401",
        f"{what}: both cover `{witness}`",
        allow.rule.pattern_span,
        related=related,
        hint=f"if it is meant to be allowed, write `except {allow.rule.pattern}` on {forbid.rule.id}",
    )


def _same_picture(forbid: Extent, allow: Extent, depiction: Depiction, diagnostics: Diagnostics) -> None:
    """An allowed and a forbidden cell of other names that pictures cannot tell apart."""
    pairs = [
        pair
        for mine in allow.cells.boxes
        for theirs in forbid.cells.boxes
        if (pair := _first_pair(mine, theirs, depiction)) is not None
    ]
    if not pairs:
        return
    mine_cell, their_cell = (Cell(*side) for side in zip(*min(pairs), strict=True))
    diagnostics.warning(
        "P408",
        f"`{mine_cell}` is allowed, but a picture of it shows the forbidden `{their_cell}`",
        allow.rule.pattern_span,
        related=[Related(f"{forbid.rule.id} forbids it here", forbid.rule.pattern_span)],
        hint=_same_picture_hint(mine_cell, their_cell),
    )


def _first_pair(mine: Box, theirs: Box, depiction: Depiction) -> tuple[tuple[str, str], ...] | None:
    """Per slot the first two names that overlap, or None where a slot has none."""
    found = []
    for slot in SLOTS:
        names = depiction.space.axis(slot).names
        shared = mine.side(slot) & depiction.spread(slot, theirs.side(slot))
        if not shared:
            return None
        name = names[next(ones(shared))]
        found.append((name, names[next(ones(depiction.covering(slot, name) & theirs.side(slot)))]))
    return tuple(found)


def _same_picture_hint(mine: Cell, theirs: Cell) -> str:
    slot = next(s for s in SLOTS if mine.get(s) != theirs.get(s))
    kind = "relation" if slot == "relation" else "concept"
    below, above = mine.get(slot), theirs.get(slot)
    return f"if {quote(below)} is part of {quote(above)}, say so: `{kind} {below} : {above}`"


def _instead(forbid: Extent, depiction: Depiction, diagnostics: Diagnostics) -> None:
    """Whether every cell has a safe cell to be led to: one with the `instead` name, or a leaf below it."""
    rule = forbid.rule
    if rule.instead is None or rule.instead_span is None:
        return
    slot = instead_slot(rule, depiction)
    leaves = leaves_of(depiction.graph.resolved, slot, rule.instead)
    if not leaves:
        return
    stuck = forbid.cells - forbid.turned
    turned = forbid.turned
    for leaf in leaves:
        stuck = stuck & CellSet(depiction.space, _leading_to(stuck, SLOTS.index(slot), leaf, depiction))
        turned = turned & CellSet(depiction.space, _leading_to(turned, SLOTS.index(TURNED[slot]), leaf, depiction))
        if not stuck and not turned:
            return
    cell = min(found for found in (stuck.first(), turned.first()) if found is not None)
    safe = safe_instead(forbid, slot, depiction)
    slot = slot_in(cell, slot, forbid)
    target = cell.replaced(slot, rule.instead)
    diagnostics.error(
        "P405",
        f"`instead {rule.instead}` leads `{cell}` to `{target}`, which is forbidden too",
        rule.instead_span,
        hint=f"write for example `instead {safe}`: no rule forbids `{cell.replaced(slot, safe)}`"
        if safe
        else f"name a {'relation' if slot == 'relation' else 'concept'} that no rule forbids there",
    )


def _leading_to(cells: CellSet, at: int, leaf: str, depiction: Depiction) -> list[Box]:
    """The cells that are not safe with `leaf` in a slot, in boxes that may overlap."""
    found = []
    for box in cells.boxes:
        sides = [depiction.spread(slot, side) for slot, side in zip(SLOTS, box, strict=True)]
        sides[at] = depiction.covering(SLOTS[at], leaf)
        for number in ones(depiction.index.meeting(*sides)):
            for theirs in depiction.forbids[number].cells.boxes:
                if theirs[at] & sides[at]:
                    unsafe = [depiction.spread(slot, side) for slot, side in zip(SLOTS, theirs, strict=True)]
                    unsafe[at] = box[at]
                    found.append(box.meet(Box(*unsafe)))
    return found
