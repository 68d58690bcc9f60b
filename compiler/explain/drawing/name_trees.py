"""The names that rules put in one slot, each below the nearest other one that it is part of: what a picture shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...graph.relations import Extent, find
from ...resolve.names import Resolved
from ...syntax.nodes import WILDCARD
from ...world.cells import Slot


@dataclass(frozen=True, slots=True)
class Family:
    """A name of rules, the names of rules below it, and its leaves that lie below none of those."""

    name: str
    leaves: tuple[str, ...]
    below: tuple[Family, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Its name and all names of rules below it."""
        return (self.name, *(name for family in self.below for name in family.names))


def families(resolved: Resolved, extents: Iterable[Extent], slot: Slot) -> tuple[Family, ...]:
    """Families in the order in which rules first name them. A name of several parents stands below the first."""
    used = tuple(dict.fromkeys(getattr(extent.rule, slot) for extent in extents))
    below: dict[str, list[str]] = {name: [] for name in used}
    tops: list[str] = []
    for name in used:
        above = _nearest(resolved, name, below)
        (below[above] if above else tops).append(name)
    return tuple(_family(resolved, name, below) for name in tops)


def _nearest(resolved: Resolved, name: str, used: dict[str, list[str]]) -> str:
    """The nearest name above one that rules name too, or an empty string."""
    seen, todo = {name}, [name]
    for here in todo:
        concept = find(resolved.concepts, here)
        for parent in concept.parents if concept else ():
            if parent in used:
                return parent
            if parent not in seen:
                seen.add(parent)
                todo.append(parent)
    return ""


def _family(resolved: Resolved, name: str, below: dict[str, list[str]]) -> Family:
    parts = tuple(_family(resolved, part, below) for part in below[name])
    concept = None if name == WILDCARD else find(resolved.concepts, name)
    inner = {leaf for part in parts for leaf in _all_leaves(resolved, part.name)}
    leaves = tuple(leaf for leaf in concept.leaves if leaf not in inner and leaf != name) if concept else ()
    return Family(name, leaves, parts)


def _all_leaves(resolved: Resolved, name: str) -> tuple[str, ...]:
    concept = find(resolved.concepts, name)
    return concept.leaves if concept else ()
