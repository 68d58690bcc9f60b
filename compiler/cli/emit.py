"""`proscribe emit STAGE FILE`: what the compiler knows of a policy after each stage, for tools and tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import click

from ..graph.canonical import to_json
from ..pipeline import Analysis
from .author import POLICY_FILE, analysed, show, summary
from .exits import PolicyError

STAGES = ("source", "policy", "resolved", "graph", "derived", "plan")
_LIKE_COMPILE = "As of `plan`."


@click.command()
@click.argument("stage", type=click.Choice((*STAGES, "all")))
@click.argument("file", type=POLICY_FILE, required=False)
@click.option("--hash", "only_hash", is_flag=True, help="Print the stage, the hash of everything, and of its meaning.")
@click.option("--schema", "only_schema", is_flag=True, help="Print the stage's JSON Schema; takes no FILE.")
@click.option("--backbone", default="mini", show_default=True, metavar="NAME", help=_LIKE_COMPILE)
@click.option("--fingerprint", default="", metavar="HEX", help="The backbone's, so that `plan` need not load it.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0, 2**31 - 1), help=_LIKE_COMPILE)
def emit(
    stage: str, file: Path | None, only_hash: bool, only_schema: bool, backbone: str, fingerprint: str, seed: int
) -> None:
    """Print a STAGE of a policy FILE as canonical JSON, with the address of its schema and two hashes.

    `sha256` is the hash of everything, `meaning` that without places and source text. STAGE `all` goes with --hash:
    every stage up to `derived`, and `plan` where a --fingerprint is given.
    """
    from ..emit import schema

    if only_schema:
        if stage == "all" or file is not None:
            raise click.UsageError("--schema takes one STAGE and no FILE")
        click.echo(to_json(schema(cast(Any, stage)), indent=1))
        return
    if file is None:
        raise click.UsageError("Missing argument 'FILE'.")
    if stage == "all" and not only_hash:
        raise click.UsageError("STAGE `all` goes with --hash; name one stage to print it")
    found = analysed(file)
    wanted = (stage,) if stage != "all" else STAGES if fingerprint else STAGES[:-1]
    for name in wanted:
        emit_stage(found, name, only_hash, backbone, fingerprint, seed)
    if found.derived is None:
        show((None, found.source, found.diagnostics), {"error"}, err=True, others=found.others)
        raise PolicyError


def emit_stage(
    found: Analysis, stage: str, only_hash: bool = False, backbone: str = "mini", fingerprint: str = "", seed: int = 0
) -> None:
    """Print one stage."""
    from ..emit import emit as emitted

    if found.derived is None and stage not in ("source", "policy"):
        show((None, found.source, found.diagnostics), {"error"}, err=True, others=found.others)
        raise PolicyError(f"{summary(None, found.diagnostics)}: there is no {stage}")
    plan = None
    if stage == "plan":
        from ..plan import make_plan
        from ..train.settings import TrainSettings

        assert found.derived is not None
        if not fingerprint:
            from .build import backbone_named

            model = backbone_named(backbone)
            backbone, fingerprint = model.name, model.fingerprint
        rules = tuple(rule for rule in found.derived.ids if rule not in found.derived.too_wide)
        plan, _ = make_plan(found.derived, backbone, fingerprint, seed, TrainSettings(), rules)
    document = emitted(found, cast(Any, stage), plan)
    if only_hash:
        click.echo(f"{stage}  {document['sha256']}  {document['meaning']}")
    else:
        click.echo(to_json(document, indent=1))
