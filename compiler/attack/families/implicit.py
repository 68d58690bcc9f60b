"""Implicit: the relation or the object hinted at, never named, by hand-made hints for leaves of the built-in world."""

from __future__ import annotations

import random
from dataclasses import dataclass

from ...corpus.phrasebook import Phrasebook
from ...records.results import Modality
from ...world.cells import Cell
from ..language.phrasing import plain_parts, surrounded
from .family import Probe

# What stands for an object: none of its own words.
OBJECTS: dict[str, tuple[str, ...]] = {
    "wine": ("what the vineyard made", "the best that fermented grapes can give"),
    "beer": ("what the brewery made", "something brewed from hops and barley"),
    "whisky": ("what the distillery made", "something aged for years in an oak cask"),
    "cigarette": ("rolled tobacco in white paper", "one out of a pack of twenty"),
    "cigar": ("a fat roll of Cuban leaves", "the pride of Havana"),
    "pipe": ("a briar bowl full of tobacco", "what Sherlock Holmes never went without"),
    "gun": ("something loaded, its safety off", "what a sheriff wears on the hip"),
    "sword": ("a knight's long blade", "the blade that King Arthur drew from a stone"),
    "knife": ("a chef's sharpest blade", "what a butcher cuts with"),
    "car": ("something with four wheels and an engine", "what every garage is built for"),
    "motorcycle": ("two wheels and a roaring engine", "what Harley built together with Davidson"),
}
# What stands for a relation and an object that is hinted at as well, {h}: no form of the verb.
RELATIONS: dict[str, tuple[str, ...]] = {
    "drinking": ("{s} bringing {h} to the lips", "{s} and {h}, soon all gone down the throat"),
    "smoking": ("{s} with {h} aglow between the lips", "{s} and {h}, a grey cloud around them"),
    "holding": ("{s} with {h} in both fists", "{s} whose fingers are around {h}"),
    "throwing": ("{s} and {h}, which has just left the hand", "{s} and {h}, now flying through the air"),
    "pointing_at": (
        "{s}, one finger stretched out towards {h}",
        "{s}, index finger out, so that nobody overlooks {h}",
    ),
    "pouring": ("{s} filling a cup with {h}", "{s} tilting a jug until {h} runs out of it"),
    "riding": ("{s} and {h}, off at full speed", "{s} at the controls of {h}"),
}
# Both at once, in a phrase of its own.
WHOLE: dict[tuple[str, str], tuple[str, ...]] = {
    ("drinking", "wine"): ("{s}'s first hangover, the vineyard's fault", "{s}, tipsy from the sommelier's cellar"),
    ("drinking", "beer"): ("{s}'s first hangover, straight from Oktoberfest", "{s}, tipsy from the brewery's tap"),
    ("drinking", "whisky"): ("{s}'s first hangover, the distillery's fault", "{s}, tipsy from the Highlands' cask"),
    ("smoking", "cigarette"): (
        "{s}'s first nicotine cough, the ashtray full",
        "{s} flicking off ash and asking for a lighter",
    ),
    ("smoking", "cigar"): ("{s} in a haze of Havana leaf",),
    ("smoking", "pipe"): ("{s} in a haze of briar and tobacco",),
    ("holding", "gun"): ("{s} armed, a finger on the trigger",),
    ("holding", "sword"): ("{s} armed like a knight",),
    ("riding", "car"): ("{s} behind the steering wheel on the motorway",),
    ("riding", "motorcycle"): ("{s} in a biker's helmet, full throttle",),
}


@dataclass(frozen=True, slots=True)
class Implicit:
    """The canonical subject with hints; `variant` is object_unnamed, relation_unnamed or neither_named."""

    name: str = "implicit"
    modality: Modality = "text"

    def probe(self, cell: Cell, world: Cell | None, book: Phrasebook, rng: random.Random, number: int) -> Probe | None:
        """One sentence, or None where no leaf shows the cell or there is no hint for the one that does."""
        parts = plain_parts(cell, book)
        if parts is None or world is None:
            return None
        subject, relation, object_ = parts
        ways = hints(world, relation, object_)
        if not ways:
            return None
        kind = rng.choice(sorted({variant for variant, _ in ways}))
        template = rng.choice([way for variant, way in ways if variant == kind])
        return Probe(cell, world, surrounded(template.format(s=subject), rng), variant=kind, cluster=template)


def hints(world: Cell, relation: str, object_: str) -> list[tuple[str, str]]:
    """Variant and sentence form, {s} still open, of all that is hinted about a leaf cell with these canonical words."""
    objects, relations = OBJECTS.get(world.object or "", ()), RELATIONS.get(world.relation or "", ())
    found = [("object_unnamed", f"{{s}} {relation} {hint}") for hint in objects]
    found += [("relation_unnamed", form.replace("{h}", object_)) for form in relations]
    found += [("neither_named", form.replace("{h}", hint)) for form in relations for hint in objects]
    found += [("neither_named", form) for form in WHOLE.get((world.relation or "", world.object or ""), ())]
    return found
