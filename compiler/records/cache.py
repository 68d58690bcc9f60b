"""Tensors that cost minutes and never change, kept on disk as safetensors under a hash of all they depend on."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor


def cache_folder() -> Path:
    """$PROSCRIBE_CACHE, else the user's cache folder; it may be deleted at any time."""
    named = os.environ.get("PROSCRIBE_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "proscribe"


def cached(kind: str, key: dict[str, Any], compute: Callable[[], dict[str, Tensor]]) -> dict[str, Tensor]:
    """The tensors of `kind` for this key, computed and stored where they are not there yet.

    A file that cannot be read is computed again; a disk that cannot be written is not an error here.
    """
    digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:32]
    path = cache_folder() / f"{kind}-{digest}.safetensors"
    with suppress(SafetensorError, OSError):  # absent, broken or out of reach
        found: dict[str, Tensor] = load_file(path)
        return found
    tensors = compute()
    aside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, aside)
        aside.replace(path)
    except (SafetensorError, OSError):  # safetensors tells a full disk as its own error
        with suppress(OSError):
            aside.unlink()
    return tensors
