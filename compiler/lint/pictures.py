"""Names and rules that the built-in world cannot draw: they are trained and tested on text alone."""

from __future__ import annotations

from collections.abc import Iterator

from ..messages.diagnostics import quote
from ..world.cells import SLOTS, Slot
from .facts import Facts
from .model import Finding


def concept_unseen(facts: Facts) -> Iterator[Finding]:
    """A concept of some forbid that no picture can show."""
    for slot in ("subject", "object"):
        yield from _unseen(facts, slot)


def relation_unseen(facts: Facts) -> Iterator[Finding]:
    """A relation of some forbid that no picture can show."""
    yield from _unseen(facts, "relation")


def rule_unseen(facts: Facts) -> Iterator[Finding]:
    """A forbid none of whose cells a picture can show."""
    for extent in facts.forbids:
        missing = [slot for slot in SLOTS if not any(facts.is_shown(slot, n) for n in extent.cells.names(slot))]
        if missing:
            message = f"no picture can show what {extent.rule.id} forbids: it is tested on text alone"
            name = quote(getattr(extent.rule, missing[0]))
            hint = f"the built-in world draws nothing for the {missing[0]} {name}"
            yield Finding(message, extent.rule.pattern_span, hint)


def _unseen(facts: Facts, slot: Slot) -> Iterator[Finding]:
    used = 0
    for extent in facts.forbids:
        used |= extent.cells.side(slot)
    known = {concept.name: concept for concept in facts.own_names}
    for name in facts.graph.space.axis(slot).listed(used):
        if name in known and not facts.is_shown(slot, name):
            span = known[name].span
            assert span is not None  # it is declared in this file
            message = f"no picture can show {quote(name)} as a {slot}: its cells are tested on text alone"
            yield Finding(message, span, "a name or first form of the built-in world would be drawn")
