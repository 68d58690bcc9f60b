"""Attacks in several processes: each opens the arena for itself and leaves its pieces in the store."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import torch
from proscribe.runtime.backbone import load_backbone

from ..corpus.phrasebook import Phrasebook
from ..graph.derive import Derived
from ..processes import end_with_parent, prepare_machine
from ..train.cuts import cut
from ..train.data import prepare_shared
from .checkpoints import Store
from .context import open_arena
from .listed import Listed
from .run import Attacker, Redirects, Wanted, name_of

Task = tuple[tuple[str, Listed | None], ...]


@dataclass(frozen=True, slots=True)
class Work:
    """All that a process needs, ready to be sent to it; the backbone is loaded there by its name."""

    backbone: str
    fingerprint: str
    derived: Derived
    book: Phrasebook
    seed: int
    adapters: Mapping[str, Path]
    redirects: Redirects
    store: Store
    threads: int


_attacker: Attacker | None = None  # of this process


def tasks(wanted: Wanted, processes: int) -> tuple[Task, ...]:
    """Whole rules where there are enough of them, since the attacks on one rule share much; else single pieces."""
    pieces = wanted.pieces()
    if len(wanted.rules) < processes:
        return tuple((piece,) for piece in pieces)
    return tuple(tuple(piece for piece in pieces if piece[0] == rule) for rule in wanted.rules)


def find_in_processes(attacker: Attacker, wanted: Wanted, processes: int) -> None:
    """Put every wanted piece into the attacker's store. One thread each: as exact as one process of one thread."""
    arena, store = attacker.arena, attacker.store
    if store is None:
        raise ValueError("processes share pieces through a store")
    work = Work(
        arena.backbone.name,
        arena.backbone.fingerprint,
        arena.derived,
        arena.book,
        arena.seed,
        attacker.adapters,
        attacker.redirects,
        store,
        max(1, torch.get_num_threads() // processes),
    )
    todo = [
        task for task in tasks(wanted, processes) if any(store.read(rule, name_of(row)) is None for rule, row in task)
    ]
    if not todo:
        return
    # Spawned: a forked process may hang on locks of torch's own threads.
    context = get_context("spawn")
    with ProcessPoolExecutor(min(processes, len(todo)), context, _open, (work,)) as pool:
        running = [pool.submit(_run, task) for task in todo]
        for number, done in enumerate(as_completed(running)):
            arena.tick(f"{done.result()}: attacked", number + 1, len(running))


def _open(work: Work) -> None:
    global _attacker
    end_with_parent()
    prepare_machine(work.threads)
    backbone = load_backbone(work.backbone)
    if backbone.fingerprint != work.fingerprint:
        raise ValueError(f"the backbone {work.backbone} has changed while it was attacked")
    shared = prepare_shared(cut(backbone), backbone.fingerprint, work.book, _silent)
    arena = open_arena(backbone, work.derived, work.book, shared, work.seed, _silent)
    _attacker = Attacker(arena, work.adapters, work.redirects, work.store)


def _silent(what: str, done: int, total: int) -> None: ...


def _run(task: Task) -> str:
    assert _attacker is not None
    for rule, row in task:
        _attacker.piece(rule, row)
    return task[0][0]
