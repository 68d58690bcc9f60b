"""Harmless things that stand around in a picture: none of them is a subject or an object of the built-in world."""

from __future__ import annotations

import random
from collections.abc import Callable

from .canvas import PROP, RGB, Canvas, Spot, curve

_CLOTH: tuple[RGB, ...] = ((206, 106, 92), (92, 142, 176), (222, 178, 84), (126, 164, 112), (158, 122, 172))
_LEAF: RGB = (96, 148, 92)
_POT: RGB = (190, 116, 84)
_WOOD: RGB = (150, 112, 78)
_PALE: RGB = (246, 242, 230)
_DARK: RGB = (78, 78, 92)
_FLOOR = 122.0


def _plant(canvas: Canvas, rng: random.Random) -> None:
    leaf = canvas.ink(_LEAF)
    for lean in (-16, -8, 0, 9, 17):
        canvas.limb(((0, -14), (lean * 0.6, -30), (lean, -44 + abs(lean))), 5, leaf)
    canvas.polygon(((-11, -16), (11, -16), (8, 0), (-8, 0)), canvas.ink(_POT))


def _lamp(canvas: Canvas, rng: random.Random) -> None:
    canvas.stroke(((0, 0), (0, -62)), 3, canvas.ink(_DARK))
    canvas.oval(0, 0, 11, 3, canvas.ink(_DARK))
    canvas.polygon(((-15, -56), (15, -56), (9, -78), (-9, -78)), canvas.ink(rng.choice(_CLOTH)))


def _gift(canvas: Canvas, rng: random.Random) -> None:
    paper, ribbon = rng.sample(_CLOTH, 2)
    canvas.box(-14, -24, 14, 0, canvas.ink(paper))
    band = canvas.ink(ribbon)
    canvas.box(-3, -24, 3, 0, band)
    canvas.oval(-6, -28, 6, 4, band)
    canvas.oval(6, -28, 6, 4, band)


def _umbrella(canvas: Canvas, rng: random.Random) -> None:
    canvas.stroke(((0, 0), (0, -46)), 2.4, canvas.ink(_WOOD))
    canvas.polygon(curve(0, -40, 24, 20, 180, 360, 14), canvas.ink(rng.choice(_CLOTH)))


def _mushrooms(canvas: Canvas, rng: random.Random) -> None:
    for x, size in ((-9, 1.0), (8, 0.7)):
        canvas.limb(((x, -2), (x, -14 * size)), 7 * size, canvas.ink(_PALE))
        canvas.polygon(curve(x, -14 * size, 13 * size, 12 * size, 180, 360, 10), canvas.ink(_CLOTH[0]))


def _crate(canvas: Canvas, rng: random.Random) -> None:
    canvas.box(-17, -22, 17, 0, canvas.ink(_WOOD))
    slat = canvas.ink((182, 142, 102))
    for y in (-19, -12, -5):
        canvas.box(-17, y, 17, y + 3, slat)


def _clock(canvas: Canvas, rng: random.Random) -> None:
    canvas.oval(0, 0, 13, 13, canvas.ink(_WOOD))
    canvas.oval(0, 0, 10, 10, canvas.ink(_PALE))
    hand = canvas.ink(_DARK)
    canvas.stroke(((0, 0), (0, -8)), 1.8, hand)
    canvas.stroke(((0, 0), (6, 2)), 1.8, hand)


def _bunting(canvas: Canvas, rng: random.Random) -> None:
    canvas.stroke(((-30, -6), (-10, 0), (10, 0), (30, -6)), 1.2, canvas.ink(_DARK))
    for x, y in ((-24, -4), (-8, 0), (8, 0), (24, -4)):
        canvas.polygon(((x - 6, y), (x + 6, y), (x, y + 12)), canvas.ink(rng.choice(_CLOTH)))


def _painting(canvas: Canvas, rng: random.Random) -> None:
    canvas.box(-15, -12, 15, 12, canvas.ink(_WOOD))
    canvas.box(-12, -9, 12, 9, canvas.ink((196, 218, 226)))
    canvas.polygon(((-12, 9), (-3, -3), (4, 4), (8, 0), (12, 9)), canvas.ink(rng.choice(_CLOTH)))


def _cloud(canvas: Canvas, rng: random.Random) -> None:
    ink = canvas.ink((250, 252, 254))
    for x, y, r in ((-12, 2, 8), (0, -3, 11), (12, 2, 8)):
        canvas.oval(x, y, r, r * 0.8, ink)


Thing = Callable[[Canvas, random.Random], None]
STANDING: dict[str, Thing] = {
    "plant": _plant, "lamp": _lamp, "gift": _gift, "umbrella": _umbrella, "mushrooms": _mushrooms, "crate": _crate,
}  # fmt: skip
HANGING: dict[str, Thing] = {"clock": _clock, "bunting": _bunting, "painting": _painting, "cloud": _cloud}


def strew(canvas: Canvas, count: int, seed: int) -> None:
    """Up to ten different things around the picture, behind whoever is drawn later."""
    rng = random.Random(f"{seed}:clutter")
    names = rng.sample([*STANDING, *HANGING], min(count, len(STANDING) + len(HANGING)))
    standing = [name for name in names if name in STANDING]
    hanging = [name for name in names if name in HANGING]
    canvas.kind = PROP
    for row, things, low, high in ((standing, STANDING, 8.0, 120.0), (hanging, HANGING, 16.0, 112.0)):
        for number, name in enumerate(row):
            width = (high - low) / len(row)
            x = low + width * (number + rng.uniform(0.2, 0.8))
            y = _FLOOR - rng.uniform(0, 14) if things is STANDING else rng.uniform(14, 34)
            canvas.stand(False, Spot(x, y, rng.uniform(0.55, 0.85)))
            things[name](canvas, rng)
