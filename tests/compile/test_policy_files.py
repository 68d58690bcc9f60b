"""A policy inside a bundle is derived again from the bundle's own files: nothing else is read, nothing may change."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from proscribe.compiler.build.plan import make_plan, rule_hash
from proscribe.compiler.bundle.policy_files import ALONE, files_of, policy_of, why_not_kept, write_policy
from proscribe.compiler.bundle.write import rule_facts
from proscribe.compiler.cli.commands import build
from proscribe.compiler.cli.exits import EnvironmentFault
from proscribe.compiler.cli.main import main
from proscribe.compiler.corpus.phrasebook import build_phrasebook
from proscribe.compiler.graph.derive import Derived
from proscribe.compiler.pipeline import load
from proscribe.compiler.resolve import imports
from proscribe.compiler.train.settings import TrainSettings
from proscribe.runtime.bundle import Bundle, load_bundle, write_manifest
from proscribe.runtime.errors import BundleRefused

HEAD = 'policy "p" edition 2026\n'
RULE = 'forbid child -drinking-> alcohol\n    because "young"\n    severity high\n    require breach <= 5%\n'
PEOPLE = 'concept child as "a child", "a kid"\nrelation drinking as "drinking"\n'
DRINKS = 'concept wine as "wine"\nconcept beer as "beer"\nconcept alcohol = wine | beer\n'
ALONE_TEXT = HEAD + PEOPLE + DRINKS + RULE
SETTINGS = TrainSettings(text_steps=40, picture_steps=30)


def derive(path: Path) -> Derived:
    derived, found = load(path)
    assert derived is not None, [d.message for d in found]
    return derived


def put(folder: Path, **files: str) -> Path:
    """Write files (`sub__p` is sub/p.policy); the first is the policy."""
    paths = [folder / f"{name.replace('__', '/')}.policy" for name in files]
    for path, text in zip(paths, files.values(), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return paths[0]


def packed(derived: Derived, folder: Path, **more: str) -> Bundle:
    """A bundle with the policy and no rule in it: what is kept does not depend on adapters."""
    folder.mkdir()
    write_policy(folder, derived)
    fields = {"backbone": {"name": "b", "fingerprint": "f" * 64}, "rules": [], "seed": 0, **files_of(derived).fields()}
    write_manifest(folder, {**fields, **more})
    return load_bundle(folder)


def hashes(derived: Derived) -> list[str]:
    book = build_phrasebook(derived, 0)
    return [rule_hash(sets, derived, book, "f" * 64, 0, SETTINGS) for sets in derived.rules]


def again(bundle: Bundle) -> Derived:
    found = policy_of(bundle)
    assert found.derived is not None, [d.message for d in found.diagnostics]
    return found.derived


def use(*names: str) -> str:
    return "".join(f'use "{name}"\n' for name in names)


LAYOUTS = {
    "beside": {"p": HEAD + use("./people", "drinks.policy") + RULE, "people": PEOPLE, "drinks": DRINKS},
    "above": {"sub__p": HEAD + use("../people", "../shop/drinks") + RULE, "people": PEOPLE, "shop__drinks": DRINKS},
    "below": {"p": HEAD + use("a/b/people") + RULE, "a__b__people": use("../drinks") + PEOPLE, "a__drinks": DRINKS},
    "diamond": {
        "x__p": HEAD + use("../a", "../b") + RULE,
        "a": use("y/words") + DRINKS,
        "b": use("./y/words"),
        "y__words": PEOPLE,
    },
    "library": {"p": HEAD + use("std/people", "std/alcohol", "std/relations") + RULE},
    "library and files": {"a__p": HEAD + use("../people", "std/alcohol") + RULE, "people": PEOPLE},
}


@pytest.mark.parametrize("files", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_a_policy_with_uses_is_derived_again_from_its_bundle_alone(files: dict[str, str], tmp_path: Path) -> None:
    path = put(tmp_path / "here", **files)
    derived = derive(path)
    before = hashes(derived)
    assert why_not_kept(derived) == ""
    bundle = packed(derived, tmp_path / "bundle")
    for written in sorted((tmp_path / "here").rglob("*.policy")):
        written.write_text("this is no policy any more")
    assert hashes(again(bundle)) == before
    assert not (bundle.folder / ALONE).exists()
    kept = {name for name in bundle.manifest["files"] if name.startswith("policy/")}
    assert len(kept) == 1 + len(derived.graph.resolved.used)
    assert bundle.manifest["policy_main"] in kept


def test_another_standard_library_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    derived = derive(put(tmp_path / "here", **LAYOUTS["library"]))
    before = hashes(derived)
    bundle = packed(derived, tmp_path / "bundle")
    later = tmp_path / "std"
    put(later, people="concept child\n", alcohol="concept alcohol\n", relations="relation drinking\n")
    monkeypatch.setattr(imports, "library", lambda: str(later))
    assert hashes(derive(tmp_path / "here/p.policy")) != before, "or this test would prove nothing"
    assert hashes(again(bundle)) == before


def test_a_policy_above_the_library_may_use_it_by_path_and_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As policies/minors.policy may: one file, though it is named in two ways."""
    monkeypatch.setattr(imports, "library", lambda: str(tmp_path / "here/std"))
    monkeypatch.setattr("proscribe.compiler.bundle.policy_files.library", lambda: str(tmp_path / "here/std"))
    drinks = use("std/people") + DRINKS
    derived = derive(
        put(tmp_path / "here", p=HEAD + use("./std/people", "./drinks") + RULE, std__people=PEOPLE, drinks=drinks)
    )
    assert why_not_kept(derived) == ""
    bundle = packed(derived, tmp_path / "bundle")
    assert sorted(files_of(derived).files) == [f"policy/own/{name}.policy" for name in ("drinks", "p", "std/people")]
    assert hashes(again(bundle)) == hashes(derived)


def test_a_policy_that_uses_nothing_is_one_file_as_before(tmp_path: Path) -> None:
    derived = derive(put(tmp_path / "here", p=ALONE_TEXT))
    bundle = packed(derived, tmp_path / "bundle")
    assert sorted(bundle.manifest["files"]) == ["policy.policy"]
    assert not {"policy_main", "policy_std"} & set(bundle.manifest)
    assert (bundle.folder / ALONE).read_text("utf-8") == ALONE_TEXT
    assert hashes(again(bundle)) == hashes(derived)


def test_writing_takes_the_files_of_an_earlier_policy_away(tmp_path: Path) -> None:
    many = derive(put(tmp_path / "many", **LAYOUTS["beside"]))
    one = derive(put(tmp_path / "one", p=ALONE_TEXT))
    (tmp_path / "out").mkdir()
    for derived in (one, many, one, many):
        write_policy(tmp_path / "out", derived)
        found = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.policy")}
        assert found == set(files_of(derived).files)


@pytest.mark.parametrize("name", ["policy/own/people.policy", "policy/own/p.policy"])
def test_a_changed_file_of_the_policy_is_refused(name: str, tmp_path: Path) -> None:
    derived = derive(put(tmp_path / "here", **LAYOUTS["beside"]))
    bundle = packed(derived, tmp_path / "bundle")
    (bundle.folder / name).write_text(PEOPLE + "# later\n")
    with pytest.raises(BundleRefused, match="has changed"):
        policy_of(bundle)
    with pytest.raises(BundleRefused, match="has changed"):
        load_bundle(bundle.folder)


def test_a_file_added_to_the_policy_is_refused(tmp_path: Path) -> None:
    bundle = packed(derive(put(tmp_path / "here", **LAYOUTS["beside"])), tmp_path / "bundle")
    (bundle.folder / "policy/own/more.policy").write_text("concept more\n")
    with pytest.raises(BundleRefused, match="not listed"):
        load_bundle(bundle.folder)


@pytest.mark.parametrize(
    "said", ["../../../secret", "../../secret", "{}/secret", "std/people", "../../rules/R1/secret"]
)
def test_nothing_outside_the_bundles_policy_is_read(said: str, tmp_path: Path) -> None:
    """A bundle comes from others: its policy must not make this machine read what it likes."""
    for secret in (tmp_path / "secret.policy", tmp_path / "bundle/secret.policy"):
        secret.parent.mkdir(exist_ok=True)
        secret.write_text(PEOPLE)
    folder = tmp_path / "bundle"
    (folder / "policy/own").mkdir(parents=True)
    (folder / "policy/own/p.policy").write_text(HEAD + use(said.format(tmp_path)) + RULE)
    fields = {"backbone": {"name": "b", "fingerprint": "f" * 64}, "rules": [], "policy_main": "policy/own/p.policy"}
    write_manifest(folder, fields)
    found = policy_of(load_bundle(folder))
    assert found.derived is None
    assert [d.code for d in found.diagnostics if d.severity == "error"] == ["P501"]
    assert [path for path in found.sources if "secret" in path] == []


@pytest.mark.parametrize("main", ["../p.policy", "/etc/hosts", "plan.json", "policy/own/absent.policy", 3, None])
def test_a_manifest_may_only_name_a_file_of_the_policy(main: object, tmp_path: Path) -> None:
    bundle = packed(derive(put(tmp_path / "here", **LAYOUTS["beside"])), tmp_path / "bundle")
    changed = {**bundle.manifest, "policy_main": main}
    with pytest.raises(BundleRefused, match="no policy"):
        policy_of(Bundle(bundle.folder, changed, (), ()))


@pytest.mark.parametrize("std", ["../../here", "/", 5])
def test_a_manifest_that_names_a_library_elsewhere_gets_nothing_from_it(std: object, tmp_path: Path) -> None:
    bundle = packed(derive(put(tmp_path / "here", **LAYOUTS["library"])), tmp_path / "bundle")
    changed = Bundle(bundle.folder, {**bundle.manifest, "policy_std": std}, (), ())
    if isinstance(std, str):
        assert policy_of(changed).derived is None
    else:
        with pytest.raises(BundleRefused, match="policy_std"):
            policy_of(changed)


def test_a_path_from_the_root_of_the_disk_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    put(tmp_path / "there", people=PEOPLE)
    path = put(tmp_path / "here", p=HEAD + use(f"{tmp_path}/there/people") + DRINKS + RULE)
    assert CliRunner().invoke(main, ["check", str(path)]).exit_code == 0, "it can be checked here"
    done = CliRunner().invoke(main, ["compile", str(path), "--out", str(tmp_path / "out")])
    assert done.exit_code == 1, done.output
    assert f"{path}:2: a bundle could not follow this `use`" in done.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["a:b", "a\\b"])
def test_a_name_that_a_manifest_cannot_hold_is_refused_before_anything_is_trained(name: str, tmp_path: Path) -> None:
    put(tmp_path / "here" / name, people=PEOPLE)
    path = put(tmp_path / "here", p=HEAD + use(f"{name}/people") + DRINKS + RULE)
    refused = why_not_kept(derive(path))
    assert "cannot stand in a bundle" in refused
    assert repr(name[1]) in refused


def test_a_folder_above_all_files_may_have_any_name(tmp_path: Path) -> None:
    derived = derive(put(tmp_path / "a:b\\c", **LAYOUTS["above"]))
    assert why_not_kept(derived) == ""
    assert all(name.startswith("policy/own/") for name in files_of(derived).files)


def test_a_used_file_that_changes_changes_the_plan_where_it_changes_the_meaning(tmp_path: Path) -> None:
    path = put(tmp_path, **LAYOUTS["beside"])

    def plan() -> tuple[str, str]:
        derived = derive(path)
        made, _ = make_plan(derived, "b", "f" * 64, 0, SETTINGS, derived.ids)
        return made.hash, made.jobs[0].plan

    before = plan()
    (tmp_path / "people.policy").write_text("# said differently\n\n" + PEOPLE)
    assert plan() == before, "a comment teaches nothing"
    (tmp_path / "people.policy").write_text(PEOPLE.replace('"a kid"', '"a youngster"'))
    forms = plan()
    (tmp_path / "people.policy").write_text(PEOPLE)
    (tmp_path / "drinks.policy").write_text(DRINKS.replace("wine | beer", "wine | beer | cider"))
    cells = plan()
    assert len({before[0], forms[0], cells[0]}) == len({before[1], forms[1], cells[1]}) == 3


def fake_backbone(name: str) -> SimpleNamespace:
    return SimpleNamespace(name=name, fingerprint="f" * 64)


def test_attack_reads_the_policy_that_the_bundle_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "backbone_named", fake_backbone)
    path = put(tmp_path / "here", **LAYOUTS["above"])
    derived = derive(path)
    bundle = packed(derived, tmp_path / "bundle")
    path.unlink()
    found, book, _ = build._of_bundle(bundle, "mini")
    assert hashes(found) == hashes(derived)
    assert book.entries == build_phrasebook(derived, 0).entries


def test_a_policy_in_a_bundle_that_has_errors_now_shows_them_with_their_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build, "backbone_named", fake_backbone)
    bundle = packed(derive(put(tmp_path / "here", **LAYOUTS["above"])), tmp_path / "bundle")
    (bundle.folder / "policy/own/people.policy").write_text("concpt child\n")
    write_manifest(bundle.folder, {k: v for k, v in bundle.manifest.items() if k not in ("files", "format")})
    with pytest.raises(EnvironmentFault, match="has 1 error"):
        build._of_bundle(load_bundle(bundle.folder), "mini")
    said = capsys.readouterr().err
    assert "people.policy:1:1" in said
    assert "concpt child" in said, "with its line, though it stands in a used file"


def test_bundles_do_not_name_the_folders_of_the_machine_that_made_them(tmp_path: Path) -> None:
    bundle = packed(derive(put(tmp_path / "here", **LAYOUTS["library and files"])), tmp_path / "bundle")
    text = json.dumps(dict(bundle.manifest))
    assert os.fspath(tmp_path) not in text
    assert "site-packages" not in text


def test_what_a_rule_says_of_itself_is_written_for_the_report(tmp_path: Path) -> None:
    text = f'{HEAD}{PEOPLE}{DRINKS}group "bars" {{\n## No bar serves children.\n## <b>None</b>.\n{RULE}}}\n{RULE}'
    derived = derive(put(tmp_path, p=text))
    first, second = (rule_facts(sets, derived, {}) for sets in derived.rules)
    assert (first["doc"], first["group"]) == ("No bar serves children. <b>None</b>.", "bars")
    assert (second["doc"], second["group"]) == ("", "")
