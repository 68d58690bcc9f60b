"""The parser by hand and the grammar on paper are one language, down to what could have stood at a fault."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Lark
from lark.exceptions import UnexpectedInput, UnexpectedToken
from proscribe.compiler.syntax.nodes import SourceFile
from proscribe.compiler.syntax.reader import END, Unexpected, read
from proscribe.compiler.syntax.statements import Chunk, chunks
from proscribe.compiler.syntax.tokens import CLAUSE_WORDS, KEYWORDS

WORDS = [
    *KEYWORDS, *CLAUSE_WORDS, "child", "wine", "été", "R1", "breach", '"a text"', '""', "2026", "5%", "97.5 %", "<=",
    "≥",
    ":", ",", "=", "|", "-", "->", "*", "{", "}", "child -x-> *", "as \"a\"", "except a", "@", "5x",
]  # fmt: skip
STARTS = ["policy", "use", "concept a", "relation r", "forbid a -b-> c", "allow", "expect", "group", "except", "}"]


@lru_cache(maxsize=1)
def grammar() -> Lark:
    text = files("proscribe.compiler.syntax").joinpath("policy.lark").read_text("utf-8")
    return Lark(text, parser="lalr", lexer="basic", start="statement", maybe_placeholders=False)


def by_grammar(text: str) -> tuple[int, str, frozenset[str]] | None:
    """Where the grammar stops, at which terminal, and what it would take; None where it takes the whole."""
    try:
        grammar().parse(text)
    except UnexpectedToken as fault:
        at = len(text) if fault.token.type == "$END" else fault.token.start_pos
        return at, fault.token.type, frozenset(fault.accepts)
    except UnexpectedInput as fault:
        return fault.pos_in_stream, "", frozenset()
    return None


def by_hand(text: str, chunk: Chunk) -> tuple[int, str, frozenset[str]] | None:
    try:
        read(SourceFile("p", text, ""), chunk)
    except Unexpected as fault:
        if fault.token is None:
            return chunk.end - chunk.start, END, fault.accepts
        kind = fault.token.kind
        return fault.token.start - chunk.start, kind, fault.accepts if kind else frozenset()
    return None


# Whole statements, to put one word wrong in.
WHOLE = [
    'policy "p" edition 2026', 'use "std/people"', 'concept a : b , c = d | e as "x" , "y"',
    "relation r symmetric : s",
    'relation r inverse s as "x"', "forbid a - r -> * except b , * - r -> c instead d because \"x\" severity high",
    "forbid * - * -> c require breach <= 5% , retention >= 98%", 'allow a - r -> c because "x"', 'group "g" {', "}",
    'expect "x" forbidden by R1', 'expect "x" allowed by A1', "expect a - r -> * unspecified",
    'instead a because "x" severity low require breach <= 5%',
]  # fmt: skip


@st.composite
def one_word_wrong(draw: st.DrawFn) -> str:
    words = draw(st.sampled_from(WHOLE)).split()
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(words)))
        words[at : at + draw(st.integers(0, 1))] = draw(st.lists(st.sampled_from(WORDS), max_size=1))
    return " ".join(words)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(STARTS), st.lists(st.sampled_from(WORDS), max_size=7))
def test_both_stop_at_the_same_word_of_any_words(start: str, words: list[str]) -> None:
    compare(" ".join([start, *words]))


@settings(max_examples=800, deadline=None)
@given(one_word_wrong())
def test_both_stop_at_the_same_word_of_a_slip(text: str) -> None:
    compare(text)


@pytest.mark.parametrize("text", WHOLE)
def test_both_take_whole_statements(text: str) -> None:
    assert by_grammar(text) is None
    assert compare(text) == 1


def compare(text: str) -> int:
    seen = 0
    for chunk in chunks(text):
        cut = text[chunk.start : chunk.end]
        assert by_hand(text, chunk) == by_grammar(cut), cut
        seen += 1
    return seen
