"""Where `instead` leads a forbidden cell."""

from __future__ import annotations

from dataclasses import replace

from ..resolve.names import Rule
from ..world.cells import SLOTS, Cell, Slot
from .cell_sets import ones
from .depiction import Depiction
from .relations import Extent, find, leaves_of

TURNED: dict[Slot, Slot] = {"subject": "object", "relation": "relation", "object": "subject"}


def instead_slot(rule: Rule, depiction: Depiction) -> Slot:
    """The slot of the rule as written that `instead` fills: the one it is related to, and the object in doubt."""
    resolved = depiction.graph.resolved
    name = rule.instead or ""
    if find(resolved.relations, name) and not find(resolved.concepts, name):
        return "relation"
    above = {slot: _above(depiction, getattr(rule, slot)) for slot in SLOTS}
    related = _above(depiction, name)
    if related & above["object"]:
        return "object"
    if related & above["subject"]:
        return "subject"
    shown_as_subject = depiction.shown("subject", name) and not depiction.shown("object", name)
    return "subject" if shown_as_subject else "object"


def safe_instead(forbid: Extent, slot: Slot, depiction: Depiction) -> str | None:
    """A leaf that every cell of a forbid can be led to in the slot of its `instead`; None where there is none.

    One that shares a name above it with what the rule says there comes first, then one that an allow names there.
    """
    free = depiction.space.axis(slot).every
    for cells, own_slot in ((forbid.cells - forbid.turned, slot), (forbid.turned, TURNED[slot])):
        for box in cells.boxes:
            free &= depiction.free(own_slot, box)
    spoken, allowed = depiction.spoken(slot)
    above = _above(depiction, getattr(forbid.rule, slot))
    names = depiction.space.axis(slot).names
    fitting = (
        (not _above(depiction, names[at]) & above, not allowed >> at & 1, names[at])
        for at in ones(free)
        if (spoken >> at & 1 or depiction.shown(slot, names[at]))
        and instead_slot(replace(forbid.rule, instead=names[at]), depiction) == slot
    )
    return min(fitting, default=(True, True, None))[2]


def slot_in(cell: Cell, slot: Slot, extent: Extent) -> Slot:
    """The slot of a cell that stands for a slot of its rule: the other end where the rule's relation turns it."""
    return TURNED[slot] if slot != "relation" and cell in extent.turned else slot


def _above(depiction: Depiction, name: str) -> set[str]:
    """All names above a concept."""
    known = depiction.above.get(name)
    if known is not None:
        return known
    found: set[str] = set()
    todo = [name]
    while todo:
        concept = find(depiction.graph.resolved.concepts, todo.pop())
        new = set(concept.parents) - found if concept else set()
        found |= new
        todo += new
    depiction.above[name] = found
    return found


def instead_cell(rule: Rule, slot: Slot, cell: Cell, depiction: Depiction) -> Cell | None:
    """The first safe cell that has the `instead` name, or a leaf below it, in its slot."""
    leaves = leaves_of(depiction.graph.resolved, slot, rule.instead or "")
    targets = (cell.replaced(slot, leaf) for leaf in leaves)
    return next((target for target in targets if depiction.is_safe(target)), None)
