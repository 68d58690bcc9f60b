"""What a shell is told when a command's output cannot be written: `| head`, a full disk, a closed standard error."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from proscribe.compiler.cli.exits import Exit

MINORS = str(Path(__file__).parents[2] / "policies" / "minors.policy")
COMMAND = (sys.executable, "-m", "proscribe.compiler.cli.main")
FULL = Path("/dev/full")
_BASH: dict[str, Any] = {"shell": True, "executable": "/bin/bash", "capture_output": True, "text": True}
PRINTING = (
    ("check", MINORS),
    ("check", "--format", "sarif", MINORS),
    ("lint", MINORS),
    ("test", MINORS),
    ("explain", MINORS),
    ("explain", MINORS, "--graph"),
    ("explain", "P402"),
    ("diff", MINORS, MINORS),
    ("emit", "graph", MINORS),
    ("watch", "--once", MINORS),
    ("check", "--help"),
    ("--help",),
    ("--version",),
)


def closed_pipe() -> int:
    """The end to write to of a pipe that nobody reads any more."""
    theirs, ours = os.pipe()
    os.close(theirs)
    return ours


@pytest.mark.parametrize("args", PRINTING, ids=" ".join)
def test_a_reader_who_leaves_ends_the_command_quietly(args: tuple[str, ...]) -> None:
    pipe = closed_pipe()
    done = subprocess.run((*COMMAND, *args), stdout=pipe, stderr=subprocess.PIPE, text=True)
    os.close(pipe)
    assert (done.returncode, done.stderr) == (Exit.UNREAD, "")


def test_a_refusal_that_nobody_reads_is_no_traceback() -> None:
    pipe = closed_pipe()
    done = subprocess.run((*COMMAND, "check", "nowhere.policy"), stdout=pipe, stderr=pipe)
    os.close(pipe)
    assert done.returncode == Exit.UNREAD


def test_what_was_read_to_its_end_keeps_its_code() -> None:
    done = subprocess.run(f"{' '.join(COMMAND)} check {MINORS} | cat; echo ${{PIPESTATUS[0]}}", **_BASH)
    assert done.stdout.endswith("no errors\n0\n")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("args", PRINTING, ids=" ".join)
def test_a_full_disk_is_told_in_a_sentence(args: tuple[str, ...]) -> None:
    with FULL.open("w") as full:
        done = subprocess.run((*COMMAND, *args), stdout=full, stderr=subprocess.PIPE, text=True)
    said = "proscribe: the output cannot be written: No space left on device\n"
    assert (done.returncode, done.stderr) == (Exit.ENVIRONMENT, said)


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_a_standard_error_that_is_full_too_leaves_the_code() -> None:
    with FULL.open("w") as full:
        done = subprocess.run((*COMMAND, "check", MINORS), stdout=full, stderr=full)
    assert done.returncode == Exit.ENVIRONMENT


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "ascii", "utf-8"])
def test_letters_that_the_output_lacks_are_no_traceback(encoding: str, tmp_path: Path) -> None:
    policy = tmp_path / "p.policy"
    policy.write_text("forbid 日本 -> wine\n", "utf-8")
    env = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run((*COMMAND, "check", str(policy)), capture_output=True, env=env)
    assert done.returncode == Exit.POLICY
    assert b"Traceback" not in done.stderr
    said = "日本".encode() if encoding in ("utf-8", "ascii") else rb"\u65e5\u672c"  # click prints UTF-8 for ASCII
    assert b"1 | forbid " + said + b" -> wine" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_file_name_of_any_bytes_is_told(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff.policy"
    Path(os.fsdecode(name)).write_text("forbid a -> b\n")
    for form in ("text", "json", "sarif", "github"):
        done = subprocess.run((*COMMAND, "check", "--format", form, name), capture_output=True)
        assert (done.returncode, b"Traceback" in done.stderr) == (Exit.POLICY, False), form
