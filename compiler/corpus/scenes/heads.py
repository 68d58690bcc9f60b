"""Heads and faces: where the subjects differ most."""

from .canvas import Canvas, Point, curve
from .looks import DARK, WHITE, Look, shade

MOUTH = (150, 40, 48)


def draw_head(canvas: Canvas, subject: str, look: Look, head: Point, r: float, mouth: Point, is_open: bool) -> None:
    """Head, hair and face."""
    x, y = head
    if subject == "robot":
        canvas.box(x - r * 1.15, y - r * 0.25, x + r * 1.15, y + r * 0.25, canvas.ink(shade(look.skin, 0.55)))
        canvas.box(x - r, y - r, x + r, y + r * 0.95, canvas.ink(look.skin))
        for ex in (-0.25, 0.5):
            canvas.box(x + (ex - 0.24) * r, y - r * 0.5, x + (ex + 0.24) * r, y, canvas.ink((250, 240, 150)))
            canvas.box(x + (ex - 0.05) * r, y - r * 0.35, x + (ex + 0.15) * r, y - r * 0.1, canvas.ink(DARK))
        tall = 0.3 if is_open else 0.14
        canvas.box(x - r * 0.3, y + r * (0.5 - tall), x + r * 0.85, y + r * (0.5 + tall), canvas.ink(DARK))
        for tx in (0.0, 0.3, 0.6):
            canvas.stroke(
                ((x + tx * r, y + r * (0.5 - tall)), (x + tx * r, y + r * (0.5 + tall))),
                1.2,
                canvas.ink(WHITE),
            )
        return
    _HEADS[subject](canvas, look, x, y, r)
    _eyes(canvas, x, y, r, 0.13 if subject != "toddler" else 0.15)
    if subject == "elder":
        for ex in (0.08, 0.72):
            points = curve(x + ex * r, y - r * 0.1, r * 0.29, r * 0.29, 0, 390, 13)
            canvas.stroke(points, max(1.2, r * 0.1), canvas.ink(DARK))
    mx, my = mouth
    if is_open:
        canvas.oval(mx - r * 0.2, my, r * 0.28, r * 0.26, canvas.ink(MOUTH))
    else:
        canvas.stroke(
            curve(mx - r * 0.3, my - r * 0.12, r * 0.3, r * 0.2, 20, 160, 5),
            max(1.1, r * 0.1),
            canvas.ink(MOUTH),
        )


def _eyes(canvas: Canvas, x: float, y: float, r: float, size: float) -> None:
    for ex in (0.08, 0.68):
        canvas.oval(x + ex * r, y - r * 0.12, r * size, r * size * 1.3, canvas.ink(DARK))


def _skull(canvas: Canvas, look: Look, x: float, y: float, r: float) -> None:
    ink = canvas.ink(look.skin)
    canvas.oval(x, y, r, r, ink)


def _ear(canvas: Canvas, look: Look, x: float, y: float, r: float) -> None:
    canvas.oval(x - r * 0.72, y + r * 0.08, r * 0.2, r * 0.26, canvas.ink(shade(look.skin, 0.88)))


def _cap(x: float, y: float, r: float, start: float, stop: float, grow: float = 1.04) -> list[Point]:
    return curve(x, y, r * grow, r * grow, start, stop, 12)


def _toddler(canvas: Canvas, look: Look, x: float, y: float, r: float) -> None:
    _skull(canvas, look, x, y, r)
    _ear(canvas, look, x, y, r)
    canvas.oval(x + r * 0.02, y + r * 0.28, r * 0.2, r * 0.15, canvas.ink(shade(look.skin, 0.88)))
    # One curl on a bald head.
    curl = [(x + dx * r * 0.3, y - r * 0.98 + dy * r * 0.3) for dx, dy in curve(0, 0, 1, 0.9, 100, 400, 9)]
    canvas.stroke(curl, r * 0.13, canvas.ink(look.hair))


def _child(canvas: Canvas, look: Look, x: float, y: float, r: float) -> None:
    _skull(canvas, look, x, y, r)
    canvas.polygon(
        (
            (x - r, y - r * 0.4),
            (x - r * 0.55, y - r * 0.4),
            (x - r * 0.6, y + r * 0.25),
            (x - r * 0.98, y + r * 0.2),
        ),
        canvas.ink(look.hair),
    )
    _ear(canvas, look, x, y, r)
    canvas.polygon(_cap(x, y - r * 0.1, r, 188, 352), canvas.ink(look.accent))
    canvas.polygon(
        (
            (x + r * 0.1, y - r * 0.5),
            (x + r * 0.98, y - r * 0.5),
            (x + r * 1.55, y - r * 0.36),
            (x + r * 1.5, y - r * 0.22),
            (x + r * 0.1, y - r * 0.26),
        ),
        canvas.ink(shade(look.accent, 0.72)),
    )
    canvas.oval(x, y - r * 1.1, r * 0.14, r * 0.1, canvas.ink(shade(look.accent, 0.72)))


def _teenager(canvas: Canvas, look: Look, x: float, y: float, r: float) -> None:
    _skull(canvas, look, x, y, r)
    ink = canvas.ink(look.hair)
    canvas.polygon(
        (
            *_cap(x, y - r * 0.05, r, 170, 340, 1.1),
            (x + r * 0.75, y - r * 0.3),
            (x + r * 0.55, y - r * 0.55),
            (x + r * 0.25, y - r * 0.32),
            (x - r * 0.1, y - r * 0.55),
            (x - r * 0.45, y - r * 0.1),
        ),
        ink,
    )
    # Headphones: a band over the head and a big shell on the ear.
    canvas.stroke(curve(x - r * 0.12, y - r * 0.05, r * 1.14, r * 1.26, 165, 330, 11), r * 0.22, canvas.ink(DARK))
    canvas.oval(x - r * 0.72, y + r * 0.08, r * 0.4, r * 0.48, canvas.ink(look.accent))
    canvas.oval(x - r * 0.72, y + r * 0.08, r * 0.2, r * 0.24, canvas.ink(DARK))


def _man(canvas: Canvas, look: Look, x: float, y: float, r: float) -> None:
    _skull(canvas, look, x, y, r)
    ink = canvas.ink(look.hair)
    canvas.polygon(
        (
            *_cap(x, y, r, 178, 318, 1.06),
            (x + r * 0.5, y - r * 0.55),
            (x - r * 0.5, y - r * 0.5),
            (x - r * 0.62, y - r * 0.05),
        ),
        ink,
    )
    beard = canvas.ink(look.hair)
    canvas.polygon(
        (
            *_cap(x + r * 0.04, y + r * 0.06, r, 2, 182, 1.14),
            (x - r * 0.6, y + r * 0.1),
            (x - r * 0.1, y + r * 0.25),
            (x + r * 0.75, y + r * 0.22),
        ),
        beard,
    )
    _ear(canvas, look, x, y, r)
    canvas.oval(x + r * 0.62, y + r * 0.12, r * 0.22, r * 0.16, canvas.ink(shade(look.skin, 0.88)))


def _woman(canvas: Canvas, look: Look, x: float, y: float, r: float) -> None:
    _skull(canvas, look, x, y, r)
    ink = canvas.ink(look.hair)
    canvas.polygon(
        (
            *_cap(x, y - r * 0.02, r, 150, 335, 1.1),
            (x + r * 0.4, y - r * 0.62),
            (x - r * 0.35, y - r * 0.4),
            (x - r * 0.5, y + r * 0.4),
        ),
        ink,
    )
    canvas.oval(x - r * 0.52, y + r * 0.5, r * 0.13, r * 0.17, canvas.ink((250, 206, 70)))
    canvas.oval(x + r * 0.1, y + r * 0.25, r * 0.17, r * 0.12, canvas.ink((238, 140, 130)))


def _elder(canvas: Canvas, look: Look, x: float, y: float, r: float) -> None:
    _skull(canvas, look, x, y, r)
    white = (236, 236, 240)
    canvas.polygon(
        (
            *_cap(x, y, r, 150, 300, 1.08),
            (x + r * 0.2, y - r * 0.72),
            (x - r * 0.4, y - r * 0.4),
            (x - r * 0.5, y + r * 0.4),
        ),
        canvas.ink(white),
    )
    canvas.stroke(
        ((x + r * 0.2, y + r * 0.22), (x + r * 0.05, y + r * 0.5)),
        max(1.0, r * 0.07),
        canvas.ink(shade(look.skin, 0.7)),
    )


def _dog(canvas: Canvas, look: Look, x: float, y: float, r: float) -> None:
    _skull(canvas, look, x, y, r)
    light = canvas.ink(shade(look.skin, 1.35))
    canvas.oval(x + r * 0.95, y + r * 0.32, r * 0.78, r * 0.42, light)
    canvas.oval(x + r * 1.58, y + r * 0.1, r * 0.24, r * 0.2, canvas.ink(DARK))
    ear = canvas.ink(shade(look.skin, 0.58))
    canvas.polygon(
        [
            (x - r * 0.72 + dx * r, y + r * 0.3 + dy * r)
            for dx, dy in (
                (0.2, -1.0),
                (0.36, -0.3),
                (0.2, 0.7),
                (-0.12, 0.95),
                (-0.42, 0.7),
                (-0.46, -0.2),
                (-0.2, -0.9),
            )
        ],
        ear,
    )


def _cat(canvas: Canvas, look: Look, x: float, y: float, r: float) -> None:
    fur = canvas.ink(look.skin)
    for side in (-1, 1):
        canvas.polygon(
            (
                (x + side * r * 0.98, y - r * 0.2),
                (x + side * r * 0.92, y - r * 1.5),
                (x + side * r * 0.1, y - r * 0.8),
            ),
            fur,
        )
    canvas.oval(x, y, r * 1.06, r * 0.92, fur)
    for side in (-1, 1):
        canvas.polygon(
            (
                (x + side * r * 0.8, y - r * 0.66),
                (x + side * r * 0.8, y - r * 1.2),
                (x + side * r * 0.42, y - r * 0.84),
            ),
            canvas.ink((240, 170, 170)),
        )
    canvas.oval(x + r * 0.4, y + r * 0.38, r * 0.52, r * 0.34, canvas.ink(shade(look.skin, 1.5)))
    canvas.polygon(
        ((x + r * 0.26, y + r * 0.12), (x + r * 0.54, y + r * 0.12), (x + r * 0.4, y + r * 0.3)),
        canvas.ink((210, 90, 100)),
    )
    whisker = canvas.ink(DARK)
    for dy in (-0.12, 0.12):
        canvas.stroke(((x + r * 0.85, y + r * (0.34 + dy)), (x + r * 1.5, y + r * (0.3 + dy * 2.2))), 1.1, whisker)
        canvas.stroke(((x - r * 0.25, y + r * (0.34 + dy)), (x - r * 1.4, y + r * (0.3 + dy * 2.2))), 1.1, whisker)


def _monkey(canvas: Canvas, look: Look, x: float, y: float, r: float) -> None:
    _skull(canvas, look, x, y, r)
    face = canvas.ink((236, 200, 156))
    canvas.oval(x + r * 0.12, y - r * 0.16, r * 0.44, r * 0.5, face)
    canvas.oval(x + r * 0.6, y - r * 0.16, r * 0.4, r * 0.48, face)
    canvas.oval(x + r * 0.42, y + r * 0.42, r * 0.78, r * 0.5, face)
    canvas.oval(x + r * 0.45, y + r * 0.16, r * 0.16, r * 0.08, canvas.ink((120, 80, 60)))
    canvas.polygon(
        (
            (x - r * 0.2, y - r * 0.92),
            (x - r * 0.1, y - r * 1.28),
            (x + r * 0.1, y - r * 1.02),
            (x + r * 0.25, y - r * 1.25),
            (x + r * 0.3, y - r * 0.9),
        ),
        canvas.ink(shade(look.skin, 0.8)),
    )


_HEADS = {
    "toddler": _toddler, "child": _child, "teenager": _teenager, "man": _man, "woman": _woman,
    "elder": _elder, "dog": _dog, "cat": _cat, "monkey": _monkey,
}  # fmt: skip
