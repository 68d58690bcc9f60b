"""Messages for a person: the place, what is wrong, the source line with a caret, what to write instead."""

from __future__ import annotations

from collections.abc import Sequence

from ..messages.diagnostics import Diagnostic, Style, segments
from .model import FileResult

_ANSI: dict[Style, str] = {
    "": "",
    "bold": "\033[1m",
    "dim": "\033[2m",
    "red": "\033[1;31m",
    "yellow": "\033[1;33m",
    "cyan": "\033[36m",
    "green": "\033[32m",
}


def text(results: Sequence[FileResult], *, summaries: bool = True, colour: bool = False) -> str:
    """The messages, a blank line after each, and a summary for each file, named where there are several."""
    parts: list[str] = []
    for result in results:
        parts += [message(d, result, colour=colour) + "\n" for d in result.diagnostics]
        if summaries and result.summary:
            named = f"{result.source.path}: " if len(results) > 1 else ""
            parts.append(f"{named}{result.summary}\n")
    return "".join(parts)


def message(diagnostic: Diagnostic, result: FileResult, *, colour: bool = False) -> str:
    """One message, its source lines taken from the files that it points into."""
    pieces = segments(diagnostic, result.source, result.others)
    if not colour:
        return "".join(piece for piece, _ in pieces)
    return "".join(f"{_ANSI[style]}{piece}\033[0m" if style else piece for piece, style in pieces)
