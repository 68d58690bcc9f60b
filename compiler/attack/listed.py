"""Every attack, listed in one place, in the order of the report: families of probes first, then campaigns.

An attack's code is loaded when it runs: plans and `diff` read this list without torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast, get_args

from ..records.results import Effort, Kind, Modality

if TYPE_CHECKING:
    from .families.family import Family
    from .whitebox.model_attack import Campaign

EFFORTS: tuple[Effort, ...] = get_args(Effort)
QUICK_TRIALS = 280
# A few breaches do not yet carry the interval over 5 %; every trial is run in three tower settings and two stages.
ADDED_TRIALS = 200

# Seconds of one core for one probe in all settings and stages, measured on `mini`.
TEXT_PROBE_SECONDS = 0.005
PICTURE_PROBE_SECONDS = 0.018


@dataclass(frozen=True, slots=True)
class Listed:
    """An attack before its code is loaded. `where` is "module:Class" below compiler/attack.

    `modality` is None for a campaign; `effort` is the least at which it runs; `gates` is False for what is evidence and
    counts against no rule; `probe_seconds` is its cost where the usual cost of its modality is far off, `start_seconds`
    what it takes once, before the first rule.
    """

    name: str
    where: str
    modality: Modality | None
    effort: Effort = "standard"
    kind: Kind = "black box"
    gates: bool = True
    trials: int = ADDED_TRIALS
    probe_seconds: float | None = None
    start_seconds: float = 0.0

    @property
    def is_campaign(self) -> bool:
        """True for an attack with the model in hand."""
        return self.modality is None

    def expected_seconds(self, cells: int, pictured: bool) -> float:
        """On one rule of so many cells, on two cores."""
        if self.is_campaign:
            return load_campaign(self).expected_seconds(cells, pictured)
        if self.modality == "picture" and not pictured:
            return 0.0
        usual = TEXT_PROBE_SECONDS if self.modality == "text" else PICTURE_PROBE_SECONDS
        return self.trials * (usual if self.probe_seconds is None else self.probe_seconds)


LISTED: tuple[Listed, ...] = (
    Listed("paraphrase", "families.paraphrase:Paraphrase", "text", "quick", trials=QUICK_TRIALS),
    Listed("synonym", "families.synonym:Synonym", "text", "quick", trials=QUICK_TRIALS),
    Listed("context", "families.context:Context", "text", "quick", trials=QUICK_TRIALS),
    Listed("languages", "families.languages:Languages", "text"),
    # Its words are looked for first: 6 s with an empty cache, hardly any after that (docs/experiments.md, E25).
    Listed("unlisted", "families.unlisted:Unlisted", "text", probe_seconds=0.0085, start_seconds=2.3),
    Listed("style", "families.style:Style", "picture", "quick", trials=QUICK_TRIALS),
    Listed("corruption", "families.corruption:Corruption", "picture", "quick", trials=QUICK_TRIALS),
    Listed("characters", "families.characters:Characters", "text"),
    Listed("word_order", "families.word_order:WordOrder", "text"),
    Listed("implicit", "families.implicit:Implicit", "text"),
    Listed("clauses", "families.clauses:Clauses", "text"),
    Listed("instructions", "families.instructions:Instructions", "text"),
    Listed("negation", "families.negation:Negation", "text"),
    Listed("two_sentences", "families.two_sentences:TwoSentences", "text"),
    Listed("picture_context", "families.picture_context:PictureContext", "picture"),
    Listed("corruptions", "families.corruptions:Corruptions", "picture"),
    Listed("geometry", "families.geometry:Geometry", "picture"),
    Listed("overlay", "families.overlay:Overlay", "picture"),
    # Of its probes `mini` takes 11 % for the tuple (docs/experiments.md, E16): too few to pass or fail a rule by.
    Listed("two_subjects", "families.two_subjects:TwoSubjects", "picture", gates=False),
    Listed("token_swaps", "whitebox.token_swaps:TokenSwaps", None, "deep", "white box", gates=False),
    Listed("soft_prompts", "whitebox.soft_prompts:SoftPrompts", None, "deep", "white box", gates=False),
    Listed("pixels", "whitebox.pgd_attack:PixelAttack", None, "deep", "white box", gates=False),
    Listed("scaled", "whitebox.scaled:Scaled", None, "deep", "model", gates=False),
    Listed("layers", "whitebox.layers:Layers", None, "deep", "model", gates=False),
    Listed("quantised", "whitebox.quantised:Quantised", None, "deep", "model"),
    Listed("stacked", "whitebox.stacked:Stacked", None, "deep", "model"),
    Listed("relearning", "whitebox.relearning:Relearning", None, "deep", "model", gates=False),
    Listed("linear_probe", "whitebox.linear_probe:LinearProbing", None, "deep", "model", gates=False),
)


def listed(effort: Effort) -> tuple[Listed, ...]:
    """The attacks that run at this effort."""
    most = EFFORTS.index(effort)
    return tuple(row for row in LISTED if EFFORTS.index(row.effort) <= most)


def named(names: Sequence[str]) -> tuple[Listed, ...]:
    """The attacks of these names, in the order of the list; LookupError for a name that is not there."""
    known = {row.name for row in LISTED}
    for name in names:
        if name not in known:
            raise LookupError(name)
    return tuple(row for row in LISTED if row.name in names)


def row_of(name: str) -> Listed | None:
    """The attack of this name; None for one that an older version knew."""
    return next((row for row in LISTED if row.name == name), None)


def load_family(row: Listed) -> Family:
    """The family, its code loaded now."""
    return cast("Family", _load(row))


def load_campaign(row: Listed) -> Campaign:
    """The campaign, its code loaded now."""
    return cast("Campaign", _load(row))


def families(effort: Effort = "standard") -> tuple[Family, ...]:
    """The families of probes that run at this effort, their code loaded now."""
    return tuple(load_family(row) for row in listed(effort) if not row.is_campaign)


def _load(row: Listed) -> object:
    module, _, name = row.where.partition(":")
    return getattr(import_module(f".{module}", __package__), name)()
