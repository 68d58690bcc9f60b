"""The index of rules against what its words say, rule by rule."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from proscribe.compiler.graph.cell_sets import CellSet, ones
from proscribe.compiler.graph.relations import Extent
from proscribe.compiler.graph.rule_index import RuleIndex
from proscribe.compiler.pipeline import analyse
from proscribe.compiler.syntax.parse import source_of
from proscribe.compiler.world.cells import SLOTS

HEAD = """concept a; concept b; concept c; concept ab = a | b; concept bc = b | c
relation r; relation s; relation turned inverse s; relation both = r | turned; relation rs = r | s
"""
NAMES = st.sampled_from(["a", "b", "c", "ab", "bc", "*"])
RULES = st.builds(
    "forbid {} -{}-> {}{}".format,
    NAMES,
    st.sampled_from(["r", "s", "turned", "both", "rs", "*"]),
    NAMES,
    st.sampled_from(["", " except a -r-> *", " except b"]),
)

Holds = Callable[[list[tuple[int, int]]], bool]


def extents_of(rules: list[str]) -> tuple[Extent, ...]:
    return analyse(source_of("p.policy", (HEAD + "\n".join(rules)).encode())).graph.extents


@settings(max_examples=80, deadline=None)
@given(st.lists(RULES, min_size=1, max_size=12), RULES)
def test_the_index_says_what_looking_at_every_rule_says(rules: list[str], asked: str) -> None:
    found = extents_of([*rules, asked])
    assume(found)  # a rule whose exceptions take everything is an error and has no extent
    *extents, last = found
    index, cells = RuleIndex(last.cells.space, extents), last.cells

    mine = [cells.side(slot) for slot in SLOTS]

    def those(holds: Holds) -> list[int]:
        """The rules for which it holds of their sides and the set's."""
        sides = [[extent.cells.side(slot) for slot in SLOTS] for extent in extents]
        return [number for number, theirs in enumerate(sides) if holds(list(zip(mine, theirs, strict=True)))]

    # Asked twice: the second answer comes from what was kept of the first.
    for _ in range(2):
        assert list(ones(index.meeting(*mine))) == those(lambda sides: all(m & t for m, t in sides))
        assert list(ones(index.leaving(cells))) == those(lambda sides: any(t & ~m for m, t in sides))
        assert list(ones(index.same_sides(cells))) == those(lambda sides: all(m == t for m, t in sides))
    assert index.meeting(0, 0, 0) == index.meeting(mine[0], 0, mine[2]) == index.meeting(mine[0], mine[1], 0) == 0
    assert list(ones(index.leaving(CellSet(cells.space)))) == [n for n, extent in enumerate(extents) if extent.cells]


def test_more_rules_than_bits_in_a_byte() -> None:
    extents = extents_of([f"forbid {'abc'[n % 3]} -{'rs'[n % 2]}-> {'abc'[n // 7 % 3]}" for n in range(100)])
    index = RuleIndex(extents[0].cells.space, extents)
    for place, name in enumerate("abc"):
        found = index.meeting(1 << place, 0b11, 0b111)
        assert list(ones(found)) == [n for n in range(100) if "abc"[n % 3] == name]
