"""Where the two towers meet: what a rule's captions pick among and are looked for by, and its pictures likewise."""

from __future__ import annotations

import random

import torch

from ....corpus.phrasebook import Phrasebook, speak
from ....corpus.scene_sets import cell_of
from ....graph.derive import RuleSets
from ...composition import ForgetItems
from ...cuts import Cut, embed
from ...data import Shared, data_seed, forbidden_world, near_cells, safe_rows
from .candidates import Choices, searches

CAPTIONS_OF_FORBIDDEN = 7
# Of the other tower's forget items, led to their targets: what a guarded tower looks for.
LED_QUERIES = 480


def text_choices(cut: Cut, sets: RuleSets, book: Phrasebook, shared: Shared, pictures: ForgetItems | None) -> Choices:
    """One mean training picture a world cell; forbidden pictures, as they are and as they are led, look for captions.

    `pictures` is None where none can be led to the redirect: then those of the pool look, as they are. Where no picture
    shows what the rule forbids, plain captions stand for pictures and nothing looks; where none shows some of it, there
    are both.
    """
    own = forbidden_world(sets, book)
    drawn = [bool(book.shown(item.cell)) for item in sets.forget]
    plain = None if all(drawn) else _plain_choices(cut, sets, book)
    if plain and not own:
        return plain
    if pictures is None:
        query_QD = shared.pool.base_ND[torch.tensor([cell_of(scene) in own for scene in shared.pool.scenes])]
    else:
        query_QD = torch.cat([pictures.base_ND, pictures.target_ND[:LED_QUERIES]])
    safe_ND = shared.caption_base_ND[safe_rows(shared.caption_cells, sets, book)]
    forbidden_C = torch.tensor([cell in own for cell in shared.caption_cells])
    return Choices(shared.caption_cells, shared.seen_CD, forbidden_C, searches(query_QD, safe_ND), plain)


def _plain_choices(cut: Cut, sets: RuleSets, book: Phrasebook) -> Choices:
    """The plain captions of what the rule forbids and of everything one slot away."""
    forget = list(dict.fromkeys(item.cell for item in sets.forget))
    cells = (*forget, *near_cells(sets, book))
    choice_CD = embed(cut.text_tail, cut.text_prefix([book.canonical(cell) for cell in cells], fast=True))
    return Choices(cells, choice_CD, torch.arange(len(cells)) < len(forget))


def picture_choices(cut: Cut, sets: RuleSets, book: Phrasebook, shared: Shared, texts: ForgetItems) -> Choices:
    """The shared caption of each world cell, and more of each forbidden one; those and led ones look for pictures."""
    own = forbidden_world(sets, book)
    forbidden = sorted(own, key=str)
    rng = random.Random(data_seed(sets, "choices", 0))
    said = [book.canonical(cell) for cell in forbidden]
    said += [speak(cell, book, rng).text for cell in forbidden for _ in range(CAPTIONS_OF_FORBIDDEN)]
    more_ND = embed(cut.text_tail, cut.text_prefix(said, fast=True))
    cells = (*shared.caption_cells, *forbidden, *(c for c in forbidden for _ in range(CAPTIONS_OF_FORBIDDEN)))
    choice_ND = torch.cat([shared.caption_base_ND, more_ND])
    safe = safe_rows([cell_of(scene) for scene in shared.pool.scenes], sets, book)
    looking = searches(torch.cat([more_ND, texts.target_ND[:LED_QUERIES]]), shared.pool.base_ND[safe])
    return Choices(cells, choice_ND, torch.tensor([cell in own for cell in cells]), looking)
