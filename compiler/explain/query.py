"""What a person may ask about a policy: a rule's id, a cell or a wider pattern, a name, or a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..graph.cell_sets import CellSet
from ..graph.derive import Derived
from ..graph.relations import MAX_CELLS, Extent, Sides, find, taken
from ..messages.diagnostics import Span, did_you_mean, listed, quote
from ..resolve.names import Rule
from ..resolve.taxonomy import Concept
from ..syntax.nodes import WILDCARD, Kind
from ..world import lexicon
from ..world.cells import SLOTS, Cell, Slot
from .ancestry import Places, Step
from .cell import WhyCell, decided, kind_of, why_cell, written
from .rule import Block, Explanation, blocks_of, run

if TYPE_CHECKING:
    from ..pipeline import Analysis

_RULE = re.compile(r"[RrAa]\d+")
_PATTERN = re.compile(r"\s*(\S+?)\s*-\s*(\S+?)\s*->\s*(\S+)\s*")


class Unread(ValueError):
    """What was asked cannot be read; the message says why, and what to write instead."""


@dataclass(frozen=True, slots=True)
class Share:
    """The cells of a pattern that one rule decides; of those that none does, `rule` is empty."""

    rule: str
    span: Span | None
    count: int
    cells: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class WhyPattern:
    """A pattern of many cells by what is decided of them. A cell that two forbids cover is in the shares of both."""

    pattern: str
    count: int
    forbidden_count: int
    allowed_count: int
    forbidden: tuple[Share, ...]
    allowed: tuple[Share, ...]
    unspecified: Share


@dataclass(frozen=True, slots=True)
class Gone:
    """What one `except` takes from its rule."""

    written: str
    span: Span
    count: int
    cells: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Meets:
    """Another rule that shares cells with this one, and which of the two is heard there."""

    rule: str
    how: Literal["is overridden here", "overrides this rule here", "forbids the same", "allows the same"]
    count: int
    witness: Cell
    span: Span


@dataclass(frozen=True, slots=True)
class Side:
    """One slot of a rule: its name, where that is declared, and how many leaves lie below it."""

    slot: Slot
    name: str
    span: Span | None
    leaves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WhyRule:
    """A rule: where its names come from, what its excepts take, which rules it meets; a forbid's derived sets too."""

    rule: str
    kind: Literal["forbid", "allow"]
    pattern: str
    span: Span
    text: str
    doc: str
    group: str
    because: str
    count: int
    sides: tuple[Side, ...]
    excepts: tuple[Gone, ...]
    meets: tuple[Meets, ...]
    cells: tuple[Block, ...]
    derived: Explanation | None


@dataclass(frozen=True, slots=True)
class Spoken:
    """A rule that covers cells with a name in one slot, and how the name comes to lie below the rule's own."""

    rule: str
    slot: Slot
    count: int
    steps: tuple[Step, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class WhyName:
    """A concept or relation: where it is declared, what is above and below it, how it is written, who speaks of it."""

    name: str
    kind: Kind
    span: Span | None
    doc: str
    forms: tuple[str, ...]
    parents: tuple[Step, ...]
    children: tuple[str, ...]
    leaves: tuple[str, ...]
    inverse_of: str
    symmetric: bool
    rules: tuple[Spoken, ...]


Answer = WhyCell | WhyPattern | WhyRule | WhyName


def ask(found: Analysis, derived: Derived, text: str, shown: int = 6) -> tuple[Answer, str]:
    """The answer, and how a sentence was read (empty for all else). `Unread` where nothing can be answered."""
    wanted = text.strip()
    resolved = found.graph.resolved
    if _RULE.fullmatch(wanted):
        return _rule(found, derived, wanted.upper(), shown), ""
    if pattern := _PATTERN.fullmatch(wanted):
        return _pattern(found, derived, pattern[1], pattern[2], pattern[3]), ""
    for concepts in (resolved.concepts, resolved.relations):
        if concept := find(concepts, wanted):
            return _name(found, concept), ""
    if "->" in wanted:
        raise Unread(f"{quote(wanted)} is no cell: write `child -drinking-> wine`")
    if not wanted:
        raise Unread('ask for a rule (R1), a cell ("child -drinking-> wine"), a name or a sentence')
    return _sentence(found, derived, wanted)


def _sentence(found: Analysis, derived: Derived, text: str) -> tuple[Answer, str]:
    from .sentences import read_sentence

    resolved = found.graph.resolved
    reading = read_sentence(resolved, text)
    said = " ".join(f'"{part.said}" is {part.name};' for part in reading.parts).rstrip(";")
    if reading.cell is not None:
        return why_cell(found, derived, reading.cell), said
    if reading.pattern:
        return _pattern(found, derived, *(part.name for part in reading.parts)), said
    names = frozenset(c.name for c in (*resolved.concepts, *resolved.relations))
    if " " not in text:
        meant = did_you_mean(text, names) or "ask for a rule (R1), a cell, a name or a sentence"
        raise Unread(f"this policy has no name {quote(text)}; {meant}")
    hint = reading.hint
    raise Unread(f"{quote(text)}: {reading.why}{f'; {hint}' if hint else ''}")


def _pattern(found: Analysis, derived: Derived, subject: str, relation: str, obj: str) -> Answer:
    resolved, space = found.graph.resolved, found.graph.space
    world: list[Slot] = []
    for slot, name in zip(SLOTS, (subject, relation, obj), strict=True):
        concepts = resolved.of(slot)
        if name == WILDCARD or find(concepts, name):
            continue
        if lexicon.word(slot, name) is None:
            kind = kind_of(slot)
            hint = did_you_mean(name, frozenset(c.name for c in concepts)) or "`*` stands for all of them"
            raise Unread(f"no rule and no declaration speaks of a {kind} {quote(name)}; {hint}")
        world.append(slot)
    sides = Sides(resolved, space)
    pattern = f"{subject} -{relation}-> {obj}"
    if world:
        return why_cell(found, derived, _world_cell(sides, subject, relation, obj, pattern))
    cells = CellSet(space, sides.boxes(subject, relation, obj))
    own = find(resolved.relations, relation)
    single = len(cells) == 1 or (len(cells) == 2 and own is not None and own.symmetric)
    if single:
        written_so = Cell(subject, relation, obj)
        cell = written_so if written_so in cells else cells.first()
        assert cell is not None
        return why_cell(found, derived, cell)
    return _shares(found, pattern, cells)


def _world_cell(sides: Sides, subject: str, relation: str, obj: str, pattern: str) -> Cell:
    """A cell of which at least one name is the built-in world's; the others must be leaves."""
    axes = sides.space
    leaves = {
        "subject": axes.concepts.listed(sides.concept(subject)) or (subject,),
        "relation": axes.relations.listed(sides.relation(relation)[0]) or (relation,),
        "object": axes.concepts.listed(sides.concept(obj)) or (obj,),
    }
    for slot, names in leaves.items():
        if len(names) > 1:
            few = listed([quote(n) for n in names[:4]])
            raise Unread(f"{quote(pattern)} has names that this policy does not know; as its {slot} name a leaf: {few}")
    return Cell(*(names[0] for names in leaves.values()))


def _shares(found: Analysis, pattern: str, cells: CellSet) -> WhyPattern:
    left = cells
    forbidden, left = _by_rules(found, "forbid", left)
    forbidden_count = len(cells) - len(left)
    allowed, rest = _by_rules(found, "allow", left)
    return WhyPattern(
        pattern,
        len(cells),
        forbidden_count,
        len(left) - len(rest),
        forbidden,
        allowed,
        Share("", None, len(rest), blocks_of(rest)),
    )


def _by_rules(found: Analysis, kind: str, cells: CellSet) -> tuple[tuple[Share, ...], CellSet]:
    """The share of each rule of a kind, and the cells that none of them covers."""
    shares, left = [], cells
    for extent in found.graph.of_kind(kind):
        mine = cells & extent.cells
        if mine:
            shares.append(Share(extent.rule.id, extent.rule.pattern_span, len(mine), blocks_of(mine)))
            left = left - extent.cells
    return tuple(shares), left


def _rule(found: Analysis, derived: Derived, rule_id: str, shown: int) -> WhyRule:
    extent = next((e for e in found.graph.extents if e.rule.id == rule_id), None)
    if extent is None:
        ids = [e.rule.id for e in found.graph.extents]
        few = listed(ids if len(ids) < 12 else [*ids[:10], "...", ids[-1]], "and")
        raise Unread(f"this policy has no rule {quote(rule_id)}; it has {few or 'none'}")
    rule = extent.rule
    sides = Sides(found.graph.resolved, found.graph.space)
    return WhyRule(
        rule.id,
        rule.kind,
        rule.pattern,
        rule.pattern_span,
        rule.text,
        rule.doc,
        rule.group,
        rule.because,
        len(extent.cells),
        tuple(_side(found, sides, slot, getattr(rule, slot)) for slot in SLOTS),
        tuple(_gone(extent, rule, sides)),
        tuple(_meets(found, extent)),
        blocks_of(extent.cells),
        run(derived, (rule.id,), shown)[0] if rule.kind == "forbid" and len(extent.cells) <= MAX_CELLS else None,
    )


def _side(found: Analysis, sides: Sides, slot: Slot, name: str) -> Side:
    concept = Places(found.program, found.graph.resolved).concept(kind_of(slot), name)
    forward, backward = sides.relation(name) if slot == "relation" else (sides.concept(name), 0)
    leaves = sides.space.axis(slot).listed(forward | backward)
    return Side(slot, name, concept.span if concept else None, leaves)


def _gone(extent: Extent, rule: Rule, sides: Sides) -> Iterator[Gone]:
    for exception in rule.excepts:
        cells = extent.excepted & taken(exception, sides)
        yield Gone(written(exception), exception.span, len(cells), blocks_of(cells))


def _meets(found: Analysis, extent: Extent) -> Iterator[Meets]:
    kind = extent.rule.kind
    for other in found.graph.extents:
        if other is extent or extent.cells.isdisjoint(other.cells):
            continue
        common = extent.cells & other.cells
        witness = common.first()
        assert witness is not None
        if other.rule.kind == kind:
            how: str = "forbids the same" if kind == "forbid" else "allows the same"
        else:
            how = "is overridden here" if kind == "forbid" else "overrides this rule here"
        yield Meets(other.rule.id, how, len(common), witness, other.rule.pattern_span)  # type: ignore[arg-type]


def _name(found: Analysis, concept: Concept) -> WhyName:
    resolved = found.graph.resolved
    places = Places(found.program, resolved)
    kind, name = concept.kind, concept.name
    others = resolved.of(kind)
    return WhyName(
        name,
        kind,
        concept.span,
        concept.doc,
        concept.forms,
        tuple(Step(name, parent, "is a", places.edge(kind, name, parent)) for parent in concept.parents),
        tuple(c.name for c in others if name in c.parents),
        concept.leaves,
        concept.inverse_of,
        concept.symmetric,
        tuple(_spoken(found, places, concept)),
    )


def _spoken(found: Analysis, places: Places, concept: Concept) -> Iterator[Spoken]:
    leaves = (*concept.leaves, *concept.turned)
    slots: tuple[Slot, ...] = ("relation",) if concept.kind == "relation" else ("subject", "object")
    for extent in found.graph.extents:
        rule = extent.rule
        for slot in slots:
            side = extent.cells.space.axis(slot).bits(leaves)
            boxes = (b._replace(**{slot: b.side(slot) & side}) for b in extent.cells.boxes)
            count = sum(box.count for box in boxes)
            if count:
                steps = places.way(concept.kind, concept.name, getattr(rule, slot)) or ()
                yield Spoken(rule.id, slot, count, steps, rule.pattern_span)


__all__ = ["Answer", "Unread", "WhyCell", "WhyName", "WhyPattern", "WhyRule", "ask", "decided"]
