"""`proscribe check` and `explain` as a shell sees them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from proscribe.compiler.cli.exits import Exit
from proscribe.compiler.cli.main import COMMANDS, main

POLICIES = Path(__file__).parents[2] / "policies"
TWO_RULES = "forbid child -drinking-> alcohol; allow adult -drinking-> wine"
HEAVY = ("torch", "transformers", "open_clip", "timm", "peft", "scipy", "numpy", "networkx", "jinja2", "PIL")


def proscribe(*args: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in args])


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)

    def to_file(text: str | bytes, name: str = "p.policy") -> str:
        Path(name).write_bytes(text.encode() if isinstance(text, str) else text)
        return name

    return to_file


def test_check_says_what_a_good_policy_holds() -> None:
    result = proscribe("check", POLICIES / "minors.policy")
    assert result.exit_code == Exit.GOOD
    assert result.output == "4 forbid rules, 10 allow rules, 41 forbidden cells; no errors\n"


def test_the_two_rule_example_passes_with_warnings(write) -> None:  # type: ignore[no-untyped-def]
    result = proscribe("check", write(TWO_RULES))
    assert result.exit_code == Exit.GOOD
    assert "p.policy:1:8: warning[P201]: `child` is not declared" in result.output
    last = "1 forbid rule, 1 allow rule, 1 forbidden cell; no errors, 5 warnings, 1 note\n"
    assert result.output.endswith(last)
    assert proscribe("check", "--quiet", "p.policy").output == ""


def test_check_fails_on_errors_in_any_file(write) -> None:  # type: ignore[no-untyped-def]
    good, bad = write(TWO_RULES), write("forbid a -> b\nforbid c", "bad.policy")
    result = proscribe("check", "-q", good, bad)
    assert result.exit_code == Exit.POLICY
    assert [line for line in result.output.splitlines() if "error" in line] == [
        "bad.policy:1:10: error[P015]: this arrow names no relation",
        "bad.policy:2:9: error[P015]: the relation is missing its arrow",
    ]
    assert "bad.policy: 2 errors\n" in proscribe("check", good, bad).output


def test_check_json(write) -> None:  # type: ignore[no-untyped-def]
    result = proscribe("check", "--json", write("forbid a -> b"))
    assert result.exit_code == Exit.POLICY
    (file,) = json.loads(result.output)["files"]
    assert (file["file"], file["ok"], file["summary"]) == ("p.policy", False, "1 error")
    assert file["diagnostics"][0]["code"] == "P015"
    assert file["diagnostics"][0]["span"]["column"] == 10


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"\x00", b"", b"forbid", b"a" * 100_000])
def test_bytes_of_any_kind_are_answered(write, data: bytes) -> None:  # type: ignore[no-untyped-def]
    for command in ("check", "explain"):
        result = proscribe(command, write(data))
        assert result.exit_code in (Exit.GOOD, Exit.POLICY)
        assert result.exception is None or isinstance(result.exception, SystemExit)


def test_usage_faults(write) -> None:  # type: ignore[no-untyped-def]
    path = write(TWO_RULES)
    for args, said in (
        (("check", "nowhere.policy"), "File 'nowhere.policy' does not exist."),
        (("watch", "."), "is a directory"),
        (("check",), "Missing argument"),
        (("chek", path), "there is no command 'chek'; did you mean `check`?"),
        (("explain", path, "--rules", "R7"), "this policy has no forbid rule `R7`; it has R1"),
    ):
        result = proscribe(*args)
        assert result.exit_code == Exit.USAGE, args
        assert said in result.output


def test_explain_in_plain_lines() -> None:
    result = proscribe("explain", POLICIES / "minors.policy", "--rules", "r1,R4")
    assert result.exit_code == Exit.GOOD
    for line in (
        "  forget: 9 cells",
        "    child | teenager | toddler -drinking-> beer | whisky | wine",
        "    child -drinking-> beer | whisky | wine  to  child -drinking-> juice",
        "    A8  child | teenager | toddler -riding-> bicycle",
        "    except  scooter",
    ):
        assert line in result.output.splitlines()
    assert "\nR2" not in result.output


def test_explain_says_what_has_no_pictures(write) -> None:  # type: ignore[no-untyped-def]
    output = proscribe("explain", write("forbid child -knitting-> wine | x\nforbid child -knitting-> wine")).output
    assert "there is nothing to explain" in output
    output = proscribe("explain", write("forbid child -knitting-> wine")).output
    assert "no pictures  the built-in world cannot draw these; text only\n      child -knitting-> wine" in output
    assert "no `instead`: training picks the nearest safe neighbour" in output


def test_an_option_given_twice_asks_for_both() -> None:
    whole = proscribe("explain", POLICIES / "minors.policy", "--rules", "R4,R1").stdout
    assert proscribe("explain", POLICIES / "minors.policy", "--rules", "R4", "--rules", "R1").stdout == whole
    assert whole.count("forbid minor") == 2


def test_explain_json_has_the_derived_sets(write) -> None:  # type: ignore[no-untyped-def]
    data = json.loads(proscribe("explain", POLICIES / "minors.policy", "--json", "--rules", "R4").stdout)
    (sets,) = data["rules"]
    assert (sets["rule"]["id"], len(sets["forget"]), sets["redirects"][0]["target"]["object"]) == (
        "R4",
        6,
        "bicycle",
    )


def test_explain_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    from proscribe.compiler.cli.views.rules import branch_of
    from proscribe.compiler.cli.views.tree import show_trees
    from proscribe.compiler.explain.rule import run
    from proscribe.compiler.pipeline import load

    derived, _ = load(POLICIES / "minors.policy")
    assert derived is not None
    show_trees(map(branch_of, run(derived, ("R2",))), rich=True)
    assert "├── forget: 9 cells" in capsys.readouterr().out


def test_help_lists_every_command_and_imports_none() -> None:
    result = proscribe("--help")
    assert result.exit_code == Exit.GOOD
    assert all(f"  {name} " in result.output for name in COMMANDS)


@pytest.mark.parametrize("args", [["check"], ["explain"], ["explain", "--json"]])
def test_the_authors_commands_import_nothing_heavy(args: list[str]) -> None:
    code = (
        "import sys\n"
        "from proscribe.compiler.cli.main import main\n"
        f"main([*{args!r}, {str(POLICIES / 'minors.policy')!r}], standalone_mode=False)\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_check_starts_in_a_blink() -> None:
    """Under 0.4 s on an idle machine (0.21 s measured); the best of five, with room for a busy one."""
    command = [sys.executable, "-m", "proscribe.compiler.cli.main", "check", str(POLICIES / "minors.policy")]
    times = []
    for _ in range(5):
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        times.append(time.perf_counter() - start)
        assert done.stdout.startswith("4 forbid rules")
    assert min(times) < 0.8


@pytest.mark.parametrize(
    ("env", "colours"), [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)]
)
def test_no_color_is_kept_to(write, env: dict[str, str], colours: bool) -> None:  # type: ignore[no-untyped-def]
    bad = write("forbid a -> b")
    for args in (["check", bad], ["lint", bad], ["test", bad], ["watch", "--once", bad], ["explain", "P015"]):
        result = CliRunner().invoke(main, args, env={"TERM": "xterm", "NO_COLOR": None, **env}, color=True)
        assert ("\033[" in result.output) is colours, args
