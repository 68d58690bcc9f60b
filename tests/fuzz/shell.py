"""An input through the command line, as a person would: the right exit code and no traceback."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from .inputs import FOLDER, Input
from .laws import Broken


def exits_well(given: Input, outcome: str) -> None:
    """The commands that read a policy, in processes of their own; `outcome` is what the passes said."""
    with tempfile.TemporaryDirectory() as folder:
        for path, data in {given.path: given.data, **given.files}.items():
            target = Path(folder) / Path(path).relative_to(FOLDER)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        _ran(folder, "check", {0} if outcome == "good" else {1})
        _ran(folder, "fmt --check", {0, 1})
        _ran(folder, "lint", {0, 1})
        _ran(folder, "test", {0, 1})
        _ran(folder, "explain", {0} if outcome == "good" else {1})


def _ran(folder: str, command: str, codes: set[int]) -> None:
    line = [sys.executable, "-m", "proscribe.compiler.cli.main", *command.split(), "p.policy"]
    done = subprocess.run(line, cwd=folder, capture_output=True, timeout=120, check=False)
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    if done.returncode not in codes or "Traceback" in said:
        raise Broken(f"{command} leaves with {done.returncode}, not {codes}: {said[-2000:]}")
