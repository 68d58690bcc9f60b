"""What a code is about, in a few words: from the catalogue of diagnostics, else by its hundred."""

from __future__ import annotations

_HUNDREDS = {
    "P0": "Text and syntax.",
    "P1": "The policy line.",
    "P2": "Names and taxonomy.",
    "P3": "Clauses.",
    "P4": "Rules against each other.",
    "P5": "Used files.",
    "P6": "Expectations that do not hold.",
    "L0": "Lint.",
}


def title(code: str) -> str:
    """One sentence about a code.

    >>> title("P299")
    'Names and taxonomy.'
    """
    return _HUNDREDS.get(code[:2], "A message of proscribe.")
