"""Rules that no expectation tests."""

from __future__ import annotations

from collections.abc import Iterator

from ..corpus.captions import compose
from ..corpus.phrasebook import with_article
from ..explain.expectations import run
from ..messages.diagnostics import Diagnostics
from ..world.cells import SLOTS
from .facts import Facts
from .model import Finding


def untested(facts: Facts) -> Iterator[Finding]:
    """A forbid that no expectation which holds rests on."""
    _, covered = run(facts.graph, facts.resolved.expects, Diagnostics())
    without = frozenset(covered.untested)
    for extent in facts.forbids:
        if extent.rule.id not in without:
            continue
        cell = facts.example(extent)
        said = [with_article(slot, facts.derived.forms(slot, cell.get(slot))[0]) for slot in SLOTS]
        sentence = compose("{s} {r} {o}", *said)
        hint = f'write for example `expect "{sentence}" forbidden by {extent.rule.id}`'
        yield Finding(f"no expectation tests {extent.rule.id}", extent.rule.pattern_span, hint)
