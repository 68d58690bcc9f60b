"""The hardest trials as the page shows them: with their picture and the command that replays each."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from ...attack.verdict.worst_cases import in_turn
from ...records.results import RuleAttack, Trial
from ..model import Level
from ..words import visible
from .pictures import Picture, picture_of

_SHOWN = 6  # the rest is folded away


@dataclass(frozen=True, slots=True)
class Case:
    """A trial as the page shows it; `counts` is False for evidence that breaks no rule."""

    trial: Trial
    counts: bool
    picture: Picture | None
    command: str


@dataclass(frozen=True, slots=True)
class Cases:
    """The cases at once in sight, those that are folded, those that are left out, and those that a level withholds."""

    shown: tuple[Case, ...]
    more: tuple[Case, ...]
    left_out: int
    broken: int
    withheld: tuple[Trial, ...]


def cases_of(bundle: str, attack: RuleAttack, level: Level, most: int) -> Cases:
    """At the level `public` no sentence, picture or command of any trial is shown.

    A sentence that held in one setting may break another, so that holding is no reason to show it.
    """
    trials = in_turn(attack.families, attack.hardest)
    broken = sum(t.outcome == "broke" for t in trials)
    if level == "public":
        return Cases((), (), 0, broken, trials)
    evidence = {f.family for f in attack.families if not f.gates}
    found = tuple(
        Case(t, t.family not in evidence, picture_of(t.picture) if t.picture else None, replay(bundle, t))
        for t in trials[:most]
    )
    return Cases(found[:_SHOWN], found[_SHOWN:], max(0, len(trials) - most), broken, ())


def replay(bundle: str, trial: Trial) -> str:
    """The command that runs a trial again, quoted and with hidden marks written out: readers paste it into a shell."""
    return " ".join(["proscribe replay", *(shlex.quote(visible(word)) for word in (bundle, trial.id))])
