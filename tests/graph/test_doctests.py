"""The examples in docstrings of the author's side are true."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest

MODULES = ["messages.diagnostics", "pipeline", "syntax.statements", "cli.commands.check"]
MODULES += ["cli.views.answer", "cli.views.tree", "records.canonical", "world.cells", "explain.rule"]
MODULES += ["graph.cell_sets", "explain.drawing.layout"]
MODULES += ["syntax.tokens", "resolve.imports", "cli.benchmarks.synthetic_policy"]


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples(name: str) -> None:
    result = doctest.testmod(import_module(f"proscribe.compiler.{name}"))
    assert result.attempted
    assert not result.failed
