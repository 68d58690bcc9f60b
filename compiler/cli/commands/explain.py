"""`proscribe explain`: what each rule takes away, why a cell is where it is, and the policy as a picture."""

from __future__ import annotations

from pathlib import Path

import click

from ...graph.derive import Derived
from ...pipeline import Analysis
from ...records.canonical import plain, to_json
from ..exits import EnvironmentFault, PolicyError
from ..views.pages import FileOrCode, show_page
from .check import analysed, joined, show, summary, wanted_rules


@click.command()
@click.argument("file", type=FileOrCode(exists=True, dir_okay=False, path_type=Path), metavar="FILE|CODE")
@click.argument("what", default="", metavar="[WHAT]")
@click.option("--rules", metavar="R1,R2", multiple=True, callback=joined, help="Only these forbid rules.")
@click.option("--examples", metavar="N", default=6, type=click.IntRange(1, 1000), help="Examples per list.")
@click.option("--json", "as_json", is_flag=True, help="Print the derived sets, or the answer about WHAT, as JSON.")
@click.option("--svg", type=click.Path(dir_okay=False, path_type=Path), metavar="OUT", help="Draw the policy as SVG.")
@click.option("--graph", is_flag=True, help="Draw the policy in the terminal.")
def explain(
    file: Path | str, what: str, rules: str, examples: int, as_json: bool, svg: Path | None, graph: bool
) -> None:
    """Show what each forbid rule of a policy FILE takes away and what is kept around it, or what a CODE means.

    WHAT is a rule (R1), a cell ("child -drinking-> wine"), a wider pattern, a name, or a sentence ("a toddler
    sipping merlot"): then it is told why it is where it is, by which rules and declarations.
    """
    if isinstance(file, str):
        if what or svg or graph or as_json or rules:
            raise click.UsageError(f"{file} is the code of a message, not a policy FILE")
        show_page(file)
        return
    if graph and as_json:
        raise click.UsageError("--graph draws for people, --json is for machines: leave one out")
    found = analysed(file)
    derived = found.derived
    if derived is None:
        show((None, found.source, found.diagnostics), {"error"}, err=True, others=found.others)
        raise PolicyError(f"{summary(None, found.diagnostics)}: there is nothing to explain")
    if svg or graph:
        _draw(found, derived, rules, svg, graph)
        if not (what or as_json):
            return
        if graph:
            click.echo()
    if what:
        _answer(found, derived, what, examples, as_json)
        return
    wanted = wanted_rules(derived, rules)
    if as_json:
        chosen = [plain(derived.sets(rule_id)) for rule_id in derived.ids if rule_id in wanted]
        click.echo(to_json({**derived.heading(), "rules": chosen}, indent=2))
        return
    from ...explain.rule import run
    from ..views.rules import show as show_rules

    show((derived, found.source, found.diagnostics), {"warning"}, err=True, others=found.others)
    show_rules(derived, run(derived, wanted, shown=examples))


def _answer(found: Analysis, derived: Derived, what: str, examples: int, as_json: bool) -> None:
    from ...explain.query import Unread, ask
    from ..views.answer import document, tree

    try:
        answer, read_as = ask(found, derived, what, examples)
    except Unread as unread:
        raise click.BadParameter(str(unread), param_hint="WHAT") from unread
    if as_json:
        click.echo(to_json(document(answer, what, read_as), indent=2))
        return
    from ..views.tree import show_trees

    show_trees([tree(answer, found.source.path, examples)], f'"{what.strip()}": {read_as}' if read_as else "")


def _draw(found: Analysis, derived: Derived, rules: str, svg: Path | None, graph: bool) -> None:
    wanted = wanted_rules(derived, rules) if rules else ()
    if svg is not None:
        from ...explain.drawing.layout import drawing
        from ...explain.drawing.svg import svg_of

        try:
            svg.write_text(svg_of(drawing(found.graph, wanted)), encoding="utf-8")
        except OSError as fault:
            raise EnvironmentFault(f"{svg} cannot be written: {fault.strerror}") from fault
    if graph:
        from ..views.graph import trees
        from ..views.tree import show_trees

        show_trees(trees(found.graph, wanted))
