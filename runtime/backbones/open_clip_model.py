"""Any CLIP that open_clip can build, from a tag, a safetensors file, the hub, or with random weights."""

from __future__ import annotations

import difflib
import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn

from ..errors import EnvironmentProblem
from .quiet import quiet

HUB = "hf-hub:"
PICKLES = (".pt", ".pth", ".bin", ".pkl", ".ckpt")
RANDOM_SEED = 0


class RandomWeights(UserWarning):
    """A backbone was built with random weights: good for tests, useless for answers."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a backbone is made of. `preprocessing` says what `preprocess` does to a picture."""

    model: nn.Module
    architecture: str
    tokenize: Callable[[list[str]], Tensor]
    preprocess: Callable[[Image.Image], Tensor]
    preprocessing: str
    image_px: int


def build(spec: str) -> Parts:
    """Build `ARCH`, `ARCH:TAG`, `ARCH:/path.safetensors` or `hf-hub:org/name`, float32, in eval mode.

    Raises EnvironmentProblem for an unknown architecture or tag, a missing file, a pickle, or no network.
    """
    import open_clip
    from open_clip.pretrained import download_pretrained_from_hf
    from open_clip.transform import PreprocessCfg, image_transform_v2

    if spec.startswith(HUB):
        architecture, source = spec, None
        model_id = spec.removeprefix(HUB)
        _refuse_pickle(_downloaded(spec, lambda: download_pretrained_from_hf(model_id)), spec)
    else:
        architecture, _, source = spec.partition(":")
        _known_architecture(architecture)
        source = _checked_source(architecture, source)
    try:
        with quiet(), torch.random.fork_rng(devices=[]):
            # The same random weights every time, so that a bundle made on them can be attached again.
            torch.manual_seed(RANDOM_SEED)
            model = open_clip.create_model(architecture, pretrained=source, weights_only=True)
            tokenize = open_clip.get_tokenizer(architecture)
    except Exception as fault:  # open_clip raises RuntimeError, OSError, KeyError and more for one cause
        raise EnvironmentProblem(f"the backbone {spec!r} cannot be built: {_first_line(fault)}") from fault
    if source is None and not spec.startswith(HUB):
        message = f"{spec!r} names no weights, so they are random: write {spec}:TAG or {spec}:/x.safetensors"
        warnings.warn(message, RandomWeights, stacklevel=3)
    config = dict(model.visual.preprocess_cfg)
    size = config["size"]
    return Parts(
        model=model.eval(),
        architecture=architecture,
        tokenize=tokenize,
        preprocess=image_transform_v2(PreprocessCfg(**config), is_train=False),
        preprocessing=json.dumps(config, sort_keys=True, default=str),
        image_px=int(size if isinstance(size, int) else size[0]),
    )


def _known_architecture(name: str) -> None:
    import open_clip

    known = open_clip.list_models()
    if name in known:
        return
    lower = {other.lower(): other for other in (*known, "mini")}
    near = [lower[n] for n in difflib.get_close_matches(name.lower(), lower, n=3, cutoff=0.6)]
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else "`mini` is always there"
    raise EnvironmentProblem(f"there is no backbone {name!r}; {hint}")


def _checked_source(architecture: str, source: str) -> str | None:
    """The tag or file path after the colon, once it is known to be there and to be no pickle."""
    import open_clip

    if not source:
        return None
    tags = open_clip.list_pretrained_tags_by_model(architecture)
    if source in tags:
        config = open_clip.get_pretrained_cfg(architecture, source)
        spec = f"{architecture}:{source}"
        _refuse_pickle(_downloaded(spec, lambda: open_clip.download_pretrained(config)), spec)
        return source
    path = Path(source).expanduser()
    if path.suffix or "/" in source:
        _refuse_pickle(str(path), str(path))
        if not path.is_file():
            raise EnvironmentProblem(f"there is no file {path}")
        return str(path)
    near = difflib.get_close_matches(source, tags, n=3, cutoff=0.4) or tags[:6]
    listed = f"its tags are {', '.join(near)}" if near else "it has none"
    raise EnvironmentProblem(f"{architecture} has no weights tagged {source!r}; {listed}")


def _refuse_pickle(path: str, spec: str) -> None:
    if path.endswith(PICKLES):
        raise EnvironmentProblem(
            f"the weights of {spec} are a pickle ({Path(path).name}), which can run code when it is read: "
            "convert them to safetensors and name that file instead"
        )
    if not path.endswith(".safetensors"):
        raise EnvironmentProblem(f"{path} is not a .safetensors file, the only kind of weights that is read")


def _downloaded(spec: str, download: Callable[[], str]) -> str:
    try:
        with quiet():
            return str(download())
    except Exception as fault:  # the hub's client raises its own, requests', httpx' and OS errors
        raise EnvironmentProblem(
            f"the weights of {spec} are neither in the cache nor can they be downloaded: {_first_line(fault)}"
        ) from fault


def _first_line(fault: BaseException) -> str:
    text = str(fault).strip() or type(fault).__name__
    return text.splitlines()[0][:300]
