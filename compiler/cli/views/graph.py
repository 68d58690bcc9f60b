"""`proscribe explain FILE --graph`: the picture of a policy in a terminal, subjects with the rules about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...explain.cell import written
from ...explain.drawing.name_trees import Family, families
from ...graph.relations import Extent, RelationGraph, find
from ...syntax.nodes import WILDCARD
from .answer import cells
from .tree import Branch

_NAMES = 6


def trees(graph: RelationGraph, rules: Sequence[str] = ()) -> Iterator[Branch]:
    """A tree for each family of subjects: below a name its rules, then the names of rules that are part of it."""
    extents = tuple(e for e in graph.extents if not rules or e.rule.id in rules)
    leaving: dict[str, list[Extent]] = {}
    for extent in sorted(extents, key=lambda e: e.rule.kind != "forbid"):
        leaving.setdefault(extent.rule.subject, []).append(extent)
    for family in families(graph.resolved, extents, "subject"):
        yield _branch(graph, family, leaving)


def _branch(graph: RelationGraph, family: Family, leaving: dict[str, list[Extent]]) -> Branch:
    name = "anything" if family.name == WILDCARD else family.name
    branch = Branch(name, _few(family.leaves))
    branch.below += [_rule(graph, extent) for extent in leaving.get(family.name, ())]
    branch.below += [_branch(graph, part, leaving) for part in family.below]
    return branch


def _rule(graph: RelationGraph, extent: Extent) -> Branch:
    rule = extent.rule
    concept = find(graph.resolved.concepts, rule.object)
    of = f": {_few(concept.leaves)}" if concept and concept.leaves != (rule.object,) else ""
    text = f"{rule.kind}s -{rule.relation}-> {rule.object}{of} ({cells(len(extent.cells))})"
    branch = Branch(rule.id, text)
    branch.below += [Branch("except", written(exception)) for exception in rule.excepts]
    if rule.instead:
        branch.below.append(Branch("instead", rule.instead))
    return branch


def _few(names: tuple[str, ...]) -> str:
    more = len(names) - _NAMES
    return ", ".join(names if more <= 1 else (*names[:_NAMES], f"{more} more"))
