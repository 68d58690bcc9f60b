"""Read this first: what happens to a policy, pass by pass, from its text to the sets for training.

    SourceFile -parse-> Policy -imports-> Program -names-> Resolved -relations-> RelationGraph
    -conflicts-> (the same) -derive-> Derived

Every pass is one function `run(x, diagnostics)` on frozen data. It reports the author's mistakes and goes
on, so that one run shows them all.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from .graph import conflicts, derive, relations
from .graph.derive import Derived
from .graph.relations import RelationGraph
from .messages.diagnostics import Diagnostic, Diagnostics
from .resolve import imports, names
from .resolve.imports import Program
from .syntax import parse
from .syntax.nodes import SourceFile

Pass = Callable[[Any, Diagnostics], Any]

PASSES: tuple[Pass, ...] = (parse.run, imports.run, names.run, relations.run, conflicts.run, derive.run)


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that is known of a policy: `derived` is None where it has errors; `sources` are all its texts by path."""

    program: Program
    graph: RelationGraph
    derived: Derived | None
    source: SourceFile
    sources: Mapping[str, SourceFile]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def others(self) -> tuple[SourceFile, ...]:
        """The texts of the files that it uses."""
        return tuple(source for source in self.sources.values() if source is not self.source)


def analyse(
    source: SourceFile,
    overlay: Mapping[str, str] | None = None,
    reader: imports.Reader = imports.from_disk,
    std: str | None = None,
) -> Analysis:
    """Run all passes. `overlay` are texts by path that take the place of files on disk, for editors; `reader` reads
    used files from elsewhere than the disk, and `std` is the folder of another standard library: both for bundles.

    Nothing is derived from a policy in error, and what is derived is worked out when it is asked for.
    """
    with _no_collection():
        return _analyse(source, imports.overlaid(overlay) if overlay else reader, std)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hold Python's search for dead cycles: the passes make none, and looking through all they make takes seconds."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _analyse(source: SourceFile, reader: imports.Reader, std: str | None) -> Analysis:
    diagnostics = Diagnostics()
    policy = parse.run(source, diagnostics)
    program = imports.run(policy, diagnostics, reader, std)
    graph = relations.run(names.run(program, diagnostics), diagnostics)
    conflicts.run(graph, diagnostics)
    derived = None if diagnostics.has_errors else derive.run(graph, diagnostics)
    return Analysis(program, graph, derived, source, program.sources(), diagnostics.sorted())


def analyse_file(path: str | PathLike[str], overlay: Mapping[str, str] | None = None) -> Analysis:
    """The same for a file. One that cannot be read is an OSError."""
    return analyse(parse.source_of(fspath(path), Path(path).read_bytes()), overlay)


def load(path: str | PathLike[str]) -> tuple[Derived | None, tuple[Diagnostic, ...]]:
    """The derived sets of a policy file, or None where it has errors; and all that there is to say about it.

    A file that cannot be read is an OSError.
    """
    found = analyse_file(path)
    return found.derived, found.diagnostics


def loads(text: str, path: str = "policy.policy") -> tuple[Derived | None, tuple[Diagnostic, ...]]:
    """The same for a text.

    >>> derived, found = loads("forbid child -drinking-> alcohol; allow adult -drinking-> wine")
    >>> [str(item.cell) for item in derived.rules[0].forget]
    ['child -drinking-> alcohol']
    """
    found = analyse(parse.source_of(path, text.encode("utf-8", "surrogatepass")))
    return found.derived, found.diagnostics


def compile_source(source: SourceFile) -> tuple[Derived | None, SourceFile, tuple[Diagnostic, ...]]:
    """What `analyse` finds, for callers that need no more than this."""
    found = analyse(source)
    return found.derived, source, found.diagnostics
