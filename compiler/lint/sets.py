"""Whether what is kept around a forbid can hold against what it takes away."""

from __future__ import annotations

from collections.abc import Iterator

from .facts import Facts
from .model import Finding

_IN_POLICY = 2  # the distance of neighbours that are made of the policy's own names


def forget_outweighs(facts: Facts) -> Iterator[Finding]:
    """A forbid that forgets more cells than are kept hard beside it."""
    for extent in facts.forbids:
        sets = facts.derived.sets(extent.rule.id)
        assert sets is not None
        keep = len({item.cell for item in (*sets.neighbours, *sets.allows)})
        if sets.forget_count > keep:
            message = f"{extent.rule.id} forgets {sets.forget_count:,} cells and keeps {keep:,} beside them"
            yield Finding(message, extent.rule.pattern_span, "split the rule, or allow what must stay as it is")


def no_neighbours(facts: Facts) -> Iterator[Finding]:
    """A forbid beside which the policy has nothing of its own to keep."""
    for extent in facts.forbids:
        sets = facts.derived.sets(extent.rule.id)
        assert sets is not None
        if any(item.distance <= _IN_POLICY for item in sets.neighbours):
            continue
        what = "no neighbours" if not sets.neighbours else "no neighbours but those of the built-in world"
        message = f"{extent.rule.id} has {what}: nothing of this policy stands one step beside its cells"
        yield Finding(message, extent.rule.pattern_span, "declare what is like its names and may stay, or allow it")
