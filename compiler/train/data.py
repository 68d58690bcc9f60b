"""What one rule's adapter is trained on, from its derived sets: forget items with targets, kept items as they are.

Only train forms, train sentence forms, train contexts, train styles and train corruptions are used here.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..corpus.captions import world_cells
from ..corpus.phrasebook import Phrasebook, speak
from ..corpus.scene_sets import POOL_VERSION, cell_of, gallery, part_gallery, train_pool, train_scene
from ..corpus.scenes.scene import Scene, render
from ..graph.derive import RuleSets
from ..records.cache import cached
from ..world.cells import SLOTS, Cell
from .composition import ForgetItems
from .cuts import Cut, State, embed, join
from .methods.redirect.boundary_points import Edge, find_edge, starts_of
from .methods.redirect.candidates import Choices, prototypes
from .methods.redirect.redirect_targets import Refuge, find_refuge, targets
from .settings import TrainSettings

PLAIN_ALLOWED = 4
Tick = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Pool:
    """Pictures every rule shares: scenes, their prefix states and the base's embeddings (n, d)."""

    scenes: tuple[Scene, ...]
    state: State
    base_ND: Tensor


@dataclass(frozen=True, slots=True)
class Shared:
    """What all rules of a run share for one backbone and phrasebook.

    `seen_CD` is the unit mean training picture of each of `caption_cells`, all cells of the built-in world.
    """

    pool: Pool
    gallery: Pool
    parts: Pool
    captions: tuple[str, ...]
    caption_cells: tuple[Cell, ...]
    caption_state: State
    caption_base_ND: Tensor
    seen_CD: Tensor
    refuge: Refuge


@dataclass(frozen=True, slots=True)
class TowerData:
    """One tower's items: what to forget, and what to hold where the base has it, with the cell of each kept item.

    `choices` are what an item picks among; `edge` holds points on both sides of what the base takes for the tuple,
    where the tower's cut lets them be found.
    """

    forget: ForgetItems
    keep: State
    keep_cells: tuple[Cell, ...]
    choices: Choices
    edge: Edge | None = None


def encode_scenes(cut: Cut, scenes: Sequence[Scene], tick: Tick, what: str, fast: bool = False) -> State:
    """Prefix states of the scenes' pictures, drawn and encoded a block at a time."""
    states = []
    for start in range(0, len(scenes), 128):
        block = scenes[start : start + 128]
        states.append(cut.picture_prefix([render(scene) for scene in block], fast))
        tick(what, min(start + 128, len(scenes)), len(scenes))
    return join(states)


def _pool(cut: Cut, fingerprint: str, name: str, scenes: tuple[Scene, ...], tick: Tick) -> Pool:
    def compute() -> dict[str, Tensor]:
        state = encode_scenes(cut, scenes, tick, f"encoding {len(scenes)} pictures ({name})", fast=name == "train")
        return {"hidden": state.hidden, "base": embed(cut.picture_tail, state)}

    found = cached("pictures", {"name": name, "fingerprint": fingerprint, "version": POOL_VERSION}, compute)
    return Pool(scenes, State(found["hidden"]), found["base"])


def gallery_pool(cut: Cut, fingerprint: str, tick: Tick) -> Pool:
    """The one picture of each world cell among which every attack chooses."""
    return _pool(cut, fingerprint, "gallery", gallery(), tick)


def prepare_shared(cut: Cut, fingerprint: str, book: Phrasebook, tick: Tick) -> Shared:
    """Pools from the cache or drawn now; the world's canonical captions; the two refuge directions."""
    pool = _pool(cut, fingerprint, "train", train_pool(), tick)
    fresh = gallery_pool(cut, fingerprint, tick)
    parts = _pool(cut, fingerprint, "parts", part_gallery(), tick)
    cells = world_cells()
    rng = random.Random("shared captions")
    texts = tuple(speak(cell, book, rng).text for cell in cells)
    state = cut.text_prefix(texts, fast=True)
    base = embed(cut.text_tail, state)
    number = {cell: i for i, cell in enumerate(cells)}
    whole = [i for i, scene in enumerate(pool.scenes) if cell_of(scene) in number]
    groups = torch.tensor([number[cell_of(pool.scenes[i])] for i in whole])
    seen_CD = prototypes(pool.base_ND[torch.tensor(whole)], groups, len(cells))
    return Shared(pool, fresh, parts, texts, cells, state, base, seen_CD, find_refuge(pool.base_ND, base))


def choose_redirects(sets: RuleSets, book: Phrasebook, cut: Cut) -> dict[Cell, Cell]:
    """Each forget cell's target: the rule's `instead`, else the nearest safe neighbour in the base's own space.

    Raises ValueError where a rule has neither.
    """
    chosen = {redirect.cell: redirect.target for redirect in sets.redirects}
    missing = [item.cell for item in sets.forget if item.cell not in chosen]
    if missing:
        candidates = [item.cell for item in (*sets.neighbours, *sets.allows) if item.changed != "roles"]
        if not candidates:
            raise ValueError(f"{sets.rule.id} has no safe neighbour to be led to; name one with `instead`")
        pictured = [cell for cell in candidates if book.shown(cell)] or candidates
        target_ND = embed(cut.text_tail, cut.text_prefix([book.canonical(cell) for cell in pictured]))
        own_ND = embed(cut.text_tail, cut.text_prefix([book.canonical(cell) for cell in missing]))
        best = (own_ND @ target_ND.T).argmax(1)
        chosen |= {cell: pictured[int(i)] for cell, i in zip(missing, best, strict=True)}
    return chosen


def near_cells(sets: RuleSets, book: Phrasebook) -> list[Cell]:
    """Every cell one slot away from the forget set that shows nothing of it, from all names the phrasebook knows.

    Other rules' forbidden cells are among them: under this rule alone they stay as they are, and so does this
    adapter when another rule changes.
    """
    own = forbidden_world(sets, book)
    forget = [item.cell for item in sets.forget]
    found: dict[Cell, None] = {}
    for cell in forget:
        for slot in SLOTS:
            for other_slot, name in sorted(book.entries.keys() - book.swapped):
                if other_slot == slot and name != cell.get(slot):
                    found.setdefault(cell.replaced(slot, name))
    return [cell for cell in found if cell not in set(forget) and own.isdisjoint(book.shown(cell))]


def relevant_allows(sets: RuleSets) -> list[Cell]:
    """Allowed cells that share at least one slot with the rule."""
    return [item.cell for item in sets.allows if item.distance <= 2]


def _text_keep_cells(sets: RuleSets, near: Sequence[Cell], settings: TrainSettings, rng: random.Random) -> list[Cell]:
    allows = relevant_allows(sets)
    marginals = [item.cell for item in sets.marginals]
    count = settings.neighbour_captions
    cells = rng.sample(near, min(count, len(near)))
    for pool, share in ((allows, 0.3), (marginals, 0.4)):
        cells += [rng.choice(pool) for _ in range(int(count * share))] if pool else []
    return cells


def _plain_cells(sets: RuleSets, near: Sequence[Cell], book: Phrasebook) -> list[Cell]:
    """Cells whose plain captions are held: pictures choose among those, so one that slips is lost for all its pictures.

    What the policy allows comes several times, also where it shares nothing with the rule.
    """
    own = forbidden_world(sets, book)
    beside = dict.fromkeys(shown for cell in near for shown in book.shown(cell))
    allowed = dict.fromkeys(shown for item in sets.allows for shown in book.shown(item.cell))
    return [cell for cell in [*beside, *list(allowed) * PLAIN_ALLOWED] if cell not in own]


def data_seed(sets: RuleSets, what: str, seed: int) -> str:
    """A seed that depends on what the rule forbids, not on its number or its wording."""
    return f"{what}/{seed}/" + "/".join(sorted(str(item.cell) for item in sets.forget))


def forget_texts(
    cut: Cut,
    book: Phrasebook,
    sets: RuleSets,
    redirects: dict[Cell, Cell],
    shared: Shared,
    settings: TrainSettings,
    seed: int,
) -> ForgetItems:
    """Forget captions, each led to the same sentence about its redirect."""
    rng = random.Random(data_seed(sets, "text", seed))
    forget = [item.cell for item in sets.forget]
    spoken = [speak(forget[i % len(forget)], book, rng, strewn=True) for i in range(settings.forget_captions)]
    led = [s.about(redirects[s.cell], book) for s in spoken]
    led_ND = embed(cut.text_tail, cut.text_prefix(led, fast=True))
    state = cut.text_prefix([s.text for s in spoken], fast=True)
    target_ND = targets(led_ND, shared.refuge.text_D, settings.redirect_share)
    return ForgetItems(state, target_ND, embed(cut.text_tail, state))


def text_data(
    cut: Cut,
    book: Phrasebook,
    sets: RuleSets,
    forget: ForgetItems,
    choices: Choices,
    shared: Shared,
    settings: TrainSettings,
    seed: int,
) -> TowerData:
    """Forget captions with their targets; kept captions of every other set and of the whole world."""
    rng = random.Random(data_seed(sets, "keep", seed))
    near = near_cells(sets, book)
    cells = _text_keep_cells(sets, near, settings, rng)
    said = [speak(cell, book, rng, strewn=True).text for cell in cells]
    plain = _plain_cells(sets, near, book)
    cells += plain
    state = cut.text_prefix([*said, *(book.canonical(cell) for cell in plain)], fast=True)
    safe = safe_rows(shared.caption_cells, sets, book)
    keep = join([state, shared.caption_state.rows(safe)])
    keep_cells = (*cells, *(shared.caption_cells[int(i)] for i in safe))
    # Without a search there is no picture of the tuple, so no edge of what the base takes for it.
    if not (choices.searches and cut.text_has_edge and settings.edge_captions):
        return TowerData(forget, keep, keep_cells, choices)
    # "drinking wine" says of no one that he drinks: only whole sentences are moved.
    whole = torch.tensor([i for i, cell in enumerate(keep_cells) if all(cell.get(slot) for slot in SLOTS)])
    draw = torch.Generator().manual_seed(seed)
    starts_NW = starts_of(cut.text_pool, keep.rows(whole), settings.edge_captions, draw)
    edge = find_edge(cut.text_head, starts_NW, choices.choice_CD, choices.forbidden_C, forget, draw)
    return TowerData(forget, keep, keep_cells, choices, edge)


def forbidden_world(sets: RuleSets, book: Phrasebook) -> frozenset[Cell]:
    """World cells whose pictures show a forget cell of the rule."""
    return frozenset(shown for item in sets.forget for shown in book.shown(item.cell))


def safe_rows(cells: Sequence[Cell], sets: RuleSets, book: Phrasebook) -> Tensor:
    own = forbidden_world(sets, book)
    return torch.tensor([i for i, cell in enumerate(cells) if cell not in own], dtype=torch.long)


def world_target(cell: Cell, shown: Cell, target: Cell, book: Phrasebook) -> Cell | None:
    """The world cell that a forbidden picture is led to: slots that the redirect changes, change; or None."""
    result = shown
    for slot in SLOTS:
        if target.get(slot) != cell.get(slot):
            leaves = book.forms(slot, target.get(slot)).shown
            if not leaves:
                return None
            result = result.replaced(slot, leaves[0])
    return result


def forget_pictures(
    cut: Cut,
    book: Phrasebook,
    sets: RuleSets,
    redirects: dict[Cell, Cell],
    shared: Shared,
    settings: TrainSettings,
    seed: int,
    tick: Tick,
) -> ForgetItems | None:
    """Forget pictures, each led to the same scene with the redirect in it; None where nothing can be drawn."""
    pairs = []
    for item in sets.forget:
        for shown in book.shown(item.cell):
            led = world_target(item.cell, shown, redirects[item.cell], book)
            if led is not None:
                pairs.append((shown, led))
    if not pairs:
        return None
    scenes, led_scenes = [], []
    for i in range(settings.forget_pictures):
        shown, led = pairs[i % len(pairs)]
        scene = train_scene(shown, "forget", seed, i)
        scenes.append(scene)
        led_scenes.append(replace(scene, subject=led.subject, relation=led.relation, object=led.object))
    what = f"{sets.rule.id}: encoding forbidden pictures"
    state = encode_scenes(cut, [*scenes, *led_scenes], tick, what, fast=True)
    n = len(scenes)
    led_ND = embed(cut.picture_tail, state.rows(torch.arange(n, 2 * n)))
    own = state.rows(torch.arange(n))
    target_ND = targets(led_ND, shared.refuge.picture_D, settings.redirect_share)
    return ForgetItems(own, target_ND, embed(cut.picture_tail, own))


def picture_data(
    cut: Cut,
    book: Phrasebook,
    sets: RuleSets,
    forget: ForgetItems,
    choices: Choices,
    shared: Shared,
    settings: TrainSettings,
    seed: int,
    tick: Tick,
) -> TowerData:
    """Forget pictures with their targets; kept pictures of neighbours, of what is allowed and of the whole world."""
    rng = random.Random(data_seed(sets, "pictures", seed))
    own = forbidden_world(sets, book)
    scenes: list[Scene] = []
    for name, near, count in (
        ("near", near_cells(sets, book), settings.neighbour_pictures),
        ("allowed", relevant_allows(sets), settings.allowed_pictures),
    ):
        worlds = [w for w in dict.fromkeys(world for cell in near for world in book.shown(cell)) if w not in own]
        rng.shuffle(worlds)
        scenes += [train_scene(worlds[i % len(worlds)], name, seed, i) for i in range(count if worlds else 0)]
    state = encode_scenes(cut, scenes, tick, f"{sets.rule.id}: encoding neighbouring pictures", fast=True)
    pool = [cell_of(scene) for scene in shared.pool.scenes]
    safe = safe_rows(pool, sets, book)
    cells = (*(cell_of(scene) for scene in scenes), *(pool[int(i)] for i in safe))
    keep = join([state, shared.pool.state.rows(safe)])
    return TowerData(forget, keep, cells, choices)
