"""A policy's own files inside a bundle: enough of them, in the same places to each other, to derive it again.

A policy that uses nothing is `policy.policy`. One that uses files stands below `policy/` as it stood on disk, from the
folder that holds them all; the standard library's files go to `policy/std`, so that a later library changes nothing.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..graph.derive import Derived
from ..graph.relations import RelationGraph
from ..pipeline import Analysis, analyse
from ..records.canonical import meaning_hash
from ..resolve.imports import library
from ..syntax.nodes import SourceFile
from ..syntax.parse import source_of

if TYPE_CHECKING:
    from proscribe.runtime.bundle import Bundle

ALONE = "policy.policy"
FOLDER = "policy"
OWN, STD = f"{FOLDER}/own", f"{FOLDER}/std"
_NEVER_IN_A_NAME = "\\:"  # what a manifest refuses in a path


@dataclass(frozen=True, slots=True)
class PolicyFiles:
    """The texts by their place in the bundle; `main` is the policy's own, `std` the library's folder."""

    main: str
    std: str
    files: Mapping[str, SourceFile]

    def fields(self) -> dict[str, str]:
        """What the manifest says of them; nothing where the policy is one file."""
        return {} if self.main == ALONE else {"policy_main": self.main, "policy_std": self.std}


def files_of(derived: Derived) -> PolicyFiles:
    """Where each file of a policy goes."""
    used = derived.graph.resolved.used
    if not used:
        return PolicyFiles(ALONE, STD, {ALONE: derived.source})
    std, main = os.path.abspath(library()), os.path.abspath(derived.source.path)
    by_path = {main: derived.source} | {os.path.abspath(source.path): source for source in used}
    # A policy may stand in the library, or above it and use it by a relative path: then it is one tree with it.
    own = [path for path in by_path if path == main or not _below(path, std)]
    top = os.path.commonpath([os.path.dirname(path) for path in own] + ([std] if _below(main, std) else []))
    std_home = _placed(OWN, std, top) if _below(std, top) else STD

    def place(path: str) -> str:
        return _placed(std_home, path, std) if _below(path, std) else _placed(OWN, path, top)

    return PolicyFiles(place(main), std_home, {place(path): source for path, source in by_path.items()})


def why_not_kept(derived: Derived) -> str:
    """Why the policy could not be derived again from a bundle's copy of it; empty where it can be."""
    kept = files_of(derived)
    if kept.main == ALONE:
        return ""
    for place, source in kept.files.items():
        odd = sorted({repr(mark) for mark in place if mark in _NEVER_IN_A_NAME or not mark.isprintable()})
        if odd:
            return f"{source.path!r} cannot stand in a bundle, because its path has {' and '.join(odd)}: rename it"
    again = _analysed("bundle", kept, lambda place: kept.files[place].text.encode(), kept.files)
    if again.derived is None:
        fault = next(d for d in again.diagnostics if d.severity == "error")
        said_in = kept.files[_place(fault.span.file, "bundle")].path
        return (
            f"{said_in}:{fault.span.line}: a bundle could not follow this `use`: "
            "write the path from the file that says it, not from the root of the disk"
        )
    if _meaning(again.graph) != _meaning(derived.graph):
        return "a bundle's copy of the used files would mean something else: write the paths of `use` in one way"
    return ""


def write_policy(folder: Path, derived: Derived) -> None:
    """Write the policy's files below `folder`, and take away those of an earlier policy."""
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
    (folder / ALONE).unlink(missing_ok=True)
    for place, source in files_of(derived).files.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source.text, encoding="utf-8")


def policy_of(bundle: Bundle) -> Analysis:
    """The policy inside a bundle, derived again from the bundle's files and from nothing else.

    Raises BundleRefused where a file has changed since it was packed.
    """
    from proscribe.runtime.errors import BundleRefused

    manifest: Mapping[str, Any] = bundle.manifest
    main, std = manifest.get("policy_main", ALONE), manifest.get("policy_std", STD)
    listed = [name for name in manifest["files"] if name == ALONE or name.startswith(f"{FOLDER}/")]
    if main not in listed:
        raise BundleRefused(f"{bundle.folder} holds no policy: {main!r} is not among its policy files")
    if not isinstance(std, str):
        raise BundleRefused(f"{bundle.folder}: policy_std is {std!r}, not a folder")
    kept = PolicyFiles(main, std, {})
    return _analysed(str(bundle.folder), kept, bundle.read_bytes, listed)


def _analysed(folder: str, kept: PolicyFiles, read: Callable[[str], bytes], known: Container[str]) -> Analysis:
    """The policy, its uses answered by `read` for the places that are `known`, and by nothing else."""

    def reader(path: str) -> bytes:
        place = _place(path, folder)
        if place not in known:
            raise FileNotFoundError(path)
        return read(place)

    main = source_of(os.path.join(folder, kept.main), read(kept.main))
    return analyse(main, reader=reader, std=os.path.join(folder, kept.std))


def _place(path: str, folder: str) -> str:
    """Where in the bundle a path leads."""
    return os.path.relpath(os.path.abspath(path), os.path.abspath(folder)).replace(os.sep, "/")


def _meaning(graph: RelationGraph) -> str:
    resolved = graph.resolved
    names = [(c.name, c.leaves, c.turned, c.forms, c.inverse_forms) for c in (*resolved.concepts, *resolved.relations)]
    return meaning_hash([names, list(resolved.rules)])


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _placed(home: str, path: str, top: str) -> str:
    inside = os.path.relpath(path, top).replace(os.sep, "/")
    return home if inside == "." else f"{home}/{inside}"
