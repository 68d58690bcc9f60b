"""Small pictures of numbers, drawn in percent of their own width so that they fit a phone and a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from ...records.results import Status

_NICE_ENDS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Axis:
    """The shares at the two ends of a bar and the limit that the policy sets."""

    start: float
    end: float
    limit: float

    def at(self, share: float) -> float:
        """Where a share lies, in percent of the width, kept inside."""
        return 100 * min(1.0, max(0.0, (share - self.start) / (self.end - self.start)))


def breach_axis(highs: list[float], limit: float) -> Axis:
    """From nothing to a round share that holds every interval and shows the limit with room around it.

    >>> breach_axis([0.031, 0.12], 0.05).end
    0.2
    """
    needed = max([limit * 1.6, *highs])
    return Axis(0.0, next((end for end in _NICE_ENDS if end >= needed), 1.0), limit)


def kept_axis(lows: list[float], limit: float) -> Axis:
    """From a round share below every interval up to everything."""
    needed = max([1 - limit, *(1 - low for low in lows)]) * 1.1
    return Axis(1 - next((end for end in _NICE_ENDS if end >= needed), 1.0), 1.0, limit)


def interval_bar(
    low: float, value: float, high: float, axis: Axis, status: Status | Literal["evidence"], label: str
) -> Markup:
    """A dot with its interval, and the limit as a dashed line; `label` says the same in words."""
    return Markup(
        '<svg class="bar s-{status}" role="img" aria-label="{label}" width="100%" height="22">'
        '<line class="rail" x1="0%" x2="100%" y1="11" y2="11"/>'
        '<line class="limit" x1="{limit:.2f}%" x2="{limit:.2f}%" y1="1" y2="21"/>'
        '<line class="span" x1="{low:.2f}%" x2="{high:.2f}%" y1="11" y2="11"/>'
        '<circle class="dot" cx="{value:.2f}%" cy="11" r="4.5"/></svg>'
    ).format(
        status=status,
        label=label,
        limit=axis.at(axis.limit),
        low=axis.at(low),
        high=axis.at(high),
        value=axis.at(value),
    )
