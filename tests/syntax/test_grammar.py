"""The parser by hand and the grammar on paper are one language, down to what could have stood at a fault."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from hypothesis import example, given, settings
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


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(STARTS), st.lists(st.sampled_from(WORDS), max_size=7))
@example("forbid a -b-> c", ["require", "breach", "<=", "5%", ",", "retention"])
@example("expect", ["a", "-", "b", "->", "*", "forbidden", "by"])
@example("relation r", ["inverse", "x", ":", "y", "=", "z", "as", '"a"'])
@example("except", ["a", "-", "b", "->", "c"])
def test_both_stop_at_the_same_word(start: str, words: list[str]) -> None:
    text = " ".join([start, *words])
    for chunk in chunks(text):
        cut = text[chunk.start : chunk.end]
        assert by_hand(text, chunk) == by_grammar(cut), cut
