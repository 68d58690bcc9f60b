"""Trees of short lines: in colours on a terminal, indented in files and pipes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec

import click


@dataclass(slots=True)
class Branch:
    """A line with lines below it; `label` is what the line is about."""

    label: str
    text: str = ""
    below: list[Branch] = field(default_factory=list)


def indented(branch: Branch, depth: int = 0) -> Iterator[str]:
    """A tree in plain lines.

    >>> list(indented(Branch("R1", "a rule", [Branch("", "below it")])))
    ['R1  a rule', '  below it']
    """
    yield "  " * depth + "  ".join(part for part in (branch.label, branch.text) if part)
    for below in branch.below:
        yield from indented(below, depth + 1)


def show_trees(trees: Iterable[Branch], head: str = "", *, rich: bool | None = None) -> None:
    """Print trees under a line of their own; `rich` draws them for a terminal, and is found out where it is None."""
    if rich is None:
        rich = sys.stdout.isatty() and find_spec("rich") is not None  # a small installation has no rich
    if rich:
        _drawn(trees, head)
        return
    blocks = ["\n".join(indented(tree)) for tree in trees]
    click.echo("\n\n".join([head, *blocks] if head else blocks))


def _drawn(trees: Iterable[Branch], head: str) -> None:
    from rich.console import Console
    from rich.text import Text
    from rich.tree import Tree

    def grow(tree: Tree, branch: Branch) -> None:
        for below in branch.below:
            gap = "  " if below.label and below.text else ""
            text = Text.assemble((below.label, "bold" if below.below else "cyan"), gap, below.text)
            grow(tree.add(text), below)

    console = Console()
    if head:
        console.print(Text(head, "bold"))
    for number, top in enumerate(trees):
        tree = Tree(Text.assemble((top.label, "bold red"), "  ", (top.text, "dim")), guide_style="dim")
        grow(tree, top)
        if number or head:
            console.print()
        console.print(tree)
