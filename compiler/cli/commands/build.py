"""The commands that build: plan and compile."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...graph.derive import Derived
from ...messages.diagnostics import Severity, listed
from ...pipeline import Analysis
from ...processes import prepare_machine
from ...records.canonical import to_json
from ...report.words import count
from ..exits import BrokenRule, EnvironmentFault, Inconclusive, PolicyError
from ..files import POLICY_FILE
from ..progress import progress
from .check import analysed, joined, show, summary, wanted_rules
from .emit import EFFORTS, LAST_SEED, STAGES, PlanAsked, check_last, emit_stage

if TYPE_CHECKING:
    from proscribe.runtime.backbone import Backbone
    from proscribe.runtime.bundle import Bundle

    from ...build.multi_seed import Seeded
    from ...build.plan import Plan
    from ...records.results import Effort

VERDICTS = {"pass": "may ship", "fail": "must not ship", "inconclusive": "not proven"}


def _derived(file: Path, quiet: bool) -> Derived:
    """The policy's sets; prints what is wrong and exits 1 where there are none."""
    found = analysed(file)
    derived = found.derived
    if derived is None:
        _show(found, {"error"})
        raise PolicyError(f"{summary(derived, found.diagnostics)}: nothing was compiled")
    if not quiet:
        _show(found, {"warning"})
    if not derived.rules:
        raise PolicyError(f"{file} has no forbid rule: there is nothing to train")
    if derived.too_wide:
        raise PolicyError(f"too many cells to compile in {listed(derived.too_wide, 'and')}: see P406 of `check`")
    return derived


def _show(found: Analysis, severities: set[Severity]) -> None:
    show((found.derived, found.source, found.diagnostics), severities, err=True, others=found.others)


def backbone_named(name: str) -> Backbone:
    """Load a backbone; what is missing is told in a sentence, exit 5."""
    from proscribe.runtime.backbone import load_backbone
    from proscribe.runtime.errors import EnvironmentProblem

    try:
        return load_backbone(name)
    except EnvironmentProblem as problem:
        raise EnvironmentFault(str(problem)) from problem


BACKBONE = click.option("--backbone", default="mini", show_default=True, metavar="NAME", help="See `backbone list`.")
_RULES = click.option("--rules", metavar="R1,R2", multiple=True, callback=joined, help="Only these forbid rules.")
_SEED = click.option("--seed", default=0, show_default=True, type=click.IntRange(0, LAST_SEED))
_SEEDS = click.option(
    "--seeds",
    default=1,
    show_default=True,
    type=click.IntRange(1, 100),
    metavar="N",
    help="Train with N seeds, from --seed on: the first one ships, the report shows the spread of all.",
)
JOBS = click.option(
    "--jobs",
    default=0,
    type=click.IntRange(0, 256),
    metavar="N",
    help="Processor cores to use; attacks run in as many processes.",
)
EFFORT = click.option(
    "--effort",
    default="quick",
    show_default=True,
    type=click.Choice(EFFORTS),
    help="How much is attacked: five families, every family of probes, or campaigns with the model in hand as well.",
)
QUIET = click.option("--quiet", "-q", is_flag=True, help="No progress, only the result.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.command()
@click.argument("file", type=POLICY_FILE)
@BACKBONE
@_RULES
@EFFORT
@_SEED
@_SEEDS
@QUIET
@JSON
@click.option(
    "--emit",
    type=click.Choice(STAGES),
    metavar="STAGE",
    help="Print a STAGE as JSON, as `proscribe emit STAGE FILE` does.",
)
def plan(
    file: Path,
    backbone: str,
    rules: str,
    effort: Effort,
    seed: int,
    seeds: int,
    quiet: bool,
    as_json: bool,
    emit: str | None = None,
) -> None:
    """Show what compile would do with a policy FILE: jobs, data counts, seeds, attacks and their cost, minutes."""
    check_last(seed, seeds)
    if emit is not None:
        emit_stage(analysed(file), emit, PlanAsked(backbone, "", effort, seed, seeds, rules))
        return
    from ...build.plan import make_plan
    from ...train.settings import TrainSettings

    derived = _derived(file, quiet or as_json)
    wanted = tuple(sorted(wanted_rules(derived, rules)))
    model = backbone_named(backbone)
    made, _ = make_plan(derived, model.name, model.fingerprint, seed, TrainSettings(), wanted, effort, seeds)
    if as_json:
        click.echo(to_json(made.to_dict(), indent=1))
        return
    click.echo(_plan_lines(made))


def _plan_head(made: Plan) -> str:
    """What is made in how many minutes and, where there are several, by which training seeds."""
    head = (
        f"policy {made.policy} on {made.backbone} ({made.fingerprint[:12]}), seed {made.seed}: "
        f"{count(len(made.jobs), 'adapter')}, about {count(round(made.expected_seconds / 60), 'minute')} on two cores"
    )
    first, *others = made.seeds
    if not others:
        return head
    return (
        f"{head}\n{len(made.seeds)} training seeds, each trained and attacked: {first} ships, "
        f"{_several(others)} for the spread"
    )


def _several(seeds: Sequence[int]) -> str:
    """`1`, `1 and 2`, `1 to 5`: seeds that follow each other."""
    return f"{seeds[0]} to {seeds[-1]}" if len(seeds) > 2 else listed(map(str, seeds), "and")


def _plan_lines(made: Plan) -> str:
    lines = [_plan_head(made), ""]
    for job in made.jobs:
        lines += [
            f"{job.rule}  {job.text.splitlines()[0].strip()}",
            f"    {count(job.cells, 'forbidden cell')} ({job.pictured} with pictures), "
            f"{count(job.neighbours, 'neighbour')}, {count(job.allows, 'allow')}, {count(job.marginals, 'marginal')}, "
            f"{job.control} control",
            f"    {job.forget_captions} forget captions, {job.forget_pictures} forget pictures, {job.steps} steps, "
            f"seed {job.seed}, about {job.expected_seconds:.0f} s, plan {job.plan[:12]}",
        ]
    lines += ["", *_attack_lines(made)]
    return "\n".join(lines)


def _attack_lines(made: Plan) -> list[str]:
    """The table of attacks with what each costs over all rules."""
    seconds = sum(cost.expected_seconds for cost in made.attacks)
    wide = max(len(cost.family) for cost in made.attacks)
    each = " and a training seed" if len(made.seeds) > 1 else ""
    lines = [f"attacks at {made.effort} effort, about {seconds:.0f} s for {count(len(made.jobs), 'rule')}{each}"]
    for cost in made.attacks:
        trials = f"{cost.trials:,} probes" if cost.trials is not None else "campaign"
        lines.append(f"    {cost.family:{wide}}  {cost.kind:9}  {trials:>14}  {cost.expected_seconds:6.1f} s")
    return lines


@click.command(name="compile")
@click.argument("file", type=POLICY_FILE)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="The bundle; default build/<file name>.")
@BACKBONE
@_RULES
@EFFORT
@_SEED
@_SEEDS
@JOBS
@QUIET
@JSON
def compile_(
    file: Path,
    out: Path | None,
    backbone: str,
    rules: str,
    effort: Effort,
    seed: int,
    seeds: int,
    jobs: int,
    quiet: bool,
    as_json: bool,
) -> None:
    """Train, attack, package and report an adapter for each forbid rule of a policy FILE."""
    from ...bundle.policy_files import why_not_kept
    from ...bundle.write import seeds_folder, work_folder

    check_last(seed, seeds)
    derived = _derived(file, quiet or as_json)
    wanted = tuple(sorted(wanted_rules(derived, rules)))
    refused = why_not_kept(derived)
    if refused:
        raise PolicyError(refused)
    out = out or Path("build") / file.stem
    _check_out(out)
    if seeds > 1:
        _check_seeds(seeds_folder(out), range(seed + 1, seed + seeds))
    prepare_machine(jobs)
    started = time.monotonic()
    from ...build.multi_seed import compile_seeds
    from ...build.plan import make_plan
    from ...train.settings import TrainSettings

    model = backbone_named(backbone)
    made, book = make_plan(derived, model.name, model.fingerprint, seed, TrainSettings(), wanted, effort, seeds)
    if not quiet and not as_json:
        click.echo(_plan_head(made), err=True)
    try:
        with progress(quiet or as_json) as tick:
            done = compile_seeds(derived, made, book, model, out, tick, max(1, jobs))
    except OSError as problem:
        kept = f"{work_folder(out)} and {seeds_folder(out)}" if seeds > 1 else work_folder(out)
        raise EnvironmentFault(
            f"{problem}; finished pieces are kept in {kept}, the next compile goes on from them"
        ) from problem
    except ValueError as problem:
        raise PolicyError(str(problem)) from problem
    _say_compiled(done, time.monotonic() - started, as_json)
    leave(done.shipped.statuses)


def _check_out(out: Path) -> None:
    """A folder that is no bundle is never overwritten."""
    _refuse_other(out)
    out.parent.mkdir(parents=True, exist_ok=True)


def _refuse_other(out: Path) -> None:
    if out.exists() and not (out / "manifest.json").is_file() and any(out.iterdir()):
        raise click.UsageError(f"{out} is not empty and is no bundle; choose another --out")


def _check_seeds(folder: Path, seeds: Iterable[int]) -> None:
    """Nor is a file or a bundle that stands where the other seeds' bundles go."""
    if folder.exists() and (not folder.is_dir() or (folder / "manifest.json").exists()):
        raise click.UsageError(f"{folder} is in the way of the other seeds' bundles; choose another --out")
    for seed in seeds:
        _refuse_other(folder / str(seed))


def _say_compiled(seeded: Seeded, seconds: float, as_json: bool) -> None:
    from ...bundle.write import seeds_folder
    from ...report.figures.spread import spread_sentence

    done = seeded.shipped
    if as_json:
        fields: dict[str, Any] = {
            "bundle": str(done.folder),
            "trained": done.trained,
            "reused": done.reused,
            "attacked": done.attacked,
            "statuses": done.statuses,
            "other_seeds": seeded.others,
            "seeds": {rule: [asdict(row) for row in attack.seeds] for rule, attack in seeded.attacks.items()},
            "seconds": round(seconds, 1),
        }
        click.echo(to_json(fields, indent=1))
        return
    for rule, status in done.statuses.items():
        click.echo(f"{rule}  {VERDICTS[status]}: {done.sentences[rule].split(': ', 1)[-1]}")
        if spread := spread_sentence(seeded.attacks[rule]):
            click.echo(f"    {spread}")
    trained = f"trained {', '.join(done.trained)}" if done.trained else "nothing had changed, no adapter was trained"
    if seeded.others:
        others = listed(map(str, seeded.others), "and")
        trained += f"; seed{'s' if len(seeded.others) > 1 else ''} {others} compiled in {seeds_folder(done.folder)}"
    click.echo(f"{done.folder}: {trained}; {seconds:.0f} s. Read {done.folder / 'report.html'}")


def leave(statuses: dict[str, str]) -> None:
    """End with the exit code of the worst verdict."""
    if "fail" in statuses.values():
        raise BrokenRule("a rule broke its `require`: " + _those(statuses, "fail"))
    if "inconclusive" in statuses.values():
        raise Inconclusive("not proven, neither kept nor broken: " + _those(statuses, "inconclusive"))


def _those(statuses: dict[str, str], status: str) -> str:
    return ", ".join(rule for rule, found in statuses.items() if found == status)


def _of_bundle(bundle: Bundle, backbone: str) -> tuple[Derived, Any, Backbone]:
    """The bundle's own copy of its policy, derived again, and the backbone it was made for."""
    from proscribe.runtime.errors import BundleRefused

    from ...bundle.policy_files import policy_of
    from ...corpus.phrasebook import build_phrasebook

    try:
        found = policy_of(bundle)
    except BundleRefused as refused:
        raise EnvironmentFault(str(refused)) from refused
    derived = found.derived
    if derived is None:
        _show(found, {"error"})
        said = summary(None, found.diagnostics)
        raise EnvironmentFault(f"the policy inside {bundle.folder} has {said} under this version of proscribe")
    model = backbone_named(backbone)
    manifest = bundle.manifest
    if model.fingerprint != manifest["backbone"]["fingerprint"]:
        raise EnvironmentFault(
            f"{bundle.folder} was made for {manifest['backbone']['name']} {manifest['backbone']['fingerprint'][:12]}, "
            f"not for {model.name} {model.fingerprint[:12]}; name the right one with --backbone"
        )
    return derived, build_phrasebook(derived, manifest["seed"]), model
