"""What two bundles do not have in common beside their results, and what that means for the comparison."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..attack.version import ATTACKS, FIRST_NAMED
from ..report.model import RuleReport
from ..report.words import limit
from .read import Side


def notes(old: Side, new: Side, pairs: Sequence[tuple[RuleReport, RuleReport]]) -> tuple[str, ...]:
    """A sentence or two for each difference, the gravest first."""
    return tuple(_notes(old, new, pairs))


def changed(before: RuleReport, after: RuleReport) -> str:
    """What changed of a matched rule beside its results; empty where nothing did."""
    was, now = before.facts, after.facts
    said = []
    if (was.subject, was.relation, was.object, was.excepts) != (now.subject, now.relation, now.object, now.excepts):
        said.append(f"it was {was.short} and is {now.short}; only probes that both tried are paired")
    elif was.forget != now.forget:
        lost, gained = len(set(was.forget) - set(now.forget)), len(set(now.forget) - set(was.forget))
        said.append(f"{lost} of its cells went and {gained} came")
    for name, one, two in (
        ("breach", before.attack.breach_max, after.attack.breach_max),
        ("retention", before.attack.retention_min, after.attack.retention_min),
    ):
        if one != two:
            said.append(f"it requires {name} {limit(two)}, not {limit(one)}")
    return "; ".join(said)


def _notes(old: Side, new: Side, pairs: Sequence[tuple[RuleReport, RuleReport]]) -> Iterator[str]:
    was, now = old.report.manifest, new.report.manifest
    if was.backbone.fingerprint != now.backbone.fingerprint:
        yield (
            f"The backbones differ: {was.backbone.name} {was.backbone.fingerprint[:12]} and {now.backbone.name} "
            f"{now.backbone.fingerprint[:12]}. Only probes that both bases recognise are paired, and a difference may "
            "come from the base instead of the adapter."
        )
    if was.policy != now.policy:
        yield f"These are two policies, {was.policy!r} and {now.policy!r}: rules are matched by the tuple they forbid."
    elif was.policy_sha256 != now.policy_sha256:
        yield (
            "The policy has changed: rules are matched by the tuple they forbid, and `proscribe diff` says what the "
            "change means. Their retention sets may hold other items."
        )
    efforts = [tuple(dict.fromkeys(pair[side].attack.effort for pair in pairs)) for side in (0, 1)]
    if efforts[0] != efforts[1] and pairs:
        yield (
            f"The efforts differ: {' and '.join(efforts[0])}, now {' and '.join(efforts[1])}. Families that one "
            "effort leaves out are listed below and not compared."
        )
    seeds = [{pair[side].attack.seed for pair in pairs} for side in (0, 1)]
    if seeds[0] != seeds[1]:
        yield (
            "The attacks had other seeds, so most probes differ: where too few are shared, all trials are compared as "
            "two samples, which finds less."
        )
    attacks = [side.report.manifest.versions.get(ATTACKS, f"before {FIRST_NAMED}") for side in (old, new)]
    if attacks[0] != attacks[1]:
        yield (
            f"The attacks are of two versions, {attacks[0]} and {attacks[1]}: probes of the same name may be made "
            "otherwise, so that a difference may come from them instead of the adapter. `proscribe attack BUNDLE` with "
            "the bundle's own effort finds its trials again."
        )
    if was.proscribe != now.proscribe:
        yield (
            f"proscribe itself was {was.proscribe} and is {now.proscribe}: probes of the same name may be made "
            "otherwise."
        )
