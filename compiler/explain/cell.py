"""Why one cell is where it is: the rules that speak of it, by which declarations, and the sets that hold it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..graph.cell_sets import Box, CellSet
from ..graph.depiction import Depiction
from ..graph.derive import Derived, RuleSets
from ..graph.redirects import instead_cell, instead_slot, slot_in
from ..graph.relations import MAX_CELLS, Extent, RelationGraph, Sides, taken
from ..messages.diagnostics import Span
from ..resolve.names import Except, Rule
from ..syntax.nodes import WILDCARD, Kind
from ..world import lexicon
from ..world.cells import SLOTS, Cell, Slot
from .ancestry import Places, Step
from .rule import DISTANCES

if TYPE_CHECKING:
    from ..pipeline import Analysis

MAX_RULES = 200
MAX_WORK = 300_000  # forbids times allowed cells: every rule's sets look at every allowed cell
_SHOWN = 6

Verdict = Literal["forbidden", "allowed", "unspecified"]
Part = Literal["decides", "overridden", "excepted"]


@dataclass(frozen=True, slots=True)
class Named:
    """What stands in one slot: where it is declared, or that only the built-in world knows it."""

    slot: Slot
    name: str
    span: Span | None
    home: Literal["policy", "used file", "undeclared", "built-in world"]
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """How a slot's leaf comes to stand in a rule: the steps up to the rule's name, none where it is that name."""

    slot: Slot
    leaf: str
    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class TakenBy:
    """An `except` that took the cell out of a rule."""

    written: str
    span: Span


@dataclass(frozen=True, slots=True)
class Speaks:
    """A rule whose three names cover the cell, what became of that, and why it covers it.

    `turned` rules name subject and object the other way round; `overridden_by` are the forbids over an allow.
    """

    rule: str
    kind: Literal["forbid", "allow"]
    pattern: str
    span: Span
    because: str
    part: Part
    turned: bool
    ways: tuple[Way, ...]
    excepts: tuple[TakenBy, ...]
    overridden_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A set of a forbid that holds the cell; `about` says how near it lies, `from_` the nearest forget cell."""

    rule: str
    set: Literal["forget", "neighbour", "allow", "control", "redirect target"]
    about: str
    from_: str = ""


@dataclass(frozen=True, slots=True)
class Led:
    """Where `instead` leads the cell."""

    rule: str
    target: Cell
    instead: str
    span: Span | None


@dataclass(frozen=True, slots=True)
class Shows:
    """A forbidden cell that a picture of the cell shows, by other names."""

    cell: Cell
    rule: str
    span: Span


@dataclass(frozen=True, slots=True)
class WhyCell:
    """All of it. The sets of `skipped` rules were not derived: there are too many."""

    cell: Cell
    verdict: Verdict
    by: tuple[str, ...]
    names: tuple[Named, ...]
    rules: tuple[Speaks, ...]
    sets: tuple[Member, ...]
    led: tuple[Led, ...]
    shows: tuple[Shows, ...]
    marginals: tuple[tuple[str, tuple[Cell, ...]], ...]
    skipped: int


def why_cell(found: Analysis, derived: Derived, cell: Cell) -> WhyCell:
    """Explain one cell of leaf names, of the policy or of the built-in world."""
    places = Places(found.program, found.graph.resolved)
    sides = Sides(found.graph.resolved, found.graph.space)
    depiction = Depiction(found.graph)
    verdict, by = decided(found, cell)
    quick = is_quick(found.graph)
    sets = tuple(derived.rules) if quick else ()
    covering = [extent for extent in found.graph.of_kind("forbid") if cell in extent.cells]
    forget = [Member(extent.rule.id, "forget", "") for extent in covering]
    return WhyCell(
        cell,
        verdict,
        by,
        tuple(_named(found, places, slot, cell.get(slot)) for slot in SLOTS),
        tuple(_speaks(found, places, sides, cell)),
        (*forget, *(member for one in sets for member in _members(one, cell))),
        tuple(led for extent in covering for led in _led(extent, cell, depiction)),
        () if verdict == "forbidden" else tuple(_shows(depiction, cell)),
        tuple((one.rule.id, parts) for one in sets if (parts := _marginals(one, cell))),
        0 if quick else len(depiction.forbids),
    )


def decided(found: Analysis, cell: Cell) -> tuple[Verdict, tuple[str, ...]]:
    """What the policy says of a cell, and the rules that say it: forbid overrides allow."""
    verdicts: tuple[tuple[Verdict, str], ...] = (("forbidden", "forbid"), ("allowed", "allow"))
    for verdict, kind in verdicts:
        rules = tuple(e.rule.id for e in found.graph.of_kind(kind) if cell in e.cells)
        if rules:
            return verdict, rules
    return "unspecified", ()


def written(exception: Except) -> str:
    """An exception as the policy writes it."""
    return exception.name or f"{exception.subject} -{exception.relation}-> {exception.object}"


def kind_of(slot: Slot) -> Kind:
    """Whether a slot takes concepts or relations."""
    return "relation" if slot == "relation" else "concept"


def _named(found: Analysis, places: Places, slot: Slot, name: str) -> Named:
    concept = places.concept(kind_of(slot), name)
    if concept is None:
        word = lexicon.word(slot, name)
        return Named(slot, name, None, "built-in world", word.train if word else ())
    if concept.span is None:
        return Named(slot, name, None, "undeclared", concept.forms)
    return Named(
        slot,
        name,
        concept.span,
        "policy" if concept.span.file == found.source.path else "used file",
        concept.forms,
    )


def _speaks(found: Analysis, places: Places, sides: Sides, cell: Cell) -> Iterator[Speaks]:
    deciding = set(decided(found, cell)[1])
    forbids = tuple(e.rule.id for e in found.graph.of_kind("forbid") if cell in e.cells)
    for extent in found.graph.extents:
        is_taken = cell in extent.excepted
        if not is_taken and cell not in extent.cells:
            continue
        rule = extent.rule
        turned = _is_turned(rule, cell, sides)
        excepts = tuple(TakenBy(written(e), e.span) for e in rule.excepts if is_taken and cell in taken(e, sides))
        part: Part = "excepted" if is_taken else "decides" if rule.id in deciding else "overridden"
        yield Speaks(
            rule.id,
            rule.kind,
            rule.pattern,
            rule.pattern_span,
            rule.because,
            part,
            turned,
            tuple(_ways(rule, cell, places, turned)),
            excepts,
            forbids if part == "overridden" else (),
        )


def _is_turned(rule: Rule, cell: Cell, sides: Sides) -> bool:
    """Whether a rule covers a cell only with subject and object exchanged."""
    box = sides.space.box(cell)
    if box is None:
        return False
    straight = (sides.concept(rule.subject), sides.relation(rule.relation)[0], sides.concept(rule.object))
    return not all(mine & theirs for mine, theirs in zip(box, straight, strict=True))


def _ways(rule: Rule, cell: Cell, places: Places, turned: bool) -> Iterator[Way]:
    slots: dict[Slot, Slot] = {"subject": "object", "relation": "relation", "object": "subject"}
    for slot in SLOTS:
        name = getattr(rule, slots[slot] if turned else slot)
        leaf = cell.get(slot)
        if name == WILDCARD:
            yield Way(slot, leaf, name, ())
            continue
        kind = kind_of(slot)
        steps = places.way(kind, leaf, name, turned=turned and slot == "relation")
        yield Way(slot, leaf, name, steps or ())


def is_quick(graph: RelationGraph) -> bool:
    """Whether the sets of all forbids can be derived while someone waits."""
    forbids = len(graph.of_kind("forbid"))
    allowed = sum(min(len(extent.cells), MAX_CELLS) for extent in graph.of_kind("allow"))
    return forbids <= MAX_RULES and forbids * allowed <= MAX_WORK


def _members(sets: RuleSets, cell: Cell) -> Iterator[Member]:
    rule = sets.rule.id
    for item in sets.neighbours:
        if item.cell == cell:
            what = DISTANCES[item.distance]
            about = what if item.changed == "roles" else f"other {item.changed}, {what}"
            yield Member(rule, "neighbour", about, _beside(sets, cell, item.changed))
    for item in sets.allows:
        if item.cell == cell:
            slots = f"{item.distance} slot{'' if item.distance == 1 else 's'} away"
            yield Member(rule, "allow", slots if item.distance else "within its names")
    if any(item.cell == cell for item in sets.control):
        yield Member(rule, "control", "unrelated")
    led = [r.cell for r in sets.redirects if r.target == cell]
    if led:
        shown = ", ".join(map(str, led[:_SHOWN]))
        yield Member(rule, "redirect target", f"of {shown}{f' and {len(led) - _SHOWN} more' if led[_SHOWN:] else ''}")


def _beside(sets: RuleSets, cell: Cell, changed: str) -> str:
    """The first forbidden cell that a neighbour lies beside."""
    for item in sets.forget:
        other = item.cell
        if changed == "roles":
            if (other.subject, other.relation, other.object) == (cell.object, cell.relation, cell.subject):
                return str(other)
        elif all(other.get(slot) == cell.get(slot) for slot in SLOTS if slot != changed):
            return str(other)
    return ""


def _led(extent: Extent, cell: Cell, depiction: Depiction) -> Iterator[Led]:
    rule = extent.rule
    if rule.instead is None:
        return
    slot = slot_in(cell, instead_slot(rule, depiction), extent)
    target = instead_cell(rule, slot, cell, depiction)
    if target is not None:
        yield Led(rule.id, target, rule.instead, rule.instead_span)


def _marginals(sets: RuleSets, cell: Cell) -> tuple[Cell, ...]:
    """The parts and pairs of parts of a forbidden cell that its rule keeps."""
    if not any(item.cell == cell for item in sets.forget):
        return ()
    return tuple(item.cell for item in sets.marginals if item.cell.agrees(cell))


def _shows(depiction: Depiction, cell: Cell) -> Iterator[Shows]:
    """One forbidden cell for each rule whose pictures this cell's pictures cannot be told from."""
    box = Box(*(depiction.covering(slot, cell.get(slot)) for slot in SLOTS))
    for extent in depiction.forbids:
        shared = CellSet(depiction.space, [box]) & extent.cells
        witness = shared.first()
        if witness is not None and witness != cell:
            yield Shows(witness, extent.rule.id, extent.rule.pattern_span)
