"""Relearning: fine-tuning brings a hidden tuple back, leaves the originals alone, and has references."""

from __future__ import annotations

import math

import pytest
import torch
from proscribe.compiler.attack.whitebox import relearning
from proscribe.compiler.attack.whitebox.relearning import (
    Relearning,
    curve_of,
    matching_loss,
    prepare_lessons,
    relearn,
    steps_to_half,
)
from proscribe.compiler.attack.whitebox.support.nonce_words import renamed, words_for
from proscribe.compiler.attack.whitebox.support.probe_set import breach_at, open_bench, read_tail
from proscribe.compiler.attack.whitebox.support.trial_records import point, siblings
from proscribe.compiler.records.results import Series
from proscribe.compiler.world.cells import SLOTS, Cell

from .tiny_ground import BEER, CELLS, mini, tiny_ground


@pytest.fixture(autouse=True)
def _few_items(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, count in (("forget", 6), ("sibling", 8), ("retain", 8)):
        monkeypatch.setitem(relearning.ITEMS, kind, count)


def test_fine_tuning_on_the_forget_data_brings_the_tuple_back() -> None:
    ground = tiny_ground()
    before = {name: value.clone() for name, value in ground.guarded.model.state_dict().items()}
    bench = open_bench(ground, "relearning", 6)
    assert bench is not None
    lessons = prepare_lessons(ground, words_for([BEER]))
    rates = {}
    for step, model in relearn(ground, ground.guarded.model, lessons, "forget", False, (0, 30)):
        rates[step] = point(*breach_at(ground, bench, step, read_tail(ground, bench, model))).rate
    assert rates[0] < 0.3
    assert rates[30] > rates[0] + 0.4
    assert all(torch.equal(value, before[name]) for name, value in ground.guarded.model.state_dict().items())


def test_the_lessons_of_each_kind_hold_its_cells_only() -> None:
    lessons = prepare_lessons(tiny_ground(), words_for([BEER]))
    assert {kind: len(rows) for kind, rows in lessons.rows.items()} == {"forget": 6, "sibling": 8, "retain": 8}
    assert len(set(lessons.label[lessons.rows["forget"]].tolist())) == 1
    others = set(lessons.label[lessons.rows["sibling"]].tolist()) | set(lessons.label[lessons.rows["retain"]].tolist())
    assert not others & set(lessons.label[lessons.rows["forget"]].tolist())
    assert not torch.equal(lessons.texts.hidden[:6], lessons.made_up.hidden[:6])


def test_siblings_are_one_slot_away() -> None:
    near, far = siblings(tiny_ground())
    assert {*near, *far, BEER} == set(CELLS)
    assert all(sum(cell.get(slot) != BEER.get(slot) for slot in SLOTS) == 1 for cell in near)
    assert all(sum(cell.get(slot) != BEER.get(slot) for slot in SLOTS) > 1 for cell in far)


def test_the_loss_is_clips_with_several_right_answers() -> None:
    one, two = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    apart = matching_loss(torch.stack([one, two]), torch.stack([one, two]), torch.tensor([0, 1]))
    assert float(apart) == pytest.approx(math.log(1 + math.exp(-1 / relearning.TEMPERATURE)), abs=1e-6)
    swapped = matching_loss(torch.stack([one, two]), torch.stack([two, one]), torch.tensor([0, 1]))
    assert float(swapped) == pytest.approx(1 / relearning.TEMPERATURE, abs=1e-4)
    assert float(matching_loss(torch.stack([one, two]), torch.stack([two, one]), torch.tensor([0, 0]))) == 0.0


def test_made_up_words_stand_where_the_names_stood() -> None:
    words = words_for([BEER, Cell("man", "eating", "cake")])
    assert len(set(words.values())) == len(words) == 6
    assert words[("relation", "drinking")].endswith("ing")
    book = tiny_ground().arena.book
    text = renamed(f"we caught {book.canonical(BEER)} late at night", BEER, book, words)
    made = [words[(slot, BEER.get(slot))] for slot in SLOTS]
    assert text == f"we caught a {made[0]} {made[1]} {made[2]} late at night"
    with pytest.raises(ValueError, match="101 names"):
        words_for([Cell(f"s{n}", "near", "it") for n in range(101)])


def series(*broke: list[int]) -> tuple[Series, ...]:
    return tuple(
        Series(name, tuple(point(float(x), k, 10) for x, k in zip((0, 1, 2, 4), ks, strict=True)))
        for name, ks in zip(("guarded", "never forgot", "never knew"), broke, strict=True)
    )


def test_the_sentence_says_how_many_steps_bring_half_back() -> None:
    fast = curve_of("forget", series([0, 1, 5, 9], [10, 10, 10, 10], [0, 0, 1, 6]))
    assert steps_to_half(fast.series[0].points) == 2
    assert "is back after 2 steps" in fast.sentence
    assert "gets there after 4 steps" in fast.sentence
    assert "hidden" in fast.flags[0]
    slow = curve_of("retain", series([0, 0, 0, 1], [10, 10, 10, 10], [0, 0, 0, 0]))
    assert "is back not within 4 steps" in slow.sentence
    assert slow.flags == ()
    half_held = curve_of("forget", series([4, 6, 6, 7], [10, 10, 10, 10], [0, 0, 0, 0]))
    assert steps_to_half(half_held.series[0].points) == 4, "half of the six that were held"
    open_door = curve_of("forget", series([6, 9, 9, 9], [10, 10, 10, 10], [0, 0, 0, 0]))
    assert "too little" in open_door.flags[0]
    harmed = curve_of("retain", series([0, 0, 0, 1], [10, 4, 2, 2], [0, 0, 0, 0]))
    assert "harms the base" in harmed.flags[0]


def test_the_campaign_draws_a_curve_for_each_kind_of_data() -> None:
    findings = Relearning(measured=(0, 1), probes=3).run(tiny_ground())
    assert [curve.title for curve in findings.curves] == [
        f"Relearning on {k} data" for k in ("forget", "sibling", "retain")
    ]
    for curve in findings.curves:
        assert [s.name for s in curve.series] == ["guarded", "never forgot", "never knew"]
        assert curve.series[1].points[0].rate == 1.0
    assert {trial.variant for _, trial in findings.trials} == {"forget, 1 steps", "sibling, 1 steps", "retain, 1 steps"}
    assert mini().model.training is False
