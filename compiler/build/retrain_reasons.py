"""Which adapters a changed policy trains again, and why: the same keys as compile's, compared part by part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..corpus.phrasebook import build_phrasebook
from ..graph.derive import Derived
from ..messages.diagnostics import listed, quote
from ..records.canonical import meaning_hash
from ..train.settings import TrainSettings
from .plan import make_plan, rule_key

Work = Literal["train", "attack", "nothing"]
_PARTS = {
    "redirects": "where its cells are led",
    "candidates": "the cells that it may be led to",
    "allows": "the allowed cells near it",
    "marginals": "its marginals",
}


@dataclass(frozen=True, slots=True)
class AdapterChange:
    """What a compile of the new version does for one rule, given the bundle of the old; `was` is the rule whose
    adapter is taken over, or that this one was before."""

    rule: str
    work: Work
    why: str
    was: str = ""


def run(old: Derived, new: Derived, matched: Mapping[str, str], seed: int = 0) -> tuple[AdapterChange, ...]:
    """One entry for each forbid of the new version; `matched` are old ids by new ids. Loads no backbone."""
    before, after = _keys(old, seed), _keys(new, seed)
    kept = {meaning_hash(key): rule for rule, key in before.items()}
    attacks_stand = _attacks(old, seed) == _attacks(new, seed)
    changes = []
    for rule, key in after.items():
        was = kept.get(meaning_hash(key), "")
        if not was:
            was = matched.get(rule, "")
            why = _why(before[was], key) if was in before else "the rule is new"
            changes.append(AdapterChange(rule, "train", why, was))
        elif attacks_stand:
            changes.append(AdapterChange(rule, "nothing", "", was))
        else:
            changes.append(AdapterChange(rule, "attack", "its adapter is taken over", was))
    return tuple(changes)


def _keys(derived: Derived, seed: int) -> dict[str, dict[str, Any]]:
    """The key of every rule that can be compiled. The backbone is the same on both sides and left out."""
    book = build_phrasebook(derived, seed)
    wide = set(derived.too_wide)
    sets = (one for one in derived.rules if one.rule.id not in wide)
    return {one.rule.id: rule_key(one, derived, book, "", seed, TrainSettings()) for one in sets}


def _attacks(derived: Derived, seed: int) -> str:
    ids = tuple(rule for rule in derived.ids if rule not in derived.too_wide)
    return make_plan(derived, "", "", seed, TrainSettings(), ids)[0].attack


def _why(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    said = []
    if old["forget"] != new["forget"]:
        before, after = set(old["forget"]), set(new["forget"])
        counts = ((len(after - before), "more"), (len(before - after), "less"))
        how = listed((f"{count:,} {word}" for count, word in counts if count), "and")
        said.append(f"its forget set ({how})")
    said += [words for part, words in _PARTS.items() if old[part] != new[part]]
    was, now = old["forms"], new["forms"]
    if changed := _names(name for name in was.keys() & now.keys() if was[name] != now[name]):
        said.append(f"how {_few(changed)} is said")
    sides = ((_names(now.keys() - was.keys()), "more"), (_names(was.keys() - now.keys()), "fewer"))
    if other := [f"{len(names):,} {how}, such as {quote(names[0])}" for names, how in sides if names]:
        said.append(f"the names that training says ({'; '.join(other)})")
    return listed(said, "and") or "another version of training"


def _names(keys: Iterable[str]) -> list[str]:
    """The names of forms that are kept by slot and name."""
    return sorted({key.partition("/")[2] for key in keys})


def _few(names: list[str]) -> str:
    shown = [quote(name) for name in names[:4]]
    return listed(shown if len(names) <= 4 else [*shown, f"{len(names) - 4} more"], "and")
