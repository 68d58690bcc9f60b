"""What the comparison of two bundles found: plain, JSON-ready data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..records.results import Modality, Stage, Status, Towers

Measure = Literal["breach", "retention", "overblock"]
Finding = Literal["regression", "improvement", "no difference"]
Q_MAX = 0.05


@dataclass(frozen=True, slots=True)
class Row:
    """One measure of one rule in one setting, in both bundles; rates are shares in 0..1.

    `name` is the family of attacks, or the set that had to be kept. Where `paired`, both counts of trials are the
    number of shared probes, `worse` of which only NEW got wrong, and `better` only OLD. `q` is p after
    Benjamini-Hochberg over all rows; `smallest` the smallest change that so many pairs find with 80 % power.
    `gates` is False where a breach is evidence and no fault against `require`.
    """

    rule: str
    was: str
    measure: Measure
    name: str
    modality: Modality | None
    towers: Towers
    stage: Stage
    gates: bool
    paired: bool
    trials_old: int
    trials_new: int
    old: float
    new: float
    worse: int
    better: int
    p: float
    q: float
    smallest: float | None

    @property
    def worse_by(self) -> float:
        """How much worse NEW is, in points: more breaches or blocked items, or fewer items kept."""
        return 100 * ((self.old - self.new) if self.measure == "retention" else (self.new - self.old))

    @property
    def finding(self) -> Finding:
        """Significant and worse, significant and better, or neither."""
        if self.q > Q_MAX or self.worse_by == 0:
            return "no difference"
        return "regression" if self.worse_by > 0 else "improvement"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A matched rule's verdict in both bundles; `changed` says in a word or two what else of the rule changed."""

    rule: str
    was: str
    old: Status
    new: Status
    changed: str


@dataclass(frozen=True, slots=True)
class Only:
    """A rule, or a measure of a matched rule, that one bundle alone has."""

    side: Literal["old", "new"]
    what: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """All rows, and what keeps them from being compared as they stand."""

    old: str
    new: str
    notes: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    rows: tuple[Row, ...]
    only: tuple[Only, ...]

    def found(self, finding: Finding) -> tuple[Row, ...]:
        """Rows of one kind, the smallest q first."""
        return tuple(
            sorted((r for r in self.rows if r.finding == finding), key=lambda r: (not r.gates, r.q, -abs(r.worse_by)))
        )

    @property
    def regressed(self) -> bool:
        """True where something that counts for a verdict is significantly worse."""
        return any(row.gates for row in self.found("regression"))
