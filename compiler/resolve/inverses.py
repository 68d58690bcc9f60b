"""`inverse` and `symmetric`: which leaves a relation covers with subject and object exchanged.

`bicycle -ridden_by-> child` is the cell `child -riding-> bicycle`: an inverse has no cells of its own. A symmetric
relation's cells stand for the same fact in both directions, so every set that holds one holds the other too. What
lies below a symmetric relation is symmetric.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..messages.diagnostics import Diagnostics, Related, quote
from ..syntax.nodes import Kind
from .declarations import Home

Leaves = dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class Turned:
    """Per relation its leaves as written and exchanged, where that differs from the plain is-a graph."""

    forward: Leaves
    backward: Leaves
    symmetric: frozenset[str]
    inverse: Mapping[str, str]
    doubtful: frozenset[str]


def report_traits(kind: Kind, declared: Mapping[str, Home], diagnostics: Diagnostics) -> None:
    """A concept has no direction that could be turned round."""
    if kind == "relation":
        return
    for home in declared.values():
        word = home.first.symmetric or home.first.inverse
        if word is not None:
            trait = "symmetric" if home.first.symmetric else "the inverse of another"
            diagnostics.error("P210", f"a concept cannot be {trait}, only a relation can", word.span)


def turned_leaves(parents: Mapping[str, set[str]], declared: Mapping[str, Home], diagnostics: Diagnostics) -> Turned:
    """Follow every inverse to its base and every symmetric relation to its leaves."""
    inverse: dict[str, str] = {}
    marked: list[str] = []
    doubtful: set[str] = set()
    above = {parent for names in parents.values() for parent in names}
    for name, home in declared.items():
        first = home.first
        if first.kind == "concept":
            return Turned({}, {}, frozenset(), {}, frozenset())
        if first.symmetric:
            marked.append(name)
        if first.inverse is None:
            continue
        if name in above:
            message = f"{quote(name)} turns {quote(first.inverse.text)} round and cannot have members of its own"
            hint = f"put them below {quote(first.inverse.text)}"
            diagnostics.error("P212", message, first.name.span, hint=hint)
            doubtful.add(name)
        else:
            inverse[name] = first.inverse.text
    if not inverse and not marked:
        return Turned({}, {}, frozenset(), {}, frozenset(doubtful))
    order = _order(parents, inverse, declared, diagnostics, doubtful)
    forward: Leaves = {}
    backward: Leaves = {}
    children: dict[str, list[str]] = {}
    for name, names in parents.items():
        for parent in names:
            children.setdefault(parent, []).append(name)
    for name in order:
        base = inverse.get(name)
        if base is not None:
            forward[name], backward[name] = set(backward[base]), set(forward[base])
            continue
        below = children.get(name, ())
        forward[name] = set().union(*(forward[c] for c in below)) if below else {name}
        backward[name] = set().union(*(backward[c] for c in below))
    both = set().union(*(forward[name] | backward[name] for name in marked if name in forward))
    for name in order:
        forward[name], backward[name] = (
            forward[name] | (backward[name] & both),
            backward[name] | (forward[name] & both),
        )
    symmetric = frozenset(n for n in order if n not in inverse and forward[n] and forward[n] | backward[n] <= both)
    return Turned(forward, backward, symmetric, inverse, frozenset(doubtful))


def _order(
    parents: Mapping[str, set[str]],
    inverse: dict[str, str],
    declared: Mapping[str, Home],
    diagnostics: Diagnostics,
    doubtful: set[str],
) -> list[str]:
    """Every name after those that it is made of; an inverse that is made of itself is an error and left out."""
    while True:
        needs: dict[str, list[str]] = {name: [] for name in parents}  # who waits for a name
        waiting = dict.fromkeys(parents, 0)
        for name, names in parents.items():
            for parent in names:
                needs[name].append(parent)
                waiting[parent] += 1
        for name, base in inverse.items():
            needs[base].append(name)
            waiting[name] += 1
        order = [name for name, count in waiting.items() if not count]
        for name in order:
            for other in needs[name]:
                waiting[other] -= 1
                if not waiting[other]:
                    order.append(other)
        if len(order) == len(parents):
            return order
        rest = set(parents) - set(order)
        path = [min(name for name in rest if name in inverse)]
        while path.count(path[-1]) == 1:
            path.append(min(n for n in rest if path[-1] in needs[n]))
        ring = path[path.index(path[-1]) : -1]
        name = min(n for n in ring if n in inverse)
        first = declared[name].first
        assert first.inverse is not None
        message = f"{quote(name)} is the inverse of what it is itself part of"
        others = [n for n in ring if n != name and n in declared]
        related = [Related(f"{quote(n)} is declared here", declared[n].first.name.span) for n in others][:3]
        hint = "say `inverse` on one of the two only" if others and others[0] in inverse else ""
        if inverse[name] == name:
            message, hint = f"{quote(name)} is declared as its own inverse", f"write `relation {name} symmetric`"
        diagnostics.error("P211", message, first.inverse.span, related=related, hint=hint)
        doubtful.update(ring)
        del inverse[name]
