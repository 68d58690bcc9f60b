"""`proscribe compare`: what is significant, what is paired with what, and what the reader and a machine are told."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator
from proscribe.compiler.cli.main import main
from proscribe.compiler.compare.document import schema
from proscribe.compiler.compare.model import Comparison, Row
from proscribe.compiler.compare.read import read_side
from proscribe.compiler.compare.run import compare
from proscribe.compiler.records.results import FamilyResult, Pick, Trial
from scipy.stats import binomtest, false_discovery_control, fisher_exact

from ..report.bundle_fixture import DRINKS, hashes_of, wilson, write_bundle

N = 140
Edit = Callable[[dict[str, Any]], None]


def seal(folder: Path, **fields: Any) -> Path:
    """Write the manifest again over what stands there now."""
    path = folder / "manifest.json"
    manifest = {**json.loads(path.read_text()), **fields}
    path.write_text(json.dumps({**manifest, "files": hashes_of(folder)}))
    return folder


def edited(folder: Path, name: str, edit: Edit) -> None:
    path = folder / name
    value = json.loads(path.read_text())
    edit(value)
    path.write_text(json.dumps(value))


def with_trials(folder: Path, broke: range, gates: bool = True, salt: str = "") -> Path:
    """A bundle whose R1 has one family, N sentences of which those in `broke` got through, and nothing to keep."""
    write_bundle(folder)
    pick = Pick(DRINKS[0], 0.5)
    trials = [
        Trial(
            f"R1-typo-{n}", "typo", "text", "both", "alone", "text_to_picture", DRINKS[0], f"{salt}sentence {n}", None,
            pick, pick, True, "broke" if n in broke else "held",
        )
        for n in range(N)
    ]  # fmt: skip
    low, high = wilson(len(broke), N)
    family = FamilyResult(
        "typo", "text", "both", "alone", N, N, N - len(broke), len(broke), 0, 1.0, len(broke) / N, low, high,
        "fail" if low > 0.05 else "pass", gates=gates,
    )  # fmt: skip
    (folder / "rules/R1/trials.jsonl").write_text("".join(f"{json.dumps(asdict(t))}\n" for t in trials))
    edited(
        folder, "rules/R1/attack.json",
        lambda a: a.update(families=[asdict(family)], retention=[], overblock=[], hardest=[]),
    )  # fmt: skip
    return seal(folder)


def found(old: Path, new: Path) -> Comparison:
    return compare(read_side(old), read_side(new))


def typo(comparison: Comparison) -> Row:
    (row,) = (row for row in comparison.rows if row.name == "typo")
    return row


def run(*words: str | Path, columns: int = 80) -> Result:
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(main, ["compare", *map(str, words)])


def test_the_same_bundle_twice_differs_in_nothing(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "one")
    done = run(folder, folder)
    assert done.exit_code == 0, done.output
    assert "0 significantly worse, 0 significantly better" in done.output
    assert "Regressions" not in done.output
    comparison = found(folder, folder)
    assert len(comparison.rows) > 80
    assert {row.q for row in comparison.rows} == {1.0}
    assert comparison.only == comparison.notes == ()


def test_pairs_are_tested_by_mcnemar_and_corrected_over_all_rows(tmp_path: Path) -> None:
    old, new = with_trials(tmp_path / "old", range(5)), with_trials(tmp_path / "new", range(3, 25))
    comparison = found(old, new)
    row = typo(comparison)
    # 0 to 2 broke in OLD alone, 5 to 24 in NEW alone.
    assert (row.paired, row.trials_new, row.better, row.worse) == (True, N, 3, 20)
    assert row.p == pytest.approx(binomtest(3, 23, 0.5).pvalue)
    q = false_discovery_control([r.p for r in comparison.rows])
    assert [r.q for r in comparison.rows] == pytest.approx(list(q))
    assert row.finding == "regression"
    assert row.worse_by == pytest.approx(100 * 17 / N)
    assert typo(found(new, old)).finding == "improvement"


def test_a_regression_leaves_with_three_and_an_improvement_with_zero(tmp_path: Path) -> None:
    old, new = with_trials(tmp_path / "old", range(2)), with_trials(tmp_path / "new", range(40))
    done = run(old, new)
    assert done.exit_code == 3
    assert done.output.index("Regressions") < done.output.index("typo breach")
    assert "is significantly worse than" in done.output.splitlines()[-1]
    assert run(old, new, "-q").output.count("\n") == 1
    done = run(new, old)
    assert done.exit_code == 0
    assert "Improvements" in done.output


def test_evidence_alone_is_told_and_does_not_fail(tmp_path: Path) -> None:
    old, new = with_trials(tmp_path / "old", range(2)), with_trials(tmp_path / "new", range(40), gates=False)
    done = run(old, new)
    assert done.exit_code == 0
    assert "typo breach (evidence)" in done.output
    assert "1 of the worse are evidence only" in " ".join(done.output.split())


def test_probes_that_are_not_shared_are_two_samples(tmp_path: Path) -> None:
    old, new = with_trials(tmp_path / "old", range(2)), with_trials(tmp_path / "new", range(40), salt="another ")
    row = typo(found(old, new))
    assert (row.paired, row.worse, row.smallest) == (False, 0, None)
    assert row.p == pytest.approx(fisher_exact([[2, N - 2], [40, N - 40]])[1])
    assert row.finding == "regression"


def test_what_had_to_be_kept_and_what_is_blocked_are_compared(tmp_path: Path) -> None:
    old, new = write_bundle(tmp_path / "old"), write_bundle(tmp_path / "new")

    def lose(attack: dict[str, Any]) -> None:
        attack["retention"][0].update(kept=0.5, guarded=0.5)
        attack["overblock"][0].update(newly_forbidden=300, rate=0.25)

    edited(new, "rules/R1/attack.json", lose)
    worse = found(old, seal(new)).found("regression")
    assert {(row.rule, row.measure, row.paired) for row in worse} == {
        ("R1", "retention", False),
        ("R1", "overblock", False),
    }
    assert all(row.worse_by > 20 for row in worse)


def test_rules_are_matched_by_what_they_forbid_and_the_rest_is_listed(tmp_path: Path) -> None:
    old, new = write_bundle(tmp_path / "old"), write_bundle(tmp_path / "new")
    manifest = json.loads((new / "manifest.json").read_text())
    (new / "rules/R1").rename(new / "rules/R7")
    for name in ("rule", "attack"):
        edited(new, f"rules/R7/{name}.json", lambda v: v.update({"rule" if "families" in v else "id": "R7"}))
    (line,) = (line for line in manifest["rules"] if line["id"] == "R1")
    seal(new, rules=[{**line, "id": "R7"}], policy_sha256="0" * 64)
    comparison = found(old, new)
    assert {(v.rule, v.was) for v in comparison.verdicts} == {("R7", "R1")}
    assert [(o.side, o.what) for o in comparison.only] == [
        ("old", "R2 (minor -smoking-> tobacco) is no longer forbidden by a rule")
    ]
    assert "The policy has changed" in comparison.notes[0]
    done = run(old, new)
    assert done.exit_code == 0
    assert "R7 (was R1): the same rule" in done.output


def test_differences_beside_the_results_are_told(tmp_path: Path) -> None:
    old, new = write_bundle(tmp_path / "old"), write_bundle(tmp_path / "new")
    for rule in ("R1", "R2"):
        edited(new, f"rules/{rule}/attack.json", lambda a: a.update(effort="deep", seed=9, breach_max=0.1))
    manifest = json.loads((new / "manifest.json").read_text())
    seal(new, backbone={**manifest["backbone"], "fingerprint": "a" * 64}, proscribe="0.9.0")
    done = run(old, new, columns=300)
    wanted = (
        "The backbones differ",
        "efforts differ: standard, now deep",
        "other seeds",
        "proscribe itself was 0.1.0",
        "R1: it requires breach 10%, not 5%",
    )
    for said in wanted:
        assert said in done.output


def test_a_family_of_one_bundle_is_listed_not_compared(tmp_path: Path) -> None:
    old, new = write_bundle(tmp_path / "old"), with_trials(tmp_path / "new", range(2))
    only = found(old, new).only
    assert ("new", "R1: typo attacks (text, both guarded, this rule alone)") in [(o.side, o.what) for o in only]
    assert sum(o.side == "old" for o in only) > 10
    # One line an attack: a hundred settings tell a reader no more.
    lines = [line for line in run(old, new).stdout.splitlines() if line.startswith(("  OLD", "  NEW"))]
    assert "  NEW  R1: typo attacks" in lines
    assert "  OLD  R1: paraphrase attacks, 6 settings" in lines
    assert len(lines) <= 12
    every = run(old, new, "--all", columns=120).stdout.splitlines()
    assert "  OLD  R1: paraphrase attacks (text, both guarded, this rule alone)" in every
    assert sum(line.startswith("  OLD  R1: paraphrase attacks") for line in every) == 6


def test_many_attacks_of_one_bundle_are_cut_short(tmp_path: Path) -> None:
    old, new = write_bundle(tmp_path / "old"), write_bundle(tmp_path / "new")

    def more(attack: dict[str, Any]) -> None:
        attack["families"] += [{**attack["families"][0], "family": f"made up {n}"} for n in range(20)]

    edited(new, "rules/R1/attack.json", more)
    seal(new)
    assert "and 8 more: --all lists them" in run(old, new).output
    assert "more: --all" not in run(old, new, "--all").output


def test_a_worse_verdict_without_a_worse_measure_says_what_it_rests_on(tmp_path: Path) -> None:
    old, new = write_bundle(tmp_path / "old"), write_bundle(tmp_path / "new")

    def broken(attack: dict[str, Any]) -> None:
        attack["families"].append({**attack["families"][0], "family": "made up", "status": "fail"})
        attack["status"] = "fail"

    edited(new, "rules/R1/attack.json", broken)
    seal(new)
    done = run(old, new, columns=300)
    assert done.exit_code == 0
    assert "R1: verdict was may ship, is must not ship, with attacks or sets that only NEW has" in done.output
    assert "only NEW has" not in run(new, old, columns=300).output


def test_attacks_of_two_versions_are_told(tmp_path: Path) -> None:
    old, new = write_bundle(tmp_path / "old"), write_bundle(tmp_path / "new")
    versions = json.loads((new / "manifest.json").read_text())["versions"]
    assert "The attacks are of two versions" not in run(old, new, columns=300).output
    seal(new, versions={**versions, "attacks": "6"})
    assert "The attacks are of two versions, before 5 and 6" in run(old, new, columns=300).output
    seal(old, versions={**versions, "attacks": "6"})
    assert "The attacks are of two versions" not in run(old, new, columns=300).output


def test_json_follows_its_schema(tmp_path: Path) -> None:
    old, new = with_trials(tmp_path / "old", range(2)), with_trials(tmp_path / "new", range(40))
    done = CliRunner().invoke(main, ["compare", str(old), str(new), "--json"])
    assert done.exit_code == 3
    document = json.loads(done.stdout)
    Draft202012Validator.check_schema(schema())
    assert not list(Draft202012Validator(schema()).iter_errors(document))
    assert document["regressed"] is True
    assert document["rows"][0]["finding"] == "regression"
    assert document["counts"]["regression"] == 1
    document["rows"][0]["surprise"] = 1
    assert list(Draft202012Validator(schema()).iter_errors(document)), "the schema is closed"


@pytest.mark.parametrize("damage", ["trials", "line", "attack", "missing"])
def test_a_damaged_bundle_leaves_with_five(damage: str, tmp_path: Path) -> None:
    old, new = with_trials(tmp_path / "old", range(2)), with_trials(tmp_path / "new", range(2))
    trials = new / "rules/R1/trials.jsonl"
    if damage == "trials":
        trials.write_text(trials.read_text().replace('"held"', '"broke"'))
    elif damage == "line":
        trials.write_text('{"family": "typo"}\n')
        seal(new)
    elif damage == "attack":
        (new / "rules/R1/attack.json").write_text("{")
    else:
        trials.unlink()
    done = run(old, new)
    assert done.exit_code == 5, done.output
    assert f"{new}/rules/R1/" in done.output


def test_what_is_no_bundle_is_a_usage_error(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "one")
    (tmp_path / "empty").mkdir()
    assert run(folder, tmp_path / "empty").exit_code == 2
    assert run(folder, tmp_path / "nowhere").exit_code == 2


@pytest.mark.parametrize("columns", [80, 120])
def test_the_table_fits(columns: int, tmp_path: Path) -> None:
    old, new = with_trials(tmp_path / "old", range(2)), with_trials(tmp_path / "new", range(40))
    lines = run(old, new, "--all", columns=columns).stdout.splitlines()
    assert max(len(line) for line in lines if not line.startswith(("OLD", "NEW"))) <= columns


def test_comparing_never_imports_torch(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "one")
    code = (
        "import sys; from proscribe.compiler.cli.main import main\n"
        f"try: main(['compare', {str(folder)!r}, {str(folder)!r}])\n"
        "except SystemExit as left: assert not left.code\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
