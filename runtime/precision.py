"""Which precision a machine computes fast in: bfloat16 where the processor has instructions for it, else float32.

On processors without them bfloat16 is emulated: `mini`'s picture tower then takes 5.6 times as long as in float32, its
heads five times (AMD EPYC of the third generation, torch 2.14.1, 64 pictures and 500 rows).
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch


def fast_dtype() -> torch.dtype:
    """The type in which training computes on this machine; adapters trained in another have other bytes."""
    native = torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()
    return torch.bfloat16 if native else torch.float32


def fast_autocast(enabled: bool = True) -> AbstractContextManager[object]:
    """Compute in `fast_dtype()`; nothing changes where that is float32 or `enabled` is False."""
    if not enabled or fast_dtype() is torch.float32:
        return nullcontext()
    return torch.autocast("cpu", fast_dtype())
