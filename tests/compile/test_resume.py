"""A compile that is killed loses nothing that was finished, and harms nothing that stood there before.

All is real but the size: a tiny backbone, a world of few pictures, and attacks that are written down without a fight.
"""

from __future__ import annotations

import json
import re
import shutil
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from proscribe.compiler.build import compile as compiling
from proscribe.compiler.build.compile import Compiled, compile_policy
from proscribe.compiler.build.plan import make_plan
from proscribe.compiler.bundle.policy_files import policy_of
from proscribe.compiler.bundle.write import work_folder, write_attack
from proscribe.compiler.corpus import scene_sets as pools
from proscribe.compiler.corpus.captions import world_cells
from proscribe.compiler.pipeline import loads
from proscribe.compiler.records.results import RuleAttack
from proscribe.compiler.train import data
from proscribe.compiler.train.composition import Companion
from proscribe.compiler.train.loop import Trained, train_rule
from proscribe.compiler.train.settings import TrainSettings
from proscribe.runtime.backbone import Backbone
from proscribe.runtime.bundle import load_bundle
from torch import Tensor

from ..train.conftest import CONTEXT, DIM, PX, VOCABULARY, Towers, silent

SETTINGS = TrainSettings(
    text_steps=3, picture_steps=2, text_rank=2, picture_rank=2, text_forget_batch=8, text_keep_batch=16,
    picture_forget_batch=4, picture_keep_batch=8, companion_batch=4, forget_captions=24, forget_pictures=6,
    neighbour_captions=30, neighbour_pictures=6,
)  # fmt: skip
DRINK = "forbid child -drinking-> alcohol\n    instead juice\n    severity low\n    require breach <= 5%\n"
RIDE = "forbid child -riding-> car\n    instead bicycle\n    severity low\n    require breach <= 5%\n"
EAT = "forbid dog -eating-> cake\n    instead apple\n    severity low\n    require breach <= 5%\n"
WORDS = """
policy "kitchen" edition 2026
concept child as "a child"
concept dog as "a dog"
concept wine as "wine"
concept beer as "beer"
concept juice as "juice"
concept car as "a car"
concept bicycle as "a bicycle"
concept cake as "cake"
concept apple as "an apple"
concept alcohol = wine | beer
relation drinking as "drinking"
relation riding as "riding"
relation eating as "eating"
"""
POLICY = WORDS + DRINK + RIDE + EAT


def tiny() -> Backbone:
    """A backbone that compiles in a second."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = Towers().eval().requires_grad_(False)

    def tokens(texts: list[str]) -> Tensor:
        rows = [[zlib.crc32(word.encode()) % VOCABULARY for word in text.split()] for text in texts]
        return torch.tensor([(row + [0] * CONTEXT)[:CONTEXT] for row in rows])

    def pixels(picture: Image.Image) -> Tensor:
        small = picture.convert("RGB").resize((PX, PX))
        return torch.frombuffer(bytearray(small.tobytes()), dtype=torch.uint8).reshape(PX, PX, 3).permute(2, 0, 1) / 255

    return Backbone("towers", "open_clip", model, DIM, PX, "f" * 64, {}, tokens, pixels)


@pytest.fixture(scope="module")
def backbone() -> Backbone:
    return tiny()


@dataclass
class Workshop:
    """Compiles into `out`; knows which rules were trained beside which, and whether attacks ran."""

    out: Path
    backbone: Backbone
    real: Callable[..., Trained]
    trained: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    attacks: int = 0
    kill_at: int = -1
    kill_attack: bool = False

    def compile(self, text: str = POLICY, seed: int = 0, path: Path = Path("policy.policy")) -> Compiled:
        self.trained, self.attacks = [], 0
        derived, found = loads(text, str(path))
        assert derived is not None, [d.message for d in found]
        rules = tuple(sets.rule.id for sets in derived.rules)
        plan, book = make_plan(derived, "towers", self.backbone.fingerprint, seed, SETTINGS, rules)
        return compile_policy(derived, plan, book, self.backbone, self.out, silent)

    def killed(self, text: str = POLICY, seed: int = 0, at: int = -1) -> None:
        """A compile that is killed in the training of the `at`-th rule, or else while it attacks."""
        self.kill_at, self.kill_attack = at, at < 0
        with pytest.raises(KeyboardInterrupt):
            self.compile(text, seed)
        self.kill_at, self.kill_attack = -1, False

    def train_rule(self, *given: Any) -> Trained:
        folder: Path = given[6]
        beside: Sequence[Companion] = given[7]
        if len(self.trained) == self.kill_at:
            folder.mkdir(parents=True)
            (folder / "adapter_model.safetensors").write_bytes(b"half")
            (folder / "adapter_config.json").write_text("{}")
            raise KeyboardInterrupt
        self.trained.append((folder.parent.name, tuple(companion.rule for companion in beside)))
        return self.real(*given)

    def attack_rules(self, derived: Any, adapters: dict[str, Path], *_: Any) -> dict[str, tuple[RuleAttack, tuple[()]]]:
        self.attacks += 1
        found: dict[str, tuple[RuleAttack, tuple[()]]] = {}
        for sets in derived.rules:
            require = sets.rule.require
            found[sets.rule.id] = (
                RuleAttack(
                    sets.rule.id, "inconclusive", "Not proven: no attack could be made.", (), require.breach_max,
                    require.retention_min, (), (), (), None, (), (), (), 0, 1.0,
                ),
                (),
            )  # fmt: skip
        if self.kill_attack:
            # Between two rules: the first one's results are written, nothing else.
            first = min(found)
            write_attack(adapters[first].parent, *found[first])
            raise KeyboardInterrupt
        return found


def furnish(patch: pytest.MonkeyPatch, workshop: Workshop) -> None:
    """A small world, and the workshop's own training and attacks."""
    cells = world_cells()[::150]
    for name in ("train_pool", "gallery", "part_gallery"):
        scenes = getattr(pools, name)()
        patch.setattr(data, name, lambda scenes=scenes: scenes[:: max(1, len(scenes) // 20)])
    patch.setattr(data, "world_cells", lambda: cells)
    patch.setattr(compiling, "train_rule", workshop.train_rule)
    patch.setattr(compiling, "open_arena", lambda backbone, derived, *_: derived)
    patch.setattr(compiling, "attack_rules", workshop.attack_rules)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backbone: Backbone) -> Workshop:
    workshop = Workshop(tmp_path / "build" / "kitchen", backbone, train_rule)
    monkeypatch.setenv("PROSCRIBE_CACHE", str(tmp_path / "cache"))
    furnish(monkeypatch, workshop)
    return workshop


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def undated(folder: Path) -> dict[str, bytes]:
    """The same, but for the second in which a card was written."""
    return {name: re.sub(rb"on 20\d\d-[^ ]* from", b"", data) for name, data in contents(folder).items()}


def adapters(folder: Path) -> dict[str, bytes]:
    return {name: data for name, data in contents(folder).items() if name.endswith(".safetensors")}


def required(folder: Path) -> dict[str, float]:
    return {
        path.parent.name: json.loads(path.read_text())["breach_max"]
        for path in sorted((folder / "rules").glob("*/attack.json"))
    }


def test_every_rule_trains_beside_those_before_it(shop: Workshop) -> None:
    done = shop.compile()
    assert shop.trained == [("R1", ()), ("R2", ("R1",)), ("R3", ("R1", "R2"))]
    assert (done.trained, done.reused, done.attacked) == (("R1", "R2", "R3"), (), True)
    assert load_bundle(shop.out).rules == ("R1", "R2", "R3")
    assert list(shop.out.parent.iterdir()) == [shop.out]
    for rule, beside in shop.trained:
        assert json.loads((shop.out / "rules" / rule / "training.json").read_text())["trained_beside"] == list(beside)


def test_where_nothing_changed_nothing_is_trained_or_attacked(shop: Workshop) -> None:
    shop.compile()
    before = undated(shop.out / "rules")
    done = shop.compile()
    assert (shop.trained, shop.attacks) == ([], 0)
    assert (done.trained, done.reused, done.attacked) == ((), ("R1", "R2", "R3"), False)
    assert undated(shop.out / "rules") == before
    load_bundle(shop.out)


def test_used_files_go_into_the_bundle_and_decide_what_is_trained_again(shop: Workshop, tmp_path: Path) -> None:
    used, path = tmp_path / "words.policy", tmp_path / "here" / "kitchen.policy"
    used.write_text(WORDS.replace('policy "kitchen" edition 2026\n', ""))
    text = 'policy "kitchen" edition 2026\nuse "../words"\n' + DRINK + RIDE + EAT
    shop.compile(POLICY)
    done = shop.compile(text, path=path)
    assert (shop.trained, shop.attacks, done.reused) == ([], 0, ("R1", "R2", "R3")), "where words stand teaches nothing"
    bundle = load_bundle(shop.out)
    kept = {name for name in bundle.manifest["files"] if name.startswith("polic")}
    assert kept == {"policy/own/words.policy", "policy/own/here/kitchen.policy"}
    used.write_text(used.read_text().replace('"a car"', '"a motor car"') + "# changed\n")
    assert policy_of(bundle).derived is not None, "the bundle does not look at the disk"
    shop.compile(text, path=path)
    assert [rule for rule, _ in shop.trained] == ["R1", "R2", "R3"], "each hears of a car beside what it forbids"
    assert "motor" in load_bundle(shop.out).read_bytes("policy/own/words.policy").decode()
    shop.compile(POLICY)
    assert "policy.policy" in load_bundle(shop.out).manifest["files"]
    assert not (shop.out / "policy").exists()


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_first_compile_that_is_killed_goes_on_where_it_stopped(shop: Workshop, at: int) -> None:
    shop.killed(at=at)
    assert not shop.out.exists()
    done = shop.compile()
    assert [rule for rule, _ in shop.trained] == ["R1", "R2", "R3"][at:]
    assert done.reused == ("R1", "R2", "R3")[:at]
    resumed = adapters(shop.out)
    shutil.rmtree(shop.out)
    shop.compile()
    assert adapters(shop.out) == resumed, "as if it had never been killed"


def test_a_killed_compile_leaves_the_last_good_bundle(shop: Workshop) -> None:
    shop.compile()
    before = contents(shop.out)
    shop.killed(seed=1, at=1)
    assert [rule for rule, _ in shop.trained] == ["R1"]
    assert contents(shop.out) == before
    assert load_bundle(shop.out).rules == ("R1", "R2", "R3")
    done = shop.compile(seed=1)
    assert shop.trained == [("R2", ("R1",)), ("R3", ("R1", "R2"))]
    assert (done.reused, done.attacked) == (("R1",), True)
    assert load_bundle(shop.out).manifest["seed"] == 1
    assert list(shop.out.parent.iterdir()) == [shop.out]


def test_a_compile_killed_while_attacking_trains_nothing_again(shop: Workshop) -> None:
    shop.killed()
    assert len(shop.trained) == 3
    done = shop.compile()
    assert (shop.trained, shop.attacks, done.attacked) == ([], 1, True)


def test_one_changed_rule_trains_alone_beside_all_others(shop: Workshop) -> None:
    shop.compile()
    before = adapters(shop.out)
    done = shop.compile(POLICY.replace("instead bicycle", "instead wine"))
    assert shop.trained == [("R2", ("R1", "R3"))]
    assert (done.reused, done.attacked) == (("R1", "R3"), True)
    after = adapters(shop.out)
    assert [name for name in after if after[name] != before[name]] == ["rules/R2/adapter/adapter_model.safetensors"]


def test_rules_that_change_places_take_their_adapters_along(shop: Workshop) -> None:
    shop.compile()
    before = adapters(shop.out)
    done = shop.compile(WORDS + EAT + DRINK)
    assert (shop.trained, shop.attacks, done.reused) == ([], 1, ("R1", "R2"))
    path = "rules/{}/adapter/adapter_model.safetensors"
    moved = {path.format("R1"): before[path.format("R3")], path.format("R2"): before[path.format("R1")]}
    assert adapters(shop.out) == moved
    assert load_bundle(shop.out).rules == ("R1", "R2")


@pytest.mark.parametrize("name", ["rules/R3/adapter/adapter_model.safetensors", "rules/R1/training.json", "plan.json"])
def test_nothing_is_taken_over_from_a_damaged_bundle(shop: Workshop, name: str) -> None:
    shop.compile()
    path = shop.out / name
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(content)
    done = shop.compile()
    assert (done.trained, done.reused) == (("R1", "R2", "R3"), ())
    load_bundle(shop.out)


def test_a_copy_that_is_killed_half_way_is_not_taken_for_a_whole_one(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.compile()
    before = adapters(shop.out)

    def half(source: Path, target: Path) -> None:
        shutil.copytree(source / "adapter", target / "adapter")
        shutil.copy(source / "training.json", target / "training.json")
        (target / "adapter" / "adapter_model.safetensors").write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copytree", _once(half, shutil.copytree))
        with pytest.raises(KeyboardInterrupt):
            shop.compile()
    done = shop.compile()
    assert done.trained == ()
    assert adapters(shop.out) == before
    assert list(shop.out.parent.iterdir()) == [shop.out]


def _once(first: Callable[..., Any], then: Callable[..., Any]) -> Callable[..., Any]:
    """`first` for the first call, and whatever it calls itself and all others `then`."""
    calls: list[Path] = []

    def call(*given: Any, **named: Any) -> Any:
        calls.append(given[0])
        return first(*given) if len(calls) == 1 else then(*given, **named)

    return call


STRICT = POLICY.replace("breach <= 5%", "breach <= 1%")


def test_other_requirements_attack_again_and_train_nothing(shop: Workshop) -> None:
    shop.compile()
    done = shop.compile(STRICT)
    assert (shop.trained, shop.attacks, done.attacked) == ([], 1, True)
    assert set(required(shop.out).values()) == {0.01}


def test_results_of_a_killed_attack_are_not_taken_for_the_bundles_own(shop: Workshop) -> None:
    """Killed while it attacked for other requirements, then the old ones again."""
    shop.compile()
    shop.killed(STRICT)
    assert 0.01 in required(work_folder(shop.out)).values()
    shop.compile()
    assert required(shop.out) == {"R1": 0.05, "R2": 0.05, "R3": 0.05}
    assert shop.trained == []


def interrupted(*_: Any) -> None:
    raise KeyboardInterrupt


def test_a_killed_attack_leaves_no_results_of_the_finished_one_before_it(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(compiling, "_seal", interrupted)
        with pytest.raises(KeyboardInterrupt):
            shop.compile(STRICT)
    shop.killed(POLICY)
    assert required(work_folder(shop.out)) == {"R1": 0.05, "R2": 0.01, "R3": 0.01}
    shop.compile(STRICT)
    assert required(shop.out) == {"R1": 0.01, "R2": 0.01, "R3": 0.01}


def test_finished_results_are_used_after_a_kill(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(compiling, "_seal", interrupted)
        with pytest.raises(KeyboardInterrupt):
            shop.compile()
    done = shop.compile()
    assert (shop.trained, shop.attacks, done.attacked) == ([], 0, False)
    load_bundle(shop.out)


def test_results_that_were_taken_over_later_are_not_taken_for_those_of_the_killed_run(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attacks for other requirements done and killed after them, one rule changed and back again."""
    shop.compile()
    with monkeypatch.context() as patch:
        patch.setattr(compiling, "_seal", interrupted)
        with pytest.raises(KeyboardInterrupt):
            shop.compile(STRICT)
    shop.killed(STRICT.replace("instead bicycle", "instead wine"), at=0)
    shop.compile(STRICT)
    assert required(shop.out) == {"R1": 0.01, "R2": 0.01, "R3": 0.01}
    assert shop.trained == []
