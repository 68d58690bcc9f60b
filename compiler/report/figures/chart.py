"""Curves as inline SVG: lines with their intervals, each named where it ends, on axes with readable numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ...records.results import Curve, CurvePoint, Series
from ..words import number, percent, visible

_WIDTH, _HEIGHT = 440, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 42, 342, 14, 204
_LABEL_GAP = 14  # between the names at the ends of lines
_TICK_GAP = 38
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """From x to pixels; on a logarithmic axis nought stands a step before the smallest other value."""

    start: float
    end: float
    nought: float

    def at(self, x: float) -> float:
        """Pixels from the left; in the middle where there is only one x."""
        value = self._turned(x)
        width = self.end - self.start
        return _LEFT + 8 + (_RIGHT - _LEFT - 16) * ((value - self.start) / width if width > 0 else 0.5)

    def _turned(self, x: float) -> float:
        return math.log10(max(x, self.nought)) if self.nought else x


def scale_of(curve: Curve) -> Scale:
    """The scale on which every point of a curve has its place.

    >>> point = CurvePoint(8.0, 0.5, 0.4, 0.6, 100)
    >>> curve = Curve("pgd", "PGD", "epsilon", "breach rate", False, (Series("guarded", (point,)),), "")
    >>> scale_of(curve).at(8.0)
    192.0
    """
    xs = [p.x for s in curve.series for p in s.points]
    over = sorted({x for x in xs if x > 0})
    if not curve.x_log or not over:
        return Scale(min(xs, default=0.0), max(xs, default=1.0), 0.0)
    step = over[1] / over[0] if len(over) > 1 else 10.0
    nought = over[0] / step
    least = nought if min(xs) <= 0 else over[0]
    return Scale(math.log10(least), math.log10(over[-1]), nought)


def draw_curve(curve: Curve) -> Markup:
    """A line chart of 440 by 250 units; its label says in words what it shows."""
    scale = scale_of(curve)
    share = curve.y_name != "AUROC"
    parts = [_grid(scale, curve, share)]
    ends = _spread([(i, _y(s.points[-1].rate)) for i, s in enumerate(curve.series) if s.points])
    tones = _tones(curve.series)
    parts += [_line(tones[i], s, scale, ends[i]) for i, s in enumerate(curve.series) if s.points]
    label = f"{curve.title}: {curve.y_name} against {curve.x_name}. {curve.sentence}"
    return Markup('<svg class="chart" role="img" aria-label="{}" viewBox="0 0 {} {}">{}</svg>').format(
        visible(label), _WIDTH, _HEIGHT, Markup("").join(parts)
    )


def _y(rate: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * min(1.0, max(0.0, rate))


def _grid(scale: Scale, curve: Curve, share: bool) -> Markup:
    lines = Markup("").join(
        Markup('<path class="rule" d="M{} {:.1f}H{}"/><text x="{}" y="{:.1f}" text-anchor="end">{}</text>').format(
            _LEFT, _y(v), _RIGHT, _LEFT - 6, _y(v) + 4, percent(v).replace(".0%", "%") if share else number(v)
        )
        for v in _SHARES
    )
    ticks, last = [], -math.inf
    for x in sorted({p.x for s in curve.series for p in s.points}):
        if scale.at(x) - last >= _TICK_GAP:
            last = scale.at(x)
            ticks.append(
                Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(last, _BOTTOM + 17, number(x))
            )
    names = Markup('<text class="name" x="{}" y="{}" text-anchor="middle">{}</text>').format(
        (_LEFT + _RIGHT) / 2, _HEIGHT - 8, visible(curve.x_name)
    )
    return lines + Markup("").join(ticks) + names


def _tones(series: Sequence[Series]) -> list[int]:
    """Which colour and dash each line has: the guarded model's are the same in every chart."""
    others = iter(range(1, len(series) + 1))
    first = next((i for i, s in enumerate(series) if s.name == "guarded"), 0)
    return [0 if i == first else next(others) for i in range(len(series))]


def _line(tone: int, series: Series, scale: Scale, label_y: float) -> Markup:
    points = sorted(series.points, key=lambda p: p.x)
    line = _path([(scale.at(p.x), _y(p.rate)) for p in points])
    # Points of no length with round ends are dots, at a third of the bytes of circles.
    dots = "".join(f"M{scale.at(p.x):.1f} {_y(p.rate):.1f}h0" for p in points)
    return Markup(
        '<g class="l{}"><path class="band" d="{}"/><path class="line" d="{}"/><path class="dots" d="{}"/>'
        '<text x="{:.1f}" y="{:.1f}">{}</text></g>'
    ).format(min(tone, 4), _band(points, scale), line, dots, _RIGHT + 4, label_y + 4, visible(series.name))


def _band(points: Sequence[CurvePoint], scale: Scale) -> str:
    edge = [(scale.at(p.x), _y(p.high)) for p in points] + [(scale.at(p.x), _y(p.low)) for p in reversed(points)]
    return f"{_path(edge)}Z"


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _spread(ends: list[tuple[int, float]]) -> dict[int, float]:
    """Where each line's name stands: at its end, moved down where another name is there."""
    placed: dict[int, float] = {}
    last = -math.inf
    for index, y in sorted(ends, key=lambda pair: (pair[1], pair[0])):
        last = max(y, last + _LABEL_GAP)
        placed[index] = last
    # Too low after all: the whole column moves up.
    over = max(0.0, last - (_BOTTOM + 4))
    return {index: y - over for index, y in placed.items()}
