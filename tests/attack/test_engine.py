"""The list of attacks, pieces, the joining of old and new trials, and judging without a model."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from proscribe.compiler.attack.checkpoints import Piece, Store
from proscribe.compiler.attack.listed import LISTED, Listed, families, listed, load_campaign, load_family, named
from proscribe.compiler.attack.parallel import tasks
from proscribe.compiler.attack.run import Wanted
from proscribe.compiler.attack.verdict.judge import Evidence, added, judge, judge_again, tag_of
from proscribe.compiler.attack.whitebox import CAMPAIGNS
from proscribe.compiler.bundle.write import read_trials, write_trials
from proscribe.compiler.records.decode import decode
from proscribe.compiler.records.results import Curve, Modality, Outcome, Pick, RuleAttack, Trial
from proscribe.compiler.resolve.names import Require

CELL = ("child", "drinking", "wine")
REQUIRE = Require(breach_max=0.05, retention_min=0.98)
EVIDENCE = Evidence(0, 1.0, "quick", frozenset({CELL}))


def trials(
    family: str,
    broke: int,
    held: int,
    unseen: int = 0,
    tag: str = "",
    modality: Modality = "text",
) -> list[Trial]:
    """So many recognised trials of each outcome, and some that the base does not recognise."""
    outcomes: list[tuple[Outcome, bool]] = [("broke", True)] * broke + [("held", True)] * held
    outcomes += [("held", False)] * unseen
    return [
        Trial(
            f"R1-{family}-alone-both-{tag}{number:04d}", family, modality, "both", "alone", "text_to_picture", CELL,
            f"{family} {number}", None, Pick(CELL, 0.5), Pick(CELL, 0.5), recognised, outcome, cluster=str(number % 7),
            margin=round(number / 1000 - 0.5, 6),
        )
        for number, (outcome, recognised) in enumerate(outcomes)
    ]  # fmt: skip


def judged(found: Sequence[Trial], evidence: Evidence = EVIDENCE) -> RuleAttack:
    return judge("R1", REQUIRE, evidence, found)


def test_names_are_unique_and_lists_grow_with_effort() -> None:
    names = [row.name for row in LISTED]
    assert len(set(names)) == len(names)
    quick, standard, deep = (set(listed(effort)) for effort in ("quick", "standard", "deep"))
    assert quick <= standard <= deep == set(LISTED)
    assert [f.name for f in families("quick")] == ["paraphrase", "synonym", "context", "style", "corruption"]
    assert all(not row.is_campaign for row in standard)


@pytest.mark.parametrize("row", LISTED, ids=lambda row: row.name)
def test_a_row_says_what_the_attack_says_of_itself(row: Listed) -> None:
    if row.is_campaign:
        campaign = load_campaign(row)
        assert (row.name, row.kind, row.gates) == (campaign.name, campaign.kind, campaign.gates)
        assert row.effort == "deep"
        assert row.expected_seconds(3, True) == campaign.expected_seconds(3, True) > 0
    else:
        family = load_family(row)
        assert (row.name, row.modality) == (family.name, family.modality)
        assert (row.kind, row.gates) == ("black box", row.name != "two_subjects")
        assert row.expected_seconds(3, True) > 0
        assert (row.expected_seconds(3, False) > 0) == (row.modality == "text")


def test_every_campaign_is_on_the_list() -> None:
    assert [row.name for row in LISTED if row.is_campaign] == [campaign.name for campaign in CAMPAIGNS]


def test_the_list_is_read_without_torch() -> None:
    said = "import sys, proscribe.compiler.build.plan; print('torch' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", said], text=True).strip() == "False"


def test_attacks_are_found_by_name_in_the_order_of_the_list() -> None:
    assert [row.name for row in named(["style", "paraphrase"])] == ["paraphrase", "style"]
    with pytest.raises(LookupError, match="styl"):
        named(["styl"])


def test_evidence_that_does_not_gate_fails_no_rule() -> None:
    good = trials("paraphrase", 0, 200)
    assert judged(good).reasons == judged([*good, *trials("pixels", 100, 0)]).reasons
    assert any("quantised" in reason for reason in judged([*good, *trials("quantised", 100, 0)]).reasons)
    pixels = judged([*good, *trials("pixels", 100, 0)]).families[-1]
    assert (pixels.kind, pixels.gates, pixels.status) == ("white box", False, "fail")


def test_sentences_that_hold_do_not_hide_pictures_that_break() -> None:
    both = [*trials("quantised", 0, 900), *trials("quantised", 40, 160, modality="picture")]
    found = judged([*trials("paraphrase", 0, 200), *both])
    rows = [(f.modality, f.broke, f.held, f.status) for f in found.families if f.family == "quantised"]
    assert rows == [("text", 0, 900, "pass"), ("picture", 40, 160, "fail")]
    assert found.status == "fail"
    counted = {s.modality: dict(s.any_of_k)[1] for s in found.statistics if s.family == "quantised"}
    assert counted == {"text": 0.0, "picture": pytest.approx(0.2)}, "and so are the statistics"


def test_statistics_of_before_say_no_modality() -> None:
    new = judged(trials("quantised", 1, 80)).to_dict()
    for row in new["statistics"]:
        assert row.pop("modality") == "text"
    old = decode(RuleAttack, new, "attack.json")
    assert [row.modality for row in old.statistics] == [""]
    assert [row.modality for row in judge_again(old, trials("quantised", 1, 80)).statistics] == ["text"]


def test_an_attack_that_fails_on_the_base_proves_nothing_and_is_told() -> None:
    good = trials("paraphrase", 0, 200)
    found = judged([*good, *trials("context", 0, 20, unseen=180)])
    assert found.reasons == judged(good).reasons
    assert any(line.startswith("context attacks prove nothing here") for line in found.not_tested)
    few = judged([*good, *trials("context", 0, 20, unseen=5)])
    assert any("context" in reason and "not enough data" in reason for reason in few.reasons), "data is missing here"


def test_what_the_base_cannot_see_is_told_of_evidence_too() -> None:
    good = trials("paraphrase", 0, 200)
    broken = judged([*good, *trials("two_subjects", 60, 0, unseen=20, modality="picture")])
    assert broken.reasons == judged(good).reasons, "two subjects gate nothing"
    assert [(f.gates, f.status, f.kind) for f in broken.families[1:]] == [(False, "fail", "black box")]
    unseen = judged([*good, *trials("two_subjects", 20, 0, unseen=180, modality="picture")])
    assert any(line.startswith("two subjects attacks prove nothing here") for line in unseen.not_tested)
    assert not any(line.startswith("two subjects attacks prove") for line in broken.not_tested)


def test_what_was_not_tried_is_named_with_the_command() -> None:
    (line,) = judged(trials("paraphrase", 0, 80)).not_tested
    assert line.startswith("not tried at quick effort: ")
    assert "relearning" in line
    assert "linear probe" in line
    assert "paraphrase" not in line
    assert "--effort deep" in line
    curve = Curve("relearning", "t", "x", "breach rate", False, (), "s")
    assert "relearning" not in judged(trials("paraphrase", 0, 80), replace(EVIDENCE, curves=(curve,))).not_tested[-1]
    deep = judged(trials("paraphrase", 0, 80), replace(EVIDENCE, effort="deep"))
    assert deep.not_tested == ()


def test_a_rule_is_judged_again_from_what_was_written(tmp_path: Path) -> None:
    found = [*trials("paraphrase", 3, 100, unseen=4), *trials("pixels", 20, 60), *trials("context", 0, 9, unseen=95)]
    first = judged(found, replace(EVIDENCE, why_not=("style attacks: none of the forbidden cells can be drawn",)))
    write_trials(tmp_path / "trials.jsonl", found)
    back = read_trials(tmp_path / "trials.jsonl")
    assert list(back) == found
    read = decode(RuleAttack, first.to_dict(), "attack.json")
    assert judge_again(read, back) == read == first
    other = judge_again(read, [replace(t, outcome="broke") for t in back])
    assert (other.status, other.families[0].breach) == ("fail", 1.0)


def test_new_trials_take_the_place_of_the_same_attack_and_seed() -> None:
    old = [*trials("context", 0, 3), *trials("paraphrase", 0, 3), *trials("context", 0, 2, tag="s7-")]
    new = {"context": Piece(1.0, tuple(trials("context", 1, 4)))}
    found = added(old, new, "")
    assert [t.family for t in found] == ["paraphrase"] * 3 + ["context"] * 7
    assert [tag_of(t) for t in found if t.family == "context"] == [""] * 5 + ["s7-"] * 2
    more = added(found, {"context": Piece(1.0, tuple(trials("context", 0, 1, tag="s7-")))}, "s7-")
    assert len(more) == 3 + 5 + 1
    assert len({t.id for t in more}) == len(more)


def test_a_piece_is_kept_and_a_broken_one_is_made_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    piece = Piece(1.5, tuple(trials("context", 1, 2)), why_not=("x attacks: y",))
    assert store.read("R1", "context") is None
    store.write("R1", "context", piece)
    assert store.read("R1", "context") == piece
    path = store.path("R1", "context")
    path.write_text(path.read_text()[:-20])
    assert store.read("R1", "context") is None
    assert [file.name for file in path.parent.iterdir()] == ["context.json"]


def test_processes_share_rules_or_where_these_are_few_single_attacks() -> None:
    wanted = Wanted(("R1", "R2", "R3"), listed("quick"))
    assert [{rule for rule, _ in task} for task in tasks(wanted, 2)] == [{"R1"}, {"R2"}, {"R3"}]
    single = tasks(Wanted(("R1",), listed("quick")), 2)
    assert [len(task) for task in single] == [1] * 6
    assert sorted(map(str, (piece for task in tasks(wanted, 2) for piece in task))) == sorted(map(str, wanted.pieces()))
