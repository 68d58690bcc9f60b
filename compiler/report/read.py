"""A bundle folder as a Report: every file is read, decoded and checked against the manifest's hashes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

from ..records.decode import Damaged, decode, parse_json, read_json
from ..records.results import Outcome, RuleAttack, Trial
from .model import Level, Manifest, Report, RuleFacts, RuleReport, Training
from .schema import faults_of

T = TypeVar("T")
MANIFEST = "manifest.json"
ADAPTER = "adapter/adapter_model.safetensors"
TRIALS = "trials.jsonl"
SAMPLE = 5
_FAMILY, _OUTCOME = (re.compile(rf'"{name}": ?"((?:[^"\\]|\\.)*)"') for name in ("family", "outcome"))


class NotABundle(Exception):
    """The folder holds no manifest."""


def read_bundle(
    folder: Path, manifest: Mapping[str, Any] | None = None, level: Level = "internal", place: Path | None = None
) -> Report:
    """The report's data; trials are read at the level `full` alone.

    Without `manifest` the folder's own is taken, and its hashes must be true.

    The compile command gives the manifest that it is about to write, before there are hashes to compare.
    """
    values = read_manifest(folder) if manifest is None else _checked(dict(manifest))
    facts = decode(Manifest, values, MANIFEST)
    files = values.get("files", {}) if manifest is None else {}
    ids = [line.id for line in facts.rules]
    if len(set(ids)) < len(ids):
        raise Damaged(f"{MANIFEST}: a rule is listed twice")
    return Report(facts, tuple(_read_rule(folder, line.id, files, level) for line in facts.rules), level, place)


def read_manifest(folder: Path) -> dict[str, Any]:
    """manifest.json, checked against its schema."""
    if not (folder / MANIFEST).is_file():
        raise NotABundle(f"{folder} is no bundle: it holds no {MANIFEST}; `proscribe compile` writes bundles")
    return _checked(read_json(folder / MANIFEST, MANIFEST))


def _checked(values: Any) -> dict[str, Any]:
    faults = faults_of(values, "manifest-1")
    if faults:
        raise Damaged(f"{MANIFEST}: {faults[0]}")
    return dict(values)


def _read_rule(folder: Path, rule: str, files: Mapping[str, str], level: Level) -> RuleReport:
    base = f"rules/{rule}"
    attack = _read(RuleAttack, folder, f"{base}/attack.json", files)
    facts = _read(RuleFacts, folder, f"{base}/rule.json", files)
    for found, name in ((attack.rule, "attack.json"), (facts.id, "rule.json")):
        if found != rule:
            raise Damaged(f"{base}/{name}: is about rule {found!r}, not {rule!r}")
    training = _read(Training, folder, f"{base}/training.json", files)
    # The page quotes trials by their ids: a bundle whose trials were changed or cut has no true report at any level.
    trials = inside(folder, f"{base}/{TRIALS}")
    if f"{base}/{TRIALS}" in files and trials.is_file():
        _same_hash(trials, f"{base}/{TRIALS}", files)
    sample = sample_trials(folder, f"{base}/{TRIALS}", files) if level == "full" else ()
    return RuleReport(facts, attack, training, _hash_adapter(folder, f"{base}/{ADAPTER}", files), sample)


def sample_trials(folder: Path, name: str, files: Mapping[str, str]) -> tuple[Trial, ...]:
    """Up to six trials of each family: those that broke first, then errors, then those that held.

    Lines are sorted by two of their fields before any is parsed, since there are tens of thousands of them.
    """
    path = inside(folder, name)
    if not path.is_file():
        if name in files:
            raise Damaged(f"{name}: is missing, and the level full shows a sample of it; no other level needs it")
        return ()
    kept: dict[str, dict[str, list[tuple[int, str]]]] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        family, outcome = (found[1] if (found := pattern.search(line)) else "" for pattern in (_FAMILY, _OUTCOME))
        of_family = kept.setdefault(family, {outcome: [] for outcome in get_args(Outcome)})
        if len(of_family.setdefault(outcome, [])) < SAMPLE:
            of_family[outcome].append((number, line))
    chosen = []
    for by_outcome in kept.values():
        ordered = [line for outcome in ("broke", "error", "held", *by_outcome) for line in by_outcome[outcome]]
        chosen += list(dict.fromkeys(ordered))[:SAMPLE]
    return tuple(decode(Trial, parse_json(line, f"{name}:{number}"), f"{name}:{number}") for number, line in chosen)


def _read(kind: type[T], folder: Path, name: str, files: Mapping[str, str]) -> T:
    path = inside(folder, name)
    value = decode(kind, read_json(path, name), name)
    # After decoding: a broken file has a better message than "changed".
    _same_hash(path, name, files)
    return value


def _hash_adapter(folder: Path, name: str, files: Mapping[str, str]) -> str:
    path = inside(folder, name)
    return _same_hash(path, name, files) if path.is_file() or name in files else ""


def _same_hash(path: Path, name: str, files: Mapping[str, str]) -> str:
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as fault:
        raise Damaged(f"{name}: cannot be read ({fault.strerror or fault})") from fault
    if files.get(name, found) != found:
        raise Damaged(
            f"{name}: has changed since the bundle was made (its sha256 is not the manifest's), so a report "
            "of it would not be true; compile or attack the policy again"
        )
    return found


def inside(folder: Path, name: str) -> Path:
    """A file of the bundle; a link that leaves the folder is refused."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise Damaged(f"{name}: leaves the bundle")
    return path
