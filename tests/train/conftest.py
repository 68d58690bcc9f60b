"""A backbone small enough to train in a second, and random data for it."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from proscribe.compiler.train.composition import ForgetItems
from proscribe.compiler.train.cuts import State, cut, embed
from proscribe.compiler.train.data import TowerData
from proscribe.compiler.train.methods.redirect.candidates import Choices
from proscribe.compiler.train.settings import TrainSettings
from proscribe.compiler.world.cells import Cell
from proscribe.runtime.backbone import Backbone
from torch import Tensor, nn

DIM, PX, CONTEXT, VOCABULARY = 16, 4, 6, 50
SETTINGS = TrainSettings(
    text_steps=12, picture_steps=12, text_rank=2, picture_rank=2, learning_rate=1e-2,
    text_forget_batch=8, text_keep_batch=16, picture_forget_batch=8, picture_keep_batch=16,
)  # fmt: skip


class Blocks(nn.Module):
    """A tower's blocks, named as open_clip names them."""

    def __init__(self) -> None:
        super().__init__()
        self.resblocks = nn.ModuleList(nn.Linear(DIM, DIM) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        for block in self.resblocks:
            x = x + torch.tanh(block(x))
        return x


class Visual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Linear(3 * PX * PX, DIM)
        self.transformer = Blocks()

    def forward(self, picture: Tensor) -> Tensor:
        x: Tensor = self.transformer(self.stem(picture.flatten(1)))
        return x


class Towers(nn.Module):
    """A model with the two methods that open_clip models have."""

    def __init__(self) -> None:
        super().__init__()
        self.visual = Visual()
        self.token_embedding = nn.Embedding(VOCABULARY, DIM)
        self.transformer = Blocks()

    def encode_image(self, picture: Tensor) -> Tensor:
        x: Tensor = self.visual(picture)
        return x

    def encode_text(self, tokens: Tensor) -> Tensor:
        x: Tensor = self.transformer(self.token_embedding(tokens).mean(1))
        return x


def silent(what: str, done: int, total: int) -> None: ...


@pytest.fixture(scope="session")
def backbone() -> Backbone:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = Towers().eval()

    def no_words(texts: list[str]) -> Tensor:
        raise AssertionError("training works on prefixes")

    return Backbone("towers", "open_clip", model, DIM, PX, "f" * 64, {}, no_words, no_words)  # type: ignore[arg-type]


def tower_data(backbone: Backbone, pictures: bool) -> TowerData:
    """Random items: forget leads to a fixed direction, keep stays."""
    draw = torch.Generator().manual_seed(5)
    part = cut(backbone)

    def items(n: int) -> State:
        if pictures:
            return State(torch.randn(n, 3, PX, PX, generator=draw).half())
        return State(torch.randint(VOCABULARY, (n, CONTEXT), generator=draw))

    forget, keep = items(30), items(60)
    target = F.normalize(torch.randn(1, DIM, generator=draw), dim=-1).expand(30, DIM)
    cells = tuple(Cell(f"s{n}", "near", "it") for n in range(60))
    base = embed(part.picture_tail if pictures else part.text_tail, forget)
    # The first three are what the base makes of forget items, so that it picks them.
    choice_CD = torch.cat([base[:3], F.normalize(torch.randn(9, DIM, generator=draw), dim=-1)])
    choices = Choices(tuple(Cell(f"c{n}", "near", "it") for n in range(12)), choice_CD, torch.arange(12) < 3)
    return TowerData(ForgetItems(forget, target, base), keep, cells, choices)
