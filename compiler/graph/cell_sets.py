"""Sets of cells that are never written out: unions of boxes, each some subjects with some relations with some objects.

A box holds its three sides as bits over the alphabetical leaves of the policy, so that a wildcard rule over thousands
of names takes three integers, and counting, cutting and comparing take a few operations on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from heapq import merge
from itertools import islice, pairwise, product
from typing import Any, NamedTuple

from ..world.cells import SLOTS, Cell, Slot


class Box(NamedTuple):
    """Every subject with every relation with every object; the sides are bits over a `Space`'s leaves."""

    subject: int
    relation: int
    object: int

    @property
    def count(self) -> int:  # type: ignore[override]
        """How many cells it holds."""
        return self.subject.bit_count() * self.relation.bit_count() * self.object.bit_count()

    def side(self, slot: Slot) -> int:
        """The bits of one slot."""
        return self[SLOTS.index(slot)]

    def meet(self, other: Box) -> Box:
        """The cells of both; a box with an empty side holds none."""
        return Box(self[0] & other[0], self[1] & other[1], self[2] & other[2])

    def without(self, other: Box) -> list[Box]:
        """The cells that are not in `other`, as at most three boxes that share none."""
        subject, relation, obj = self
        s, r, o = subject & other[0], relation & other[1], obj & other[2]
        if not (s and r and o):
            return [self]
        parts = (Box(subject ^ s, relation, obj), Box(s, relation ^ r, obj), Box(s, r, obj ^ o))
        return [part for part in parts if part[0] and part[1] and part[2]]


@dataclass(frozen=True)
class Axis:
    """The leaves of one kind in alphabetical order."""

    names: tuple[str, ...]

    @cached_property
    def index(self) -> dict[str, int]:
        """Where each name stands."""
        return {name: at for at, name in enumerate(self.names)}

    @property
    def every(self) -> int:
        """All names as bits."""
        return (1 << len(self.names)) - 1

    def bits(self, names: Iterable[str]) -> int:
        """Names as bits; names that are no leaves are left out.

        >>> Axis(("a", "b", "c")).bits(["a", "c", "x"])
        5
        """
        index = self.index
        found = bytearray(len(self.names) // 8 + 1)
        for name in names:
            at = index.get(name)
            if at is not None:
                found[at >> 3] |= 1 << (at & 7)
        return int.from_bytes(found, "little")

    def listed(self, bits: int) -> tuple[str, ...]:
        """The names that bits stand for, in alphabetical order."""
        return tuple(self.names[at] for at in ones(bits))


@dataclass(frozen=True)
class Space:
    """The leaves that a policy's cells are made of."""

    concepts: Axis
    relations: Axis

    def axis(self, slot: Slot) -> Axis:
        """The leaves that may stand in a slot."""
        return self.relations if slot == "relation" else self.concepts

    def cell(self, subject: int, relation: int, obj: int) -> Cell:
        """The cell at three places."""
        return Cell(self.concepts.names[subject], self.relations.names[relation], self.concepts.names[obj])

    def box(self, cell: Cell) -> Box | None:
        """The box of one cell, or None where a name is no leaf of the policy."""
        places = [self.axis(slot).index.get(cell.get(slot)) for slot in SLOTS]
        return None if None in places else Box(*(1 << at for at in places if at is not None))


def ones(bits: int) -> Iterator[int]:
    """The places of the bits that are set, lowest first.

    >>> list(ones(0b101001))
    [0, 3, 5]
    """
    if bits.bit_count() < 200:
        at = -1
        while bits:
            step = (bits & -bits).bit_length()
            at += step
            yield at
            bits >>= step
        return
    for at, byte in enumerate(bits.to_bytes((bits.bit_length() + 7) // 8, "little")):
        if byte:
            yield from (8 * at + place for place in _PLACES[byte])


_GOLDEN = 0x9E3779B1  # its multiples lie evenly over 32 bits
_PLACES = tuple(tuple(place for place in range(8) if byte >> place & 1) for byte in range(256))


class CellSet:
    """A set of cells in boxes that share none. It is iterated in alphabetical order, one cell at a time.

    Sets are compared and combined within one `Space` only.
    """

    __slots__ = ("_count", "boxes", "space")

    def __init__(self, space: Space, boxes: Iterable[Box] = ()) -> None:
        found: list[Box] = []
        for box in boxes:
            pieces = [box] if box[0] and box[1] and box[2] else []
            for other in found:
                pieces = [part for piece in pieces for part in piece.without(other)]
            found += pieces
        self.space = space
        self.boxes = tuple(found)
        self._count = sum(box.count for box in found)

    @classmethod
    def apart(cls, space: Space, boxes: Iterable[Box]) -> CellSet:
        """The set of boxes that are known to share no cell."""
        new = cls(space)
        new.boxes = tuple(box for box in boxes if box[0] and box[1] and box[2])
        new._count = sum(box.count for box in new.boxes)
        return new

    def __len__(self) -> int:
        return self._count

    def __bool__(self) -> bool:
        return bool(self.boxes)

    def __contains__(self, cell: object) -> bool:
        box = self.space.box(cell) if isinstance(cell, Cell) else None
        return box is not None and any(b[0] & box[0] and b[1] & box[1] and b[2] & box[2] for b in self.boxes)

    def __iter__(self) -> Iterator[Cell]:
        places = [product(*(tuple(ones(side)) for side in box)) for box in self.boxes]
        return (self.space.cell(*place) for place in (places[0] if len(places) == 1 else merge(*places)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CellSet):
            return NotImplemented
        return self._count == other._count and (self.boxes == other.boxes or not self - other)

    def __hash__(self) -> int:
        return hash((self._count, self.first()))

    def __le__(self, other: CellSet) -> bool:
        return self._count <= other._count and not self - other

    def __and__(self, other: CellSet) -> CellSet:
        return CellSet.apart(self.space, (mine.meet(theirs) for mine in self.boxes for theirs in other.boxes))

    def __sub__(self, other: CellSet) -> CellSet:
        pieces = list(self.boxes)
        for box in other.boxes:
            pieces = [part for piece in pieces for part in piece.without(box)]
        return CellSet.apart(self.space, pieces)

    def __or__(self, other: CellSet) -> CellSet:
        return CellSet(self.space, (*self.boxes, *other.boxes))

    def __repr__(self) -> str:
        shown = ", ".join(map(str, islice(self, 3)))
        return f"<{self._count:,} cells: {shown}{', ...' if self._count > 3 else ''}>"

    def isdisjoint(self, other: CellSet) -> bool:
        """Whether no cell is in both."""
        return not any(a[0] & b[0] and a[1] & b[1] and a[2] & b[2] for a in self.boxes for b in other.boxes)

    def first(self) -> Cell | None:
        """The first cell of the alphabet: the witness of messages."""
        lowest = (tuple((side & -side).bit_length() - 1 for side in box) for box in self.boxes)
        place = min(lowest, default=None)
        return None if place is None else self.space.cell(*place)

    def side(self, slot: Slot) -> int:
        """The bits of all names that stand in a slot."""
        at = SLOTS.index(slot)
        found = 0
        for box in self.boxes:
            found |= box[at]
        return found

    def names(self, slot: Slot) -> tuple[str, ...]:
        """All names that stand in a slot, in alphabetical order."""
        return self.space.axis(slot).listed(self.side(slot))

    def at(self, place: int) -> Cell:
        """The cell with a number from 0, in no order that means anything: for drawing some of very many."""
        return next(self.these((place,)))

    def these(self, places: Iterable[int]) -> Iterator[Cell]:
        """The cells with these numbers, which rise."""
        boxes, start, end = iter(self.boxes), 0, 0
        sides: tuple[tuple[int, ...], ...] = ()
        for place in places:
            while place >= end:
                following = next(boxes, None)
                if following is None:
                    raise IndexError(place)
                start, end = end, end + following.count
                sides = tuple(tuple(ones(side)) for side in following)
            rest, obj = divmod(place - start, len(sides[2]))
            subject, relation = divmod(rest, len(sides[1]))
            yield self.space.cell(sides[0][subject], sides[1][relation], sides[2][obj])

    def some(self, count: int) -> tuple[Cell, ...]:
        """All cells, or `count` of them that lie evenly over the set, in alphabetical order."""
        return tuple(self) if self._count <= count else tuple(sorted(self.spread(count)))

    def spread(self, count: int) -> Iterator[Cell]:
        """The same in no order that means anything."""
        if self._count <= count:
            return self.these(range(self._count))
        starts = [number * self._count // count for number in range(count + 1)]
        # One of each stretch, at a place that changes: steps of one length would meet the same few names of a side.
        return self.these(
            start + ((number * _GOLDEN & 0xFFFFFFFF) * (end - start) >> 32)
            for number, (start, end) in enumerate(pairwise(starts))
        )

    def __plain__(self) -> dict[str, Any]:
        """Plain values for JSON: the count and the boxes, never the cells."""
        axes = (self.space.concepts, self.space.relations, self.space.concepts)
        boxes = [
            {f"{slot}s": list(axis.listed(side)) for slot, axis, side in zip(SLOTS, axes, box, strict=True)}
            for box in self.boxes
        ]
        return {"count": self._count, "boxes": sorted(boxes, key=str)}


def union_count(boxes: Iterable[Box]) -> int:
    """How many cells several boxes hold together, each counted once, however they overlap.

    Rows are kept per relation and per subject or object, whichever are fewer, as bits of the third slot.
    """
    by_relation: dict[int, set[tuple[int, int]]] = {}
    for subject, relation, obj in boxes:
        for at in ones(relation):
            by_relation.setdefault(at, set()).add((subject, obj))
    total = 0
    for faces in by_relation.values():
        subjects = sum(s.bit_count() for s, _ in faces)
        objects = sum(o.bit_count() for _, o in faces)
        rows: dict[int, int] = {}
        for s, o in faces:
            narrow, wide = (s, o) if subjects <= objects else (o, s)
            for at in ones(narrow):
                rows[at] = rows.get(at, 0) | wide
        total += sum(row.bit_count() for row in rows.values())
    return total
