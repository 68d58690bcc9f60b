"""What a renderer reads: one entry for each file that a command was asked about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..messages.diagnostics import Diagnostic
from ..syntax.nodes import SourceFile

SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class FileResult:
    """A file, what was found, and whether it passed the command.

    `summary` is the one line under the messages. `others` are further sources that the messages point into, such
    as files that it uses. `data` is what a command adds to the file's JSON: plain values, under keys of its own.
    """

    source: SourceFile
    diagnostics: tuple[Diagnostic, ...]
    ok: bool
    summary: str = ""
    others: tuple[SourceFile, ...] = ()
    data: Mapping[str, object] = field(default_factory=dict)

    def source_of(self, path: str) -> SourceFile:
        """The text that a place in `path` lies in; an empty one where it is not known."""
        known = (self.source, *self.others)
        return next((source for source in known if source.path == path), SourceFile(path, "", ""))


def errors_only(results: Sequence[FileResult]) -> tuple[FileResult, ...]:
    """What `--quiet` leaves: the errors."""
    return tuple(replace(r, diagnostics=tuple(d for d in r.diagnostics if d.severity == "error")) for r in results)


def once(results: Sequence[FileResult]) -> Iterator[tuple[FileResult, Diagnostic]]:
    """Every message of every file, one that two files bring along (from a file both use) only once.

    >>> from ..messages.diagnostics import Diagnostic, Span
    >>> same = Diagnostic("P201", "warning", "not declared", Span("used.policy", 1, 1, 1, 2))
    >>> files = [FileResult(SourceFile(name, "", ""), (same,), True) for name in ("a.policy", "b.policy")]
    >>> [result.source.path for result, _ in once(files)]
    ['a.policy']
    """
    seen: set[Diagnostic] = set()
    for result in results:
        for diagnostic in result.diagnostics:
            if diagnostic not in seen:
                seen.add(diagnostic)
                yield result, diagnostic


def counts(results: Sequence[FileResult]) -> dict[str, int]:
    """How many messages of each severity there are, each counted once."""
    found = Counter(diagnostic.severity for _, diagnostic in once(results))
    return {severity: found[severity] for severity in SEVERITIES}  # type: ignore[index]
