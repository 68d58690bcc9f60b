"""A policy laid out as a picture: subjects on the left, objects on the right, a rule an arrow between them.

The layout is as narrow as a telephone and as tall as it must be. Lengths are pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ...graph.relations import Extent, RelationGraph, find
from ...syntax.nodes import WILDCARD
from ..cell import written
from .name_trees import Family, families

WIDTH = 440
COLUMN = 118  # of names
MARGIN = 10
MOST_RULES = 120  # in one picture
_TOP = 74  # below title and legend
_ROW, _NAME_ROW, _LEAVES_ROW, _PAD, _GAP = 18, 15, 14, 6, 12
_PILL, _NOTE, _PILL_GAP = 19, 12, 6
_INDENT = 8
_LETTERS, _LEAF_LETTERS = 13, 17  # of a name and of leaves in a column
_NOTE_LETTERS = 32
_LEAF_LINES = 3
LABEL_RIGHT = WIDTH - MARGIN - COLUMN - 16


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text in a box: a `name` of rules, or the `leaves` below one."""

    kind: Literal["name", "leaves"]
    text: str
    full: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """A family of names."""

    x: float
    y: float
    width: float
    height: float
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Arrow:
    """A rule from (x, y) to its label at (label_x, label_y), and on to its object; `notes` stand below the label."""

    rule: str
    kind: Literal["forbid", "allow"]
    label: str
    notes: tuple[str, ...]
    title: str
    x: float
    y: float
    label_x: float
    label_y: float
    label_width: float
    end_x: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that is drawn, in pixels."""

    title: str
    subtitle: str
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    left_out: int


def drawing(graph: RelationGraph, rules: Sequence[str] = ()) -> Drawing:
    """Lay out a policy, or the forbids with these ids and no allow."""
    forbids, allows = graph.of_kind("forbid"), graph.of_kind("allow")
    if rules:
        forbids, allows = tuple(e for e in forbids if e.rule.id in rules), ()
    chosen = (*forbids, *allows)
    extents = chosen[:MOST_RULES]
    resolved = graph.resolved
    objects = families(resolved, extents, "object")
    subjects = families(resolved, extents, "subject")
    columns = _Right(graph, extents)
    y: float = _TOP
    for family in objects:
        y = columns.place(family, y) + _GAP
    right_bottom = y
    left, ports, left_bottom = _left(subjects, extents, columns)
    arrows = tuple(columns.arrow(extent, ports) for extent in extents)
    forbidden = sum(len(e.cells) for e in forbids)
    many = f"{len(forbids)} forbid{'' if len(forbids) == 1 else 's'} of {forbidden:,} cells, {len(allows)} allow"
    return Drawing(
        resolved.name,
        f"{many}{'' if len(allows) == 1 else 's'}",
        max(right_bottom, left_bottom, _TOP + 20) + (18 if len(chosen) > len(extents) else 0),
        (*left, *columns.boxes),
        arrows,
        len(chosen) - len(extents),
    )


def short(text: str, letters: int) -> str:
    """A text cut to a number of letters.

    >>> short("communion_wine", 10)
    'communion…'
    """
    return text if len(text) <= letters else text[: letters - 1] + "…"


def _shown(name: str) -> str:
    return "anything" if name == WILDCARD else name


def _leaf_lines(family: Family, depth: int) -> list[str]:
    """The leaves of a family that no rule names, in few lines; the last says how many are left out."""
    letters = _LEAF_LETTERS - depth
    lines: list[list[str]] = []
    for number, leaf in enumerate(family.leaves):
        word = short(leaf, letters)
        if lines and len(" · ".join((*lines[-1], word))) <= letters:
            lines[-1].append(word)
        elif len(lines) < _LEAF_LINES:
            lines.append([word])
        else:
            return [*map(" · ".join, lines[:-1]), _and_more(lines[-1], len(family.leaves) - number, letters)]
    return [" · ".join(line) for line in lines]


def _and_more(words: list[str], more: int, letters: int) -> str:
    """A line that ends with the number of leaves that did not fit."""
    while len(words) > 1 and len(" · ".join(words)) + len(f" +{more}") > letters:
        words, more = words[:-1], more + 1
    return f"{short(' · '.join(words), letters - len(f' +{more}'))} +{more}"


def name_lines(name: str, letters: int) -> list[str]:
    """A name in one or two lines, broken at its underscores.

    >>> name_lines("hazardous_chemical", 13)
    ['hazardous_', 'chemical']
    """
    if len(name) <= letters:
        return [name]
    parts = [part + "_" for part in name.split("_")]
    parts[-1] = parts[-1][:-1]
    first = parts.pop(0)
    while parts and len(first) + len(parts[0]) <= letters:
        first += parts.pop(0)
    return [short(first, letters), *([short("".join(parts), letters)] if parts else [])]


class _Right:
    """The column of objects: each name is as tall as the labels of the rules that end at it."""

    def __init__(self, graph: RelationGraph, extents: Sequence[Extent]) -> None:
        self.graph = graph
        self.boxes: list[Box] = []
        self.labels: dict[str, float] = {}
        self.ending: dict[str, list[Extent]] = {}
        for extent in extents:
            self.ending.setdefault(extent.rule.object, []).append(extent)

    def place(self, family: Family, y: float) -> float:
        """One box; its lower end."""
        x = WIDTH - MARGIN - COLUMN
        lines: list[Line] = []
        bottom = self.lines(family, 0, x, y + _PAD, lines) + _PAD
        self.boxes.append(Box(x, y, COLUMN, bottom - y, tuple(lines)))
        return bottom

    def lines(self, family: Family, depth: int, x: float, y: float, lines: list[Line]) -> float:
        text_y = _write(family, depth, x, y, lines)
        label_y = y
        for extent in self.ending.get(family.name, ()):
            self.labels[extent.rule.id] = label_y + _PILL / 2
            label_y += _PILL + _NOTE * len(_notes(extent)) + _PILL_GAP
        y = max(text_y, label_y)
        for part in family.below:
            y = self.lines(part, depth + 1, x, y + 2, lines)
        return y

    def arrow(self, extent: Extent, ports: dict[tuple[str, str], float]) -> Arrow:
        """One rule's arrow."""
        rule = extent.rule
        relation = find(self.graph.resolved.relations, rule.relation)
        both = relation is not None and relation.symmetric
        words = "any relation" if rule.relation == WILDCARD else rule.relation.replace("_", " ")
        label = short(f"{rule.id} {words}{' ↔' if both else ''}", 20)
        width = 7.3 * len(label) + 16
        verb = "forbid" if rule.kind == "forbid" else "allow"
        because = f" because {rule.because}" if rule.because else ""
        title = f"{rule.id}: {verb} {rule.pattern}, {len(extent.cells):,} cells{because}"
        return Arrow(
            rule.id,
            rule.kind,
            label,
            _notes(extent),
            title,
            MARGIN + COLUMN,
            ports[rule.subject, rule.id],
            LABEL_RIGHT - width,
            self.labels[rule.id],
            width,
            WIDTH - MARGIN - COLUMN,
        )


def _notes(extent: Extent) -> tuple[str, ...]:
    """What stands below a rule's label: its excepts and where it leads to."""
    rule = extent.rule
    notes = [f"except {written(exception)}" for exception in rule.excepts]
    if len(notes) > 3:
        notes = [*notes[:2], f"and {len(notes) - 2} more excepts"]
    if rule.instead:
        notes.append(f"instead {rule.instead}")
    return tuple(short(note, _NOTE_LETTERS) for note in notes)


def _write(family: Family, depth: int, x: float, y: float, lines: list[Line]) -> float:
    """The lines of one family without those below; their lower end."""
    inner = x + 8 + _INDENT * depth
    name = _shown(family.name)
    for text in name_lines(name, max(11, _LETTERS - depth)):
        lines.append(Line("name", text, name, inner, y + 13))
        y += _NAME_ROW
    y += _ROW - _NAME_ROW
    leaves = _leaf_lines(family, 2 * depth)
    for text in leaves:
        lines.append(Line("leaves", text, ", ".join(family.leaves), inner, y + 9))
        y += _LEAVES_ROW
    return y


def _left(
    subjects: tuple[Family, ...], extents: Sequence[Extent], right: _Right
) -> tuple[tuple[Box, ...], dict[tuple[str, str], float], float]:
    """The column of subjects, each as near as it can be to the middle of where its rules go."""
    leaving: dict[str, list[Extent]] = {}
    for extent in extents:
        leaving.setdefault(extent.rule.subject, []).append(extent)

    def middle(family: Family) -> float:
        ys = [right.labels[e.rule.id] for name in family.names for e in leaving.get(name, ())]
        return sum(ys) / len(ys)

    boxes: list[Box] = []
    ports: dict[tuple[str, str], float] = {}
    bottom: float = _TOP - _GAP
    for family in sorted(subjects, key=middle):
        lines: list[Line] = []
        height = _stack(family, 0, MARGIN, 0, lines, leaving, right, {}) + 2 * _PAD
        y = max(bottom + _GAP, middle(family) - height / 2)
        lines = []
        _stack(family, 0, MARGIN, y + _PAD, lines, leaving, right, ports)
        boxes.append(Box(MARGIN, y, COLUMN, height, tuple(lines)))
        bottom = y + height
    return tuple(boxes), ports, bottom + _GAP


def _stack(
    family: Family,
    depth: int,
    x: float,
    y: float,
    lines: list[Line],
    leaving: dict[str, list[Extent]],
    right: _Right,
    ports: dict[tuple[str, str], float],
) -> float:
    """Write a family and what is below it; every rule leaves at a place of its own, in the order of the labels."""
    text_y = _write(family, depth, x, y, lines)
    rules = sorted(leaving.get(family.name, ()), key=lambda e: right.labels[e.rule.id])
    tall = max(text_y - y, 7.0 * len(rules) + 6)
    step = min(9.0, (tall - 6) / max(1, len(rules)))
    first = y + (tall - step * (len(rules) - 1)) / 2
    for number, extent in enumerate(rules):
        ports[family.name, extent.rule.id] = first + number * step
    y += tall
    for part in family.below:
        y = _stack(part, depth + 1, x, y + 2, lines, leaving, right, ports)
    return y
