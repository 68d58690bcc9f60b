"""`proscribe test --bundle`, on a bundle whose adapter does nothing: every forbidden line must be said to break."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path

import peft
import proscribe.runtime
import pytest
import torch
from click.testing import CliRunner, Result
from proscribe.compiler.cli.commands.test_bundle import Asked
from proscribe.compiler.cli.commands.try_ import Candidate
from proscribe.compiler.cli.exits import Exit
from proscribe.compiler.cli.main import main
from proscribe.compiler.pipeline import loads
from proscribe.runtime import Backbone, write_manifest
from proscribe.runtime.backbone import backbone_of, mini_parts
from proscribe.runtime.backbones.mini_model import build_skeleton
from proscribe.runtime.backbones.quiet import quiet

POLICY = """policy "p" edition 2026
concept child; concept man; concept wine; concept juice; relation drinking
forbid child -drinking-> wine instead juice
allow man -drinking-> wine
"""
WINE = Candidate("a child drinking wine", "child -drinking-> wine", ("R1",))
JUICE = Candidate("a child drinking juice", "child -drinking-> juice", ())
MAN = Candidate("a man drinking wine", "man -drinking-> wine", ())


@pytest.fixture(scope="module")
def mini() -> Backbone:
    with quiet(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        return backbone_of("mini", "mini", mini_parts(build_skeleton()))


@pytest.fixture(scope="module")
def bundle(mini: Backbone, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    # A fresh LoRA adds nothing: its B is zero.
    model = peft.get_peft_model(copy.deepcopy(mini.model), peft.LoraConfig(r=4, target_modules=["text.proj.0"]))
    model.save_pretrained(str(folder / "rules/R1/adapter"))
    (folder / "rules/R1/adapter/README.md").unlink(missing_ok=True)
    facts = {
        "forget": [WINE.cell],
        "redirect": [{"cell": WINE.cell, "target": JUICE.cell, "why": "instead"}],
        "allow_texts": [f"allow {MAN.cell}"],
    }
    (folder / "rules/R1/rule.json").write_text(json.dumps(facts))
    backbone = {"name": "mini", "fingerprint": mini.fingerprint, "parts": dict(mini.fingerprint_parts)}
    write_manifest(folder, {"backbone": backbone, "rules": [{"id": "R1"}]})
    return folder


@pytest.fixture
def asks(bundle: Path, mini: Backbone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setattr(proscribe.runtime, "load_backbone", lambda name: mini)
    path = tmp_path / "p.policy"

    def run(expects: str, *options: str, policy: str = POLICY) -> Result:
        path.write_text(policy + expects)
        return CliRunner().invoke(main, ["test", str(path), "--bundle", str(bundle), *options])

    return run


@pytest.mark.parametrize(
    ("line", "base", "guarded", "answer"),
    [
        ("forbidden", WINE, JUICE, "held"),
        ("forbidden", WINE, WINE, "broke"),
        ("forbidden", JUICE, JUICE, "not testable"),
        ("forbidden", JUICE, WINE, "not testable"),
        ("unspecified", MAN, MAN, "held"),
        ("unspecified", MAN, JUICE, "broke"),
        ("allowed", MAN, WINE, "broke"),
        ("allowed", WINE, JUICE, "not testable"),
    ],
)
def test_an_answer_is_the_base_s_and_the_guarded_model_s(
    line: str, base: Candidate, guarded: Candidate, answer: str
) -> None:
    derived, _ = loads(f"{POLICY}expect child -drinking-> wine {line}\n")
    assert derived
    assert Asked(derived.expects[0], "x", base, guarded).answer == answer


def test_an_adapter_that_does_nothing_breaks_what_is_forbidden_and_holds_the_rest(asks) -> None:  # type: ignore[no-untyped-def]
    said = asks('expect "a child drinking wine" forbidden by R1\nexpect man -drinking-> wine allowed\n')
    assert said.exit_code == Exit.BROKE
    assert "1 held, 1 broke, 0 not testable" in said.stdout
    assert '  broke         line 5: "a child drinking wine" forbidden\n' in said.stdout
    assert 'for "a child drinking wine", forbidden by R1 by the guarded model\n' in said.stdout
    assert "  held          line 6: man -drinking-> wine allowed\n" in said.stdout
    assert asks("expect man -drinking-> wine allowed\n").exit_code == Exit.GOOD


def test_json_has_every_text_with_both_answers(asks) -> None:  # type: ignore[no-untyped-def]
    said = asks("expect * -drinking-> wine forbidden\nexpect child -drinking-> wine forbidden\n", "--json")
    assert said.exit_code == Exit.POLICY, "the first line does not even hold on the cells"
    (only,) = json.loads(said.stdout)["files"][0]["model"]
    assert (only["line"], only["text"], only["answer"]) == (6, WINE.caption, "broke")
    assert only["base"] == {"caption": WINE.caption, "cell": WINE.cell, "forbidden_by": ["R1"]}


def test_a_bundle_of_other_rules_is_refused(asks) -> None:  # type: ignore[no-untyped-def]
    said = asks("expect child -drinking-> wine forbidden\n", policy=POLICY + "forbid child -drinking-> juice\n")
    assert said.exit_code == Exit.POLICY, "`instead juice` is forbidden there"
    said = asks("", policy=POLICY.replace("allow man", "forbid man"))
    assert said.exit_code == Exit.USAGE
    assert "forbids other cells than" in said.output


def test_a_pattern_without_captions_is_not_testable(asks) -> None:  # type: ignore[no-untyped-def]
    lines = "concept unicorn; relation polishing\nexpect unicorn -polishing-> wine unspecified\n"
    said = asks(lines + "expect man -drinking-> wine allowed\n")
    assert said.exit_code == Exit.INCONCLUSIVE
    assert "1 held, 0 broke, 1 not testable\n" in said.stdout
    assert "  not testable  line 6: unicorn -polishing-> wine unspecified\n" in said.stdout
    assert "the bundle has no caption of its cells: write the line as a sentence" in said.stdout
    (first, _) = json.loads(asks(lines + "expect man -drinking-> wine allowed\n", "--json").stdout)["files"][0]["model"]
    assert (first["line"], first["answer"], first["base"]) == (6, "not testable", None)


def test_lines_that_fail_on_the_cells_are_said_to_be_left_out(asks) -> None:  # type: ignore[no-untyped-def]
    said = asks("expect man -drinking-> wine allowed\nexpect man -drinking-> wine forbidden\n")
    assert said.exit_code == Exit.POLICY
    assert "1 held, 0 broke, 0 not testable; 1 not asked, for what fails on the cells is the policy's" in said.stdout


def test_formats_without_a_place_for_a_model_are_refused(asks) -> None:  # type: ignore[no-untyped-def]
    assert asks("", "--format", "sarif").exit_code == Exit.USAGE


def test_nothing_to_ask_is_said(asks) -> None:  # type: ignore[no-untyped-def]
    said = asks("")
    assert said.exit_code == Exit.GOOD
    assert "nothing to ask the model in" in said.stdout


def test_torch_comes_with_the_bundle_alone() -> None:
    code = "import sys, proscribe.compiler.cli.commands.test_bundle; assert 'torch' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
