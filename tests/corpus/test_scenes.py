"""The renderer's promises: the same everywhere, one slot changes only itself, every cell can be drawn."""

import hashlib
import itertools
import random
import time

import numpy as np
import pytest
from proscribe.compiler.corpus.scenes.scene import (
    ATTACK_CORRUPTIONS,
    ATTACK_STYLES,
    BACKGROUNDS,
    OBJECTS,
    RELATIONS,
    SELECT_STYLES,
    SUBJECTS,
    TRAIN_CORRUPTIONS,
    TRAIN_STYLES,
    Scene,
    render,
)

ALL_STYLES = TRAIN_STYLES + SELECT_STYLES + ATTACK_STYLES


def pixels(scene: Scene, px: int = 128) -> np.ndarray:
    return np.asarray(render(scene, px)).astype(int)


def test_world_has_its_names() -> None:
    assert (len(SUBJECTS), len(RELATIONS), len(OBJECTS), len(BACKGROUNDS)) == (10, 10, 32, 8)
    assert len(set(OBJECTS)) == 32
    assert SUBJECTS[:3] == ("toddler", "child", "teenager")
    assert {"pointing_at", "sitting_next_to"} <= set(RELATIONS)


def test_style_and_corruption_splits_share_nothing() -> None:
    for one, other in itertools.combinations((TRAIN_STYLES, SELECT_STYLES, ATTACK_STYLES), 2):
        assert not set(one) & set(other)
    assert not set(TRAIN_CORRUPTIONS) & set(ATTACK_CORRUPTIONS)
    assert len(TRAIN_STYLES) >= 8
    assert len(SELECT_STYLES) == 2
    assert len(ATTACK_STYLES) >= 3


@pytest.mark.parametrize("style", ALL_STYLES)
def test_same_scene_same_pixels_whatever_was_drawn_before(style: str) -> None:
    scene = Scene("child", "drinking", "wine", 7, style)
    first = render(scene).tobytes()
    render(Scene("dog", "riding", "car", 8, style))
    assert render(scene).tobytes() == first


def test_other_seeds_give_other_pictures() -> None:
    digests = {hashlib.sha256(render(Scene("cat", "eating", "cake", seed)).tobytes()).digest() for seed in range(20)}
    assert len(digests) == 20


@pytest.mark.parametrize(
    ("changed", "most"),
    [
        (Scene("child", "drinking", "juice", 3), 0.2),
        (Scene("man", "drinking", "wine", 3), 0.5),
        (Scene("child", "holding", "wine", 3), 0.6),
    ],
)
def test_changing_one_slot_keeps_the_rest(changed: Scene, most: float) -> None:
    before, after = pixels(Scene("child", "drinking", "wine", 3)), pixels(changed)
    differs = (np.abs(before - after) > 8).any(axis=-1)
    assert 0.01 < differs.mean() < most
    # The corners show the background alone: one place for both.
    assert not differs[:6, :6].any()
    assert not differs[:6, -6:].any()


def test_sample_of_all_cells_renders() -> None:
    cells = list(itertools.product(SUBJECTS, RELATIONS, OBJECTS))
    for seed, cell in enumerate(random.Random(0).sample(cells, 320)):
        image = render(Scene(*cell, seed, ALL_STYLES[seed % len(ALL_STYLES)]), 64)
        assert image.mode == "RGB"
        assert image.size == (64, 64)


@pytest.mark.parametrize("name", OBJECTS)
def test_object_is_seen_in_every_relation(name: str) -> None:
    """An object that the figure hid or the border cut would change few pixels against another object."""
    other = "ball" if name != "ball" else "sword"
    for relation in RELATIONS:
        one, two = (pixels(Scene("man", relation, word, 11, "grey"), 128) for word in (name, other))
        assert (np.abs(one - two).max(axis=-1) > 16).sum() > 150, relation


@pytest.mark.parametrize(("subject", "object_"), [("child", ""), ("", "wine"), ("child", "wine")])
def test_parts_without_relation(subject: str, object_: str) -> None:
    for seed in range(5):
        assert pixels(Scene(subject, "", object_, seed)).std() > 5


@pytest.mark.parametrize("name", TRAIN_CORRUPTIONS + ATTACK_CORRUPTIONS)
def test_corruption_damages_but_keeps_the_picture(name: str) -> None:
    clean = pixels(Scene("woman", "pouring", "milk", 5))
    for severity in (0.0, 0.5, 1.0):
        scene = Scene("woman", "pouring", "milk", 5, corruption=name, severity=severity)
        damaged = pixels(scene)
        assert damaged.shape == clean.shape
        assert 0 < np.abs(damaged - clean).mean() < 110
        assert render(scene).tobytes() == render(scene).tobytes()


@pytest.mark.parametrize(
    ("scene", "word", "allowed"),
    [
        (Scene("ghost", "drinking", "wine", 0), "ghost", "toddler"),
        (Scene("child", "sniffing", "wine", 0), "sniffing", "pointing_at"),
        (Scene("child", "drinking", "mead", 0), "mead", "whisky"),
        (Scene("child", "drinking", "wine", 0, "cubist"), "cubist", "chalkboard"),
        (Scene("child", "drinking", "wine", 0, background="mars"), "mars", "beach"),
        (Scene("child", "drinking", "wine", 0, corruption="melt"), "melt", "jpeg"),
    ],
)
def test_unknown_name_is_refused_with_the_allowed_ones(scene: Scene, word: str, allowed: str) -> None:
    with pytest.raises(ValueError, match=word) as caught:
        render(scene)
    assert allowed in str(caught.value)


@pytest.mark.parametrize(
    "scene", [Scene("", "", "", 0), Scene("child", "drinking", "", 0), Scene("", "eating", "cake", 0)]
)
def test_scene_with_too_little_is_refused(scene: Scene) -> None:
    with pytest.raises(ValueError, match="needs a subject"):
        render(scene)


def test_speed() -> None:
    """The bar is 500 a second on a free core; a busy machine must still reach 150."""
    rng = random.Random(2)
    scenes = [
        Scene(rng.choice(SUBJECTS), rng.choice(RELATIONS), rng.choice(OBJECTS), seed, rng.choice(ALL_STYLES))
        for seed in range(200)
    ]
    for scene in scenes[:100]:
        render(scene)
    start = time.process_time()
    for scene in scenes:
        render(scene)
    assert len(scenes) / (time.process_time() - start) >= 150
