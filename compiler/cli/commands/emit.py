"""`proscribe emit STAGE FILE`: what the compiler knows of a policy after each stage, for tools and tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from ...pipeline import Analysis
from ...records.canonical import to_json
from ..exits import PolicyError
from ..files import POLICY_FILE
from .check import analysed, show, summary, wanted_rules

if TYPE_CHECKING:
    from ...build.plan import Plan
    from ...records.results import Effort

EFFORTS = ("quick", "standard", "deep")
LAST_SEED = 2**31 - 1
STAGES = ("source", "policy", "resolved", "graph", "derived", "plan")
_LIKE_COMPILE = "As of `plan`."


@dataclass(frozen=True, slots=True)
class PlanAsked:
    """What a plan is made for: with a fingerprint no backbone is loaded; without rules all that are narrow enough."""

    backbone: str = "mini"
    fingerprint: str = ""
    effort: Effort = "quick"
    seed: int = 0
    seeds: int = 1
    rules: str = ""


@click.command()
@click.argument("stage", type=click.Choice((*STAGES, "all")))
@click.argument("file", type=POLICY_FILE, required=False)
@click.option("--hash", "only_hash", is_flag=True, help="Print the stage, the hash of everything, and of its meaning.")
@click.option("--schema", "only_schema", is_flag=True, help="Print the stage's JSON Schema; takes no FILE.")
@click.option("--backbone", default="mini", show_default=True, metavar="NAME", help=_LIKE_COMPILE)
@click.option("--fingerprint", default="", metavar="HEX", help="The backbone's, so that `plan` need not load it.")
@click.option("--effort", default="quick", show_default=True, type=click.Choice(EFFORTS), help=_LIKE_COMPILE)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0, LAST_SEED), help=_LIKE_COMPILE)
@click.option("--seeds", default=1, show_default=True, type=click.IntRange(1, 100), metavar="N", help=_LIKE_COMPILE)
def emit(
    stage: str,
    file: Path | None,
    only_hash: bool,
    only_schema: bool,
    backbone: str,
    fingerprint: str,
    effort: Effort,
    seed: int,
    seeds: int,
) -> None:
    """Print a STAGE of a policy FILE as canonical JSON, with the address of its schema and two hashes.

    `sha256` is the hash of everything, `meaning` that without places and source text. STAGE `all` goes with --hash:
    every stage up to `derived`, and `plan` where a --fingerprint is given.
    """
    from ...emit.stages import schema

    if only_schema:
        if stage == "all" or file is not None:
            raise click.UsageError("--schema takes one STAGE and no FILE")
        click.echo(to_json(schema(cast(Any, stage)), indent=1))
        return
    if file is None:
        raise click.UsageError("Missing argument 'FILE'.")
    if stage == "all" and not only_hash:
        raise click.UsageError("STAGE `all` goes with --hash; name one stage to print it")
    check_last(seed, seeds)
    asked = PlanAsked(backbone, fingerprint, effort, seed, seeds)
    found = analysed(file)
    wanted = (stage,) if stage != "all" else STAGES if fingerprint else STAGES[:-1]
    for name in wanted:
        emit_stage(found, name, asked, only_hash=only_hash)
    if found.derived is None:
        show((None, found.source, found.diagnostics), {"error"}, err=True, others=found.others)
        raise PolicyError


def check_last(seed: int, seeds: int) -> None:
    """A usage fault where training seeds would go beyond the last one."""
    if seed + seeds - 1 > LAST_SEED:
        raise click.UsageError(f"{seeds} seeds from {seed} on go beyond the last seed, {LAST_SEED}")


def emit_stage(found: Analysis, stage: str, asked: PlanAsked, *, only_hash: bool = False) -> None:
    """Print one stage; `asked` is what a plan is made for."""
    from ...emit.stages import emit as emitted

    if found.derived is None and stage not in ("source", "policy"):
        show((None, found.source, found.diagnostics), {"error"}, err=True, others=found.others)
        raise PolicyError(f"{summary(None, found.diagnostics)}: there is no {stage}")
    document = emitted(found, cast(Any, stage), _plan(found, asked) if stage == "plan" else None)
    if only_hash:
        click.echo(f"{stage}  {document['sha256']}  {document['meaning']}")
    else:
        click.echo(to_json(document, indent=1))


def _plan(found: Analysis, asked: PlanAsked) -> Plan:
    from ...build.plan import make_plan
    from ...train.settings import TrainSettings

    derived = found.derived
    assert derived is not None
    name, fingerprint = asked.backbone, asked.fingerprint
    if not fingerprint:
        from .build import backbone_named

        model = backbone_named(name)
        name, fingerprint = model.name, model.fingerprint
    if asked.rules:
        rules = tuple(sorted(wanted_rules(derived, asked.rules)))
    else:
        rules = tuple(rule for rule in derived.ids if rule not in derived.too_wide)
    return make_plan(derived, name, fingerprint, asked.seed, TrainSettings(), rules, asked.effort, asked.seeds)[0]
