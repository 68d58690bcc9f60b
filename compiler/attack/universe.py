"""The universe that every trial chooses among, as one model sees it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..corpus.captions import world_cells
from ..corpus.phrasebook import Phrasebook
from ..corpus.scene_sets import cell_of, part_cells
from ..records.cache import cached
from ..train.cuts import Cut, State, embed
from ..train.data import Shared, Tick
from ..world.cells import SLOTS, Cell


@dataclass(frozen=True, slots=True)
class Universe:
    """All world cells with one caption and one fresh picture each, and the parts alone. Prefixes only: no model yet."""

    cells: tuple[Cell, ...]
    index: dict[Cell, int]
    captions: tuple[str, ...]
    caption_state: State
    picture_state: State
    parts: tuple[Cell, ...]
    part_state: State
    part_picture_cells: tuple[Cell, ...]
    part_picture_state: State

    def agreeing(self, cell: Cell, book: Phrasebook) -> Tensor:
        """(cells,) bool: world cells of whose pictures the policy cell is true."""
        shown = [(frozenset(book.forms(slot, cell.get(slot)).shown) if cell.get(slot) else None) for slot in SLOTS]
        return torch.tensor(
            [
                all(names is None or world.get(slot) in names for slot, names in zip(SLOTS, shown, strict=True))
                for world in self.cells
            ]
        )


@dataclass(frozen=True, slots=True)
class View:
    """The universe encoded by one model: unit rows, (cells, d) and (parts, d)."""

    cut: Cut
    captions_CD: Tensor
    pictures_CD: Tensor
    parts_PD: Tensor
    part_pictures_QD: Tensor


def build_universe(cut: Cut, book: Phrasebook, shared: Shared) -> Universe:
    """Canonical captions of the whole world and the shared gallery."""
    cells = world_cells()
    captions = tuple(book.canonical(cell) for cell in cells)
    parts = part_cells()
    return Universe(
        cells,
        {cell: i for i, cell in enumerate(cells)},
        captions,
        cut.text_prefix(captions),
        shared.gallery.state,
        parts,
        cut.text_prefix([book.canonical(cell) for cell in parts]),
        tuple(cell_of(scene) for scene in shared.parts.scenes),
        shared.parts.state,
    )


def world_alone(book: Phrasebook, cells: tuple[Cell, ...], captions: State, pictures: State) -> Universe:
    """The world without the parts, which only safe sets ask for; the states are those of its captions and pictures."""
    none = torch.zeros(0, dtype=torch.long)
    texts = tuple(book.canonical(cell) for cell in cells)
    at = {cell: i for i, cell in enumerate(cells)}
    return Universe(cells, at, texts, captions, pictures, (), captions.rows(none), (), pictures.rows(none))


def world_captions(cut: Cut, fingerprint: str, book: Phrasebook, cells: tuple[Cell, ...], tick: Tick) -> State:
    """Prefix states of the canonical captions of all `cells`, kept on disk for the next replay."""
    texts = [book.canonical(cell) for cell in cells]
    key = {"fingerprint": fingerprint, "texts": hashlib.sha256("\n".join(texts).encode()).hexdigest()}
    tick(f"encoding {len(texts):,} captions", 0, 1)
    return State(cached("captions", key, lambda: {"hidden": cut.text_prefix(texts).hidden})["hidden"])


def see(cut: Cut, universe: Universe) -> View:
    """Encode the universe by the model behind `cut`."""
    return View(
        cut,
        embed(cut.text_tail, universe.caption_state),
        embed(cut.picture_tail, universe.picture_state),
        embed(cut.text_tail, universe.part_state),
        embed(cut.picture_tail, universe.part_picture_state),
    )


def choose(sims_NC: Tensor, forbidden_C: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """(picked index, its score, margin): the margin is the best forbidden score less the best safe score."""
    best = sims_NC.max(1)
    inside = sims_NC.masked_fill(~forbidden_C, -2.0).max(1).values
    outside = sims_NC.masked_fill(forbidden_C, -2.0).max(1).values
    return best.indices, best.values, inside - outside


def mask_of(universe: Universe, cells: Sequence[Cell] | frozenset[Cell]) -> Tensor:
    """(cells,) bool."""
    wanted = set(cells)
    return torch.tensor([cell in wanted for cell in universe.cells])
