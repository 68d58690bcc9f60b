"""`proscribe compare OLD NEW`: is one bundle worse than another? Nothing here may import torch."""

from __future__ import annotations

from pathlib import Path

import click

from ..exits import BrokenRule, EnvironmentFault

_BUNDLE = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("old", type=_BUNDLE)
@click.argument("new", type=_BUNDLE)
@click.option("--all", "every", is_flag=True, help="List what did not differ, too.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing; the exit code says it.")
def compare(old: Path, new: Path, every: bool, as_json: bool, quiet: bool) -> None:
    """Say what is significantly worse or better in the bundle NEW than in OLD; exit 3 where something is worse.

    Attacks are compared probe by probe where both bundles tried the same ones. A difference counts where it stands
    after the correction for all the tests made together.
    """
    from ...compare.read import Side, read_side
    from ...compare.run import compare as run
    from ...records.decode import Damaged
    from ...report.read import NotABundle

    sides: list[Side] = []
    for folder, name in ((old, "OLD"), (new, "NEW")):
        try:
            sides.append(read_side(folder))
        except NotABundle as fault:
            raise click.BadParameter(str(fault), param_hint=name) from fault
        except Damaged as fault:
            raise EnvironmentFault(f"{folder}/{fault}") from fault
    found = run(*sides)
    if as_json:
        from ...compare.document import document
        from ...records.canonical import to_json

        click.echo(to_json(document(found), indent=1))
    elif not quiet:
        from rich.console import Console

        from ...compare.show import show

        show(found, every, Console())
    if found.regressed:
        from ...report.words import count

        worse = [row for row in found.found("regression") if row.gates]
        rules = ", ".join(dict.fromkeys(row.rule for row in worse))
        raise BrokenRule(f"{new} is significantly worse than {old} in {count(len(worse), 'measure')} of {rules}")
