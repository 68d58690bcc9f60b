"""The skeleton that all subjects share: bodies, joints, limbs.

Faces are in `scene_heads`, clothes in `scene_looks`. Figures face right; the canvas mirrors them.
"""

import math
from dataclasses import dataclass

from .canvas import FIGURE, RGB, Canvas, Point
from .heads import draw_head
from .looks import Look, draw_back, draw_torso

GROUND = 119.0


@dataclass(frozen=True, slots=True)
class Body:
    """Lengths in picture units at scale 1."""

    head: float  # radius
    torso: float
    shoulder: float  # half of the width
    hip: float  # half of the width
    leg: float
    arm: float
    limb: float  # width
    above: float = 2.0  # what stands above the skull: hats, ears, antenna
    snout: float = 0.0  # how far the mouth stands out of the head
    stoop: float = 0.0  # how far the head is ahead of the hip


BODIES: dict[str, Body] = {
    "toddler": Body(19, 19, 9, 8, 13, 18, 7.5, above=5),
    "child": Body(16, 21, 8, 7, 20, 23, 6, above=4),
    "teenager": Body(13, 29, 10, 7, 34, 32, 6.5, above=4),
    "man": Body(13, 32, 16, 10, 35, 34, 8.5, above=3),
    "woman": Body(13, 30, 9, 7, 34, 31, 5, above=4),
    "elder": Body(14, 28, 11, 8, 23, 28, 6, above=8, stoop=8),
    "dog": Body(14, 26, 9, 9, 19, 26, 7, above=3, snout=12),
    "cat": Body(16, 24, 8, 8, 18, 26, 6, above=10),
    "monkey": Body(15, 24, 9, 8, 17, 34, 5.5, above=2, snout=2),
    "robot": Body(14, 28, 14, 10, 22, 28, 5.5, above=11),
}


@dataclass(slots=True)
class Figure:
    """A subject at a place, with its joints; arms go where `hands` says."""

    subject: str
    look: Look
    body: Body
    scale: float
    hip: Point
    neck: Point
    head: Point
    radius: float
    near_shoulder: Point
    far_shoulder: Point
    mouth: Point
    stance: str
    sway: float
    mouth_open: bool = False
    near_hand: Point | None = None
    far_hand: Point | None = None
    near_bend: float = 1.0  # 1: elbow hangs down, -1: elbow is raised
    far_bend: float = 1.0
    pointing: Point | None = None

    def draw(self, canvas: Canvas) -> None:
        """Everything but the hands, which lie above the object."""
        canvas.kind = FIGURE
        draw_back(canvas, self.subject, self.look, self.hip, self.neck, self.head, self.radius, self.scale)
        self._arm(canvas, self.far_shoulder, self._far_target(), self.far_bend, self.look.far_sleeve)
        self._legs(canvas)
        draw_torso(canvas, self.subject, self.look, self.hip, self.neck, self.body, self.scale, self.stance)
        self._arm(canvas, self.near_shoulder, self._near_target(), self.near_bend, self.look.sleeve)
        draw_head(canvas, self.subject, self.look, self.head, self.radius, self.mouth, self.mouth_open)

    def draw_hands(self, canvas: Canvas) -> None:
        """Hands, and a finger where one points."""
        canvas.kind = FIGURE
        size = self.body.limb * self.scale * 0.58 + 0.8
        for x, y in (self._far_target(), self._near_target()):
            ink = canvas.ink(self.look.hand)
            canvas.oval(x, y, size, size, ink)
            if self.pointing and (x, y) == self.near_hand:
                px, py = self.pointing
                length = math.hypot(px - x, py - y) or 1.0
                reach = size + 7
                tip = (x + (px - x) / length * reach, y + (py - y) / length * reach)
                canvas.limb(((x, y), tip), 3.4, ink)

    def _near_target(self) -> Point:
        x, y = self.near_shoulder
        return self.near_hand or (x + 6 * self.scale, y + self.body.arm * self.scale * 0.93)

    def _far_target(self) -> Point:
        x, y = self.far_shoulder
        return self.far_hand or (x - 5 * self.scale, y + self.body.arm * self.scale * 0.93)

    def _arm(self, canvas: Canvas, shoulder: Point, hand: Point, bend: float, colour: RGB) -> None:
        elbow = _joint(shoulder, hand, self.body.arm * self.scale, bend)
        canvas.limb((shoulder, elbow, hand), self.body.limb * self.scale, canvas.ink(colour))

    def _legs(self, canvas: Canvas) -> None:
        k, (x, y) = self.scale, self.hip
        body = self.body
        wide = body.hip * k * 0.62
        width = (body.limb + 1) * k
        half = max(body.leg * 0.52, 9.0) * k
        foot = 3.2 * k
        if self.stance == "stand":
            floor = GROUND - foot
            legs = [
                ((x - wide, y), (x - wide - 1 + self.sway, (y + floor) / 2), (x - wide - 2, floor)),
                ((x + wide, y), (x + wide + 1 + self.sway, (y + floor) / 2), (x + wide + 2, floor)),
            ]
        elif self.stance == "stride":
            floor = GROUND - foot
            step = body.leg * k * 0.42 + 3
            legs = [
                ((x - wide, y), (x - step * 0.7, (y + floor) / 2), (x - step - 3, floor)),
                ((x + wide, y), (x + step * 0.9, (y + floor) / 2 - 1), (x + step + 2, floor)),
            ]
        elif self.stance == "sit":
            drop = min(half, GROUND - foot - y)
            legs = [
                ((x, y - 1), (x + half * 0.8, y - 2), (x + half * 0.7, y - 2 + drop)),
                ((x, y), (x + half * 1.1, y), (x + half * 1.15, y + drop)),
            ]
        else:  # astride
            legs = [
                ((x - wide, y), (x - wide - half * 0.8, y + half * 0.25), (x - wide - half * 0.9, y + half)),
                ((x + wide, y), (x + wide + half * 0.8, y + half * 0.25), (x + wide + half * 0.9, y + half)),
            ]
        for leg, colour in zip(legs, (self.look.far_leg, self.look.leg), strict=True):
            ink = canvas.ink(colour)
            if self.look.bare_shin:
                hip, knee, ankle = leg
                canvas.limb(leg, width * 0.8, canvas.ink(self.look.hand))
                ink = canvas.ink(colour)
                middle = ((knee[0] * 5 + ankle[0]) / 6, (knee[1] * 5 + ankle[1]) / 6)
                canvas.limb((hip, knee, middle), width * 1.15, ink)
            else:
                canvas.limb(leg, width, ink)
            ax, ay = leg[2]
            canvas.oval(ax + 2 * k, ay, foot * 1.75, foot, canvas.ink(self.look.shoe))


def _joint(start: Point, end: Point, length: float, bend: float) -> Point:
    """The elbow between two points; an arm that is too short stretches."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    reach = math.hypot(dx, dy) or 1.0
    rise = math.sqrt(max(0.0, (length / 2) ** 2 - (reach / 2) ** 2))
    # Positive bend hangs the elbow below the line from shoulder to hand.
    side = bend if dx >= 0 else -bend
    return (start[0] + dx / 2 - dy / reach * rise * side, start[1] + dy / 2 + dx / reach * rise * side)


def place(subject: str, look: Look, stance: str, x: float, seat: float = GROUND, fit: float = 1.0) -> Figure:
    """A figure whose hip is at x, standing on the ground or sitting at height `seat`."""
    body = BODIES[subject]
    upper = body.torso + body.head * 1.85 + body.above
    scale = look.scale * fit
    if stance in ("stand", "stride"):
        scale = min(scale, (GROUND - 4) / (upper + body.leg))
        hip_y = GROUND - body.leg * scale * (0.9 if stance == "stride" else 1.0)
    else:
        scale = min(scale, (seat - 3) / (upper + 1))
        hip_y = seat - 3 * scale
    radius = body.head * scale
    neck = (x + (body.stoop * 0.7 + look.lean) * scale, hip_y - body.torso * scale)
    head = (neck[0] + body.stoop * 0.5 * scale, neck[1] - radius * 0.85)
    shoulder_y = neck[1] + 4 * scale
    wide = (body.shoulder - 1.5) * scale
    mouth = (head[0] + radius * 0.62 + body.snout * scale, head[1] + radius * 0.5)
    return Figure(
        subject, look, body, scale, (x, hip_y), neck, head, radius,
        (neck[0] + wide, shoulder_y), (neck[0] - wide, shoulder_y), mouth, stance, look.sway,
    )  # fmt: skip
