"""Whether what is kept around a forbid can hold against what it takes away."""

from __future__ import annotations

from collections.abc import Iterator

from .facts import Facts
from .model import Finding


def forget_outweighs(facts: Facts) -> Iterator[Finding]:
    """A forbid that forgets more cells than are kept hard beside it."""
    for extent in facts.forbids:
        keep = facts.kept.if_fewer(extent)
        if keep is not None:
            message = f"{extent.rule.id} forgets {len(extent.cells):,} cells and keeps {keep:,} beside them"
            yield Finding(message, extent.rule.pattern_span, "split the rule, or allow what must stay as it is")


def no_neighbours(facts: Facts) -> Iterator[Finding]:
    """A forbid beside which the policy has nothing of its own to keep."""
    for extent in facts.forbids:
        found = facts.kept.without_own(extent)
        if found is None:
            continue
        what = "no neighbours but those of the built-in world" if found else "no neighbours"
        message = f"{extent.rule.id} has {what}: nothing of this policy stands one step beside its cells"
        yield Finding(message, extent.rule.pattern_span, "declare what is like its names and may stay, or allow it")
