"""`mini` cut into a frozen prefix and a trained tail, so that nothing that does not change is computed twice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from open_clip.model import CustomTextCLIP
from PIL import Image
from proscribe.runtime.backbones.mini_model import TEXT_LAYERS_FROZEN, tokenizer
from proscribe.runtime.precision import fast_autocast
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

PICTURE_STAGES_FROZEN = 4
CAPTION_TOKENS = 32


def fuse_batch_norm(trunk: nn.Module) -> None:
    """Fold every BatchNorm into its convolution; the numbers that come out stay the same (to 1e-5)."""
    for stage in trunk.blocks:  # type: ignore[union-attr]
        for block in stage:
            pairs = (
                (("conv_dw", "bn1"), ("conv_pw", "bn2"))
                if type(block).__name__ == "DepthwiseSeparableConv"
                else (("conv_pw", "bn1"), ("conv_dw", "bn2"), ("conv_pwl", "bn3"))
            )
            for conv, norm in pairs:
                _fuse(block, conv, norm)
    _fuse(trunk, "conv_stem", "bn1")
    _fuse(trunk, "conv_head", "bn2")


def _fuse(owner: nn.Module, conv: str, norm: str) -> None:
    old = getattr(owner, norm)
    setattr(owner, conv, fuse_conv_bn_eval(getattr(owner, conv), old))
    setattr(owner, norm, old.act)


def unfused_state(fused: nn.Module, like: dict[str, Tensor]) -> dict[str, Tensor]:
    """The fused trunk's weights under the names of the open_clip model: each BatchNorm becomes a plain bias."""
    norm_of = {"conv_stem": "bn1", "conv_head": "bn2"}
    state: dict[str, Tensor] = {}
    for name, module in fused.named_modules():
        if not isinstance(module, nn.Conv2d):
            continue
        owner, _, leaf = name.rpartition(".")
        if owner:
            separable = f"{owner}.conv_pwl.weight" not in like
            norm = (
                {"conv_dw": "bn1", "conv_pw": "bn2"}
                if separable
                else {"conv_pw": "bn1", "conv_dw": "bn2", "conv_pwl": "bn3"}
            )
            prefix = f"{owner}.{norm[leaf]}"
        else:
            prefix = norm_of[leaf]
        assert module.bias is not None
        state[f"{name}.weight"] = module.weight.detach()
        state[f"{prefix}.weight"] = torch.ones_like(module.bias)
        state[f"{prefix}.bias"] = module.bias.detach()
        state[f"{prefix}.running_mean"] = torch.zeros_like(module.bias)
        # timm's lite models use eps 1e-3: variance 1 - eps makes the division exactly one.
        state[f"{prefix}.running_var"] = torch.full_like(module.bias, 1.0 - 1e-3)
        state[f"{prefix}.num_batches_tracked"] = torch.zeros((), dtype=torch.long)
    missing = set(like) - set(state)
    if missing:
        raise ValueError(f"the fused trunk lacks {sorted(missing)[:4]}")
    return state


def pixels(pictures: Sequence[Image.Image]) -> Tensor:
    """RGB pictures as (n, 3, px, px) float32 in -1..1, channels last."""
    stack_NHWC = np.stack([np.asarray(picture, dtype=np.uint8) for picture in pictures])
    stack_NCHW = torch.from_numpy(stack_NHWC).permute(0, 3, 1, 2)
    return (stack_NCHW.float() / 127.5 - 1.0).contiguous(memory_format=torch.channels_last)


class Tails(nn.Module):
    """Both towers of a mini that is being trained, with BatchNorm folded away.

    Prefix outputs are bf16: pictures (n, 80, 8, 8), captions (n, 32, 384) with a mask (n, 32).
    """

    def __init__(self, model: CustomTextCLIP) -> None:
        super().__init__()
        self.trunk = model.visual.trunk
        self.picture_head = model.visual.head
        self.bert = model.text.transformer
        self.text_head = model.text.proj
        self.logit_scale = model.logit_scale
        self.tokenize = tokenizer()
        fuse_batch_norm(self.trunk)
        self.trunk.to(memory_format=torch.channels_last)

    @torch.no_grad()
    def picture_prefix(self, pictures: Sequence[Image.Image], batch: int = 128) -> Tensor:
        """(n, 80, 8, 8) bf16, channels last."""
        parts = []
        for start in range(0, len(pictures), batch):
            x = pixels(pictures[start : start + batch])
            with fast_autocast():
                x = self.trunk.bn1(self.trunk.conv_stem(x))
                for stage in self.trunk.blocks[:PICTURE_STAGES_FROZEN]:
                    x = stage(x)
            parts.append(x.to(torch.bfloat16))
        return torch.cat(parts).contiguous(memory_format=torch.channels_last)

    def picture_tail(self, x_NCHW: Tensor) -> Tensor:
        """(n, 1280) float32 pooled features."""
        with fast_autocast():
            for stage in self.trunk.blocks[PICTURE_STAGES_FROZEN:]:
                x_NCHW = stage(x_NCHW)
            x_NCHW = self.trunk.bn2(self.trunk.conv_head(x_NCHW))
        return x_NCHW.float().mean((2, 3))

    @torch.no_grad()
    def text_prefix(self, texts: Sequence[str], batch: int = 256) -> tuple[Tensor, Tensor]:
        """((n, 32, 384) bf16, (n, 32) float mask)."""
        tokens = self.tokenize(list(texts))[:, :CAPTION_TOKENS]
        hidden = torch.zeros(len(texts), CAPTION_TOKENS, 384, dtype=torch.bfloat16)
        mask = (tokens != 0).float()
        order = torch.argsort(mask.sum(1))
        for start in range(0, len(texts), batch):
            rows = order[start : start + batch]
            length = int(mask[rows].sum(1).max())
            with fast_autocast():
                x = self.bert.embeddings(tokens[rows][:, :length])
                x = self._layers(x, mask[rows][:, :length], 0, TEXT_LAYERS_FROZEN)
            hidden[rows[:, None], torch.arange(length)[None]] = x.to(torch.bfloat16)
        return hidden, mask

    def _layers(self, x_NLD: Tensor, mask_NL: Tensor, first: int, last: int) -> Tensor:
        bias = (1.0 - mask_NL[:, None, None]) * -1e4
        for layer in self.bert.encoder.layer[first:last]:
            out = layer(x_NLD, bias)
            x_NLD = out[0] if isinstance(out, tuple) else out
        return x_NLD

    def text_tail(self, hidden_NLD: Tensor, mask_NL: Tensor) -> Tensor:
        """(n, 384) float32, the mean over the tokens."""
        length = int(mask_NL.sum(1).max())
        hidden_NLD, mask_NL = hidden_NLD[:, :length], mask_NL[:, :length]
        with fast_autocast():
            x = self._layers(hidden_NLD, mask_NL, TEXT_LAYERS_FROZEN, 6)
        return (x.float() * mask_NL[..., None]).sum(1) / mask_NL.sum(1, keepdim=True)
