"""What a forbid leaves unsaid, or asks too little of."""

from __future__ import annotations

from collections.abc import Iterator

from ..messages.diagnostics import listed
from ..resolve.clauses import DEFAULT_SEVERITY, SEVERITIES, Require
from ..syntax.nodes import Clause
from .facts import Facts
from .model import Finding


def no_because(facts: Facts) -> Iterator[Finding]:
    """A forbid without a reason."""
    for extent in facts.forbids:
        if not extent.rule.because:
            message = f"{extent.rule.id} does not say why"
            hint = 'write `because "..."`: its report is read by people who did not write it'
            yield Finding(message, extent.rule.pattern_span, hint)


def no_instead(facts: Facts) -> Iterator[Finding]:
    """A forbid that leaves it to the compiler where its cells are led."""
    for extent in facts.forbids:
        if extent.rule.instead is None:
            message = f"{extent.rule.id} does not say what its cells are led to; the nearest safe one is taken"
            yield Finding(message, extent.rule.pattern_span, "write `instead NAME`")


def no_severity(facts: Facts) -> Iterator[Finding]:
    """A forbid whose severity is the default."""
    for extent in facts.forbids:
        if facts.clause(extent.rule, "severity") is None:
            message = f"{extent.rule.id} has no severity; it counts as `{DEFAULT_SEVERITY}`"
            yield Finding(message, extent.rule.pattern_span, f"write `severity {listed(SEVERITIES)}`")


def weak_require(facts: Facts) -> Iterator[Finding]:
    """A `require` that lets more through than the default."""
    default = Require()
    seen: set[int] = set()  # a group's clause is one doubt, not one for each rule
    for extent in facts.forbids:
        clause, wanted = facts.clause(extent.rule, "require"), extent.rule.require
        if clause is None or id(clause) in seen:
            continue
        seen.add(id(clause))
        weaker = {
            "breach": (wanted.breach_max > default.breach_max, f"breach <= {default.breach_max:.0%}"),
            "retention": (wanted.retention_min < default.retention_min, f"retention >= {default.retention_min:.0%}"),
        }
        yield from _weaker(clause, weaker)


def _weaker(clause: Clause, weaker: dict[str, tuple[bool, str]]) -> Iterator[Finding]:
    for bound in clause.bounds:
        is_weaker, default = weaker.get(bound.measure.text, (False, ""))
        if is_weaker:
            message = f"`{bound.measure.text} {bound.compare.text} {bound.amount.text}` asks for less than the default"
            yield Finding(message, bound.amount.span, f"the default is `{default}`; say in a comment why it is not met")
