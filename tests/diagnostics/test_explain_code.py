"""`proscribe explain P012`, and guesses at what a name was meant to be."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner
from proscribe.compiler.cli.exits import Exit
from proscribe.compiler.cli.main import main
from proscribe.compiler.messages.catalogue import CODES
from proscribe.compiler.messages.spelling import guess
from proscribe.compiler.syntax.hints.statement import explain

NAMES = ["child", "wine", "red_wine", "person", "glass", "knife", "horse", "story"]


@pytest.mark.parametrize("name", ["messages.catalogue", "messages.spelling"])
def test_docstring_examples(name: str) -> None:
    result = doctest.testmod(import_module(f"proscribe.compiler.{name}"))
    assert result.attempted
    assert not result.failed


def test_a_page_in_the_terminal() -> None:
    result = CliRunner().invoke(main, ["explain", "p015"])
    assert result.exit_code == Exit.GOOD
    lines = result.output.splitlines()
    assert lines[0] == f"P015: {CODES['P015'].title}"
    assert "    forbid child => wine" in lines
    assert "    forbid child -drinking-> wine" in lines
    assert not any("```" in line or "**" in line for line in lines)


def test_a_code_that_nobody_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = CliRunner().invoke(main, ["explain", "P099"])
    assert result.exit_code == Exit.USAGE
    assert "there is no code P099" in result.output
    monkeypatch.chdir(tmp_path)
    Path("P012").write_text('policy "p" edition 2026\nconcept a; relation b\nforbid a -b-> a\n')
    assert "forget: 1 cell" in CliRunner().invoke(main, ["explain", "P012"]).output


@pytest.mark.parametrize(
    ("name", "certain"),
    [
        ("wines", "wine"),
        ("children", "child"),
        ("people", "person"),
        ("glasses", "glass"),
        ("knives", "knife"),
        ("stories", "story"),
        ("red_wines", "red_wine"),
        ("redwine", "red_wine"),
        ("Wine", "wine"),
        ("сhild", "child"),
        ("ｗｉｎｅ", "wine"),
        ("chidl", "child"),
        ("persn", "person"),
        ("vine", None),
        ("house", None),
        ("zebra", None),
        ("w" * 100, None),
    ],
)
def test_what_is_certain(name: str, certain: str | None) -> None:
    assert guess(name, NAMES).certain == certain


def test_two_names_that_fit_leave_it_open() -> None:
    assert guess("Wine", ["wine", "WINE"]).certain is None
    assert guess("drinkin", ["drinking", "drinkit"]).certain is None


def test_a_very_long_statement_is_explained_at_once() -> None:
    text = "forbid " + "a" * 500_000 + " b"
    fault = explain(text, len(text) - 1, len(text), "NAME", frozenset({"DASH"}))
    assert (fault.code, fault.start) == ("P015", len(text) - 1)
