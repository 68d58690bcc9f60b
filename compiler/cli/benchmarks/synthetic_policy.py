"""A large policy made by rule, to measure with: half forbids and half allows over a taxonomy of three levels."""

from __future__ import annotations

import random

FAMILY = 10  # leaves in a family, and families in a class
SEVERITIES = ("low", "medium", "high", "critical")


def generated_policy(rules: int, concepts: int, seed: int = 0) -> str:
    """A policy without errors. Its forbids speak of other subjects than its allows, at all three levels.

    >>> print(generated_policy(2, 40).splitlines()[0])
    policy "generated 2 rules" edition 2026
    """
    dice = random.Random(f"generated/{seed}/{rules}/{concepts}")
    lines = [f'policy "generated {rules} rules" edition 2026', ""]
    held = _taxonomy("held", concepts // 5, lines)
    free = _taxonomy("free", concepts // 5, lines)
    things = _taxonomy("thing", concepts - 2 * (concepts // 5), lines)
    known = frozenset(things)
    relations = _relations(max(4, min(60, concepts // 40)), lines)
    for number in range(rules):
        forbid = number % 2 == 0
        subject, relation, thing = dice.choice(held if forbid else free), dice.choice(relations), dice.choice(things)
        if number % 400 < 2:  # wildcards, now and then, in both kinds
            relation = "*"
        lines.append(f"{'forbid' if forbid else 'allow'} {subject} -{relation}-> {thing}")
        if not forbid:
            continue
        if number % 4 == 0:
            lines.append(f'    because "reason number {number}"')
            lines.append(f"    severity {dice.choice(SEVERITIES)}")
        if number % 8 == 0:
            lines.append("    require breach <= 5%, retention >= 98%")
            lines.append(f"    instead {dice.choice(free)}")
        part = f"{thing}_0"
        if number % 10 == 0 and part in known:
            lines.append(f"    except {part}")
    return "\n".join(lines) + "\n"


def _taxonomy(name: str, size: int, lines: list[str]) -> list[str]:
    """Declare `size` concepts in classes of families of leaves; all their names."""
    found: list[str] = []
    above: dict[int, str] = {}
    while len(found) < size:
        number, within = divmod(len(found), 1 + FAMILY * (1 + FAMILY))
        family, leaf = divmod(within - 1, 1 + FAMILY)
        if not within:
            new, below = f"{name}{number}", ""
            above[1] = new
        elif not leaf:
            new, below = f"{name}{number}_{family}", f" : {above[1]}"
            above[2] = new
        else:
            new = f"{name}{number}_{family}_{leaf}"
            said = new.replace("_", " ")
            below = f' : {above[2]} as "a {said}", "one {said}"'
        lines.append(f"concept {new}{below}")
        found.append(new)
    return found


def _relations(size: int, lines: list[str]) -> list[str]:
    found: list[str] = []
    for number in range(size // 4):
        lines.append(f"relation doing{number}")
        found.append(f"doing{number}")
        for leaf in range(3):
            lines.append(f"relation doing{number}_{leaf} : doing{number}")
            found.append(f"doing{number}_{leaf}")
    return found
