"""The main job on one machine: train what changed, attack, package, report; a killed run goes on where it stopped."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from proscribe.runtime.backbone import Backbone
from proscribe.runtime.bundle import load_bundle
from proscribe.runtime.errors import BundleRefused
from safetensors.torch import load_file

from ..attack.context import open_arena
from ..attack.listed import listed
from ..attack.policy import attack_rules
from ..attack.run import Wanted
from ..bundle.policy_files import write_policy
from ..bundle.write import install, manifest_fields, rule_facts, work_folder, write_attack, write_json
from ..corpus.phrasebook import Phrasebook
from ..graph.derive import Derived, RuleSets
from ..train.composition import Companion, ForgetItems, deltas_of
from ..train.cuts import Cut, cut
from ..train.data import (
    Shared,
    Tick,
    choose_redirects,
    forbidden_world,
    forget_pictures,
    forget_texts,
    picture_data,
    prepare_shared,
    text_data,
)
from ..train.loop import train_rule
from ..train.methods.redirect.candidates import Choices
from ..train.methods.redirect.cross_tower import picture_choices, text_choices
from ..train.settings import TrainSettings
from ..world.cells import Cell
from .attack_bundle import seal
from .plan import Plan, plan_text

PIECES = "attack.pieces"
ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")


@dataclass(frozen=True, slots=True)
class Compiled:
    """What a compile did: which rules were trained now, which adapters were taken over, each rule's status."""

    folder: Path
    trained: tuple[str, ...]
    reused: tuple[str, ...]
    attacked: bool
    statuses: dict[str, str]
    sentences: dict[str, str]


def compile_policy(
    derived: Derived, plan: Plan, book: Phrasebook, backbone: Backbone, out: Path, tick: Tick, processes: int = 1
) -> Compiled:
    """Build `out`. Pieces gather in a folder beside it and replace the last good bundle in one step at the end.

    Attacks run in that many processes.
    """
    work = work_folder(out)
    work.mkdir(parents=True, exist_ok=True)
    reused = tuple(job.rule for job in plan.jobs if _take_over(job.rule, job.plan, work, out))
    todo = [job.rule for job in plan.jobs if job.rule not in reused]
    _drop_other_rules(work, [job.rule for job in plan.jobs])
    by_id = {sets.rule.id: sets for sets in derived.rules}
    attacks_stand = not todo and _attacks_stand(plan, work, out)
    part = cut(backbone)
    redirects = {job.rule: choose_redirects(by_id[job.rule], book, part) for job in plan.jobs}
    if todo or not attacks_stand:
        shared = prepare_shared(part, backbone.fingerprint, book, tick)
        # Training draws by its own seed; words and attacks keep the plan's.
        studio = Studio(replace(plan, seed=plan.seeds[0]), book, backbone, part, shared, work, tick)
        companions: dict[str, Companion] = {}  # a finished adapter stays as it is
        for job in plan.jobs:
            if job.rule in todo:
                # Beside every finished adapter: those taken over from the last bundle, then those trained just now.
                finished = [other.rule for other in plan.jobs if _recorded_plan(work / "rules" / other.rule)]
                for rule in finished:
                    if rule not in companions:
                        companions[rule] = studio.companion(by_id[rule], redirects[rule])
                beside = [companions[rule] for rule in finished]
                studio.train(by_id[job.rule], job.plan, redirects[job.rule], beside)
        if not attacks_stand:
            chosen = tuple(sets for sets in derived.rules if sets.rule.id in redirects)
            _attack(derived, chosen, plan, book, backbone, shared, work, redirects, tick, processes)
    for job in plan.jobs:
        write_json(work / "rules" / job.rule / "rule.json", rule_facts(by_id[job.rule], derived, redirects[job.rule]))
    write_policy(work, derived)
    (work / "plan.json").write_text(plan_text(plan) + "\n", encoding="utf-8")
    _seal(work, plan, derived, backbone, out)
    install(work, out)
    found = {job.rule: json.loads((out / "rules" / job.rule / "attack.json").read_text()) for job in plan.jobs}
    return Compiled(
        out,
        tuple(todo),
        reused,
        not attacks_stand,
        {rule: attack["status"] for rule, attack in found.items()},
        {rule: attack["sentence"] for rule, attack in found.items()},
    )


def _seal(work: Path, plan: Plan, derived: Derived, backbone: Backbone, out: Path) -> None:
    """Report, then manifest over every file."""
    for stray in (*work.rglob(".*.part"), work / "attack.done"):
        stray.unlink(missing_ok=True)
    shutil.rmtree(work / PIECES, ignore_errors=True)
    seal(work, manifest_fields(plan.to_dict(), derived, backbone), out)


def _recorded_plan(folder: Path) -> str | None:
    """The plan hash under which a rule's folder was trained, where its adapter is whole."""
    try:
        record = json.loads((folder / "training.json").read_text())
    except (OSError, ValueError):
        return None
    whole = all((folder / "adapter" / name).is_file() for name in ADAPTER_FILES)
    return str(record.get("plan")) if whole else None


def _take_over(rule: str, wanted: str, work: Path, out: Path) -> bool:
    """True where an adapter with that plan hash is in the work folder, or can be copied from the last bundle.

    Rules may have moved, so every rule of the last bundle is looked at; it counts only where the bundle is whole.
    """
    target = work / "rules" / rule
    if _recorded_plan(target) == wanted:
        return True
    # Results at hand were found with what is thrown away here.
    (work / "attack.done").unlink(missing_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    if not out.exists():
        return False
    try:
        load_bundle(out)
    except BundleRefused:
        return False
    for folder in sorted((out / "rules").iterdir()):
        if _recorded_plan(folder) == wanted:
            # Copied aside and renamed: a copy that was killed half-way is never taken for a finished piece.
            aside = target.with_name(f".{rule}.part")
            shutil.rmtree(aside, ignore_errors=True)
            shutil.copytree(folder, aside)
            aside.rename(target)
            return True
    return False


def _drop_other_rules(work: Path, rules: list[str]) -> None:
    for folder in (work / "rules").glob("*"):
        if folder.name not in rules:
            shutil.rmtree(folder)


def _attacks_stand(plan: Plan, work: Path, out: Path) -> bool:
    """True where the attack results at hand were made for exactly this plan's adapters, sets and requirements."""
    done = work / "attack.done"
    at_work = done.is_file() and done.read_text() == plan.attack
    if not at_work:
        try:
            manifest = json.loads((out / "manifest.json").read_text())
        except (OSError, ValueError):
            return False
        if manifest.get("attack") != plan.attack:
            return False
    results = [Path("rules") / job.rule / name for job in plan.jobs for name in ("attack.json", "trials.jsonl")]
    if not all((work / path).is_file() for path in results):
        return False
    # A killed attack for another plan may have written over some of those that came from the last bundle.
    return at_work or all(_same(work / path, out / path) for path in results)


def _same(one: Path, other: Path) -> bool:
    return other.is_file() and one.read_bytes() == other.read_bytes()


@dataclass(frozen=True, slots=True)
class Studio:
    """What every training of one compile needs."""

    plan: Plan
    book: Phrasebook
    backbone: Backbone
    part: Cut
    shared: Shared
    work: Path
    tick: Tick

    def items(
        self, sets: RuleSets, redirects: dict[Cell, Cell], settings: TrainSettings
    ) -> tuple[dict[str, ForgetItems], dict[str, Choices]]:
        """A rule's forget items by tower, and what they choose among."""
        seed, shared, book, part = self.plan.seed, self.shared, self.book, self.part
        self.tick(f"{sets.rule.id}: encoding sentences", 0, 1)
        texts = forget_texts(part, book, sets, redirects, shared, settings, seed)
        pictures = forget_pictures(part, book, sets, redirects, shared, settings, seed, self.tick)
        items, choices = {"text": texts}, {"text": text_choices(part, sets, book, shared, pictures)}
        if pictures is not None:
            items["picture"], choices["picture"] = pictures, picture_choices(part, sets, book, shared, texts)
        return items, choices

    def companion(self, sets: RuleSets, redirects: dict[Cell, Cell]) -> Companion:
        """A finished rule as the others train beside it; a third of its items is enough to hold it in place."""
        settings = self.plan.settings
        fewer = replace(
            settings, forget_captions=settings.forget_captions // 3, forget_pictures=settings.forget_pictures // 3
        )
        state = load_file(self.work / "rules" / sets.rule.id / "adapter" / "adapter_model.safetensors")
        forbidden = forbidden_world(sets, self.book) | {item.cell for item in sets.forget}
        return Companion(sets.rule.id, forbidden, deltas_of(state), *self.items(sets, redirects, fewer))

    def train(
        self, sets: RuleSets, plan_hash: str, redirects: dict[Cell, Cell], companions: Sequence[Companion]
    ) -> None:
        """Train one rule beside its companions and write its piece of the bundle."""
        rule, plan, settings = sets.rule.id, self.plan, self.plan.settings
        folder = self.work / "rules" / rule
        items, choices = self.items(sets, redirects, settings)
        part, book, shared, seed = self.part, self.book, self.shared, plan.seed
        text = text_data(part, book, sets, items["text"], choices["text"], shared, settings, seed)
        pictures = None
        if "picture" in items:
            forget, among = items["picture"], choices["picture"]
            pictures = picture_data(part, book, sets, forget, among, shared, settings, seed, self.tick)

        def named(what: str, done: int, total: int) -> None:
            self.tick(f"{rule}: {what}", done, total)

        trained = train_rule(self.backbone, text, pictures, settings, plan.seed, named, folder / "adapter", companions)
        record: dict[str, Any] = {
            **trained.record,
            "adapter_bytes": (folder / "adapter" / "adapter_model.safetensors").stat().st_size,
            "settings": plan.to_dict()["settings"],
            "plan": plan_hash,
        }
        # Written last: a folder without this record is not a finished piece.
        write_json(folder / "training.json", record)


def _attack(
    derived: Derived,
    chosen: tuple[RuleSets, ...],
    plan: Plan,
    book: Phrasebook,
    backbone: Backbone,
    shared: Shared,
    work: Path,
    redirects: dict[str, dict[Cell, Cell]],
    tick: Tick,
    processes: int,
) -> None:
    arena = open_arena(backbone, derived, book, shared, plan.seed, tick)
    adapters = {sets.rule.id: work / "rules" / sets.rule.id / "adapter" for sets in chosen}
    (work / "attack.done").unlink(missing_ok=True)
    wanted = Wanted(tuple(adapters), listed(plan.effort))
    results = attack_rules(arena, adapters, wanted, redirects, work / PIECES, plan.effort, processes)
    for rule, (attack, trials) in results.items():
        write_attack(work / "rules" / rule, attack, trials)
    (work / "attack.done").write_text(plan.attack)
