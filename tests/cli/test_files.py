"""Files, folders and standard input, as `check`, `fmt`, `lint` and `test` take them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from proscribe.compiler.cli.exits import Exit
from proscribe.compiler.cli.main import main

GOOD = 'policy "p" edition 2026\n\nforbid child -drinking-> wine\n'
BAD = "forbid child -> wine\n"
READING = ("check", "fmt", "lint", "test")


def run(*args: str, text: str | None = None) -> Result:
    return CliRunner().invoke(main, args, input=text)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("rules/b.policy", "rules/a.policy", "rules/deep/c.policy", ".git/no.policy", "rules/.no.policy"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(BAD if "no." in name else GOOD)
    Path("rules/notes.txt").write_text("no policy")
    Path("empty").mkdir()
    return tmp_path


def test_a_folder_stands_for_the_policies_below_it(folder: Path) -> None:
    found = json.loads(run("check", ".", "--json").stdout)
    assert [file["file"] for file in found["files"]] == ["rules/a.policy", "rules/b.policy", "rules/deep/c.policy"]
    Path("rules/deep/c.policy").write_text(BAD)
    assert run("check", "-q", "rules").exit_code == Exit.POLICY
    assert "rules/deep/c.policy:1:14: error[P015]" in run("check", "-q", "rules").stdout


def test_a_folder_is_laid_out_and_looked_at(folder: Path) -> None:
    Path("rules/deep/c.policy").write_text(GOOD.replace(" -d", "   -d"))
    looked = run("fmt", "--check", "--diff", "rules")
    assert looked.exit_code == Exit.POLICY
    assert looked.stdout.startswith("--- rules/deep/c.policy\n")
    assert looked.stderr == "rules/deep/c.policy would change\n"
    assert run("fmt", "-q", ".").exit_code == Exit.GOOD
    assert Path("rules/deep/c.policy").read_text() == GOOD


@pytest.mark.parametrize("command", READING)
def test_what_is_no_policy_is_a_usage_error(command: str, folder: Path) -> None:
    for name, said in (
        ("empty", "there is no *.policy file in the folder empty"),
        ("nowhere", "File 'nowhere' does not exist"),
    ):
        refused = run(command, "rules", name)
        assert (refused.exit_code, refused.stdout) == (Exit.USAGE, "")
        assert f"Invalid value for 'FILE...': {said}" in refused.stderr


@pytest.mark.parametrize("command", READING)
def test_standard_input_is_read_as_a_file_is(command: str, folder: Path) -> None:
    wrong = run(command, "-", text=BAD)
    assert wrong.exit_code == Exit.POLICY
    assert "<stdin>:1:14: error[P015]" in wrong.output
    assert "--fix" not in wrong.output
    assert run(command, "-", "rules", text=GOOD).exit_code == Exit.USAGE
    used = f'{GOOD}use "./rules/people"\nexpect "a child drinking wine" forbidden\n'
    Path("rules/people.policy").write_text('policy "q" edition 2026\nconcept child\n')
    assert run(command, "-", text=used).exit_code == (Exit.POLICY if command == "lint" else Exit.GOOD)


def test_machines_are_told_of_standard_input_too(folder: Path) -> None:
    (file,) = json.loads(run("check", "-", "--json", text=BAD).stdout)["files"]
    assert file["file"] == "<stdin>"
    (found,) = json.loads(run("lint", "-", "--format", "sarif", text=BAD).stdout)["runs"][0]["results"]
    assert found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "%3Cstdin%3E"
    assert run("check", "-", "--format", "github", text=BAD).stdout.startswith("::error file=<stdin>,line=1,")


def test_nothing_is_fixed_in_standard_input(folder: Path) -> None:
    refused = run("check", "--fix", "-", text=BAD)
    assert refused.exit_code == Exit.USAGE
    assert "`-` is standard input" in refused.stderr


@pytest.mark.parametrize("command", ["check", "lint"])
def test_a_patch_has_no_other_format(command: str, folder: Path) -> None:
    refused = run(command, "--diff", "--json", "rules")
    assert (refused.exit_code, refused.stdout) == (Exit.USAGE, "")
    assert run(command, "--fix", "--diff", "rules/a.policy").stdout == ""
