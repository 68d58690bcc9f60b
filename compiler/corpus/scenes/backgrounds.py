"""Places behind the figures: simple, pale, never in the way. Drawn once per place, variant and size."""

import random
from functools import lru_cache

from PIL import Image, ImageDraw

from .canvas import OVERSAMPLE, RGB, UNITS

BACKGROUNDS: tuple[str, ...] = (
    "plain", "park", "kitchen", "beach", "street", "living_room", "stage", "snow",
)  # fmt: skip
VARIANTS = 3

# Wall or sky, ground, details: all within a narrow range of brightness.
_COLOURS: dict[str, tuple[RGB, RGB, RGB]] = {
    "plain": ((236, 236, 230), (236, 236, 230), (236, 236, 230)),
    "park": ((218, 236, 244), (200, 226, 186), (186, 214, 172)),
    "kitchen": ((246, 238, 220), (228, 216, 196), (234, 224, 204)),
    "beach": ((212, 234, 246), (244, 230, 196), (186, 220, 236)),
    "street": ((226, 230, 238), (206, 208, 212), (214, 216, 226)),
    "living_room": ((240, 226, 220), (222, 202, 184), (230, 212, 204)),
    "stage": ((206, 200, 224), (190, 180, 204), (216, 210, 232)),
    "snow": ((226, 236, 246), (248, 250, 252), (206, 222, 226)),
}
_HORIZON = 100


class Pen:
    """Draws in numbered colours, so that a style has only a handful of them to change."""

    def __init__(self, side: int) -> None:
        self.image = Image.new("L", (side, side))
        self.colours: list[RGB] = []
        self._draw = ImageDraw.Draw(self.image)
        self._k = side / UNITS

    def _number(self, colour: RGB) -> int:
        if colour not in self.colours:
            self.colours.append(colour)
        return self.colours.index(colour)

    def box(self, x0: float, y0: float, x1: float, y1: float, colour: RGB) -> None:
        self.polygon(colour, x0, y0, x1, y0, x1, y1, x0, y1)

    def oval(self, x: float, y: float, rx: float, ry: float, colour: RGB) -> None:
        k = self._k
        self._draw.ellipse([round(v * k) for v in (x - rx, y - ry, x + rx, y + ry)], fill=self._number(colour))

    def polygon(self, colour: RGB, *flat: float) -> None:
        self._draw.polygon([round(v * self._k) for v in flat], fill=self._number(colour))


@lru_cache(maxsize=64)
def backdrop(name: str, variant: int, px: int) -> tuple[Image.Image, tuple[RGB, ...]]:
    """The place as numbered colours at the canvas's own size, and those colours."""
    rng = random.Random(f"{name}:{variant}")
    pen = Pen(px * OVERSAMPLE)
    tint = [rng.uniform(0.96, 1.03) for _ in range(3)]
    sky, ground, detail = (
        (min(255, int(r * tint[0])), min(255, int(g * tint[1])), min(255, int(b * tint[2])))
        for r, g, b in _COLOURS[name]
    )
    pen.box(0, 0, UNITS, UNITS, sky)
    pen.box(0, _HORIZON, UNITS, UNITS, ground)
    shift = rng.uniform(-12, 12)
    x: float
    if name == "park":
        for x in (14, 62, 112):
            x += shift
            pen.box(x - 2, 80, x + 2, _HORIZON, (214, 204, 186))
            pen.oval(x, 68 + rng.uniform(-4, 4), 15, 17, detail)
    elif name == "kitchen":
        for x in range(0, UNITS, 16):
            pen.box(x, 0, x + 0.7, _HORIZON, detail)
        for y in range(4, _HORIZON, 16):
            pen.box(0, y, UNITS, y + 0.7, detail)
        pen.box(0, 84, UNITS, _HORIZON, detail)
    elif name == "beach":
        pen.box(0, 76, UNITS, _HORIZON, detail)
        pen.oval(100 + shift, 20, 11, 11, (250, 240, 204))
    elif name == "street":
        x = -8 + shift
        while x < UNITS:
            w, h = rng.uniform(18, 30), rng.uniform(34, 66)
            pen.box(x, _HORIZON - h, x + w, _HORIZON, detail)
            for wy in range(int(_HORIZON - h + 6), _HORIZON - 8, 13):
                pen.box(x + 5, wy, x + 9, wy + 6, sky)
                pen.box(x + w - 9, wy, x + w - 5, wy + 6, sky)
            x += w + 3
    elif name == "living_room":
        pen.box(72 + shift, 16, 104 + shift, 40, detail)
        pen.box(75 + shift, 19, 101 + shift, 37, sky)
        pen.box(0, 96, UNITS, _HORIZON, detail)
    elif name == "stage":
        pen.polygon(detail, 30 + shift, 0, 40 + shift, 0, 84 + shift, _HORIZON, 10 + shift, _HORIZON)
        pen.polygon(detail, 90 + shift, 0, 100 + shift, 0, 128 + shift, _HORIZON, 74 + shift, _HORIZON)
    elif name == "snow":
        for x in (6, 40, 84, 122):
            x += shift
            top = rng.uniform(48, 62)
            pen.polygon(detail, x, top, x + 15, _HORIZON, x - 15, _HORIZON)
    return pen.image, tuple(pen.colours)
