"""How `proscribe explain` looks: trees on a terminal, the same in plain lines for files and pipes."""

from __future__ import annotations

from ...explain.rule import Explanation
from ...graph.derive import Derived
from .tree import Branch, show_trees


def show(derived: Derived, explanations: tuple[Explanation, ...]) -> None:
    """Print rules under the policy's line."""
    show_trees(map(branch_of, explanations), heading(derived))


def heading(derived: Derived) -> str:
    """The policy in one line."""
    rules = len(derived.rules)
    return (
        f"{derived.policy} (edition {derived.edition}): {rules} forbid rule{'' if rules == 1 else 's'}; "
        f"{derived.uncovered_count:,} cells of its names are covered by no rule"
    )


def _cells(count: int) -> str:
    return f"{count:,} cell{'' if count == 1 else 's'}"


def branch_of(e: Explanation) -> Branch:
    """One rule as a tree."""
    top = Branch(e.rule, e.place)
    top.below.append(Branch("rule", "", [Branch("", line.strip()) for line in e.text.splitlines()]))
    if e.because:
        top.below.append(Branch("because", e.because))
    limits = f"breach <= {100 * e.breach_max:.4g}%, retention >= {100 * e.retention_min:.4g}%"
    top.below.append(Branch("severity", f"{e.severity}; requires {limits}"))

    forget = Branch(f"forget: {_cells(e.forget_count)}", "", [Branch("", str(block)) for block in e.forget])
    if e.excepted:
        forget.below.append(Branch("except", ", ".join(e.excepted)))
    if e.unseen:
        unseen = [Branch("", str(block)) for block in e.unseen]
        forget.below.append(Branch("no pictures", "the built-in world cannot draw these; text only", unseen))
    forget.below.append(
        Branch("written", "", [Branch(name, ", ".join(f'"{f}"' for f in forms)) for name, forms in e.forms])
    )
    top.below.append(forget)

    if e.redirects:
        led = [Branch("", f"{source}  to  {target}") for source, target in e.redirects]
    else:
        led = [Branch("", "no `instead`: training picks the nearest safe neighbour")]
    top.below.append(Branch("redirect", "", led))

    neighbours = Branch(f"neighbours: {_cells(e.neighbour_count)}", "kept, nearest first")
    for near in e.neighbours:
        more = near.count - len(near.first)
        cells = [Branch("", str(cell)) for cell in near.first]
        cells += [Branch("", f"and {more} more")] if more else []
        neighbours.below.append(Branch(f"{near.what}: {near.count}", "", cells))
    top.below.append(neighbours)

    allows = Branch(f"allows: {_cells(e.allow_count)}", "kept")
    allows.below += [Branch(rule, "; ".join(map(str, found))) for rule, found in e.allows]
    top.below.append(allows)
    marginals = ", ".join(str(cell) for cell in e.marginals)
    top.below.append(Branch(f"marginals: {e.marginal_count}", f"kept; such as {marginals}"))
    top.below.append(Branch(f"control: {e.control_count}", "unrelated cells, kept"))
    return top
