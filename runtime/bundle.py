"""A bundle on disk: what the compiler packs and a server loads, believed as far as its hashes go."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from .adapter import CONFIG_FILE, WEIGHTS_FILE, Adapter, parse_adapter
from .apply import Guarded, attach_adapters
from .backbone import Backbone
from .errors import BundleRefused

FORMAT = 1
MANIFEST = "manifest.json"
PICKLES = (".pt", ".pth", ".bin", ".pkl", ".pickle", ".ckpt")
_MANIFEST_BYTES_MAX = 64 << 20
_RULE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """A checked bundle. `rules` are the ids in the policy's order, `adapters` theirs, already read."""

    folder: Path
    manifest: Mapping[str, Any]
    rules: tuple[str, ...]
    adapters: tuple[Adapter, ...]

    def attach(self, model: Backbone, merged: bool = True) -> Guarded:
        """`model` under all rules; the model itself stays as it is.

        Raises BundleRefused where the bundle was made for another backbone, or an adapter does not fit.
        """
        if not isinstance(model, Backbone):
            raise TypeError(f"a bundle attaches to a Backbone, not to {type(model).__name__}")
        wanted = self.manifest["backbone"]
        if wanted["fingerprint"] != model.fingerprint:
            raise BundleRefused(_other_backbone(wanted, model))
        return attach_adapters(model, {adapter.rule: adapter for adapter in self.adapters}, merged)

    def read_bytes(self, path: str) -> bytes:
        """A listed file's bytes, hashed again at this reading; raises BundleRefused where they have changed."""
        if path not in self.manifest["files"]:
            raise BundleRefused(f"{self.folder / path} is not listed in {MANIFEST}")
        return _read(self.folder, path, self.manifest["files"][path])

    def read_json(self, path: str) -> Any:
        """A listed file as JSON; raises BundleRefused where it is changed or is none."""
        return _json(self.read_bytes(path), self.folder / path)


def load_bundle(path: str | Path, verify: bool = True) -> Bundle:
    """Read a bundle and check its manifest, its paths, and (unless `verify` is false) every file's sha256.

    Nothing is ever unpickled. Raises BundleRefused that names the file at fault.
    """
    folder = Path(path)
    manifest_path = folder / MANIFEST
    if not manifest_path.is_file() or manifest_path.is_symlink():
        raise BundleRefused(f"{folder} is not a bundle: it holds no {MANIFEST}")
    if manifest_path.stat().st_size > _MANIFEST_BYTES_MAX:
        raise BundleRefused(f"{manifest_path} is larger than any manifest")
    manifest = _json(manifest_path.read_bytes(), manifest_path)
    rules = _checked_manifest(manifest, manifest_path)
    files: dict[str, str] = manifest["files"]
    present = {name for name in _walk(folder) if name != MANIFEST}
    for name in sorted(present | set(files)):
        if name not in present:
            raise BundleRefused(f"{folder / name} is listed in {MANIFEST} and missing")
        _refuse_pickle(folder / name)
        if name not in files and name.startswith(("rules/", "policy/")):
            raise BundleRefused(f"{folder / name} is not listed in {MANIFEST}")
        if name in files and verify:
            _compare(_sha256(folder / name), files[name], folder / name)
    adapters = []
    for rule in rules:
        parts = [f"rules/{rule}/adapter/{name}" for name in (CONFIG_FILE, WEIGHTS_FILE)]
        for part in parts:
            if part not in files:
                raise BundleRefused(f"{folder / part} is missing: the rule {rule} has no adapter")
        # The very bytes that are parsed are hashed, so that no file can change in between.
        read = [_read(folder, part, files[part] if verify else None) for part in parts]
        adapters.append(parse_adapter(rule, *read))
    return Bundle(folder, MappingProxyType(manifest), rules, tuple(adapters))


def write_manifest(folder: Path, fields: Mapping[str, Any]) -> Path:
    """Write manifest.json: `fields` (policy, backbone, rules, ...) plus the format and each file's sha256.

    Raises BundleRefused for what load_bundle would refuse: links, pickles, a rule without adapter.
    """
    files = {}
    for name in sorted(_walk(folder)):
        if name not in (MANIFEST, f"{MANIFEST}.new"):
            _refuse_pickle(folder / name)
            files[name] = _sha256(folder / name)
    manifest = {**fields, "format": FORMAT, "files": files}
    path = folder / MANIFEST
    for rule in _checked_manifest(manifest, path):
        if f"rules/{rule}/adapter/{WEIGHTS_FILE}" not in files:
            raise BundleRefused(f"{folder} holds no adapter for the rule {rule}")
    aside = path.with_name(f"{MANIFEST}.new")
    text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False)
    aside.write_text(text + "\n", encoding="utf-8")
    os.replace(aside, path)
    return path


def _checked_manifest(manifest: Any, path: Path) -> tuple[str, ...]:
    """The ids of the rules, once the manifest has the shape that the rest relies on."""
    if not isinstance(manifest, dict):
        raise BundleRefused(f"{path} is not a JSON object")
    if manifest.get("format") != FORMAT or isinstance(manifest.get("format"), bool):
        raise BundleRefused(f"{path} has format {manifest.get('format')!r}; this runtime reads {FORMAT}")
    backbone = manifest.get("backbone")
    if not isinstance(backbone, dict) or not isinstance(backbone.get("fingerprint"), str):
        raise BundleRefused(f"{path} names no backbone with a fingerprint")
    if not isinstance(backbone.get("parts", {}), dict):
        raise BundleRefused(f"{path}: backbone.parts is not an object")
    rules = manifest.get("rules")
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise BundleRefused(f"{path}: rules is not a list of objects")
    ids = [rule.get("id") for rule in rules]
    for rule in ids:
        if not isinstance(rule, str) or not _RULE_ID.fullmatch(rule) or ids.count(rule) > 1:
            raise BundleRefused(f"{path}: {rule!r} is no rule id, or stands there twice")
    files = manifest.get("files")
    if not isinstance(files, dict):
        raise BundleRefused(f"{path} lists no files")
    for name, digest in files.items():
        if not _stays_inside(name):
            raise BundleRefused(f"{path} lists {name!r}, which leaves the bundle or is no plain path")
        if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
            raise BundleRefused(f"{path}: {name} has no sha256")
    return tuple(ids)


def _stays_inside(name: str) -> bool:
    if not name or name.startswith("/") or any(character in name for character in "\\:\0"):
        return False
    return ".." not in name.split("/") and name != "." and str(PurePosixPath(name)) == name


def _walk(folder: Path) -> Iterator[str]:
    """Every file below `folder`, as a path with slashes; raises BundleRefused at a link or a device."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        path = Path(entry.path)
        if entry.is_symlink():
            raise BundleRefused(f"{path} is a symbolic link, which could leave the bundle")
        if entry.is_dir(follow_symlinks=False):
            yield from (f"{entry.name}/{name}" for name in _walk(path))
        elif entry.is_file(follow_symlinks=False):
            yield entry.name
        else:
            raise BundleRefused(f"{path} is neither a file nor a folder")


def _refuse_pickle(path: Path) -> None:
    """Raise BundleRefused for a pickle (by its name or first bytes) and for a false safetensors file."""
    if path.name.lower().endswith(PICKLES):
        raise BundleRefused(f"{path} looks like a pickle, which can run code when it is read")
    with path.open("rb") as stream:
        head = stream.read(9)
    if path.suffix.lower() == ".safetensors":
        length = int.from_bytes(head[:8], "little")
        if head[8:] != b"{" or length > path.stat().st_size - 8:
            raise BundleRefused(f"{path} is not a safetensors file")
    elif head.startswith((b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")):
        raise BundleRefused(f"{path} holds a pickle or an archive, whatever its name says")


def _read(folder: Path, name: str, digest: str | None) -> bytes:
    path = folder / name
    if path.is_symlink() or not path.is_file():
        raise BundleRefused(f"{path} is missing")
    data = path.read_bytes()
    if digest is not None:
        _compare(hashlib.sha256(data).hexdigest(), digest, path)
    return data


def _compare(found: str, wanted: str, path: Path) -> None:
    if found != wanted:
        said = f"its sha256 is {found[:16]}…, {MANIFEST} says {wanted[:16]}…"
        raise BundleRefused(f"{path} has changed: {said}")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _json(data: bytes, path: Path) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as fault:
        raise BundleRefused(f"{path} is not JSON: {fault}") from fault


def _other_backbone(wanted: Mapping[str, Any], model: Backbone) -> str:
    parts = {name: str(value) for name, value in wanted.get("parts", {}).items()}
    names = sorted({*parts, *model.fingerprint_parts})
    pairs = {name: (parts.get(name, "?"), model.fingerprint_parts.get(name, "?")) for name in names}
    differ = [f"{name} (bundle: {ours}; model: {its})" for name, (ours, its) in pairs.items() if ours != its]
    return (
        f"the bundle was made for the backbone {wanted.get('name', '?')!r} with fingerprint "
        f"{wanted['fingerprint'][:16]}…, the model {model.name!r} has {model.fingerprint[:16]}…; "
        f"they differ in {'; '.join(differ) or 'no part that the bundle names'}"
    )
