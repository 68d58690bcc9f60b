"""Read this first: what happens to a policy, pass by pass, from its text to the sets for training.

    SourceFile -parse-> Policy -names-> Resolved -relations-> RelationGraph -conflicts-> (the same)
    -derive-> Derived

Every pass is one function `run(x, diagnostics)` on frozen data. It reports the author's mistakes and goes
on, so that one run shows them all.
"""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike, fspath
from pathlib import Path
from typing import Any, cast

from .diagnostics import Diagnostic, Diagnostics
from .graph import conflicts, derive, relations
from .graph.derive import Derived
from .resolve import names
from .syntax import parse
from .syntax.nodes import SourceFile

Pass = Callable[[Any, Diagnostics], Any]

PASSES: tuple[Pass, ...] = (parse.run, names.run, relations.run, conflicts.run, derive.run)


def load(path: str | PathLike[str]) -> tuple[Derived | None, tuple[Diagnostic, ...]]:
    """The derived sets of a policy file, or None where it has errors; and all that there is to say about it.

    A file that cannot be read is an OSError.
    """
    derived, _, found = compile_source(parse.source_of(fspath(path), Path(path).read_bytes()))
    return derived, found


def loads(text: str, path: str = "policy.policy") -> tuple[Derived | None, tuple[Diagnostic, ...]]:
    """The same for a text.

    >>> derived, found = loads("forbid child -drinking-> alcohol; allow adult -drinking-> wine")
    >>> [str(item.cell) for item in derived.rules[0].forget]
    ['child -drinking-> alcohol']
    """
    derived, _, found = compile_source(parse.source_of(path, text.encode("utf-8", "surrogatepass")))
    return derived, found


def compile_source(source: SourceFile) -> tuple[Derived | None, SourceFile, tuple[Diagnostic, ...]]:
    """Run all passes. Sets are not derived from a policy in error."""
    diagnostics = Diagnostics()
    value: Any = source
    for run in PASSES:
        if run is derive.run and diagnostics.has_errors:
            return None, source, diagnostics.sorted()
        value = run(value, diagnostics)
    return cast(Derived, value), source, diagnostics.sorted()
