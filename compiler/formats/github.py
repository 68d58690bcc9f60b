"""GitHub workflow commands: lines that a job prints and GitHub shows at the changed lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..messages.diagnostics import Diagnostic, Severity
from .model import FileResult, once
from .paths import from_here

_COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}


def commands(results: Sequence[FileResult]) -> Iterator[str]:
    """One workflow command for each message."""
    for _, diagnostic in once(results):
        yield _annotation(diagnostic)


def _annotation(d: Diagnostic) -> str:
    span = d.span
    properties: dict[str, object] = {"file": from_here(span.file), "line": span.line, "endLine": span.end_line}
    if span.line == span.end_line:  # GitHub refuses columns where a place has several lines
        properties |= {"col": span.column, "endColumn": span.end_column}
    properties["title"] = f"proscribe {d.code}"
    lines = [d.message, *(f"{r.message} ({r.span})" for r in d.related), *([f"hint: {d.hint}"] if d.hint else [])]
    written = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{_COMMANDS[d.severity]} {written}::{_data(chr(10).join(lines))}"


def _data(text: str) -> str:
    """The text after `::`, on one line.

    >>> _data("5 % of\\nall")
    '5 %25 of%0Aall'
    """
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """A property's value, which `:` and `,` would end.

    >>> _property("C:/a,b.policy")
    'C%3A/a%2Cb.policy'
    """
    return _data(text).replace(":", "%3A").replace(",", "%2C")
