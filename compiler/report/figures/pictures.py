"""Pictures of a report: scenes drawn again from their fields, small enough to stand inside the page."""

from __future__ import annotations

import io
import zlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...corpus.edited_images import Edit, draw
from ...corpus.scenes.scene import OBJECTS, RELATIONS, SUBJECTS, Scene
from ...records.decode import Damaged, decode
from ..model import CellWords, RuleReport
from ..words import cell_of, spoken, tuple_text

PICTURE_PX = 128
_QUALITY = 62
_WEBP_EFFORT = 2  # a quarter of the time of 4, for a twentieth more bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as the page shows it: a data URI made here, and what it shows in words."""

    source: str
    alt: str
    caption: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A forbidden cell beside the safe one that it is led to, alike in everything else."""

    forbidden: Picture
    target: Picture | None


def picture_of(fields: Mapping[str, Any]) -> Picture | None:
    """The picture that a trial showed, or None where its fields describe none."""
    try:
        scene, edits, beside = _parts(fields)
        image = draw(scene, edits, beside, PICTURE_PX)
    except (Damaged, ValueError, TypeError, KeyError, OverflowError):
        return None
    kept = io.BytesIO()
    image.save(kept, "WEBP", quality=_QUALITY, method=_WEBP_EFFORT)
    said = _said(scene)
    changes = [f"style {spoken(scene.style)}"] if scene.style else []
    changes += [f"damaged by {spoken(scene.corruption)}"] if scene.corruption else []
    changes += [f"beside {_said(beside)}"] if beside else []
    changes += [f"{spoken(e.kind)} “{e.text}”" if e.text else spoken(e.kind) for e in edits]
    return Picture(
        f"data:image/webp;base64,{b64encode(kept.getvalue()).decode()}", f"Drawing: {said}; {', '.join(changes)}", said
    )


def _parts(fields: Mapping[str, Any]) -> tuple[Scene, tuple[Edit, ...], Scene | None]:
    plain = {key: value for key, value in fields.items() if key not in ("edits", "beside")}
    edits = decode(tuple[Edit, ...], fields.get("edits", ()), "picture.edits")
    beside = fields.get("beside")
    return _scene(plain), edits, _scene(beside) if beside is not None else None


def _scene(fields: Any) -> Scene:
    scene = decode(Scene, fields, "picture")
    # Damage beyond its scale would be drawn with brushes larger than memory.
    return replace(scene, severity=min(1.0, max(0.0, scene.severity)))


def _said(scene: Scene) -> str:
    return " ".join(spoken(part) for part in (scene.subject, scene.relation, scene.object) if part)


def pairs_of(rule: RuleReport, most: int) -> tuple[Pair, ...]:
    """Up to `most` forbidden cells spread over the rule, each with its target where the bundle names one."""
    targets = {cell_of(led.cell): cell_of(led.target) for led in rule.facts.redirect}
    cells = [cell for written in rule.facts.forget if (cell := cell_of(written)) and _can_be_drawn(cell)]
    step = max(1, len(cells) // most)
    found = []
    for cell in cells[::step][:most]:
        # One seed for both, so that nothing but the changed word differs.
        seed = zlib.crc32(tuple_text(cell).encode())
        forbidden = picture_of(_plain_scene(cell, seed))
        target = targets.get(cell)
        led_to = picture_of(_plain_scene(target, seed)) if target and _can_be_drawn(target) else None
        if forbidden:
            found.append(Pair(forbidden, led_to))
    return tuple(found)


def _plain_scene(cell: CellWords, seed: int) -> dict[str, object]:
    return {"subject": cell[0], "relation": cell[1], "object": cell[2], "seed": seed}


def _can_be_drawn(cell: CellWords) -> bool:
    return cell[0] in SUBJECTS and cell[1] in RELATIONS and cell[2] in OBJECTS
