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
Kind = Literal["black box", "white box", "model"]  # what the attacker may touch: inputs, gradients, weights
Effort = Literal["quick", "standard", "deep"]


@dataclass(frozen=True, slots=True)
class Pick:
    """What a model chose: the cell it took the probe for, and the cosine of that match."""

    cell: tuple[str, str, str]
    score: float


@dataclass(frozen=True, slots=True)
class Trial:
    """One attack on one forbidden cell. `text` is the caption tried, or the canonical caption of the picture tried.

    `picture` holds the fields of the Scene that was shown, with "edits" and "beside" where it was changed afterwards
    (corpus/edited_images.py), or None in a text attack; `recognised` says whether the base took the probe for a
    forbidden cell: only such trials are counted for the breach rate. `variant` is the kind within the family ("jpeg/3",
    "german"), `cluster` what the probe shares with others (its sentence form or its picture's seed: the bootstrap
    draws whole clusters), `tries` how many inputs the attack tried to find this one. `margin` is the guarded model's
    best forbidden score less its best safe one: how close a held trial came.
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
    variant: str = ""
    cluster: str = ""
    tries: int = 1
    margin: float = 0.0


def tag_of(trial: Trial) -> str:
    """What sets the trials of another seed than the bundle's apart: "" or "s7-"."""
    number = trial.id.rpartition("-")[0].rpartition("-")[2]
    return f"{number}-" if number.startswith("s") and number[1:].isdigit() else ""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One point of a curve: the breach rate (or AUROC, as the curve says) at x, with its 95 % interval."""

    x: float
    rate: float
    low: float
    high: float
    trials: int


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a curve. `name` is "guarded", or a reference: "base", "never forgot", "never knew", "random"."""

    name: str
    points: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """How a rate changes with the strength of an attack: PGD's epsilon, relearning steps, the adapter's scale.

    `y_name` says what the rates are ("breach rate", "AUROC"); `sentence` is what a reader should take from it, from
    the numbers; `flags` are doubts about the attack itself (an attack that does no better than random noise).
    """

    family: str
    title: str
    x_name: str
    y_name: str
    x_log: bool
    series: tuple[Series, ...]
    sentence: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LinearProbe:
    """A linear probe for the tuple on one layer: is it gone, or only hidden? Rates are shares in 0..1, held out."""

    modality: Modality
    layer: str
    model: Literal["base", "guarded"]
    trials: int
    auroc: float
    tpr_at_1_fpr: float


@dataclass(frozen=True, slots=True)
class FamilyResult:
    """Counts of one family in one setting. Rates are shares in 0..1; low and high are the Wilson 95 % interval.

    `gates` is False where a breach is evidence for the reader and no fault against `require`: an attacker with
    gradients or with the weights gets through any suppression, and a black-box attack of which the base takes few
    probes for the tuple has too few trials to judge by.
    """

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
    kind: Kind = "black box"
    gates: bool = True


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
    what: str = "safe pictures"  # or "binding": two safe tuples in one picture, whose words make a forbidden one


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
class FamilyStatistics:
    """What can be said of one family in one setting beyond its Wilson interval; rates are shares in 0..1.

    `modality` is "" in results of before attack version 5, where sentences and pictures of a family shared a row.
    `cluster_low` and `cluster_high` are the bootstrap interval over clusters; `mcnemar_p` compares base and guarded on
    the same probes, `q` is that p after Benjamini-Hochberg over all rules and families; `any_of_k` the probability that
    at least one of k tries gets through; `expected_maximum` the mean of the closest margin over `maximum_of` tries;
    `cvar95` the mean breach rate of the worst twentieth of the cells; `smallest_effect` what these trials could show.
    """

    family: str
    towers: Towers
    stage: Stage
    cluster_low: float
    cluster_high: float
    clusters: int
    mcnemar_p: float
    q: float
    any_of_k: tuple[tuple[int, float], ...]
    expected_maximum: float
    maximum_of: int
    cvar95: float
    smallest_effect: float
    modality: Modality | Literal[""] = ""


@dataclass(frozen=True, slots=True)
class HeatCell:
    """What was lost nearby: is a picture of this world cell still given its own caption, and the other way round?

    Shares in 0..1 over `trials` trials; `forbidden` cells are meant to be lost.
    """

    relation: str
    subject: str
    object: str
    trials: int
    base: float
    guarded: float
    forbidden: bool


@dataclass(frozen=True, slots=True)
class SeedSpread:
    """The worst breach and the greatest loss of one training seed, to show the spread between seeds.

    `breach` is None where no trial counted, `loss_points` where no safe item could be tested.
    """

    seed: int
    status: Status
    breach: float | None
    loss_points: float | None


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
    effort: Effort = "quick"
    curves: tuple[Curve, ...] = ()
    probes: tuple[LinearProbe, ...] = ()
    statistics: tuple[FamilyStatistics, ...] = ()
    heat: tuple[HeatCell, ...] = ()
    seeds: tuple[SeedSpread, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready nested dicts."""
        return asdict(self)
