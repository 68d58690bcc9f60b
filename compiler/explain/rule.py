"""What a person wants to know of a rule before it is trained: its cells, and what is kept around them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ..graph.cell_sets import CellSet
from ..graph.derive import Derived, Item, RuleSets
from ..world import lexicon
from ..world.cells import SLOTS, Cell, Slot

_SPREAD = 2_000  # cells; larger sets are shown by their boxes
DISTANCES = {
    1: "sibling in the policy",
    2: "elsewhere in the policy",
    3: "from the built-in world",
    4: "roles swapped",
}


@dataclass(frozen=True, slots=True)
class Block:
    """Cells that share a shape: every subject with every relation with every object."""

    subjects: tuple[str, ...]
    relations: tuple[str, ...]
    objects: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many cells it holds."""
        return len(self.subjects) * len(self.relations) * len(self.objects)

    def __str__(self) -> str:
        subject, relation, obj = (" | ".join(part) for part in (self.subjects, self.relations, self.objects))
        if relation and not (subject and obj):
            return " ".join(part for part in (subject, f"-{relation}->", obj) if part)
        return f"{subject} -{relation}-> {obj}" if relation else " + ".join(p for p in (subject, obj) if p)


@dataclass(frozen=True, slots=True)
class Near:
    """Neighbours of one kind: how many there are, and the first few."""

    what: str
    count: int
    first: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One forbid rule in words and counts; `unseen` are forget cells that no picture can be drawn of."""

    rule: str
    place: str
    text: str
    because: str
    severity: str
    breach_max: float
    retention_min: float
    forget_count: int
    forget: tuple[Block, ...]
    excepted: tuple[str, ...]
    unseen: tuple[Block, ...]
    forms: tuple[tuple[str, tuple[str, ...]], ...]
    neighbour_count: int
    neighbours: tuple[Near, ...]
    allow_count: int
    allows: tuple[tuple[str, tuple[Block, ...]], ...]
    marginal_count: int
    marginals: tuple[Cell, ...]
    control_count: int
    redirects: tuple[tuple[Block, Block], ...]


def run(derived: Derived, rules: Iterable[str] = (), shown: int = 6) -> tuple[Explanation, ...]:
    """Explain the rules with these ids, or all; `shown` is how many examples a list gives."""
    wanted = set(rules)
    chosen = [number for number, rule_id in enumerate(derived.ids) if not wanted or rule_id in wanted]
    return tuple(_explain(derived, derived.rules[number], shown) for number in chosen)


def _explain(derived: Derived, sets: RuleSets, shown: int) -> Explanation:
    rule = sets.rule
    cells = [item.cell for item in sets.forget]
    names = sorted({(slot, cell.get(slot)) for cell in cells for slot in SLOTS}, key=_slot_order)
    return Explanation(
        rule=rule.id,
        place=str(rule.span),
        text=rule.text,
        because=rule.because,
        severity=rule.severity,
        breach_max=rule.require.breach_max,
        retention_min=rule.require.retention_min,
        forget_count=sets.forget_count,
        forget=blocks(cells),
        excepted=tuple(e.name or f"{e.subject} -{e.relation}-> {e.object}" for e in rule.excepts),
        unseen=blocks(cell for cell in cells if not has_pictures(derived, cell)),
        forms=tuple((name, derived.forms(slot, name)) for slot, name in names),
        neighbour_count=len(sets.neighbours),
        neighbours=_near(sets.neighbours, shown),
        allow_count=len(sets.allows),
        allows=_allows(sets.allows),
        marginal_count=len(sets.marginals),
        marginals=tuple(item.cell for item in sets.marginals[:: max(1, len(sets.marginals) // shown)][:shown]),
        control_count=len(sets.control),
        redirects=_redirects(sets),
    )


def _slot_order(pair: tuple[Slot, str]) -> tuple[int, str]:
    return SLOTS.index(pair[0]), pair[1]


def has_pictures(derived: Derived, cell: Cell) -> bool:
    """Whether the built-in world can draw a cell."""
    return all(lexicon.depicts(slot, cell.get(slot), derived.forms(slot, cell.get(slot))) for slot in SLOTS)


def _near(items: tuple[Item, ...], shown: int) -> tuple[Near, ...]:
    kinds: dict[tuple[int, str], list[Cell]] = defaultdict(list)
    for item in items:
        kinds[item.distance, item.changed].append(item.cell)
    order = {name: at for at, name in enumerate((*SLOTS, "roles"))}
    return tuple(
        Near(
            DISTANCES[distance] if changed == "roles" else f"other {changed}, {DISTANCES[distance]}",
            len(cells),
            tuple(cells[:shown]),
        )
        for (distance, changed), cells in sorted(kinds.items(), key=lambda k: (k[0][0], order[k[0][1]]))
    )


def _allows(items: tuple[Item, ...]) -> tuple[tuple[str, tuple[Block, ...]], ...]:
    of_rule: dict[str, list[Cell]] = defaultdict(list)
    for item in items:
        for origin in item.origin:
            of_rule[origin.rule].append(item.cell)
    return tuple((rule, blocks(of_rule[rule])) for rule in sorted(of_rule, key=lambda r: (len(r), r)))


def _redirects(sets: RuleSets) -> tuple[tuple[Block, Block], ...]:
    sources: dict[Cell, list[Cell]] = defaultdict(list)
    for redirect in sets.redirects:
        sources[redirect.target].append(redirect.cell)
    grouped: dict[tuple[Block, ...], list[Cell]] = defaultdict(list)
    for target, cells in sources.items():
        grouped[blocks(cells)].append(target)
    pairs = [(block, to) for from_, targets in grouped.items() for block in from_ for to in blocks(targets)]
    return tuple(sorted(pairs, key=lambda pair: str(pair[0])))


def blocks_of(cells: CellSet) -> tuple[Block, ...]:
    """A whole set in blocks: few of them where it has few cells, else its own boxes."""
    if len(cells) <= _SPREAD:
        return blocks(cells)
    axes = [cells.space.axis(slot) for slot in SLOTS]
    found = (Block(*(axis.listed(side) for axis, side in zip(axes, box, strict=True))) for box in cells.boxes)
    return tuple(sorted(found, key=str))


def blocks(cells: Iterable[Cell]) -> tuple[Block, ...]:
    """The same cells in few blocks.

    >>> [str(b) for b in blocks(Cell(s, "drinking", o) for s in ("child", "kid") for o in ("beer", "wine"))]
    ['child | kid -drinking-> beer | wine']
    """
    objects: dict[tuple[str, str], set[str]] = defaultdict(set)
    for cell in cells:
        objects[cell.subject, cell.relation].add(cell.object)
    subjects: dict[tuple[str, tuple[str, ...]], set[str]] = defaultdict(set)
    for (subject, relation), found in objects.items():
        subjects[relation, tuple(sorted(found))].add(subject)
    relations: dict[tuple[tuple[str, ...], tuple[str, ...]], set[str]] = defaultdict(set)
    for (relation, objs), found in subjects.items():
        relations[tuple(sorted(found)), objs].add(relation)
    return tuple(sorted((Block(s, tuple(sorted(r)), o) for (s, o), r in relations.items()), key=str))
