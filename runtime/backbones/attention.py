"""`nn.MultiheadAttention` split into four Linears, so that an adapter can name each projection.

LoRA on the fused module applies out_proj's delta twice and swaps weights at every forward (peft 0.21).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class SplitAttention(nn.Module):
    """The same numbers as the `nn.MultiheadAttention` it was made from, to rounding (2e-6).

    Its call is the one that open_clip's blocks make: `attn(q, k, v, need_weights=False, attn_mask=...)[0]`.
    """

    def __init__(self, fused: Any) -> None:
        super().__init__()
        if fused.bias_k is not None or fused.bias_v is not None or fused.add_zero_attn:
            raise ValueError("attention with bias_k, bias_v or add_zero_attn cannot be split")
        self.num_heads = fused.num_heads
        self.batch_first = fused.batch_first
        self.dropout = fused.dropout
        if fused.in_proj_weight is not None:
            weights = fused.in_proj_weight.chunk(3)
        else:
            weights = fused.q_proj_weight, fused.k_proj_weight, fused.v_proj_weight
        biases = (None,) * 3 if fused.in_proj_bias is None else fused.in_proj_bias.chunk(3)
        self.q_proj, self.k_proj, self.v_proj = (_linear(w, b) for w, b in zip(weights, biases, strict=True))
        self.out_proj = _linear(fused.out_proj.weight, fused.out_proj.bias)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = False,
        attn_mask: Tensor | None = None,
    ) -> tuple[Tensor, None]:
        """Attend; (n, l, d) in and out where batch_first, else (l, n, d).

        attn_mask: (l, s) or (n * heads, l, s), added to the scores, or boolean with True for "may not look".
        """
        if need_weights or key_padding_mask is not None:
            raise NotImplementedError("split attention gives no attention weights and takes no padding mask")
        if not self.batch_first:
            query, key, value = (x.transpose(0, 1) for x in (query, key, value))
        q_NHLE, k_NHSE, v_NHSE = (
            project(x).view(*x.shape[:2], self.num_heads, -1).transpose(1, 2)
            for project, x in ((self.q_proj, query), (self.k_proj, key), (self.v_proj, value))
        )
        if attn_mask is not None:
            if attn_mask.dtype == torch.bool:
                attn_mask = ~attn_mask  # scaled_dot_product_attention reads True as "may look"
            if attn_mask.dim() == 3:
                attn_mask = attn_mask.view(-1, self.num_heads, *attn_mask.shape[1:])
        dropout = self.dropout if self.training else 0.0
        x_NHLE = F.scaled_dot_product_attention(q_NHLE, k_NHSE, v_NHSE, attn_mask, dropout)
        x_NLD: Tensor = self.out_proj(x_NHLE.transpose(1, 2).flatten(2))
        return (x_NLD if self.batch_first else x_NLD.transpose(0, 1)), None


def _linear(weight: Tensor, bias: Tensor | None) -> nn.Linear:
    with torch.device("meta"):
        linear = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
    linear.weight = nn.Parameter(weight.detach().clone())
    if bias is not None:
        linear.bias = nn.Parameter(bias.detach().clone())
    return linear


def split_attention(module: nn.Module) -> nn.Module:
    """Replace, in place, every `nn.MultiheadAttention` below `module`; returns `module`."""
    for parent in list(module.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.MultiheadAttention):
                split = SplitAttention(child).train(child.training)
                split.requires_grad_(child.out_proj.weight.requires_grad)
                setattr(parent, name, split)
    return module
