"""`plan --seeds` and `compile --seeds`: what they refuse, what they say it will cost, and what they say was found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from proscribe.compiler.build.plan import SHARED_SECONDS
from proscribe.compiler.bundle.write import seeds_folder
from proscribe.compiler.cli.commands import build
from proscribe.compiler.cli.main import main
from proscribe.compiler.train import settings
from proscribe.runtime.bundle import load_bundle

from ..compile.test_resume import POLICY, SETTINGS, adapters, tiny
from ..compile.test_seeds import SeedShop, opened


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SeedShop:
    backbone = tiny()
    monkeypatch.setenv("PROSCRIBE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(build, "backbone_named", lambda name: backbone)
    monkeypatch.setattr(settings, "TrainSettings", lambda: SETTINGS)
    return opened(tmp_path / "build" / "kitchen", monkeypatch, backbone)


def ran(command: str, shop: SeedShop, *more: str) -> Result:
    path = shop.out.parent.parent / "kitchen.policy"
    path.write_text(POLICY)
    out = ("--out", str(shop.out)) if command == "compile" else ()
    return CliRunner().invoke(main, [command, str(path), *out, *more])


@pytest.mark.parametrize("command", ["plan", "compile"])
@pytest.mark.parametrize("seeds", ["0", "-1", "101", "two", "1.5"])
def test_no_number_of_seeds_is_a_usage_error(shop: SeedShop, command: str, seeds: str) -> None:
    done = ran(command, shop, "--seeds", seeds)
    assert done.exit_code == 2
    assert "--seeds" in done.output
    assert not shop.out.exists()


@pytest.mark.parametrize("command", ["plan", "compile"])
def test_seeds_end_where_seeds_end(shop: SeedShop, command: str) -> None:
    last = 2**31 - 1
    done = ran(command, shop, "--seed", str(last), "--seeds", "2")
    assert done.exit_code == 2
    assert f"2 seeds from {last} on go beyond the last seed, {last}" in done.output
    assert ran("plan", shop, "--seed", str(last - 1), "--seeds", "2").exit_code == 0


def test_a_plan_says_what_more_seeds_cost(shop: SeedShop) -> None:
    def planned(*more: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(ran("plan", shop, "--json", *more).output)
        return found

    one, three = planned(), planned("--seed", "0", "--seeds", "3")
    assert (one["seeds"], three["seeds"]) == ([0], [0, 1, 2])
    assert three["expected_seconds"] - SHARED_SECONDS == pytest.approx(3 * (one["expected_seconds"] - SHARED_SECONDS))
    same = set(one) - {"seeds", "expected_seconds"}
    assert {key: one[key] for key in same} == {key: three[key] for key in same}, "the bundle that ships is the same"
    text = ran("plan", shop, "--seed", "4", "--seeds", "3").output
    assert f"seed 4: 3 adapters, about {three['expected_seconds'] / 60:.0f} minutes on two cores\n" in text
    assert "3 training seeds, each trained and attacked: 4 ships, 5 and 6 for the spread\n" in text
    assert "for 3 rules and a training seed\n" in text
    assert "0 ships, 1 to 4 for the spread\n" in ran("plan", shop, "--seeds", "5").output
    assert "training seed" not in ran("plan", shop).output


def test_compile_says_which_seeds_were_made_and_what_they_found(shop: SeedShop) -> None:
    done = ran("compile", shop, "--seeds", "3")
    assert done.exit_code == 4, "the verdict is that of the seed that ships"
    said = done.output
    assert "3 training seeds, each trained and attacked: 0 ships, 1 and 2 for the spread\n" in said
    assert "seed 0: R1: " in said
    assert "seed 2: R3: " in said
    rows = shop.rows()
    low, high = (f"{bound(row.breach or 0 for row in rows):.1%}" for bound in (min, max))
    assert f"    Over 3 training seeds the worst breach is {low} to {high} and the greatest loss is " in said
    assert f"trained R1, R2, R3; seeds 1 and 2 compiled in {seeds_folder(shop.out)}; " in said
    again = ran("compile", shop, "--seeds", "3")
    assert "nothing had changed, no adapter was trained; " in again.output
    assert "Over 3 training seeds" in again.output


def test_compile_prints_the_seeds_as_json(shop: SeedShop) -> None:
    done = ran("compile", shop, "--json", "--seeds", "2", "--seed", "7")
    found = json.loads(done.stdout)
    assert (found["trained"], found["other_seeds"]) == (["R1", "R2", "R3"], [8])
    for rule in ("R1", "R2", "R3"):
        assert found["seeds"][rule] == [
            {"seed": row.seed, "status": "inconclusive", "breach": row.breach, "loss_points": row.loss_points}
            for row in shop.rows(rule)
        ]
    assert [row["seed"] for row in found["seeds"]["R1"]] == [7, 8]
    alone = json.loads(ran("compile", shop, "--json", "--seed", "9").stdout)
    assert (alone["other_seeds"], alone["seeds"]) == ([], {"R1": [], "R2": [], "R3": []})


@pytest.mark.parametrize("what", ["file", "bundle", "folder"])
def test_what_stands_where_other_seeds_go_is_never_overwritten(shop: SeedShop, what: str) -> None:
    folder = seeds_folder(shop.out)
    kept = {"file": folder, "bundle": folder / "manifest.json", "folder": folder / "1" / "thesis.txt"}[what]
    kept.parent.mkdir(parents=True)
    kept.write_text("mine")
    done = ran("compile", shop, "--seeds", "2")
    assert done.exit_code == 2
    assert str(folder) in " ".join(done.output.split())
    assert kept.read_text() == "mine"
    assert not shop.out.exists()
    assert ran("compile", shop).exit_code == 4, "without other seeds it is in nobody's way"


def test_a_full_disk_in_another_seed_says_where_the_pieces_are(shop: SeedShop, monkeypatch: pytest.MonkeyPatch) -> None:
    real = shop.real

    def full(*given: Any) -> Any:
        if "kitchen.seeds" in str(given[6]):
            raise OSError(28, "No space left on device")
        return real(*given)

    shop.real = full
    done = ran("compile", shop, "--seeds", "2", "--quiet")
    assert done.exit_code == 5
    assert "No space left on device" in done.output
    assert str(seeds_folder(shop.out)) in done.output
    before = adapters(shop.out)
    load_bundle(shop.out)
    shop.real = real
    assert ran("compile", shop, "--seeds", "2", "--quiet").exit_code == 4
    assert adapters(shop.out) == before
    assert [row.seed for row in shop.rows()] == [0, 1]
