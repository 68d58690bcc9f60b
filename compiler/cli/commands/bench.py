"""The command that measures what docs/benchmarks.md reports, on the machine it runs on."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from ...records.canonical import to_json
from ..files import POLICY_FILE


@click.command()
@click.argument("file", type=POLICY_FILE, required=False)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.option("--full", is_flag=True, help="Compile cold a second time and compare the adapters' bytes.")
@click.option("--language", is_flag=True, help="Measure `check` of 1k, 10k and 30k generated rules; takes no FILE.")
def bench(file: Path | None, as_json: bool, full: bool, language: bool) -> None:
    """Measure start time, cold, warm and changed compiles of a policy FILE, memory, and encoding cost."""
    if language:
        from ..benchmarks.language import as_plain, measure, table

        measured = measure()
        click.echo(to_json(as_plain(measured), indent=1) if as_json else table(measured))
        return
    if file is None:
        raise click.UsageError("Missing argument 'FILE'.")
    found: dict[str, float | bool] = {}
    found["check_seconds"] = round(min(_run(["check", str(file), "--quiet"], {})[0] for _ in range(3)), 3)
    found["scenes_a_second"] = round(_scenes_a_second())
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        cache = {"PROSCRIBE_CACHE": str(root / "cache")}
        out = root / "bundle"
        click.echo("compiling, cold ...", err=True)
        found["compile_cold_seconds"], code = _run(["compile", str(file), "--out", str(out), "--quiet"], cache)
        if not (out / "manifest.json").is_file():
            raise click.ClickException(f"compile left no bundle (exit code {code})")
        found["compile_exit_code"] = code
        found["peak_memory_gb"] = round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20, 2)
        found["compile_unchanged_seconds"], _ = _run(["compile", str(file), "--out", str(out), "--quiet"], cache)
        trainings = [json.loads(path.read_text()) for path in sorted(out.glob("rules/*/training.json"))]
        found["slowest_rule_training_seconds"] = max(float(t["seconds"]) for t in trainings)
        found["largest_adapter_bytes"] = max(int(t["adapter_bytes"]) for t in trainings)
        before = _adapters(out)
        changed = root / file.name
        changed.write_text(file.read_text().replace("instead juice", "instead milk", 1))
        seconds, _ = _run(["compile", str(changed), "--out", str(out), "--quiet"], cache)
        found["compile_one_rule_changed_seconds"] = seconds
        after = _adapters(out)
        found["adapters_trained_again"] = float(sum(before[rule] != after[rule] for rule in before))
        found |= _encoding(out)
        if full:
            click.echo("compiling, cold, again ...", err=True)
            again = {"PROSCRIBE_CACHE": str(root / "cache2")}
            _run(["compile", str(file), "--out", str(root / "again"), "--quiet"], again)
            found["same_seed_same_bytes"] = _adapters(root / "again") == before
    if as_json:
        click.echo(to_json(found, indent=1))
        return
    for name, value in found.items():
        click.echo(f"{name:36} {value}")


def _run(arguments: list[str], environment: dict[str, str]) -> tuple[float, int]:
    """(seconds, exit code) of one command in a process of its own."""
    program = "from proscribe.compiler.cli.main import main; main()"
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], env={**os.environ, **environment}, capture_output=True, check=False
    )
    return round(time.monotonic() - started, 3), done.returncode


def _scenes_a_second() -> float:
    from ...corpus.scene_sets import train_pool
    from ...corpus.scenes.scene import render

    scenes = train_pool()[:1000]
    for scene in scenes[:200]:
        render(scene)
    started = time.monotonic()
    for scene in scenes:
        render(scene)
    return len(scenes) / (time.monotonic() - started)


def _adapters(bundle: Path) -> dict[str, str]:
    paths = sorted(bundle.glob("rules/*/adapter/adapter_model.safetensors"))
    return {path.parts[-3]: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def _encoding(bundle: Path) -> dict[str, float | bool]:
    """Guarded over base time for 128 sentences and 64 pictures, the best of five, all rules on."""
    from proscribe.runtime import load_backbone, load_bundle

    from ...corpus.scene_sets import train_pool
    from ...corpus.scenes.scene import render

    model = load_backbone("mini")
    texts = [f"a child drinking a glass of wine, number {n}" for n in range(128)]
    pictures = [render(scene) for scene in train_pool()[:64]]
    merged = load_bundle(bundle).attach(model)
    branches = load_bundle(bundle).attach(model, merged=False)
    branches.only(branches.rules[0])
    times: dict[str, list[float]] = {}
    for _ in range(6):
        for name, encoder in (("base", model), ("merged", merged), ("unmerged", branches)):
            started = time.process_time()
            encoder.encode_text(texts)
            encoder.encode_image(pictures)
            times.setdefault(name, []).append(time.process_time() - started)
    base = min(times["base"])
    return {f"{name}_over_base": round(min(times[name]) / base, 3) for name in ("merged", "unmerged")}
