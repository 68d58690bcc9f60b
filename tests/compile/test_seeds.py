"""Several training seeds: the others stand beside the bundle that ships, and only their numbers go into it.

The workshop is that of test_resume.py; here attacks are decided by the adapter's own bytes, as real ones are.
"""

from __future__ import annotations

import json
import shutil
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from proscribe.compiler.attack.listed import listed
from proscribe.compiler.build import compile as compiling
from proscribe.compiler.build import multi_seed as seeding
from proscribe.compiler.build.attack_bundle import read_attack
from proscribe.compiler.build.multi_seed import Seeded, compile_seeds, spread_of
from proscribe.compiler.build.plan import make_plan
from proscribe.compiler.bundle.write import seeds_folder, work_folder, write_attack
from proscribe.compiler.corpus.phrasebook import Phrasebook
from proscribe.compiler.pipeline import loads
from proscribe.compiler.records.results import FamilyResult, RetentionResult, RuleAttack, SeedSpread
from proscribe.compiler.train.loop import train_rule
from proscribe.runtime.backbone import Backbone
from proscribe.runtime.bundle import load_bundle

from .test_resume import POLICY, SETTINGS, Workshop, adapters, contents, furnish, tiny, undated

RULES = ("R1", "R2", "R3")
# A form that only the policy declares: which split it falls into is drawn by the seed of the words.
OWN_WORDS = POLICY.replace('"a child"', '"a child", "a nipper", "a tyke", "a sprog", "a wean", "a bairn", "a tot"')


@dataclass
class SeedShop(Workshop):
    """Compiles with several seeds. `ground` holds what each attack was made with: the words and the seed of probes."""

    ground: list[tuple[Phrasebook, int]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def compile_all(self, seeds: int, text: str = POLICY, seed: int = 0, **plan: Any) -> Seeded:
        self.trained, self.attacks, self.ground, self.said = [], 0, [], []
        derived, found = loads(text, "policy.policy")
        assert derived is not None, [d.message for d in found]
        made, book = make_plan(
            derived, "towers", self.backbone.fingerprint, seed, SETTINGS, derived.ids, seeds=seeds, **plan
        )
        return compile_seeds(derived, made, book, self.backbone, self.out, self.tick)

    def tick(self, what: str, done: int, total: int) -> None:
        self.said.append(what)

    def opened(self, backbone: Backbone, derived: Any, book: Phrasebook, shared: Any, seed: int, tick: Any) -> Any:
        self.ground.append((book, seed))
        return derived

    def attack_rules(self, derived: Any, adapters: dict[str, Path], *_: Any) -> dict[str, tuple[RuleAttack, tuple[()]]]:
        self.attacks += 1
        found = {}
        for sets in derived.rules:
            folder = adapters[sets.rule.id]
            found[sets.rule.id] = (result(sets.rule.id, folder / "adapter_model.safetensors"), ())
        if self.kill_attack:
            first = min(found)
            write_attack(adapters[first].parent, *found[first])
            raise KeyboardInterrupt
        return found

    @property
    def beside(self) -> list[str]:
        """What stands in the folder of the other seeds."""
        return sorted(path.name for path in seeds_folder(self.out).iterdir())

    def rows(self, rule: str = "R1") -> tuple[SeedSpread, ...]:
        return read_attack(self.out / "rules" / rule).seeds


def result(rule: str, adapter: Path) -> RuleAttack:
    """A family and a safe set whose numbers are drawn from the adapter's bytes."""
    drawn = zlib.crc32(adapter.read_bytes())
    broke, lost = drawn % 999_983, drawn // 999_983 % 1000 / 100
    n = 10_000_000  # so many that no two adapters meet by chance
    family = FamilyResult(
        "paraphrase", "text", "text", "alone", n, n, n - broke, broke, 0, 1.0, broke / n, 0.0, 0.02, "pass"
    )
    kept = RetentionResult("control", "text", "text", "alone", 100, 1.0, 1 - lost / 100, lost, 1.0, 0.99, 1.0, "pass")
    return RuleAttack(
        rule, "inconclusive", "Not proven: drawn.", (), 0.05, 0.98, (family,), (kept,), (), None, (), (), (), 0, 1.0,
    )  # fmt: skip


def opened(out: Path, patch: pytest.MonkeyPatch, backbone: Backbone) -> SeedShop:
    """A furnished workshop that compiles into `out`."""
    shop = SeedShop(out, backbone, train_rule)
    furnish(patch, shop)
    patch.setattr(compiling, "open_arena", shop.opened)
    return shop


@pytest.fixture(scope="module")
def backbone() -> Backbone:
    return tiny()


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What all compiles share; how it is kept is tested elsewhere."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backbone: Backbone, cache: Path) -> SeedShop:
    monkeypatch.setenv("PROSCRIBE_CACHE", str(cache))
    return opened(tmp_path / "build" / "kitchen", monkeypatch, backbone)


def test_the_first_seed_ships_and_the_others_stand_beside_it(shop: SeedShop) -> None:
    done = shop.compile_all(3)
    assert [rule for rule, _ in shop.trained] == [*RULES] * 3
    assert (done.shipped.folder, done.shipped.trained, done.others) == (shop.out, RULES, (1, 2))
    assert sorted(path.name for path in shop.out.parent.iterdir()) == ["kitchen", "kitchen.seeds"]
    assert shop.beside == ["1", "2"]
    found = [adapters(folder) for folder in (shop.out, *(seeds_folder(shop.out) / seed for seed in "12"))]
    for name in found[0]:
        assert len({folder[name] for folder in found}) == 3, "three seeds, three adapters"
    assert [read_training(folder)["seed"] for folder in (shop.out, seeds_folder(shop.out) / "2")] == [0, 2]
    shutil.rmtree(shop.out)
    shop.compile()
    assert adapters(shop.out) == found[0], "the bundle is that of one seed alone"


def read_training(bundle: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((bundle / "rules" / "R1" / "training.json").read_text())
    return found


def test_each_seeds_numbers_go_into_every_report_and_nothing_else_of_it(shop: SeedShop) -> None:
    shop.compile_all(1)
    before = load_bundle(shop.out).manifest["files"]
    done = shop.compile_all(3)
    bundle = load_bundle(shop.out)
    assert set(bundle.manifest["files"]) == set(before), "no file more"
    changed = {name for name in before if bundle.manifest["files"][name] != before[name] and name.startswith("rules/")}
    assert changed == {f"rules/{rule}/{name}" for rule in RULES for name in ("attack.json", "report.json", "card.md")}
    for rule in RULES:
        rows = shop.rows(rule)
        assert rows == done.attacks[rule].seeds
        for row, folder in zip(rows, (shop.out, *(seeds_folder(shop.out) / s for s in "12")), strict=True):
            own = result(rule, folder / "rules" / rule / "adapter" / "adapter_model.safetensors")
            assert (row.breach, row.loss_points) == (own.families[0].breach, own.retention[0].loss_points)
        assert [row.seed for row in rows] == [0, 1, 2]
        assert len({row.breach for row in rows}) == 3
        report = bundle.read_json(f"rules/{rule}/report.json")
        assert [(s["seed"], s["breach"]) for s in report["seeds"]] == [(row.seed, row.breach) for row in rows]
    page, text = ((shop.out / name).read_text() for name in ("report.html", "report.md"))
    assert page.count("Trained with other seeds") == text.count("### Trained with other seeds") == 3
    assert "Over 3 training seeds the worst breach is" in page
    assert "The adapter is that of seed 0." in text


def test_only_training_differs_between_seeds(shop: SeedShop) -> None:
    shop.compile_all(3, OWN_WORDS, seed=4)
    (book, seed), *others = shop.ground
    assert len(others) == 2
    assert seed == 4
    assert all(other == (book, 4) for other in others), "the same words held out, the same probes"
    derived, _ = loads(OWN_WORDS, "policy.policy")
    assert derived is not None
    drawn = {
        make_plan(derived, "towers", "f" * 64, number, SETTINGS, derived.ids)[1].forms("subject", "child").attack
        for number in range(4, 7)
    }
    assert len(drawn) > 1, "a seed that decided the words as well would hold out others"
    manifests = [load_bundle(f).manifest for f in (shop.out, *(seeds_folder(shop.out) / s for s in "56"))]
    assert [m["seed"] for m in manifests] == [4, 4, 4], "replay and attack draw the same probes for each of them"
    assert len({m["plan"] for m in manifests}) == 3


def test_where_nothing_changed_no_seed_is_looked_at_again(shop: SeedShop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.compile_all(3)
    before, rows = undated(shop.out / "rules"), shop.rows()
    shutil.rmtree(seeds_folder(shop.out))
    monkeypatch.setattr(seeding, "retrained", _never)
    done = shop.compile_all(3)
    assert (shop.trained, shop.attacks, done.others) == ([], 0, ())
    assert not seeds_folder(shop.out).exists(), "the bundle itself knows what they gave"
    assert undated(shop.out / "rules") == before
    shop.compile_all(1)
    assert shop.rows() == rows, "what was measured of the same adapters stays"


def _never(*_: Any) -> None:
    raise AssertionError("not to be called")


def test_more_seeds_train_those_that_are_missing(shop: SeedShop) -> None:
    shop.compile_all(2)
    first = shop.rows()
    done = shop.compile_all(3)
    assert (done.others, shop.attacks, len(shop.trained)) == ((2,), 1, 3)
    assert shop.rows()[:2] == first
    assert [row.seed for row in shop.rows()] == [0, 1, 2]


def test_bundles_of_other_seeds_that_still_fit_are_read_and_not_built_again(shop: SeedShop) -> None:
    """As after `attack --seed`, when the bundle that ships has to be attacked anew."""
    shop.compile_all(3)
    rows = shop.rows()
    shutil.rmtree(shop.out)
    done = shop.compile_all(3)
    assert ([rule for rule, _ in shop.trained], shop.attacks, done.others) == ([*RULES], 1, ())
    assert shop.rows() == rows


def test_a_damaged_bundle_of_another_seed_is_built_again(shop: SeedShop) -> None:
    shop.compile_all(2)
    rows = shop.rows()
    shutil.rmtree(shop.out)
    path = seeds_folder(shop.out) / "1" / "rules" / "R1" / "attack.json"
    path.write_text(path.read_text().replace('"trials": 1000', '"trials": 9000'))
    done = shop.compile_all(2)
    assert (len(shop.trained), done.others) == (6, (1,))
    assert shop.rows() == rows


def test_one_changed_rule_trains_alone_with_every_seed(shop: SeedShop) -> None:
    shop.compile_all(2)
    done = shop.compile_all(2, POLICY.replace("instead bicycle", "instead wine"))
    assert shop.trained == [("R2", ("R1", "R3"))] * 2
    assert done.shipped.reused == ("R1", "R3")
    assert [row.seed for row in shop.rows("R2")] == [0, 1]
    assert shop.rows("R2")[1].breach == attack_beside(shop, "R2").families[0].breach


def attack_beside(shop: SeedShop, rule: str) -> RuleAttack:
    return read_attack(seeds_folder(shop.out) / "1" / "rules" / rule)


def test_a_change_without_seeds_leaves_no_old_spread(shop: SeedShop) -> None:
    shop.compile_all(2)
    shop.compile_all(1, POLICY.replace("instead bicycle", "instead wine"))
    assert [shop.rows(rule) for rule in RULES] == [(), (), ()]
    assert "Trained with other seeds" not in (shop.out / "report.html").read_text()


@pytest.mark.parametrize("at", [3, 4, 5])
def test_a_compile_that_is_killed_in_another_seed_goes_on_there(shop: SeedShop, at: int) -> None:
    shop.compile_all(2)
    rows, whole = shop.rows(), contents(seeds_folder(shop.out) / "1")
    shutil.rmtree(shop.out.parent)
    shop.kill_at = at
    with pytest.raises(KeyboardInterrupt):
        shop.compile_all(2)
    shop.kill_at = -1
    assert load_bundle(shop.out).rules == RULES, "the bundle that ships was finished before"
    assert shop.rows() == ()
    done = shop.compile_all(2)
    assert [rule for rule, _ in shop.trained] == [*RULES][at - 3 :]
    assert (done.shipped.attacked, done.others) == (False, (1,))
    assert shop.rows() == rows
    again = contents(seeds_folder(shop.out) / "1")
    assert {n: d for n, d in again.items() if "adapter" in n} == {n: d for n, d in whole.items() if "adapter" in n}
    assert shop.beside == ["1"]


def test_a_kill_in_another_seed_leaves_every_good_bundle(shop: SeedShop) -> None:
    shop.compile_all(2)
    changed = POLICY.replace("instead bicycle", "instead wine")
    before = contents(seeds_folder(shop.out) / "1")
    shop.kill_at = 1
    with pytest.raises(KeyboardInterrupt):
        shop.compile_all(2, changed)
    shop.kill_at = -1
    load_bundle(shop.out)
    assert contents(seeds_folder(shop.out) / "1") == before
    shop.compile_all(2, changed)
    assert (shop.trained, shop.attacks) == ([("R2", ("R1", "R3"))], 1), "the first seed was finished"
    assert not work_folder(seeds_folder(shop.out) / "1").exists()


@pytest.mark.parametrize("where", ["copytree", "seal", "install"])
def test_a_kill_while_the_spread_is_written_leaves_the_bundle_whole(
    shop: SeedShop, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def killed(*given: Any) -> None:
        if where == "copytree":
            Path(given[1]).mkdir()
            shutil.copy(Path(given[0]) / "report.md", given[1])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil if where == "copytree" else seeding, where, killed)
        with pytest.raises(KeyboardInterrupt):
            shop.compile_all(2)
    load_bundle(shop.out)
    assert shop.rows() == ()
    shop.compile_all(2)
    assert (shop.trained, shop.attacks) == ([], 0)
    assert [row.seed for row in shop.rows()] == [0, 1]
    assert shop.beside == ["1"], "nothing half-written stays"


def test_progress_says_which_seed_is_at_work(shop: SeedShop) -> None:
    shop.compile_all(2)
    seeds = list(dict.fromkeys(what.partition(":")[0] for what in shop.said))
    assert seeds == ["seed 0", "seed 1"]
    shutil.rmtree(shop.out.parent)
    shop.compile_all(1)
    assert shop.said
    assert not any(what.startswith("seed") for what in shop.said)


def test_seeds_are_compared_by_the_attacks_of_the_effort_alone(tmp_path: Path) -> None:
    """A bundle that was attacked with more has more breaches than a seed that was not."""
    path = tmp_path / "adapter"
    path.write_bytes(b"any")
    own = result("R1", path)
    extra = replace(own.families[0], family="languages", broke=900, held=100, breach=0.9, status="fail")
    evidence = replace(own.families[0], family="quantised", breach=1.0, gates=False)
    assert "languages" not in {row.name for row in listed("quick")}
    more = replace(own, families=(*own.families, extra, evidence), status="fail")
    assert spread_of(more, 3, "quick") == spread_of(own, 3, "quick")
    assert spread_of(more, 3, "deep").breach == 0.9, "evidence is no breach against the rule"
    assert spread_of(more, 3, "deep").status == "fail"


def test_what_could_not_be_counted_has_no_number(tmp_path: Path) -> None:
    path = tmp_path / "adapter"
    path.write_bytes(b"any")
    nothing = replace(result("R1", path), families=(), retention=())
    assert spread_of(nothing, 7, "quick") == SeedSpread(7, "inconclusive", None, None)
