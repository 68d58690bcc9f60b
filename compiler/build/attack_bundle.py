"""Attack a finished bundle again: the new trials join those that it has, and the bundle is exchanged in one step."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from proscribe.runtime.backbone import Backbone
from proscribe.runtime.bundle import load_bundle, write_manifest

from ..attack.checkpoints import Piece
from ..attack.context import Arena, open_arena
from ..attack.listed import EFFORTS, listed
from ..attack.policy import find_all, pictured
from ..attack.run import SAFE, Wanted
from ..attack.verdict.judge import Evidence, added, corrected, evidence_of, gather, judge
from ..attack.version import ATTACK_VERSION, ATTACKS, FIRST_NAMED
from ..bundle.write import install, read_trials, write_json, write_trials
from ..corpus.phrasebook import Phrasebook
from ..graph.derive import Derived
from ..records.canonical import meaning_hash
from ..records.decode import decode, read_json
from ..records.results import Effort, RuleAttack, Trial, tag_of
from ..report.write import render_bundle
from ..train.cuts import cut
from ..train.data import Tick, choose_redirects, prepare_shared


def attack_folder(bundle: Path) -> Path:
    """Where an attack gathers its pieces; it stays after a kill, and the next attack goes on from it."""
    return bundle.parent / f".{bundle.name}.attack"


def attack_bundle(
    bundle: Path,
    derived: Derived,
    book: Phrasebook,
    backbone: Backbone,
    wanted: Wanted,
    effort: Effort,
    seed: int,
    tick: Tick,
    processes: int = 1,
) -> dict[str, str]:
    """Add the wanted attacks to the bundle, count and judge all again; the status of each attacked rule."""
    manifest = load_bundle(bundle).manifest
    by_id = {sets.rule.id: sets for sets in derived.rules}
    every = [rule["id"] for rule in manifest["rules"]]
    part = cut(backbone)
    shared = prepare_shared(part, backbone.fingerprint, book, tick)
    redirects = {rule: choose_redirects(by_id[rule], book, part) for rule in every}
    arena = open_arena(backbone, derived, book, shared, seed, tick)
    adapters = {rule: bundle / "rules" / rule / "adapter" for rule in every}
    work = attack_folder(bundle)
    found = find_all(arena, adapters, wanted, redirects, work / "pieces", processes)
    copy = work / "bundle"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(bundle, copy)
    attacks = {rule: read_attack(copy / "rules" / rule) for rule in every}
    is_renewed = all(
        is_found_again(
            attacks[rule], read_trials(copy / "rules" / rule / "trials.jsonl"), found.get(rule, {}), arena.tag
        )
        for rule in every
    )
    for rule, pieces in found.items():
        attacks[rule], trials = join(arena, copy / "rules" / rule, pieces, effort)
        write_trials(copy / "rules" / rule / "trials.jsonl", trials)
    # Of every rule: their tests are corrected together.
    for rule, attack in corrected(attacks).items():
        write_json(copy / "rules" / rule / "attack.json", attack.to_dict())
    fields = {key: value for key, value in manifest.items() if key not in ("format", "files")}
    if is_renewed:
        fields["versions"] = {**fields.get("versions", {}), ATTACKS: str(ATTACK_VERSION)}
    if seed != manifest["seed"]:
        # Other probes than the plan's: the next compile must not take these results for its own.
        fields["attack"] = meaning_hash([manifest["attack"], seed])
    seal(copy, fields, bundle)
    install(copy, bundle)
    shutil.rmtree(work)
    return {rule: str(attacks[rule].status) for rule in found}


def is_found_again(old: RuleAttack, trials: Sequence[Trial], pieces: Mapping[str, Piece], tag: str) -> bool:
    """True where the new pieces take the place of all that was found of a rule before."""
    families = {trial.family for trial in trials} | {curve.family for curve in old.curves}
    return {SAFE, *families} <= set(pieces) and {tag_of(trial) for trial in trials} <= {tag}


def older_attacks(manifest: Mapping[str, Any]) -> str | None:
    """What version of the attacks some of a bundle's trials are of; None where all are of this one."""
    found = manifest.get("versions", {}).get(ATTACKS)
    return None if found == str(ATTACK_VERSION) else found or f"before {FIRST_NAMED}"


def read_attack(folder: Path) -> RuleAttack:
    """attack.json of a rule; Damaged where it is none."""
    return decode(RuleAttack, read_json(folder / "attack.json", "attack.json"), "attack.json")


def seal(folder: Path, fields: Mapping[str, Any], place: Path) -> None:
    """Report, then manifest over every file; the folder is about to be put in `place`."""
    write_manifest(folder, fields)
    render_bundle(folder, place=place)
    write_manifest(folder, fields)
    load_bundle(folder)


def join(
    arena: Arena, folder: Path, pieces: Mapping[str, Piece], effort: Effort
) -> tuple[RuleAttack, tuple[Trial, ...]]:
    """A rule's results at hand in `folder` with the new pieces in their place, judged as a whole."""
    sets = next(sets for sets in arena.derived.rules if sets.rule.id == folder.name)
    old = read_attack(folder)
    trials = added(read_trials(folder / "trials.jsonl"), pieces, arena.tag)
    evidence = _joined(evidence_of(old), pieces, arena, effort, pictured(arena, sets))
    return judge(folder.name, sets.rule.require, evidence, trials), trials


def _joined(
    old: Evidence, pieces: Mapping[str, Piece], arena: Arena, effort: Effort, seen: frozenset[tuple[str, str, str]]
) -> Evidence:
    """What is new takes the old one's place; what was not attacked now stays."""
    fresh, _ = gather({SAFE: Piece(0.0), **pieces}, seen, arena.seed, effort)
    whole = {row.name for row in listed(effort)} <= set(pieces)
    most = max(old.effort, effort, key=EFFORTS.index) if whole else old.effort
    if SAFE in pieces:
        kept = replace(fresh, seeds=old.seeds)
        said = [line for line in old.why_not if _about(line) is not None]
    else:
        kept = replace(old, seconds=fresh.seconds)
        said = list(old.why_not)
    return replace(
        kept,
        effort=most,
        curves=(*(c for c in old.curves if c.family not in pieces), *fresh.curves),
        probes=fresh.probes or old.probes,
        why_not=(*(line for line in said if _about(line) not in pieces), *fresh.why_not),
    )


def _about(line: str) -> str | None:
    """The attack that a line of what was not tested begins with; None for one about the safe sets."""
    name, found, _ = line.partition(" attacks: ")
    return name if found else None
