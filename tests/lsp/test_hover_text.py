"""Hover where no name stands: words of the language, texts in quotes, `*`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from proscribe.compiler.lsp.keywords import KEYWORD_HELP

sys.path.insert(0, str(Path(__file__).parent))
from lsp_editor import Editor, marked, place

USED = """# People who come.
# And go.
#
# Not shown.
concept guest as "a guest"; concept host : guest as "a host", "the host 😀"
relation pouring
"""
TEXT = """policy "p" edition 2026
use "used"
use "std/alcohol"
concept snack as "a snack", "a guest"
relation sipping as "sipping"
relation sipped_by inverse sipping as "sipped by"
relation next_to symmetric
group "g" {
    require breach <= 3%
    forbid host -sipping-> wine
        severity high instead snack
    forbid * -*-> snack except host, guest -next_to-> snack because "x"
}
allow host -pouring-> beer
expect "the host sipping wine" forbidden by R1
expect "the host pouring beer" allowed
expect "a host sipping the sea" unspecified
"""


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    with Editor() as editor:
        yield editor


@pytest.fixture
def uri(editor: Editor, tmp_path: Path) -> Iterator[str]:
    (tmp_path / "used.policy").write_text(USED, "utf-8")
    uri = (tmp_path / "p.policy").as_uri()
    assert {d["severity"] for d in editor.open(uri, TEXT)} <= {2, 3}
    yield uri
    editor.close(uri)


def hovered(editor: Editor, uri: str, needle: str, number: int = 0, text: str = TEXT) -> str:
    found = editor.ask("hover", uri, *place(text, needle, number))
    said: str = found["contents"]["value"] if found else ""
    assert not found or marked(text, found["range"]) in needle
    return said


@pytest.mark.parametrize("word", sorted(set(KEYWORD_HELP) - {"forbid", "allow"}))
def test_every_word_of_the_language(editor: Editor, uri: str, word: str) -> None:
    needle = next(
        f"{before}{word}{after}"
        for before in ("\n", " ")
        for after in (" ", "\n")
        if f"{before}{word}{after}" in f"\n{TEXT}"
    )
    line, character = place(f"\n{TEXT}", needle, inside=1)
    found = editor.ask("hover", uri, line - 1, character)
    assert found["contents"]["value"].startswith(KEYWORD_HELP[word])
    assert marked(TEXT, found["range"]) == word


def test_values_of_clauses(editor: Editor, uri: str) -> None:
    assert hovered(editor, uri, "high") == KEYWORD_HELP["severity"]
    assert hovered(editor, uri, "breach") == KEYWORD_HELP["require"]


def test_a_used_file(editor: Editor, uri: str) -> None:
    said = hovered(editor, uri, '"used"')
    assert "people who come. and go." in said.lower()
    assert "Not shown" not in said
    assert said.endswith("2 concepts, 1 relation")
    assert "**file** `std/alcohol` · the standard library" in hovered(editor, uri, '"std/alcohol"')


def test_a_surface_form(editor: Editor, uri: str) -> None:
    assert hovered(editor, uri, '"a snack"').startswith(
        '"a snack": the plainest form of the concept `snack`\n\n**concept**'
    )
    assert hovered(editor, uri, '"a guest"').startswith('"a guest": a form of the concept `snack`, and of `guest`\n')
    assert hovered(editor, uri, '"sipped by"').startswith('"sipped by": the plainest form of the relation `sipped_by`')


def test_a_sentence_says_what_is_decided(editor: Editor, uri: str) -> None:
    assert hovered(editor, uri, '"the host sipping wine"') == "says `host -sipping-> wine`: **forbidden** by R1"
    assert hovered(editor, uri, '"the host pouring beer"') == "says `host -pouring-> beer`: **allowed** by A1"
    assert "cannot be read as one cell" in hovered(editor, uri, '"a host sipping the sea"')


def test_a_wildcard_says_how_many(editor: Editor, uri: str) -> None:
    assert hovered(editor, uri, "*->") == "`*`: every relation that is declared, here and in used files: 3 leaves"
    assert "every concept that is declared" in hovered(editor, uri, "* -")


def test_other_texts_say_nothing(editor: Editor, uri: str) -> None:
    assert hovered(editor, uri, '"p"') == hovered(editor, uri, '"g"') == hovered(editor, uri, '"x"') == ""


def test_in_a_statement_that_cannot_be_read(editor: Editor, uri: str) -> None:
    text = TEXT + "\nforbid host severity => x\n"
    editor.change(uri, {"text": text})
    assert hovered(editor, uri, "severity =>", 0, text).startswith(KEYWORD_HELP["severity"])
