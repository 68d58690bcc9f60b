"""What makes a subject itself: colours, heads, hair, clothes, tails."""

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .scene_canvas import RGB, Canvas, Point, curve

if TYPE_CHECKING:
    from .scene_figures import Body

SKINS: tuple[RGB, ...] = (
    (255, 219, 182),
    (241, 194, 150),
    (224, 172, 110),
    (190, 128, 76),
    (141, 88, 50),
    (104, 66, 42),
)
CLOTHES: tuple[RGB, ...] = (
    (222, 84, 76), (66, 128, 196), (78, 160, 98), (240, 184, 70), (146, 96, 180), (64, 164, 168), (232, 130, 72), (206, 96, 142),
)  # fmt: skip
BOTTOMS: tuple[RGB, ...] = ((62, 82, 124), (92, 76, 64), (78, 84, 92), (50, 100, 92), (112, 66, 78))
HAIRS: tuple[RGB, ...] = ((52, 40, 36), (96, 60, 36), (150, 92, 44), (226, 184, 90), (178, 72, 40))
FURS: dict[str, tuple[RGB, ...]] = {
    "dog": ((196, 142, 86), (222, 186, 130), (150, 128, 112), (238, 226, 208)),
    "cat": ((236, 158, 76), (150, 152, 160), (92, 88, 96), (240, 232, 220)),
    "monkey": ((128, 80, 48), (98, 64, 44), (154, 104, 62), (110, 92, 84)),
    "robot": ((176, 188, 200), (120, 176, 186), (206, 190, 130), (166, 160, 196)),
}
DARK: RGB = (46, 42, 48)
WHITE: RGB = (252, 252, 250)
MOUTH: RGB = (150, 40, 48)


def shade(colour: RGB, factor: float) -> RGB:
    """The colour darker (below 1) or lighter (above 1)."""
    if factor <= 1:
        return (int(colour[0] * factor), int(colour[1] * factor), int(colour[2] * factor))
    rest = factor - 1
    return tuple(int(v + (255 - v) * rest) for v in colour)  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Look:
    """Colours and build of one figure; the same draws whatever the subject."""

    skin: RGB
    hair: RGB
    top: RGB
    accent: RGB
    sleeve: RGB
    far_sleeve: RGB
    leg: RGB
    far_leg: RGB
    shoe: RGB
    hand: RGB
    bare_shin: bool
    scale: float
    lean: float
    sway: float


def choose_look(subject: str, rng: random.Random) -> Look:
    """A seeded look. Every subject takes the same number of draws, so that swapping it changes nothing else."""
    pick = [rng.random() for _ in range(9)]

    def of(colours: tuple[RGB, ...], i: int) -> RGB:
        return colours[int(pick[i] * len(colours))]

    skin, hair, top, bottom = of(SKINS, 0), of(HAIRS, 1), of(CLOTHES, 2), of(BOTTOMS, 3)
    accent = CLOTHES[(CLOTHES.index(top) + 1 + int(pick[4] * 6)) % len(CLOTHES)]
    shoe = (70, 60, 62) if pick[5] < 0.5 else accent
    sleeve, leg, hand, bare = top, bottom, skin, False
    if subject in FURS:
        skin = of(FURS[subject], 0)
        sleeve, leg, hand, shoe = shade(skin, 0.9), skin, shade(skin, 1.25), shade(skin, 0.8)
        if subject == "robot":
            sleeve, leg, hand, shoe = shade(skin, 0.7), shade(skin, 0.7), shade(skin, 0.85), shade(skin, 0.6)
        elif subject == "monkey":
            hand = (232, 196, 150)
    elif subject == "toddler":
        sleeve, leg = skin, skin
    elif subject == "child":
        bare = True
    elif subject == "woman":
        leg, sleeve = skin, skin
    elif subject == "man":
        top, sleeve = (WHITE, WHITE) if pick[6] < 0.3 else (shade(top, 0.8), shade(top, 0.8))
    scale = 0.86 + 0.27 * pick[7]
    return Look(
        skin, hair, top, accent, sleeve, shade(sleeve, 0.86), leg, shade(leg, 0.84), shoe, hand, bare, scale,
        lean=(pick[8] - 0.5) * 5, sway=(pick[4] - 0.5) * 3,
    )  # fmt: skip


def draw_back(
    canvas: Canvas, subject: str, look: Look, hip: Point, neck: Point, head: Point, r: float, k: float
) -> None:
    """What lies behind the body: tails, long hair, hood, ears."""
    x, y = hip
    hx, hy = head
    if subject == "dog":
        canvas.limb(
            ((x - 5 * k, y - 3 * k), (x - 15 * k, y - 9 * k), (x - 19 * k, y - 19 * k)),
            5.5 * k,
            canvas.ink(look.skin),
        )
    elif subject == "cat":
        ink = canvas.ink(look.skin)
        canvas.limb(
            (
                (x - 4 * k, y - 2 * k),
                (x - 15 * k, y),
                (x - 20 * k, y - 8 * k),
                (x - 17 * k, y - 19 * k),
                (x - 23 * k, y - 24 * k),
            ),
            4.5 * k,
            ink,
        )
        canvas.oval(x - 24 * k, y - 24.5 * k, 3.2 * k, 3.2 * k, canvas.ink(shade(look.skin, 0.65)))
    elif subject == "monkey":
        points = [(x - 4 * k, y), (x - 14 * k, y + 4 * k)]
        points += [(x - 19 * k + px * k, y - 10 * k + py * k) for px, py in curve(0, 0, 6, 9, 120, 480, 9)]
        canvas.limb(points, 3.4 * k, canvas.ink(look.skin))
        for side in (-1.05, 1.05):
            canvas.oval(hx + side * r, hy - r * 0.05, r * 0.48, r * 0.5, canvas.ink(look.skin))
            canvas.oval(hx + side * r, hy - r * 0.05, r * 0.3, r * 0.32, canvas.ink((236, 186, 150)))
    elif subject == "woman":
        ink = canvas.ink(look.hair)
        canvas.polygon(
            ((hx - r * 1.05, hy - r * 0.2), (hx + r * 0.7, hy - r * 0.4), (hx + r * 0.75, hy + r * 1.2),
             (hx + r * 0.3, hy + r * 2.0), (hx - r * 1.5, hy + r * 2.25), (hx - r * 1.25, hy + r)),
            ink,
        )  # fmt: skip
        canvas.oval(hx - r * 0.06, hy - r * 0.12, r * 1.16, r * 1.14, ink)
    elif subject == "teenager":
        canvas.oval(hx - r * 0.25, hy + r * 0.55, r * 1.3, r * 0.95, canvas.ink(shade(look.top, 0.78)))
    elif subject == "elder":
        canvas.oval(hx - r * 0.55, hy - r * 1.08, r * 0.5, r * 0.46, canvas.ink((236, 236, 240)))
    elif subject == "robot":
        canvas.box(hx - 1.2 * k, hy - r - 8 * k, hx + 1.2 * k, hy - r + 1, canvas.ink(shade(look.skin, 0.6)))
        canvas.oval(hx, hy - r - 8 * k, 3.2 * k, 3.2 * k, canvas.ink((236, 70, 60)))


def draw_torso(
    canvas: Canvas, subject: str, look: Look, hip: Point, neck: Point, body: "Body", k: float, stance: str
) -> None:
    """The trunk with its clothes."""
    (x, y), (nx, ny) = hip, neck
    s, h = body.shoulder * k, body.hip * k
    my = (y + ny) / 2
    if subject == "toddler":
        canvas.oval((x + nx) / 2, my + 2 * k, 11.5 * k, 13 * k, canvas.ink(look.top))
        canvas.polygon(
            (
                (x - 11 * k, y - 5 * k),
                (x + 11 * k, y - 5 * k),
                (x + 5 * k, y + 5 * k),
                (x - 5 * k, y + 5 * k),
            ),
            canvas.ink(WHITE),
        )
        ink = canvas.ink(WHITE)
        canvas.oval(nx + 2 * k, ny + 6 * k, 7 * k, 6.5 * k, ink)
        canvas.oval(nx + 2 * k, ny + 7 * k, 2.4 * k, 2.4 * k, canvas.ink(look.accent))
    elif subject in ("dog", "cat", "monkey"):
        ink = canvas.ink(look.skin)
        canvas.oval((x + nx) / 2, my + 2 * k, (body.hip + 2.5) * k, (body.torso / 2 + 5) * k, ink)
        belly = shade(look.skin, 1.5) if subject != "monkey" else (232, 196, 150)
        canvas.oval(
            (x + nx) / 2 + 2.5 * k,
            my + 4 * k,
            (body.hip - 2) * k,
            (body.torso / 2 - 2) * k,
            canvas.ink(belly),
        )
        if subject == "dog":
            canvas.stroke(
                ((nx - 8 * k, ny + 3 * k), (nx + 9 * k, ny + 3.5 * k)), 3.6 * k, canvas.ink((214, 60, 60))
            )
            canvas.oval(nx + 4 * k, ny + 7 * k, 2.6 * k, 2.6 * k, canvas.ink((250, 206, 70)))
    elif subject == "robot":
        canvas.box(nx - s, ny, nx + s, y + 2 * k, canvas.ink(look.skin))
        canvas.box(nx - s * 0.62, ny + 6 * k, nx + s * 0.62, my + 4 * k, canvas.ink(shade(look.skin, 0.55)))
        for i, colour in enumerate(((236, 70, 60), (250, 206, 70), (96, 196, 110))):
            canvas.oval(nx + (i - 1) * s * 0.4, my + 9 * k, 2 * k, 2 * k, canvas.ink(colour))
    elif subject == "woman":
        hem = y + (body.leg * 0.52 * k if stance in ("stand", "stride") else 5 * k)
        wide = 17 * k if stance in ("stand", "stride") else 12 * k
        canvas.polygon(
            (
                (nx - s, ny + 1),
                (nx + s, ny + 1),
                (nx * 0.6 + x * 0.4 + 5 * k, my),
                (x + wide, hem),
                (x - wide, hem),
                (nx * 0.6 + x * 0.4 - 5 * k, my),
            ),
            canvas.ink(look.top),
        )
        canvas.stroke(
            ((nx * 0.6 + x * 0.4 - 5 * k, my), (nx * 0.6 + x * 0.4 + 5 * k, my)),
            3 * k,
            canvas.ink(look.accent),
        )
    else:
        ink = canvas.ink(look.top)
        canvas.polygon(
            (
                (nx - s, ny + 3 * k),
                (nx - s * 0.6, ny),
                (nx + s * 0.6, ny),
                (nx + s, ny + 3 * k),
                (x + h, y + 3 * k),
                (x - h, y + 3 * k),
            ),
            ink,
        )
        if subject == "child":
            for part in (0.35, 0.7):
                cx, cy = nx + (x - nx) * part, ny + (y - ny) * part
                canvas.stroke(((cx - s * 0.9, cy), (cx + s * 0.9, cy)), 3 * k, canvas.ink(look.accent))
        elif subject == "teenager":
            canvas.polygon(
                (
                    (x - h * 0.5, my + 3 * k),
                    (x + h * 0.7, my + 3 * k),
                    (x + h, y - 2 * k),
                    (x - h * 0.8, y - 2 * k),
                ),
                canvas.ink(shade(look.top, 0.8)),
            )
            for side in (-2.0, 5.0):
                canvas.stroke(
                    ((nx + side * k, ny + 2 * k), (nx + side * k, ny + 11 * k)), 1.4 * k, canvas.ink(WHITE)
                )
        elif subject == "man":
            canvas.polygon(
                ((nx - 5 * k, ny), (nx + 8 * k, ny), (nx + 2 * k, ny + 7 * k)),
                canvas.ink(shade(look.top, 1.5)),
            )
            canvas.polygon(
                (
                    (nx, ny + 2 * k),
                    (nx + 4 * k, ny + 2 * k),
                    (nx + 6 * k, my + 6 * k),
                    (nx + 2 * k, my + 11 * k),
                    (nx - 2 * k, my + 6 * k),
                ),
                canvas.ink(shade(look.accent, 0.75)),
            )
            canvas.stroke(((x - h, y + 1 * k), (x + h, y + 1 * k)), 3 * k, canvas.ink(DARK))
        elif subject == "elder":
            shawl = canvas.ink(look.accent)
            canvas.polygon(
                (
                    (nx - s * 1.25, ny + 5 * k),
                    (nx - s * 0.4, ny - 2 * k),
                    (nx + s * 0.6, ny - 2 * k),
                    (nx + s * 1.2, ny + 5 * k),
                    (nx * 0.5 + x * 0.5 + 2 * k, y - 6 * k),
                ),
                shawl,
            )


def draw_head(
    canvas: Canvas, subject: str, look: Look, head: Point, r: float, mouth: Point, is_open: bool
) -> None:
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
    canvas.stroke(
        curve(x - r * 0.12, y - r * 0.05, r * 1.14, r * 1.26, 165, 330, 11), r * 0.22, canvas.ink(DARK)
    )
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
        canvas.stroke(
            ((x + r * 0.85, y + r * (0.34 + dy)), (x + r * 1.5, y + r * (0.3 + dy * 2.2))), 1.1, whisker
        )
        canvas.stroke(
            ((x - r * 0.25, y + r * (0.34 + dy)), (x - r * 1.4, y + r * (0.3 + dy * 2.2))), 1.1, whisker
        )


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
