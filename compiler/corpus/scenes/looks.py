"""What makes a subject itself: colours, heads, hair, clothes, tails."""

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .canvas import RGB, Canvas, Point, curve

if TYPE_CHECKING:
    from .figures import Body

SKINS: tuple[RGB, ...] = (
    (255, 219, 182),
    (241, 194, 150),
    (224, 172, 110),
    (190, 128, 76),
    (152, 98, 60),
    (126, 82, 54),
)
CLOTHES: tuple[RGB, ...] = (
    (222, 84, 76), (66, 128, 196), (78, 160, 98), (240, 184, 70), (146, 96, 180), (64, 164, 168),
    (232, 130, 72), (206, 96, 142),
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
    """A seeded look. Every subject takes the same draws, so that swapping it changes nothing else."""
    pick = [rng.random() for _ in range(9)]

    def of(colours: tuple[RGB, ...], i: int) -> RGB:
        return colours[int(pick[i] * len(colours))]

    skin, hair, top, bottom = of(SKINS, 0), of(HAIRS, 1), of(CLOTHES, 2), of(BOTTOMS, 3)
    if skin in SKINS[4:]:
        hair = shade(hair, 0.36)  # hair and beard must stand out from dark skin
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
        canvas.oval(hx - r * 0.25, hy + r * 0.55, r * 1.15, r * 0.8, canvas.ink(shade(look.top, 0.78)))
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
            canvas.stroke(((nx - 8 * k, ny + 3 * k), (nx + 9 * k, ny + 3.5 * k)), 3.6 * k, canvas.ink((214, 60, 60)))
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
                canvas.stroke(((nx + side * k, ny + 2 * k), (nx + side * k, ny + 11 * k)), 1.4 * k, canvas.ink(WHITE))
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
