"""`emit plan` and `plan --emit plan` are made for the options that stand beside them."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from proscribe.compiler.cli.commands import build
from proscribe.compiler.cli.exits import Exit
from proscribe.compiler.cli.main import main

PRINT = "0" * 64
POLICY = """policy "p" edition 2026
forbid child -drinking-> wine
forbid child -holding-> knife
"""


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(build, "backbone_named", lambda name: SimpleNamespace(name=name, fingerprint=PRINT))
    path = tmp_path / "p.policy"
    path.write_text(POLICY)
    return str(path)


def run(*args: str) -> Result:
    return CliRunner().invoke(main, args)


def value(*args: str) -> dict[str, Any]:
    result = run(*args)
    assert result.exit_code == Exit.GOOD, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_seeds_and_effort_reach_every_way_to_a_plan(policy: str) -> None:
    options = ("--seed", "3", "--seeds", "2", "--effort", "standard")
    printed = value("plan", policy, "--json", *options)
    emitted = value("emit", "plan", policy, "--fingerprint", PRINT, *options)
    same = value("plan", policy, "--emit", "plan", *options)
    assert emitted == same
    assert (printed["seeds"], printed["effort"]) == ([3, 4], "standard")
    assert emitted["value"]["plan"] == printed["plan"]
    assert {k: emitted["value"][k] for k in ("seeds", "effort")} == {"seeds": [3, 4], "effort": "standard"}
    assert len(emitted["value"]["attacks"]) > len(
        value("emit", "plan", policy, "--fingerprint", PRINT)["value"]["attacks"]
    )


def test_rules_reach_an_emitted_plan(policy: str) -> None:
    found = value("plan", policy, "--emit", "plan", "--rules", "R2")
    assert [job["rule"] for job in found["value"]["jobs"]] == ["R2"]
    assert run("plan", policy, "--emit", "plan", "--rules", "R9").exit_code == Exit.USAGE


def test_seeds_beyond_the_last_are_refused(policy: str) -> None:
    refused = run("emit", "plan", policy, "--seed", str(2**31 - 1), "--seeds", "2")
    assert refused.exit_code == Exit.USAGE
    assert "go beyond the last seed" in refused.stderr
