"""`proscribe replay BUNDLE TRIAL`, and `attack --only`: one trial again, base and guarded answers side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...records.canonical import to_json
from ..exits import BrokenRule, EnvironmentFault

if TYPE_CHECKING:
    from proscribe.runtime.bundle import Bundle
    from rich.console import Console

    from ...attack.replay.result import Ranked, Replayed


def _trial_ids(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Shell completion of a bundle's trial ids, from its files alone."""
    import json

    folder = ctx.params.get("bundle")
    found: list[str] = []
    for path in sorted(Path(folder or ".").glob("rules/*/trials.jsonl")):
        with path.open(encoding="utf-8") as stream:
            found += [i for line in stream if (i := str(json.loads(line).get("id", ""))).startswith(incomplete)]
    return found[:200]


@click.command()
@click.argument("bundle", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("trial", shell_complete=_trial_ids)
@click.option("--backbone", default="mini", show_default=True, metavar="NAME", help="See `backbone list`.")
@click.option("--save", type=click.Path(dir_okay=False, path_type=Path), help="Write the picture tried to a PNG FILE.")
@click.option("--quiet", "-q", is_flag=True, help="No progress, only the result.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def replay(bundle: Path, trial: str, backbone: str, save: Path | None, quiet: bool, as_json: bool) -> None:
    """Run one TRIAL of a BUNDLE again, exactly as it was judged, and show it; exit 3 where the outcome differs.

    The base and the guarded model rank the world's pictures or sentences. An attack with gradients climbs them again,
    one on the weights changes them again. The report prints the command for each trial that it shows.
    """
    from proscribe.runtime.bundle import load_bundle
    from proscribe.runtime.errors import BundleRefused

    try:
        loaded = load_bundle(bundle)
    except BundleRefused as refused:
        raise EnvironmentFault(str(refused)) from refused
    run_replay(loaded, trial, backbone, save, quiet, as_json)


def run_replay(bundle: Bundle, trial: str, backbone: str, save: Path | None, quiet: bool, as_json: bool) -> None:
    """Find, judge, save, print; exit 2 for what is no trial, 3 for another outcome than the recorded one."""
    from ...attack.replay.lookup import find_trial
    from ...attack.replay.replay import replay
    from ...attack.replay.result import NotReplayable
    from ...records.decode import Damaged
    from ..progress import progress
    from . import build

    try:
        # Looked for first: a slip in the id is told before a model is loaded.
        _, recorded = find_trial(bundle, trial)
        if save and recorded.picture is None:
            raise click.UsageError(f"{trial} tried a sentence: there is no picture to --save")
        derived, book, model = build._of_bundle(bundle, backbone)
        with progress(quiet or as_json) as tick:
            found = replay(bundle, trial, derived, book, model, tick)
        if save and found.picture is not None:
            found.picture.save(save, format="PNG")
    except (LookupError, NotReplayable) as fault:
        raise click.UsageError(str(fault.args[0])) from fault
    except Damaged as fault:
        raise EnvironmentFault(f"{bundle.folder}/{fault}") from fault
    except OSError as fault:
        raise EnvironmentFault(f"{save} cannot be written: {fault.strerror or fault}") from fault
    if as_json:
        click.echo(to_json(found.to_dict(), indent=1))
    else:
        from rich.console import Console

        _show(found, Console(), save)
    if not found.same:
        raise BrokenRule(found.sentence)


def _show(found: Replayed, console: Console, save: Path | None) -> None:
    from rich.text import Text

    from ...report.words import SIGN, tuple_text, visible

    trial = found.trial
    towers = {"both": "both towers", "text": "the text tower", "picture": "the picture tower"}[trial.towers]
    rules = ", ".join(found.rules_on)
    picture = trial.picture or {}
    edits = [f"{edit['kind']} {edit['amount']:g}" for edit in picture.get("edits", ())]
    changed = f" ({', '.join(edits)})" if edits else ""
    tried = f"a picture of {trial.text}{changed}" if picture else f'"{trial.text}"'
    rows = [
        (trial.id, f"{trial.family} attack on {tuple_text(trial.cell)}"),
        *([("variant", trial.variant)] if trial.variant else []),
        ("tried", tried),
        ("guarded", f"{towers}, with {rules} on"),
        ("asked", f"{found.asked} ({found.candidates:,} candidates)"),
    ]
    for label, said in rows:
        console.print(Text.assemble((f"{label}  " if label == trial.id else f"  {label:8} ", "bold"), visible(said)))
    if save:
        console.print(Text(f"  {'saved':8} {save}"))
    console.print(_side_by_side(found))
    recorded = f"recorded: base {_answer(trial.base)}, guarded {_answer(trial.guarded)}, {trial.outcome}"
    console.print(Text(visible(recorded), "dim"))
    sign = SIGN["pass" if found.same else "fail"]
    console.print(Text(f"{sign} {found.sentence}", "bold green" if found.same else "bold red"))


def _side_by_side(found: Replayed) -> Any:
    from itertools import zip_longest

    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from ...report.words import visible

    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for side in ("base", "guarded"):
        table.add_column(side, overflow="fold", ratio=1)
        table.add_column("cosine", justify="right", no_wrap=True)

    def cells(one: Ranked | None) -> list[Text]:
        if one is None:
            return [Text(""), Text("")]
        note = " (the attack's own)" * one.is_probe + " forbidden" * one.forbidden
        words = Text.assemble((visible(one.caption), "red" if one.forbidden else ""), (note, "dim"))
        return [words, Text(f"{one.score:.4f}")]

    for base, guarded in zip_longest(found.base, found.guarded):
        table.add_row(*cells(base), *cells(guarded))
    return table


def _answer(pick: Any) -> str:
    from ...report.words import tuple_text

    return f"{tuple_text(tuple(pick.cell))} {pick.score:.4f}"
