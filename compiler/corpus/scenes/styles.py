"""Drawing styles: how labels become colours. One `Recipe` each for the styles that training may use."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image

from .attack_places import ATTACK_BACKGROUNDS, attack_backdrop
from .backgrounds import backdrop
from .canvas import MARK, OBJECT, OVERSAMPLE, PROP, RGB, Canvas

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating]
Mask = npt.NDArray[np.bool_]

HUES = 6  # turns of the colour wheel that "popart" knows; few, so that its places can be kept


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one style draws.

    `paint` maps N colours to N colours; `line` is the colour of outlines, `weight` their width in 2x pixels,
    `paper` replaces the background, `dim` darkens it, `warp` makes lines wobble, `texture` draws fills and
    lines its own way, `finish` works on the small picture.
    """

    paint: Callable[[Floats, "Whim"], Floats]
    line: RGB = (70, 62, 70)
    weight: int = 1
    paper: Callable[[int, "Whim"], Bytes] | None = None
    relief: bool = False
    warp: float = 0.0
    texture: Callable[[Bytes, Bytes, Mask, "Whim"], Bytes] | None = None
    finish: Callable[[Bytes, "Whim"], Bytes] | None = None
    turns_hue: bool = False
    dim: float = 1.0


@dataclass(frozen=True, slots=True)
class Whim:
    """Seeded numbers of one picture for its style."""

    a: float
    b: float
    c: float


@lru_cache(maxsize=32)
def noise(side: int, cells: int, channels: int = 1) -> Floats:
    """Smooth noise in -1..1, of `cells` blotches a side, that wraps around at the borders."""
    rng = np.random.Generator(np.random.PCG64(side * 1000 + cells * 10 + channels))
    coarse = np.pad(rng.random((cells, cells, channels), dtype=np.float32), ((2, 2), (2, 2), (0, 0)), "wrap")
    wide, border = round(side * (cells + 4) / cells), round(side * 2 / cells)
    planes = [
        np.asarray(Image.fromarray(coarse[:, :, c]).resize((wide, wide), Image.Resampling.BICUBIC))
        for c in range(channels)
    ]
    whole = np.stack(planes, axis=-1)[border : border + side, border : border + side]
    field: Floats = np.clip(whole * 2 - 1, -1, 1)
    return field


def shifted(side: int, cells: int, whim: Whim, channels: int = 1) -> Floats:
    """The noise, moved by the picture's own offset."""
    field = noise(side, cells, channels)
    return np.roll(field, (int(whim.a * side), int(whim.b * side)), (0, 1))


def luma(colours: Floats) -> Floats:
    """Brightness, one value a colour."""
    # Term by term: a matrix product may round differently on another machine.
    light: Floats = colours[..., 0] * 0.299 + colours[..., 1] * 0.587 + colours[..., 2] * 0.114
    return light


def to_bytes(values: Floats) -> Bytes:
    """Rounded to 0..255."""
    rounded: Bytes = np.clip(values + 0.5, 0, 255).astype(np.uint8)
    return rounded


def _same(colours: Floats, whim: Whim) -> Floats:
    return colours


def _pastel(colours: Floats, whim: Whim) -> Floats:
    return colours * 0.62 + 96


def _grey(colours: Floats, whim: Whim) -> Floats:
    return np.repeat(luma(colours)[:, None], 3, axis=1)


def _ink(colours: Floats, whim: Whim) -> Floats:
    """White, but dark parts stay dark and marks are drawn in ink."""
    light = luma(colours)
    flat: Floats = np.where(light < 73.9995, 60.0, 255.0)
    return np.repeat(flat[:, None], 3, axis=1)


def _negative(colours: Floats, whim: Whim) -> Floats:
    turned: Floats = 255 - colours
    return turned


def _night(colours: Floats, whim: Whim) -> Floats:
    moonlit: Floats = colours * np.array([0.72, 0.76, 0.92]) + np.array([2, 6, 24])
    return moonlit


def _poster(colours: Floats, whim: Whim) -> Floats:
    # Four levels a channel, with the contrast pulled up first.
    levels: Floats = np.round(np.clip((colours - 128) * 1.35 + 128, 0, 255) / 85) * 85
    return levels


def _sepia(colours: Floats, whim: Whim) -> Floats:
    part = luma(colours)[:, None] / 255
    return np.array([58, 34, 20]) * (1 - part) + np.array([252, 238, 206]) * part


def _popart(colours: Floats, whim: Whim) -> Floats:
    """Hues turned around the grey axis, so that no colour can be relied upon."""
    angle = 0.9 + int(whim.a * HUES) / HUES * 5.2
    cos, sin = np.cos(angle), np.sin(angle) / np.sqrt(3)
    turn = np.full((3, 3), (1 - cos) / 3) + np.eye(3) * cos
    turn += sin * np.array([[0, 1, -1], [-1, 0, 1], [1, -1, 0]])
    middle = luma(colours)[:, None]
    away = (colours - middle) * 1.15
    turned: Floats = middle + away[:, :1] * turn[0] + away[:, 1:2] * turn[1] + away[:, 2:] * turn[2]
    return turned


def _pencil(colours: Floats, whim: Whim) -> Floats:
    return np.repeat((150 + luma(colours) * 0.4)[:, None], 3, axis=1)


def _comic(colours: Floats, whim: Whim) -> Floats:
    middle = luma(colours)[:, None]
    levels: Floats = np.round((middle + (colours - middle) * 1.5) / 51) * 51
    return levels


@lru_cache(maxsize=8)
def _white(px: int) -> Bytes:
    return np.full((px * OVERSAMPLE, px * OVERSAMPLE, 3), 255, dtype=np.uint8)


@lru_cache(maxsize=8)
def _cream(px: int) -> Bytes:
    side = px * OVERSAMPLE
    return to_bytes(240 + noise(side, side) * 8 + np.array([6, 3, -8]))


def _pixelate(small: Bytes, whim: Whim) -> Bytes:
    px = small.shape[0]
    image = Image.fromarray(small)
    coarse = image.resize((round(px * 0.62), round(px * 0.62)), Image.Resampling.BOX)
    return np.asarray(coarse.resize((px, px), Image.Resampling.NEAREST))


def _grain(small: Bytes, whim: Whim) -> Bytes:
    px = small.shape[0]
    return add(small, _grain_table(px, int(whim.a * 4)))


@lru_cache(maxsize=16)
def _grain_table(px: int, variant: int) -> npt.NDArray[np.int16]:
    rng = np.random.Generator(np.random.PCG64(px * 10 + variant))
    dots = rng.normal(0, 20, (px, px, 3))
    dots[::2] -= 9  # faint lines of a cheap printer
    return dots.astype(np.int16)


@lru_cache(maxsize=8)
def _lamp(px: int) -> npt.NDArray[np.int16]:
    ramp = np.linspace(18, -26, px)
    return np.repeat((ramp[:, None] + ramp[None, :] * 0.6)[:, :, None], 3, axis=2).astype(np.int16)


def _shine(small: Bytes, whim: Whim) -> Bytes:
    return add(small, _lamp(small.shape[0]))


@lru_cache(maxsize=8)
def _dots(px: int) -> npt.NDArray[np.int16]:
    """Halftone dots on a turned grid."""
    y, x = np.mgrid[0:px, 0:px] * (128 / px)
    wave = np.cos((x + y) * 1.25) * np.cos((x - y) * 1.25)
    return np.repeat(np.where(wave > 0.45, -26, 6)[:, :, None], 3, axis=2).astype(np.int16)


def _halftone(small: Bytes, whim: Whim) -> Bytes:
    return add(small, _dots(small.shape[0]))


@lru_cache(maxsize=8)
def _strokes(px: int) -> npt.NDArray[np.int16]:
    y, x = np.mgrid[0:px, 0:px] * (128 / px)
    hatch = np.sin((x + y) * 1.6) * 12 + noise(px, px)[:, :, 0] * 12
    return np.repeat(hatch[:, :, None], 3, axis=2).astype(np.int16)


def _hatch(small: Bytes, whim: Whim) -> Bytes:
    return add(small, _strokes(small.shape[0]))


def add(small: Bytes, change: npt.NDArray[np.int16]) -> Bytes:
    """Adds with clipping to 0..255."""
    total = small + change
    clipped: Bytes = np.clip(total, 0, 255, out=total).astype(np.uint8)
    return clipped


TRAIN_RECIPES: dict[str, Recipe] = {
    "flat": Recipe(_same, line=(104, 92, 96), weight=1),
    "outlined": Recipe(_same, line=(30, 26, 32), weight=3),
    "shaded": Recipe(_same, line=(90, 78, 84), weight=1, relief=True, finish=_shine),
    "pastel": Recipe(_pastel, line=(132, 120, 138), weight=2),
    "grey": Recipe(_grey, line=(60, 60, 60), weight=1),
    "ink": Recipe(_ink, line=(24, 24, 30), weight=2, paper=lambda px, _: _white(px)),
    "negative": Recipe(_negative, line=(236, 240, 236), weight=2),
    "night": Recipe(_night, line=(168, 180, 224), weight=2, dim=0.38),
    "poster": Recipe(_poster, line=(20, 20, 40), weight=1),
    "sepia": Recipe(_sepia, line=(60, 36, 22), weight=2),
    "pixelated": Recipe(_same, line=(60, 52, 60), weight=2, finish=_pixelate),
    "noisy_print": Recipe(_same, line=(50, 44, 60), weight=2, finish=_grain),
    "popart": Recipe(_popart, line=(34, 28, 44), weight=2, turns_hue=True),
}
SELECT_RECIPES: dict[str, Recipe] = {
    "pencil": Recipe(_pencil, line=(70, 70, 76), weight=2, paper=lambda px, _: _cream(px), finish=_hatch),
    "comic": Recipe(_comic, line=(16, 14, 20), weight=3, finish=_halftone),
}


# About 100 MB at 128 px when full: every place in every style.
@lru_cache(maxsize=512)
def _styled_backdrop(style: str, hue: int, name: str, variant: int, px: int) -> Image.Image:
    numbers, colours = (attack_backdrop if name in ATTACK_BACKGROUNDS else backdrop)(name, variant, px)
    whim = Whim(hue / HUES, 0.0, 0.0)
    painted = recipe_of(style).paint(np.array(colours, dtype=np.float64), whim)
    picture = numbers.copy()
    picture.putpalette(to_bytes(painted * recipe_of(style).dim).tobytes())
    return picture.convert("RGB")


@lru_cache(maxsize=1)
def _all_recipes() -> dict[str, Recipe]:
    from .attack_styles import ATTACK_RECIPES

    return {**TRAIN_RECIPES, **SELECT_RECIPES, **ATTACK_RECIPES}


def recipe_of(style: str) -> Recipe:
    """The recipe of a style of any split."""
    return _all_recipes()[style]


def edges(labels: Bytes, weight: int) -> Mask:
    """Where two labels meet, `weight` pixels wide."""
    mask = np.zeros(labels.shape, dtype=np.bool_)
    mask[:, :-1] = labels[:, 1:] != labels[:, :-1]
    mask[:-1] |= labels[1:] != labels[:-1]
    for i in range(weight - 1):
        if i % 2:
            mask[:, :-1] |= mask[:, 1:].copy()
            mask[:-1] |= mask[1:].copy()
        else:
            mask[:, 1:] |= mask[:, :-1].copy()
            mask[1:] |= mask[:-1].copy()
    return mask


def _haloed(labels: Bytes, kinds: npt.NDArray[np.int_]) -> Bytes:
    """A light rim around the object where it lies over other things: a brown horse before a brown monkey."""
    thing = (kinds == OBJECT)[labels]
    rows, columns = np.flatnonzero(thing.any(axis=1)), np.flatnonzero(thing.any(axis=0))
    if not len(rows):
        return labels
    # Only the object's surroundings are looked at: a quarter of the picture at most.
    near = (
        slice(max(0, int(rows[0]) - 4), int(rows[-1]) + 5),
        slice(max(0, int(columns[0]) - 4), int(columns[-1]) + 5),
    )
    thing = thing[near]
    wide = thing.copy()
    for step in (1, 2) if labels.shape[0] >= 128 else (1,):
        wide[step:] |= wide[:-step].copy()
        wide[:-step] |= wide[step:].copy()
        wide[:, step:] |= wide[:, :-step].copy()
        wide[:, :-step] |= wide[:, step:].copy()
    out = labels.copy()
    out[near][wide & ~thing & (labels[near] > 0)] = len(kinds) - 1
    return out


def develop(canvas: Canvas, style: str, place: str, variant: int, whim: Whim, px: int) -> Image.Image:
    """The canvas in this style before this place."""
    recipe = recipe_of(style)
    canvas.kind = PROP
    canvas.ink((255, 255, 250))  # the last label is the halo
    colours = np.array(canvas.colours, dtype=np.float64)
    kinds = np.array(canvas.kinds)
    palette = to_bytes(recipe.paint(colours, whim))
    if style == "ink":
        palette[(kinds == MARK) & (luma(colours) < 190)] = 40
    labels_image = canvas.image
    if recipe.warp:
        labels_image = _warped(labels_image, recipe.warp, whim)
    labels = _haloed(np.asarray(labels_image), kinds)
    labels_image = Image.fromarray(labels)
    line = edges(labels, recipe.weight)
    labels_image.putpalette(palette.tobytes())
    picture = labels_image.convert("RGB")
    if recipe.paper is not None:
        back = Image.fromarray(recipe.paper(px, whim))
    else:
        hue = int(whim.a * HUES) if recipe.turns_hue else 0
        back = _styled_backdrop(style, hue, place, variant, px)
    bare = Image.fromarray((labels == 0).view(np.uint8) * 255)
    picture.paste(back, (0, 0), bare)
    if recipe.texture is not None:
        picture = Image.fromarray(recipe.texture(np.asarray(picture), labels, line, whim))
    else:
        if recipe.relief:
            picture = _relief(picture, labels)
        picture.paste(recipe.line, (0, 0), Image.fromarray(line.view(np.uint8) * 255))
    picture = picture.reduce(OVERSAMPLE)
    if recipe.finish is not None:
        picture = Image.fromarray(recipe.finish(np.asarray(picture), whim))
    return picture


def _relief(picture: Image.Image, labels: Bytes) -> Image.Image:
    """Light on the upper left rim of every part, shade on the lower right one."""
    step = max(2, labels.shape[0] // 50)
    inside = labels > 0
    light, dark = np.zeros_like(inside), np.zeros_like(inside)
    light[step:, step:] = (labels[step:, step:] != labels[:-step, :-step]) & inside[step:, step:]
    dark[:-step, :-step] = (labels[step:, step:] != labels[:-step, :-step]) & inside[:-step, :-step]
    picture.paste((255, 255, 255), (0, 0), Image.fromarray(light.view(np.uint8) * 70))
    picture.paste((40, 20, 50), (0, 0), Image.fromarray(dark.view(np.uint8) * 70))
    return picture


@lru_cache(maxsize=32)
def _warp_index(side: int, amount: float, variant: int) -> npt.NDArray[np.intp]:
    field = np.roll(noise(side, side // 16, 2), variant * side // 4, 0) * (amount * side / 256)
    y, x = np.mgrid[0:side, 0:side]
    flat: npt.NDArray[np.intp] = (
        np.clip(y + field[:, :, 0].astype(np.intp), 0, side - 1) * side
        + np.clip(x + field[:, :, 1].astype(np.intp), 0, side - 1)
    ).astype(np.intp)
    return flat


def _warped(labels: Image.Image, amount: float, whim: Whim) -> Image.Image:
    side = labels.width
    index = _warp_index(side, amount, int(whim.c * 4))
    return Image.fromarray(np.asarray(labels).reshape(-1)[index])
