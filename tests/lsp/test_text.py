"""Columns: the compiler's characters of composed text, the editor's units of the text as it is typed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol.types import Position, Range
from proscribe.compiler.lsp.text import Text

ACCENT = "e\u0301"  # é as two characters, one of composed text
LETTERS = st.text(
    st.sampled_from("ab \n\r\té\u0301\u0327😀\u00e9ᄀ\u1161\u11a8가क़\u093c\u2028\x0c\ufeff\ud800"), max_size=40
)


def test_units_of_an_emoji() -> None:
    raw = 'concept a as "😀", "b"'
    for encoding, character in (("utf-16", 19), ("utf-8", 21), ("utf-32", 18)):
        text = Text.of(raw, encoding)
        assert text.place(1, 19) == Position(0, character)
        assert text.point(Position(0, character)) == (1, 19)
        assert raw[text.offset(Position(0, character)) :] == '"b"'


def test_within_an_emoji_is_before_it() -> None:
    text = Text.of("a😀b")
    assert [text.offset(Position(0, c)) for c in range(6)] == [0, 1, 1, 2, 3, 3]


def test_an_accent_beside_its_letter_is_one_column_to_the_compiler() -> None:
    text = Text.of(f"caf{ACCENT} -x-> b")
    assert text.source("p").text == "café -x-> b"
    assert text.place(1, 5) == Position(0, 5)
    assert text.place(1, 6) == Position(0, 6)
    assert text.point(Position(0, 4)) == (1, 4)  # between the letter and its accent
    assert text.point(Position(0, 7)) == (1, 7)


def test_a_byte_order_mark_has_a_column_for_the_editor_only() -> None:
    text = Text.of("\ufeffpolicy\nuse")
    assert text.place(1, 1) == Position(0, 1)
    assert text.point(Position(0, 7)) == (1, 7)
    assert text.place(2, 1) == Position(1, 0)


def test_lines_are_those_of_the_protocol() -> None:
    text = Text.of("a\r\nb\rc\u2028d\x0ce\nf")
    assert [text.position(text.raw.index(letter)) for letter in "abcdef"] == [
        Position(0, 0),
        Position(1, 0),
        Position(2, 0),
        Position(2, 2),
        Position(2, 4),
        Position(3, 0),
    ]


def test_an_edit_out_of_bounds_is_drawn_back() -> None:
    text = Text.of("ab\ncd")
    end = text.changed(Range(Position(0, 99), Position(0, 99)), "!")
    assert end.raw == "ab!\ncd"
    assert text.changed(Range(Position(9, 0), Position(9, 9)), "!").raw == "ab\ncd!"
    assert text.changed(Range(Position(1, 1), Position(0, 0)), "!").raw == "ab\nc!d"


@given(LETTERS)
def test_columns_come_back(raw: str) -> None:
    text = Text.of(raw)
    source = text.source("p")
    for number, line in enumerate(source.text.split("\n"), 1):
        normal = unicodedata.normalize("NFC", line)
        for column in range(1, len(normal) + 2):
            position = text.place(number, column)
            assert position.line == number - 1
            line_back, column_back = text.point(position)
            assert line_back == number
            assert column_back <= column
            if column in (1, len(normal) + 1):
                assert column_back == column


@given(LETTERS, LETTERS, st.integers(0, 40), st.integers(0, 40))
def test_an_edit_is_the_same_as_on_utf_16(raw: str, new: str, start: int, length: int) -> None:
    text = Text.of(raw)
    start = min(start, len(text.raw))
    end = min(start + length, len(text.raw))
    if "\r\n" in text.raw[max(0, start - 1) : start + 1] + text.raw[max(0, end - 1) : end + 1]:
        return  # no position lies within a line end
    edit = Range(text.position(start), text.position(end))
    expected = text.raw[:start] + new.replace("\ud800", "\ufffd") + text.raw[end:]
    assert text.changed(edit, new).raw == expected


@pytest.mark.parametrize("raw", ["", "\n", "\r", "\ufeff", "\u0301", "\u1161"])
def test_small_texts(raw: str) -> None:
    text = Text.of(raw)
    assert text.place(1, 1).line == 0
    assert text.point(Position(0, 0)) == (1, 1)
    assert text.point(Position(5, 5))[0] == 1 + raw.count("\n") + raw.count("\r")
