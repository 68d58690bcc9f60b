"""How the sets that are kept around a rule's cells changed between two versions of a policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..graph.derive import Derived, RuleSets
from ..world.cells import Cell

SetName = Literal["neighbours", "allows", "marginals", "control", "redirects"]
NAMES: tuple[SetName, ...] = ("neighbours", "allows", "marginals", "control", "redirects")


@dataclass(frozen=True, slots=True)
class SetChange:
    """The cells that came to one set of a forbid and that went; of redirects, the cells that are led elsewhere now."""

    rule: str
    was: str
    set: SetName
    before: int
    after: int
    gained: tuple[Cell, ...]
    lost: tuple[Cell, ...]


def run(old: Derived, new: Derived, matched: Mapping[str, str]) -> tuple[SetChange, ...]:
    """Every set that changed of the rules that are in both versions; `matched` are old ids by new ids."""
    found = []
    for rule, was in matched.items():
        before, after = old.sets(was), new.sets(rule)
        if before is None or after is None:
            continue
        for name in NAMES:
            then, now = _set(before, name), _set(after, name)
            if then != now:
                gained = sorted(cell for cell, target in now.items() if then.get(cell, ...) != target)
                lost = sorted(cell for cell, target in then.items() if now.get(cell, ...) != target)
                found.append(SetChange(rule, was, name, len(then), len(now), tuple(gained), tuple(lost)))
    return tuple(found)


def _set(sets: RuleSets, name: SetName) -> dict[Cell, Cell | None]:
    if name == "redirects":
        return {redirect.cell: redirect.target for redirect in sets.redirects}
    return {item.cell: None for item in getattr(sets, name)}
