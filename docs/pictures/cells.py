"""Draw the pictures of docs/language.md: the cells of each example with `picture=NAME`, as the compiler sees them.

    python docs/pictures/cells.py

writes docs/pictures/NAME.svg. A test compares the files with what this draws.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from proscribe.compiler.graph.cell_sets import CellSet
from proscribe.compiler.graph.relations import Extent, Sides, find
from proscribe.compiler.pipeline import Analysis, analyse
from proscribe.compiler.syntax.parse import source_of
from proscribe.compiler.world.cells import Cell

FOLDER = Path(__file__).parent
PAGE = FOLDER.parent / "language.md"
ROWS, RELATION, COLUMNS = "person", "drinking", "drink"
WIDE, HIGH, LEFT, TOP = 92, 44, 158, 84  # pixels: a cell, and where the grid begins
_BLOCK = re.compile(r"```policy([^\n]*)\n(.*?)```(?:\n\n```text\n(.*?)```)?", re.DOTALL)
_STYLE = """
    .back { fill: #ffffff; stroke: #d0d7de } .name { fill: #1f2328 } .quiet { fill: #59636e }
    .cell { fill: #f6f8fa; stroke: #d0d7de } .line { stroke: #8b949e }
    .forbidden { fill: #ffd7d5; stroke: #e5989b } .allowed { fill: #d2f4dc; stroke: #8ccf9f }
    .conflict { fill: #ffe2a8; stroke: #d4a72c }
    .bad { stroke: #b3261e } .good { stroke: #1a7f37 } .odd { stroke: #7d4e00 } .dot { fill: #8b949e }
    .badtext { fill: #b3261e } .goodtext { fill: #1a7f37 }
    @media (prefers-color-scheme: dark) {
      .back { fill: #0d1117; stroke: #30363d } .name { fill: #e6edf3 } .quiet { fill: #9198a1 }
      .cell { fill: #161b22; stroke: #30363d } .line { stroke: #6e7681 }
      .forbidden { fill: #4d1c1f; stroke: #7d3237 } .allowed { fill: #12361f; stroke: #2a6b3f }
      .conflict { fill: #4b3706; stroke: #9e6a03 }
      .bad { stroke: #ff8078 } .good { stroke: #56d364 } .odd { stroke: #f0c95c } .dot { fill: #6e7681 }
      .badtext { fill: #ff8078 } .goodtext { fill: #56d364 }
    }"""


@dataclass(frozen=True, slots=True)
class Example:
    """A fenced policy of a page: the words on its fence, its text, and the messages that stand right under it."""

    info: Mapping[str, str]
    text: str
    said: str

    def analysed(self, files: Mapping[str, str]) -> Analysis:
        """What the compiler makes of it, beside the page's own files."""
        path = self.info.get("file", "p.policy")
        return analyse(source_of(path, self.text.encode()), overlay=dict(files))


def examples(page: str) -> list[Example]:
    """Every fenced policy of a page."""
    return [
        Example(dict(word.partition("=")[::2] for word in info.split()), text, said)
        for info, text, said in _BLOCK.findall(page)
    ]


def files(found: list[Example]) -> dict[str, str]:
    """The texts that others use, by their names."""
    return {e.info["file"]: e.text for e in found if "file" in e.info}


def pictures(page: str) -> dict[str, str]:
    """The SVG of each example that has a picture, by its name."""
    found = examples(page)
    return {e.info["picture"]: _svg(e.analysed(files(found))) for e in found if "picture" in e.info}


def _svg(found: Analysis) -> str:
    rows, columns = _leaves(found, ROWS), _leaves(found, COLUMNS)
    width, height = LEFT + WIDE * len(columns) + 24, TOP + HIGH * len(rows) + 62
    parts = [f'<rect class="back" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>']
    parts += _names(found, rows, columns)
    for y, row in enumerate(rows):
        for x, column in enumerate(columns):
            parts += _cell(found, Cell(row, RELATION, column), LEFT + x * WIDE, TOP + y * HIGH)
    for extent in found.graph.extents:
        parts += _frame(found, extent, rows, columns)
    parts += _legend(TOP + HIGH * len(rows) + 34)
    rules = "; ".join(f"{e.rule.id}: {e.rule.kind} {e.rule.pattern}" for e in found.graph.extents)
    lines = "\n".join(f"  {part}" for part in parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" font-family="system-ui, sans-serif" font-size="14">\n  <title>{escape(rules)}</title>\n'
        f"  <style>{_STYLE}\n  </style>\n{lines}\n</svg>\n"
    )


def _leaves(found: Analysis, family: str) -> list[str]:
    """The leaves of a family in the order in which they are declared."""
    concepts = found.graph.resolved.concepts
    concept = find(concepts, family)
    assert concept is not None
    known = {c.name: (c.span.file, c.span.line, c.span.column) for c in concepts if c.span}
    return sorted(concept.leaves, key=lambda name: known[name])


def _names(found: Analysis, rows: list[str], columns: list[str]) -> Iterator[str]:
    """The leaves along the sides, and the families over them."""
    for y, name in enumerate(rows):
        yield _text(name, LEFT - 10, TOP + y * HIGH + HIGH // 2 + 5, "name", "end")
    for x, name in enumerate(columns):
        yield _text(name, LEFT + x * WIDE + WIDE // 2, TOP - 10, "name", "middle")
    for concept in found.graph.resolved.concepts:
        if len(concept.leaves) < 2:
            continue
        if set(concept.leaves) < set(columns):
            at = [columns.index(leaf) for leaf in concept.leaves]
            start, end = LEFT + min(at) * WIDE + 6, LEFT + (max(at) + 1) * WIDE - 6
            yield _text(concept.name, (start + end) // 2, TOP - 44, "quiet", "middle")
            yield f'<path class="line" fill="none" d="M{start} {TOP - 30} v-6 H{end} v6"/>'
        elif set(concept.leaves) < set(rows):
            at = [rows.index(leaf) for leaf in concept.leaves]
            start, end = TOP + min(at) * HIGH + 5, TOP + (max(at) + 1) * HIGH - 5
            yield _text(concept.name, LEFT - 92, (start + end) // 2 + 5, "quiet", "end")
            yield f'<path class="line" fill="none" d="M{LEFT - 78} {start} h-6 V{end} h6"/>'
    yield _text(f"-{RELATION}->", LEFT - 10, TOP - 10, "quiet", "end")


def _cell(found: Analysis, cell: Cell, x: int, y: int) -> Iterator[str]:
    forbidden, allowed = (any(cell in e.cells for e in found.graph.of_kind(kind)) for kind in ("forbid", "allow"))
    within = any(e.rule.kind == "forbid" and e.cells <= a.cells for e in found.graph.extents for a in _allows(found))
    conflict = forbidden and allowed and not within
    kind = "conflict" if conflict else "forbidden" if forbidden else "allowed" if allowed else ""
    yield f'<rect class="{kind or "cell"}" x="{x + 2}" y="{y + 2}" width="{WIDE - 4}" height="{HIGH - 4}" rx="4"/>'
    yield _mark(kind, x + WIDE // 2, y + HIGH // 2)


def _allows(found: Analysis) -> tuple[Extent, ...]:
    return found.graph.of_kind("allow")


def _mark(kind: str, x: int, y: int) -> str:
    """A cross, a tick, an exclamation mark or a dot."""
    stroke = 'fill="none" stroke-width="2.5" stroke-linecap="round"'
    if kind == "forbidden":
        return f'<path class="bad" {stroke} d="M{x - 6} {y - 6} l12 12 m0 -12 l-12 12"/>'
    if kind == "allowed":
        return f'<path class="good" {stroke} d="M{x - 7} {y} l5 6 l9 -11"/>'
    if kind == "conflict":
        return f'<path class="odd" {stroke} d="M{x} {y - 8} v9 m0 6 v0.5"/>'
    return f'<circle class="dot" cx="{x}" cy="{y}" r="2.5"/>'


def _frame(found: Analysis, extent: Extent, rows: list[str], columns: list[str]) -> Iterator[str]:
    """What the three names of a rule cover, exceptions included."""
    rule = extent.rule
    sides = Sides(found.graph.resolved, found.graph.space)
    whole = CellSet(found.graph.space, sides.boxes(rule.subject, rule.relation, rule.object))
    ys = [rows.index(name) for name in whole.names("subject")]
    xs = [columns.index(name) for name in whole.names("object")]
    gap, style = (-3, "bad") if rule.kind == "forbid" else (4, "good")
    x, y = LEFT + min(xs) * WIDE + gap, TOP + min(ys) * HIGH + gap
    width, height = (max(xs) - min(xs) + 1) * WIDE - 2 * gap, (max(ys) - min(ys) + 1) * HIGH - 2 * gap
    dashes = "" if rule.kind == "forbid" else ' stroke-dasharray="6 4"'
    yield (
        f'<rect class="{style}" fill="none" stroke-width="2"{dashes} x="{x}" y="{y}" width="{width}" '
        f'height="{height}" rx="6"/>'
    )
    if rule.kind == "forbid":
        yield _text(rule.id, x + 13, y + 21, "badtext", "start", bold=True)
    else:
        yield _text(rule.id, x + width - 6, y + height - 8, "goodtext", "end", bold=True)


def _legend(y: int) -> Iterator[str]:
    x = 28
    for kind, said in (
        ("forbidden", "forbidden"),
        ("allowed", "allowed"),
        ("", "unspecified"),
        ("conflict", "conflict"),
    ):
        yield _mark(kind, x, y - 5)
        yield _text(said, x + 16, y, "quiet", "start")
        x += 42 + 8 * len(said)


def _text(said: str, x: int, y: int, style: str, anchor: str, *, bold: bool = False) -> str:
    weight = ' font-weight="700" font-size="12"' if bold else ""
    return f'<text class="{style}" x="{x}" y="{y}" text-anchor="{anchor}"{weight}>{escape(said)}</text>'


if __name__ == "__main__":
    for name, svg in pictures(PAGE.read_text("utf-8")).items():
        (FOLDER / f"{name}.svg").write_text(svg, "utf-8")
