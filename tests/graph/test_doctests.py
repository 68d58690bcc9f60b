"""The examples in docstrings of the author's side are true."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest

MODULES = ["diagnostics", "pipeline", "syntax.statements", "cli.author"]
MODULES += ["cli.answered", "cli.branches", "graph.canonical", "graph.cells", "graph.explain"]
MODULES += ["graph.boxes", "graph.drawing"]
MODULES += ["syntax.tokens", "resolve.imports", "cli.generated"]


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples(name: str) -> None:
    result = doctest.testmod(import_module(f"proscribe.compiler.{name}"))
    assert result.attempted
    assert not result.failed
