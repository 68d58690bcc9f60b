"""`taxonomy suggest`: lines that an author may copy for a word that no file declares, with where each comes from.

Nothing is ever written by itself: what WordNet or a model says of a word is a suggestion, to be read first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from ..messages.diagnostics import listed, near, quote
from ..resolve.imports import SUFFIX, library, policies_in
from ..resolve.taxonomy import Concept
from ..resolve.wordnet import Part, Sense, WordNet
from ..syntax.nodes import Kind
from ..syntax.parse import source_of

if TYPE_CHECKING:
    from ..pipeline import Analysis

# Sentences in, one row of unit numbers each out.
Encode = Callable[[Sequence[str]], Sequence[Sequence[float]]]
_SENSES = 3
_SHOWN = 6
_NEAREST = 5
# How many meanings up a parent may lie: those of verbs soon say nothing ("strangle" is a way to "hold").
_FAR = {"noun": 12, "verb": 2}


@dataclass(frozen=True, slots=True)
class Known:
    """The names of one kind that a policy and the standard library declare, with the file that is each one's home."""

    kind: Kind
    concepts: dict[str, Concept]
    library: frozenset[str]  # those that the policy does not have yet: they want a `use`

    def home(self, name: str) -> str:
        """What to write to have a name: `std/alcohol`, or nothing where the policy has it."""
        span = self.concepts[name].span
        if name not in self.library or span is None:
            return ""
        return f"std/{Path(span.file).name.removesuffix(SUFFIX)}"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What there is to say of a name: comments, and lines that can be copied; where a line needs one, its `use`."""

    name: str
    notes: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    uses: tuple[str, ...] = field(default=())

    def text(self) -> str:
        """As it is printed: a piece of a policy that can be read, cut and pasted."""
        uses = [f'use "{home}"' for home in dict.fromkeys(self.uses)]
        return "\n".join([f"# {self.name}", *(f"#   {note}" for note in self.notes), *uses, *self.lines])


def known_names(found: Analysis | None, kind: Kind) -> Known:
    """The names of a policy, and those of the standard library that it does not use."""
    from ..pipeline import analyse

    files = policies_in(library())
    every = analyse(source_of("suggest.policy", "".join(f'use "std/{name}"\n' for name in files).encode()))

    def names(of: Analysis) -> dict[str, Concept]:
        resolved = of.graph.resolved
        return {c.name: c for c in resolved.of(kind)}

    own = names(found) if found else {}
    declared = {name for name, concept in own.items() if concept.declared}
    shipped = names(every)
    return Known(kind, {**shipped, **{n: own[n] for n in declared}}, frozenset(set(shipped) - declared))


def from_wordnet(name: str, known: Known, wordnet: WordNet) -> Suggestion | None:
    """What WordNet says of a name, or None where it says nothing that may be shown."""
    told = _told_already(name, known)
    if told is not None:
        return told
    part: Part = "verb" if known.kind == "relation" else "noun"
    senses = [s for base in _bases(name, known.kind) for s in wordnet.senses(base, part)]
    hidden = sum(wordnet.left_out(base, part) for base in _bases(name, known.kind))
    if not senses:
        return None
    bases = {base: other for other in known.concepts for base in _bases(other, known.kind)}
    ranked = sorted(senses, key=lambda s: _parent(s, wordnet, bases, name) is None)[:_SENSES]
    notes, lines, uses = list(_near(name, known)), [], []
    for number, sense in enumerate(ranked):
        parent = _parent(sense, wordnet, bases, name)
        above = [word for word in _above(sense, wordnet) if word != name]
        notes.append(f"{wordnet.version}, {part} {sense.place}: {sense.gloss.partition(';')[0].strip()}")
        if above:
            notes.append(f"  is a: {' < '.join(above[:_SHOWN])}")
        beside = [other.words[0].lower() for other in wordnet.beside(sense)]
        if beside:
            more = f" and {len(beside) - _SHOWN} more" if beside[_SHOWN:] else ""
            notes.append(f"  beside it: {', '.join(beside[:_SHOWN])}{more}")
        line = _line(name, known.kind, parent or (above[0] if above else ""), _forms(name, sense, known))
        lines.append(f"{'# or: ' if number else ''}{line}  # {wordnet.version} {part} {sense.place}")
        if parent and not number and known.home(parent):
            uses.append(known.home(parent))
        if parent and known.concepts[parent].is_leaf:
            notes.append(f"  {quote(parent)} is a leaf so far: {name} would take its place, unless it has other kinds")
    if hidden:
        notes.append(
            f"{hidden} meaning{'' if hidden == 1 else 's'} left out: no picture shows it, or it is no word for a policy"
        )
    return Suggestion(name, tuple(notes), tuple(lines), tuple(uses))


def from_embeddings(name: str, known: Known, encode: Encode, source: str) -> Suggestion:
    """The names whose words lie nearest to a name in a backbone's text tower."""
    told = _told_already(name, known)
    if told is not None:
        return told
    others = [c for c in known.concepts.values() if c.is_leaf and c.name != name]
    if not others:
        return Suggestion(name, ("no file declares a name to compare with",))
    word, *rows = encode([_said(name), *(c.forms[0] for c in others)])
    scores = [sum(a * b for a, b in zip(word, row, strict=True)) for row in rows]
    nearest = sorted(zip(scores, others, strict=True), key=lambda pair: (-pair[0], pair[1].name))[:_NEAREST]
    first = nearest[0][1]
    votes: dict[str, float] = {}
    for score, concept in nearest:
        for parent in concept.parents:
            votes[parent] = votes.get(parent, 0.0) + score
    parent = max(votes, key=lambda above: votes[above]) if votes else ""
    notes = [*_near(name, known), f"nearest in {source}: " + ", ".join(f"{c.name} {score:.2f}" for score, c in nearest)]
    notes.append("nearness is no meaning: a hammer is near a nail")
    same = f'# or, where it is another word for it: {known.kind} {first.name} as "{_said(name)}"'
    lines = (f"{_line(name, known.kind, parent, (_said(name),))}  # beside {first.name}, {source}", same)
    homes = (known.home(parent) if parent else "", known.home(first.name))
    return Suggestion(name, tuple(notes), lines, tuple(home for home in homes if home))


def _told_already(name: str, known: Known) -> Suggestion | None:
    """A name, or a word for one, that some file has already."""
    concept = known.concepts.get(name)
    if concept is not None and concept.span is not None:
        home = known.home(name)
        where = f"{home}, line {concept.span.line}" if home else str(concept.span)
        below = f", below {listed(map(quote, concept.parents), 'and')}" if concept.parents else ""
        return Suggestion(name, (f"declared already in {where}{below}",), (), (home,) if home else ())
    said = {_said(name), f"a {_said(name)}", f"an {_said(name)}", f"some {_said(name)}"}
    for other in known.concepts.values():
        if said.intersection(form.casefold() for form in other.forms):
            home = known.home(other.name)
            where = f" in {home}" if home else ""
            return Suggestion(name, (f"a word for {quote(other.name)} already{where}",), (), (home,) if home else ())
    return None


def _near(name: str, known: Known) -> Iterator[str]:
    found = near(name, frozenset(known.concepts))
    if found:
        places = (f"{quote(n)}{f' of {known.home(n)}' if known.home(n) else ''}" for n in found)
        yield f"near names: {listed(places)}"


def _above(sense: Sense, wordnet: WordNet) -> list[str]:
    return [parent.words[0].lower() for parent in wordnet.above(sense) if parent.words]


def _parent(sense: Sense, wordnet: WordNet, bases: dict[str, str], name: str) -> str | None:
    """The nearest name above a meaning that some file declares."""
    for parent in islice(wordnet.above(sense), _FAR[sense.part]):
        for word in parent.words:
            found = bases.get(word.lower())
            if found is not None and found != name:
                return found
    return None


def _forms(name: str, sense: Sense, known: Known) -> tuple[str, ...]:
    """A meaning's words; of a verb only the name itself, because WordNet has no participles."""
    if known.kind == "relation":
        return (_said(name),)
    words = (re.sub(r"[_\s]+", " ", word).lower() for word in sense.words)
    return tuple(dict.fromkeys((_said(name), *(w for w in words if re.fullmatch(r"[^\W\d][\w' -]*", w)))))


def _line(name: str, kind: Kind, parent: str, forms: Sequence[str]) -> str:
    below = f" : {parent}" if parent else ""
    said = ", ".join(f'"{form}"' for form in forms)
    return f"{kind} {name}{below} as {said}"


def _said(name: str) -> str:
    return name.replace("_", " ").strip()


def _bases(name: str, kind: Kind) -> tuple[str, ...]:
    """What a dictionary may list a name under: itself, a singular, a verb's plain form.

    >>> _bases("sipping", "relation"), _bases("taking", "relation")[:2]
    (('sipp', 'sippe', 'sip'), ('tak', 'take'))
    """
    if kind == "concept":
        return (name, *((name[:-1],) if name.endswith("s") and not name.endswith("ss") else ()))
    if not name.endswith("ing"):
        return (name,)
    stem = name.removesuffix("ing")
    doubled = (stem[:-1],) if len(stem) > 2 and stem[-1] == stem[-2] else ()
    return (stem, stem + "e", *doubled)
