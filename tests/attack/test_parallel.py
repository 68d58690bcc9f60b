"""`attack --jobs 2` writes what `--jobs 1` writes, to the byte: real processes and attacks, a tiny backbone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from proscribe.compiler.attack import parallel, retention
from proscribe.compiler.attack import run as find
from proscribe.compiler.attack.listed import named
from proscribe.compiler.attack.parallel import Work
from proscribe.compiler.attack.run import Wanted
from proscribe.compiler.build.attack_bundle import attack_bundle
from proscribe.compiler.build.plan import make_plan
from proscribe.compiler.bundle.write import read_trials
from proscribe.compiler.corpus.scene_sets import stable_seed
from proscribe.compiler.corpus.scenes.scene import Scene
from proscribe.compiler.pipeline import loads
from proscribe.compiler.train import data
from proscribe.compiler.train.loop import train_rule

from ..compile.test_resume import DRINK, EAT, SETTINGS, WORDS, Workshop, furnish, tiny
from ..train.conftest import silent

POLICY = WORDS + DRINK + EAT
ATTACKS = tuple(replace(row, trials=40) for row in named(("paraphrase", "characters", "style")))


def flat(scene: Scene) -> Image.Image:
    """A picture of one colour for each scene: the whole world is drawn at once."""
    drawn = stable_seed(repr(scene))
    return Image.new("RGB", (8, 8), (drawn % 256, drawn // 256 % 256, drawn // 65536 % 256))


def lighten(patch: pytest.MonkeyPatch) -> None:
    """What keeps the attacks short, in this process and in those that it starts."""
    patch.setattr(data, "render", flat)
    patch.setattr(retention, "SENTENCES", 40)
    patch.setattr(retention, "PICTURES", 40)


def open_tiny(work: Work) -> None:
    """What a process begins with, and the tiny backbone under the name that it is asked for."""
    patch = pytest.MonkeyPatch()  # for as long as the process lives
    lighten(patch)
    patch.setattr(parallel, "load_backbone", lambda name: tiny())
    parallel._open(work)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two trained rules, not yet attacked; trained in a small world, attacked in the whole one."""
    folder = tmp_path_factory.mktemp("compiled")
    workshop = Workshop(folder / "kitchen", tiny(), train_rule)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROSCRIBE_CACHE", str(folder / "small world"))
        furnish(patch, workshop)
        return workshop.compile(POLICY).folder


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _same_threads_after() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def attacked(bundle: Path, copy: Path, wanted: Wanted, jobs: int) -> dict[str, tuple[bytes, dict[str, Any]]]:
    """trials.jsonl and attack.json of each wanted rule, after `attack --jobs JOBS` on a copy of the bundle."""
    shutil.copytree(bundle, copy)
    derived, _ = loads(POLICY)
    assert derived is not None
    backbone = tiny()
    _, book = make_plan(derived, "towers", backbone.fingerprint, 0, SETTINGS, derived.ids)
    torch.set_num_threads(jobs)  # as prepare_machine does
    attack_bundle(copy, derived, book, backbone, wanted, "quick", 0, silent, jobs)
    found = {}
    for rule in wanted.rules:
        attack = json.loads((copy / "rules" / rule / "attack.json").read_text())
        del attack["seconds"]
        found[rule] = ((copy / "rules" / rule / "trials.jsonl").read_bytes(), attack)
    return found


@pytest.mark.parametrize("rules", [("R1", "R2"), ("R2",)], ids=["a rule a process", "an attack a process"])
def test_two_processes_write_what_one_writes(
    bundle: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rules: tuple[str, ...]
) -> None:
    monkeypatch.setenv("PROSCRIBE_CACHE", str(cache))
    monkeypatch.setattr(parallel, "_open", open_tiny)
    lighten(monkeypatch)
    wanted = Wanted(rules, ATTACKS)
    alone = attacked(bundle, tmp_path / "one", wanted, 1)
    # This process is to find nothing itself now; those that it starts know nothing of the patch.
    monkeypatch.setattr(find, "run_family", _never)
    monkeypatch.setattr(find, "run_retention", _never)
    assert attacked(bundle, tmp_path / "two", wanted, 2) == alone
    for rule in rules:
        trials = read_trials(tmp_path / "two" / "rules" / rule / "trials.jsonl")
        assert {trial.family for trial in trials} == {row.name for row in ATTACKS}
        assert {trial.stage for trial in trials} == {"alone", "all_on"}
        assert len({trial.guarded.score for trial in trials}) > 100, "numbers that depend on the model"
        assert alone[rule][1]["retention"], "what must not be lost was measured"


def _never(*_: Any) -> None:
    raise AssertionError("the parent attacked by itself")
