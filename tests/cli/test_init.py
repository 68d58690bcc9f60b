"""`proscribe init`: what it writes checks clean, means what its comments say, and never overwrites."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from proscribe.compiler.cli.exits import Exit
from proscribe.compiler.cli.init import FILES
from proscribe.compiler.cli.main import COMMANDS, main
from proscribe.compiler.pipeline import load


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


def test_the_expectations_hold(new: Path) -> None:
    """Read by the surface forms of the policy itself, until `proscribe test` does it."""
    text = (new / "first.policy").read_text("utf-8")
    derived, _ = load(new / "first.policy")
    assert derived is not None
    forms = {
        form.removeprefix("a ").removeprefix("an "): name
        for name, said in re.findall(r"^(?:concept|relation) (\w+) +as (.*)$", text, re.MULTILINE)
        for form in re.findall(r'"([^"]+)"', said)
    }
    known = "|".join(sorted(forms, key=len, reverse=True))
    expected = re.findall(r'^expect "([^"]+)" (forbidden by (R\d)|allowed)$', text, re.MULTILINE)
    assert len(expected) >= 4
    forbidden = {str(item.cell): sets.rule.id for sets in derived.rules for item in sets.forget}
    for sentence, verdict, rule in expected:
        parts = re.fullmatch(rf"(?:an? )?({known}) ({known}) (?:an? )?({known})", sentence)
        assert parts, sentence
        subject, relation, thing = (forms[part] for part in parts.groups())
        decided = forbidden.get(f"{subject} -{relation}-> {thing}", "")
        assert decided == rule, sentence
        if verdict == "allowed":
            allows = re.findall(r"^allow (\w+) -(\w+)-> (\w+)", text, re.MULTILINE)
            unions = dict(re.findall(r"^concept (\w+) = (.*)$", text, re.MULTILINE))
            members = {name: {name, *re.split(r" \| ", unions.get(name, ""))} for a in allows for name in (a[0], a[2])}
            covered = [a for a in allows if subject in members[a[0]] and a[1] == relation and thing in members[a[2]]]
            assert covered, f"no allow covers {sentence}"


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
