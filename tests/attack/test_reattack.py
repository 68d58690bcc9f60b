"""Attacks that join a finished bundle: what is left of another version of the attacks is said."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from proscribe.compiler.attack.checkpoints import Piece
from proscribe.compiler.attack.run import SAFE
from proscribe.compiler.attack.verdict.judge import Evidence, judge
from proscribe.compiler.attack.version import ATTACK_VERSION, ATTACKS
from proscribe.compiler.build.attack_bundle import is_found_again, older_attacks
from proscribe.compiler.cli.commands.attack import _say_what_is_older
from proscribe.compiler.records.results import Curve, Pick, RuleAttack, Trial
from proscribe.compiler.resolve.names import Require

CELL = ("child", "drinking", "wine")
NOW = {"versions": {ATTACKS: str(ATTACK_VERSION)}}


def trial(family: str, tag: str = "") -> Trial:
    pick = Pick(CELL, 0.5)
    name = f"R1-{family}-alone-both-{tag}0000"
    return Trial(name, family, "text", "both", "alone", "text_to_picture", CELL, "", None, pick, pick, True, "held")


def attacked(*trials: Trial, curves: tuple[Curve, ...] = ()) -> RuleAttack:
    evidence = Evidence(0, 1.0, "quick", frozenset({CELL}), curves=curves)
    return judge("R1", Require(breach_max=0.05, retention_min=0.98), evidence, trials)


def test_a_rule_is_found_again_only_where_nothing_old_is_left() -> None:
    trials = (trial("paraphrase"), trial("context"))
    pieces = {name: Piece(0.0) for name in (SAFE, "paraphrase", "context", "style")}
    assert is_found_again(attacked(*trials), trials, pieces, "")
    assert not is_found_again(attacked(*trials), trials, {k: v for k, v in pieces.items() if k != "context"}, "")
    assert not is_found_again(attacked(*trials), trials, {k: v for k, v in pieces.items() if k != SAFE}, "")
    assert not is_found_again(attacked(*trials), trials, {}, ""), "a rule that was not attacked"
    assert not is_found_again(attacked(*trials), trials, pieces, "s7-"), "the bundle's own seed stays beside"
    assert not is_found_again(attacked(*trials), (*trials, trial("context", "s7-")), pieces, "")
    curve = Curve("relearning", "t", "x", "breach rate", False, (), "s")
    assert not is_found_again(attacked(*trials, curves=(curve,)), trials, pieces, "")


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (NOW, None),
        ({"versions": {ATTACKS: "4.5"}}, "4.5"),
        ({"versions": {"torch": "2"}}, "before 5"),
        ({}, "before 5"),
    ],
)
def test_a_manifest_says_of_which_version_its_trials_are(manifest: dict[str, Any], said: str | None) -> None:
    assert older_attacks(manifest) == said


def test_what_is_older_is_named_with_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = SimpleNamespace(manifest={"versions": {}}, rules=("R1",), read_json=lambda name: {"effort": "standard"})
    monkeypatch.setattr("proscribe.runtime.bundle.load_bundle", lambda folder: bundle)
    _say_what_is_older(Path("build/minors"))
    out, err = capsys.readouterr()
    assert not out, "standard output is the result's"
    assert err.startswith(
        "note: some trials in build/minors are of an earlier version of the attacks (before 5; this is"
    )
    assert err.rstrip().endswith("`proscribe attack build/minors --effort standard` finds them again.")
    bundle.manifest = NOW
    _say_what_is_older(Path("build/minors"))
    assert capsys.readouterr() == ("", "")
