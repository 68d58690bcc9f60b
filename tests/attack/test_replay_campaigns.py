"""Trials of campaigns are run again: the weights are changed and the gradients climbed as they were."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from click.testing import CliRunner, Result
from PIL import Image, ImageChops
from proscribe.compiler.attack import run as find
from proscribe.compiler.attack.context import Arena
from proscribe.compiler.attack.listed import LISTED, Listed
from proscribe.compiler.attack.replay import model_attack as replay_campaign
from proscribe.compiler.attack.replay.replay import replay
from proscribe.compiler.attack.replay.result import NotReplayable, Replayed
from proscribe.compiler.attack.run import Attacker
from proscribe.compiler.attack.whitebox import CAMPAIGNS, relearning
from proscribe.compiler.attack.whitebox.layers import Layers
from proscribe.compiler.attack.whitebox.linear_probe import LinearProbing
from proscribe.compiler.attack.whitebox.model_attack import Again, Campaign, Repeatable
from proscribe.compiler.attack.whitebox.pgd_attack import PixelAttack
from proscribe.compiler.attack.whitebox.quantised import Quantised
from proscribe.compiler.attack.whitebox.relearning import Relearning
from proscribe.compiler.attack.whitebox.scaled import Scaled
from proscribe.compiler.attack.whitebox.soft_prompts import SoftPrompts
from proscribe.compiler.attack.whitebox.stacked import Stacked
from proscribe.compiler.attack.whitebox.token_swaps import TokenSwaps
from proscribe.compiler.cli.main import main
from proscribe.compiler.corpus.edited_images import draw_record
from proscribe.compiler.corpus.phrasebook import build_phrasebook
from proscribe.compiler.pipeline import loads
from proscribe.compiler.records.results import Pick, Trial, tag_of
from proscribe.compiler.report.figures.cases import replay as command
from proscribe.compiler.world.cells import Cell
from proscribe.runtime.bundle import load_bundle, write_manifest

from .tiny_ground import BEER, CELLS, POLICY, silent, tiny_ground

TEXT = f"{POLICY}forbid otter -juggling-> pebble\n"
SMALL: dict[str, Campaign] = {
    campaign.name: campaign
    for campaign in (
        TokenSwaps(starts=2, candidates=4),
        SoftPrompts(measured=(0, 3), tried=3),
        PixelAttack(levels=(0.5, 4.0), steps=3, starts=2),
        Scaled(probes=3),
        Layers(probes=2),
        Quantised(probes=3),
        Stacked(probes=3),
        Relearning(measured=(0, 3), probes=3),
        LinearProbing(learnt=6, judged=5),
    )
}
OTHER_SEED = 7


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PROSCRIBE_CACHE", str(tmp_path / "cache"))
    states = tiny_ground().arena.universe
    pool = type("Pool", (), {"state": states.picture_state})
    monkeypatch.setattr(replay_campaign, "world_cells", lambda: CELLS)
    monkeypatch.setattr(replay_campaign, "gallery_pool", lambda *_: pool)
    monkeypatch.setattr(
        "proscribe.compiler.cli.commands.build.backbone_named", lambda name: tiny_ground().arena.backbone
    )
    _few(monkeypatch)


def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (find, replay_campaign):
        monkeypatch.setattr(module, "load_campaign", lambda row: SMALL[row.name])
    for kind, count in (("forget", 4), ("sibling", 4), ("retain", 4)):
        monkeypatch.setitem(relearning.ITEMS, kind, count)


def row(name: str) -> Listed:
    return next(listed for listed in LISTED if listed.name == name)


@cache
def arena() -> Arena:
    """The tiny ground's, under a policy of two rules."""
    derived, _ = loads(TEXT)
    assert derived is not None
    forbidden = {"R1": frozenset({BEER}), "R2": frozenset[Cell]()}
    return replace(tiny_ground().arena, derived=derived, book=build_phrasebook(derived, 0), forbidden=forbidden)


@cache
def trials() -> tuple[Trial, ...]:
    """Of every campaign, as the attack writes them; some with another seed as well."""
    found: list[Trial] = []
    for seed, names in ((0, tuple(SMALL)), (OTHER_SEED, ("pixels", "stacked"))):
        attacker = Attacker(replace(arena(), seed=seed), tiny_ground().adapters, {}, None)
        found += [trial for name in names for trial in attacker.piece("R1", row(name)).trials]
    return tuple(found)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("campaigns") / "bundle"
    with pytest.MonkeyPatch.context() as patch:
        _few(patch)
        found = trials()
    for rule in ("R1", "R2"):
        shutil.copytree(tiny_ground().adapters[rule], folder / "rules" / rule / "adapter")
        kinds = [{"family": campaign.name, "kind": campaign.kind} for campaign in CAMPAIGNS]
        (folder / "rules" / rule / "attack.json").write_text(json.dumps({"families": kinds}))
    (folder / "rules/R1/trials.jsonl").write_text("".join(f"{json.dumps(asdict(t))}\n" for t in found))
    (folder / "policy.policy").write_text(TEXT)
    return sealed(folder)


def sealed(folder: Path) -> Path:
    model = tiny_ground().arena.backbone
    named = {"name": "mini", "fingerprint": model.fingerprint, "parts": dict(model.fingerprint_parts)}
    rules = [{"id": rule} for rule in ("R1", "R2")]
    write_manifest(folder, {"policy": "p", "seed": 0, "backbone": named, "rules": rules})
    return folder


def again(folder: Path, trial: str) -> Replayed:
    own = arena()
    return replay(load_bundle(folder), trial, own.derived, own.book, own.backbone, silent)


def run(*words: str | Path) -> Result:
    return CliRunner(env={"COLUMNS": "100"}).invoke(main, [str(word) for word in words])


def edited(folder: Path, tmp_path: Path, edit: Callable[[dict[str, Any]], None], wanted: str) -> Path:
    """A copy in which one trial was written otherwise, with true hashes."""
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    path = copy / "rules/R1/trials.jsonl"
    records = [json.loads(line) for line in path.read_text().splitlines()]
    for record in records:
        if record["id"] == wanted:
            edit(record)
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return sealed(copy)


def one_of(family: str, **wanted: str) -> Trial:
    return next(t for t in trials() if t.family == family and all(getattr(t, k) == v for k, v in wanted.items()))


def test_every_campaign_that_makes_trials_makes_them_again() -> None:
    for campaign in CAMPAIGNS:
        assert isinstance(campaign, Repeatable) is (campaign.name != "linear_probe"), campaign.name


def covering(family: str) -> list[Trial]:
    """Trials of every variant, of every setting with each modality and of every seed: those that broke first."""
    met: set[tuple[str, ...]] = set()
    found = []
    for trial in sorted((t for t in trials() if t.family == family), key=lambda t: t.outcome != "broke"):
        marks = {("variant", trial.variant), ("setting", trial.towers, trial.modality), ("seed", tag_of(trial))}
        if marks - met:
            found.append(trial)
            met |= marks
    return found


@pytest.mark.parametrize("family", [name for name in SMALL if name != "linear_probe"])
def test_trials_of_every_variant_give_what_was_recorded(bundle: Path, family: str) -> None:
    chosen = covering(family)
    assert {trial.outcome for trial in chosen} <= {"held", "broke"}
    for trial in chosen:
        found = again(bundle, trial.id)
        assert found.sentence == f"The same outcome, answers and scores as recorded: {trial.outcome}.", trial.id
        assert (found.base[0].cell, found.guarded[0].cell) == (trial.base.cell, trial.guarded.cell)
        assert found.guarded[0].score == pytest.approx(trial.guarded.score, abs=2e-4)
        assert found.base[0].score == pytest.approx(trial.base.score, abs=2e-4)
        assert found.rules_on == ("R1",)


def test_each_variant_is_another_model(bundle: Path) -> None:
    """The same sentence under each scale: a replay that ignored the change would answer alike."""
    text = one_of("scaled", modality="text").text
    same = [t for t in trials() if t.family == "scaled" and t.text == text and t.modality == "text"]
    assert len(same) == 3
    scores = [again(bundle, trial.id).guarded[0].score for trial in same]
    assert len(set(scores)) == 3


def test_the_report_prints_a_replay_for_every_campaigns_trials(bundle: Path) -> None:
    for name in SMALL:
        own = next((t for t in trials() if t.family == name), None)
        if own is not None:
            words = command(str(bundle), own).split()
            assert words[:2] == ["proscribe", "replay"]
            done = run(*words[1:], "-q")
            assert done.exit_code == 0, done.output
            assert "The same outcome" in done.output
            assert own.variant in " ".join(done.output.split())


def test_a_picture_after_pgd_is_saved_as_it_was_tried(bundle: Path, tmp_path: Path) -> None:
    trial = one_of("pixels", variant="4/255", towers="both")
    done = run("replay", bundle, trial.id, "--save", tmp_path / "tried.png", "-q")
    assert done.exit_code == 0, done.output
    with Image.open(tmp_path / "tried.png") as saved:
        start = tiny_ground().arena.backbone.preprocess(draw_record(trial.picture or {}))
        plain = replay_campaign.picture_from((start + 1) / 2)
        off = ImageChops.difference(saved.convert("RGB"), plain).getextrema()
    assert all(0 < most <= 4 for _, most in off)
    assert "after PGD at 4/255" in " ".join(done.output.split())


def test_a_trial_that_this_version_does_not_make_is_refused_with_why(bundle: Path, tmp_path: Path) -> None:
    for family, edit, why in (
        ("scaled", {"variant": "scale 0.9"}, "scales no adapter to 'scale 0.9'"),
        ("layers", {"variant": "without nothing"}, "changes no layer 'nothing'"),
        ("quantised", {"variant": "int4"}, "rounds no weights to 'int4'"),
        ("stacked", {"variant": "R1 + R9"}, "'R1 + R9' is not put together"),
        ("relearning", {"variant": "forget, 9 steps"}, "fine-tunes no model to 'forget, 9 steps'"),
        ("soft_prompts", {"variant": "9 vectors"}, "learns no '9 vectors'"),
        ("pixels", {"variant": "3/255"}, "runs no PGD at '3/255'"),
        ("pixels", {"picture": {**(one_of("pixels").picture or {}), "seed": 1}}, "starts from other pictures"),
        ("token_swaps", {"cell": ["man", "eating", "cake"]}, "starts from other sentences"),
        ("scaled", {"text": "a dog"}, "tries another sentence or picture in its place"),
    ):
        trial = one_of(family)
        copy = edited(bundle, tmp_path / why.replace(" ", "")[:20], lambda t, e=edit: t.update(e), trial.id)
        with pytest.raises(NotReplayable, match="makes the family's trials anew") as refused:
            again(copy, trial.id)
        assert why in str(refused.value), family
        assert f"--rule R1 --family {family}" in str(refused.value)


def test_another_outcome_is_told(bundle: Path, tmp_path: Path) -> None:
    trial = one_of("quantised")
    other = {"held": "broke", "broke": "held"}[trial.outcome]
    copy = edited(bundle, tmp_path, lambda t: t.update(outcome=other), trial.id)
    done = run("replay", copy, trial.id, "-q")
    assert done.exit_code == 3
    assert f"recorded {other}, now {trial.outcome}" in " ".join(done.output.split())
    found = json.loads(CliRunner().invoke(main, ["replay", str(copy), trial.id, "--json"]).stdout)
    assert (found["same"], "picture" in found) == (False, False)


def test_a_linear_probe_is_no_trial_and_the_answer_says_what_to_run(bundle: Path) -> None:
    done = run("replay", bundle, "R1-linear_probe-alone-both-0000")
    assert done.exit_code == 2
    assert "--family linear_probe" in " ".join(done.output.split())


@pytest.mark.parametrize(("recorded", "calls"), [(0.5, [2, 1]), (0.9, [2])])
def test_where_the_score_is_another_one_thread_is_tried_too(
    recorded: float, calls: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gradients round as the number of threads does, which `attack --jobs` chooses."""
    made: list[int] = []
    threads = [2]
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads[-1])
    monkeypatch.setattr(torch, "set_num_threads", threads.append)

    def climb(ground: Any, trial: Any) -> Again:
        made.append(threads[-1])
        scores = torch.tensor([0.1, 0.5 if threads[-1] == 1 else 0.9])
        return Again(scores, scores, torch.arange(2), "?")

    campaign: Any = SimpleNamespace(again=climb)
    trial: Any = SimpleNamespace(guarded=Pick(("a", "b", "c"), recorded))
    ground: Any = None
    found = replay_campaign._nearest(campaign, ground, trial)
    assert float(found.guarded_K.max()) == pytest.approx(recorded)
    assert (made, threads[-1]) == (calls, 2)
