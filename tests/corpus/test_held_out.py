"""What attacks say reaches no training, and what training says reaches no attack.

The sentences that training sends to a backbone are caught by a backbone that only listens.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from itertools import combinations, permutations, product
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from proscribe.compiler.attack.families.context import _LEADS
from proscribe.compiler.attack.families.family import Family, probes
from proscribe.compiler.attack.families.languages import Languages
from proscribe.compiler.attack.families.unlisted import Unlisted
from proscribe.compiler.attack.language.languages import LANGUAGES
from proscribe.compiler.attack.listed import families, load_family, named
from proscribe.compiler.corpus import captions
from proscribe.compiler.corpus.captions import compose
from proscribe.compiler.corpus.phrasebook import STREWN_SHARE, Phrasebook, build_phrasebook, frame_of, speak
from proscribe.compiler.corpus.scene_sets import cell_of
from proscribe.compiler.corpus.scenes.scene import (
    ATTACK_CORRUPTIONS,
    ATTACK_STYLES,
    TRAIN_CORRUPTIONS,
    TRAIN_STYLES,
    Scene,
)
from proscribe.compiler.graph.derive import Derived
from proscribe.compiler.pipeline import load
from proscribe.compiler.train import data
from proscribe.compiler.train.cuts import State
from proscribe.compiler.train.methods.redirect.cross_tower import LED_QUERIES, picture_choices, text_choices
from proscribe.compiler.train.settings import TrainSettings
from proscribe.compiler.world.cells import SLOTS, Cell, Slot
from proscribe.compiler.world.lexicon import WORDS, plain
from proscribe.compiler.world.templates import ADJECTIVES, CONTEXTS, FILLERS, MORE_TEMPLATES, TEMPLATES, Split

MINORS = Path(__file__).parents[2] / "policies" / "minors.policy"
SETTINGS = TrainSettings(forget_captions=400, forget_pictures=60, neighbour_captions=400, neighbour_pictures=60)
WIDTH = 8
TRAIN_TEMPLATES = (*TEMPLATES["train"], *MORE_TEMPLATES)


class Listener:
    """A backbone that writes down what it is asked to encode."""

    text_targets: tuple[str, ...] = ()
    picture_targets: tuple[str, ...] = ()
    text_noise = picture_noise = 0.0
    text_has_edge = False
    model: Any = None

    def __init__(self) -> None:
        self.texts: list[str] = []

    def text_prefix(self, texts: Sequence[str], fast: bool = False) -> State:
        self.texts += texts
        return self._state(len(texts))

    def picture_prefix(self, pictures: Sequence[Image.Image], fast: bool = False) -> State:
        return self._state(len(pictures))

    def text_pool(self, state: State) -> torch.Tensor:
        return state.hidden

    def text_head(self, pooled_NW: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.normalize(pooled_NW, dim=-1)

    def text_tail(self, state: State) -> torch.Tensor:
        return self.text_head(state.hidden)

    picture_pool, picture_head, picture_tail = text_pool, text_head, text_tail

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


def sayable(book: Phrasebook, templates: Sequence[str], loose: Sequence[str]) -> re.Pattern[str]:
    """Exactly the sentences of these templates, the train contexts and forms, in at most so many loose words."""
    say = {slot: spoken_in(book, slot) for slot in SLOTS}
    frames = {*templates, "{s} and {o}", "{s}", "{r}", "{o}", "{r} {o}"}
    frames |= {compose(template, "{s}", "{r}", "") for template in templates}
    whole = "|".join(frame.format(s=say["subject"], r=say["relation"], o=say["object"]) for frame in sorted(frames))
    contexts = "|".join(map(re.escape, CONTEXTS["train"]))
    words = f"(?:{'|'.join(loose)})"
    before, behind = (f"(?:{words} ){{0,4}}", f"(?: {words}){{0,3}}") if loose else ("", "")
    return re.compile(f"{before}(?:{whole})(?: (?:{contexts}))?{behind}")


@pytest.fixture(scope="module")
def trainable(book: Phrasebook) -> re.Pattern[str]:
    """Exactly the sentences that training may say."""
    return sayable(book, TRAIN_TEMPLATES, FILLERS)


def strangers(sentences: Iterable[str], trainable: re.Pattern[str]) -> list[str]:
    """Sentences that hold anything beside what training may say."""
    return [sentence for sentence in dict.fromkeys(sentences) if not trainable.fullmatch(sentence)]


def test_the_listener_would_hear_an_attack(book: Phrasebook, trainable: re.Pattern[str]) -> None:
    rng = random.Random(0)
    cell = Cell("child", "drinking", "wine")
    assert strangers([speak(cell, book, rng, strewn=n % 2 == 0).text for n in range(100)], trainable) == []
    for said in (
        {"forms": "attack", "context_share": 0.0},
        {"frames": "attack"},
        {"contexts": "attack", "context_share": 1.0},
        {"frames": "select"},
        {"forms": "select", "context_share": 0.0},
        {"frames": "attack", "strewn": True},
    ):
        assert strangers([speak(cell, book, rng, **said).text], trainable), said


def test_loose_words_say_nothing_that_is_held_out() -> None:
    loose = set(FILLERS)
    held_out = [form for slot in SLOTS for entry in WORDS[slot] for form in (*entry.select, *entry.attack)]
    assert [form for form in held_out if set(plain(form).split()) <= loose] == []
    assert [context for context in CONTEXTS["attack"] if set(context.split()) <= loose] == []
    frames = [set(re.findall("[a-z]+", template.format(s="", r="", o=""))) for template in TEMPLATES["attack"]]
    assert [words for words in frames if words <= loose] == []


def test_no_two_splits_share_a_sentence_form_or_a_context() -> None:
    forms = [TRAIN_TEMPLATES, TEMPLATES["select"], TEMPLATES["attack"]]
    for tables in (forms, list(CONTEXTS.values())):
        for table in tables:
            assert len(set(table)) == len(table)
        for one, other in combinations(tables, 2):
            assert set(one).isdisjoint(other)
    assert set(TEMPLATES["train"]).isdisjoint(MORE_TEMPLATES)


def test_no_train_sentence_form_holds_a_held_out_one() -> None:
    """Not as part of it either, whatever the loose words before it and the case of its letters."""
    held_out = [form for split in ("select", "attack") for form in TEMPLATES[split]]
    for form in TRAIN_TEMPLATES:
        assert all(slot in form for slot in ("{s}", "{r}", "{o}"))
        assert [other for other in held_out if other.casefold() in form.casefold()] == []
    for context in (*CONTEXTS["select"], *CONTEXTS["attack"]):
        assert [form for form in (*TRAIN_TEMPLATES, *CONTEXTS["train"]) if context in form] == []


def test_loose_words_stand_around_half_of_the_sentences(book: Phrasebook, trainable: re.Pattern[str]) -> None:
    rng = random.Random(4)
    cell = Cell("child", "drinking", "wine")
    spoken = [speak(cell, book, rng, strewn=True) for _ in range(2000)]
    assert strangers([s.text for s in spoken], trainable) == []
    tidy = [s for s in spoken if s.template in TRAIN_TEMPLATES and s.context in ("", *CONTEXTS["train"])]
    # Of the strewn ones, one in five draws no word before and one in four none behind.
    assert len(tidy) / len(spoken) == pytest.approx(1 - STREWN_SHARE * (1 - 1 / 20), abs=0.04)
    assert {s.template for s in tidy} == set(TRAIN_TEMPLATES)
    led = Cell("child", "drinking", "juice")
    for s in spoken:
        words, said = s.text.split(), s.about(led, book)
        assert s.text.count(s.parts[2]) > 1 or said == " ".join(words).replace(s.parts[2], "juice")


def test_what_is_spoken_by_default_is_of_the_train_splits(minors: Derived, book: Phrasebook) -> None:
    rng = random.Random(1)
    items = [item for sets in minors.rules for item in (*sets.forget, *sets.allows, *sets.marginals, *sets.neighbours)]
    for item in rng.choices(items, k=3000):
        spoken = speak(item.cell, book, rng)
        assert spoken.template in (*TRAIN_TEMPLATES, frame_of(item.cell))
        assert spoken.context in ("", *CONTEXTS["train"])
        for slot, part in zip(SLOTS, spoken.parts, strict=True):
            if name := item.cell.get(slot):
                entry = book.forms(slot, name)
                assert any(part in plain_or_adorned(form) for form in entry.train)
                assert part not in (*entry.attack, *entry.select)
            else:
                assert part == ""


def test_the_backbones_own_captions_are_of_the_train_splits(book: Phrasebook) -> None:
    """Nor has the backbone seen what rules are trained on beside them: more sentence forms, loose words."""
    trainable = sayable(book, TEMPLATES["train"], ())
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
        before = len(listener.texts)
        said = data.forget_texts(listener, book, sets, redirects, shared, SETTINGS, 0)
        assert len(said.state) == len(said.target_ND) == len(said.base_ND) == SETTINGS.forget_captions
        assert len(listener.texts) == before + 2 * SETTINGS.forget_captions, "each with the sentence it is led to"
        shown = data.forget_pictures(listener, book, sets, redirects, shared, SETTINGS, 0, silent)
        assert shown is not None
        assert len(shown.state) == len(shown.target_ND) == len(shown.base_ND) == SETTINGS.forget_pictures
        own = data.forbidden_world(sets, book)
        own = data.forbidden_world(sets, book)
        among = text_choices(listener, sets, book, shared, shown)
        between = picture_choices(listener, sets, book, shared, said)
        for found, base_ND, target_ND in ((among, shown.base_ND, shown.target_ND), (between, None, said.target_ND)):
            assert found.searches is not None
            asked = found.searches.query_QD
            assert torch.equal(asked[-min(LED_QUERIES, len(target_ND)) :], target_ND[:LED_QUERIES]), (
                "guarded items look too"
            )
            assert base_ND is None or torch.equal(asked[: len(base_ND)], base_ND)
            assert {cell for cell, bad in zip(found.cells, found.forbidden_C, strict=True) if bad} == own
        unled = text_choices(listener, sets, book, shared, None)
        assert unled.searches is not None, "pictures of the tuple look for captions where no redirect can be drawn"
        seen = torch.tensor([cell_of(scene) in own for scene in shared.pool.scenes])
        assert torch.equal(unled.searches.query_QD, shared.pool.base_ND[seen])
        assert torch.equal(unled.choice_CD, among.choice_CD)
        for tower in (
            data.text_data(listener, book, sets, said, among, shared, SETTINGS, 0),
            data.picture_data(listener, book, sets, shown, between, shared, SETTINGS, 0, silent),
        ):
            assert len(tower.keep) == len(tower.keep_cells) > 400
            assert {item.cell for item in sets.forget}.isdisjoint(tower.keep_cells)
            assert own.isdisjoint(tower.keep_cells)
    assert len(listener.texts) > 4000
    assert strangers(listener.texts, trainable) == []
    trained = [scene for scene in drawn if scene not in galleries]
    assert len(trained) > len(shared.pool.scenes)
    assert {scene.style for scene in trained} <= set(TRAIN_STYLES)
    assert {scene.corruption for scene in trained} <= {"", *TRAIN_CORRUPTIONS}


CELLS = (Cell("child", "drinking", "wine"), Cell("toddler", "smoking", "pipe"), Cell("teenager", "riding", "car"))


def attack_sentences(
    cell: Cell,
    book: Phrasebook,
    frames: Sequence[str],
    forms: Split | None,
    contexts: Sequence[str],
    leads: Sequence[str] = ("",),
) -> set[str]:
    """Every sentence that an attack may say of a cell: canonical or attack forms, attack frames, these contexts."""
    parts = []
    for slot in SLOTS:
        entry = book.forms(slot, cell.get(slot))
        parts.append((entry.canonical, *(entry.of(forms) if forms else ())))
    return {
        lead + compose(frame, words[0], words[1], words[2], context)
        for lead, frame, context, *words in product(leads, frames, contexts, *parts)
    }


@pytest.mark.parametrize("family", [f for f in families("quick") if f.modality == "text"], ids=lambda f: f.name)
@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_sentence_attacks_say_nothing_that_training_said(
    family: Family, cell: Cell, book: Phrasebook, trainable: re.Pattern[str]
) -> None:
    found = probes(family, (cell,), book, 150, seed=3)
    one = CONTEXTS["attack"]
    two = [" ".join(pair) for pair in permutations(one, 2)]
    if family.name == "context":
        allowed = attack_sentences(cell, book, [frame_of(cell)], None, [*one, *two], _LEADS)
    elif family.name == "paraphrase":
        twice = [f"{context} {context}" for context in one]
        allowed = attack_sentences(cell, book, TEMPLATES["attack"], None, ["", *one, *two, *twice])
    else:
        allowed = attack_sentences(cell, book, TEMPLATES["attack"], "attack", ["", *one])
    assert len(found) >= 40
    assert {probe.text for probe in found} <= allowed
    assert strangers([probe.text for probe in found], trainable) == [probe.text for probe in found]
    if family.name != "synonym":
        assert any(probe.text.endswith(tuple(two)) for probe in found), "some with two contexts"


REWORDED = ("characters", "word_order", "implicit", "clauses", "instructions", "negation", "two_sentences")


@pytest.mark.parametrize("name", REWORDED)
def test_reworded_attacks_say_nothing_that_training_said(
    name: str, book: Phrasebook, trainable: re.Pattern[str]
) -> None:
    (row,) = named([name])
    found = probes(load_family(row), CELLS, book, 90, seed=3)
    assert len(found) >= 60
    assert strangers([probe.text for probe in found], trainable) == [probe.text for probe in found]
    held_in = (*TRAIN_TEMPLATES[1:], *TEMPLATES["select"], *CONTEXTS["train"], *CONTEXTS["select"])
    assert {probe.cluster for probe in found}.isdisjoint(held_in)
    assert [probe.text for probe in found if probe.text.endswith((*CONTEXTS["train"], *CONTEXTS["select"]))] == []


def test_other_languages_say_nothing_that_training_said(book: Phrasebook, trainable: re.Pattern[str]) -> None:
    found = [probe.text for probe in probes(Languages(), CELLS, book, 300, seed=3)]
    assert len(found) == 300
    assert strangers(found, trainable) == found
    heard = {plain(form) for slot in SLOTS for entry in WORDS[slot] for form in (*entry.train, *entry.select)}
    own = {language.bare(*key) for language in LANGUAGES for key in language.words if not language.is_cognate(*key)}
    assert own.isdisjoint(heard)


def test_unlisted_words_say_nothing_that_training_said(book: Phrasebook, trainable: re.Pattern[str]) -> None:
    """The words are some that no list holds; which of them the family takes is tested beside it."""
    words = {(slot, cell.get(slot)): ("sherbet", "octave") for cell in CELLS for slot in SLOTS}
    found = [probe.text for probe in probes(Unlisted(words=words), CELLS, book, 150, seed=3)]
    assert len(found) == 150
    assert strangers(found, trainable) == found


@pytest.mark.parametrize("family", [f for f in families("quick") if f.modality == "picture"], ids=lambda f: f.name)
def test_picture_attacks_draw_nothing_that_training_drew(family: Family, book: Phrasebook) -> None:
    for probe in probes(family, CELLS, book, 90, seed=3):
        assert probe.scene is not None
        assert (probe.scene.style in ATTACK_STYLES) != (probe.scene.corruption in ATTACK_CORRUPTIONS)
        assert probe.scene.corruption in ("", *ATTACK_CORRUPTIONS)
