"""A replay gives the recorded outcome and scores: on `mini` with a real adapter, in a world of 24 cells."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image, ImageChops
from proscribe.compiler.attack.context import Arena, _text_universe
from proscribe.compiler.attack.families.context import Context
from proscribe.compiler.attack.families.corruption import Corruption
from proscribe.compiler.attack.families.family import Probe, probes
from proscribe.compiler.attack.families.paraphrase import Paraphrase
from proscribe.compiler.attack.families.style import Style
from proscribe.compiler.attack.families.synonym import Synonym
from proscribe.compiler.attack.replay import model_attack as replay_campaign
from proscribe.compiler.attack.replay import replay as replaying
from proscribe.compiler.attack.replay.replay import replay
from proscribe.compiler.attack.replay.result import NotReplayable, Replayed
from proscribe.compiler.attack.trials import load_family, run_family
from proscribe.compiler.attack.universe import mask_of, see
from proscribe.compiler.cli.main import main
from proscribe.compiler.corpus.edited_images import Edit, draw_record
from proscribe.compiler.corpus.phrasebook import build_phrasebook
from proscribe.compiler.corpus.scene_sets import fresh_scene
from proscribe.compiler.pipeline import loads
from proscribe.compiler.records.results import Trial
from proscribe.compiler.train.cuts import cut
from proscribe.compiler.world.cells import Cell
from proscribe.runtime.apply import attach_adapters
from proscribe.runtime.bundle import Bundle, load_bundle, write_manifest

from .tiny_ground import BEER, CELLS, POLICY, silent, tiny_ground

TEXT = f"{POLICY}forbid otter -juggling-> pebble\n"
OTTER = Cell("otter", "juggling", "pebble")
FAMILIES = (Paraphrase(), Synonym(), Context(), Style(), Corruption())
TRIED = 6


class Framed:
    """A family of edited pictures, beside another scene: what a record holds beyond a scene."""

    name = "framed"
    modality = "picture"

    def probe(self, cell: Cell, world: Cell | None, book: Any, rng: Any, number: int) -> Probe | None:
        assert world is not None
        edits = (Edit("rotation", 9.0, seed=number), Edit("jpeg_quality", 30.0))
        other = fresh_scene(Cell("man", "drinking", "juice"), "beside", number)
        return Probe(cell, world, book.canonical(world), fresh_scene(world, "framed", number), edits, other)


@pytest.fixture(scope="module")
def arena() -> Arena:
    ground = tiny_ground()
    derived, found = loads(TEXT)
    assert derived is not None, found
    forbidden = {"R1": frozenset({BEER}), "R2": frozenset[Cell]()}
    return replace(ground.arena, derived=derived, book=build_phrasebook(derived, 0), forbidden=forbidden)


@pytest.fixture(scope="module")
def bundle(arena: Arena, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two rules, the trials of both as the attack-tests write them."""
    folder = tmp_path_factory.mktemp("replay") / "bundle"
    adapters = tiny_ground().adapters
    for sets in arena.derived.rules:
        rule = sets.rule.id
        trials = [trial for stage in ("alone", "all_on") for trial in attacked(arena, rule, stage)]
        own = folder / "rules" / rule
        (own / "adapter").mkdir(parents=True)
        for name in ("adapter_config.json", "adapter_model.safetensors"):
            (own / "adapter" / name).write_bytes((adapters[rule] / name).read_bytes())
        (own / "attack.json").write_text(json.dumps({"families": [{"family": "lasers", "kind": "white box"}]}))
        more = [replace(trials[0], id=f"{rule}-lasers-0000", family="lasers")]
        (own / "trials.jsonl").write_text("".join(f"{json.dumps(asdict(t))}\n" for t in (*trials, *more)))
    (folder / "policy.policy").write_text(TEXT)
    return sealed(folder)


def sealed(folder: Path) -> Path:
    model = tiny_ground().arena.backbone
    named = {"name": "mini", "fingerprint": model.fingerprint, "parts": dict(model.fingerprint_parts)}
    rules = [{"id": rule} for rule in ("R1", "R2")]
    write_manifest(folder, {"policy": "p", "seed": 0, "backbone": named, "rules": rules})
    return folder


def attacked(arena: Arena, rule: str, stage: Any) -> list[Trial]:
    on = ("R1", "R2") if stage == "all_on" else (rule,)
    adapters = tiny_ground().adapters
    guarded = attach_adapters(arena.backbone, {name: adapters[name] for name in on})
    view = see(cut(arena.backbone, guarded.model), arena.universe)
    sets = next(s for s in arena.derived.rules if s.rule.id == rule)
    cells = tuple(item.cell for item in sets.forget)
    families = (*FAMILIES, Framed()) if rule == "R1" else FAMILIES[::2][:2]
    found: list[Trial] = []
    for family in families:
        made = probes(family, cells, arena.book, TRIED, 0)  # type: ignore[arg-type]
        loaded = load_family(arena.base_cut, family, made, arena.universe, arena.encode_probes)  # type: ignore[arg-type]
        forbidden = mask_of(arena.universe, arena.forbidden[rule])
        texts = _text_universe(arena, sets) if rule == "R2" else None
        ran = run_family(loaded, rule, stage, arena.base, view, arena.universe, forbidden, texts)
        found += [trial for _, trial in ran]
    return found


@pytest.fixture(autouse=True)
def _small_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PROSCRIBE_CACHE", str(tmp_path / "cache"))
    pool = SimpleNamespace(state=tiny_ground().arena.universe.picture_state)
    for module in (replaying, replay_campaign):
        monkeypatch.setattr(module, "world_cells", lambda: CELLS)
        monkeypatch.setattr(module, "gallery_pool", lambda *_: pool)
    monkeypatch.setattr(
        "proscribe.compiler.cli.commands.build.backbone_named", lambda name: tiny_ground().arena.backbone
    )


def trials_of(folder: Path, rule: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "rules" / rule / "trials.jsonl").read_text().splitlines()]


def again(arena: Arena, loaded: Bundle, trial: str) -> Replayed:
    return replay(loaded, trial, arena.derived, arena.book, arena.backbone, silent)


def run(*words: str | Path) -> Result:
    return CliRunner(env={"COLUMNS": "100"}).invoke(main, [str(word) for word in words])


def damaged(folder: Path, tmp_path: Path, edit: Callable[[dict[str, Any]], None]) -> Path:
    """A copy whose first trial of R1 was written otherwise, with true hashes."""
    import shutil

    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    trials = trials_of(copy, "R1")
    edit(trials[0])
    (copy / "rules/R1/trials.jsonl").write_text("".join(f"{json.dumps(t)}\n" for t in trials))
    return sealed(copy)


def test_every_setting_gives_what_was_recorded(bundle: Path, arena: Arena) -> None:
    """Each family in both stages, all towers and every direction; a trial that broke where there is one."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for rule in ("R1", "R2"):
        for trial in trials_of(bundle, rule):
            if trial["family"] != "lasers":
                key = ("family", "stage", "towers", "direction", "modality")
                groups[(rule, *(trial[name] for name in key))].append(trial)
    assert len(groups) == 6 * 2 * 3 * 2 + 2 * 2, "six families, and sentences of a cell that no picture shows"
    loaded = load_bundle(bundle)
    outcomes = set()
    for trials in groups.values():
        trial = next((t for t in trials if t["outcome"] == "broke"), trials[-1])
        found = again(arena, loaded, trial["id"])
        assert (found.outcome, found.same) == (trial["outcome"], True), trial["id"]
        for side, ranked in (("base", found.base), ("guarded", found.guarded)):
            assert list(ranked[0].cell) == trial[side]["cell"], trial["id"]
            assert ranked[0].score == pytest.approx(trial[side]["score"], abs=1e-3), trial["id"]
            assert [r.score for r in ranked[1:]] == sorted((r.score for r in ranked[1:]), reverse=True)
        assert found.sentence == f"The same outcome, answers and scores as recorded: {trial['outcome']}."
        assert found.rules_on == (("R1", "R2") if trial["stage"] == "all_on" else (trial["id"][:2],))
        outcomes.add(found.outcome)
    assert outcomes == {"held", "broke"}


def test_both_spellings_show_the_same(bundle: Path) -> None:
    trial = next(t for t in trials_of(bundle, "R1") if t["family"] == "style" and t["direction"] == "picture_to_text")
    done = run("replay", bundle, trial["id"], "-q")
    assert done.exit_code == 0, done.output
    assert run("attack", bundle, "--only", trial["id"], "-q").output == done.output
    assert "The same outcome" in done.output
    assert "both towers, with R1 on" in done.output
    assert max(map(len, done.output.splitlines())) <= 100


def test_another_outcome_is_told_and_leaves_with_three(bundle: Path, tmp_path: Path) -> None:
    recorded = trials_of(bundle, "R1")[0]
    other = "held" if recorded["outcome"] == "broke" else "broke"
    copy = damaged(bundle, tmp_path, lambda trial: trial.update(outcome=other))
    done = run("replay", copy, recorded["id"], "-q")
    assert done.exit_code == 3
    assert f"The outcome differs: recorded {other}, now {recorded['outcome']}." in " ".join(done.output.split())
    found = json.loads(CliRunner().invoke(main, ["replay", str(copy), recorded["id"], "--json"]).stdout)
    assert (found["kind"], found["same"], found["outcome"]) == ("replay", False, recorded["outcome"])
    assert len(found["base"]) == len(found["guarded"]) == 5


def test_a_base_that_answers_otherwise_is_named(bundle: Path, arena: Arena, tmp_path: Path) -> None:
    other = {"held": "broke", "broke": "held"}

    def edit(trial: dict[str, Any]) -> None:
        trial.update(outcome=other[trial["outcome"]], base={"cell": ["dog", "eating", "cake"], "score": 0.9})

    copy = damaged(bundle, tmp_path, edit)
    found = again(arena, load_bundle(copy), trials_of(copy, "R1")[0]["id"])
    assert not found.same
    assert "The base answers otherwise too" in found.sentence


def test_the_picture_tried_is_saved(bundle: Path, tmp_path: Path) -> None:
    trial = next(t for t in trials_of(bundle, "R1") if t["family"] == "framed")
    assert trial["picture"]["edits"]
    assert trial["picture"]["beside"]
    done = run("replay", bundle, trial["id"], "--save", tmp_path / "tried.png", "-q")
    assert done.exit_code == 0, done.output
    assert "rotation 9, jpeg_quality 30" in done.output
    with Image.open(tmp_path / "tried.png") as saved:
        assert saved.format == "PNG"
        assert ImageChops.difference(saved, draw_record(trial["picture"])).getbbox() is None
    sentence = next(t for t in trials_of(bundle, "R1") if t["picture"] is None)
    assert run("replay", bundle, sentence["id"], "--save", tmp_path / "no.png").exit_code == 2
    assert run("replay", bundle, trial["id"], "--save", tmp_path / "nowhere/x.png").exit_code == 5


def test_an_unknown_id_offers_near_ones(bundle: Path) -> None:
    known = trials_of(bundle, "R1")[0]["id"]
    done = run("replay", bundle, known.replace("paraphrase", "paraphrse"))
    assert done.exit_code == 2
    assert f"did you mean {known}" in done.output
    done = run("replay", bundle, "R9-style-alone-both-0001")
    assert done.exit_code == 2
    assert "has the rules R1, R2" in done.output


def test_an_attack_of_another_version_is_refused_by_its_name(bundle: Path, arena: Arena) -> None:
    with pytest.raises(NotReplayable, match="knows no white box attack 'lasers'"):
        again(arena, load_bundle(bundle), "R1-lasers-0000")
    assert run("replay", bundle, "R1-lasers-0000").exit_code == 2


def test_a_changed_file_and_a_broken_trial_leave_with_five(bundle: Path, tmp_path: Path) -> None:
    trial = trials_of(bundle, "R1")[0]["id"]
    copy = damaged(bundle, tmp_path, lambda trial: trial.pop("towers"))
    done = run("replay", copy, trial)
    assert done.exit_code == 5
    assert "`towers` is missing" in done.output
    (copy / "rules/R1/trials.jsonl").write_text("{}\n")
    assert run("replay", copy, trial).exit_code == 5
