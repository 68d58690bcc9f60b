"""What the compiler tells the author of a policy: coded messages that point at a place in the source.

A pass never raises on an author's mistake: it adds to `Diagnostics` and goes on. How a message looks on a
terminal is decided here too, because the message is the product.
"""

from __future__ import annotations

import difflib
import heapq
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ..syntax.nodes import SourceFile

Severity = Literal["error", "warning", "note"]
MAX_DIAGNOSTICS = 200  # a file with more faults is not a policy; nobody would read the rest
_SHOWN_COLUMNS = 110
_LONGEST_QUOTE = 60
_LIKENESS = 0.7
_COMPARED = 60  # names that are compared letter by letter with a slip


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a file: lines and columns count from 1, `end_column` is the first one after it."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that explains the first: `first declared here`."""

    message: str
    span: Span


@dataclass(frozen=True, slots=True)
class Fix:
    """What to write over `span` where that is certain; an empty span is a place to insert at."""

    span: Span
    replacement: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One message; `hint` says what to write instead, `fix` writes it where there is only one answer."""

    code: str
    severity: Severity
    message: str
    span: Span
    related: tuple[Related, ...] = ()
    hint: str = ""
    fix: Fix | None = None


@dataclass(slots=True)
class Diagnostics:
    """Where the passes put what they find, the only thing that they share and change."""

    found: list[Diagnostic] = field(default_factory=list)
    has_errors: bool = False  # true where the policy does not compile

    @property
    def is_full(self) -> bool:
        """True where only a first error would still be kept."""
        return len(self.found) >= MAX_DIAGNOSTICS

    @property
    def is_settled(self) -> bool:
        """True where nothing that is yet to be found would be kept."""
        return self.has_errors and self.is_full

    def add(
        self,
        severity: Severity,
        code: str,
        message: str,
        span: Span,
        *,
        hint: str = "",
        related: Iterable[Related] = (),
        fix: Fix | None = None,
    ) -> None:
        """Keep one message, unless the file already has more of them than anyone would read."""
        if len(self.found) < MAX_DIAGNOSTICS or (severity == "error" and not self.has_errors):
            self.found.append(Diagnostic(code, severity, message, span, tuple(related), hint, fix))
            self.has_errors = self.has_errors or severity == "error"

    def error(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        hint: str = "",
        related: Iterable[Related] = (),
        fix: Fix | None = None,
    ) -> None:
        """A mistake: the policy does not compile."""
        self.add("error", code, message, span, hint=hint, related=related, fix=fix)

    def warning(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        hint: str = "",
        related: Iterable[Related] = (),
        fix: Fix | None = None,
    ) -> None:
        """Probably a mistake: the policy compiles."""
        self.add("warning", code, message, span, hint=hint, related=related, fix=fix)

    def note(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        hint: str = "",
        related: Iterable[Related] = (),
        fix: Fix | None = None,
    ) -> None:
        """Worth knowing, nothing to do."""
        self.add("note", code, message, span, hint=hint, related=related, fix=fix)

    def sorted(self) -> tuple[Diagnostic, ...]:
        """In the order of the file, so that it is read from the top."""
        return tuple(sorted(self.found, key=lambda d: (d.span.file, d.span.line, d.span.column, d.code)))


def quote(text: str) -> str:
    """A name as messages show it: in backquotes, printable, never longer than a line.

    >>> quote("wine")
    '`wine`'
    >>> quote("a" * 99)
    '`aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...`'
    """
    shown = text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "..."
    return "`" + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in shown) + "`"


def listed(names: Iterable[str], last: str = "or") -> str:
    """Names as prose.

    >>> listed(["`a`", "`b`", "`c`"])
    '`a`, `b` or `c`'
    """
    items = list(names)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else ""


def near(name: str, known: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """Known names that `name` may be a slip of, nearest first.

    >>> near("alchohol", ["alcohol", "tobacco"])
    ('alcohol',)
    """
    if len(name) > _LONGEST_QUOTE:
        return ()
    names = known if isinstance(known, frozenset) else frozenset(known)
    wanted, letters = name.lower(), _letters(name.lower())
    shared = []
    for other, folded, size, signature in _index(names):
        # No measure of likeness can exceed the share of letters that two names have in common.
        bound = 2 * (letters & signature).bit_count() / (len(wanted) + size)
        if bound >= _LIKENESS and other != name:
            shared.append((bound, folded, other))
    if len(shared) > _COMPARED:
        shared = heapq.nlargest(_COMPARED, shared)
    close = {folded: other for _, folded, other in sorted(shared, key=lambda s: s[2])}
    found = difflib.get_close_matches(wanted, list(close), n=count, cutoff=_LIKENESS)
    return tuple(close[f] for f in found)


@lru_cache(maxsize=16)
def _index(names: frozenset[str]) -> tuple[tuple[str, str, int, int], ...]:
    return tuple((n, n.lower(), len(n), _letters(n.lower())) for n in sorted(names))


def _letters(text: str) -> int:
    """The letters of a name as bits, four for each, so that two names' common letters are one `&`."""
    bits = 0
    for letter in text:
        at = 4 * (ord(letter) % 64)
        for _ in range(4):
            if not bits >> at & 1:
                bits |= 1 << at
                break
            at += 1
    return bits


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The hint for a slip, or an empty string."""
    return meant(near(name, known))


def meant(found: Sequence[str]) -> str:
    """The question for names that may be meant, or an empty string."""
    return f"did you mean {listed(quote(f) for f in found)}?" if found else ""


Style = Literal["", "bold", "red", "yellow", "cyan", "dim", "green"]
Segment = tuple[str, Style]
_COLOURS: dict[Severity, Style] = {"error": "red", "warning": "yellow", "note": "cyan"}


def render(diagnostic: Diagnostic, source: SourceFile, others: Iterable[SourceFile] = ()) -> str:
    """The plain text of a message: place, what is wrong, the source line and a caret under the words."""
    return "".join(text for text, _ in segments(diagnostic, source, others))


def segments(diagnostic: Diagnostic, source: SourceFile, others: Iterable[SourceFile] = ()) -> Iterator[Segment]:
    """The same text in pieces that carry their style, for a terminal with colours.

    Places in files other than `source` and `others` are named without their line.
    """
    d, colour = diagnostic, _COLOURS[diagnostic.severity]
    texts = {each.path: each for each in (*others, source)}
    places = [d.span, *(r.span for r in d.related)]
    gutter = max(len(str(p.line)) for p in places)
    yield f"{_printable(str(d.span))}: ", "bold"
    yield f"{d.severity}[{d.code}]", colour
    yield f": {_printable(d.message)}\n", "bold"
    yield from _excerpt(d.span, texts, gutter, colour)
    for related in d.related:
        colon = ":" if related.span.file in texts else ""
        yield f"{' ' * gutter} = {_printable(related.message)} ({_printable(str(related.span))}){colon}\n", "dim"
        yield from _excerpt(related.span, texts, gutter, "cyan")
    if d.hint:
        yield f"{' ' * gutter} = hint: {_printable(d.hint)}\n", "green"


def _excerpt(span: Span, texts: Mapping[str, SourceFile], gutter: int, colour: Style) -> Iterator[Segment]:
    if span.file not in texts:
        return
    line = texts[span.file].line(span.line)
    start = span.column - 1
    end = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    end = max(end, start + 1)
    left = 0 if len(line) <= _SHOWN_COLUMNS else max(0, start - _SHOWN_COLUMNS // 2)
    shown = line[left : left + _SHOWN_COLUMNS]
    before, marked = line[left:start], line[start : min(end, left + _SHOWN_COLUMNS)]
    dots = "..." if left else ""
    more = "..." if left + _SHOWN_COLUMNS < len(line) else ""
    yield f"{span.line:>{gutter}} | ", "dim"
    yield f"{dots}{_printable(shown)}{more}\n", ""
    yield f"{' ' * gutter} | ", "dim"
    yield f"{' ' * len(dots)}{_blank(before)}{'^' * max(1, _width(marked))}\n", colour


def _printable(text: str) -> str:
    """What a policy says may be shown to a terminal, and never tells it what to do."""
    return "".join(c if c.isprintable() or c == "\t" else "\ufffd" for c in text)


def _blank(text: str) -> str:
    """Spaces as wide as `text`, its tabs kept, so that the caret stands where the eye looks."""
    return "".join(c if c == "\t" else " " * _width(c) for c in text)


def _width(text: str) -> int:
    return sum(_width_of(c) for c in text)


def _width_of(char: str) -> int:
    """Columns of a terminal; what cannot be shown stands there as U+FFFD, in one."""
    if not char.isprintable():
        return 1
    return 0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
