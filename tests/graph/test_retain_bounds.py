"""How much is kept beside a forbid, told from its boxes, is what the derived sets say."""

from __future__ import annotations

import random

import pytest
from proscribe.compiler.cli.benchmarks.synthetic_policy import generated_policy
from proscribe.compiler.graph import retain_bounds as told
from proscribe.compiler.graph.neighbours import POLICY, stable_key
from proscribe.compiler.graph.retain_bounds import Kept
from proscribe.compiler.pipeline import loads
from proscribe.compiler.world.cells import SLOTS, Cell

WORLD = ("child", "man", "wine", "alcohol", "beer", "juice", "knife", "dog", "minor", "adult")


def small_policy(seed: int) -> str:
    """A few names, some of them of the built-in world, under wide and narrow rules."""
    dice = random.Random(f"kept/{seed}")
    bare = seed % 3 == 0
    names = [f"n{n}" for n in range(dice.randint(0, 2 if bare else 9))]
    names += dice.sample(WORLD, 1 if bare else dice.randint(2, 7))
    relations = ["r0", "r1", "drinking", "holding"][: 1 if bare else dice.randint(1, 4)]
    lines = [f"concept {name}" for name in names]
    lines += [f"relation {name}{' symmetric' if dice.random() < 0.2 else ''}" for name in relations]
    lines.append(f"concept family = {' | '.join(dice.sample(names, dice.randint(1, len(names))))}")
    pool = [*names, "family", "family", "*"]
    for _ in range(dice.randint(1, 2 if bare else 5)):
        kind = dice.choice(("forbid", "forbid", "allow"))
        rule = f"{kind} {dice.choice(pool)} -{dice.choice([*relations, '*'])}-> {dice.choice(pool)}"
        lines.append(rule + (f" except {dice.choice(names)}" if kind == "forbid" and dice.random() < 0.3 else ""))
    return "\n".join(lines)


def compared(text: str) -> tuple[int, int]:
    """How many forbids keep fewer cells than they forget, and how many have no neighbour of the policy's."""
    derived, _ = loads(text)
    if derived is None:
        return 0, 0
    kept, fewer, alone = derived.kept(), 0, 0
    for extent, sets in zip(derived.graph.of_kind("forbid"), derived.rules, strict=True):
        keep = len({item.cell for item in (*sets.neighbours, *sets.allows)})
        assert kept.if_fewer(extent) == (keep if keep < sets.forget_count else None), extent.rule
        has_own = any(item.distance <= POLICY for item in sets.neighbours)
        found = kept.without_own(extent)
        assert (found is None) == has_own, extent.rule
        if found is not None:
            assert {n.cell for n in found} == {item.cell for item in sets.neighbours}
        fewer, alone = fewer + (keep < sets.forget_count), alone + (not has_own)
    return fewer, alone


def test_it_says_what_the_sets_say() -> None:
    found = [compared(small_policy(seed)) for seed in range(40)]
    assert sum(alone for _, alone in found) >= 2


def test_it_says_so_of_wide_rules() -> None:
    names = "".join(f"concept n{n}\n" for n in range(22)) + "relation r\nrelation s\n"
    assert compared(names + "forbid * -r-> * except n1 -r-> n2, n3\n") == (1, 0)


@pytest.mark.parametrize(
    "allow", ["", "allow n2 -r-> n3", "allow far -t-> away", "allow n2 -r-> *; allow far -t-> away"]
)
def test_wide_rules_that_keep_all_they_may_are_counted_without_a_walk(
    allow: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However an allow lies: beside what is forgotten, far from it, both."""
    below = " | ".join(f"k{n}" for n in range(24))
    names = "".join(
        f"concept {n}\n" for n in (*(f"n{n}" for n in range(40)), *(f"k{n}" for n in range(24)), "far", "away")
    )
    text = f"{names}concept kids = {below}\nrelation r; relation s; relation t\nforbid kids -r-> *\n{allow}"
    assert compared(text) == (1, 0)
    walked: list[str] = []
    walk = Kept._chosen
    monkeypatch.setattr(told.Kept, "_chosen", lambda self, e: walked.append(e.rule.id) or walk(self, e))
    derived, _ = loads(text)
    assert derived is not None
    derived.kept().if_fewer(derived.graph.of_kind("forbid")[0])
    assert walked == (["R1"] if "n2" in allow else [])


def test_it_says_so_of_a_taxonomy() -> None:
    compared(generated_policy(30, 40))


def test_narrow_rules_of_a_large_policy_are_not_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    derived, _ = loads(generated_policy(400, 400))
    assert derived is not None
    walked: list[str] = []
    walk = Kept._chosen
    monkeypatch.setattr(told.Kept, "_chosen", lambda self, e: walked.append(e.rule.id) or walk(self, e))
    kept, extents = derived.kept(), derived.graph.of_kind("forbid")
    for extent in extents:
        kept.if_fewer(extent)
        kept.without_own(extent)
    assert len(extents) == 200
    assert len(walked) <= 4, walked


def test_neighbours_are_in_stable_order() -> None:
    text = "concept a; concept b; concept c; concept d; concept e; relation r\nforbid a -r-> b\n"
    derived, _ = loads(text + "allow a -r-> c; allow a -r-> d; allow a -r-> e; allow c -r-> a\n")
    assert derived is not None
    nearest = [item for item in derived.rules[0].neighbours if item.distance == POLICY]
    assert {item.cell.object for item in nearest} >= {"a", "c", "d", "e"}
    assert nearest == sorted(nearest, key=lambda item: stable_key(item.cell))
    assert all(sum(item.cell.get(s) != Cell("a", "r", "b").get(s) for s in SLOTS) == 1 for item in nearest)
