"""`proscribe try` on a bundle whose one rule is built to act on one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import peft
import proscribe.runtime
import pytest
import torch
from click.testing import CliRunner
from PIL import Image
from proscribe.compiler.cli.commands.try_ import caption_of
from proscribe.compiler.cli.main import main
from proscribe.runtime import Backbone, write_manifest
from proscribe.runtime.backbone import backbone_of, mini_parts
from proscribe.runtime.backbones.mini_model import build_skeleton
from proscribe.runtime.backbones.quiet import quiet

CELL = "child -drinking-> wine"


@pytest.fixture(scope="module")
def mini() -> Backbone:
    with quiet(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        return backbone_of("mini", "mini", mini_parts(build_skeleton()))


@pytest.fixture(scope="module")
def bundle(mini: Backbone, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """R1 bends the text tower's head, R2 does nothing."""
    import copy

    folder = tmp_path_factory.mktemp("bundle")
    for rule, strength in (("R1", 0.3), ("R2", 0.0)):
        config = peft.LoraConfig(r=4, target_modules=["text.proj.0"])
        model = peft.get_peft_model(copy.deepcopy(mini.model), config)
        torch.manual_seed(0)
        model.get_submodule("base_model.model.text.proj.0.lora_B.default").weight.data.normal_(std=strength)
        model.save_pretrained(str(folder / "rules" / rule / "adapter"))
        facts = {
            "forget": [CELL] if rule == "R1" else [],
            "redirect": [{"cell": CELL, "target": "child -drinking-> juice", "why": "instead"}],
            "allow_texts": ["allow adult -drinking-> wine", "allow adult -*-> wine"],
        }
        (folder / "rules" / rule / "rule.json").write_text(json.dumps(facts))
        (folder / "rules" / rule / "adapter" / "README.md").unlink(missing_ok=True)
    backbone = {"name": "mini", "fingerprint": mini.fingerprint, "parts": dict(mini.fingerprint_parts)}
    write_manifest(folder, {"backbone": backbone, "rules": [{"id": "R1"}, {"id": "R2"}]})
    return folder


@pytest.fixture(autouse=True)
def _untrained(monkeypatch: pytest.MonkeyPatch, mini: Backbone) -> None:
    monkeypatch.setattr(proscribe.runtime, "load_backbone", lambda name: mini)


def test_a_sentence_is_ranked_by_base_and_guarded(bundle: Path) -> None:
    done = CliRunner().invoke(main, ["try", str(bundle), "a child drinking wine"])
    assert done.exit_code == 0, done.output
    said = done.output.splitlines()
    assert said[0] == "sentence: a child drinking wine"
    assert said[1] == "  base    1. 1.000  a child drinking wine  (forbidden by R1)"
    assert sum(line.startswith("  guarded ") for line in said) == 3
    assert "R1 acted: alone it moves the sentence by" in said[-1]


def test_json_holds_what_the_lines_say(bundle: Path) -> None:
    done = CliRunner().invoke(main, ["try", str(bundle), "a child drinking wine", "--json"])
    (answer,) = json.loads(done.output)["answers"]
    assert answer["acted"] == "R1"
    assert answer["moved"]["R2"] == pytest.approx(0, abs=1e-4)
    assert {match["caption"] for match in answer["base"]} == {
        "a child drinking wine",
        "a child drinking juice",
        "an adult drinking wine",
    }
    assert answer["base"][0]["forbidden_by"] == ["R1"]
    assert answer["cosine"] < 0.95


def test_a_picture_that_no_rule_moves(bundle: Path, tmp_path: Path) -> None:
    Image.new("RGB", (40, 60), "green").save(tmp_path / "field.png")
    done = CliRunner().invoke(main, ["try", str(bundle), "--image", str(tmp_path / "field.png")])
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[-1] == "  no rule acted (cosine of guarded to base 1.000)"


def test_the_plans_universe_is_used_where_there_is_one(bundle: Path, mini: Backbone) -> None:
    manifest = json.loads((bundle / "manifest.json").read_text())
    universe = [
        {"cell": CELL, "caption": "a kid with merlot"},
        {"cell": ["dog", "holding", "ball"], "caption": "a dog"},
    ]
    (bundle / "plan.json").write_text(json.dumps({"universe": universe}))
    try:
        write_manifest(bundle, manifest)
        done = CliRunner().invoke(main, ["try", str(bundle), "a dog", "--json"])
        base = json.loads(done.output)["answers"][0]["base"]
    finally:
        (bundle / "plan.json").unlink()
        write_manifest(bundle, manifest)
    assert [(m["caption"], m["cell"]) for m in base] == [
        ("a dog", "dog -holding-> ball"),
        ("a kid with merlot", CELL),
    ]


def test_what_is_wrong_has_its_exit_code(bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "no.png").write_text("no picture")
    for arguments, code, words in (
        ([str(bundle)], 2, "give a sentence"),
        ([str(bundle), "  "], 2, "give a sentence"),
        ([str(tmp_path / "none"), "a dog"], 2, "does not exist"),
        ([str(bundle), "--image", str(tmp_path / "no.png")], 2, "no picture"),
        ([str(tmp_path), "a dog"], 5, "is not a bundle"),
    ):
        done = CliRunner().invoke(main, ["try", *arguments])
        assert (done.exit_code, words in done.output) == (code, True), done.output

    def missing(name: str) -> Backbone:
        raise proscribe.runtime.EnvironmentProblem(f"no weights for {name}")

    monkeypatch.setattr(proscribe.runtime, "load_backbone", missing)
    done = CliRunner().invoke(main, ["try", str(bundle), "a dog", "--backbone", "x"])
    assert (done.exit_code, done.output) == (5, "proscribe: no weights for x\n")


def test_captions_of_names_that_the_lexicon_does_not_know() -> None:
    assert caption_of("otter -juggling-> rubber_duck") == "an otter juggling a rubber duck"
