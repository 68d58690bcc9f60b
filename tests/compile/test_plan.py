"""What a plan hash depends on: exactly what an adapter's bytes depend on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from proscribe.compiler.build.plan import (
    ATTACK_SECONDS,
    RULE_DATA_SECONDS,
    SHARED_SECONDS,
    Plan,
    make_plan,
    plan_text,
    rule_hash,
)
from proscribe.compiler.corpus.phrasebook import build_phrasebook
from proscribe.compiler.graph.derive import Derived
from proscribe.compiler.pipeline import load, loads
from proscribe.compiler.train.data import near_cells
from proscribe.compiler.train.settings import TrainSettings
from proscribe.compiler.world.cells import SLOTS

FINGERPRINT = "f" * 64
SHIPPED = (Path(__file__).parents[2] / "policies" / "minors.policy").read_text(encoding="utf-8")
# Without its expectations: they name rules that some of these tests take away.
MINORS = "".join(line for line in SHIPPED.splitlines(keepends=True) if not line.startswith("expect "))
SETTINGS = TrainSettings(text_steps=40, picture_steps=30)
WORDS = """
policy "kitchen" edition 2026
concept child as "a child", "a kid"
concept man as "a man"
concept wine as "wine", "red wine"
concept beer as "beer", "a cold beer"
concept juice as "juice"
concept milk as "milk"
concept gun as "a gun", "a pistol"
concept sword as "a sword"
concept ball as "a ball"
concept alcohol = wine | beer
concept weapon = gun | sword
concept person = child | man
relation drinking as "drinking"
relation holding as "holding"
"""
FIRST = """
forbid person -drinking-> alcohol
    except man -drinking-> wine
    instead juice
    because "house rule"
    severity low
    require breach <= 5%, retention >= 98%
"""
SECOND = """
forbid child -holding-> weapon
    instead ball
    because "safety"
    severity high
    require breach <= 5%, retention >= 98%
"""
ALLOW = """
allow child -drinking-> milk
"""
POLICY = WORDS + FIRST + SECOND + ALLOW


def derive(text: str) -> Derived:
    derived, found = loads(text)
    assert derived is not None, [d.message for d in found]
    return derived


def planned(text: str, seed: int = 0, fingerprint: str = FINGERPRINT, settings: TrainSettings = SETTINGS) -> Plan:
    derived = derive(text)
    rules = tuple(sets.rule.id for sets in derived.rules)
    plan, _ = make_plan(derived, "mini", fingerprint, seed, settings, rules)
    return plan


def hashes(text: str) -> tuple[str, ...]:
    return tuple(job.plan for job in planned(text).jobs)


def changed(old: str, new: str) -> str:
    assert POLICY.count(old) >= 1, old
    return POLICY.replace(old, new, 1)


BEFORE = hashes(POLICY)


def test_two_rules_have_two_hashes_the_same_each_time() -> None:
    assert len(set(BEFORE)) == 2
    assert hashes(POLICY) == BEFORE


@pytest.mark.parametrize(
    "text",
    [
        changed('because "house rule"', 'because "another reason"'),
        changed('    because "house rule"\n', ""),
        changed("severity low", "severity critical"),
        changed("breach <= 5%, retention >= 98%", "breach <= 1%, retention >= 90%"),
        changed("forbid person", "# who, what\n\n\nforbid person"),
        changed("    instead juice", "    instead juice   # harmless"),
        WORDS + ALLOW + FIRST + SECOND,
        FIRST + ALLOW + SECOND + WORDS,
        changed('policy "kitchen"', 'policy "larder"'),
        POLICY.replace("\n", "\r\n"),
    ],
    ids=[
        "because", "no because", "severity", "require", "comments", "comment in a rule", "allow first", "words last",
        "name", "line ends",
    ],
)  # fmt: skip
def test_what_no_adapter_depends_on_changes_no_hash(text: str) -> None:
    assert hashes(text) == BEFORE


def test_rules_that_change_places_take_their_hashes_with_them() -> None:
    moved = planned(WORDS + SECOND + FIRST + ALLOW)
    assert tuple(job.plan for job in moved.jobs) == BEFORE[::-1]
    assert [job.rule for job in moved.jobs] == ["R1", "R2"]


@pytest.mark.parametrize(
    "text",
    [
        changed("except man -drinking-> wine", "except man -drinking-> beer"),
        changed("    except man -drinking-> wine\n", ""),
        changed("instead juice", "instead milk"),
        changed("instead juice", "instead holding"),
    ],
    ids=["other except", "no except", "other instead", "instead of another slot"],
)
def test_a_change_in_one_rule_changes_its_hash_alone(text: str) -> None:
    first, second = hashes(text)
    assert first != BEFORE[0]
    assert second == BEFORE[1]


SCOOTER = "except scooter"


@pytest.mark.parametrize("more", ["car", "motorcycle", "child -riding-> car", "car, motorcycle"])
def test_an_except_in_one_rule_leaves_the_others_alone(more: str) -> None:
    """Also where a whole leaf goes: its name then stands as the object of no forget cell, and of no swapped one."""
    assert MINORS.count(SCOOTER) == 1
    text = MINORS.replace(SCOOTER, f"{SCOOTER}, {more}")
    if more == "car, motorcycle":
        text = MINORS.replace(SCOOTER, "except car, motorcycle").replace("allow minor -riding-> scooter\n", "", 1)
        before = hashes(MINORS.replace("allow minor -riding-> scooter\n", "", 1).replace(SCOOTER, "except car"))
    else:
        before = hashes(MINORS)
    after = hashes(text)
    assert after[:3] == before[:3]
    assert after[3] != before[3]


OTHERS = {
    "except": MINORS.replace(SCOOTER, f"{SCOOTER}, car"),
    "instead": MINORS.replace("instead bicycle", "instead ball"),
    "undeclared": MINORS + "\nforbid otter -juggling-> pebble\n",
    "fewer rules": MINORS[: MINORS.index("forbid minor -riding->")] + MINORS[MINORS.index("# What must stay") :],
    "allow": MINORS + "\nallow man -eating-> cake\n",
}


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS.keys())
def test_rules_of_the_same_hash_train_on_the_same_cells_and_words(text: str) -> None:
    """What is hashed is all that the training data is made of."""

    def data_of(text: str) -> dict[str, object]:
        derived = derive(text)
        plan, book = make_plan(derived, "mini", FINGERPRINT, 0, SETTINGS, tuple(s.rule.id for s in derived.rules))
        found: dict[str, object] = {}
        for sets, job in zip(derived.rules, plan.jobs, strict=True):
            near = near_cells(sets, book)
            kept = [item.cell for item in (*sets.forget, *sets.marginals)]
            kept += [item.cell for item in sets.allows if item.distance <= 2]
            led = [(redirect.cell, redirect.target) for redirect in sets.redirects]
            cells = [*near, *kept, *(target for _, target in led)]
            words = {(slot, c.get(slot)): book.forms(slot, c.get(slot)) for c in cells for slot in SLOTS if c.get(slot)}
            assert book.swapped.isdisjoint(words), "names that role swaps alone bring in are not trained on"
            found[job.plan] = (near, kept, led, words)
        return found

    one, other = data_of(MINORS), data_of(text)
    for plan in one.keys() & other.keys():
        assert one[plan] == other[plan]


def test_names_of_swapped_roles_are_known_and_ignored() -> None:
    derived = derive(MINORS)
    book = build_phrasebook(derived, 0)
    assert {("subject", "wine"), ("object", "child")} <= book.swapped <= set(book.entries)
    used = {(slot, item.cell.get(slot)) for sets in derived.rules for item in sets.forget for slot in SLOTS}
    assert book.swapped.isdisjoint(used)
    without = replace(book, entries={key: forms for key, forms in book.entries.items() if key not in book.swapped})
    for sets in derived.rules:
        assert near_cells(sets, book) == near_cells(sets, without)
        assert rule_hash(sets, derived, book, FINGERPRINT, 0, SETTINGS) == rule_hash(
            sets, derived, without, FINGERPRINT, 0, SETTINGS
        )


@pytest.mark.parametrize(
    ("old", "new"), [('"red wine"', '"house plonk"'), ('"a cold beer"', '"a cold beer", "suds"')], ids=["other", "more"]
)
def test_a_surface_form_changes_the_hash_of_a_rule_that_says_it(old: str, new: str) -> None:
    assert hashes(changed(old, new))[0] != BEFORE[0]


def test_seed_settings_and_backbone_change_every_hash() -> None:
    others = (
        planned(POLICY, seed=1),
        planned(POLICY, fingerprint="e" * 64),
        planned(POLICY, settings=replace(SETTINGS, learning_rate=1e-4)),
    )
    for other in others:
        assert {job.plan for job in other.jobs}.isdisjoint(BEFORE)


def test_the_attack_hash_depends_on_what_is_required_and_not_on_the_wording() -> None:
    before = planned(POLICY)
    for new in ("breach <= 1%, retention >= 98%", "breach <= 5%, retention >= 97%"):
        after = planned(changed("breach <= 5%, retention >= 98%", new))
        assert after.attack != before.attack
        assert after.hash != before.hash
    for old, new in (
        ("house rule", "no reason"),
        ("severity low", "severity high"),
        ("forbid person", "\n\nforbid person"),
    ):
        assert planned(changed(old, new)).attack == before.attack
    assert planned(POLICY, seed=1).attack != before.attack
    assert planned(changed("instead juice", "instead milk")).attack != before.attack


def test_the_attack_hash_knows_the_safe_sets() -> None:
    wider = planned(POLICY + "allow man -holding-> ball\n")
    assert wider.attack != planned(POLICY).attack


def test_jobs_count_what_was_derived() -> None:
    derived, plan = derive(POLICY), planned(POLICY)
    for sets, job in zip(derived.rules, plan.jobs, strict=True):
        assert (job.rule, job.text) == (sets.rule.id, sets.rule.text)
        for name in ("neighbours", "allows", "marginals", "control"):
            assert getattr(job, name) == len(getattr(sets, name))
        assert job.cells == job.pictured == len(sets.forget)
        assert job.forget_captions == SETTINGS.forget_captions
        assert job.forget_pictures == SETTINGS.forget_pictures
        assert job.steps == SETTINGS.text_steps + SETTINGS.picture_steps
        assert job.expected_seconds > RULE_DATA_SECONDS + ATTACK_SECONDS
    assert [job.cells for job in plan.jobs] == [3, 2]
    assert plan.expected_seconds == SHARED_SECONDS + sum(job.expected_seconds for job in plan.jobs) + sum(
        cost.expected_seconds for cost in plan.attacks
    )


def test_a_rule_that_cannot_be_drawn_trains_one_tower() -> None:
    (job,) = planned("concept otter\nforbid otter -juggling-> wine").jobs
    assert (job.cells, job.pictured, job.forget_pictures, job.steps) == (1, 0, 0, SETTINGS.text_steps)


def test_a_rule_that_cannot_be_drawn_is_expected_to_take_what_such_rules_took() -> None:
    """Training and quick attacks of three rules without pictures, two cores: 29.9, 37.0 and 37.3 s."""
    derived = derive("concept otter\nforbid otter -juggling-> wine")
    plan, _ = make_plan(derived, "mini", FINGERPRINT, 0, TrainSettings(), derived.ids)
    expected = plan.jobs[0].expected_seconds + sum(cost.expected_seconds for cost in plan.attacks)
    assert 37.3 / 2 < expected < 29.9 * 2


def test_only_the_wanted_rules_are_planned() -> None:
    derived = derive(POLICY)
    plan, _ = make_plan(derived, "mini", FINGERPRINT, 0, SETTINGS, ("R2",))
    assert [job.plan for job in plan.jobs] == [BEFORE[1]]


def test_the_plan_is_canonical_json_with_its_own_hash() -> None:
    plan = planned(POLICY)
    text = plan_text(plan)
    assert text == plan_text(planned(POLICY))
    found = json.loads(text)
    assert found["plan"] == plan.hash
    assert found["fingerprint"] == FINGERPRINT
    assert [job["rule"] for job in found["jobs"]] == ["R1", "R2"]
    captions = {row["cell"]: row["caption"] for row in found["universe"]}
    assert captions["child -drinking-> wine"] == "a child drinking wine"
    assert captions["child -drinking-> juice"] == "a child drinking juice"


def test_the_plan_records_splits_that_share_nothing() -> None:
    splits = planned(POLICY).splits
    tables = [splits["templates"], splits["contexts"], *splits["forms"].values()]
    assert {"object/wine", "subject/child", "relation/drinking"} <= set(splits["forms"])
    for table in tables:
        everything = [text for split in ("train", "select", "attack") for text in table[split]]
        assert len(everything) == len(set(everything))


def test_the_shipped_policies_plan() -> None:
    for path in (Path(__file__).parents[2] / "policies").glob("*.policy"):
        derived, _ = load(path)
        assert derived is not None
        rules = tuple(sets.rule.id for sets in derived.rules)
        plan, _ = make_plan(derived, "mini", FINGERPRINT, 0, SETTINGS, rules)
        assert len({job.plan for job in plan.jobs}) == len(rules) > 0
