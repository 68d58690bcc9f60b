"""The relations: where figure and object stand to each other, and the marks that tell one from another."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from .canvas import MARK, OBJECT, PROP, RGB, UNITS, Canvas, curve
from .figures import GROUND, Figure, place
from .looks import Look, shade
from .objects import DRINKS, FOODS, SMOKES
from .shapes import Drawing, Placed
from .things import ANIMALS, ARMS, RIDES, TOOLS, TOYS

DRAWINGS: dict[str, Drawing] = {**DRINKS, **FOODS, **SMOKES, **ARMS, **TOYS, **RIDES, **ANIMALS, **TOOLS}

WOOD: RGB = (168, 120, 76)
PAPER: RGB = (252, 248, 236)
GREY: RGB = (196, 200, 208)
INK: RGB = (84, 84, 96)
DROP: RGB = (92, 168, 232)
MARGIN = 3.0


@dataclass(frozen=True, slots=True)
class Thing:
    """The object of a scene with its colours and seeded size."""

    drawing: Drawing
    colours: dict[str, RGB]
    scale: float
    tilt: float

    def put(self, turn: float, factor: float = 1.0) -> Placed:
        """The object around (0, 0)."""
        return Placed(self.drawing, 0, 0, self.drawing.size * self.scale * factor, turn + self.tilt)

    def draw(self, canvas: Canvas, placed: Placed) -> None:
        """Draws the object."""
        canvas.kind = OBJECT
        placed.draw(canvas, self.colours)


def choose_thing(name: str, rng: random.Random) -> Thing:
    """An object with seeded colours, size and tilt; the same draws whatever the object."""
    drawing = DRAWINGS[name]
    mains = drawing.mains or ((200, 200, 200),)
    first, second = int(rng.random() * len(mains)), int(rng.random() * max(1, len(mains) - 1))
    main = mains[first]
    alt = mains[(first + 1 + second) % len(mains)]
    colours = {
        "main": main,
        "alt": alt,
        "shade": shade(main, 0.74),
        "rim": shade(main, 1.55),
        "mane": shade(main, 0.45),
    }
    return Thing(drawing, colours, 0.94 + 0.14 * rng.random(), (rng.random() - 0.5) * 10)


def _edge(
    placed: Placed, *, left: float | None = None, bottom: float | None = None, x: float = 0, y: float = 0
) -> Placed:
    """Moves the object so that its bounds start at `left` or end at `bottom`; else its middle is at x, y."""
    x0, y0, x1, y1 = placed.bounds()
    dx = left - x0 if left is not None else x - (x0 + x1) / 2
    dy = bottom - y1 if bottom is not None else y - (y0 + y1) / 2
    return _inside(replace(placed, x=placed.x + dx, y=placed.y + dy))


def _inside(placed: Placed) -> Placed:
    x0, y0, x1, y1 = placed.bounds()
    dx = max(MARGIN - x0, 0.0) + min(UNITS - MARGIN - x1, 0.0)
    dy = max(MARGIN - y0, 0.0) + min(UNITS - MARGIN - y1, 0.0)
    return replace(placed, x=placed.x + dx, y=placed.y + dy) if dx or dy else placed


@dataclass(frozen=True, slots=True)
class Stage:
    """What a relation draws on: the canvas, who and what, and seeded offsets in -1..1."""

    canvas: Canvas
    subject: str
    look: Look
    thing: Thing
    dx: float
    wiggle: tuple[float, float, float, float]

    def figure(self, stance: str, x: float, seat: float = GROUND, fit: float = 1.0) -> Figure:
        return place(self.subject, self.look, stance, x + self.dx, seat, fit)

    def show(self, figure: Figure, placed: Placed) -> None:
        """Figure, object, then the hands on top."""
        figure.draw(self.canvas)
        self.thing.draw(self.canvas, placed)
        figure.draw_hands(self.canvas)

    def mark(self, colour: RGB) -> int:
        self.canvas.kind = MARK
        return self.canvas.ink(colour)

    def prop(self, colour: RGB) -> int:
        self.canvas.kind = PROP
        return self.canvas.ink(colour)


def _drinking(s: Stage) -> None:
    figure = s.figure("stand", 36)
    mx, my = figure.mouth
    turn = {"v": -112, "h": -38, "r": -62}[s.thing.drawing.axis] + 5 * s.wiggle[0]
    placed = s.thing.put(turn)
    x0, y0, x1, y1 = placed.bounds()
    placed = _edge(placed, left=mx + 2, y=my - (y1 - y0) * 0.14)
    x0, y0, x1, y1 = placed.bounds()
    figure.near_hand = (x0 + (x1 - x0) * 0.55, min(y1 + 1, my + (y1 - y0) * 0.5))
    figure.near_bend = -1.0
    s.show(figure, placed)
    for i, (x, y, r) in enumerate(
        ((mx + 3, my + 11, 3.0), (mx - 1, my + 21, 2.5), (mx + 6, my + 27, 2.8), (mx + 2, my + 37, 2.2))
    ):
        ink = s.mark(DROP)
        y += s.wiggle[i % 4]
        s.canvas.oval(x, y, r, r, ink)
        s.canvas.polygon(((x - r * 0.9, y - r * 0.3), (x + r * 0.9, y - r * 0.3), (x, y - r * 2.4)), ink)


def _eating(s: Stage) -> None:
    figure = s.figure("stand", 36)
    figure.mouth_open = True
    mx, my = figure.mouth
    placed = _edge(s.thing.put(6 * s.wiggle[0]), left=mx + 2, y=my + 1)
    x0, _, x1, y1 = placed.bounds()
    # A plate below tells eating from the other things that mouths do, in any style.
    middle, half = (x0 + x1) / 2 + 1, max((x1 - x0) / 2 + 2, 17.0)
    plate_y = y1 + 1
    figure.near_hand = (middle + half * 0.55, plate_y + 4)
    figure.far_hand = (middle - half * 0.6, plate_y + 4)
    figure.draw(s.canvas)
    s.canvas.oval(middle, plate_y, half, 4.2, s.prop((244, 244, 248)))
    s.canvas.oval(middle, plate_y - 0.4, half * 0.68, 2.4, s.prop((206, 214, 226)))
    s.thing.draw(s.canvas, placed)
    figure.draw_hands(s.canvas)
    spots = (
        (-6, 11, 2.1),
        (5, 12, 2.3),
        (14, 10, 2.0),
        (0, 18, 2.2),
        (9, 20, 2.1),
        (-5, 24, 1.9),
        (15, 19, 1.8),
        (4, 27, 2.0),
    )
    for i, (x, y, r) in enumerate(spots):
        cx, cy = x0 + 6 + x + s.wiggle[i % 4], plate_y + y
        ink = s.mark((226, 168, 84))
        s.canvas.polygon(
            ((cx - r, cy - r), (cx + r, cy - r * 0.6), (cx + r * 0.8, cy + r), (cx - r * 0.7, cy + r * 0.8)),
            ink,
        )


def _smoking(s: Stage) -> None:
    figure = s.figure("stand", 36)
    mx, my = figure.mouth
    turn = {"v": 82, "h": 0, "r": 14}[s.thing.drawing.axis] + 4 * s.wiggle[0]
    placed = s.thing.put(turn)
    placed = _edge(placed, left=mx + 1, y=max(my + 2, 34 + (placed.bounds()[3] - placed.bounds()[1]) / 2))
    x0, y0, x1, y1 = placed.bounds()
    figure.near_hand = (x0 + (x1 - x0) * 0.45, y1 + 1)
    s.show(figure, placed)
    # Puffs that grow as they rise from the far end, with a curl inside.
    top, room = y0 - 2, max(22.0, y0 - 4)
    for i, (x, part, r) in enumerate(((-3, 0.1, 3.2), (3, 0.3, 4.6), (-4, 0.55, 6.0), (3, 0.84, 7.2))):
        cx, cy = min(x1 - 5 + x + s.wiggle[i], UNITS - 10), max(top - room * part, r + 2)
        s.canvas.oval(cx, cy, r, r * 0.9, s.mark((226, 228, 234)))
        s.canvas.oval(cx + r * 0.8, cy + r * 0.25, r * 0.6, r * 0.55, s.mark((226, 228, 234)))
        s.canvas.stroke(curve(cx, cy, r * 0.5, r * 0.45, 20, 290, 7), 1.3, s.mark((140, 144, 156)))


def _holding(s: Stage) -> None:
    figure = s.figure("stand", 48)
    nx, ny = figure.neck
    placed = s.thing.put(5 * s.wiggle[0])
    x0, y0, x1, y1 = placed.bounds()
    top = figure.head[1] + figure.radius * 0.95
    # From the middle of the chest outwards: clothes and object are both seen.
    middle = max((ny + figure.hip[1]) / 2 + 1, top + (y1 - y0) / 2)
    half = max((x1 - x0) / 2 + 2, 13 * figure.scale)
    placed = _edge(placed, x=nx + half, y=middle)
    x0, y0, x1, y1 = placed.bounds()
    tall = y1 - y0 > x1 - x0
    figure.near_hand = (x1, (y0 + y1) / 2 + 4) if tall else (x0 + (x1 - x0) * 0.7, y1)
    figure.far_hand = (x0 - 0.5, (y0 + y1) / 2 + 4)
    s.show(figure, placed)


def _pouring(s: Stage) -> None:
    figure = s.figure("stand", 30)
    turn = {"v": 122, "h": 42, "r": 74}[s.thing.drawing.axis] + 6 * s.wiggle[0]
    placed = s.thing.put(turn)
    y = min(max(figure.near_shoulder[1] - 2, 28), 62)
    placed = _edge(placed, x=86 + s.dx * 0.5, y=y)
    x0, y0, x1, y1 = placed.bounds()
    lip = min(x1 - 3, 110)
    figure.near_hand = (x0 + 1, (y0 + y1) / 2)
    # The stream goes behind the object, so that it hides nothing of it.
    bowl_x, bowl_y = lip + 1, 108.0
    s.canvas.polygon(
        ((lip - 5, (y0 + y1) / 2 + 2), (lip, (y0 + y1) / 2), (bowl_x + 3, bowl_y), (bowl_x - 3, bowl_y)),
        s.mark(DROP),
    )
    bowl = s.prop((236, 226, 206))
    s.canvas.polygon(curve(bowl_x, bowl_y - 2, 15, 13, 0, 180, 10), bowl)
    s.canvas.oval(bowl_x, bowl_y - 2, 15, 3, s.prop((188, 170, 146)))
    s.canvas.oval(bowl_x, bowl_y - 2, 8, 1.8, s.mark(DROP))
    for x, dy in ((-9, 7), (9, 8), (-5, 12)):
        s.canvas.oval(bowl_x + x, bowl_y - dy, 1.6, 2.0, s.mark(DROP))
    s.show(figure, placed)


def _throwing(s: Stage) -> None:
    figure = s.figure("stride", 36)
    placed = s.thing.put(18 + 6 * s.wiggle[0])
    placed = _edge(placed, x=97, y=29 + 3 * s.wiggle[1])
    x0, y0, _x1, y1 = placed.bounds()
    sx, sy = figure.far_shoulder
    arm = figure.body.arm * figure.scale
    figure.far_hand = (max(6, sx - arm * 0.62), max(6, sy - arm * 0.78))
    figure.far_bend = -1.0
    nx, ny = figure.near_shoulder
    figure.near_hand = (nx + arm * 0.86, ny + arm * 0.12)
    # Speed lines between the figure and the object, along its way up.
    my = (y0 + y1) / 2
    for i, dy in enumerate((-8, 1, 10)):
        x = x0 - 3 - (2 if i == 1 else 0)
        y = my + dy + 4
        s.canvas.limb(((x, y), (x - 13 - s.wiggle[i], y + 6)), 1.9, s.mark(INK))
    s.show(figure, placed)


def _pointing_at(s: Stage) -> None:
    figure = s.figure("stand", 28)
    placed = _edge(s.thing.put(0), x=99 - abs(s.dx) * 0.3, bottom=95)
    x0, y0, _x1, y1 = placed.bounds()
    top = s.prop(WOOD)
    s.canvas.box(102 - 24, 95, 102 + 20, 99, top)
    s.canvas.box(102 - 14, 99, 102 - 10, GROUND, s.prop(WOOD))
    s.canvas.box(102 + 6, 99, 102 + 10, GROUND, s.prop(WOOD))
    target = (x0, (y0 + y1) / 2)
    sx, sy = figure.near_shoulder
    reach = max(target[0] - sx - 14, 10)
    figure.near_hand = (sx + reach, sy + (target[1] - sy) * reach / max(target[0] - sx, 1))
    figure.pointing = target
    hx, hy = figure.hip
    figure.far_hand = (hx - figure.body.hip * figure.scale - 1, hy - 5 * figure.scale)
    s.show(figure, placed)


def _reading(s: Stage) -> None:
    seat = 98.0
    figure = s.figure("sit", 26, seat)
    stool = s.prop(WOOD)
    x = figure.hip[0]
    s.canvas.box(x - 13, seat, x + 13, seat + 4, stool)
    s.canvas.box(x - 10, seat + 4, x - 7, GROUND, stool)
    s.canvas.box(x + 7, seat + 4, x + 10, GROUND, stool)
    bx = 91 + s.dx * 0.3
    by = min(max(figure.neck[1] + 10, 46), 70) + s.wiggle[1]
    left, right, up, down = bx - 31, bx + 31, by - 25, by + 25
    placed = _edge(s.thing.put(0, 0.92), x=bx, y=by)
    figure.near_hand = (left + 3, by + 13)
    figure.far_hand = (left + 1, by - 3)
    figure.draw(s.canvas)
    # An open book that shows us its pages: cover, two pages, lines of text, the object printed across.
    s.canvas.polygon(
        (
            (left - 3, up - 1),
            (bx, up + 4),
            (right + 3, up - 1),
            (right + 3, down),
            (bx, down + 5),
            (left - 3, down),
        ),
        s.prop((150, 62, 58)),
    )
    s.canvas.polygon(((left, up - 3), (bx, up + 2), (bx, down + 1), (left, down - 3)), s.prop(PAPER))
    s.canvas.polygon(((bx, up + 2), (right, up - 3), (right, down - 3), (bx, down + 1)), s.prop(shade(PAPER, 0.97)))
    for i in range(5):
        y = up + 5 + i * 9
        s.canvas.stroke(((left + 3, y), (left + 10, y + 1)), 1.1, s.mark((150, 150, 156)))
        s.canvas.stroke(((right - 10, y + 1), (right - 3, y)), 1.1, s.mark((150, 150, 156)))
    s.thing.draw(s.canvas, placed)
    figure.draw_hands(s.canvas)


def _riding(s: Stage) -> None:
    turn = {"v": 78, "h": -4, "r": -6}[s.thing.drawing.axis] + 3 * s.wiggle[0]
    placed = s.thing.put(turn)
    x0, y0, x1, y1 = placed.bounds()
    factor = min(84 / (x1 - x0), 46 / (y1 - y0), 2.0)
    placed = _edge(s.thing.put(turn, factor), x=66 + s.dx * 0.5, bottom=GROUND - 1)
    x0, y0, x1, y1 = placed.bounds()
    # Broad things are straddled a little below their top.
    seat = y0 + (y1 - y0) * (0.24 if s.thing.drawing.axis == "h" else 0.1)
    figure = place(s.subject, s.look, "astride", (x0 + x1) / 2 - 4, seat + 3, 0.9)
    nx, ny = figure.near_shoulder
    reach = figure.body.arm * figure.scale
    figure.near_hand = (nx + reach * 0.62, min(ny + reach * 0.6, seat))
    figure.far_hand = (figure.far_shoulder[0] + reach * 0.5, min(ny + reach * 0.72, seat))
    for i, (y, length) in enumerate(((-34, 9), (-23, 13), (-12, 9))):
        x = max(x0 - 4, 5 + length)
        s.canvas.limb(((x, y1 + y), (x - length + s.wiggle[i], y1 + y)), 2.0, s.mark(INK))
    s.canvas.stroke(((6, GROUND + 1), (122, GROUND + 1)), 1.6, s.mark(INK))
    s.show(figure, placed)


def _sitting_next_to(s: Stage) -> None:
    seat = 96.0
    figure = s.figure("sit", 32, seat)
    wood = s.prop(WOOD)
    s.canvas.box(8, seat - 18, 120, seat - 14, s.prop(shade(WOOD, 0.85)))
    s.canvas.box(8, seat - 9, 120, seat - 5, s.prop(shade(WOOD, 0.85)))
    s.canvas.box(6, seat, 122, seat + 5, wood)
    s.canvas.box(14, seat + 5, 19, GROUND, s.prop(WOOD))
    s.canvas.box(110, seat + 5, 115, GROUND, s.prop(WOOD))
    placed = _edge(s.thing.put(0), x=93 + s.dx * 0.5, bottom=seat)
    hx, hy = figure.hip
    k = figure.scale
    figure.near_hand = (hx + 11 * k, hy - 3 * k)
    figure.far_hand = (hx - 11 * k, hy - 1 * k)
    s.show(figure, placed)


def apart(s: Stage) -> None:
    """No relation: both stand, the object on the ground at the far side."""
    figure = s.figure("stand", 32)
    s.show(figure, _edge(s.thing.put(0), x=94 + s.dx * 0.5, bottom=GROUND))


def alone(s: Stage) -> None:
    """The subject by itself."""
    figure = s.figure("stand", 62)
    figure.draw(s.canvas)
    figure.draw_hands(s.canvas)


def thing_alone(s: Stage) -> None:
    """The object by itself, large."""
    placed = s.thing.put(0, 1.75)
    s.thing.draw(s.canvas, _edge(placed, x=64 + s.dx * 2, y=66 + s.wiggle[0] * 6))


POSES: dict[str, Callable[[Stage], None]] = {
    "drinking": _drinking,
    "holding": _holding,
    "pouring": _pouring,
    "smoking": _smoking,
    "eating": _eating,
    "throwing": _throwing,
    "pointing_at": _pointing_at,
    "reading": _reading,
    "riding": _riding,
    "sitting_next_to": _sitting_next_to,
}
