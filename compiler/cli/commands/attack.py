"""`proscribe attack BUNDLE`: add attacks to a finished bundle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...messages.diagnostics import did_you_mean
from ...processes import prepare_machine
from ...records.canonical import to_json
from ..exits import EnvironmentFault
from ..progress import progress
from . import build
from .build import BACKBONE, EFFORT, JOBS, JSON, QUIET, VERDICTS, leave
from .check import joined
from .replay import run_replay

if TYPE_CHECKING:
    from proscribe.runtime.bundle import Bundle

    from ...attack.listed import Listed
    from ...records.results import Effort


@click.command()
@click.argument("bundle", type=click.Path(exists=True, file_okay=False, path_type=Path))
@BACKBONE
@click.option(
    "--rule", "--rules", "rules", metavar="R1,R2", multiple=True, callback=joined, help="Only these forbid rules."
)
@click.option(
    "--family",
    "--families",
    "families",
    metavar="F1,F2",
    multiple=True,
    callback=joined,
    help="Only these attacks, whatever their effort; `plan --effort deep` lists all.",
)
@EFFORT
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), help="Draw other probes; default the bundle's own seed.")
@click.option("--only", metavar="TRIAL", help="The same as `proscribe replay BUNDLE TRIAL`.")
@JOBS
@QUIET
@JSON
def attack(
    bundle: Path,
    backbone: str,
    rules: str,
    families: str,
    effort: Effort,
    seed: int | None,
    only: str | None,
    jobs: int,
    quiet: bool,
    as_json: bool,
) -> None:
    """Attack-test a BUNDLE again, add the trials to those that it has, and render its report again.

    Trials of the same attack and seed are replaced, all others are kept. A killed attack goes on where it stopped.
    """
    from proscribe.runtime.bundle import load_bundle
    from proscribe.runtime.errors import BundleRefused

    prepare_machine(jobs)
    try:
        loaded = load_bundle(bundle)
    except BundleRefused as refused:
        raise EnvironmentFault(str(refused)) from refused
    if only is not None:
        run_replay(loaded, only, backbone, None, quiet, as_json)
        return
    chosen_rules = _rules_of(loaded, rules)
    attacks = _attacks(families, effort)
    derived, book, model = build._of_bundle(loaded, backbone)
    from ...attack.run import Wanted
    from ...build.attack_bundle import attack_bundle, attack_folder

    chosen = loaded.manifest["seed"] if seed is None else seed
    wanted = Wanted(chosen_rules, attacks, safe=not families)
    try:
        with progress(quiet or as_json) as tick:
            statuses = attack_bundle(bundle, derived, book, model, wanted, effort, chosen, tick, max(1, jobs))
    except OSError as problem:
        raise EnvironmentFault(
            f"{problem}; finished attacks are kept in {attack_folder(bundle)}, the next attack goes on from them"
        ) from problem
    if as_json:
        click.echo(to_json({"bundle": str(bundle), "statuses": statuses}, indent=1))
    else:
        for rule, status in statuses.items():
            click.echo(f"{rule}  {VERDICTS[status]}")
        click.echo(f"Read {bundle / 'report.html'}")
    _say_what_is_older(bundle)
    leave(statuses)


def _say_what_is_older(folder: Path) -> None:
    """A note where trials of another version of the attacks were kept: their rates do not compare with the new ones."""
    from proscribe.runtime.bundle import load_bundle

    from ...attack.version import ATTACK_VERSION
    from ...build.attack_bundle import older_attacks

    bundle = load_bundle(folder)
    version = older_attacks(bundle.manifest)
    if version is not None:
        effort = bundle.read_json(f"rules/{bundle.rules[0]}/attack.json")["effort"]
        click.echo(
            f"note: some trials in {folder} are of an earlier version of the attacks ({version}; this is "
            f"{ATTACK_VERSION}). They stand as they were found; "
            f"`proscribe attack {folder} --effort {effort}` finds them again.",
            err=True,
        )


def _rules_of(bundle: Bundle, rules: str) -> tuple[str, ...]:
    """The rules that were asked for, in the order of the bundle."""
    known = [rule["id"] for rule in bundle.manifest["rules"]]
    asked = _split(rules)
    for rule in asked:
        if rule not in known:
            raise click.UsageError(f"the bundle has no rule {rule}; it has {', '.join(known)}")
    return tuple(rule for rule in known if not asked or rule in asked)


def _attacks(families: str, effort: Effort) -> tuple[Listed, ...]:
    """The attacks that were named, else those of the effort."""
    from ...attack.listed import LISTED, listed, named

    if not families:
        return listed(effort)
    try:
        return named(_split(families))
    except LookupError as missing:
        name = missing.args[0]
        known = [row.name for row in LISTED]
        hint = did_you_mean(name, known) or f"there is {', '.join(known)}"
        raise click.UsageError(f"there is no attack {name!r}; {hint}") from missing


def _split(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]
