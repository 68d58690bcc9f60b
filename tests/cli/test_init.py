"""`proscribe init`: what it writes checks clean, means what its comments say, and never overwrites."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from proscribe.compiler.cli.commands.init import FILES
from proscribe.compiler.cli.exits import Exit
from proscribe.compiler.cli.main import COMMANDS, main
from proscribe.compiler.pipeline import load

ROOT = Path(__file__).parents[2]


def proscribe(*args: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in args])


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert proscribe("init", "a new/alcohol_rules", "-q").output == ""
    return Path("a new/alcohol_rules")


def test_the_new_folder_checks_clean(new: Path) -> None:
    derived, found = load(new / "first.policy")
    assert derived is not None
    assert [d for d in found if d.severity != "note"] == []
    assert [len(sets.forget) for sets in derived.rules] == [9, 3]
    result = proscribe("check", new / "first.policy")
    assert result.exit_code == Exit.GOOD
    assert "2 forbid rules, 5 allow rules, 12 forbidden cells; no errors" in result.output


def test_no_cell_of_a_rule_is_unknown_to_the_built_in_backbone(new: Path) -> None:
    assert "cannot draw" not in proscribe("explain", new / "first.policy").output


def test_its_own_tests_pass(new: Path) -> None:
    result = proscribe("test", new / "first.policy")
    assert result.exit_code == Exit.GOOD, result.output
    assert result.output.startswith("6 expectations, 0 failed; ")


@pytest.mark.skipif("lint" not in COMMANDS, reason="`lint` is not built yet")
def test_lint_has_nothing_to_say(new: Path) -> None:
    result = proscribe("lint", new / "first.policy")
    assert result.exit_code == Exit.GOOD, result.output
    assert "warning" not in result.output.replace("no warnings", ""), result.output


def test_it_is_formatted(new: Path) -> None:
    result = proscribe("fmt", "--diff", new / "first.policy")
    assert result.output == ""


def test_it_is_written_where_it_was_asked_for_and_says_what_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    output = proscribe("init", "rules for wine").output
    assert sorted(str(p.relative_to("rules for wine")) for p in Path().rglob("*") if p.is_file()) == sorted(FILES)
    assert "  cd 'rules for wine'\n  proscribe check first.policy" in output
    assert 'policy "rules for wine" edition 2026' in Path("rules for wine/first.policy").read_text()
    monkeypatch.chdir("rules for wine")
    named = re.findall(r"^  proscribe (\w+) (\S+)", output, re.MULTILINE)
    assert {command for command, _ in named} <= set(COMMANDS)
    assert {file for _, file in named} == {"first.policy"}


def test_here_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = proscribe("init")
    assert result.exit_code == Exit.GOOD
    assert Path("first.policy").exists()
    assert "cd " not in result.output


@pytest.mark.parametrize("name", list(FILES))
def test_nothing_is_overwritten(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    mine = tmp_path / "f" / name
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    result = proscribe("init", "f")
    assert result.exit_code == Exit.USAGE
    assert f"f/{name} exists and stays as it is" in result.output
    assert mine.read_text() == "mine"
    assert [p for p in (tmp_path / "f").rglob("*") if p.is_file()] == [mine]


def test_a_folder_that_cannot_be_made_is_the_environments_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert proscribe("init", tmp_path / "file").exit_code == Exit.USAGE
    result = proscribe("init", tmp_path / "file" / "below")
    assert result.exit_code == Exit.ENVIRONMENT
    assert "cannot be written" in result.output


@pytest.mark.parametrize("name", ['say "wine"', "a\nb", "@NAME@", "...", "é 酒", "x" * 200])
def test_any_folder_name_gives_a_policy_that_checks(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert proscribe("init", name).exit_code == Exit.GOOD
    assert proscribe("check", Path(name) / "first.policy").exit_code == Exit.GOOD


def test_the_workflow_and_the_readme_use_commands_that_exist(new: Path) -> None:
    flow = yaml.safe_load((new / ".github/workflows/policy.yml").read_text())
    steps = flow["jobs"]["check"]["steps"]
    runs = [step["run"] for step in steps if "run" in step]
    written = "\n".join([*runs, (new / "README.md").read_text("utf-8")])
    commands = set(re.findall(r"^proscribe (\w+)", written, re.MULTILINE))
    assert "check" in commands
    assert commands <= set(COMMANDS)
    assert any("--format github" in run for run in runs)
