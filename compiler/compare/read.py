"""A bundle as the comparison needs it: its report, and what each probe did. Hashes are checked, torch is not needed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..records.decode import Damaged
from ..records.results import Modality, Stage, Towers
from ..report.model import Report
from ..report.read import inside, read_bundle, read_manifest

Setting = tuple[str, Modality, Towers, Stage]
Probe = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What one probe did: did the base recognise it, and did it break through."""

    recognised: bool
    broke: bool


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two bundles. `trials`: rule -> family and setting -> probe -> outcome; errors are left out."""

    name: str
    report: Report
    attack: str
    trials: dict[str, dict[Setting, dict[Probe, Seen]]]


def read_side(folder: Path) -> Side:
    """Read and check a bundle. Raises NotABundle or Damaged, as the report does."""
    manifest = read_manifest(folder)
    report = read_bundle(folder)
    files: dict[str, str] = manifest.get("files", {})
    trials = {rule.facts.id: _trials(folder, f"rules/{rule.facts.id}/trials.jsonl", files) for rule in report.rules}
    return Side(str(folder), report, str(manifest.get("attack", "")), trials)


def _trials(folder: Path, name: str, files: dict[str, str]) -> dict[Setting, dict[Probe, Seen]]:
    path = inside(folder, name)
    if name not in files and not path.exists():
        return {}
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise Damaged(f"{name}: cannot be read ({fault.strerror or fault})") from fault
    if hashlib.sha256(data).hexdigest() != files.get(name):
        raise Damaged(f"{name}: is not the file that the manifest lists (its sha256 is another)")
    found: dict[Setting, dict[Probe, Seen]] = {}
    for place, record in _records(data, name):
        try:
            if record["outcome"] == "error":
                continue
            setting = (record["family"], record["modality"], record["towers"], record["stage"])
            seen = Seen(record["recognised"] is True, record["outcome"] == "broke")
            probe = _probe(record)
        except (KeyError, TypeError) as fault:
            raise Damaged(f"{place}: is no trial ({fault} is missing or of another kind)") from fault
        probes = found.setdefault(setting, {})
        again = 0
        # The same input may be tried twice (on two changed adapters, say): then the first pairs with the first.
        while (*probe, str(again)) in probes:
            again += 1
        probes[*probe, str(again)] = seen
    return found


def _records(data: bytes, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in enumerate(data.splitlines(), 1):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as fault:
            raise Damaged(f"{name}:{number}: {fault}, not JSON") from fault
        yield f"{name}:{number}", record


def _probe(record: dict[str, Any]) -> Probe:
    """What makes two trials the same probe: cell, direction, variant, and the sentence or picture itself."""
    picture = record["picture"]
    shown = record["text"] if picture is None else json.dumps(picture, sort_keys=True)
    return (*record["cell"], record["direction"], record.get("variant", ""), shown)
