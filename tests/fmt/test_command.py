"""`proscribe fmt` as the shell sees it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from proscribe.compiler.cli.exits import Exit
from proscribe.compiler.cli.main import main

LOOSE = 'policy "p"   edition 2026\nforbid child-drinking->wine   because "x"\n'
NEAT = 'policy "p" edition 2026\nforbid child -drinking-> wine\n    because "x"\n'
BROKEN = LOOSE + "forbid child -> wine\n"


def fmt(*args: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["fmt", *args], input=stdin)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in (("loose", LOOSE), ("neat", NEAT), ("broken", BROKEN)):
        Path(f"{name}.policy").write_text(text)
    return tmp_path


def test_it_writes_what_changes_and_nothing_else(folder: Path) -> None:
    before = Path("neat.policy").stat().st_mtime_ns
    Path("loose.policy").chmod(0o640)
    result = fmt("loose.policy", "neat.policy")
    assert (result.exit_code, result.stdout, result.stderr) == (Exit.GOOD, "", "loose.policy is laid out\n")
    assert Path("loose.policy").read_text() == NEAT
    assert Path("loose.policy").stat().st_mode & 0o777 == 0o640
    assert Path("neat.policy").stat().st_mtime_ns == before
    assert sorted(p.name for p in folder.iterdir()) == ["broken.policy", "loose.policy", "neat.policy"]


def test_check_names_what_would_change() -> None:
    result = fmt("--check", "loose.policy", "neat.policy")
    assert (result.exit_code, result.stderr) == (Exit.POLICY, "loose.policy would change\n")
    assert Path("loose.policy").read_text() == LOOSE
    assert fmt("--check", "neat.policy").exit_code == Exit.GOOD


def test_diff_shows_what_would_change() -> None:
    result = fmt("--diff", "loose.policy")
    assert result.exit_code == Exit.GOOD
    assert result.stdout == (
        "--- loose.policy\n+++ loose.policy (laid out)\n@@ -1,2 +1,3 @@\n"
        '-policy "p"   edition 2026\n-forbid child-drinking->wine   because "x"\n'
        '+policy "p" edition 2026\n+forbid child -drinking-> wine\n+    because "x"\n'
    )
    assert Path("loose.policy").read_text() == LOOSE
    assert fmt("--diff", "--check", "loose.policy").exit_code == Exit.POLICY


def test_what_cannot_be_parsed_is_left(folder: Path) -> None:
    result = fmt("broken.policy", "loose.policy")
    assert result.exit_code == Exit.POLICY
    assert "broken.policy:3:14: error[P015]" in result.stderr
    assert "broken.policy cannot be parsed: it is left as it is\n" in result.stderr
    assert Path("broken.policy").read_text() == BROKEN
    assert Path("loose.policy").read_text() == NEAT


def test_standard_input() -> None:
    result = fmt("-", stdin=LOOSE)
    assert (result.exit_code, result.stdout) == (Exit.GOOD, NEAT)
    assert fmt("-", stdin=NEAT).stdout == NEAT
    assert fmt("-", "--check", stdin=LOOSE).exit_code == Exit.POLICY
    broken = fmt("-", stdin=BROKEN)
    assert (broken.exit_code, broken.stdout) == (Exit.POLICY, "")
    assert "<stdin>:3:14: error[P015]" in broken.stderr
    assert fmt("-", "loose.policy", stdin=LOOSE).exit_code == Exit.USAGE


def test_line_ends_stay_and_a_mark_goes() -> None:
    Path("w.policy").write_bytes(b"\xef\xbb\xbf" + LOOSE.replace("\n", "\r\n").encode())
    assert fmt("w.policy").exit_code == Exit.GOOD
    assert Path("w.policy").read_bytes() == NEAT.replace("\n", "\r\n").encode()


def test_a_missing_file_is_a_slip_of_usage() -> None:
    assert fmt("nowhere.policy").exit_code == Exit.USAGE


def test_a_file_that_cannot_be_written_is_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    result = fmt("loose.policy")
    assert result.exit_code == Exit.ENVIRONMENT
    assert "No space left" in result.stderr
    assert Path("loose.policy").read_text() == LOOSE
    assert len(list(folder.iterdir())) == 3


def test_it_loads_little() -> None:
    code = "import sys; from proscribe.compiler.cli.main import main\ntry: main(['fmt', '--check', 'neat.policy'])\n"
    code += "finally: assert not {'torch', 'numpy', 'networkx', 'jinja2', 'rich'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
