"""Which styles, damages and seeds the shared pictures are drawn with."""

from __future__ import annotations

import random

from proscribe.compiler.corpus.captions import world_cells
from proscribe.compiler.corpus.scene_sets import (
    GALLERY_STYLES,
    PART_PICTURES,
    cell_of,
    damaged_scene,
    fresh_scene,
    gallery,
    part_cells,
    part_gallery,
    stable_seed,
    styled_scene,
    train_pool,
    train_scene,
)
from proscribe.compiler.corpus.scenes.scene import (
    ATTACK_CORRUPTIONS,
    ATTACK_STYLES,
    SELECT_STYLES,
    TRAIN_CORRUPTIONS,
    TRAIN_STYLES,
)

CELLS = random.Random(0).sample(world_cells(), 150)


def test_the_renderer_keeps_its_splits_apart() -> None:
    styles = [*TRAIN_STYLES, *SELECT_STYLES, *ATTACK_STYLES]
    damages = [*TRAIN_CORRUPTIONS, *ATTACK_CORRUPTIONS]
    assert len(styles) == len(set(styles))
    assert len(damages) == len(set(damages))
    assert set(GALLERY_STYLES) <= set(TRAIN_STYLES), "a gallery picture is plain: only its seed is new"


def test_training_pictures_use_training_styles_and_damages_only() -> None:
    scenes = [train_scene(cell, "test", n) for n, cell in enumerate(CELLS * 4)]
    assert {scene.style for scene in scenes} == set(TRAIN_STYLES)
    assert {scene.corruption for scene in scenes} == {"", *TRAIN_CORRUPTIONS}
    damaged = sum(bool(scene.corruption) for scene in scenes) / len(scenes)
    assert 0.15 < damaged < 0.35
    assert [cell_of(scene) for scene in scenes] == CELLS * 4


def test_styled_pictures_use_attack_styles_only() -> None:
    scenes = [styled_scene(cell, n) for n, cell in enumerate(CELLS)]
    assert {scene.style for scene in scenes} == set(ATTACK_STYLES)
    assert {scene.corruption for scene in scenes} == {""}


def test_damaged_pictures_use_mild_attack_damages_only() -> None:
    scenes = [damaged_scene(cell, n) for n, cell in enumerate(CELLS)]
    assert {scene.corruption for scene in scenes} == set(ATTACK_CORRUPTIONS)
    assert {scene.style for scene in scenes} <= set(GALLERY_STYLES)
    assert all(0.1 <= scene.severity <= 0.5 for scene in scenes)


def test_the_same_call_draws_the_same_scene_and_another_salt_another() -> None:
    for draw in (train_scene, fresh_scene, styled_scene, damaged_scene):
        assert draw(CELLS[0], "a", 1) == draw(CELLS[0], "a", 1)
        assert draw(CELLS[0], "a", 1) != draw(CELLS[0], "a", 2)
        assert draw(CELLS[0], "a", 1).seed != draw(CELLS[1], "a", 1).seed


def test_pools_are_complete_in_order_and_the_same_each_time() -> None:
    world = world_cells()
    pool, fresh, parts = train_pool(), gallery(), part_gallery()
    assert [cell_of(scene) for scene in fresh] == list(world)
    assert [cell_of(scene) for scene in pool[: len(world)]] == list(world)
    assert len(pool) == len(world) + PART_PICTURES * len(part_cells())
    assert [cell_of(scene) for scene in parts[::PART_PICTURES]] == list(part_cells())
    assert (pool, fresh, parts) == (train_pool(), gallery(), part_gallery())
    assert len(set(parts)) == len(parts)


def test_galleries_share_no_picture_with_training() -> None:
    seen = {(cell_of(scene), scene.seed) for scene in train_pool()}
    assert seen.isdisjoint((cell_of(scene), scene.seed) for scene in (*gallery(), *part_gallery()))


def test_a_stable_seed_is_the_same_on_every_machine() -> None:
    assert stable_seed("a", 1) == stable_seed("a", 1) == 1999778475
    assert stable_seed("a", 1) != stable_seed("a", 2)
