"""What P405 offers is safe: written in its place, the policy has no such error."""

from __future__ import annotations

import random
import re

import pytest
from proscribe.compiler.messages.diagnostics import Diagnostic
from proscribe.compiler.pipeline import loads

NAMES = "concept child; concept man; concept wine; concept beer; concept juice; concept cake\n"
NAMES += "concept alcohol = wine | beer; concept drink = alcohol | juice\nrelation drinking; relation pouring\n"


def faults(text: str) -> list[Diagnostic]:
    return [d for d in loads(text)[1] if d.code == "P405"]


@pytest.mark.parametrize(
    ("rules", "hint"),
    [
        # `juice` is a drink like wine; `cake` is not.
        ("forbid child -drinking-> wine instead beer\n", "`instead juice`: no rule forbids `child -drinking-> juice`"),
        # A relation is led to a relation.
        ("forbid child -drinking-> wine instead drinking\n", "`instead pouring`: no rule forbids `child -pouring->"),
        # Every other drink is forbidden: what an allow names is next.
        ("forbid child -drinking-> drink instead beer\nallow child -drinking-> cake\n", "`instead cake`: no rule"),
        ("forbid * -drinking-> * instead beer\n", "name a concept that no rule forbids there"),
    ],
)
def test_the_hint_names_what_is_safe(rules: str, hint: str) -> None:
    others = "forbid child -drinking-> beer\n"
    (fault,) = faults(NAMES + rules + others)
    assert hint in fault.hint


def test_what_is_offered_leads_to_nothing_forbidden() -> None:
    offered = 0
    for seed in range(60):
        dice = random.Random(f"instead/{seed}")
        names = ["child", "man", "wine", "beer", "juice", "alcohol", "drink", "cake"]
        relations = ["drinking", "pouring", "*"]
        lines = []
        for _ in range(dice.randint(2, 5)):
            s, o, into = dice.choice(names), dice.choice([*names, "*"]), dice.choice([*names, "drinking"])
            lines.append(f"forbid {s} -{dice.choice(relations)}-> {o} instead {into}")
        for fault in faults(NAMES + "relation next_to symmetric\n" + "\n".join(lines)):
            safe = re.match(r"write for example `instead (\w+)`", fault.hint)
            if safe is None:
                continue
            at = fault.span.line - NAMES.count("\n") - 2
            changed = [*lines]
            changed[at] = re.sub(r"instead \w+", f"instead {safe[1]}", lines[at])
            left = faults(NAMES + "relation next_to symmetric\n" + "\n".join(changed))
            assert fault.span.line not in {f.span.line for f in left}, changed[at]
            offered += 1
    assert offered >= 15, offered
