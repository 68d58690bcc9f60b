"""A picture as an attack shows it: a scene, perhaps with a second one in its other half, perhaps edited afterwards."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from typing import Any, TypeVar

from PIL import Image

from .scenes import edits as by
from .scenes.canvas import WHOLE, Spot
from .scenes.clutter import strew
from .scenes.figures import GROUND
from .scenes.scene import Scene, compose, extent, render
from .scenes.standard_corruptions import STANDARD, corrupt_standard

SHOWN_PX = 128  # edits to finished pixels are made at the size that every attack is drawn at
MOST_EDITS = 8
MOST_LETTERS = 120

_HALF = 62.0  # units of the picture that each of two scenes may be wide
_LARGEST_OF_TWO = 0.9
_Change = Callable[[Image.Image, float, str, int], Image.Image]


@dataclass(frozen=True, slots=True)
class Edit:
    """One change to a drawn picture. `amount` is the edit's own strength, `text` what it writes, `seed` its chance.

    Of kinds "far" (a scene alone) and "clutter" the scene itself is drawn otherwise, wherever they stand among the
    edits.
    """

    kind: str
    amount: float = 0.0
    text: str = ""
    seed: int = 0


_Made = TypeVar("_Made", Scene, Edit)

# What each kind's amount may be; what lies outside is drawn at the nearer end.
AMOUNTS: dict[str, tuple[float, float]] = {
    "far": (0.4, 1.0),  # size of the scene beside the picture
    "clutter": (0, 10),  # things
    "crop": (0.3, 1.0),  # share of the side that is kept
    "flip": (0, 0),
    "rotation": (-180, 180),  # degrees
    "scale": (0.3, 2.0),
    "jpeg_quality": (1, 95),
    "inset": (0.3, 1.0),  # share of the sheet's side
    "frame": (0.02, 0.3),  # share of the side, mount included
    "writing": (0.05, 0.25),  # height of the letters, share of the side
    **dict.fromkeys(STANDARD, (1, 5)),  # severity
}
_CHANGES: dict[str, _Change] = {
    "crop": by.crop,
    "flip": by.flip,
    "rotation": by.rotation,
    "scale": by.scale,
    "jpeg_quality": by.jpeg_quality,
    "inset": by.inset,
    "frame": by.frame,
    "writing": by.writing,
}


def picture_record(scene: Scene, edits: tuple[Edit, ...] = (), beside: Scene | None = None) -> dict[str, Any]:
    """JSON-ready fields of a trial's picture; "edits" and "beside" are left out where there are none."""
    record: dict[str, Any] = asdict(scene)
    if edits:
        record["edits"] = [asdict(edit) for edit in edits]
    if beside is not None:
        record["beside"] = asdict(beside)
    return record


def draw_record(record: Mapping[str, Any], px: int = 128) -> Image.Image:
    """The picture of a trial's record, the same pixels each time.

    TypeError or ValueError for fields that it cannot be; amounts and severities outside their range are drawn at its
    nearer end, and texts are cut off, since a record comes from a file.
    """
    plain = {key: value for key, value in _mapping(record, "picture").items() if key not in ("edits", "beside")}
    written, beside = record.get("edits") or (), record.get("beside")
    if not isinstance(written, list | tuple):
        raise TypeError(f"picture.edits: expected a list, found {_short(written)}")
    if len(written) > MOST_EDITS:
        raise ValueError(f"picture.edits: at most {MOST_EDITS} edits can be drawn, found {len(written)}")
    edits = tuple(_made(Edit, edit, f"picture.edits[{n}]") for n, edit in enumerate(written))
    scene = _scene(plain, "picture")
    return draw(scene, edits, None if beside is None else _scene(beside, "picture.beside"), px)


def draw(scene: Scene, edits: tuple[Edit, ...] = (), beside: Scene | None = None, px: int = 128) -> Image.Image:
    """RGB, px by px. ValueError for a scene or an edit that is not known.

    A picture whose finished pixels are edited is drawn and edited at SHOWN_PX, then brought to px, so that it shows
    what the attack showed whatever its size.
    """
    for edit in edits:
        if edit.kind not in AMOUNTS:
            raise ValueError(f"no edit {_short(edit.kind)} is known; write one of: {', '.join(AMOUNTS)}")
    edits = tuple(replace(edit, amount=_within(edit), text=edit.text[:MOST_LETTERS]) for edit in edits)
    changes = [edit for edit in edits if edit.kind not in ("far", "clutter")]
    picture = _staged(scene, edits, beside, SHOWN_PX if changes else px)
    for edit in changes:
        if edit.kind in STANDARD:
            picture = corrupt_standard(picture, edit.kind, round(edit.amount), edit.seed % 2**64)
        else:
            picture = _CHANGES[edit.kind](picture, edit.amount, edit.text, edit.seed)
    return picture if picture.width == px else picture.resize((px, px), Image.Resampling.BICUBIC)


def _staged(scene: Scene, edits: tuple[Edit, ...], beside: Scene | None, px: int) -> Image.Image:
    """One or two scenes on one ground before one place, smaller or among other things where an edit says so."""
    spot, things = WHOLE, None
    for edit in edits:
        if edit.kind == "far":
            spot = _far_spot(edit)
        elif edit.kind == "clutter":
            things = partial(strew, count=round(edit.amount), seed=edit.seed)
    if beside is not None:
        if spot != WHOLE:
            raise ValueError("far: only a scene that is alone in its picture can be drawn smaller")
        # Which is left and which is right is the first scene's chance.
        left_first = random.Random(f"{scene.seed}:halves").random() < 0.5
        both = (scene, beside) if left_first else (beside, scene)
        spots = tuple(_half_spot(one, middle) for one, middle in zip(both, (32.0, 96.0), strict=True))
        return compose((scene, beside), spots if left_first else spots[::-1], px, things)
    return render(scene, px) if spot == WHOLE and things is None else compose((scene,), (spot,), px, things)


def _half_spot(scene: Scene, middle: float) -> Spot:
    """As large as the half around `middle` can hold what is drawn, with its feet on the ground."""
    left, _, right, _ = extent(scene)
    zoom = min(_LARGEST_OF_TWO, _HALF / (right - left))
    return Spot(middle - (left + right) / 2 * zoom, GROUND * (1 - zoom), zoom)


def _far_spot(edit: Edit) -> Spot:
    """Anywhere on the ground: the smaller, the more places there are."""
    rng = random.Random(f"{edit.seed}:far")
    free = 128 * (1 - edit.amount)
    feet = GROUND - rng.random() * 12 * (1 - edit.amount)
    return Spot(free * rng.random(), feet - GROUND * edit.amount, edit.amount)


def _within(edit: Edit) -> float:
    low, high = AMOUNTS[edit.kind]
    if not math.isfinite(edit.amount):
        raise ValueError(f"{edit.kind}: its amount is {edit.amount}, no number that can be drawn")
    return min(high, max(low, edit.amount))


def _scene(value: object, place: str) -> Scene:
    scene = _made(Scene, value, place)
    # Damage beyond its scale would be drawn with brushes larger than memory.
    return replace(scene, severity=min(1.0, max(0.0, scene.severity)))


def _made(kind: type[_Made], value: object, place: str) -> _Made:
    """The dataclass of these fields, each of the type that it should have."""
    given = _mapping(value, place)
    known = {field.name: field.type for field in fields(kind)}
    if strange := [key for key in given if key not in known]:
        raise TypeError(f"{place}: no field is called {_short(strange[0])}")
    good: dict[str, Any] = {}
    for key, found in given.items():
        # A class, or its name where the module postpones annotations.
        wanted = str(getattr(known[key], "__name__", known[key]))
        if wanted == "float" and type(found) is int and abs(found) < 2**53:
            found = float(found)
        if type(found).__name__ != wanted:
            raise TypeError(f"{place}.{key}: expected {wanted}, found {_short(found)}")
        if isinstance(found, float) and not math.isfinite(found):
            raise ValueError(f"{place}.{key}: {found} is no number that can be drawn")
        if isinstance(found, int) and abs(found) >= 2**63:
            raise ValueError(f"{place}.{key}: {_short(found)} is out of range")
        good[key] = found
    return kind(**good)


def _mapping(value: object, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"{place}: expected an object, found {_short(value)}")
    return value


def _short(value: object) -> str:
    shown = f"a number of {value.bit_length()} bits" if isinstance(value, int) else ascii(value)
    return shown if len(shown) <= 60 else shown[:60] + "..."
