"""A picture as an attack shows it: a scene, perhaps with a second one in its other half, perhaps edited afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from PIL import Image

from .scenes import Scene, render


@dataclass(frozen=True, slots=True)
class Edit:
    """One change to a drawn picture. `amount` is the edit's own strength, `text` what it writes, `seed` its chance."""

    kind: str
    amount: float = 0.0
    text: str = ""
    seed: int = 0


def picture_record(scene: Scene, edits: tuple[Edit, ...] = (), beside: Scene | None = None) -> dict[str, Any]:
    """JSON-ready fields of a trial's picture; "edits" and "beside" are left out where there are none."""
    record: dict[str, Any] = asdict(scene)
    if edits:
        record["edits"] = [asdict(edit) for edit in edits]
    if beside is not None:
        record["beside"] = asdict(beside)
    return record


def draw_record(record: Mapping[str, Any], px: int = 128) -> Image.Image:
    """The picture of a trial's record, the same pixels each time. TypeError or ValueError for fields it cannot be."""
    fields = dict(record)
    edits = tuple(Edit(**edit) for edit in fields.pop("edits", ()))
    beside = fields.pop("beside", None)
    return draw(Scene(**fields), edits, Scene(**beside) if beside else None, px)


def draw(scene: Scene, edits: tuple[Edit, ...] = (), beside: Scene | None = None, px: int = 128) -> Image.Image:
    """RGB, px by px."""
    if edits or beside is not None:
        raise ValueError(f"no edit of this kind is known: {[edit.kind for edit in edits] or 'beside'}")
    return render(scene, px)
