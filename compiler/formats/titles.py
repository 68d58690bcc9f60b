"""What a code is about: from the catalogue of diagnostics, else by its hundred."""

from __future__ import annotations

from ..messages.catalogue import entry, page
from ..messages.diagnostics import Diagnostic, Severity

_HUNDREDS = {
    "P0": "text and syntax",
    "P1": "the policy line",
    "P2": "names and taxonomy",
    "P3": "clauses",
    "P4": "rules against each other",
    "P5": "used files",
    "P6": "an expectation that does not hold",
    "L0": "lint",
}


def title(code: str) -> str:
    """A few words about a code.

    >>> title("P202"), title("P299")
    ('a name that is declared twice', 'names and taxonomy')
    """
    known = entry(code)
    return known.title if known else _HUNDREDS.get(code[:2], "a message of proscribe")


def level(diagnostic: Diagnostic) -> Severity:
    """How grave a code is as a rule; a single message may be graver or milder."""
    known = entry(diagnostic.code)
    return known.severity if known else diagnostic.severity


def help_text(code: str) -> str:
    """The page of a code, in Markdown; empty where it has none."""
    try:
        return page(code).strip()
    except OSError:
        return ""
