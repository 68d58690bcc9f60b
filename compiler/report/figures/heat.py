"""What was lost nearby, cell by cell: a map of subject and object for each relation, before and after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ...records.results import HeatCell
from ..words import spoken, visible

_CELL_W, _CELL_H = 30, 22
_LETTER = 6.1  # width of one letter of a label, at 11 px
_SHADES = 5
_LOST = 0.05  # a safe cell that lost more than this share is marked
_MOST_MAPS = 6
_MOST_ROWS = 40


@dataclass(frozen=True, slots=True)
class HeatMap:
    """One relation before and after."""

    relation: str
    before: Markup
    after: Markup


@dataclass(frozen=True, slots=True)
class HeatView:
    """The maps worth a look, the same in a table, and what needs no map because nothing changed in it.

    `rows` holds forbidden cells and safe ones that changed; `left_out` more of them are in report.json.
    """

    maps: tuple[HeatMap, ...]
    rows: tuple[HeatCell, ...]
    left_out: int
    safe: int
    unchanged: int
    quiet: tuple[str, ...]
    more_maps: tuple[str, ...]


def heat_view(cells: Sequence[HeatCell]) -> HeatView | None:
    """The heat maps of one rule; None where none were measured."""
    if not cells:
        return None
    by_relation: dict[str, list[HeatCell]] = {}
    for cell in cells:
        by_relation.setdefault(cell.relation, []).append(cell)
    loud = [name for name, own in by_relation.items() if any(c.forbidden or c.base != c.guarded for c in own)]
    loud.sort(key=lambda name: (not any(c.forbidden for c in by_relation[name]), -_worst(by_relation[name])))
    safe = [c for c in cells if not c.forbidden]
    changed = sorted((c for c in safe if c.base != c.guarded), key=lambda c: c.guarded - c.base)
    # What was lost first, what was meant to be lost after it.
    rows = (*changed, *(c for c in cells if c.forbidden))
    return HeatView(
        tuple(_map(name, by_relation[name]) for name in loud[:_MOST_MAPS]),
        rows[:_MOST_ROWS],
        max(0, len(rows) - _MOST_ROWS),
        len(safe),
        len(safe) - len(changed),
        tuple(name for name in by_relation if name not in loud),
        tuple(loud[_MOST_MAPS:]),
    )


def _worst(cells: Sequence[HeatCell]) -> float:
    return max((c.base - c.guarded for c in cells if not c.forbidden), default=0.0)


def _map(relation: str, cells: Sequence[HeatCell]) -> HeatMap:
    return HeatMap(
        relation,
        _draw(relation, cells, "before, by the base model", lambda c: c.base, marks=False),
        _draw(relation, cells, "after, by the guarded model", lambda c: c.guarded, marks=True),
    )


def _draw(
    relation: str, cells: Sequence[HeatCell], when: str, value: Callable[[HeatCell], float], marks: bool
) -> Markup:
    subjects = list(dict.fromkeys(c.subject for c in cells))
    objects = list(dict.fromkeys(c.object for c in cells))
    left = round(10 + _LETTER * max(len(s) for s in subjects))
    top = round(14 + _LETTER * 0.8 * max(len(o) for o in objects))
    column = {name: left + _CELL_W * i for i, name in enumerate(objects)}
    row = {name: top + _CELL_H * i for i, name in enumerate(subjects)}
    shades: list[list[str]] = [[] for _ in range(_SHADES)]
    lost: list[str] = []
    forbidden: list[str] = []
    full: list[str] = []
    numbers: list[str] = []
    for c in cells:
        x, y, share = column[c.object], row[c.subject], value(c)
        shade = min(_SHADES - 1, int(share * _SHADES))
        shades[shade].append(f"M{x + 1} {y + 1}h{_CELL_W - 2}v{_CELL_H - 2}h{2 - _CELL_W}z")
        if c.forbidden:
            # Dashes on a dark square are light ones.
            (forbidden if shade < 3 else full).append(f"M{x + 2} {y + 2}h{_CELL_W - 4}v{_CELL_H - 4}h{4 - _CELL_W}z")
        elif marks and c.base - c.guarded > _LOST:
            lost.append(f"M{x + 2} {y + 2}h{_CELL_W - 4}v{_CELL_H - 4}h{4 - _CELL_W}z")
        if (said := f"{share * 100:.0f}") != "100":
            tone = "k" if shade < 3 else "w"
            numbers.append(f'<text class="{tone}" x="{x + _CELL_W / 2:g}" y="{y + 15}">{said}</text>')
    width, height = left + _CELL_W * len(objects) + 34, top + _CELL_H * len(subjects) + 2
    names = Markup("").join(
        Markup('<text class="side" x="{}" y="{}">{}</text>').format(left - 5, row[s] + 15, visible(spoken(s)))
        for s in subjects
    ) + Markup("").join(
        Markup('<text class="top" transform="translate({} {}) rotate(-52)">{}</text>').format(
            column[o] + 17, top - 5, visible(spoken(o))
        )
        for o in objects
    )
    paths = [f'<path class="h{i}" d="{"".join(shade)}"/>' for i, shade in enumerate(shades) if shade]
    paths += [
        f'<path class="{name}" d="{"".join(d)}"/>'
        for name, d in (("lost", lost), ("forbid", forbidden), ("forbid full", full))
        if d
    ]
    label = (
        f"{spoken(relation)}, {when}: {len(subjects)} subjects by {len(objects)} objects, in percent still recognised; "
        "the table below says the same"
    )
    # Nothing in `paths` and `numbers` comes from a bundle but numbers.
    return Markup('<svg class="heat" role="img" aria-label="{}" width="{}" height="{}">{}{}{}</svg>').format(
        visible(label), width, height, Markup("".join(paths)), names, Markup("".join(numbers))
    )
