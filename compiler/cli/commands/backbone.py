"""The commands about backbones: list, info, train, eval."""

from __future__ import annotations

from pathlib import Path

import click

from ...processes import prepare_machine
from ...records.canonical import to_json
from ..exits import EnvironmentFault
from ..progress import progress
from .build import JOBS, QUIET, backbone_named

_PHOTOS = click.option(
    "--photos",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("../shared/photos"),
    show_default=True,
    help="A folder of photos with captions (*.jsonl, *.tar); left out where it is absent.",
)


@click.group()
def backbone() -> None:
    """List, inspect, train and evaluate backbones."""


@backbone.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_(as_json: bool) -> None:
    """The built-in backbone, and how others are named."""
    import open_clip

    names = [f"{architecture}:{tag}" for architecture, tag in open_clip.list_pretrained() if "ViT" in architecture]
    if as_json:
        click.echo(to_json({"built_in": ["mini"], "open_clip": names}, indent=1))
        return
    click.echo("mini                      built in: needs no network\n")
    click.echo("ARCH:TAG                  downloaded by open_clip, for example:")
    for name in names[:12]:
        click.echo(f"  {name}")
    click.echo(f"  ... and {max(0, len(names) - 12)} more (--json lists all)\n")
    click.echo("ARCH:/path/w.safetensors  your own weights for an open_clip architecture")
    click.echo("hf-hub:org/name           a model on the Hugging Face hub")


@backbone.command()
@click.argument("name", default="mini")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def info(name: str, as_json: bool) -> None:
    """What a backbone is: sizes, fingerprint, and the card of `mini`."""
    model = backbone_named(name)
    count = sum(parameter.numel() for parameter in model.model.parameters())
    facts = {
        "name": model.name,
        "dim": model.dim,
        "image_px": model.image_px,
        "parameters": count,
        "fingerprint": model.fingerprint,
        "parts": dict(model.fingerprint_parts),
    }
    if as_json:
        click.echo(to_json(facts, indent=1))
        return
    click.echo(f"{model.name}: {count / 1e6:.1f} M parameters, {model.dim} dimensions, {model.image_px} px pictures")
    click.echo(f"fingerprint {model.fingerprint}")
    for part, value in model.fingerprint_parts.items():
        click.echo(f"  {part:14} {value}")
    if model.kind == "mini":
        from proscribe.runtime.backbones.mini_model import FOLDER

        card = FOLDER / "CARD.md"
        if card.is_file():
            click.echo("\n" + card.read_text(encoding="utf-8"))


@backbone.command()
@click.argument("name", type=click.Choice(["mini"]))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Default: where the runtime reads it.")
@click.option("--steps", default=0, type=click.IntRange(0), help="Default: as the shipped weights were trained.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0, 2**31 - 1))
@click.option(
    "--onwards",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Go on from these weights, which have been through the parts before --part.",
)
@click.option(
    "--part", default=0, type=click.IntRange(0, 3), metavar="2|3", help="Where to go on; default 2 with --onwards."
)
@_PHOTOS
@JOBS
@QUIET
def train(
    name: str,
    out: Path | None,
    steps: int,
    seed: int,
    onwards: Path | None,
    part: int,
    photos: Path,
    jobs: int,
    quiet: bool,
) -> None:
    """Train `mini` anew, about an hour on two cores. Needs the extra: pip install 'proscribe[train]'."""
    from proscribe.runtime.backbones.mini_model import FOLDER
    from proscribe.runtime.errors import EnvironmentProblem

    from ...backbones.photos import load_photos
    from ...backbones.settle import SettleConfig
    from ...backbones.train import MiniConfig, train_mini
    from ...backbones.widen import WidenConfig

    if (part > 1) and onwards is None:
        raise click.UsageError("--part needs --onwards: the weights to go on from")
    if part == 1 and onwards is not None:
        raise click.UsageError("--onwards goes on with part 2 or 3")
    prepare_machine(jobs)
    found = load_photos(photos, "train")
    if not found:
        click.echo(f"no photos in {photos}: training on rendered scenes only", err=True)
    config = MiniConfig(seed=seed, steps=steps) if steps else MiniConfig(seed=seed)
    try:
        with progress(quiet) as tick:
            settling, widening = SettleConfig(seed=seed), WidenConfig(seed=seed)
            begin = part or (1 if onwards is None else 2)
            weights = train_mini(config, settling, widening, found, out or FOLDER, tick, onwards, begin)
    except EnvironmentProblem as problem:
        raise EnvironmentFault(str(problem)) from problem
    click.echo(f"wrote {weights}; measure it with: proscribe backbone eval mini")


@backbone.command(name="eval")
@click.argument("name", default="mini")
@_PHOTOS
@JOBS
@QUIET
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def eval_(name: str, photos: Path, jobs: int, quiet: bool, as_json: bool) -> None:
    """Measure what a backbone knows of the built-in world and of photos."""
    from ...backbones.evaluate import evaluate

    prepare_machine(jobs)
    model = backbone_named(name)
    folder = photos if photos.is_dir() else None
    if folder is None:
        click.echo(f"no photos in {photos}: measuring rendered scenes only", err=True)
    with progress(quiet or as_json) as tick:
        found = evaluate(model, folder, tick)
    if as_json:
        click.echo(to_json(found, indent=1))
        return
    for key, value in found.items():
        click.echo(f"{key:44} {value:.0f}" if key == "cells" else f"{key:44} {value:7.2%}")
