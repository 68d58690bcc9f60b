"""One home for each name: which declaration makes it, and which of other files only add to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..messages.diagnostics import Diagnostics, Related, quote
from ..syntax.nodes import Declaration, Kind, Word
from .imports import as_used


@dataclass(frozen=True, slots=True)
class Home:
    """The declaration that makes a name, and those of using files that add parents and forms."""

    first: Declaration
    added: tuple[Declaration, ...] = ()

    @property
    def parents(self) -> tuple[Word, ...]:
        """Every name that it is said to be below."""
        return tuple(word for d in (self.first, *self.added) for word in d.parents)

    @property
    def forms(self) -> tuple[Word, ...]:
        """Every form that is written, those of the home first."""
        return tuple(word for d in (self.first, *self.added) for word in d.forms)

    @property
    def doc(self) -> str:
        """What the `##` lines above the declarations say."""
        return " ".join(d.doc for d in (self.first, *self.added) if d.doc)


def homes(
    kind: Kind,
    declarations: Sequence[Declaration],
    reach: Mapping[str, frozenset[str]],
    diagnostics: Diagnostics,
) -> dict[str, Home]:
    """The home of each declared name; a second declaration that is no addition is an error that shows both."""
    several: dict[str, list[Declaration]] = {}
    for declaration in declarations:
        several.setdefault(declaration.name.text, []).append(declaration)
    found: dict[str, Home] = {}
    for name, written in several.items():
        if len(written) == 1:
            found[name] = Home(written[0])
            continue
        once = _once_a_file(kind, written, diagnostics)
        home = _home(once, reach)
        added = []
        for other in sorted((d for d in once if d is not home), key=lambda d: (d.span.file, d.span.line)):
            if other.only_adds and home.span.file in reach.get(other.span.file, ()):
                added.append(other)
            else:
                _report_second_home(kind, home, other, diagnostics)
        found[name] = Home(home, tuple(added))
    return found


def _once_a_file(kind: Kind, declarations: Iterable[Declaration], diagnostics: Diagnostics) -> list[Declaration]:
    first: dict[str, Declaration] = {}
    for declaration in declarations:
        name = declaration.name
        if name.span.file not in first:
            first[name.span.file] = declaration
            continue
        diagnostics.error(
            "P202",
            f"the {kind} {quote(name.text)} is declared twice",
            name.span,
            related=[Related("first declared here", first[name.span.file].name.span)],
            hint="put its parents and forms into one statement",
        )
    return list(first.values())


def _home(declarations: Sequence[Declaration], reach: Mapping[str, frozenset[str]]) -> Declaration:
    """The declaration whose file stands below the others; among equals the first of the alphabet."""

    def order(declaration: Declaration) -> tuple[int, str]:
        file = declaration.span.file
        return -sum(file in reach.get(d.span.file, ()) for d in declarations), file

    return min(declarations, key=order)


def _report_second_home(kind: Kind, home: Declaration, other: Declaration, diagnostics: Diagnostics) -> None:
    name, file = quote(home.name.text), as_used(home.span.file)
    hint = "keep one of them; a file that uses the other may add `as` forms and parents to it, and nothing else"
    if other.members:
        hint = f"say it on the members instead: `{kind} {other.members[0].text} : {home.name.text}`"
    elif not other.forms and not other.parents:
        hint = f"take it away: {file} declares it"
    diagnostics.error(
        "P504",
        f"the {kind} {name} has its home in {quote(file)} and is declared here again",
        other.name.span,
        related=[Related("its home is here", home.name.span)],
        hint=hint,
    )
