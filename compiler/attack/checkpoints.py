"""Finished parts of an attack: one a rule and attack, kept on disk so that a killed run goes on and processes share."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from ..corpus.scene_sets import POOL_VERSION
from ..records.canonical import meaning_hash, plain
from ..records.decode import Damaged, decode
from ..records.results import (
    Curve,
    HeatCell,
    LinearProbe,
    OverblockResult,
    RedirectResult,
    RetentionResult,
    SlotLoss,
    Trial,
)
from .context import Arena
from .version import ATTACK_VERSION


@dataclass(frozen=True, slots=True)
class Piece:
    """What one attack found of one rule, or what was measured of its safe sets; `why_not` says why it found nothing."""

    seconds: float
    trials: tuple[Trial, ...] = ()
    curves: tuple[Curve, ...] = ()
    probes: tuple[LinearProbe, ...] = ()
    why_not: tuple[str, ...] = ()
    retention: tuple[RetentionResult, ...] = ()
    slots: tuple[SlotLoss, ...] = ()
    overblock: tuple[OverblockResult, ...] = ()
    redirect: RedirectResult | None = None
    heat: tuple[HeatCell, ...] = ()


@dataclass(frozen=True, slots=True)
class Store:
    """Pieces of one arena and one set of adapters; those of any other are never seen."""

    folder: Path

    def path(self, rule: str, name: str) -> Path:
        """Where a piece is kept."""
        return self.folder / rule / f"{name}.json"

    def read(self, rule: str, name: str) -> Piece | None:
        """The piece, or None where it is not finished."""
        path = self.path(rule, name)
        try:
            return decode(Piece, json.loads(path.read_text(encoding="utf-8")), path.name)
        except (OSError, ValueError, Damaged):
            return None

    def write(self, rule: str, name: str, piece: Piece) -> None:
        """Written aside and renamed: a half-written piece is never taken for a finished one."""
        path = self.path(rule, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.part")
        aside.write_text(json.dumps(asdict(piece), ensure_ascii=False), encoding="utf-8")
        aside.replace(path)


def store_in(folder: Path, arena: Arena, adapters: Mapping[str, Path]) -> Store:
    """The store for exactly these adapters, sets, words and seed; what others left in `folder` is removed."""
    own = folder / ground_hash(arena, adapters)[:16]
    for other in folder.glob("*"):
        if other != own:
            shutil.rmtree(other)
    return Store(own)


def ground_hash(arena: Arena, adapters: Mapping[str, Path]) -> str:
    """A hash of everything that trials depend on, but for which attacks are wanted."""
    weights = {
        rule: {file.name: sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir())}
        for rule, folder in adapters.items()
    }
    sets = [
        [s.rule.id, s.rule.require.breach_max, s.rule.require.retention_min]
        + [[str(i.cell) for i in getattr(s, n)] for n in ("forget", "neighbours", "allows", "marginals", "control")]
        for s in arena.derived.rules
    ]
    words = {f"{slot}/{name}": plain(forms) for (slot, name), forms in arena.book.entries.items()}
    versions = [ATTACK_VERSION, POOL_VERSION, arena.backbone.fingerprint, arena.seed, arena.book.seed]
    return meaning_hash([versions, weights, sets, words])
