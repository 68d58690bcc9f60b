"""What a report is made of: the facts in a bundle's files, and what follows from them without any model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath, PurePosixPath
from typing import Any, Literal, get_args

from ..records.results import FamilyResult, OverblockResult, RetentionResult, RuleAttack, Status, Trial
from .words import after_verdict, attacks_of, count, limit, percent, spoken, tuple_text

CellWords = tuple[str, str, str]
# public: nothing that helps an attacker; internal: the attacks that work; full: a sample of every family's trials.
Level = Literal["public", "internal", "full"]
LEVELS: tuple[Level, ...] = get_args(Level)
_BADNESS: dict[Status, int] = {"pass": 0, "inconclusive": 1, "fail": 2}


@dataclass(frozen=True, slots=True)
class Require:
    """What the policy demands of a rule, as shares."""

    breach_max: float
    retention_min: float


@dataclass(frozen=True, slots=True)
class Led:
    """One forbidden cell and the safe cell that it is led to."""

    cell: str | CellWords
    target: str | CellWords
    why: str = ""


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """rules/<id>/rule.json."""

    id: str
    text: str
    severity: str
    file: str
    line: int
    column: int
    subject: str
    relation: str
    object: str
    require: Require
    forget: tuple[str | CellWords, ...]
    kind: str = "forbid"
    because: str | None = None
    doc: str = ""
    group: str = ""
    excepts: tuple[str, ...] = ()
    instead: str | None = None
    counts: dict[str, int] = field(default_factory=dict)
    redirect: tuple[Led, ...] = ()
    allow_texts: tuple[str, ...] = ()

    @property
    def short(self) -> str:
        """`child -drinking-> alcohol`."""
        return tuple_text((self.subject, self.relation, self.object))

    @property
    def said(self) -> str:
        """`child drinking alcohol`: for sentences that are read by people who never see a policy."""
        return " ".join(spoken(part) for part in (self.subject, self.relation, self.object) if part)


@dataclass(frozen=True, slots=True)
class Training:
    """rules/<id>/training.json, without the history."""

    seconds: float
    steps: int
    seed: int
    parameters: int
    adapter_bytes: int
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Backbone:
    """The model that the adapters were made for."""

    name: str
    fingerprint: str
    parts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule as the manifest lists it."""

    id: str
    text: str
    plan: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """manifest.json, without the hashes of the files."""

    policy: str
    edition: int
    policy_file: str
    policy_sha256: str
    created: str
    proscribe: str
    backbone: Backbone
    seed: int
    plan: str
    rules: tuple[RuleLine, ...]
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleReport:
    """All that is known of one rule. `adapter_sha256` is empty where the bundle holds no adapter file.

    `sample` holds some trials of each family, at the level `full` alone.
    """

    facts: RuleFacts
    attack: RuleAttack
    training: Training
    adapter_sha256: str
    sample: tuple[Trial, ...] = ()

    @property
    def worst_family(self) -> FamilyResult | None:
        """The family and setting with the worst breach of those that count against `require`: over its limit first."""
        found = [f for f in self.attack.families if counted(f) and f.gates]
        # By the rate first: a family with little data has a wide interval, and would hide what is known.
        return max(found, key=lambda f: (f.status == "fail", f.breach, f.high), default=None)

    @property
    def worst_retention(self) -> RetentionResult | None:
        """The set that lost most."""
        return worst_retention(self.attack.retention)

    @property
    def worst_allows(self) -> RetentionResult | None:
        """The setting in which what the policy allows lost most."""
        return worst_retention(r for r in self.attack.retention if r.name == "allows")

    @property
    def worst_overblock(self) -> OverblockResult | None:
        """The setting in which most safe items were newly given a forbidden answer."""
        return worst_overblock(self.attack.overblock)

    @property
    def tested_pictures(self) -> bool:
        """True where at least one attack showed a picture."""
        return any(f.modality == "picture" and f.trials for f in self.attack.families)


@dataclass(frozen=True, slots=True)
class Report:
    """A policy's report: the manifest and its rules, in the order of the policy."""

    manifest: Manifest
    rules: tuple[RuleReport, ...]
    level: Level = "internal"
    place: PurePath | None = None

    @property
    def bundle(self) -> str:
        """Where the bundle lies, for commands to copy; unless that is known, where `proscribe compile` puts it."""
        return str(self.place or f"build/{PurePosixPath(self.manifest.policy_file).stem}")

    @property
    def status(self) -> Status:
        """A policy is no better than its worst rule; a policy without rules proves nothing."""
        return max((r.attack.status for r in self.rules), key=_BADNESS.__getitem__, default="inconclusive")

    @property
    def sentence(self) -> str:
        """What a reader who reads one sentence should read."""
        total = count(len(self.rules), "rule")
        if not self.rules:
            return "This policy forbids nothing, so there was nothing to test."
        behind = [r for r in self.rules if r.attack.status == self.status]
        if self.status == "pass":
            return _all_held(self.rules, total)
        fault = "breaks its requirement" if self.status == "fail" else "is not proven to hold"
        several = "break their requirements" if self.status == "fail" else "are not proven to hold"
        counts = f"{len(behind)} of {total} {fault if len(behind) == 1 else several}."
        return f"{counts} {_why(behind[0])}"


def worst_retention(results: Iterable[RetentionResult]) -> RetentionResult | None:
    """Of those with trials, the one below its limit or, after it, the one that lost most."""
    found = (r for r in results if r.trials)
    return max(found, key=lambda r: (r.status == "fail", r.loss_points, -r.low), default=None)


def worst_overblock(results: Iterable[OverblockResult]) -> OverblockResult | None:
    """Of those with trials, the one with the highest rate."""
    return max((o for o in results if o.trials), key=lambda o: (o.rate, o.high), default=None)


def counted(family: FamilyResult) -> int:
    """How many trials the breach rate is of: recognised by the base, on cells that it can tell apart."""
    return family.held + family.broke


def _all_held(rules: Iterable[RuleReport], total: str) -> str:
    families = [f for r in rules if (f := r.worst_family)]
    losses = [x.loss_points for r in rules if (x := r.worst_retention)]
    held = f"{'The rule' if total == '1 rule' else f'All {total}'} held under attack"
    if not families or not losses:
        return f"{held}."
    worst = max(families, key=lambda f: f.breach)
    return (
        f"{held}: in the worst family {percent(worst.breach)} of the forbidden items were still recognised, "
        f"and what is allowed lost at most {max(0.0, *losses):.1f} points."
    )


def _why(rule: RuleReport) -> str:
    # A business reader wants to know what comes through; the rule's own sentence speaks of settings.
    worst, facts = rule.worst_family, rule.facts
    if worst and worst.status == "fail" and rule.attack.status == "fail":
        return (
            f"{facts.id} ({facts.said}) still lets {percent(worst.breach)} of the {attacks_of(worst.family)} "
            f"through, where the policy allows {limit(rule.attack.breach_max)}.{_with_both(rule, worst)}"
        )
    return f"{facts.id}: {_ended(after_verdict(rule.attack.sentence, rule.attack.status))}"


def _with_both(rule: RuleReport, worst: FamilyResult) -> str:
    """How it stands in the model as it is meant to be run, where one tower alone is what fails."""
    both = [f.breach for f in rule.attack.families if f.towers == "both" and counted(f) and f.gates]
    if worst.towers == "both" or not both:
        return ""
    alone = "text" if worst.towers == "text" else "picture"
    return f" That is with the {alone} tower guarded alone; with both guarded it is {percent(max(both))} at worst."


def _ended(sentence: str) -> str:
    return sentence if sentence.rstrip().endswith((".", "!", "?")) else f"{sentence.rstrip()}."
