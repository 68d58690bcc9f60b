"""Where a picture is cut: what is left has to show the tuple."""

from __future__ import annotations

import pytest
from PIL import Image, ImageStat
from proscribe.compiler.attack.families.family import Probe, probes
from proscribe.compiler.attack.families.geometry import Geometry
from proscribe.compiler.corpus.phrasebook import Phrasebook, build_phrasebook
from proscribe.compiler.corpus.scenes.edits import crop
from proscribe.compiler.corpus.scenes.scene import extent
from proscribe.compiler.pipeline import loads
from proscribe.compiler.world.cells import Cell


@pytest.fixture(scope="module")
def book() -> Phrasebook:
    derived, _ = loads("forbid child -drinking-> wine; forbid child -throwing-> gun; forbid child -pointing_at-> gun")
    assert derived is not None
    return build_phrasebook(derived, 0)


def kept(probe: Probe) -> float:
    """How much of the box around who and what is drawn a cut leaves, against what one of its size can leave at most."""
    assert probe.scene is not None
    (edit,) = probe.edits
    left, top, right, bottom = (round(side) for side in extent(probe.scene))
    drawn = Image.new("L", (128, 128))
    drawn.paste(255, (left, top, right, bottom))
    share = edit.amount
    after = ImageStat.Stat(crop(drawn, share, "", edit.seed)).mean[0] * share * share
    most = min(1.0, 128 * share / (right - left)) * min(1.0, 128 * share / (bottom - top))
    return after / ImageStat.Stat(drawn).mean[0] / most


@pytest.mark.parametrize("relation", ["drinking", "throwing", "pointing_at"])
def test_a_cut_keeps_who_and_what(relation: str, book: Phrasebook) -> None:
    cell = Cell("child", relation, "wine" if relation == "drinking" else "gun")
    cuts = [p for p in probes(Geometry(), (cell,), book, 160, seed=0) if p.variant.startswith("crop")]
    assert len(cuts) >= 24
    assert len({p.edits for p in cuts}) == len(cuts)
    assert min(kept(p) for p in cuts) > 0.85


def test_a_wide_scene_is_cut_near_its_middle(book: Phrasebook) -> None:
    """Either rim may go, neither half."""
    cuts = [
        p
        for p in probes(Geometry(), (Cell("child", "pointing_at", "gun"),), book, 480, seed=1)
        if p.variant == "crop/70%"
    ]
    assert len(cuts) >= 24
    for p in cuts:
        assert p.scene is not None
        left, _, right, _ = extent(p.scene)
        ramp = Image.linear_gradient("L").rotate(90).resize((128, 128))  # grey by the place, left to right
        middle = ImageStat.Stat(crop(ramp, 0.7, "", p.edits[0].seed)).mean[0] / 2
        assert abs(middle - (left + right) / 2) < 14
