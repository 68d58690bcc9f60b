"""What the attack on one rule works on: the arena that all rules share, and the rule's own probes, sets and views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from proscribe.runtime.apply import Guarded, attach_adapters
from proscribe.runtime.backbone import Backbone
from torch import Tensor

from ..corpus.edited_images import draw
from ..corpus.phrasebook import Phrasebook
from ..corpus.scenes.scene import Scene
from ..graph.derive import Derived, RuleSets
from ..records.results import RedirectResult, Stage, Towers
from ..train.cuts import Cut, State, cut, embed, join
from ..train.data import Shared, Tick, encode_scenes, forbidden_world
from ..world.cells import Cell
from .binding import binding_negatives
from .families.family import Family, FittedFamily, Probe, SparingFamily, probes
from .listed import Listed, load_family
from .retention import SafeSet, prepare_sets
from .trials import TOWERS, Loaded, TextUniverse
from .trials import load_family as load_probes
from .universe import Universe, View, build_universe, mask_of, see
from .whitebox.model_attack import Ground

PICTURES_AT_ONCE = 128
BINDING_PICTURES = 120


@dataclass(frozen=True, slots=True)
class Arena:
    """What every rule's attack shares: the base as it sees the universe, and the policy around it."""

    backbone: Backbone
    base_cut: Cut
    book: Phrasebook
    derived: Derived
    universe: Universe
    base: View
    forbidden: dict[str, frozenset[Cell]]
    seed: int
    tick: Tick

    @property
    def forbidden_by_any(self) -> frozenset[Cell]:
        """The world cells that some rule of the policy forbids, whether or not it is attacked."""
        return frozenset().union(*self.forbidden.values())

    @property
    def tag(self) -> str:
        """Stands in the ids of trials that were drawn with another seed than the bundle's."""
        return "" if self.seed == self.book.seed else f"s{self.seed}-"

    def encode(self, scenes: Sequence[Scene]) -> State:
        """Prefix states of pictures; the prefix is the same under every rule."""
        return encode_scenes(self.base_cut, scenes, self.tick, "encoding attack pictures")

    def encode_probes(self, found: Sequence[Probe]) -> State:
        """Prefix states of the probes' pictures, as they are shown: edited, or two scenes in one."""
        states = []
        for start in range(0, len(found), PICTURES_AT_ONCE):
            block = found[start : start + PICTURES_AT_ONCE]
            pictures = [draw(p.scene, p.edits, p.beside) for p in block if p.scene is not None]
            states.append(self.base_cut.picture_prefix(pictures))
            self.tick("encoding attack pictures", min(start + PICTURES_AT_ONCE, len(found)), len(found))
        return join(states)

    def view(self, guarded: Guarded) -> View:
        """The universe as a guarded model sees it."""
        return see(cut(self.backbone, guarded.model), self.universe)

    def load(self, family: Family, cells: tuple[Cell, ...], count: int) -> Loaded | None:
        """The family's probes of these cells, ready for any model; None where it has nothing to say of them."""
        if isinstance(family, FittedFamily):
            family = family.fitted(self.base_cut, cells, self.book, self.seed)
        if isinstance(family, SparingFamily):
            family = family.sparing(self.forbidden_by_any)
        found = probes(family, cells, self.book, count, self.seed)
        return load_probes(self.base_cut, family, found, self.universe, self.encode_probes) if found else None


def open_arena(backbone: Backbone, derived: Derived, book: Phrasebook, shared: Shared, seed: int, tick: Tick) -> Arena:
    """Encode the universe by the base once."""
    base_cut = cut(backbone)
    universe = build_universe(base_cut, book, shared)
    forbidden = {sets.rule.id: forbidden_world(sets, book) for sets in derived.rules}
    return Arena(backbone, base_cut, book, derived, universe, see(base_cut, universe), forbidden, seed, tick)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What campaigns are told of a rule: its sets, the captions of its cells without pictures, its settings."""

    sets: RuleSets
    texts: TextUniverse | None
    towers: tuple[Towers, ...]


class RuleGround:
    """One rule under attack. What its attacks share is worked out when the first of them asks for it."""

    def __init__(self, arena: Arena, sets: RuleSets, adapters: Mapping[str, Path]) -> None:
        self.arena = arena
        self.sets = sets
        self.adapters = adapters
        self.cells = tuple(item.cell for item in sets.forget)

    @property
    def rule(self) -> str:
        """The rule's id."""
        return self.sets.rule.id

    @cached_property
    def unseen(self) -> tuple[Cell, ...]:
        """Forbidden cells that no picture shows."""
        return tuple(cell for cell in self.cells if not self.arena.book.shown(cell))

    @property
    def towers(self) -> tuple[Towers, ...]:
        """The settings in which the rule can be tested."""
        return TOWERS if len(self.unseen) < len(self.cells) else ("text",)

    @cached_property
    def guarded(self) -> Guarded:
        """The backbone under this rule alone."""
        return attach_adapters(self.arena.backbone, {self.rule: self.adapters[self.rule]})

    @cached_property
    def alone(self) -> View:
        """The universe under this rule alone."""
        return self.arena.view(self.guarded)

    @cached_property
    def forbidden_C(self) -> Tensor:
        """(cells,) bool: what the rule forbids of the universe."""
        return mask_of(self.arena.universe, self.arena.forbidden[self.rule])

    @cached_property
    def texts(self) -> TextUniverse | None:
        """The captions among which cells without pictures are told apart; None where there are no such cells."""
        return _text_universe(self.arena, self.sets) if self.unseen else None

    @cached_property
    def binding(self) -> State:
        """Pictures of two safe tuples side by side; none where nothing can be drawn. Safe under every rule."""
        arena = self.arena
        found = binding_negatives(self.cells, arena.book, BINDING_PICTURES, arena.seed, arena.forbidden_by_any)
        return arena.encode_probes(found) if found else State(torch.zeros(0))

    @cached_property
    def safe(self) -> tuple[SafeSet, ...]:
        """What must not be lost."""
        arena = self.arena
        return prepare_sets(
            arena.base_cut, self.sets, arena.book, arena.universe, arena.forbidden_by_any, arena.encode, arena.seed
        )

    @property
    def for_campaigns(self) -> Ground:
        """What campaigns start from."""
        prepared = Prepared(self.sets, self.texts, self.towers)
        return Ground(
            self.arena, prepared, self.guarded, self.alone, self.forbidden_C, self.adapters, self.arena.seed
        )  # fmt: skip

    def probes(self, row: Listed) -> Loaded | None:
        """A family's probes."""
        self.arena.tick(f"{self.rule}: preparing {row.name} attacks", 0, 1)
        return self.arena.load(load_family(row), self.cells, row.trials)


def _text_universe(arena: Arena, sets: RuleSets) -> TextUniverse:
    forget = [item.cell for item in sets.forget]
    cells = sets.told_apart
    captions = [arena.book.canonical(cell) for cell in cells]
    base = embed(arena.base_cut.text_tail, arena.base_cut.text_prefix(captions))
    return TextUniverse(cells, base, torch.tensor([cell in set(forget) for cell in cells]))


def measure_redirect(ground: RuleGround, guarded: View, redirects: Mapping[Cell, Cell]) -> RedirectResult | None:
    """Where the canonical forbidden captions land among the pictures, both towers guarded."""
    arena = ground.arena
    asked = [cell for cell in ground.cells if arena.book.shown(cell)]
    if not asked:
        return None
    texts = [arena.book.canonical(cell) for cell in asked]
    query = embed(guarded.cut.text_tail, guarded.cut.text_prefix(texts))
    picked = [arena.universe.cells[int(i)] for i in (query @ guarded.pictures_CD.T).argmax(1)]
    on_target = sum(world in arena.book.shown(redirects[cell]) for cell, world in zip(asked, picked, strict=True))
    safe = sum(world not in arena.forbidden[ground.rule] for world in picked)
    targets = ", ".join(dict.fromkeys(arena.book.canonical(redirects[cell]) for cell in asked))
    return RedirectResult(len(asked), on_target / len(asked), safe / len(asked), targets)


def stages_of(adapters: Mapping[str, Path]) -> tuple[Stage, ...]:
    """This rule alone, and with all others where there are others."""
    return ("alone", "all_on") if len(adapters) > 1 else ("alone",)
