"""Run one recorded trial again, through the runtime's own encoding, and show what base and guarded model say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from proscribe.runtime.apply import Guarded, attach_adapters
from proscribe.runtime.backbone import Backbone
from proscribe.runtime.bundle import load_bundle

from ..corpus.scenes import Scene, render

Encoder = Backbone | Guarded


def find_trial(bundle: Path, trial: str) -> dict[str, Any]:
    """The recorded trial; LookupError where the bundle has none of that id."""
    rule = trial.split("-", 1)[0]
    path = bundle / "rules" / rule / "trials.jsonl"
    if not path.is_file():
        raise LookupError(f"no trial {trial!r}: {bundle} has no rule {rule!r}")
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            record: dict[str, Any] = json.loads(line)
            if record["id"] == trial:
                return record
    raise LookupError(f"no trial {trial!r} among the trials of {rule} in {path}")


def replay(bundle: Path, trial: str, backbone: Backbone) -> dict[str, Any]:
    """The record with the cosines of its probe to both picks, measured now on base and guarded towers."""
    record = find_trial(bundle, trial)
    loaded = load_bundle(bundle)
    every = [rule["id"] for rule in loaded.manifest["rules"]]
    rules = every if record["stage"] == "all_on" else [trial.split("-", 1)[0]]
    guarded = attach_adapters(backbone, {rule: bundle / "rules" / rule / "adapter" for rule in rules})
    text: Encoder = guarded if record["towers"] in ("both", "text") else backbone
    picture: Encoder = guarded if record["towers"] in ("both", "picture") else backbone
    sides = {"base": (backbone, backbone), "guarded": (text, picture)}
    found = {name: _cosines(record, *towers) for name, towers in sides.items()}
    return {"trial": record, "rules_on": rules, "now": found}


def _cosines(record: dict[str, Any], text: Encoder, picture: Encoder) -> dict[str, float]:
    """How close the probe is to the base's pick and to the guarded model's pick."""
    picks = {name: " ".join(record[name]["cell"]).replace("_", " ") for name in ("base", "guarded")}
    if record["picture"] is not None:
        probe_D = picture.encode_image([render(Scene(**record["picture"]))])[0]
    else:
        probe_D = text.encode_text([record["text"]])[0]
    cosines = {}
    for name, words in picks.items():
        if record["picture"] is not None:
            other_D = text.encode_text([words])[0]
        else:
            subject, relation, object_ = record[name]["cell"]
            scene = Scene(subject, relation, object_, seed=0, style="flat")
            other_D = picture.encode_image([render(scene)])[0]
        cosines[words] = round(float(torch.dot(probe_D, other_D)), 4)
    return cosines


def replay_lines(shown: dict[str, Any]) -> str:
    """The replay for a reader at a terminal."""
    record = shown["trial"]
    probe = record["text"] if record["picture"] is None else f"picture {record['picture']}"
    lines = [
        f"{record['id']}: {record['family']} attack on {' '.join(record['cell'])}",
        f"  probe    {probe}",
        f"  rules on {', '.join(shown['rules_on'])}; towers guarded: {record['towers']}; {record['direction']}",
        f"  recorded base {' '.join(record['base']['cell'])} ({record['base']['score']:.3f}), "
        f"guarded {' '.join(record['guarded']['cell'])} ({record['guarded']['score']:.3f}): {record['outcome']}",
    ]
    for side, cosines in shown["now"].items():
        told = ", ".join(f"{words} {value:.3f}" for words, value in cosines.items())
        lines.append(f"  now, {side:8} {told}")
    return "\n".join(lines)
