"""What a bundle must be to be believed."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from proscribe.runtime import Backbone, BundleRefused, load_bundle, write_manifest

from .conftest import PackBundle


@pytest.fixture
def bundle(pack_bundle: PackBundle, mini: Backbone, tmp_path: Path) -> Path:
    return pack_bundle(tmp_path / "bundle", mini)


def edit_manifest(folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


def test_a_whole_bundle_loads_and_attaches(bundle: Path, mini: Backbone) -> None:
    loaded = load_bundle(bundle)
    guarded = loaded.attach(mini)
    assert loaded.rules == guarded.rules == guarded.enabled == ("R1", "R2")
    assert loaded.read_json("rules/R1/rule.json")["id"] == "R1"
    assert not torch.allclose(guarded.encode_text(["wine"]), mini.encode_text(["wine"]), atol=1e-3)
    assert torch.allclose(
        loaded.attach(mini, merged=False).encode_text(["wine"]), guarded.encode_text(["wine"]), atol=1e-5
    )


def test_the_manifest_lists_every_file_with_its_sha256(bundle: Path) -> None:
    files = json.loads((bundle / "manifest.json").read_text())["files"]
    there = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()}
    assert set(files) == there - {"manifest.json"}
    assert all(hashlib.sha256((bundle / name).read_bytes()).hexdigest() == files[name] for name in files)
    assert load_bundle(str(bundle)).manifest["format"] == 1


@pytest.mark.parametrize("name", ["rules/R2/adapter/adapter_model.safetensors", "plan.json", "rules/R1/rule.json"])
def test_a_changed_byte(bundle: Path, name: str) -> None:
    data = bytearray((bundle / name).read_bytes())
    data[-1] ^= 1
    (bundle / name).write_bytes(data)
    with pytest.raises(BundleRefused, match=f"{name} has changed"):
        load_bundle(bundle)


def test_a_byte_changed_after_loading(bundle: Path) -> None:
    loaded = load_bundle(bundle)
    (bundle / "plan.json").write_text("[]")
    with pytest.raises(BundleRefused, match=r"plan\.json has changed"):
        loaded.read_json("plan.json")
    assert load_bundle(bundle, verify=False).rules == ("R1", "R2")


def test_a_missing_file(bundle: Path) -> None:
    (bundle / "plan.json").unlink()
    with pytest.raises(BundleRefused, match=r"plan\.json is listed in manifest\.json and missing"):
        load_bundle(bundle)


def test_an_added_file(bundle: Path) -> None:
    (bundle / "notes.txt").write_text("beside the rules, harmless")
    load_bundle(bundle)
    (bundle / "rules/R1/extra.json").write_text("{}")
    with pytest.raises(BundleRefused, match=r"rules/R1/extra\.json is not listed"):
        load_bundle(bundle)


@pytest.mark.parametrize(
    "path", ["../secret", "/etc/passwd", "rules/../../x", "rules\\x", "C:x", "./plan.json", "a//b", ""]
)
def test_a_path_that_leaves_the_bundle(bundle: Path, path: str) -> None:
    edit_manifest(bundle, lambda manifest: manifest["files"].update({path: "0" * 64}))  # type: ignore[attr-defined]
    with pytest.raises(BundleRefused, match="leaves the bundle"):
        load_bundle(bundle)


@pytest.mark.parametrize("name", ["plan.json", "rules", "rules/R1/adapter/adapter_config.json"])
def test_a_symbolic_link(bundle: Path, tmp_path: Path, name: str) -> None:
    (bundle / name).rename(tmp_path / "elsewhere")
    (bundle / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BundleRefused, match="symbolic link"):
        load_bundle(bundle)


class _Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (pytest.fail, ("a pickle was read",))


@pytest.mark.parametrize("name", ["weights.pt", "a.bin", "rules/R1/x.PKL", "harmless.json", "a.safetensors"])
def test_a_pickle_under_any_name(bundle: Path, name: str) -> None:
    (bundle / name).write_bytes(pickle.dumps(_Bomb()))
    with pytest.raises(BundleRefused, match=name.rpartition("/")[2]):
        load_bundle(bundle)
    with pytest.raises(BundleRefused):
        write_manifest(bundle, json.loads((bundle / "manifest.json").read_text()))


def test_a_pickle_in_the_adapters_place(bundle: Path) -> None:
    name = "rules/R1/adapter/adapter_model.safetensors"
    (bundle / name).write_bytes(pickle.dumps(_Bomb()))
    digest = hashlib.sha256((bundle / name).read_bytes()).hexdigest()
    edit_manifest(bundle, lambda manifest: manifest["files"].update({name: digest}))  # type: ignore[attr-defined]
    with pytest.raises(BundleRefused, match="not a safetensors file"):
        load_bundle(bundle)


def test_another_backbone(bundle: Path, mini: Backbone) -> None:
    parts = {**mini.fingerprint_parts, "weights": "f" * 64}
    other = dataclasses.replace(mini, fingerprint="e" * 64, fingerprint_parts=parts)
    with pytest.raises(BundleRefused) as refused:
        load_bundle(bundle).attach(other)
    said = str(refused.value)
    assert mini.fingerprint_parts["weights"] in said
    assert "f" * 64 in said
    assert "tokenizer" not in said
    with pytest.raises(TypeError, match="attaches to a Backbone"):
        load_bundle(bundle).attach(mini.model)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m.update(format=2), "has format 2; this runtime reads 1"),
        (lambda m: m.pop("format"), "has format None"),
        (lambda m: m.pop("backbone"), "names no backbone"),
        (lambda m: m.update(rules="R1"), "not a list"),
        (lambda m: m.update(rules=[{"id": "../R1"}]), "no rule id"),
        (lambda m: m.update(rules=[{"id": "R1"}, {"id": "R1"}]), "stands there twice"),
        (lambda m: m.update(rules=[{"id": "R7"}]), "R7 has no adapter"),
        (lambda m: m.update(files=[]), "lists no files"),
        (lambda m: m["files"].update({"plan.json": 7}), r"plan\.json has no sha256"),
    ],
)
def test_a_manifest_of_another_shape(bundle: Path, change: Callable[[dict[str, object]], object], words: str) -> None:
    edit_manifest(bundle, change)
    with pytest.raises(BundleRefused, match=words):
        load_bundle(bundle)


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000])
def test_a_manifest_that_is_no_json_object(bundle: Path, text: str) -> None:
    (bundle / "manifest.json").write_text(text)
    with pytest.raises(BundleRefused, match=r"manifest\.json"):
        load_bundle(bundle)


def test_no_bundle_at_all(tmp_path: Path) -> None:
    with pytest.raises(BundleRefused, match="is not a bundle"):
        load_bundle(tmp_path / "nothing")


def test_a_manifest_is_not_written_for_a_rule_without_an_adapter(tmp_path: Path) -> None:
    with pytest.raises(BundleRefused, match="no adapter for the rule R1"):
        write_manifest(tmp_path, {"backbone": {"fingerprint": "0"}, "rules": [{"id": "R1"}]})
