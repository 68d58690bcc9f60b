"""A canvas of labels: every part of a picture is drawn as one small integer, coloured later by a style.

Drawing labels instead of colours makes outlines (where two labels meet), line drawings and palettes cheap,
and keeps each style to a few array operations.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

RGB = tuple[int, int, int]
Point = tuple[float, float]

UNITS = 128  # the side of every picture in drawing units, whatever its size in pixels
OVERSAMPLE = 2

PROP, FIGURE, OBJECT, MARK = 0, 1, 2, 3  # what a label belongs to


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a scene stands in a picture: its upper left corner in units of the picture, and its size beside it."""

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0


WHOLE = Spot()


class Canvas:
    """Labels at twice the wanted size, with the colour and kind of each label."""

    __slots__ = ("_across", "_down", "_draw", "_mirror", "_scale", "colours", "image", "kind", "kinds")

    def __init__(self, px: int, mirror: bool) -> None:
        side = px * OVERSAMPLE
        self.image = Image.new("L", (side, side), 0)
        self._draw = ImageDraw.Draw(self.image)
        self.stand(mirror)
        self.colours: list[RGB] = [(255, 255, 255)]  # label 0 is the background
        self.kinds: list[int] = [PROP]
        self.kind = PROP

    def stand(self, mirror: bool, spot: Spot = WHOLE) -> None:
        """What is drawn from here on has its own 128 units in this spot of the picture."""
        unit = self.image.width / UNITS
        self._scale, self._across, self._down = unit * spot.zoom, unit * spot.x, unit * spot.y
        self._mirror = mirror

    def ink(self, colour: RGB) -> int:
        """A fresh label of this colour; parts with different labels get a line between them."""
        self.colours.append(colour)
        self.kinds.append(self.kind)
        return len(self.colours) - 1

    def _flat(self, points: Iterable[Point]) -> list[int]:
        scale, across, down = self._scale, self._across + 0.5, self._down + 0.5
        if self._mirror:
            return [int(v) for x, y in points for v in ((UNITS - x) * scale + across, y * scale + down)]
        return [int(v) for x, y in points for v in (x * scale + across, y * scale + down)]

    def polygon(self, points: Iterable[Point], ink: int) -> None:
        """A filled polygon."""
        self._draw.polygon(self._flat(points), fill=ink)

    def oval(self, x: float, y: float, rx: float, ry: float, ink: int) -> None:
        """A filled upright ellipse."""
        if self._mirror:
            x = UNITS - x
        scale, across, down = self._scale, self._across + 0.5, self._down + 0.5
        self._draw.ellipse(
            (
                int((x - rx) * scale + across),
                int((y - ry) * scale + down),
                int((x + rx) * scale + across),
                int((y + ry) * scale + down),
            ),
            fill=ink,
        )

    def box(self, x0: float, y0: float, x1: float, y1: float, ink: int) -> None:
        """A filled upright rectangle."""
        self.polygon(((x0, y0), (x1, y0), (x1, y1), (x0, y1)), ink)

    def stroke(self, points: Sequence[Point], width: float, ink: int) -> None:
        """A line with plain ends."""
        self._draw.line(self._flat(points), fill=ink, width=max(2, int(width * self._scale + 0.5)))

    def limb(self, points: Sequence[Point], width: float, ink: int) -> None:
        """A thick line with round joints and ends."""
        self.stroke(points, width, ink)
        half = width / 2
        for x, y in points:
            self.oval(x, y, half, half, ink)


def curve(x: float, y: float, rx: float, ry: float, start: float, stop: float, steps: int) -> list[Point]:
    """Points on an elliptic arc; angles in degrees, clockwise from the right."""
    turn = math.radians(stop - start) / steps
    begin = math.radians(start)
    return [(x + rx * math.cos(begin + turn * i), y + ry * math.sin(begin + turn * i)) for i in range(steps + 1)]
