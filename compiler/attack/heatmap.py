"""What was lost nearby, cell by cell: subjects x objects for each relation of a rule, before and after."""

from __future__ import annotations

from torch import Tensor

from ..records.results import HeatCell
from .universe import Universe, View

CONTROL_OBJECTS = 6


def heat_map(universe: Universe, base: View, guarded: View, forbidden_C: Tensor) -> tuple[HeatCell, ...]:
    """Every subject with the rule's objects and a few others: is a picture given its own caption, and the reverse?

    Two trials a cell, both towers guarded, among the whole universe; empty for a rule that no picture shows.
    """
    forbidden = {universe.cells[int(i)] for i in forbidden_C.nonzero().flatten()}
    relations = {cell.relation for cell in forbidden}
    objects = list(dict.fromkeys(cell.object for cell in universe.cells if cell in forbidden))
    near = [cell for cell in universe.cells if cell.relation in relations and cell.object not in objects]
    others = list(dict.fromkeys(cell.object for cell in near))
    step = max(1, len(others) // CONTROL_OBJECTS)
    shown = {*objects, *others[::step][:CONTROL_OBJECTS]}
    before, after = _right(base), _right(guarded)
    return tuple(
        HeatCell(
            cell.relation,
            cell.subject,
            cell.object,
            2,
            float(before[at]) / 2,
            float(after[at]) / 2,
            cell in forbidden,
        )
        for at, cell in enumerate(universe.cells)
        if cell.relation in relations and cell.object in shown
    )


def _right(view: View) -> Tensor:
    """(cells,) 0, 1 or 2: directions in which the cell's own partner is the first choice."""
    sims_CC = view.captions_CD @ view.pictures_CD.T
    own = sims_CC.diagonal()
    return (sims_CC.max(1).values <= own).int() + (sims_CC.max(0).values <= own).int()
