"""A drawing as one SVG file of its own: no script, no font, light and dark as the reader's screen is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape

from .layout import LABEL_RIGHT, MARGIN, WIDTH, Arrow, Box, Drawing, short

_STYLE = """
  svg { background: #fbfaf7; font-family: system-ui, -apple-system, "Segoe UI", sans-serif; }
  .title { font-size: 17px; font-weight: 650; fill: #1d1f24; }
  .quiet { font-size: 11px; fill: #5c626d; }
  .box { fill: #ffffff; stroke: #cfd3da; }
  .name { font-size: 12.5px; font-weight: 600; fill: #1d1f24; }
  .leaves { font-size: 10px; fill: #5c626d; }
  .arrow { fill: none; stroke-width: 1.6; }
  .pill { stroke-width: 1; }
  .label { font-size: 11.5px; font-weight: 600; }
  .note { font-size: 9.5px; fill: #5c626d; stroke: #fbfaf7; stroke-width: 3px; paint-order: stroke; }
  .forbid .arrow { stroke: #c0392f; stroke-width: 2; } .forbid .pill { fill: #fdecea; stroke: #c0392f; }
  .forbid .label, .forbid .head { fill: #a12a22; }
  .allow .arrow { stroke: #2b7d55; stroke-dasharray: 5 3; } .allow .pill { fill: #e9f5ee; stroke: #2b7d55; }
  .allow .label, .allow .head { fill: #1f6544; }
  @media (prefers-color-scheme: dark) {
    svg { background: #16181d; }
    .title, .name { fill: #eceef2; } .quiet, .leaves, .note { fill: #a4abb8; }
    .note { stroke: #16181d; }
    .box { fill: #20242b; stroke: #434a56; }
    .forbid .arrow { stroke: #f0776c; } .forbid .pill { fill: #3a2022; stroke: #f0776c; }
    .forbid .label, .forbid .head { fill: #ffb0a8; }
    .allow .arrow { stroke: #5fbf8f; } .allow .pill { fill: #1b3228; stroke: #5fbf8f; }
    .allow .label, .allow .head { fill: #a2e3c2; }
  }
"""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def svg_of(drawing: Drawing) -> str:
    """The whole file. Everything that a policy says is text in it, never markup."""
    return "\n".join(_lines(drawing)) + "\n"


def _text(said: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", said), {'"': "&quot;"})


def _lines(drawing: Drawing) -> Iterator[str]:
    height = f"{drawing.height:.0f}"
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="100%" '
        f'style="max-width: {WIDTH * 2}px" role="img" aria-labelledby="title about">'
    )
    yield f'<title id="title">{_text(drawing.title)}</title>'
    yield f'<desc id="about">{_text(drawing.subtitle)}. {_text("; ".join(a.title for a in drawing.arrows))}</desc>'
    yield f"<style>{_STYLE}</style>"
    yield f'<text class="title" x="{MARGIN}" y="26">{_text(short(drawing.title, 44))}</text>'
    yield f'<text class="quiet" x="{MARGIN}" y="43">{_text(drawing.subtitle)}</text>'
    yield from _legend()
    # Arrows of allows lie below those of forbids, and all of them below the boxes.
    for arrow in sorted(drawing.arrows, key=lambda a: a.kind):
        yield from _arrow(arrow)
    for box in drawing.boxes:
        yield from _box(box)
    if drawing.left_out:
        said = f"and {drawing.left_out:,} more rules: draw some with --rules"
        yield f'<text class="quiet" x="{MARGIN}" y="{drawing.height - 6:.0f}">{said}</text>'
    yield "</svg>"


def _legend() -> Iterator[str]:
    x = MARGIN
    for kind, said, width in (("forbid", "forbidden", 92), ("allow", "allowed", 84)):
        head = f'<path class="head" d="M{x + 28} 57l-7 -4v8z"/>'
        yield f'<g class="{kind}"><path class="arrow" d="M{x} 57h22"/>{head}</g>'
        yield f'<text class="quiet" x="{x + 33}" y="61">{said}</text>'
        x += width
    yield f'<text class="quiet" x="{WIDTH - MARGIN}" y="61" text-anchor="end">who, doing what, with what</text>'


def _arrow(a: Arrow) -> Iterator[str]:
    bend = (a.label_x - a.x) * 0.55
    yield f'<g class="{a.kind}"><title>{_text(a.title)}</title>'
    yield (
        f'<path class="arrow" d="M{a.x:.1f} {a.y:.1f}C{a.x + bend:.1f} {a.y:.1f} '
        f'{a.label_x - bend:.1f} {a.label_y:.1f} {a.label_x:.1f} {a.label_y:.1f}"/>'
    )
    yield f'<path class="arrow" d="M{LABEL_RIGHT} {a.label_y:.1f}H{a.end_x - 7:.1f}"/>'
    yield f'<path class="head" d="M{a.end_x - 1:.1f} {a.label_y:.1f}l-8 -4.5v9z"/>'
    yield (
        f'<rect class="pill" x="{a.label_x:.1f}" y="{a.label_y - 9.5:.1f}" width="{a.label_width:.1f}" '
        f'height="19" rx="9.5"/>'
    )
    middle = a.label_x + a.label_width / 2
    yield f'<text class="label" x="{middle:.1f}" y="{a.label_y + 4:.1f}" text-anchor="middle">{_text(a.label)}</text>'
    for number, note in enumerate(a.notes):
        y = a.label_y + 20 + 12 * number
        yield f'<text class="note" x="{LABEL_RIGHT}" y="{y:.1f}" text-anchor="end">{_text(note)}</text>'
    yield "</g>"


def _box(box: Box) -> Iterator[str]:
    yield (
        f'<rect class="box" x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="8"/>'
    )
    for line in box.lines:
        full = f"<title>{_text(line.full)}</title>" if line.full != line.text else ""
        yield f'<text class="{line.kind}" x="{line.x:.1f}" y="{line.y:.1f}">{full}{_text(line.text)}</text>'
