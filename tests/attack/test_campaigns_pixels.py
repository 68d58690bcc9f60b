"""PGD: inside its ball and the pixel range, better than noise, the same as torchattacks', and its own doubts."""

from __future__ import annotations

import pytest
import torch
from proscribe.compiler.attack.whitebox.pgd_attack import PixelAttack, doubts, show, starts, still_rising, targets
from proscribe.compiler.attack.whitebox.support.gradient_inputs import Pixels, generator_of, pixel_range
from proscribe.compiler.attack.whitebox.support.pgd import Ascent, ascend, noise_like
from proscribe.compiler.attack.whitebox.support.trial_records import point
from proscribe.compiler.records.results import Series
from proscribe.compiler.world.cells import Cell
from torch import Tensor

from .tiny_ground import mini, tiny_ground

UNIT = Pixels(torch.zeros(3, 1, 1), torch.ones(3, 1, 1))


def test_on_a_slope_it_ends_in_the_corner_of_the_ball_or_of_the_range() -> None:
    draw = torch.Generator().manual_seed(0)
    start, slope = torch.rand(4, 3, 5, 5, generator=draw), torch.randn(3, 5, 5, generator=draw)
    eps = 0.1
    noise = noise_like(start, [torch.Generator().manual_seed(n) for n in range(4)])
    found = ascend(start, lambda x, rows: (x * slope).sum((1, 2, 3)), UNIT, eps, 10, noise, stop_at=None)
    torch.testing.assert_close(found.best_NCHW, (start + eps * slope.sign()).clamp(0, 1), atol=1e-6, rtol=0)
    assert (found.best_NCHW - start).abs().max() <= eps + 1e-6
    assert found.calls.tolist() == [11] * 4
    assert list(found.trace) == sorted(found.trace)


def test_a_start_that_is_through_is_left_alone() -> None:
    start = torch.full((2, 3, 2, 2), 0.5)
    offset = torch.tensor([1.0, -100.0])
    found = ascend(start, lambda x, rows: x.sum((1, 2, 3)) + offset[rows], UNIT, 0.1, 5, torch.zeros_like(start))
    assert found.calls.tolist() == [1, 6]
    assert torch.equal(found.best_NCHW[0], start[0])


def test_the_pixel_range_is_the_towers_own() -> None:
    pixels = pixel_range(mini())
    assert pixels.low_C11.flatten().tolist() == [-1.0] * 3
    assert pixels.unit_C11.flatten().tolist() == [2.0] * 3


def test_on_a_tower_it_stays_inside_and_beats_noise_of_the_same_size() -> None:
    ground = tiny_ground()
    probes = starts(ground, 3)
    x, pixels, eps = show(ground, probes), pixel_range(mini()), 2 / 255
    target = targets(ground)["picture"]
    draws = [generator_of("test", n) for n in range(3)]
    noise = noise_like(x, draws)
    found = ascend(x, target.objective, pixels, eps, 5, noise, stop_at=None)
    assert (found.best_NCHW - x).abs().max() <= 2 * eps + 1e-6
    assert found.best_NCHW.abs().max() <= 1.0
    noisy = target.choose(pixels.clamp(x + 2 * eps * noise.sign()))[2]
    after = target.choose(found.best_NCHW)[2]
    assert (after > noisy).all()
    torch.testing.assert_close(after, found.best_N, atol=1e-5, rtol=0)


def test_a_trial_is_found_again_from_its_record() -> None:
    ground = tiny_ground()
    campaign = PixelAttack(levels=(0.5, 8.0), steps=3, starts=2)
    findings = campaign.run(ground)
    assert len(findings.trials) == 2 * 2 * len(starts(ground, 2))
    assert len({trial.id for _, trial in findings.trials}) == len(findings.trials)
    for _, trial in findings.trials:
        again = campaign.again(ground, trial)
        assert ground.arena.universe.cells[int(again.guarded_K.argmax())] == Cell(*trial.guarded.cell)
        assert float(again.guarded_K.max()) == pytest.approx(trial.guarded.score, abs=1e-4)
        assert float(again.base_C.max()) == pytest.approx(trial.base.score, abs=1e-4)
        level, plain = float(trial.variant.removesuffix("/255")), show(ground, starts(ground, 2))
        assert again.pixels is not None
        nearest = ((plain + 1) / 2 - again.pixels).abs().amax((1, 2, 3)).min()
        assert 0 < nearest <= level / 255 + 1e-6, "a picture inside the ball, and not the start itself"
    tries = {(trial.variant, trial.tries) for _, trial in findings.trials}
    assert {number for _, number in tries} <= {1, 2, 3, 4}
    assert min(number for variant, number in tries if variant == "8/255") < 4, "what is through is not climbed on"
    untouched = [trial for _, trial in findings.trials if trial.towers == "picture"]
    assert {trial.variant for trial in untouched} == {"0.5/255", "8/255"}
    for curve in findings.curves:
        assert [series.name for series in curve.series] == ["guarded", "random", "one step", "transfer"]
        assert [p.x for p in curve.series[0].points] == [0.0, 0.5, 8.0]


def test_it_does_what_torchattacks_does() -> None:
    torchattacks = pytest.importorskip("torchattacks", reason="the extra `attacks` is not installed")
    torch.manual_seed(0)
    classes = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3), torch.nn.Tanh(), torch.nn.Flatten(), torch.nn.Linear(144, 5)
    )
    x, labels = torch.rand(6, 3, 8, 8), torch.arange(6) % 5
    reference = torchattacks.PGD(classes.eval(), eps=0.05, alpha=0.01, steps=8, random_start=False)(x, labels)

    def loss(inputs: Tensor, rows: Tensor) -> Tensor:
        return torch.nn.functional.cross_entropy(classes(inputs), labels[rows], reduction="none")

    found = ascend(x, loss, UNIT, 0.05, 8, torch.zeros_like(x), stride=0.01, stop_at=None)
    there = loss(reference, torch.arange(6)).detach()
    # Ours keeps the best input on the way, theirs the last.
    assert (found.best_N >= there - 1e-5).all()
    same = (found.best_N - there).abs() < 1e-5
    torch.testing.assert_close(found.best_NCHW[same], reference[same], atol=1e-6, rtol=0)
    assert int(same.sum()) >= 4


def series(*broke: list[int]) -> tuple[Series, ...]:
    names = ("guarded", "random", "one step", "transfer")
    return tuple(
        Series(name, tuple(point(x, k, 10) for x, k in zip((0.0, 1.0, 2.0, 4.0), ks, strict=True)))
        for name, ks in zip(names, broke, strict=True)
    )


def test_doubts_about_an_attack() -> None:
    sound = series([0, 2, 6, 10], [0, 0, 0, 1], [0, 1, 3, 6], [0, 0, 1, 2])
    assert doubts(sound, 0, 3, 10, 10) == ()
    assert "still rises at the end at 2 of 3" in doubts(sound, 2, 3, 10, 10)[0]
    assert "only 7 of 10" in doubts(sound, 0, 3, 7, 10)[0]
    noise = series([0, 2, 6, 10], [0, 0, 7, 1], [0, 1, 3, 6], [0, 0, 1, 2])
    assert doubts(noise, 0, 3, 10, 10) == ("random noise does better than PGD at 2/255",)
    single = series([0, 2, 6, 10], [0, 0, 0, 1], [0, 2, 6, 8], [0, 0, 1, 2])
    assert doubts(single, 0, 3, 10, 10) == ("one step does as well as many",)


@pytest.mark.parametrize(
    ("trace", "best", "rising"),
    [
        ((-1.0, -0.6, -0.3), -0.3, True),
        ((-1.0, -0.31, -0.3), -0.3, False),
        ((-1.0, -0.6, 0.3), 0.3, False),
        ((-1.0, -1.0, -1.0), -1.0, False),
    ],
)
def test_still_rising(trace: tuple[float, ...], best: float, rising: bool) -> None:
    assert still_rising(Ascent(torch.zeros(1, 3, 1, 1), torch.tensor([best]), trace, torch.ones(1).long())) is rising
