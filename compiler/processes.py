"""What a command may take of the machine: cores, memory that tensors leave, and how long its processes live."""

from __future__ import annotations

import ctypes
import os
import sys
from multiprocessing import parent_process
from threading import Thread

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
# Larger tensors are mapped one by one and given back at once: keeping them too took one rule from 2.2 to 3.1 GB.
_MAPPED, _KEPT = 2**25, 2**29


def prepare_machine(jobs: int) -> None:
    """Use that many processor cores (0 leaves the choice to torch) and keep freed memory; before the first tensor."""
    import torch

    keep_freed_memory()
    if jobs:
        torch.set_num_threads(jobs)


def keep_freed_memory() -> bool:
    """Let glibc keep the memory of freed tensors for the next ones; False where the C library is another.

    By default every large tensor is mapped anew and its pages are zeroed again: measured, a quarter of the time that
    pictures take to encode (docs/experiments.md, E18).
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(_M_MMAP_THRESHOLD, _MAPPED) and mallopt(_M_TRIM_THRESHOLD, _KEPT))


def end_with_parent() -> None:
    """In a process of a pool: end when the parent does, however it ends.

    A killed parent closes no queue, so that its pool would wait for work for ever, a loaded model in each process.
    """
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    Thread(target=watch, name="end with parent", daemon=True).start()
