"""What a report says of several training seeds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from proscribe.compiler.records.results import RuleAttack, SeedSpread, Status
from proscribe.compiler.report.figures.spread import spread_sentence
from proscribe.compiler.report.read import read_bundle
from proscribe.compiler.report.write import refresh_manifest, render_bundle

from .bundle_fixture import write_bundle


def attack(status: Status, *seeds: SeedSpread) -> RuleAttack:
    return RuleAttack("R1", status, "", (), 0.05, 0.98, (), (), (), None, (), (), (), 0, 1.0, seeds=seeds)


@pytest.mark.parametrize("seeds", [(), (SeedSpread(0, "pass", 0.01, 0.4),)], ids=["none", "one"])
def test_one_seed_has_no_spread(seeds: tuple[SeedSpread, ...]) -> None:
    assert spread_sentence(attack("pass", *seeds)) == ""


def test_the_spread_goes_from_the_best_to_the_worst_seed() -> None:
    seeds = (SeedSpread(0, "pass", 0.021, 0.0), SeedSpread(1, "pass", 0.004, 0.9), SeedSpread(2, "pass", 0.01, -0.3))
    assert spread_sentence(attack("pass", *seeds)) == (
        "Over 3 training seeds the worst breach is 0.4% to 2.1% and the greatest loss is -0.3 to 0.9 points."
    )
    same = tuple(SeedSpread(seed, "pass", 0.0, -0.01) for seed in (4, 5))
    assert spread_sentence(attack("pass", *same)) == (
        "Over 2 training seeds the worst breach is 0% and the greatest loss is 0.0 points."
    )


def test_seeds_that_are_worse_than_the_one_that_ships_are_named_worst_first() -> None:
    seeds = tuple(
        SeedSpread(seed, status, 0.01, 0.5)  # type: ignore[arg-type]
        for seed, status in enumerate(("pass", "inconclusive", "fail", "fail"))
    )
    assert "Worse than the one that ships: seeds 2 and 3 must not ship, seed 1 not proven. Decide by the worst" in (
        spread_sentence(attack("pass", *seeds))
    )
    assert "Worse than the one that ships: seeds 2 and 3 must not ship. Decide" in (
        spread_sentence(attack("inconclusive", *seeds))
    )
    assert "Worse" not in spread_sentence(attack("fail", *seeds))


def test_what_was_not_counted_is_no_number() -> None:
    nothing = SeedSpread(0, "inconclusive", None, None)
    assert spread_sentence(attack("inconclusive", nothing, nothing)) == (
        "Over 2 training seeds nothing could be counted."
    )
    some = spread_sentence(attack("inconclusive", nothing, SeedSpread(1, "inconclusive", 0.02, None)))
    assert some == "Over 2 training seeds the worst breach is 2.0%."


def test_every_form_of_the_report_shows_the_seeds(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b")
    path = folder / "rules" / "R1" / "attack.json"
    fields = json.loads(path.read_text())
    assert len(fields["seeds"]) == 2
    fields["seeds"].append({"seed": 9, "status": "inconclusive", "breach": None, "loss_points": None})
    path.write_text(json.dumps(fields))
    refresh_manifest(folder, [path])
    render_bundle(folder)
    said = spread_sentence(read_bundle(folder).rules[0].attack)
    assert said.startswith("Over 3 training seeds the worst breach is 1.0% to 4.0%")
    page, text, card = ((folder / name).read_text("utf-8") for name in ("report.html", "report.md", "rules/R1/card.md"))
    assert said in page
    assert page.count("not tested</td>") >= 2
    for written in (text, card):
        assert said in written
        assert "| 9 | not tested | not tested | not proven |" in written
        assert "| 1 | 4.0% | 0.9 points lost | not proven |" in written
    report = json.loads((folder / "rules" / "R1" / "report.json").read_text("utf-8"))
    assert report["seeds"] == fields["seeds"]
