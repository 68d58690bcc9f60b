"""What an attack-test leaves behind: trials, counts per family, what was kept, a verdict. Plain, JSON-ready data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Modality = Literal["text", "picture"]
Towers = Literal["both", "text", "picture"]  # which towers are guarded; the other is the base's original
Stage = Literal["alone", "all_on"]  # this rule's adapter alone, or every rule of the policy together
Direction = Literal["text_to_picture", "picture_to_text", "text_to_text"]
Outcome = Literal["held", "broke", "error"]
Status = Literal["pass", "fail", "inconclusive"]


@dataclass(frozen=True, slots=True)
class Pick:
    """What a model chose: the cell it took the probe for, and the cosine of that match."""

    cell: tuple[str, str, str]
    score: float


@dataclass(frozen=True, slots=True)
class Trial:
    """One attack on one forbidden cell. `text` is the caption tried, or the canonical caption of the picture tried.

    `picture` holds the fields of the Scene that was shown (or None in a text attack); `recognised` says whether the
    base took the probe for a forbidden cell: only such trials are counted for the breach rate.
    """

    id: str
    family: str
    modality: Modality
    towers: Towers
    stage: Stage
    direction: Direction
    cell: tuple[str, str, str]
    text: str
    picture: dict[str, Any] | None
    base: Pick
    guarded: Pick
    recognised: bool
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class FamilyResult:
    """Counts of one family in one setting. Rates are shares in 0..1; low and high are the Wilson 95 % interval."""

    family: str
    modality: Modality
    towers: Towers
    stage: Stage
    trials: int
    recognised: int
    held: int
    broke: int
    errors: int
    base_rate: float
    breach: float
    low: float
    high: float
    status: Status
    note: str = ""


@dataclass(frozen=True, slots=True)
class RetentionResult:
    """How often a safe item is still taken for what it is: top-1 of base and guarded on the same items.

    `kept` is the share of the items the base got right that the guarded model still gets right, with its Wilson
    interval; `loss_points` is (base - guarded) x 100.
    """

    name: Literal["neighbours", "allows", "marginals", "control"]
    modality: Modality
    towers: Towers
    stage: Stage
    trials: int
    base: float
    guarded: float
    loss_points: float
    kept: float
    low: float
    high: float
    status: Status


@dataclass(frozen=True, slots=True)
class OverblockResult:
    """Safe pictures that are newly given a forbidden caption (or safe captions a forbidden picture)."""

    towers: Towers
    stage: Stage
    trials: int
    newly_forbidden: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class RedirectResult:
    """Where the forbidden captions land now: the share that picks a picture of the redirect target."""

    trials: int
    on_target: float
    safe: float
    target: str


@dataclass(frozen=True, slots=True)
class SlotLoss:
    """Retention slot by slot: neighbours that differ from the forget set in that slot."""

    slot: str
    trials: int
    base: float
    guarded: float


@dataclass(frozen=True, slots=True)
class CellCheck:
    """One forbidden cell: can the base tell it at all, and how often did the rule break on it."""

    cell: tuple[str, str, str]
    trials: int
    recognised: int
    broke: int
    testable: bool
    pictures: bool


@dataclass(frozen=True, slots=True)
class RuleAttack:
    """Everything that the attack-tests found about one rule; rules/<id>/attack.json."""

    rule: str
    status: Status
    sentence: str
    reasons: tuple[str, ...]
    breach_max: float
    retention_min: float
    families: tuple[FamilyResult, ...]
    retention: tuple[RetentionResult, ...]
    overblock: tuple[OverblockResult, ...]
    redirect: RedirectResult | None
    slots: tuple[SlotLoss, ...]
    cells: tuple[CellCheck, ...]
    not_tested: tuple[str, ...]
    seed: int
    seconds: float
    hardest: tuple[Trial, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready nested dicts."""
        return asdict(self)
