"""Edited pictures: the same each time, of the right size, damaged more where more is asked for; odd records refused."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from PIL import Image
from proscribe.compiler.corpus.edited_images import AMOUNTS, MOST_EDITS, Edit, draw, draw_record, picture_record
from proscribe.compiler.corpus.scenes.edits import border_colour
from proscribe.compiler.corpus.scenes.scene import ATTACK_BACKGROUNDS, BACKGROUNDS, Scene, render
from proscribe.compiler.corpus.scenes.standard_corruptions import SEVERITIES, STANDARD, plasma

SCENE = Scene("child", "drinking", "wine", 3)
OTHER = Scene("man", "drinking", "juice", 12, "outlined")
SCENES = tuple(Scene("child", "drinking", "wine", seed, style) for seed, style in enumerate(("flat", "shaded") * 3))
MIDDLE = {"far": 0.6, "clutter": 4, "crop": 0.8, "rotation": 20, "scale": 0.7, "jpeg_quality": 40, "inset": 0.6,
          "frame": 0.1, "writing": 0.1}  # fmt: skip


def edit(kind: str, amount: float | None = None, seed: int = 5) -> Edit:
    text = "a child drinking wine" if kind == "writing" else ""
    return Edit(kind, MIDDLE.get(kind, 3 if kind in STANDARD else 0) if amount is None else amount, text, seed)


def pixels(scene: Scene, *edits: Edit, beside: Scene | None = None, px: int = 128) -> np.ndarray:
    return np.asarray(draw(scene, edits, beside, px)).astype(int)


def change(kind: str, amount: float) -> float:
    """Mean absolute change of a pixel from the clean pictures, 0 to 255."""
    return float(np.mean([np.abs(pixels(s, edit(kind, amount, s.seed)) - pixels(s)).mean() for s in SCENES]))


def test_a_scene_without_edits_is_the_scene() -> None:
    assert draw(SCENE).tobytes() == render(SCENE).tobytes()


@pytest.mark.parametrize("kind", AMOUNTS)
def test_every_edit_changes_the_picture_the_same_way_each_time(kind: str) -> None:
    clean = pixels(SCENE)
    shown = draw(SCENE, (edit(kind),))
    assert (shown.mode, shown.size) == ("RGB", (128, 128))
    assert np.abs(np.asarray(shown).astype(int) - clean).mean() > 0.5
    pixels(OTHER, edit(kind, seed=8))
    assert draw(SCENE, (edit(kind),)).tobytes() == shown.tobytes()
    assert draw(SCENE, (edit(kind),), px=160).size == (160, 160)


@pytest.mark.parametrize("kind", [k for k in AMOUNTS if k not in ("flip", "rotation", "scale", "jpeg_quality", "fog")])
def test_another_seed_is_another_change(kind: str) -> None:
    fixed = ("defocus_blur", "zoom_blur", "contrast", "brightness", "pixelate", "jpeg")
    same = (pixels(SCENE, edit(kind, seed=1)) == pixels(SCENE, edit(kind, seed=2))).all()
    assert bool(same) == (kind in fixed)


@pytest.mark.parametrize("kind", STANDARD)
def test_damage_grows_with_severity(kind: str) -> None:
    grown = [change(kind, severity) for severity in SEVERITIES]
    # In the paper's table fog gets rougher and not thicker from 3 to 4, and snow changes its grain from 2 to 3.
    slack = 0.97 if kind in ("fog", "snow") else 1.0
    assert all(more > less * slack for less, more in pairwise(grown)), grown
    assert grown[-1] > grown[0] * 1.2


@pytest.mark.parametrize(
    ("kind", "amounts"),
    [
        ("crop", (0.9, 0.8, 0.7)),
        ("rotation", (5, 10, 20, 30)),
        ("scale", (0.9, 0.75, 0.5)),
        ("jpeg_quality", (90, 70, 50, 30, 15)),
        ("inset", (0.9, 0.75, 0.6)),
        ("clutter", (1, 3, 6)),
    ],
)
def test_stronger_edits_change_more(kind: str, amounts: tuple[float, ...]) -> None:
    grown = [change(kind, amount) for amount in amounts]
    assert all(more > less for less, more in pairwise(grown)), grown


def test_flip_twice_is_the_picture() -> None:
    assert (pixels(SCENE, edit("flip"), edit("flip")) == pixels(SCENE)).all()
    assert (pixels(SCENE, edit("flip"))[:, ::-1] == pixels(SCENE)).all()


def test_edits_are_made_in_their_order() -> None:
    turned = pixels(SCENE, edit("rotation"), edit("flip"))
    assert (turned != pixels(SCENE, edit("flip"), edit("rotation"))).any()


def test_a_report_shows_the_pixels_that_the_attack_showed() -> None:
    """Noise is drawn at the attack's size and enlarged, not drawn anew."""
    noisy = (edit("gaussian_noise", 5),)
    seen = draw(SCENE, noisy)
    assert draw(SCENE, noisy, px=160).tobytes() == seen.resize((160, 160), Image.Resampling.BICUBIC).tobytes()


def test_writing_is_legible_and_stays_in_the_picture() -> None:
    ink = [(np.asarray(draw(replace(SCENE, seed=s), (edit("writing", 0.1, s),))) < 45).all(-1) for s in range(8)]
    for letters in ink:
        assert 60 < letters.sum() < 1500
    assert {bool(letters[:40].sum() > letters[-40:].sum()) for letters in ink} == {True, False}, "top or bottom"
    long = replace(edit("writing", 0.25), text="immeasurably " * 40)
    assert draw(SCENE, (long,)).size == (128, 128)
    assert (pixels(SCENE, replace(long, text=" \n\x00\x1b ")) == pixels(SCENE)).all()


def test_two_scenes_stand_side_by_side_before_one_place() -> None:
    both = pixels(SCENE, beside=OTHER)
    assert both.shape == (128, 128, 3)
    assert (both != pixels(SCENE)).any()
    # The upper corners show the place alone, which is the first scene's.
    assert (both[:6, :6] == pixels(SCENE)[:6, :6]).all()
    one_changed = pixels(SCENE, beside=replace(OTHER, object="wine"))
    halves = [(both != one_changed)[:, half].any() for half in (slice(0, 50), slice(78, 128))]
    assert sum(halves) == 1, "the other half stays"
    firsts = {
        bool((pixels(replace(SCENE, seed=s), beside=OTHER) != pixels(replace(SCENE, seed=s)))[:, :40].any())
        for s in range(6)
    }
    assert firsts == {True}
    with pytest.raises(ValueError, match="alone in its picture"):
        draw(SCENE, (edit("far"),), OTHER)


@pytest.mark.parametrize("place", ATTACK_BACKGROUNDS)
def test_places_of_attacks_are_their_own(place: str) -> None:
    assert place not in BACKGROUNDS
    drawn = pixels(replace(SCENE, background=place))
    assert all(np.abs(drawn - pixels(replace(SCENE, background=other))).mean() > 4 for other in BACKGROUNDS)


def test_chance_alone_never_draws_a_place_of_attacks() -> None:
    """What training draws has no place named; it must be one of the eight."""
    for seed in range(40):
        corner = pixels(Scene("cat", "eating", "cake", seed))[2:8, 2:8]
        assert any((corner == pixels(Scene("cat", "eating", "cake", seed, background=b))[2:8, 2:8]).all()
                   for b in BACKGROUNDS)  # fmt: skip


def test_plasma_wraps_and_fills_its_range() -> None:
    field = plasma(64, 2.0, np.random.Generator(np.random.PCG64(1)))
    assert (field.shape, float(field.min()), float(field.max())) == ((64, 64), 0.0, 1.0)
    assert np.abs(field - np.roll(field, 1, 0)).mean() < 0.08


def test_border_colour_is_the_borders() -> None:
    image = draw(SCENE).copy()
    image.paste((10, 200, 30), (0, 0, 128, 128))
    image.paste((255, 255, 255), (8, 8, 120, 120))
    assert border_colour(image) == (10, 200, 30)


EDITS = (Edit("clutter", 3, "", 2), Edit("writing", 0.1, "a child", 3), Edit("fog", 2, "", 4))


@pytest.mark.parametrize(("edits", "beside"), [((), None), (EDITS, None), (EDITS, OTHER), ((), OTHER)])
def test_a_record_survives_json_and_draws_the_same_pixels(edits: tuple[Edit, ...], beside: Scene | None) -> None:
    record = picture_record(SCENE, edits, beside)
    assert ("edits" in record, "beside" in record) == (bool(edits), beside is not None)
    again = json.loads(json.dumps(record))
    assert draw_record(again).tobytes() == draw(SCENE, edits, beside).tobytes()


PLAIN = picture_record(SCENE)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"edits": [{"kind": "melt"}]}, ValueError),
        ({"edits": [{"kind": "crop", "amount": float("nan")}]}, ValueError),
        ({"edits": [{"kind": "crop", "amount": "0.8"}]}, TypeError),
        ({"edits": [{"kind": "crop", "amount": True}]}, TypeError),
        ({"edits": [{"kind": "crop", "amount": 10**400}]}, TypeError),
        ({"edits": [{"kind": ["crop"]}]}, TypeError),
        ({"edits": [{"kind": "crop", "seed": 10**30}]}, ValueError),
        ({"edits": [{"kind": "crop", "strength": 1}]}, TypeError),
        ({"edits": [{}]}, TypeError),
        ({"edits": [{"kind": "writing", "text": 7}]}, TypeError),
        ({"edits": ["crop"]}, TypeError),
        ({"edits": "crop"}, TypeError),
        ({"edits": {"kind": "crop"}}, TypeError),
        ({"edits": [{"kind": "flip"}] * (MOST_EDITS + 1)}, ValueError),
        ({"beside": "man"}, TypeError),
        ({"beside": {"subject": "man"}}, TypeError),
        ({"beside": {**PLAIN, "object": "lava"}}, ValueError),
        ({"beside": {**PLAIN, "beside": PLAIN}}, TypeError),
        ({"subject": None}, TypeError),
        ({"subject": "../../x"}, ValueError),
        ({"seed": 1.5}, TypeError),
        ({"seed": 10**5000}, ValueError),
        ({"severity": float("inf")}, ValueError),
        ({"px": 100000}, TypeError),
    ],
)
def test_a_record_that_cannot_be_is_refused(fields: dict[str, Any], fault: type[Exception]) -> None:
    with pytest.raises(fault):
        draw_record({**PLAIN, **fields})


def test_a_record_without_its_scene_is_refused() -> None:
    with pytest.raises(TypeError):
        draw_record({"edits": [{"kind": "flip"}]})
    with pytest.raises(TypeError, match="expected an object"):
        draw_record([PLAIN])  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", AMOUNTS)
@pytest.mark.parametrize("amount", [-1e300, 1e300])
def test_amounts_are_drawn_at_the_end_of_their_range(kind: str, amount: float) -> None:
    record = {
        **PLAIN,
        "severity": amount,
        "corruption": "fog",
        "edits": [{"kind": kind, "amount": amount, "text": "x" * 9000}],
    }
    end = AMOUNTS[kind][amount > 0]
    started = time.process_time()
    image = draw_record(record)
    assert time.process_time() - started < 2
    plain = replace(SCENE, severity=float(amount > 0), corruption="fog")
    assert image.tobytes() == draw(plain, (Edit(kind, end, "x" * 9000),)).tobytes()


@pytest.mark.parametrize("kinds", [("crop", "rotation", "scale", "flip"), ("writing",), ("far", "clutter")], ids=str)
def test_speed(kinds: tuple[str, ...]) -> None:
    """The bar is 100 a second on a core; a plain scene takes about 2 ms of the 10."""
    for kind in kinds:
        draw(SCENE, (edit(kind),))
    start = time.process_time()
    for seed in range(60):
        draw(replace(SCENE, seed=seed), (edit(kinds[seed % len(kinds)], seed=seed),))
    assert 60 / (time.process_time() - start) >= 100
