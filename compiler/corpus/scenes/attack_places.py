"""Places that only the attack may use: stronger in colour than those of training, with other shapes in them."""

from __future__ import annotations

import random
from functools import lru_cache

from PIL import Image

from .backgrounds import Pen
from .canvas import OVERSAMPLE, RGB, UNITS

ATTACK_BACKGROUNDS: tuple[str, ...] = (
    "desert", "cave", "meadow", "harbour", "starry_night", "autumn_wood", "greenhouse", "fairground",
)  # fmt: skip

# Wall or sky, ground, first detail, second detail.
_COLOURS: dict[str, tuple[RGB, RGB, RGB, RGB]] = {
    "desert": ((250, 214, 160), (232, 182, 118), (216, 158, 98), (252, 240, 196)),
    "cave": ((146, 136, 142), (124, 112, 116), (112, 102, 112), (190, 182, 178)),
    "meadow": ((172, 212, 240), (136, 190, 112), (154, 204, 128), (244, 226, 120)),
    "harbour": ((188, 220, 236), (124, 170, 200), (148, 190, 214), (236, 232, 222)),
    "starry_night": ((74, 84, 128), (66, 92, 92), (58, 74, 108), (240, 236, 196)),
    "autumn_wood": ((240, 226, 196), (198, 156, 102), (150, 112, 84), (222, 140, 74)),
    "greenhouse": ((206, 234, 214), (184, 168, 140), (150, 200, 162), (240, 248, 242)),
    "fairground": ((214, 226, 248), (204, 196, 164), (226, 134, 128), (250, 238, 224)),
}
_HORIZONS = {"desert": 88, "cave": 106, "meadow": 92, "harbour": 84, "starry_night": 104}


@lru_cache(maxsize=64)
def attack_backdrop(name: str, variant: int, px: int) -> tuple[Image.Image, tuple[RGB, ...]]:
    """The place as numbered colours at the canvas's own size, and those colours."""
    rng = random.Random(f"{name}:{variant}")
    pen = Pen(px * OVERSAMPLE)
    sky, ground, detail, other = _COLOURS[name]
    horizon = _HORIZONS.get(name, 100)
    pen.box(0, 0, UNITS, UNITS, sky)
    shift = rng.uniform(-12, 12)
    if name == "meadow":
        pen.oval(30 + shift, horizon + 6, 60, 24, detail)
        pen.oval(104 + shift, horizon + 8, 50, 30, detail)
    pen.box(0, horizon, UNITS, UNITS, ground)
    x: float
    if name == "desert":
        pen.oval(24 - shift, 22, 13, 13, other)
        for x in (20, 92):
            pen.polygon(detail, x + shift - 46, horizon + 14, x + shift, horizon - 16, x + shift + 46, horizon + 14)
    elif name == "cave":
        for n in range(9):
            x, length = n * 16 + rng.uniform(-5, 5), rng.uniform(12, 40)
            pen.polygon(detail, x - 9, 0, x + 9, 0, x, length)
        pen.oval(64 + shift, horizon - 4, 34, 30, other)
        pen.box(0, horizon, UNITS, UNITS, ground)
    elif name == "meadow":
        for _ in range(26):
            pen.oval(rng.uniform(0, UNITS), rng.uniform(horizon + 4, UNITS), 1.6, 1.6, other)
    elif name == "harbour":
        pen.box(0, 114, UNITS, UNITS, (182, 160, 132))
        for x in (18, 66, 112):
            x += shift
            pen.polygon(detail, x - 14, 80, x + 14, 80, x + 9, 90, x - 9, 90)
            pen.polygon(other, x, 44 + rng.uniform(-6, 6), x + 12, 76, x, 76)
    elif name == "starry_night":
        pen.oval(100 + shift, 24, 12, 12, other)
        for _ in range(22):
            pen.oval(rng.uniform(0, UNITS), rng.uniform(2, 70), 0.9, 0.9, other)
        for x in (10, 50, 96, 128):
            pen.polygon(detail, x + shift - 30, horizon, x + shift, 66 + rng.uniform(-8, 8), x + shift + 30, horizon)
    elif name == "autumn_wood":
        for x in (8, 40, 76, 112):
            x += shift / 2
            pen.box(x - 3.5, 0, x + 3.5, 100, detail)
            pen.oval(x, 14 + rng.uniform(-6, 6), 19, 20, other)
        for _ in range(20):
            pen.oval(rng.uniform(0, UNITS), rng.uniform(102, UNITS), 2, 1.2, other)
    elif name == "greenhouse":
        for x in range(0, UNITS + 1, 21):
            pen.box(x - 0.8, 0, x + 0.8, 100, other)
        for y in (22, 48, 74):
            pen.box(0, y - 0.8, UNITS, y + 0.8, other)
        for x in range(4, UNITS, 14):
            pen.oval(x + rng.uniform(-3, 3), 98, 8, rng.uniform(8, 18), detail)
        pen.box(0, 100, UNITS, UNITS, ground)
    elif name == "fairground":
        for n in range(8):
            x = shift + 16 + n * 12
            pen.polygon(detail if n % 2 else other, x, 46, x + 12, 46, x + 12, 100, x, 100)
        pen.polygon(detail, shift + 10, 46, shift + 64, 14, shift + 118, 46)
    return pen.image, tuple(pen.colours)
