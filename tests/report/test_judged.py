"""What a reader is told first: nothing that passed may hide what did not, and quoted trials are those that count."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from proscribe.compiler.attack.verdict.score import pooled_retention
from proscribe.compiler.attack.verdict.worst_cases import hardest_first, in_turn
from proscribe.compiler.records.results import Curve, CurvePoint, FamilyResult, Pick, RetentionResult, Series, Trial
from proscribe.compiler.report.figures.chart import draw_curve
from proscribe.compiler.report.figures.matrix import worst_kept, worst_of
from proscribe.compiler.report.pooled import worst_pooled
from proscribe.compiler.report.read import read_bundle
from proscribe.compiler.report.views import rule_view
from proscribe.compiler.report.write import render_bundle

sys.path.insert(0, str(Path(__file__).parent))
from bundle_fixture import write_bundle

FAMILY = FamilyResult("synonym", "text", "both", "alone", 200, 190, 185, 5, 0, 0.95, 0.026, 0.011, 0.06, "inconclusive")
KEPT = RetentionResult("allows", "text", "both", "alone", 720, 0.9, 0.89, 1.1, 0.985, 0.97, 0.99, "pass")


def trial(family: str, number: int, margin: float, outcome: str = "broke") -> Trial:
    return Trial(
        f"R1-{family}-alone-both-{number:04d}", family, "text", "both", "alone", "text_to_picture",
        ("child", "drinking", "wine"), f"{family} {number}", None, Pick(("a", "b", "c"), 0.5),
        Pick(("a", "b", "c"), 0.5), True, outcome, margin=margin,  # type: ignore[arg-type]
    )  # fmt: skip


def test_what_is_not_proven_is_not_hidden_by_what_passed() -> None:
    more = replace(FAMILY, towers="text", trials=2000, breach=0.04, high=0.045, status="pass")
    assert worst_of([more, FAMILY]) is FAMILY
    nothing = replace(FAMILY, towers="text", held=0, broke=0)
    assert worst_of([nothing, FAMILY]) is FAMILY, "a setting without counted trials comes last"
    evidence = [replace(f, gates=False) for f in (FAMILY, more)]
    assert worst_of(evidence) is evidence[1], "evidence has no status: its highest rate is its worst"
    doubt = replace(KEPT, stage="all_on", loss_points=0.97, kept=0.977, low=0.962, status="inconclusive")
    other = replace(KEPT, name="control", kept=0.5)
    assert worst_kept([KEPT, doubt, other, replace(KEPT, name="marginals", trials=0)]) == (doubt, other)


def test_the_first_sentence_says_in_which_setting_and_how_the_whole_model_stands(tmp_path: Path) -> None:
    report = read_bundle(write_bundle(tmp_path / "b"))
    rule = next(rule for rule in report.rules if rule.attack.status == "fail")
    alone = replace(FAMILY, family="languages", towers="text", breach=0.244, low=0.166, high=0.345, status="fail")

    def said(*families: FamilyResult) -> str:
        judged = replace(rule, attack=replace(rule.attack, families=families))
        return replace(report, rules=(judged,)).sentence

    assert "still lets 24.4% of the attacks in other languages through, where" in said(alone)
    assert said(alone).endswith("allows 5%."), "a rule of sentences alone has no second tower"
    assert said(alone, FAMILY).endswith("text tower guarded alone; with both guarded it is 2.6% at worst.")
    both = replace(alone, towers="both")
    assert said(both, FAMILY).endswith("allows 5%.")


def test_all_safe_items_together_are_counted_as_the_verdict_counts_them() -> None:
    rows = [KEPT, replace(KEPT, name="control", trials=480, base=0.97, kept=0.991), replace(KEPT, stage="all_on")]
    found = worst_pooled(rows, 0.98)
    assert found is not None
    assert (found.towers, found.stage, found.trials) == ("both", "all_on", 648)
    assert (found.kept, found.low, found.high) == pytest.approx(pooled_retention(rows[2:]), abs=1e-12)
    assert found.status == "inconclusive"
    assert worst_pooled(rows[:2], 0.9).status == "pass"  # type: ignore[union-attr]
    assert worst_pooled(rows[:2], 0.999).status == "fail"  # type: ignore[union-attr]
    assert worst_pooled([], 0.98) is None


def test_quoted_trials_begin_with_the_family_that_decided() -> None:
    families = [
        replace(FAMILY, family="relearning", breach=0.9, gates=False),
        replace(FAMILY, family="word_order", breach=0.13),
        replace(FAMILY, family="languages", breach=0.24),
        replace(FAMILY, family="style", breach=0.0),
    ]
    trials = [trial("relearning", n, 0.9 - n / 100) for n in range(8)]
    trials += [trial("word_order", n, 0.5 - n / 100) for n in range(8)] + [
        trial("languages", n, 0.1 - n / 100) for n in range(2)
    ]
    trials += [trial("style", 0, -0.1, "held"), replace(trial("languages", 7, 0.1), text="languages 0")]
    found = hardest_first(families, trials)
    assert [t.family for t in found] == [
        "languages", "word_order", "languages", "word_order", "word_order", "relearning", "relearning", "relearning",
        "style",
    ]  # fmt: skip
    assert len({t.text for t in found}) == len(found) == 9
    assert found[1].text == "word_order 0", "the hardest of a family stands before its others"
    assert in_turn(families, list(reversed(found))) == in_turn(families, found)
    assert len(hardest_first(families, [trial(f"f{n}", n, 0.1) for n in range(30)])) == 10


def test_a_reason_is_not_said_twice_and_evidence_is_marked(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "minors")
    render_bundle(folder)
    page = (folder / "report.html").read_text("utf-8")
    report = read_bundle(folder)
    assert rule_view(report, report.rules[1]).reasons == report.rules[1].attack.reasons[1:]
    assert len(re.findall(r"<li[^>]*>synonym, both towers guarded", page)) == 0
    assert "Evidence: not counted against the rule." not in page
    path = folder / "rules/R2/attack.json"
    attack = json.loads(path.read_text("utf-8"))
    for family in attack["families"]:
        family["gates"] &= family["family"] != "style"
    path.write_text(json.dumps(attack))
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    del manifest["files"]["rules/R2/attack.json"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    render_bundle(folder)
    page = (folder / "report.html").read_text("utf-8")
    style = sum(t["family"] == "style" for t in attack["hardest"])
    assert page.count("Evidence: not counted against the rule.") == style > 0


def test_the_guarded_line_has_one_colour_in_every_chart() -> None:
    point = CurvePoint(1.0, 0.5, 0.4, 0.6, 100)
    for names in (("base", "guarded", "random"), ("guarded", "never forgot")):
        drawn = str(draw_curve(Curve("f", "T", "x", "rate", False, tuple(Series(n, (point,)) for n in names), "s")))
        found = re.findall(r'<g class="l(\d)">.*?<text[^>]*>([^<]*)</text></g>', drawn)
        assert {name: int(tone) for tone, name in found}["guarded"] == 0
        assert len({tone for tone, _ in found}) == len(names)


def test_hub_metadata_is_what_the_hub_reads(tmp_path: Path) -> None:
    cards = pytest.importorskip("huggingface_hub").ModelCard
    folder = write_bundle(tmp_path / "minors")
    render_bundle(folder)
    data = cards.load(folder / "rules/R1/card.md").data
    assert (data.library_name, data.license, data.base_model) == ("peft", "unknown", "mini")
    assert data.tags == ["proscribe", "safety", "unlearning", "lora", "rule-R1"]
