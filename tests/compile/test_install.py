"""A finished bundle takes the last good one's place in one step."""

from __future__ import annotations

import ctypes
import json
from pathlib import Path

import pytest
from proscribe.compiler.bundle import write as package
from proscribe.compiler.bundle.write import install, work_folder, write_json


def folder(path: Path, said: str, *extra: str) -> Path:
    (path / "rules" / "R1").mkdir(parents=True)
    for name in ("manifest.json", "rules/R1/rule.json", *extra):
        (path / name).write_text(said)
    return path


def said_by(path: Path) -> dict[str, str]:
    return {str(p.relative_to(path)): p.read_text() for p in sorted(path.rglob("*")) if p.is_file()}


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    out = tmp_path / "build" / "minors"
    return folder(work_folder(out), "new"), out


def no_exchange(a: Path, b: Path) -> bool:
    return False


def test_pieces_gather_beside_the_bundle_out_of_sight() -> None:
    """On the same disk, or the step at the end would not be one step."""
    work = work_folder(Path("build/minors"))
    assert work == Path("build/.minors.work")
    assert work_folder(Path("build/minors.v2")) != work


def test_a_first_bundle_is_moved_into_place(places: tuple[Path, Path]) -> None:
    work, out = places
    install(work, out)
    assert said_by(out) == {"manifest.json": "new", "rules/R1/rule.json": "new"}
    assert list(out.parent.iterdir()) == [out]


@pytest.mark.parametrize("system_call", [True, False], ids=["exchange", "fallback"])
def test_a_new_bundle_takes_the_old_ones_place(
    places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, system_call: bool
) -> None:
    work, out = places
    folder(out, "old", "gone.txt")
    if not system_call:
        monkeypatch.setattr(package, "_exchange", no_exchange)
    install(work, out)
    assert said_by(out) == {"manifest.json": "new", "rules/R1/rule.json": "new"}
    assert list(out.parent.iterdir()) == [out]


def test_a_fallback_that_was_killed_before_leaves_nothing_in_the_way(
    places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    work, out = places
    folder(out, "old")
    folder(out.with_name(".minors.old"), "older")
    monkeypatch.setattr(package, "_exchange", no_exchange)
    install(work, out)
    assert said_by(out)["manifest.json"] == "new"
    assert list(out.parent.iterdir()) == [out]


class Without:
    """A C library without renameat2, or one whose file system refuses it."""

    def __init__(self, *_: object, **__: object) -> None: ...


class Refusing(Without):
    def renameat2(self, *_: object) -> int:
        return -1


@pytest.mark.parametrize("library", [Without, Refusing])
def test_a_system_without_the_call_falls_back(
    places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, library: type[Without]
) -> None:
    work, out = places
    folder(out, "old")
    monkeypatch.setattr(ctypes, "CDLL", library)
    assert not package._exchange(work, out)
    install(work, out)
    assert said_by(out)["manifest.json"] == "new"
    assert list(out.parent.iterdir()) == [out]


def test_an_exchange_swaps_two_folders(places: tuple[Path, Path]) -> None:
    work, out = places
    folder(out, "old")
    if not package._exchange(work, out):
        pytest.skip("no renameat2 here")
    assert (said_by(work)["manifest.json"], said_by(out)["manifest.json"]) == ("old", "new")


def test_a_piece_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "rule.json"
    write_json(path, {"b": 1, "a": "é"})
    assert path.read_text(encoding="utf-8") == '{\n "a": "é",\n "b": 1\n}\n'
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert json.loads(path.read_text(encoding="utf-8")) == {"a": "é", "b": 1}
    assert list(path.parent.iterdir()) == [path]
