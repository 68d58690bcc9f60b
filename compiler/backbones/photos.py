"""Photos with captions from a folder of `*.jsonl` lists and tar files; only ever read, never copied into a product."""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image


@dataclass(frozen=True, slots=True)
class Photo:
    """One picture, still encoded, and what people said of it."""

    name: str
    encoded: bytes
    captions: tuple[str, ...]

    def open(self, px: int) -> Image.Image:
        """The picture as RGB, px by px."""
        return Image.open(io.BytesIO(self.encoded)).convert("RGB").resize((px, px), Image.Resampling.BICUBIC)


def load_photos(folder: Path, part: str) -> tuple[Photo, ...]:
    """The photos of `part` ("train" or "dev") in the list's order; () where the folder is absent."""
    listing = folder / f"{part}.jsonl"
    if not listing.is_file():
        return ()
    captions = {row["image"]: tuple(row["captions"]) for row in map(json.loads, listing.read_text().splitlines())}
    encoded: dict[str, bytes] = {}
    for path in sorted(folder.glob(f"{part}*.tar")):
        with tarfile.open(path) as archive:
            for member in archive:
                stream = archive.extractfile(member)
                name = Path(member.name).name
                if stream is not None and name in captions:
                    encoded[name] = stream.read()
    return tuple(Photo(name, encoded[name], captions[name]) for name in captions if name in encoded)
