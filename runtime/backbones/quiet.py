"""Loading models without the chatter of the libraries that do it."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

_ONE_AT_A_TIME = RLock()  # what is silenced here belongs to the whole process


@contextmanager
def quiet() -> Iterator[None]:
    """No progress bars, warnings or log lines below ERROR inside the block; all as before afterwards."""
    from huggingface_hub.utils.tqdm import (
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
    )
    from transformers.utils import logging as hf_logging

    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        level, hub_off = logging.root.manager.disable, are_progress_bars_disabled()
        bars_on = hf_logging.is_progress_bar_enabled()
        logging.disable(max(level, logging.WARNING))
        hf_logging.disable_progress_bar()
        if not hub_off:
            disable_progress_bars()
        try:
            yield
        finally:
            logging.disable(level)
            if bars_on:
                hf_logging.enable_progress_bar()
            if not hub_off:
                enable_progress_bars()
