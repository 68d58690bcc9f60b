"""Pictures of (subject, relation, object) cells: pleasant cartoons, the same on every machine.

Each aspect of a scene (background, figure, object, pose, style, damage) has its own stream of random numbers
from the seed, so that two scenes that differ in one slot share all the rest.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from .attack_places import ATTACK_BACKGROUNDS
from .attack_styles import ATTACK_RECIPES
from .backgrounds import BACKGROUNDS, VARIANTS
from .canvas import UNITS, WHOLE, Canvas, Spot
from .corruptions import ATTACK, TRAIN, corrupt
from .figures import BODIES
from .looks import choose_look
from .poses import DRAWINGS, POSES, Stage, alone, apart, choose_thing, thing_alone
from .styles import SELECT_RECIPES, TRAIN_RECIPES, Whim, develop

SUBJECTS: tuple[str, ...] = tuple(BODIES)
RELATIONS: tuple[str, ...] = tuple(POSES)
OBJECTS: tuple[str, ...] = tuple(DRAWINGS)
TRAIN_STYLES: tuple[str, ...] = tuple(TRAIN_RECIPES)
SELECT_STYLES: tuple[str, ...] = tuple(SELECT_RECIPES)
ATTACK_STYLES: tuple[str, ...] = tuple(ATTACK_RECIPES)
TRAIN_CORRUPTIONS: tuple[str, ...] = tuple(TRAIN)
ATTACK_CORRUPTIONS: tuple[str, ...] = tuple(ATTACK)

__all__ = [
    "ATTACK_BACKGROUNDS", "ATTACK_CORRUPTIONS", "ATTACK_STYLES", "BACKGROUNDS", "OBJECTS", "RELATIONS",
    "SELECT_STYLES", "SUBJECTS", "TRAIN_CORRUPTIONS", "TRAIN_STYLES", "Scene", "compose", "extent", "render",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture. An empty slot is left out; an empty background is chosen by the seed."""

    subject: str
    relation: str
    object: str
    seed: int
    style: str = "flat"
    background: str = ""
    corruption: str = ""
    severity: float = 0.0


def render(scene: Scene, px: int = 128) -> Image.Image:
    """The scene as an RGB picture of px by px pixels; the same scene always gives the same pixels."""
    return compose((scene,), (WHOLE,), px)


def compose(
    scenes: Sequence[Scene],
    spots: Sequence[Spot],
    px: int = 128,
    strew: Callable[[Canvas], None] | None = None,
) -> Image.Image:
    """Several scenes in one RGB picture, each in its spot; style, place and damage are those of the first.

    `strew` draws what else stands there, behind the scenes. ValueError for a scene that cannot be drawn.
    """
    for scene in scenes:
        _check(scene)
    canvas = Canvas(px, mirror=False)
    if strew is not None:
        strew(canvas)
    for scene, spot in zip(scenes, spots, strict=True):
        _put(canvas, scene, spot)
    first = scenes[0]
    style, place = (random.Random(f"{first.seed}:{aspect}") for aspect in ("style", "background"))
    chosen = BACKGROUNDS[int(place.random() * len(BACKGROUNDS))]
    variant = int(place.random() * VARIANTS)
    whim = Whim(style.random(), style.random(), style.random())
    picture = develop(canvas, first.style, first.background or chosen, variant, whim, px)
    if first.corruption:
        damage = random.Random(f"{first.seed}:damage").getrandbits(32)
        rng = np.random.Generator(np.random.PCG64(damage))
        picture = corrupt(picture, first.corruption, rng, first.severity)
    return picture


@lru_cache(maxsize=512)
def extent(scene: Scene) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) in 128 units of who and what is drawn; ValueError for a scene that cannot be."""
    _check(scene)
    canvas = Canvas(UNITS // 2, mirror=False)
    _put(canvas, scene, WHOLE)
    left, top, right, bottom = canvas.image.getbbox() or (0, 0, UNITS, UNITS)
    unit = UNITS / canvas.image.width
    return left * unit, top * unit, right * unit, bottom * unit


def _put(canvas: Canvas, scene: Scene, spot: Spot) -> None:
    """Draws who does what with what, without the place."""
    figure, thing, pose = (random.Random(f"{scene.seed}:{aspect}") for aspect in ("figure", "object", "pose"))
    canvas.stand(pose.random() < 0.5, spot)
    # A slot that is left out is filled for the draws, then not drawn.
    stage = Stage(
        canvas,
        scene.subject or "child",
        choose_look(scene.subject or "child", figure),
        choose_thing(scene.object or "ball", thing),
        dx=(pose.random() - 0.5) * 6,
        wiggle=(pose.uniform(-1, 1), pose.uniform(-1, 1), pose.uniform(-1, 1), pose.uniform(-1, 1)),
    )
    if scene.relation:
        POSES[scene.relation](stage)
    elif scene.subject and scene.object:
        apart(stage)
    elif scene.subject:
        alone(stage)
    else:
        thing_alone(stage)


def _check(scene: Scene) -> None:
    slots: tuple[tuple[str, str, tuple[str, ...]], ...] = (
        ("subject", scene.subject, SUBJECTS),
        ("relation", scene.relation, RELATIONS),
        ("object", scene.object, OBJECTS),
        ("background", scene.background, BACKGROUNDS + ATTACK_BACKGROUNDS),
        ("corruption", scene.corruption, TRAIN_CORRUPTIONS + ATTACK_CORRUPTIONS),
    )
    for slot, word, allowed in slots:
        if word and word not in allowed:
            raise ValueError(f"no {slot} {word!r} can be drawn; write one of: {', '.join(allowed)}")
    styles = TRAIN_STYLES + SELECT_STYLES + ATTACK_STYLES
    if scene.style not in styles:
        raise ValueError(f"no style {scene.style!r} is known; write one of: {', '.join(styles)}")
    if not scene.subject and not scene.object:
        raise ValueError("a scene needs a subject or an object")
    if scene.relation and not (scene.subject and scene.object):
        raise ValueError(f"relation {scene.relation!r} needs a subject and an object; leave it empty to draw one alone")
