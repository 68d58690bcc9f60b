"""What compile will do: one job a rule with a hash of all it depends on, the splits, counts and expected minutes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..attack.listed import Listed, listed
from ..attack.version import ATTACK_VERSION
from ..corpus.phrasebook import Phrasebook, build_phrasebook
from ..corpus.scene_sets import POOL_VERSION
from ..graph.derive import Derived, RuleSets
from ..records.canonical import meaning_hash, plain, to_json
from ..records.results import Effort, Kind
from ..train.settings import TRAINING_VERSION, TrainSettings
from ..world.cells import SLOTS, Cell
from ..world.templates import CONTEXTS, SPLITS, TEMPLATES

# Seconds on two cores, measured (docs/benchmarks.md); a plan's expectation is made of them.
SHARED_SECONDS = 73.0
RULE_DATA_SECONDS = 30.0  # drawing and encoding; a rule without pictures has next to none
COMPANION_SECONDS = 4.5
TEXT_STEP_SECONDS = 0.023
PICTURE_STEP_SECONDS = 0.033
# The views, the safe sets and the heat map; each attack's own cost is added.
ATTACK_SECONDS = 26.0
TEXT_ATTACK_SECONDS = 5.0  # of a rule none of whose cells can be drawn


@dataclass(frozen=True, slots=True)
class Job:
    """One rule's work. `plan` is the hash that decides whether an adapter may be reused."""

    rule: str
    text: str
    cells: int
    pictured: int
    neighbours: int
    allows: int
    marginals: int
    control: int
    forget_captions: int
    forget_pictures: int
    steps: int
    seed: int
    expected_seconds: float
    plan: str


@dataclass(frozen=True, slots=True)
class AttackCost:
    """One attack over all rules of the plan; a campaign makes no fixed number of trials."""

    family: str
    kind: Kind
    effort: Effort
    trials: int | None
    expected_seconds: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole compile, ready to be written as canonical JSON.

    `seed` decides words and probes. `seeds` are those of training: the first gives the bundle's adapters, each other a
    bundle beside it (compiler/build/multi_seed.py), attacked by the same probes. The counts and seconds of a job or an
    attack are those of one training seed; `expected_seconds` is for all of them.
    """

    policy: str
    edition: int
    policy_sha256: str
    backbone: str
    fingerprint: str
    seed: int
    seeds: tuple[int, ...]
    settings: TrainSettings
    jobs: tuple[Job, ...]
    splits: dict[str, Any]
    universe: tuple[dict[str, str], ...]
    effort: Effort
    attacks: tuple[AttackCost, ...]
    attack: str
    expected_seconds: float

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, with a hash of everything else under "plan"."""
        fields: dict[str, Any] = plain(self)
        return {**fields, "plan": self.hash}

    @property
    def hash(self) -> str:
        """The hash of the jobs and the attack settings."""
        return meaning_hash([[job.plan for job in self.jobs], self.attack, self.policy, self.edition])


def _cells(items: Any) -> list[str]:
    return sorted(str(item.cell) for item in items)


def _forms(sets: RuleSets, derived: Derived, book: Phrasebook) -> dict[str, Any]:
    """The forms of every name that the policy declares; the lexicon's own are fixed by its version."""
    names = {concept.name for concept in (*derived.concepts, *derived.relations)}
    for item in sets.forget:
        names |= {item.cell.get(slot) for slot in SLOTS}
    forms = {
        f"{slot}/{name}": plain(entry)
        for (slot, name), entry in book.entries.items()
        if name in names and (slot, name) not in book.swapped
    }
    return forms | {f"inverse/{name}": plain(entry) for name, entry in book.inverses.items()}


def rule_hash(
    sets: RuleSets, derived: Derived, book: Phrasebook, fingerprint: str, seed: int, settings: TrainSettings
) -> str:
    """A hash of what one adapter's bytes depend on, and of nothing else: another rule's change leaves it alone."""
    return meaning_hash(rule_key(sets, derived, book, fingerprint, seed, settings))


def rule_key(
    sets: RuleSets, derived: Derived, book: Phrasebook, fingerprint: str, seed: int, settings: TrainSettings
) -> dict[str, Any]:
    """What goes into `rule_hash`, so that two keys can be compared part by part."""
    led = sorted((str(r.cell), str(r.target)) for r in sets.redirects)
    candidates = [] if led else _cells((*sets.neighbours, *sets.allows))
    allows = sorted(str(item.cell) for item in sets.allows if item.distance <= 2)
    return {
        "version": [TRAINING_VERSION, POOL_VERSION],
        "fingerprint": fingerprint,
        "seed": seed,
        "settings": plain(settings),
        "forget": _cells(sets.forget),
        "redirects": led,
        "candidates": candidates,
        "allows": allows,
        "marginals": _cells(sets.marginals),
        "forms": _forms(sets, derived, book),
    }


def attack_hash(derived: Derived, jobs: tuple[Job, ...], seed: int, effort: Effort) -> str:
    """A hash of what the attack results depend on."""
    made = [[row.name, row.trials, row.kind, row.gates] for row in listed(effort)]
    sets = [
        [s.rule.id, s.rule.require.breach_max, s.rule.require.retention_min]
        + [_cells(getattr(s, name)) for name in ("forget", "neighbours", "allows", "marginals", "control")]
        for s in derived.rules
    ]
    return meaning_hash([ATTACK_VERSION, POOL_VERSION, seed, [job.plan for job in jobs], sets, effort, made])


def make_plan(
    derived: Derived,
    backbone: str,
    fingerprint: str,
    seed: int,
    settings: TrainSettings,
    rules: tuple[str, ...],
    effort: Effort = "quick",
    seeds: int = 1,
) -> tuple[Plan, Phrasebook]:
    """The plan for the wanted rules, and the phrasebook that says how their names are said.

    `seeds` is how many seeds are trained with: `seed` and those after it.
    """
    book = build_phrasebook(derived, seed)
    jobs = tuple(
        _job(sets, derived, book, fingerprint, seed, settings) for sets in derived.rules if sets.rule.id in rules
    )
    attacks = tuple(_cost(row, jobs) for row in listed(effort))
    plan = Plan(
        derived.policy,
        derived.edition,
        derived.source.sha256,
        backbone,
        fingerprint,
        seed,
        tuple(range(seed, seed + seeds)),
        settings,
        jobs,
        _splits(derived, book),
        _universe(derived, book),
        effort,
        attacks,
        attack_hash(derived, jobs, seed, effort),
        _total_seconds(jobs, attacks, seeds),
    )
    return plan, book


def retrained(plan: Plan, derived: Derived, book: Phrasebook, seed: int) -> Plan:
    """The same plan with adapters of another training seed: the same words in training, the same probes in attacks."""
    by_id = {sets.rule.id: sets for sets in derived.rules}
    jobs = tuple(
        replace(
            job,
            seed=seed,
            plan=rule_hash(by_id[job.rule], derived, book, plan.fingerprint, seed, plan.settings),
        )
        for job in plan.jobs
    )
    return replace(
        plan,
        seeds=(seed,),
        jobs=jobs,
        attack=attack_hash(derived, jobs, plan.seed, plan.effort),
        expected_seconds=_total_seconds(jobs, plan.attacks, 1),
    )


def _total_seconds(jobs: tuple[Job, ...], attacks: tuple[AttackCost, ...], seeds: int) -> float:
    """What every seed shares is worked out once, all else once a seed."""
    training = sum(job.expected_seconds for job in jobs)
    return SHARED_SECONDS + seeds * training + seeds * sum(attack.expected_seconds for attack in attacks)


def _job(
    sets: RuleSets, derived: Derived, book: Phrasebook, fingerprint: str, seed: int, settings: TrainSettings
) -> Job:
    pictured = sum(bool(book.shown(item.cell)) for item in sets.forget)
    steps = settings.text_steps + (settings.picture_steps if pictured else 0)
    return Job(
        sets.rule.id,
        sets.rule.text,
        len(sets.forget),
        pictured,
        len(sets.neighbours),
        len(sets.allows),
        len(sets.marginals),
        len(sets.control),
        settings.forget_captions,
        settings.forget_pictures if pictured else 0,
        steps,
        seed,
        _expected_seconds(settings, bool(pictured), len(derived.rules)),
        rule_hash(sets, derived, book, fingerprint, seed, settings),
    )


def _expected_seconds(settings: TrainSettings, pictures: bool, rules: int) -> float:
    """One rule's share; a rule trains beside half of the others on average."""
    seconds = COMPANION_SECONDS * (rules - 1) / 2 + TEXT_STEP_SECONDS * settings.text_steps
    if not pictures:
        return seconds + TEXT_ATTACK_SECONDS
    return seconds + RULE_DATA_SECONDS + PICTURE_STEP_SECONDS * settings.picture_steps + ATTACK_SECONDS


def _cost(row: Listed, jobs: tuple[Job, ...]) -> AttackCost:
    """Over all rules; pictures are tried where a rule has some."""
    tried = [job for job in jobs if row.modality != "picture" or job.pictured]
    seconds = sum(row.expected_seconds(job.cells, bool(job.pictured)) for job in tried)
    return AttackCost(
        row.name,
        row.kind,
        row.effort,
        None if row.is_campaign else row.trials * len(tried),
        round(seconds + (row.start_seconds if tried else 0.0), 1),
    )


def _splits(derived: Derived, book: Phrasebook) -> dict[str, Any]:
    names = {concept.name for concept in (*derived.concepts, *derived.relations)}
    return {
        "templates": {split: list(TEMPLATES[split]) for split in SPLITS},
        "contexts": {split: list(CONTEXTS[split]) for split in SPLITS},
        "forms": {
            f"{slot}/{name}": {split: list(entry.of(split)) for split in SPLITS}
            for (slot, name), entry in sorted(book.entries.items())
            if name in names
        }
        | {
            f"inverse/{name}": {split: list(entry.of(split)) for split in SPLITS}
            for name, entry in sorted(book.inverses.items())
        },
    }


def _universe(derived: Derived, book: Phrasebook) -> tuple[dict[str, str], ...]:
    """The policy's own cells with their canonical captions: what `proscribe try` ranks."""
    cells: dict[Cell, None] = {}
    for sets in derived.rules:
        items = (*sets.forget, *sets.allows, *sets.neighbours[:120])
        # A drink that drinks a child is no answer: no picture shows one, and the attacks choose among none.
        told = (item.cell for item in items if item.changed != "roles")
        for cell in (*told, *(redirect.target for redirect in sets.redirects)):
            if cell.subject and cell.relation and cell.object:
                cells.setdefault(cell)
    return tuple({"cell": str(cell), "caption": book.canonical(cell)} for cell in cells)


def plan_text(plan: Plan) -> str:
    """Canonical JSON."""
    return to_json(plan.to_dict(), indent=1)
