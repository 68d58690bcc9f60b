"""A bundle folder as a Report: every file is read, decoded and checked against the manifest's hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from ..attack.results import RuleAttack
from .decode import Damaged, decode, read_json
from .model import Manifest, Report, RuleFacts, RuleReport, Training
from .schema import faults_of

T = TypeVar("T")
MANIFEST = "manifest.json"
ADAPTER = "adapter/adapter_model.safetensors"


class NotABundle(Exception):
    """The folder holds no manifest."""


def read_bundle(folder: Path, manifest: Mapping[str, Any] | None = None) -> Report:
    """The report's data. Without `manifest` the folder's own is taken, and its hashes must be true.

    The compile command gives the manifest that it is about to write, before there are hashes to compare.
    """
    values = read_manifest(folder) if manifest is None else _checked(dict(manifest))
    facts = decode(Manifest, values, MANIFEST)
    files = values.get("files", {}) if manifest is None else {}
    ids = [line.id for line in facts.rules]
    if len(set(ids)) < len(ids):
        raise Damaged(f"{MANIFEST}: a rule is listed twice")
    return Report(facts, tuple(_read_rule(folder, line.id, files) for line in facts.rules))


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


def _read_rule(folder: Path, rule: str, files: Mapping[str, str]) -> RuleReport:
    base = f"rules/{rule}"
    attack = _read(RuleAttack, folder, f"{base}/attack.json", files)
    facts = _read(RuleFacts, folder, f"{base}/rule.json", files)
    for found, name in ((attack.rule, "attack.json"), (facts.id, "rule.json")):
        if found != rule:
            raise Damaged(f"{base}/{name}: is about rule {found!r}, not {rule!r}")
    training = _read(Training, folder, f"{base}/training.json", files)
    return RuleReport(facts, attack, training, _hash_adapter(folder, f"{base}/{ADAPTER}", files))


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
