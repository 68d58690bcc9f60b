"""Where a policy says that one name lies below another: the way from a leaf up to the name that a rule uses."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..graph.relations import find
from ..messages.diagnostics import Span
from ..resolve.imports import Program
from ..resolve.names import Resolved
from ..resolve.taxonomy import Concept
from ..syntax.nodes import Kind

How = Literal["is a", "is turned round by", "holds both ways"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step up from `below` to `above`, and the word in a file that says so."""

    below: str
    above: str
    how: How
    span: Span | None


class Places:
    """Every is-a edge of a policy and of the files that it uses, with the place that says it."""

    def __init__(self, program: Program, resolved: Resolved) -> None:
        self.resolved = resolved
        self._edges: dict[tuple[Kind, str, str], Span] = {}
        self._traits: dict[str, Span] = {}
        self._turning: dict[str, list[str]] = {}
        for policy in (program.policy, *program.used):
            for d in policy.declarations():
                for word in d.parents:
                    self._edges.setdefault((d.kind, d.name.text, word.text), word.span)
                for word in d.members:
                    self._edges.setdefault((d.kind, word.text, d.name.text), word.span)
                if trait := d.symmetric or d.inverse:
                    self._traits.setdefault(d.name.text, trait.span)
        for relation in resolved.relations:
            if relation.inverse_of:
                self._turning.setdefault(relation.inverse_of, []).append(relation.name)

    def concept(self, kind: Kind, name: str) -> Concept | None:
        """A name of the policy."""
        return find(self.resolved.of(kind), name)

    def edge(self, kind: Kind, below: str, above: str) -> Span | None:
        """The word that puts one name below another."""
        return self._edges.get((kind, below, above))

    def way(self, kind: Kind, below: str, above: str, *, turned: bool = False) -> tuple[Step, ...] | None:
        """The shortest way up; `turned` says whether subject and object are exchanged at its end. None: there is none.

        The way from a name to itself has no steps.
        """
        start, goal = (below, False), (above, turned)
        came: dict[tuple[str, bool], tuple[tuple[str, bool], Step] | None] = {start: None}
        todo = deque([start])
        while todo:
            here = todo.popleft()
            if here == goal:
                break
            for there, step in self._up(kind, *here):
                if there not in came:
                    came[there] = here, step
                    todo.append(there)
        if goal not in came:
            return None
        steps: list[Step] = []
        while (link := came[goal]) is not None:
            goal, step = link
            steps.append(step)
        return tuple(reversed(steps))

    def _up(self, kind: Kind, name: str, turned: bool) -> Iterator[tuple[tuple[str, bool], Step]]:
        own = self.concept(kind, name)
        for parent in own.parents if own else ():
            yield (parent, turned), Step(name, parent, "is a", self.edge(kind, name, parent))
        if kind == "relation":
            for other in self._turning.get(name, ()):
                yield (other, not turned), Step(name, other, "is turned round by", self._traits.get(other))
            if own is not None and own.symmetric:
                yield (name, not turned), Step(name, name, "holds both ways", self._traits.get(name))
