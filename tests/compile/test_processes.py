"""Processes of a pool do not outlive a command that was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

SCRIPT = """
import os, sys, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from proscribe.compiler.processes import end_with_parent

def work(folder):
    Path(folder, str(os.getpid())).touch()
    time.sleep(600)

if __name__ == "__main__":
    with ProcessPoolExecutor(2, get_context("spawn"), end_with_parent) as pool:
        for task in [pool.submit(work, sys.argv[1]) for _ in range(4)]:
            task.result()
"""
MOST_SECONDS = 120.0


def test_a_killed_command_leaves_no_process_behind(tmp_path: Path) -> None:
    script, seen = tmp_path / "pool.py", tmp_path / "seen"
    script.write_text(SCRIPT)
    seen.mkdir()
    parent = subprocess.Popen([sys.executable, str(script), str(seen)])
    try:
        wait_for(lambda: len(list(seen.iterdir())) == 2)
        workers = [int(path.name) for path in seen.iterdir()]
        assert all(map(runs, workers))
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    wait_for(lambda: not any(map(runs, workers)))


def runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # One that has ended and that nobody has asked for yet is no process at work.
    stat = Path(f"/proc/{process}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


def wait_for(ready: Callable[[], bool]) -> None:
    started = time.monotonic()
    while not ready():
        assert time.monotonic() - started < MOST_SECONDS
        time.sleep(0.1)
