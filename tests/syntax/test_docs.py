"""What docs/language.md shows is what the compiler does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from proscribe.compiler.catalogue import CODES
from proscribe.compiler.diagnostics import render
from proscribe.compiler.pipeline import compile_source
from proscribe.compiler.syntax.parse import source_of
from proscribe.compiler.syntax.statements import KEYWORDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/language.md").read_text("utf-8")
GOOD = re.findall(r"```policy\n(.*?)```", PAGE, re.DOTALL)
BAD = re.findall(r"```policy error\n(.*?)```\n\n```text\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("text", GOOD)
def test_examples_compile(text: str) -> None:
    derived, _, found = compile_source(source_of("p.policy", text.encode()))
    assert derived is not None, found


@pytest.mark.parametrize(("text", "said"), BAD)
def test_faulty_examples_say_what_the_page_says(text: str, said: str) -> None:
    _, source, found = compile_source(source_of("p.policy", text.encode()))
    assert "".join(render(d, source) for d in found) == said


def test_the_page_has_examples_and_every_keyword() -> None:
    assert len(GOOD) == 3
    assert len(BAD) == 2
    assert all(word in re.split(r"[\s`]+", PAGE) for word in KEYWORDS)


def test_the_table_has_no_code_that_is_gone() -> None:
    shown = set(re.findall(r"\bP\d{3}\b", PAGE.partition("| code | what |")[2]))
    assert len(shown) > 60
    assert shown <= set(CODES)
