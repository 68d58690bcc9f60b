"""A lint rule, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..messages.diagnostics import Fix, Related, Severity, Span
from .facts import Facts


@dataclass(frozen=True, slots=True)
class Finding:
    """One doubt; `severity` where this one is milder than its rule."""

    message: str
    span: Span
    hint: str = ""
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class LintRule:
    """A code of the catalogue, which holds its severity and title, and what finds it.

    `needs` says what must be there for it to be asked: `vocabulary` is the tokenizer's.
    """

    code: str
    find: Callable[[Facts], Iterator[Finding]]
    needs: str = ""
