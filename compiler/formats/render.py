"""The one door: a format's name and what was found go in, the text to print comes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from .model import FileResult, errors_only

Format = Literal["text", "json", "sarif", "github"]
FORMATS: tuple[Format, ...] = get_args(Format)


def render(
    format: Format,
    results: Sequence[FileResult],
    *,
    command: str = "check",
    quiet: bool = False,
    colour: bool = False,
) -> str:
    """Everything that was found, ending with a line end unless there is nothing to say.

    `command` is the command that found it, `quiet` leaves only errors (and, in text, no summary), `colour` adds
    ANSI colours to text.
    """
    if quiet:
        results = errors_only(results)
    if format == "text":
        from .text import text

        return text(results, summaries=not quiet, colour=colour)
    if format == "json":
        from ..records.canonical import to_json
        from .document import document

        return to_json(document(results, command), indent=2) + "\n"
    if format == "sarif":
        from ..records.canonical import to_json
        from .sarif import log

        return to_json(log(results, command), indent=2) + "\n"
    from .github import commands

    return "".join(f"{line}\n" for line in commands(results))
