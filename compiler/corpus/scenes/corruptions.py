"""Damage to a finished picture. Each takes an RGB array, a generator and a severity from 0 to 1."""

import io
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

Bytes = npt.NDArray[np.uint8]
Corruption = Callable[[Bytes, np.random.Generator, float], Bytes]


def _clip(values: npt.NDArray[np.floating]) -> Bytes:
    clipped: Bytes = np.clip(values, 0, 255).astype(np.uint8)
    return clipped


def _noise(image: Bytes, rng: np.random.Generator, severity: float) -> Bytes:
    grain = rng.standard_normal(image.shape, dtype=np.float32)
    return _clip(image + grain * (6 + 30 * severity))


def _brightness(image: Bytes, rng: np.random.Generator, severity: float) -> Bytes:
    change = (0.1 + 0.35 * severity) * (1 if rng.random() < 0.5 else -1)
    return _clip(image.astype(np.float32) * (1 + change))


def _dropout(image: Bytes, rng: np.random.Generator, severity: float) -> Bytes:
    out = image.copy()
    out[rng.random(image.shape[:2], dtype=np.float32) < 0.02 + 0.12 * severity] = int(rng.integers(0, 256))
    return out


def _downscale(image: Bytes, rng: np.random.Generator, severity: float) -> Bytes:
    height, width = image.shape[:2]
    factor = 0.85 - 0.4 * severity
    small = Image.fromarray(image).resize((round(width * factor), round(height * factor)), Image.Resampling.BILINEAR)
    return np.asarray(small.resize((width, height), Image.Resampling.BILINEAR))


def _colour_cast(image: Bytes, rng: np.random.Generator, severity: float) -> Bytes:
    gains = 1 + rng.uniform(-1, 1, 3) * (0.1 + 0.3 * severity)
    return _clip(image * gains)


def _lines(image: Bytes, rng: np.random.Generator, severity: float) -> Bytes:
    out = image.copy()
    rows = rng.integers(0, image.shape[0], 2 + int(8 * severity))
    out[rows] = out[rows] // 2 + 60
    return out


def _gaussian_blur(image: Bytes, rng: np.random.Generator, severity: float) -> Bytes:
    radius = (0.5 + 1.0 * severity) * image.shape[0] / 128
    return np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(radius)))


def _jpeg(image: Bytes, rng: np.random.Generator, severity: float) -> Bytes:
    with io.BytesIO() as buffer:
        Image.fromarray(image).save(buffer, "JPEG", quality=round(60 - 45 * severity))
        return np.asarray(Image.open(buffer).convert("RGB"))


def _fog(image: Bytes, rng: np.random.Generator, severity: float) -> Bytes:
    part = 0.2 + 0.4 * severity
    return _clip(image * (1 - part) + rng.uniform(190, 235) * part)


def _motion_blur(image: Bytes, rng: np.random.Generator, severity: float) -> Bytes:
    steps = max(2, round((2 + 4 * severity) * image.shape[0] / 128))
    axis = int(rng.integers(0, 2))
    padded = np.pad(
        image, [(steps // 2, steps - 1 - steps // 2) if a == axis else (0, 0) for a in range(3)], mode="edge"
    )
    length = image.shape[axis]
    total = np.zeros(image.shape, dtype=np.float32)
    for i in range(steps):
        total += padded[i : i + length] if axis == 0 else padded[:, i : i + length]
    return _clip(total / steps)


def _occluding_bar(image: Bytes, rng: np.random.Generator, severity: float) -> Bytes:
    out = image.copy()
    side = image.shape[0]
    width = max(2, round(side * (0.025 + 0.05 * severity)))
    start = int(rng.integers(0, side - width))
    bar = (
        (slice(start, start + width), slice(None)) if rng.random() < 0.5 else (slice(None), slice(start, start + width))
    )
    out[bar] = rng.integers(0, 256, 3)
    return out


def _rotation(image: Bytes, rng: np.random.Generator, severity: float) -> Bytes:
    angle = (3 + 9 * severity) * (1 if rng.random() < 0.5 else -1)
    edge = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]]).mean(axis=0)
    fill = (int(edge[0]), int(edge[1]), int(edge[2]))
    return np.asarray(Image.fromarray(image).rotate(angle, Image.Resampling.BICUBIC, fillcolor=fill))


TRAIN: dict[str, Corruption] = {
    "noise": _noise,
    "brightness": _brightness,
    "dropout": _dropout,
    "downscale": _downscale,
    "colour_cast": _colour_cast,
    "scan_lines": _lines,
}
ATTACK: dict[str, Corruption] = {
    "gaussian_blur": _gaussian_blur,
    "jpeg": _jpeg,
    "fog": _fog,
    "motion_blur": _motion_blur,
    "occluding_bar": _occluding_bar,
    "rotation": _rotation,
}


def corrupt(image: Image.Image, name: str, rng: np.random.Generator, severity: float) -> Image.Image:
    """The picture with one kind of damage."""
    return Image.fromarray({**TRAIN, **ATTACK}[name](np.asarray(image), rng, severity))
