"""Styles that only the attack may use: never seen in training, yet plain to a person."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from .canvas import OVERSAMPLE
from .styles import Bytes, Floats, Mask, Recipe, Whim, add, luma, noise, shifted, to_bytes

BOARD = np.array([40, 74, 62])
CHALK = np.array([238, 240, 230])
BLUE = np.array([34, 74, 140])


def _board_fill(colours: Floats, whim: Whim) -> Floats:
    """A thin wash of chalk in the part's own colour."""
    part = 0.08 + 0.5 * luma(colours)[:, None] / 255
    return BOARD * (1 - part) + (colours * 0.9 + 20) * part


@lru_cache(maxsize=8)
def _board(px: int) -> Bytes:
    side = px * OVERSAMPLE
    return to_bytes(BOARD + noise(side, 9) * 7 + noise(side, side) * 3)


def _chalk_lines(picture: Bytes, labels: Bytes, line: Mask, whim: Whim) -> Bytes:
    """Chalk skips over the grain of the board."""
    grain = shifted(labels.shape[0], labels.shape[0], whim)[:, :, 0]
    out = picture.copy()
    out[line & (grain > -0.72)] = CHALK.astype(np.uint8)
    return out


def _wash(colours: Floats, whim: Whim) -> Floats:
    return colours * 0.8 + 44


@lru_cache(maxsize=8)
def _rough_paper(px: int) -> Bytes:
    side = px * OVERSAMPLE
    return to_bytes(246 + noise(side, side // 2) * 5 + np.array([2, 0, -8]))


def _bleed(picture: Bytes, labels: Bytes, line: Mask, whim: Whim) -> Bytes:
    """Soft fills that pool into blotches, darker where the pigment dries at the rim."""
    image = Image.fromarray(picture).filter(ImageFilter.BoxBlur(1))
    image.paste((74, 62, 84), (0, 0), Image.fromarray(line.view(np.uint8) * 165))
    return np.asarray(image)


@lru_cache(maxsize=16)
def _blotches(px: int, variant: int) -> npt.NDArray[np.int16]:
    whim = Whim(variant / 4, variant / 7, 0)
    field = shifted(px, 10, whim) * 17 + shifted(px, 26, whim) * 9 + noise(px, px) * 5
    return np.repeat(field, 3, axis=2).astype(np.int16)


def _dry(small: Bytes, whim: Whim) -> Bytes:
    return add(small, _blotches(small.shape[0], int(whim.a * 4)))


def _wax(colours: Floats, whim: Whim) -> Floats:
    return colours


@lru_cache(maxsize=16)
def _hatching(side: int, variant: int) -> npt.NDArray[np.bool_]:
    """Where the crayon left the paper white: between its strokes."""
    y, x = np.mgrid[0:side, 0:side] * (256 / side)
    slope = (0.8, 1.0, 1.25, 0.65)[variant]
    wave = np.sin((x + y * slope) * 0.95 + noise(side, 14)[:, :, 0] * 2.4)
    gaps: npt.NDArray[np.bool_] = wave + noise(side, side // 2)[:, :, 0] * 0.9 > 0.62
    return gaps


def _crayon(picture: Bytes, labels: Bytes, line: Mask, whim: Whim) -> Bytes:
    """Hatched fills, and thick lines in a darker shade of what they surround."""
    out = picture.copy()
    gaps = _hatching(labels.shape[0], int(whim.a * 4)) & (labels > 0)
    out[gaps] = out[gaps] // 2 + 124
    dark = picture[line] // 5 * 2
    out[line] = dark
    return out


def _blueprint_fill(colours: Floats, whim: Whim) -> Floats:
    part = -0.1 + 0.6 * luma(colours)[:, None] / 255
    return BLUE * (1 - part) + np.array([190, 214, 246]) * part


@lru_cache(maxsize=8)
def _grid(px: int) -> Bytes:
    side = px * OVERSAMPLE
    sheet = np.empty((side, side, 3))
    sheet[:] = BLUE
    step = side // 16
    sheet[::step] += 20
    sheet[:, ::step] += 20
    return to_bytes(sheet)


ATTACK_RECIPES: dict[str, Recipe] = {
    "chalkboard": Recipe(_board_fill, weight=2, paper=lambda px, _: _board(px), texture=_chalk_lines),
    "watercolour": Recipe(_wash, weight=2, paper=lambda px, _: _rough_paper(px), warp=2.5, texture=_bleed, finish=_dry),
    "crayon": Recipe(_wax, weight=3, paper=lambda px, _: _rough_paper(px), warp=3.5, texture=_crayon),
    "blueprint": Recipe(_blueprint_fill, line=(226, 238, 252), weight=2, paper=lambda px, _: _grid(px)),
}
