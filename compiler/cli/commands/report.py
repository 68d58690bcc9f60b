"""The commands of those who decide: report. Nothing here may import torch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..exits import EnvironmentFault

if TYPE_CHECKING:
    from ...report.model import Level


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR")
@click.option("--open", "show", is_flag=True, help="Open the page in a browser.")
@click.option(
    "--level",
    type=click.Choice(("public", "internal", "full")),
    default="internal",
    show_default=True,
    help="How much of the attacks is shown.",
)
@click.option("--json", "as_json", is_flag=True, help="Print report.json.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing.")
def report(folder: Path, show: bool, level: Level, as_json: bool, quiet: bool) -> None:
    """Render the reports of the bundle in DIR again, from what its attack-tests found.

    At the level public no attack is shown; at internal those that got through or came closest, with the command that
    replays each; at full also a sample of every family's trials.

    Exit 0 says that the reports were written, whatever they say.
    """
    from ...records.decode import Damaged
    from ...report.read import NotABundle
    from ...report.write import refresh_manifest, render_bundle

    try:
        files = render_bundle(folder, level=level, place=folder)
        refresh_manifest(folder, files)
    except NotABundle as fault:
        raise click.BadParameter(str(fault), param_hint="DIR") from fault
    except Damaged as fault:
        raise EnvironmentFault(f"{folder}/{fault}") from fault
    except OSError as fault:
        raise EnvironmentFault(f"{folder} cannot be written: {fault.strerror or fault}") from fault
    if as_json:
        click.echo((folder / "report.json").read_text("utf-8"), nl=False)
    elif not quiet:
        _say(folder)
    if show:
        page = (folder / "report.html").resolve()
        if click.launch(str(page)):
            click.echo(f"proscribe: no browser could be started; the page is {page}", err=True)


def _say(folder: Path) -> None:
    import json

    from ...report.words import after_verdict, visible

    written = json.loads((folder / "report.json").read_text("utf-8"))
    for entry in (*written["rules"], {"id": written["policy"], **written}):
        verdict = entry["verdict"]
        sentence = after_verdict(verdict["sentence"], verdict["status"])
        click.echo(visible(f"{entry['id']}: {verdict['words']}. {sentence}"))
    click.echo(f"wrote {folder / 'report.html'}")
