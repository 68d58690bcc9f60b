"""`attack` killed at any step: the bundle stays whole, and the next attack loses nothing and doubles nothing.

The attacks are written down without a model; all that happens to files is real.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from proscribe.compiler.attack import checkpoints as pieces
from proscribe.compiler.attack import run as find
from proscribe.compiler.attack.checkpoints import Piece
from proscribe.compiler.attack.listed import named
from proscribe.compiler.attack.run import Attacker, Wanted
from proscribe.compiler.build import attack_bundle as reattack
from proscribe.compiler.build.attack_bundle import attack_bundle
from proscribe.compiler.corpus.phrasebook import build_phrasebook
from proscribe.compiler.pipeline import loads
from proscribe.compiler.records.results import Pick, Trial
from proscribe.compiler.report.read import read_bundle, read_manifest
from proscribe.runtime.bundle import write_manifest

from ..report.bundle_fixture import write_bundle

POLICY = "forbid child -drinking-> wine\n    instead juice\nforbid child -smoking-> cigar\n    instead holding\n"
CELL = ("child", "drinking", "wine")
WANTED = Wanted(("R1", "R2"), named(("paraphrase", "context", "pixels")))
# What happens to files or is found, in the order in which it does; a kill is an exception that nothing catches.
STEPS = (
    (Attacker, "_family"),
    (Attacker, "_campaign"),
    (Attacker, "_safe"),
    (pieces.Store, "write"),
    (shutil, "copytree"),
    (reattack, "write_trials"),
    (reattack, "write_json"),
    (reattack, "write_manifest"),
    (reattack, "render_bundle"),
    (reattack, "install"),
    (shutil, "rmtree"),
)


class Killed(BaseException):
    """Nobody catches it."""


@pytest.fixture(autouse=True)
def _no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    derived, _ = loads(POLICY)
    assert derived is not None
    arena = SimpleNamespace(
        backbone=SimpleNamespace(fingerprint="f"), derived=derived, book=build_phrasebook(derived, 0), seed=0, tag="",
        tick=lambda *_: None,
    )  # fmt: skip

    def trials(self: Attacker, ground: Any, row: Any) -> Piece:
        picks = Pick(CELL, 0.5), Pick(CELL, 0.4)
        found = [
            Trial(
                f"{ground.rule}-{row.name}-alone-both-{n:04d}", row.name, "text", "both", "alone", "text_to_picture",
                CELL, f"{row.name} {n}", None, *picks, True, "held",
            )
            for n in range(3)
        ]  # fmt: skip
        return Piece(0.0, tuple(found))

    monkeypatch.setattr(Attacker, "_family", trials)
    monkeypatch.setattr(Attacker, "_campaign", trials)
    monkeypatch.setattr(Attacker, "_safe", lambda self, ground: Piece(0.0))
    monkeypatch.setattr(find, "time", SimpleNamespace(monotonic=lambda: 0.0))
    monkeypatch.setattr(reattack, "cut", lambda backbone: None)
    monkeypatch.setattr(reattack, "prepare_shared", lambda *_: None)
    monkeypatch.setattr(reattack, "choose_redirects", lambda *_: {})
    monkeypatch.setattr(reattack, "open_arena", lambda *_: arena)
    monkeypatch.setattr(reattack, "load_bundle", loaded)
    monkeypatch.setattr(reattack, "render_bundle", rendered)
    monkeypatch.setattr(find, "RuleGround", lambda arena, sets, adapters: SimpleNamespace(rule=sets.rule.id))


def made_bundle(folder: Path) -> Path:
    """The report's bundle with adapters that are safetensors files, of no tensor."""
    manifest = json.loads((write_bundle(folder) / "manifest.json").read_text())
    for path in folder.rglob("*.safetensors"):
        path.write_bytes(len(b"{}").to_bytes(8, "little") + b"{}")
    write_manifest(folder, {key: value for key, value in manifest.items() if key not in ("format", "files")})
    return folder


def rendered(folder: Path, place: Path) -> tuple[Path, ...]:
    """A page that changes with the trials, and takes no second."""
    trials = sorted(folder.glob("rules/*/trials.jsonl"))
    (folder / "report.html").write_bytes(b"".join(path.read_bytes() for path in trials))
    return (folder / "report.html",)


def loaded(folder: Path) -> Any:
    """Every hash is looked at; adapters of a few bytes are not read."""
    read_bundle(folder)
    return SimpleNamespace(manifest=read_manifest(folder))


def attack(bundle: Path) -> None:
    derived, _ = loads(POLICY)
    backbone: Any = SimpleNamespace(fingerprint="f")
    assert derived is not None
    attack_bundle(bundle, derived, build_phrasebook(derived, 0), backbone, WANTED, "quick", 0, lambda *_: None)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def at_step(patch: pytest.MonkeyPatch, number: int, done: bool) -> list[str]:
    """Kill at the `number`-th step, before it or when it is done; the list says which steps were made."""
    made: list[str] = []

    def counted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*given: Any, **named: Any) -> Any:
            made.append(name)
            is_wanted = len(made) == number + 1  # a folder's own folders are copied and removed by steps within
            if is_wanted and not done:
                raise Killed(name)
            found = real(*given, **named)
            if is_wanted and done:
                raise Killed(name)
            return found

        return step

    for owner, name in STEPS:
        patch.setattr(owner, name, counted(name, getattr(owner, name)))
    return made


@pytest.mark.parametrize("done", [False, True], ids=["before a step", "after it"])
def test_a_kill_at_any_step_leaves_a_whole_bundle_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, done: bool
) -> None:
    folder = made_bundle(tmp_path / "plain")
    whole = Path(shutil.copytree(folder, tmp_path / "whole"))
    attack(whole)
    before, after = contents(folder), contents(whole)
    assert before != after
    number, met = 0, set[str]()
    while True:
        out = Path(shutil.copytree(folder, tmp_path / f"out {number}"))
        with monkeypatch.context() as patch:
            made = at_step(patch, number, done)
            try:
                attack(out)
            except Killed as kill:
                met.add(kill.args[0])
            else:
                break
        assert contents(out) in (before, after), f"neither the old nor the new, killed at {made[-1]}"
        loaded(out)
        attack(out)
        assert contents(out) == after, f"killed at {made[-1]}"
        number += 1
        assert list(out.parent.glob(f".{out.name}*")) == [], "nothing is left beside the bundle"
    assert met == {name for _, name in STEPS}, "every step was met"


def test_finished_attacks_are_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = made_bundle(tmp_path / "out")
    with monkeypatch.context() as patch:
        patch.setattr(Attacker, "_campaign", killed)
        with pytest.raises(Killed):
            attack(out)
    with monkeypatch.context() as patch:
        made = at_step(patch, 10_000, True)
        attack(out)
    assert [name for name in made if name in ("_safe", "_family", "_campaign")] == [
        "_campaign", "_safe", "_family", "_family", "_campaign",
    ]  # fmt: skip
    ids = [json.loads(line)["id"] for line in (out / "rules/R1/trials.jsonl").read_text().splitlines()]
    assert len(set(ids)) == len(ids)
    assert sum("-pixels-" in one for one in ids) == 3


def killed(*_: Any) -> Piece:
    raise Killed
