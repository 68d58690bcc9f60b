"""Boxes say of every set what a plain set of its cells says."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proscribe.compiler.graph.cell_sets import Axis, Box, CellSet, Space, ones, union_count
from proscribe.compiler.world.cells import SLOTS, Cell

CONCEPTS, RELATIONS = "abcd", "rst"
SPACE = Space(Axis(tuple(CONCEPTS)), Axis(tuple(RELATIONS)))
BOXES = st.lists(st.builds(Box, st.integers(0, 15), st.integers(0, 7), st.integers(0, 15)), max_size=4)
EVERY = [Cell(s, r, o) for s, r, o in product(CONCEPTS, RELATIONS, CONCEPTS)]


def brute(boxes: list[Box]) -> set[Cell]:
    return {
        Cell(s, r, o)
        for box in boxes
        for s in SPACE.concepts.listed(box.subject)
        for r in SPACE.relations.listed(box.relation)
        for o in SPACE.concepts.listed(box.object)
    }


@settings(max_examples=200, deadline=None)
@given(BOXES)
def test_one_set(boxes: list[Box]) -> None:
    cells, plain = CellSet(SPACE, boxes), brute(boxes)
    assert list(cells) == sorted(plain), "in alphabetical order, each once"
    assert len(cells) == len(plain) == union_count(boxes)
    assert bool(cells) == bool(plain)
    assert cells.first() == min(plain, default=None)
    assert [cell in cells for cell in EVERY] == [cell in plain for cell in EVERY]
    assert sorted(cells.at(n) for n in range(len(cells))) == sorted(plain)
    assert set(cells.some(5)) <= plain
    assert len(set(cells.some(5))) == min(5, len(plain))
    for slot in SLOTS:
        assert cells.names(slot) == tuple(sorted({cell.get(slot) for cell in plain}))


@settings(max_examples=200, deadline=None)
@given(BOXES, BOXES)
def test_two_sets(left: list[Box], right: list[Box]) -> None:
    a, b, x, y = CellSet(SPACE, left), CellSet(SPACE, right), brute(left), brute(right)
    assert set(a & b) == x & y
    assert set(a - b) == x - y
    assert set(a | b) == x | y
    assert [len(a & b), len(a - b), len(a | b)] == [len(x & y), len(x - y), len(x | y)]
    assert [bool(a & b), bool(a - b), bool(a | b)] == [bool(x & y), bool(x - y), bool(x | y)]
    assert all(box.count for found in (a & b, a - b, a | b) for box in found.boxes), "an empty box is none"
    assert a.isdisjoint(b) == x.isdisjoint(y)
    assert (a <= b) == (x <= y)
    assert (a == b) == (x == y)


def test_some_of_a_set_of_several_boxes_are_in_alphabetical_order() -> None:
    cells = CellSet(SPACE, [Box(0b1100, 0b111, 0b1111), Box(0b0011, 0b011, 0b0110)])
    assert len(cells) == 32
    assert list(cells.some(7)) == sorted(cells.some(7))


def test_a_set_of_cells_is_no_other_thing() -> None:
    assert (CellSet(SPACE) == 1) is False
    assert CellSet(SPACE) != ()


def test_plain_values_are_names_in_order_and_never_cells() -> None:
    cells = CellSet(SPACE, [Box(0b0100, 0b1, 0b1010), Box(0b0011, 0b1, 0b1)])
    assert cells.__plain__() == {
        "count": 4,
        "boxes": [
            {"subjects": ["a", "b"], "relations": ["r"], "objects": ["a"]},
            {"subjects": ["c"], "relations": ["r"], "objects": ["b", "d"]},
        ],
    }


@given(st.sets(st.integers(0, 2000)))
def test_ones(places: set[int]) -> None:
    bits = sum(1 << at for at in places)
    assert list(ones(bits)) == sorted(places)


def test_many_ones() -> None:
    places = [at for at in range(5000) if at % 7 in (1, 4)]
    assert list(ones(sum(1 << at for at in places))) == places


def test_a_set_of_billions_is_three_numbers() -> None:
    names = tuple(f"n{at:05}" for at in range(3000))
    space = Space(Axis(names), Axis(names[:100]))
    everyone, every = (1 << 3000) - 1, (1 << 100) - 1
    whole = CellSet(space, [Box(everyone, every, everyone)])
    hole = CellSet(space, [Box(0b11, 1, everyone)])
    assert len(whole) == 900_000_000
    assert len(whole - hole) == 900_000_000 - 6000
    assert (whole - hole).first() == Cell("n00000", "n00001", "n00000")
    assert next(iter(whole - hole)) == Cell("n00000", "n00001", "n00000")
    assert len(set((whole - hole).some(100))) == 100
    assert Cell("n00001", "n00000", "n02999") not in whole - hole


def test_names_that_are_no_leaves() -> None:
    whole = CellSet(SPACE, [Box(15, 7, 15)])
    assert Cell("a", "r", "zebra") not in whole
    assert Cell("a", "", "b") not in whole
    assert "a" not in whole
    with pytest.raises(IndexError):
        whole.at(len(whole))
