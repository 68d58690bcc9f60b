"""How an object is written down: shapes in a box of 100 x 100 around its middle, y pointing down."""

import math
from dataclasses import dataclass

from .canvas import RGB, Canvas, Point, curve


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled polygon, or a line where `width` is above 0. Colours may be keys of `ObjectLook`."""

    colour: RGB | str
    points: tuple[Point, ...]
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """An object: its longest side in picture units, its axis and its shapes, back to front.

    The axis is "v" for tall things, "h" for long ones and "r" for those that look alike either way;
    poses turn an object by it.
    """

    size: float
    axis: str
    shapes: tuple[Shape, ...]
    mains: tuple[RGB, ...] = ()


def poly(colour: RGB | str, *flat: float) -> Shape:
    """A polygon from x, y, x, y..."""
    return Shape(colour, tuple(zip(flat[::2], flat[1::2], strict=True)))


def line(colour: RGB | str, width: float, *flat: float) -> Shape:
    """A line from x, y, x, y..."""
    return Shape(colour, tuple(zip(flat[::2], flat[1::2], strict=True)), width)


def rect(colour: RGB | str, x0: float, y0: float, x1: float, y1: float) -> Shape:
    """A rectangle."""
    return poly(colour, x0, y0, x1, y0, x1, y1, x0, y1)


def oval(colour: RGB | str, x: float, y: float, rx: float, ry: float) -> Shape:
    """An ellipse."""
    return Shape(colour, tuple(curve(x, y, rx, ry, 0, 337.5, 15)))


def ring(colour: RGB | str, width: float, x: float, y: float, rx: float, ry: float) -> Shape:
    """The line of an ellipse."""
    return Shape(colour, tuple(curve(x, y, rx, ry, 0, 375, 17)), width)


def arc(colour: RGB | str, width: float, x: float, y: float, rx: float, ry: float, start: float, stop: float) -> Shape:
    """A line along a part of an ellipse."""
    return Shape(colour, tuple(curve(x, y, rx, ry, start, stop, 8)), width)


def dome(colour: RGB | str, x: float, y: float, rx: float, ry: float, start: float, stop: float) -> Shape:
    """A filled part of an ellipse."""
    return Shape(colour, tuple(curve(x, y, rx, ry, start, stop, 10)))


@dataclass(frozen=True, slots=True)
class Placed:
    """An object at a place: middle, size of its 100-box in picture units, clockwise turn in degrees."""

    drawing: Drawing
    x: float
    y: float
    size: float
    turn: float

    def at(self, x: float, y: float) -> Point:
        """Where a point of the object's own box lies in the picture."""
        cos, sin = math.cos(math.radians(self.turn)), math.sin(math.radians(self.turn))
        k = self.size / 100
        return self.x + (x * cos - y * sin) * k, self.y + (x * sin + y * cos) * k

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom in the picture."""
        points = [self.at(x, y) for shape in self.drawing.shapes for x, y in shape.points]
        xs, ys = [x for x, _ in points], [y for _, y in points]
        return min(xs), min(ys), max(xs), max(ys)

    def draw(self, canvas: Canvas, look: dict[str, RGB]) -> None:
        """Draws every shape; `look` gives the colours that shapes name."""
        cos = math.cos(math.radians(self.turn)) * self.size / 100
        sin = math.sin(math.radians(self.turn)) * self.size / 100
        ox, oy = self.x, self.y
        for shape in self.drawing.shapes:
            colour = look[shape.colour] if isinstance(shape.colour, str) else shape.colour
            points = [(ox + x * cos - y * sin, oy + x * sin + y * cos) for x, y in shape.points]
            if shape.width:
                canvas.stroke(points, shape.width * self.size / 100, canvas.ink(colour))
            else:
                canvas.polygon(points, canvas.ink(colour))
