"""Run one recorded trial again, exactly as it was judged: the whole universe's ranking, by base and guarded towers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from proscribe.runtime.apply import attach_adapters
from proscribe.runtime.backbone import Backbone
from proscribe.runtime.bundle import Bundle
from torch import Tensor

from ...corpus.captions import world_cells
from ...corpus.phrasebook import Phrasebook
from ...corpus.scene_sets import fresh_scene
from ...corpus.scenes.scene import render
from ...graph.derive import Derived, RuleSets
from ...records.results import Trial
from ...train.cuts import Cut, State, cut, embed
from ...train.data import Tick, forbidden_world, gallery_pool
from ...world.cells import Cell
from ..listed import row_of
from ..universe import world_captions
from .lookup import find_trial, kind_of
from .model_attack import replay_campaign
from .result import (
    SHOWN,
    NotReplayable,
    Ranked,
    Replayed,
    best_first,
    compared,
    is_off,
    name_of,
    outcome_of,
    picture_of,
)


def replay(bundle: Bundle, wanted: str, derived: Derived, book: Phrasebook, model: Backbone, tick: Tick) -> Replayed:
    """The trial of that id, judged again.

    LookupError where the bundle has no such trial, NotReplayable where this version cannot make it.
    """
    rule, trial = find_trial(bundle, wanted)
    row = row_of(trial.family)
    if row is not None and row.is_campaign:
        return replay_campaign(bundle, rule, trial, row, derived, book, model, tick)
    kind = kind_of(bundle, rule, trial.family)
    if kind != "black box":
        raise NotReplayable(f"{wanted}: this version knows no {kind} attack {trial.family!r}")
    sets = next(found for found in derived.rules if found.rule.id == rule)
    on = tuple(bundle.rules) if trial.stage == "all_on" else (rule,)
    guarded = attach_adapters(model, {a.rule: a for a in bundle.adapters if a.rule in on})
    stand = Stand(trial, sets, book, cut(model), cut(model, guarded.model), model.fingerprint, tick)
    # Which of the cell's pictures a sentence stood for is not recorded; the base's recorded answer tells it.
    worlds = _guesses(trial, book) if trial.direction != "text_to_text" else [None]
    world = worlds[0] if len(worlds) == 1 else min(worlds, key=lambda found: is_off(stand.base_best(found)[0], trial))
    base, after, asked, count = stand.judged(world)
    outcome = outcome_of(after[0])
    same, sentence = compared(trial, base[0], after, outcome)
    return Replayed(rule, trial, on, asked, count, base, after, outcome, same, sentence, picture_of(trial))


class Stand:
    """One trial with the towers that it was judged by. What its direction does not need is not encoded."""

    def __init__(
        self, trial: Trial, sets: RuleSets, book: Phrasebook, base: Cut, guarded: Cut, fingerprint: str, tick: Tick
    ) -> None:
        self.trial, self.sets, self.book, self.base, self.fingerprint, self.tick = (
            trial, sets, book, base, fingerprint, tick,
        )  # fmt: skip
        self.text = guarded if trial.towers in ("both", "text") else base
        self.picture = guarded if trial.towers in ("both", "picture") else base
        self.is_text = trial.modality == "text"
        self.to_picture = trial.direction == "text_to_picture"

    def judged(self, world: Cell | None) -> tuple[tuple[Ranked, ...], tuple[Ranked, ...], str, int]:
        """(the base's best, the guarded model's, what was asked, how many candidates), the probe taken for `world`."""
        if world is None:
            return self._among_captions()
        guarded = self._pair(self.text, self.picture, world)
        return self.base_best(world, SHOWN), guarded, self._asked(world), len(world_cells())

    def base_best(self, world: Cell | None, shown: int = 1) -> tuple[Ranked, ...]:
        """What the base's two towers pick."""
        assert world is not None
        return self._pair(self.base, self.base, world)[:shown]

    def _pair(self, text: Cut, picture: Cut, world: Cell) -> tuple[Ranked, ...]:
        """The ranking by one pair of towers, as trials.run_family has it."""
        cells = world_cells()
        candidates = self._candidates(text, picture)
        own = embed(text.text_tail if self.is_text else picture.picture_tail, self.probe)[0]
        if self.is_text == self.to_picture:
            return self._best(candidates @ own, cells, self._forbidden, -1)
        # The probe stands among the candidates, and what is asked is the cell's own picture or caption.
        if self.to_picture:
            query = embed(text.text_tail, self.base.text_prefix([self.book.canonical(world)]))[0]
        else:
            query = embed(picture.picture_tail, self.base.picture_prefix([render(fresh_scene(world))]))[0]
        at = cells.index(world)
        scores = candidates @ query
        scores[at] = own @ query
        return self._best(scores, cells, self._forbidden, at)

    @cached_property
    def probe(self) -> State:
        """The prefix of the attack's own sentence or picture."""
        shown = picture_of(self.trial)
        return self.base.text_prefix([self.trial.text]) if shown is None else self.base.picture_prefix([shown])

    @cached_property
    def _forbidden(self) -> list[bool]:
        forbidden = forbidden_world(self.sets, self.book)
        return [cell in forbidden for cell in world_cells()]

    def _among_captions(self) -> tuple[tuple[Ranked, ...], tuple[Ranked, ...], str, int]:
        """A cell that no picture shows: the policy's captions, as the base encodes them."""
        cells = self.sets.told_apart
        prefix = self.base.text_prefix([self.book.canonical(cell) for cell in cells])
        candidates = embed(self.base.text_tail, prefix)
        forget = {item.cell for item in self.sets.forget}
        inside = [cell in forget for cell in cells]
        base, guarded = (
            self._best(candidates @ embed(side.text_tail, self.probe)[0], cells, inside, -1)
            for side in (self.base, self.text)
        )
        return base, guarded, "which caption of the policy suits the attack's sentence?", len(cells)

    def _candidates(self, text: Cut, picture: Cut) -> Tensor:
        """(cells, d) the world's pictures or captions, by one pair of towers; worked out once a tower."""
        side = picture if self.to_picture else text
        if id(side) not in self._known:
            tail = side.picture_tail if self.to_picture else side.text_tail
            self._known[id(side)] = embed(tail, self._prefix)
        return self._known[id(side)]

    @cached_property
    def _known(self) -> dict[int, Tensor]:
        return {}

    @cached_property
    def _prefix(self) -> State:
        """The world's pictures or captions; both are kept on disk for the next replay."""
        if self.to_picture:
            return gallery_pool(self.base, self.fingerprint, self.tick).state
        return world_captions(self.base, self.fingerprint, self.book, world_cells(), self.tick)

    def _best(self, scores_C: Tensor, cells: Sequence[Cell], forbidden: Sequence[bool], at: int) -> tuple[Ranked, ...]:
        found = []
        for i in best_first(scores_C):
            caption = self.trial.text if i == at and self.is_text else self.book.canonical(cells[i])
            found.append(Ranked(name_of(cells[i]), caption, round(float(scores_C[i]), 4), forbidden[i], i == at))
        return tuple(found)

    def _asked(self, world: Cell) -> str:
        own = "sentence" if self.is_text else "picture"
        other = "picture" if self.to_picture else "sentence"
        if self.is_text == self.to_picture:
            return f"which {other} of the world suits the attack's {own}?"
        asked = self.book.canonical(world)
        what = f'the caption "{asked}"' if other == "picture" else f"a plain picture of {asked}"
        return f"which {other} of the world, the attack's own among them, suits {what}?"


def _guesses(trial: Trial, book: Phrasebook) -> list[Cell | None]:
    """The world cells whose place the probe may have taken."""
    shown = list(book.shown(Cell(*trial.cell)))
    if trial.picture is not None:
        own = [trial.picture.get(slot) for slot in ("subject", "relation", "object")]
        shown.insert(0, Cell(*map(str, own)))
    known = set(world_cells())
    found: list[Cell | None] = [cell for cell in dict.fromkeys(shown) if cell in known]
    if not found:
        raise NotReplayable(f"{trial.id}: this version's world shows no picture of {' '.join(trial.cell)}")
    # Where the probe asks, its own place is not part of the question.
    asks = (trial.modality == "text") == (trial.direction == "text_to_picture")
    return found[:1] if asks else found
