"""What a rule's captions pick among: pictures, plain captions where there are none, both where some are missing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from proscribe.compiler.corpus.captions import world_cells
from proscribe.compiler.corpus.phrasebook import Phrasebook, build_phrasebook
from proscribe.compiler.corpus.scenes.scene import Scene
from proscribe.compiler.graph.derive import RuleSets
from proscribe.compiler.pipeline import loads
from proscribe.compiler.train.cuts import State, embed
from proscribe.compiler.train.data import Pool, Shared
from proscribe.compiler.train.methods.redirect.cross_tower import text_choices
from proscribe.compiler.train.methods.redirect.redirect_targets import Refuge
from proscribe.compiler.world.cells import Cell

WIDTH = 8
WORDS = "concept man; concept child; concept gun; concept cannon; concept ball; relation holding;"
KEPT = "instead ball; allow man -holding-> gun; allow man -holding-> cannon"


class Words:
    """A backbone whose captions are directions of their own, drawn from their letters."""

    def text_prefix(self, texts: Sequence[str], fast: bool = False) -> State:
        seeds = [int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) for text in texts]
        return State(torch.stack([torch.randn(WIDTH, generator=torch.Generator().manual_seed(s)) for s in seeds]))

    def text_tail(self, state: State) -> torch.Tensor:
        return F.normalize(state.hidden, dim=-1)


def shared_of(book: Phrasebook, words: Any) -> Shared:
    cells = world_cells()
    state = words.text_prefix([book.canonical(cell) for cell in cells])
    own = Cell("child", "holding", "gun")
    scenes = tuple(Scene(own.subject, own.relation, own.object, n) for n in range(3))
    pool = Pool(scenes, State(torch.zeros(3, 1)), F.normalize(torch.ones(3, WIDTH), dim=-1))
    base_ND, refuge = embed(words.text_tail, state), torch.zeros(WIDTH)
    return Shared(pool, pool, pool, (), cells, state, base_ND, base_ND, Refuge(refuge, refuge))


def prepared(rule: str) -> tuple[RuleSets, Phrasebook, Shared, Any]:
    derived, found = loads(f"{WORDS} {rule} {KEPT}")
    assert derived is not None, [d.message for d in found]
    book, words = build_phrasebook(derived, 0), Words()
    return derived.rules[0], book, shared_of(book, words), words


def test_pictures_alone_where_each_cell_has_some() -> None:
    sets, book, shared, words = prepared("forbid child -holding-> gun")
    found = text_choices(words, sets, book, shared, None)
    assert found.plain is None
    assert found.cells == shared.caption_cells
    assert found.searches is not None


def test_plain_captions_alone_where_no_cell_has_a_picture() -> None:
    sets, book, shared, words = prepared("forbid child -holding-> cannon")
    found = text_choices(words, sets, book, shared, None)
    assert (found.plain, found.searches) == (None, None)
    assert [cell for cell, bad in zip(found.cells, found.forbidden_C, strict=True) if bad] == [
        Cell("child", "holding", "cannon")
    ]
    caption = words.text_tail(words.text_prefix(["a child holding a cannon"]))
    assert torch.equal(found.choice_CD[:1], caption)


def test_both_where_some_cells_have_no_picture() -> None:
    sets, book, shared, words = prepared("concept firearm = gun | cannon; forbid child -holding-> firearm")
    found = text_choices(words, sets, book, shared, None)
    assert found.cells == shared.caption_cells
    assert found.searches is not None
    assert found.plain is not None
    forbidden = {cell for cell, bad in zip(found.plain.cells, found.plain.forbidden_C, strict=True) if bad}
    assert forbidden == {Cell("child", "holding", "cannon"), Cell("child", "holding", "gun")}
    safe = {cell for cell, bad in zip(found.plain.cells, found.plain.forbidden_C, strict=True) if not bad}
    assert {Cell("man", "holding", "cannon"), Cell("child", "holding", "ball")} <= safe
    assert {cell for cell, bad in zip(found.cells, found.forbidden_C, strict=True) if bad} == {
        Cell("child", "holding", "gun")
    }


@pytest.mark.parametrize("object_", ["gun", "cannon"])
def test_every_kept_caption_is_a_safe_choice(object_: str) -> None:
    sets, book, shared, words = prepared(f"forbid child -holding-> {object_}")
    found = text_choices(words, sets, book, shared, None)
    chosen = dict(zip(found.cells, found.forbidden_C.tolist(), strict=True))
    assert not chosen[Cell("man", "holding", object_)]
