"""A compile in a process of its own, killed by the kernel at random moments: no handler runs, nothing is cleaned up."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from proscribe.compiler.train.loop import train_rule
from proscribe.runtime.bundle import load_bundle

from .test_resume import Workshop, adapters, contents, furnish, tiny

ROOT = Path(__file__).parents[2]
KILLS = 5
CHILD = "import sys; from tests.compile.test_sigkill import child; child(sys.argv[1], int(sys.argv[2]))"


def child(out: str, seed: int) -> None:
    """Compile with a tiny backbone into `out`; says when it begins and when it is done."""
    workshop = Workshop(Path(out), tiny(), train_rule)
    with pytest.MonkeyPatch.context() as patch:
        furnish(patch, workshop)
        print("begins", flush=True)
        workshop.compile(seed=seed)
        print("done", flush=True)


def compiling_child(out: Path, seed: int, cache: Path) -> subprocess.Popen[str]:
    """A child that has come so far that it compiles."""
    started = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(out), str(seed)],
        cwd=ROOT,
        env={"PROSCRIBE_CACHE": str(cache), "OMP_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert started.stdout is not None
    assert started.stdout.readline() == "begins\n"
    return started


def finish(started: subprocess.Popen[str]) -> float:
    """Seconds until the child is done."""
    assert started.stdout is not None
    before = time.monotonic()
    assert started.stdout.readline() == "done\n"
    seconds = time.monotonic() - before
    assert ended(started) == 0
    return seconds


def ended(started: subprocess.Popen[str]) -> int:
    """Its exit status, once it is gone."""
    assert started.stdout is not None
    status = started.wait(60)
    started.stdout.close()
    return status


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_a_compile_killed_at_any_moment_leaves_the_last_bundle_whole_and_goes_on(tmp_path: Path) -> None:
    cache, out, apart = tmp_path / "cache", tmp_path / "build" / "kitchen", tmp_path / "apart" / "kitchen"
    finish(compiling_child(out, 0, cache))
    whole = contents(out)
    seconds = finish(compiling_child(apart, 1, cache))
    rng, killed = random.Random(2026), 0
    for number in range(KILLS):
        running = compiling_child(out, 1, cache)
        # Every part of the way is met once, the first and the last instants among them.
        time.sleep(seconds * (number + rng.random()) / KILLS)
        running.kill()
        killed += ended(running) != 0
        load_bundle(out)
        assert contents(out) == whole or adapters(out) == adapters(apart), f"neither the old nor the new, kill {number}"
    assert killed >= KILLS // 2, "most were still at work"
    finish(compiling_child(out, 1, cache))
    load_bundle(out)
    assert adapters(out) == adapters(apart), "as if it had never been killed"
    assert list(out.parent.iterdir()) == [out]
