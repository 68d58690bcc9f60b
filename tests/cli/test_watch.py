"""`proscribe watch` as a shell sees it, in a process of its own where it waits."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from proscribe.compiler.cli.exits import Exit
from proscribe.compiler.cli.main import main

GOOD = "forbid child -drinking-> wine\n"
BAD = "forbid child -> wine\n"
SECONDS = 20.0
Start = Callable[..., "Watching"]


class Watching:
    """A running `watch`, its output read through a pseudo-terminal or a pipe."""

    def __init__(self, args: list[str], *, terminal: bool) -> None:
        command = [sys.executable, "-m", "proscribe.compiler.cli.main", "watch", "--interval", "0.05", *args]
        if terminal:
            self.output, theirs = pty.openpty()
        else:
            self.output, theirs = os.pipe()
        self.process = subprocess.Popen(
            command,
            stdout=theirs,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            # A shell starts what runs in the background with Ctrl-C ignored, and children inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None,
        )
        os.close(theirs)
        os.set_blocking(self.output, False)
        self.text = ""

    def wait_for(self, pattern: str, times: int = 1) -> str:
        end = time.monotonic() + SECONDS
        while len(re.findall(pattern, self.text)) < times:
            assert time.monotonic() < end, f"{pattern!r} never came {times} times in {self.text!r}"
            time.sleep(0.02)
            try:
                self.text += os.read(self.output, 65536).decode()
            except BlockingIOError:
                continue
            except OSError:  # Linux says EIO where the other end of a terminal is closed
                assert re.search(pattern, self.text)
        return self.text


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    monkeypatch.chdir(tmp_path)
    running: list[Watching] = []

    def begin(*args: str, terminal: bool = False) -> Watching:
        running.append(Watching(list(args), terminal=terminal))
        return running[-1]

    yield begin
    for one in running:
        one.process.kill()
        one.process.wait()
        os.close(one.output)


def watch(*args: str) -> Result:
    return CliRunner().invoke(main, ["watch", *args])


def test_once_leaves_as_check_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("good.policy").write_text(GOOD)
    Path("bad.policy").write_text(BAD)
    good = watch("--once", "--quiet", "good.policy")
    assert good.exit_code == Exit.GOOD
    assert re.fullmatch(r"\d\d:\d\d:\d\d 1 file in \d+ ms: no errors\n", good.output)
    both = watch("--once", "good.policy", "bad.policy", "bad.policy")
    assert both.exit_code == Exit.POLICY
    assert both.output.count("error[P015]") == 1
    assert re.search(r" 2 files in \d+ ms: 1 error\n$", both.output)
    assert watch("--once", "nowhere.policy").exit_code == Exit.USAGE
    assert watch("good.policy", "--interval", "0").exit_code == Exit.USAGE


def test_a_save_is_checked_and_ctrl_c_ends_it(start: Start) -> None:
    Path("p.policy").write_text(GOOD)
    Path("q.policy").write_text(GOOD)
    running = start("-q", "p.policy", "q.policy")
    running.wait_for(r"2 files in \d+ ms: no errors; waiting")
    Path("p.policy").write_text(BAD)
    running.wait_for(r"p\.policy:1:14: error\[P015\]")
    running.wait_for(r"2 files in \d+ ms: 1 error; waiting")
    Path("new").write_text(GOOD)
    Path("new").replace("p.policy")  # the way in which most editors save
    running.wait_for(r"no errors", times=2)
    time.sleep(0.3)
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(SECONDS) == Exit.STOPPED
    text = running.wait_for("proscribe: stopped")
    assert "Traceback" not in text
    assert "\033" not in text
    assert text.count("waiting for a save") == 3, "it checks when something changed, and only then"


def test_used_files_are_watched_and_missing_ones_are_waited_for(start: Start) -> None:
    Path("p.policy").write_text('policy "p" edition 2026\nuse "./people"\nforbid child -drinking-> wine\n')
    running = start("p.policy")
    running.wait_for(r"error\[P501\]")
    Path("people.policy").write_text("concept child; concept wine\n")
    running.wait_for(r"1 file in \d+ ms: no errors")
    Path("people.policy").write_text("concept child; concept child\n")
    text = running.wait_for(r"people\.policy:1:24: error\[P202\]")
    assert "1 | concept child; concept child\n  |                        ^^^^^\n" in running.wait_for(r"1 error", 2), (
        text
    )


def test_a_file_that_goes_away_may_come_back(start: Start) -> None:
    Path("p.policy").write_text(GOOD)
    running = start("-q", "p.policy")
    running.wait_for("no errors")
    Path("p.policy").unlink()
    running.wait_for(
        r"p.policy cannot be read: No such file or directory\n.* 0 files in \d+ ms: 1 file not read; waiting"
    )
    Path("p.policy").write_text(BAD)
    running.wait_for("1 error")
    assert running.process.poll() is None


def test_every_way_in_which_editors_save(start: Start) -> None:
    """Away and back, twice in a burst, and through a folder in its place; what stands at the end is what counts."""
    Path("p.policy").write_text(GOOD)
    running = start("-q", "p.policy")
    running.wait_for("no errors")
    Path("p.policy").rename("p.policy~")
    running.wait_for("1 file not read")
    Path("p.policy").write_text(BAD)
    running.wait_for("1 error; waiting")
    Path("p.policy").write_text(BAD * 2)
    Path("p.policy").write_text(GOOD)
    running.wait_for("no errors", times=2)
    Path("p.policy").unlink()
    Path("p.policy").mkdir()
    running.wait_for("p.policy cannot be read: Is a directory")
    Path("p.policy").rmdir()
    Path("p.policy").write_text(BAD)
    running.wait_for("1 error; waiting", times=2)
    assert "Traceback" not in running.text
    assert running.process.poll() is None


def test_a_terminal_is_cleared_and_coloured(start: Start) -> None:
    Path("p.policy").write_text(BAD)
    running = start("p.policy", terminal=True)
    text = running.wait_for("waiting for a save")
    assert text.startswith("\033[2J")
    assert "\033[1;31merror[P015]\033[0m" in text
