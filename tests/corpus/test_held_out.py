"""What attacks say reaches no training, and what training says reaches no attack.

The sentences that training sends to a backbone are caught by a backbone that only listens.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from proscribe.compiler.attack.families import FAMILIES
from proscribe.compiler.attack.families.context import _LEADS
from proscribe.compiler.attack.family import Family, probes
from proscribe.compiler.corpus import captions, templates
from proscribe.compiler.corpus.captions import compose
from proscribe.compiler.corpus.lexicon import WORDS, plain
from proscribe.compiler.corpus.scenes import (
    ATTACK_CORRUPTIONS,
    ATTACK_STYLES,
    TRAIN_CORRUPTIONS,
    TRAIN_STYLES,
    Scene,
)
from proscribe.compiler.corpus.surface import Phrasebook, build_phrasebook, frame_of, speak
from proscribe.compiler.corpus.templates import ADJECTIVES, CONTEXTS, TEMPLATES, Split
from proscribe.compiler.graph.cells import SLOTS, Cell, Slot
from proscribe.compiler.graph.derive import Derived
from proscribe.compiler.pipeline import load
from proscribe.compiler.train import data
from proscribe.compiler.train.cuts import State
from proscribe.compiler.train.settings import TrainSettings

MINORS = Path(__file__).parents[2] / "policies" / "minors.policy"
SETTINGS = TrainSettings(forget_captions=400, forget_pictures=60, neighbour_captions=400, neighbour_pictures=60)
WIDTH = 8
# Loose words strewn around training sentences, where this version does so.
FILLERS: tuple[str, ...] = getattr(templates, "FILLERS", ("",))


class Listener:
    """A backbone that writes down what it is asked to encode."""

    text_targets = picture_targets = ()
    model: Any = None

    def __init__(self) -> None:
        self.texts: list[str] = []

    def text_prefix(self, texts: Sequence[str], fast: bool = False) -> State:
        self.texts += texts
        return self._state(len(texts))

    def picture_prefix(self, pictures: Sequence[Image.Image], fast: bool = False) -> State:
        return self._state(len(pictures))

    def text_tail(self, state: State) -> torch.Tensor:
        return torch.nn.functional.normalize(state.hidden, dim=-1)

    picture_tail = text_tail

    @staticmethod
    def _state(n: int) -> State:
        return State(torch.randn(n, WIDTH, generator=torch.Generator().manual_seed(n)))


@pytest.fixture(scope="module")
def minors() -> Derived:
    derived, _ = load(MINORS)
    assert derived is not None
    return derived


@pytest.fixture(scope="module")
def book(minors: Derived) -> Phrasebook:
    return build_phrasebook(minors, 0)


def train_forms(book: Phrasebook, slot: Slot) -> set[str]:
    """The forms in which training may say anything in a slot."""
    return {form for (other, _), entry in book.entries.items() if other == slot for form in entry.train}


def plain_or_adorned(form: str) -> set[str]:
    """A form, and what it becomes with an adjective."""
    article, _, rest = form.partition(" ")
    if article not in ("a", "an") or not rest:
        return {form}
    return {form, *(f"{'an' if word[0] in 'aeiou' else 'a'} {word} {rest}" for word in ADJECTIVES)}


def spoken_in(book: Phrasebook, slot: Slot) -> str:
    """A pattern of the train forms; behind a or an there may be an adjective."""
    forms = sorted(train_forms(book, slot))
    nouns = [form.partition(" ")[2] for form in forms if form.startswith(("a ", "an ")) and slot != "relation"]
    adjectives = "|".join(ADJECTIVES)
    said = "|".join(map(re.escape, forms))
    return f"(?:{said}|an? (?:{adjectives}) (?:{'|'.join(map(re.escape, nouns))}))" if nouns else f"(?:{said})"


@pytest.fixture(scope="module")
def trainable(book: Phrasebook) -> re.Pattern[str]:
    """Exactly the sentences that training may say: train templates, contexts and forms, in loose words if any."""
    say = {slot: spoken_in(book, slot) for slot in SLOTS}
    frames = {*TEMPLATES["train"], "{s} and {o}", "{s}", "{r}", "{o}", "{r} {o}"}
    frames |= {compose(template, "{s}", "{r}", "") for template in TEMPLATES["train"]}
    whole = "|".join(frame.format(s=say["subject"], r=say["relation"], o=say["object"]) for frame in sorted(frames))
    contexts = "|".join(map(re.escape, CONTEXTS["train"]))
    loose = f"(?:{'|'.join(FILLERS)})"
    return re.compile(f"(?:{loose} )*(?:{whole})(?: (?:{contexts}))?(?: {loose})*")


def strangers(sentences: Iterable[str], trainable: re.Pattern[str]) -> list[str]:
    """Sentences that hold anything beside what training may say."""
    return [sentence for sentence in dict.fromkeys(sentences) if not trainable.fullmatch(sentence)]


def test_the_listener_would_hear_an_attack(book: Phrasebook, trainable: re.Pattern[str]) -> None:
    rng = random.Random(0)
    cell = Cell("child", "drinking", "wine")
    assert strangers([speak(cell, book, rng).text for _ in range(50)], trainable) == []
    for said in (
        {"forms": "attack", "context_share": 0.0},
        {"frames": "attack"},
        {"contexts": "attack", "context_share": 1.0},
        {"forms": "select", "context_share": 0.0},
    ):
        assert strangers([speak(cell, book, rng, **said).text], trainable), said  # type: ignore[arg-type]


def test_loose_words_say_nothing_that_is_held_out() -> None:
    loose = set(FILLERS)
    held_out = [form for slot in SLOTS for entry in WORDS[slot] for form in (*entry.select, *entry.attack)]
    assert [form for form in held_out if set(plain(form).split()) <= loose] == []
    assert [context for context in CONTEXTS["attack"] if set(context.split()) <= loose] == []
    frames = [set(re.findall("[a-z]+", template.format(s="", r="", o=""))) for template in TEMPLATES["attack"]]
    assert [words for words in frames if words <= loose] == []


def test_what_is_spoken_by_default_is_of_the_train_splits(minors: Derived, book: Phrasebook) -> None:
    rng = random.Random(1)
    items = [item for sets in minors.rules for item in (*sets.forget, *sets.allows, *sets.marginals, *sets.neighbours)]
    for item in rng.choices(items, k=3000):
        spoken = speak(item.cell, book, rng)
        assert spoken.template in (*TEMPLATES["train"], frame_of(item.cell))
        assert spoken.context in ("", *CONTEXTS["train"])
        for slot, part in zip(SLOTS, spoken.parts, strict=True):
            if name := item.cell.get(slot):
                entry = book.forms(slot, name)
                assert any(part in plain_or_adorned(form) for form in entry.train)
                assert part not in (*entry.attack, *entry.select)
            else:
                assert part == ""


def test_the_backbones_own_captions_are_of_the_train_splits(trainable: re.Pattern[str]) -> None:
    rng = random.Random(2)
    cells = captions.world_cells()
    said = [captions.sample_caption(rng.choice(cells), rng).text for _ in range(1500)]
    assert strangers(said, trainable) == []


def test_rule_training_hears_nothing_of_the_attacks(
    minors: Derived,
    book: Phrasebook,
    trainable: re.Pattern[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    drawn: list[Scene] = []
    blank = Image.new("RGB", (4, 4))

    def render(scene: Scene) -> Image.Image:
        drawn.append(scene)
        return blank

    def silent(what: str, done: int, total: int) -> None: ...

    monkeypatch.setenv("PROSCRIBE_CACHE", str(tmp_path))
    monkeypatch.setattr(data, "render", render)
    listener = Listener()
    shared = data.prepare_shared(listener, "f" * 64, book, silent)
    # The galleries are what attacks choose among: drawn here, plain, never trained on.
    galleries = {*shared.gallery.scenes, *shared.parts.scenes}
    assert galleries.isdisjoint(shared.pool.scenes)
    for sets in minors.rules:
        redirects = data.choose_redirects(sets, book, listener)
        data.text_data(listener, book, sets, redirects, shared, SETTINGS, 0)
        data.picture_data(listener, book, sets, redirects, shared, SETTINGS, 0, silent)
    assert len(listener.texts) > 4000
    assert strangers(listener.texts, trainable) == []
    trained = [scene for scene in drawn if scene not in galleries]
    assert len(trained) > len(shared.pool.scenes)
    assert {scene.style for scene in trained} <= set(TRAIN_STYLES)
    assert {scene.corruption for scene in trained} <= {"", *TRAIN_CORRUPTIONS}


CELLS = (Cell("child", "drinking", "wine"), Cell("toddler", "smoking", "pipe"), Cell("teenager", "riding", "car"))


def attack_sentences(
    cell: Cell, book: Phrasebook, frames: Sequence[str], forms: Split | None, leads: Sequence[str] = ("",)
) -> set[str]:
    """Every sentence that an attack may say of a cell: canonical or attack forms, attack frames and contexts."""
    parts = []
    for slot in SLOTS:
        entry = book.forms(slot, cell.get(slot))
        parts.append((entry.canonical, *(entry.of(forms) if forms else ())))
    return {
        lead + compose(frame, *words, context)
        for lead, frame, context, *words in product(leads, frames, ("", *CONTEXTS["attack"]), *parts)
    }


@pytest.mark.parametrize("family", [f for f in FAMILIES if f.modality == "text"], ids=lambda f: f.name)
@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_sentence_attacks_say_nothing_that_training_said(
    family: Family, cell: Cell, book: Phrasebook, trainable: re.Pattern[str]
) -> None:
    found = probes(family, (cell,), book, 150, seed=3)
    plain = family.name == "context"
    frames = (frame_of(cell),) if plain else TEMPLATES["attack"]
    allowed = attack_sentences(
        cell, book, frames, "attack" if family.name == "synonym" else None, _LEADS if plain else ("",)
    )
    assert len(found) >= 40
    assert {probe.text for probe in found} <= allowed
    assert strangers([probe.text for probe in found], trainable) == [probe.text for probe in found]


@pytest.mark.parametrize("family", [f for f in FAMILIES if f.modality == "picture"], ids=lambda f: f.name)
def test_picture_attacks_draw_nothing_that_training_drew(family: Family, book: Phrasebook) -> None:
    for probe in probes(family, CELLS, book, 90, seed=3):
        assert probe.scene is not None
        assert (probe.scene.style in ATTACK_STYLES) != (probe.scene.corruption in ATTACK_CORRUPTIONS)
        assert probe.scene.corruption in ("", *ATTACK_CORRUPTIONS)
