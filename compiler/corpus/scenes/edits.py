"""Changes to a finished picture that keep what it shows: cut, turned, made smaller, saved, framed, written upon.

Each takes an RGB square, an amount, a text and a seed, and gives a picture of the same size.
"""

from __future__ import annotations

import random
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont, ImageOps

from .canvas import RGB
from .standard_corruptions import saved

_PAPERS: tuple[RGB, ...] = ((244, 240, 230), (226, 232, 238), (236, 226, 214), (222, 230, 220), (208, 204, 214))
_FRAMES: tuple[RGB, ...] = ((132, 92, 60), (52, 48, 54), (176, 150, 96), (236, 236, 232), (84, 104, 96))
_INK: RGB = (28, 26, 32)
_MOST_LINES = 3
_LEAST_LETTERS_PX = 8


def crop(picture: Image.Image, share: float, text: str, seed: int) -> Image.Image:
    """A square of `share` of the side from anywhere, as large as the picture again."""
    side = picture.width
    kept = max(1, round(side * share))
    rng = random.Random(seed)
    x, y = round(rng.random() * (side - kept)), round(rng.random() * (side - kept))
    return picture.resize((side, side), Image.Resampling.BICUBIC, (x, y, x + kept, y + kept))


def flip(picture: Image.Image, amount: float, text: str, seed: int) -> Image.Image:
    """Left and right exchanged."""
    return ImageOps.mirror(picture)


def rotation(picture: Image.Image, degrees: float, text: str, seed: int) -> Image.Image:
    """Turned against the clock; corners take the colour of the picture's border."""
    return picture.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=border_colour(picture))


def scale(picture: Image.Image, factor: float, text: str, seed: int) -> Image.Image:
    """Larger (its middle is left) or smaller (in the middle of a sheet of its border's colour)."""
    side = picture.width
    if factor >= 1:
        margin = side * (1 - 1 / factor) / 2
        return picture.resize((side, side), Image.Resampling.BICUBIC, (margin, margin, side - margin, side - margin))
    small = max(1, round(side * factor))
    sheet = Image.new("RGB", picture.size, border_colour(picture))
    sheet.paste(picture.resize((small, small), Image.Resampling.LANCZOS), ((side - small) // 2, (side - small) // 2))
    return sheet


def jpeg_quality(picture: Image.Image, quality: float, text: str, seed: int) -> Image.Image:
    """Saved as a JPEG of this quality."""
    return saved(picture, round(quality))


def inset(picture: Image.Image, share: float, text: str, seed: int) -> Image.Image:
    """The whole picture, `share` as wide, somewhere on a larger sheet of paper, as a print on a page."""
    side, rng = picture.width, random.Random(seed)
    small = max(4, round(side * share))
    paper = rng.choice(_PAPERS)
    sheet = Image.new("RGB", picture.size, paper)
    x, y = round(rng.random() * (side - small)), round(rng.random() * (side - small))
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((x + 2, y + 2, x + small + 1, y + small + 1), fill=_darker(paper))
    sheet.paste(picture.resize((small, small), Image.Resampling.LANCZOS), (x, y))
    return sheet


def frame(picture: Image.Image, share: float, text: str, seed: int) -> Image.Image:
    """The whole picture inside a frame that is `share` of the side wide, with a pale mount."""
    side, rng = picture.width, random.Random(seed)
    width = max(1, round(side * share / 2))
    sheet = Image.new("RGB", picture.size, rng.choice(_FRAMES))
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((width, width, side - width - 1, side - width - 1), fill=rng.choice(_PAPERS))
    inner = max(1, side - 4 * width)
    sheet.paste(picture.resize((inner, inner), Image.Resampling.LANCZOS), ((side - inner) // 2, (side - inner) // 2))
    return sheet


def writing(picture: Image.Image, share: float, text: str, seed: int) -> Image.Image:
    """The text across the top or the bottom, letters `share` of the side high: on a strip, or with a rim of light.

    A text that is too long is written smaller, then cut off after three lines.
    """
    words = "".join(c if c.isprintable() else " " for c in text).split()
    if not words:
        return picture
    side, rng = picture.width, random.Random(seed)
    at_top, on_strip = rng.random() < 0.4, rng.random() < 0.5
    letters = max(_LEAST_LETTERS_PX, round(side * share))
    lines = _lines(words, letters, side)
    while len(lines) > _MOST_LINES and letters > _LEAST_LETTERS_PX:
        letters -= 1
        lines = _lines(words, letters, side)
    lines = lines[:_MOST_LINES]
    step = round(letters * 1.1)
    height = step * len(lines) + round(letters * 0.3)
    top = 0 if at_top else side - height
    out = picture.copy()
    if on_strip:
        strip = Image.new("RGB", (side, height), (250, 248, 240))
        out.paste(Image.blend(out.crop((0, top, side, top + height)), strip, 0.8), (0, top))
    pen = ImageDraw.Draw(out)
    rim = 0 if on_strip else max(1, round(letters / 9))
    for number, line in enumerate(lines):
        middle = (side / 2, top + step * (number + 0.5) + letters * 0.15)
        pen.text(middle, line, _INK, _font(letters), "mm", stroke_width=rim, stroke_fill=(255, 255, 250))
    return out


@lru_cache(maxsize=32)
def _font(letters: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(letters)


def _lines(words: list[str], letters: int, side: int) -> list[str]:
    """The words in lines that are no wider than the picture; a word that is too long stands alone."""
    font, most = _font(letters), side * 0.95
    lines = [words[0]]
    for word in words[1:]:
        longer = f"{lines[-1]} {word}"
        if font.getlength(longer) <= most:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def border_colour(picture: Image.Image) -> RGB:
    """The mean colour of the outermost pixels."""
    side = picture.width
    edges = ((0, 0, side, 1), (0, side - 1, side, side), (0, 0, 1, side), (side - 1, 0, side, side))
    sums = [0.0, 0.0, 0.0]
    for box in edges:
        pixel = picture.crop(box).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
        assert isinstance(pixel, tuple)
        sums = [total + part / len(edges) for total, part in zip(sums, pixel, strict=True)]
    return round(sums[0]), round(sums[1]), round(sums[2])


def _darker(colour: RGB) -> RGB:
    return colour[0] * 3 // 4, colour[1] * 3 // 4, colour[2] * 3 // 4
