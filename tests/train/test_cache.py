"""Tensors kept on disk: computed once, never trusted when broken, never needed."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from proscribe.compiler.records import cache
from proscribe.compiler.records.cache import cache_folder, cached
from safetensors import SafetensorError
from torch import Tensor


class Work:
    """Something that costs minutes; counts how often it was done."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> dict[str, Tensor]:
        self.times += 1
        return {"x_ND": torch.arange(12.0).reshape(3, 4).T, "n": torch.tensor(self.times)}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PROSCRIBE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_computed_once_for_a_key(folder: Path) -> None:
    work = Work()
    first = cached("pictures", {"name": "train", "version": 1}, work)
    again = cached("pictures", {"version": 1, "name": "train"}, work)
    assert work.times == 1
    torch.testing.assert_close(first, again)
    assert [path.suffix for path in folder.iterdir()] == [".safetensors"]


def test_another_key_or_kind_is_computed_apart(folder: Path) -> None:
    work = Work()
    cached("pictures", {"version": 1}, work)
    cached("pictures", {"version": 2}, work)
    cached("captions", {"version": 1}, work)
    assert work.times == 3
    assert len(list(folder.iterdir())) == 3


@pytest.mark.parametrize("content", [b"", b"not tensors", None], ids=["empty", "garbage", "cut"])
def test_a_broken_file_is_computed_again_and_replaced(folder: Path, content: bytes | None) -> None:
    work = Work()
    cached("pictures", {}, work)
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes()[:-5] if content is None else content)
    assert cached("pictures", {}, work)["n"].item() == 2
    assert cached("pictures", {}, work)["n"].item() == 2
    assert work.times == 2
    assert list(folder.iterdir()) == [path]


def test_the_folder_is_the_one_that_was_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PROSCRIBE_CACHE", str(tmp_path / "a"))
    assert cache_folder() == tmp_path / "a"
    monkeypatch.delenv("PROSCRIBE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "b"))
    assert cache_folder() == tmp_path / "b" / "proscribe"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "proscribe"


def test_a_folder_that_cannot_be_made_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where root runs the tests no permission stops it; a file in the way does."""
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("PROSCRIBE_CACHE", str(tmp_path / "file" / "cache"))
    work = Work()
    assert cached("pictures", {}, work)["n"].item() == 1
    assert cached("pictures", {}, work)["n"].item() == 2


def test_a_full_disk_is_no_error_and_leaves_nothing_half_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(tensors: dict[str, Tensor], path: Path) -> None:
        path.write_bytes(b"half")
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(cache, "save_file", full)
    assert cached("pictures", {}, Work())["n"].item() == 1
    assert list(folder.iterdir()) == []
