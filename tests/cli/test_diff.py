"""`proscribe diff`: exit codes, formats and revisions."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from proscribe.compiler.build import retrain_reasons as adapters
from proscribe.compiler.cli.exits import Exit
from proscribe.compiler.cli.main import main
from proscribe.compiler.explain import cell as why

OLD = """policy "p" edition 2026
concept minor = child | teenager
concept child as "a child", "a kid"
concept alcohol = wine | beer; concept juice
relation drinking
forbid minor -drinking-> alcohol
    require breach <= 5%
allow child -drinking-> juice
"""
LESS = OLD.replace("-> alcohol", "-> alcohol except beer")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("old.policy").write_text(OLD)
    Path("less.policy").write_text(LESS)


def proscribe(*args: str) -> Result:
    return CliRunner().invoke(main, ["diff", *args])


def test_a_lost_cell_is_exit_1_unless_it_is_meant() -> None:
    result = proscribe("old.policy", "less.policy")
    assert result.exit_code == Exit.POLICY
    for line in (
        "forbidden: 2 cells  4 before",
        "    2 cells of R1 (line 6)  `except beer` takes them (line 6); now unspecified",
        "      child | teenager -drinking-> beer",
    ):
        assert line in result.output.splitlines()
    assert "2 cells are no longer forbidden (P701)" in result.output
    assert proscribe("old.policy", "less.policy", "--allow-loss").exit_code == Exit.GOOD
    assert proscribe("less.policy", "old.policy").exit_code == Exit.GOOD


def test_a_name_written_otherwise_is_guessed_in_text_too() -> None:
    Path("renamed.policy").write_text(OLD.replace("teenager", "teen") + 'concept teen as "teenager"\n')
    result = proscribe("old.policy", "renamed.policy")
    assert result.exit_code == Exit.POLICY
    assert "--allow-loss if meant, --renamed teenager=teen if a name only changed its spelling\n" in result.stderr
    assert proscribe("old.policy", "renamed.policy", "--renamed", "teenager=teen").exit_code == Exit.GOOD


def test_the_adapters_are_named() -> None:
    assert "  R1  is trained again; changed: its forget set (2 less)" in proscribe("old.policy", "less.policy").output
    Path("allows.policy").write_text(OLD + "expect child -drinking-> beer forbidden\n")
    result = proscribe("old.policy", "allows.policy")
    assert result.output == (
        "old.policy -> allows.policy: nothing changes in meaning\n\nadapters  none is trained or attacked again\n"
    )


def test_too_many_rules_are_not_derived(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(why, "MAX_WORK", 0)
    output = proscribe("old.policy", "less.policy").output
    assert "sets and adapters  not compared: too many rules and allowed cells" in output
    assert "trained" not in proscribe("old.policy", "less.policy", "--cells-only").output


def test_a_small_installation_compares_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/ci.md: a job that only checks has no numpy."""
    monkeypatch.setitem(sys.modules, "proscribe.compiler.build.retrain_reasons", None)
    monkeypatch.delattr("proscribe.compiler.build.retrain_reasons", raising=False)
    result = proscribe("old.policy", "less.policy")
    assert result.exit_code == Exit.POLICY
    assert "sets and adapters  not compared: " in result.output
    assert "is not installed" in result.output


def test_json_holds_the_whole_change() -> None:
    result = proscribe("old.policy", "less.policy", "--json")
    assert result.exit_code == Exit.POLICY
    data = json.loads(result.stdout)
    (file,) = data["files"]
    assert (data["ok"], file["file"], file["summary"]) == (
        False,
        "less.policy",
        "2 forbidden cells, 0 gained, 2 lost",
    )
    assert file["diff"]["forbidden"]["lost"]["count"] == 2
    assert [(c["how"], c["new"]["id"]) for c in file["diff"]["rules"]] == [("changed", "R1")]
    assert [(a["rule"], a["work"]) for a in file["diff"]["adapters"]] == [("R1", "train")]
    (found,) = file["diagnostics"]
    assert (found["code"], found["severity"], found["span"]["line"]) == ("P701", "error", 6)
    assert found["related"][0]["span"]["file"] == "old.policy"


def test_github_and_sarif_point_at_the_rule() -> None:
    output = proscribe("old.policy", "less.policy", "--format", "github").output
    assert output.startswith("::error file=less.policy,line=6,")
    log = json.loads(proscribe("old.policy", "less.policy", "--format", "sarif", "--allow-loss").stdout)
    (result,) = log["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("P701", "warning")


def test_a_looser_demand_and_a_new_spelling_are_pointed_out() -> None:
    Path("new.policy").write_text(OLD.replace("child", "kid").replace("5%", "8%").replace("a kid", "a child", 1))
    found = json.loads(proscribe("old.policy", "new.policy", "--json").stdout)["files"][0]["diagnostics"]
    assert [d["code"] for d in found] == ["P701", "P702"]
    assert "--renamed child=kid" in found[0]["hint"]
    assert found[1]["message"] == "R1 demands less than before: require breach <= 8%, not breach <= 5%"
    assert proscribe("old.policy", "new.policy", "--renamed", "child=kid").exit_code == Exit.GOOD


def git(*args: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", *who, *args], check=True, capture_output=True)


def test_a_file_at_a_revision_with_what_it_used_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    monkeypatch.chdir(folder)
    Path("names.policy").write_text("concept alcohol = wine | beer; concept child; relation drinking\n")
    Path("p.policy").write_text('policy "p" edition 2026\nuse "./names"\nforbid child -drinking-> alcohol\n')
    git("init", "-q", "..")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    Path("names.policy").write_text("concept alcohol = wine; concept beer; concept child; relation drinking\n")
    for old in ("HEAD:rules/p.policy", "HEAD:./p.policy", "HEAD:p.policy"):
        result = proscribe(old, "p.policy")
        assert result.exit_code == Exit.POLICY, old
        assert "`beer` is no longer below `alcohol`" in result.output
    assert proscribe("p.policy", "p.policy").exit_code == Exit.GOOD
    git("commit", "-q", "-a", "-m", "second")
    assert proscribe("HEAD:p.policy", "p.policy").exit_code == Exit.GOOD
    assert proscribe("HEAD~1:p.policy", "HEAD:p.policy").exit_code == Exit.POLICY


@pytest.mark.parametrize(
    ("old", "code", "said"),
    [
        ("nowhere.policy", Exit.USAGE, "a revision of one is written HEAD~1:nowhere.policy"),
        ("--output=x:old.policy", Exit.USAGE, ""),
        ("-x:old.policy", Exit.USAGE, ""),
        ("nothing:old.policy", Exit.USAGE, "nothing:old.policy"),
        ("bad.policy", Exit.POLICY, "bad.policy: 1 error: there is nothing to compare"),
    ],
)
def test_what_cannot_be_compared(old: str, code: Exit, said: str) -> None:
    Path("bad.policy").write_text("forbid a -> b\n")
    result = proscribe(old, "less.policy")
    assert result.exit_code == code
    assert said in result.output
    assert not Path("x").exists()


def test_a_rename_of_nothing() -> None:
    for rename in ("child", "kid=child", "child=kid", "child=beer"):
        assert proscribe("old.policy", "less.policy", "--renamed", rename).exit_code == Exit.USAGE


def test_names_that_training_newly_says_are_no_changed_forms() -> None:
    parts = ("redirects", "candidates", "allows", "marginals", "settings", "version", "seed", "fingerprint")
    same = {"forget": ["x"]} | dict.fromkeys(parts, 0)
    old = same | {"forms": {"object/wine": 1, "object/ale": 1}}
    new = same | {"forms": {"object/wine": 2, "object/gin": 1}}
    assert adapters._why(old, new) == (
        "how `wine` is said and the names that training says (1 more, such as `gin`; 1 fewer, such as `ale`)"
    )
