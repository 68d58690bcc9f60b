"""The standard corruptions at severities 1 to 5, after Hendrycks & Dietterich (ICLR 2019, arXiv:1903.12261).

Numbers are those of ImageNet-C; its lengths, which are pixels of a picture 224 wide, are taken as shares of the
side. Frost is left out: it needs photographs of ice. Own numpy and Pillow code and not kornia (0.9 lacks six of these
fourteen), because pictures are drawn for a report by a program that never loads torch.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

Floats = npt.NDArray[np.float32]
PAPER_PX = 224
SEVERITIES = (1, 2, 3, 4, 5)


def _gaussian_noise(x: Floats, rng: np.random.Generator, level: int) -> Floats:
    spread = np.float32((0.08, 0.12, 0.18, 0.26, 0.38)[level])
    noisy: Floats = x + rng.standard_normal(x.shape, dtype=np.float32) * spread
    return noisy


def _shot_noise(x: Floats, rng: np.random.Generator, level: int) -> Floats:
    photons = (60, 25, 12, 5, 3)[level]
    counted: Floats = rng.poisson(x * photons).astype(np.float32) / np.float32(photons)
    return counted


def _impulse_noise(x: Floats, rng: np.random.Generator, level: int) -> Floats:
    share = (0.03, 0.06, 0.09, 0.17, 0.27)[level]
    draw = rng.random(x.shape, dtype=np.float32)
    return np.where(draw < share / 2, np.float32(0), np.where(draw < share, np.float32(1), x))


def _defocus_blur(x: Floats, rng: np.random.Generator, level: int) -> Floats:
    """A disc whose rim is smoothed by counting how much of each pixel it covers."""
    from scipy.ndimage import convolve

    radius = (3, 4, 6, 8, 10)[level] * len(x) / PAPER_PX
    half, fine = int(radius) + 1, 5
    at = (np.arange((2 * half + 1) * fine) + 0.5) / fine - half - 0.5
    inside = (at[:, None] ** 2 + at[None, :] ** 2 <= radius**2).astype(np.float32)
    disc = inside.reshape(2 * half + 1, fine, 2 * half + 1, fine).mean((1, 3))
    blurred: Floats = convolve(x, (disc / disc.sum())[:, :, None], mode="nearest")
    return blurred


def _glass_blur(x: Floats, rng: np.random.Generator, level: int) -> Floats:
    """Blurred, pixels swapped with near ones, blurred again; all pixels of a round move at once."""
    sigma, reach, rounds = ((0.7, 1, 2), (0.9, 2, 1), (1.0, 2, 3), (1.1, 3, 2), (1.5, 4, 2))[level]
    side = len(x)
    out = _blurred(x, sigma * side / PAPER_PX)
    rows, columns = np.mgrid[0:side, 0:side]
    for _ in range(rounds):
        away = rng.integers(-reach, reach + 1, (2, side, side))
        out = out[np.clip(rows + away[0], 0, side - 1), np.clip(columns + away[1], 0, side - 1)]
    return _blurred(out, sigma * side / PAPER_PX)


def _motion_blur(x: Floats, rng: np.random.Generator, level: int) -> Floats:
    radius, sigma = ((10, 3), (15, 5), (15, 8), (15, 12), (20, 15))[level]
    return _dragged(x, radius, sigma, rng.uniform(-45, 45))


def _zoom_blur(x: Floats, rng: np.random.Generator, level: int) -> Floats:
    most, step = ((0.11, 0.01), (0.16, 0.01), (0.21, 0.02), (0.26, 0.02), (0.31, 0.03))[level]
    image, side = to_image(x), len(x)
    steps = np.arange(0.0, most, step)
    total = x.copy()
    for more in steps:
        margin = side * (1 - 1 / (1 + more)) / 2
        box = (margin, margin, side - margin, side - margin)
        total += to_floats(image.resize((side, side), Image.Resampling.BILINEAR, box))
    return total / np.float32(len(steps) + 1)


def _fog(x: Floats, rng: np.random.Generator, level: int) -> Floats:
    thick, decay = ((1.5, 2.0), (2.0, 2.0), (2.5, 1.7), (2.5, 1.5), (3.0, 1.4))[level]
    side, top, amount = len(x), x.max(), np.float32(thick)
    mist = plasma(1 << (side - 1).bit_length(), decay, rng)[:side, :side, None]
    veiled: Floats = (x + amount * mist) * (top / (top + amount))
    return veiled


def _snow(x: Floats, rng: np.random.Generator, level: int) -> Floats:
    """Flakes that were dragged by the wind, over a paler picture."""
    mean, spread, size, least, radius, sigma, kept = (
        (0.1, 0.3, 3, 0.5, 10, 4, 0.8),
        (0.2, 0.3, 2, 0.5, 12, 4, 0.7),
        (0.55, 0.3, 4, 0.9, 12, 8, 0.7),
        (0.55, 0.3, 4.5, 0.85, 12, 8, 0.65),
        (0.55, 0.3, 2.5, 0.85, 12, 12, 0.55),
    )[level]
    side = len(x)
    coarse = round(side / size)
    flakes = rng.normal(mean, spread, (coarse, coarse)).astype(np.float32)
    layer = np.asarray(Image.fromarray(flakes).resize((side, side), Image.Resampling.BILINEAR))
    layer = np.where(layer < least, np.float32(0), np.clip(layer, 0, 1))[:, :, None]
    layer = _dragged(layer, radius, sigma, rng.uniform(-135, -45))
    grey = (x @ np.array([0.299, 0.587, 0.114], dtype=np.float32))[:, :, None]
    paler = kept * x + (1 - kept) * np.maximum(x, grey * 1.5 + 0.5)
    covered: Floats = paler + layer + layer[::-1, ::-1]
    return covered


def _contrast(x: Floats, rng: np.random.Generator, level: int) -> Floats:
    mean = x.mean((0, 1), keepdims=True)
    weaker: Floats = (x - mean) * np.float32((0.4, 0.3, 0.2, 0.1, 0.05)[level]) + mean
    return weaker


def _brightness(x: Floats, rng: np.random.Generator, level: int) -> Floats:
    """The value of HSV raised; hue and saturation stay."""
    value = x.max(2, keepdims=True)
    raised = np.minimum(value + (0.1, 0.2, 0.3, 0.4, 0.5)[level], 1)
    brighter: Floats = np.where(value > 0, x * (raised / np.maximum(value, np.float32(1e-6))), raised)
    return brighter


def _pixelate(x: Floats, rng: np.random.Generator, level: int) -> Floats:
    side = len(x)
    coarse = max(1, round(side * (0.6, 0.5, 0.4, 0.3, 0.25)[level]))
    small = to_image(x).resize((coarse, coarse), Image.Resampling.BOX)
    return to_floats(small.resize((side, side), Image.Resampling.NEAREST))


def _jpeg(x: Floats, rng: np.random.Generator, level: int) -> Floats:
    return to_floats(saved(to_image(x), (25, 18, 15, 10, 7)[level]))


def _elastic(x: Floats, rng: np.random.Generator, level: int) -> Floats:
    """Small local shifts, the paper's levels 3 to 5 with two milder ones before them.

    Its own first two levels tilt the whole picture further than the later ones, so that damage would not grow.
    """
    from scipy.ndimage import gaussian_filter, map_coordinates

    side = len(x)
    alpha, sigma = (0.02, 0.035, 0.05, 0.07, 0.12)[level] * side, 0.01 * side
    shifts = [gaussian_filter(rng.uniform(-1, 1, (side, side)), sigma, mode="reflect") * alpha for _ in range(2)]
    at = np.mgrid[0:side, 0:side] + np.stack(shifts)
    planes = [map_coordinates(x[:, :, c], at, order=1, mode="reflect") for c in range(x.shape[2])]
    bent: Floats = np.stack(planes, axis=2)
    return bent


STANDARD: dict[str, Callable[[Floats, np.random.Generator, int], Floats]] = {
    "gaussian_noise": _gaussian_noise,
    "shot_noise": _shot_noise,
    "impulse_noise": _impulse_noise,
    "defocus_blur": _defocus_blur,
    "glass_blur": _glass_blur,
    "motion_blur": _motion_blur,
    "zoom_blur": _zoom_blur,
    "fog": _fog,
    "snow": _snow,
    "contrast": _contrast,
    "brightness": _brightness,
    "pixelate": _pixelate,
    "jpeg": _jpeg,
    "elastic": _elastic,
}


def corrupt_standard(picture: Image.Image, name: str, severity: int, seed: int) -> Image.Image:
    """The RGB picture with one standard corruption; severity 1 to 5. KeyError for a name that is not in STANDARD."""
    rng = np.random.Generator(np.random.PCG64(seed))
    return to_image(STANDARD[name](to_floats(picture), rng, severity - 1))


def to_floats(picture: Image.Image) -> Floats:
    """(height, width, 3) in 0..1."""
    return np.asarray(picture, dtype=np.float32) / np.float32(255)


def to_image(x: npt.NDArray[np.floating]) -> Image.Image:
    """RGB from (height, width, 3); values outside 0..1 are cut off."""
    return Image.fromarray((np.clip(x, 0, 1) * 255 + 0.5).astype(np.uint8))


def saved(picture: Image.Image, quality: int) -> Image.Image:
    """The picture as a JPEG of this quality (1 to 95) has it."""
    with io.BytesIO() as kept:
        picture.save(kept, "JPEG", quality=quality)
        return Image.open(kept).convert("RGB")


def _blurred(x: Floats, sigma_px: float) -> Floats:
    return to_floats(to_image(x).filter(ImageFilter.GaussianBlur(sigma_px)))


def _dragged(x: Floats, radius: float, sigma: float, degrees: float) -> Floats:
    """One-sided normal weights along a line, as ImageMagick's motion blur has them; lengths in the paper's pixels."""
    side = len(x)
    unit = side / PAPER_PX
    count = round(2 * radius * unit) + 1
    weights = np.exp(-((np.arange(count) / (sigma * unit)) ** 2) / 2)
    weights /= weights.sum()
    angle = np.deg2rad(degrees)
    padded = np.pad(x, ((count, count), (count, count), (0, 0)), mode="edge")
    out = np.zeros_like(x)
    for i, weight in enumerate(weights):
        row, column = count + round(i * np.sin(angle)), count + round(i * np.cos(angle))
        out += np.float32(weight) * padded[row : row + side, column : column + side]
    return out


def plasma(side: int, decay: float, rng: np.random.Generator) -> Floats:
    """(side, side) in 0..1, clouds that wrap around; side is a power of two. Diamond-square (Fournier et al. 1982)."""
    field = np.zeros((side, side))
    step, wobble = side, 100.0
    while step >= 2:
        half = step // 2
        corners = field[::step, ::step]
        middles = corners + np.roll(corners, -1, 0)
        middles = (middles + np.roll(middles, -1, 1)) / 4
        field[half::step, half::step] = middles + wobble * rng.uniform(-wobble, wobble, middles.shape)
        middles = field[half::step, half::step]
        across = (middles + np.roll(middles, 1, 0) + corners + np.roll(corners, -1, 1)) / 4
        down = (middles + np.roll(middles, 1, 1) + corners + np.roll(corners, -1, 0)) / 4
        field[::step, half::step] = across + wobble * rng.uniform(-wobble, wobble, across.shape)
        field[half::step, ::step] = down + wobble * rng.uniform(-wobble, wobble, down.shape)
        step, wobble = half, wobble / decay
    field -= field.min()
    cloud: Floats = (field / field.max()).astype(np.float32)
    return cloud
