"""Read a sentence into one cell: the policy's surface forms first, then the words of the built-in world.

Nothing is skipped but articles, the sentence forms and contexts of world/templates.py and a few harmless adjectives:
a test that overlooked `not` or `toy` would be a test of something else.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from ..graph.relations import find
from ..messages.diagnostics import did_you_mean, listed, quote
from ..resolve.names import Resolved
from ..resolve.taxonomy import Concept
from ..syntax.nodes import Kind
from ..world import lexicon
from ..world.cells import Cell, Slot
from ..world.templates import ADJECTIVES, CONTEXTS, MORE_TEMPLATES, TEMPLATES

LONGEST_SENTENCE = 64  # words
_ARTICLES = frozenset(("a", "an", "the", "some"))
_SHOWN = 6
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Words of a sentence, folded, and the name that they are read as.

    `origin` is `policy`, or `world` for a word of the built-in lexicon; `leaves` are those that the name stands for.
    """

    slot: Slot
    said: str
    name: str
    leaves: tuple[str, ...]
    origin: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sentence says. `cell` is None where it is not one cell, and `why` says why not.

    The slots of `cell` are leaves of the policy, or of the built-in world where the policy has no such name; its
    relation is never an inverse: `is_turned` where the sentence names the object first. `parts` are the three that
    were found, subject, relation and object of the cell in that order, also where there are several cells.
    """

    sentence: str
    cell: Cell | None
    why: str = ""
    hint: str = ""
    parts: tuple[Part, ...] = ()
    is_turned: bool = False

    @property
    def pattern(self) -> str:
        """What it says in the policy's names, empty where it cannot be read at all."""
        if not self.parts:
            return ""
        subject, relation, obj = (part.name for part in self.parts)
        return f"{subject} -{relation}-> {obj}"


def read_sentence(resolved: Resolved, text: str) -> Reading:
    """Read one sentence; for many of one policy make a `Sentences` once."""
    return Sentences(resolved).read(text)


def folded(text: str) -> Words:
    """The words that count: lower case, without articles, punctuation and hyphens.

    >>> folded("A Two-year-old, drinking a glass of Merlot.")
    ('two', 'year', 'old', 'drinking', 'glass', 'of', 'merlot')
    """
    words = _words(text)
    return tuple(word for word in words if word not in _ARTICLES) or words


def _words(text: str) -> Words:
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    spaced = "".join(c if c.isalnum() or c == "'" or _is_vowel_sign(c) else " " for c in plain)
    return tuple(word.strip("'") for word in spaced.split() if word.strip("'"))


def _is_vowel_sign(char: str) -> bool:
    """Whether a character is part of a letter before it; what chooses how an emoji is drawn is not."""
    return unicodedata.category(char) in {"Mn", "Mc"} and not "\ufe00" <= char <= "\ufe0f"


def _frames() -> tuple[frozenset[Words], frozenset[Words]]:
    """What may stand before the subject, and between subject and relation."""
    before: set[Words] = {()}
    between: set[Words] = {()}
    for template in (*(t for split in TEMPLATES.values() for t in split), *MORE_TEMPLATES):
        start, _, rest = template.partition("{s}")
        before.add(tuple(w for w in _words(start) if w not in _ARTICLES))
        between.add(tuple(w for w in _words(rest.partition("{r}")[0]) if w not in _ARTICLES))
    return frozenset(before), frozenset(between)


_BEFORE, _BETWEEN = _frames()
_AFTER = frozenset(((), *(folded(context) for split in CONTEXTS.values() for context in split)))


@dataclass(frozen=True, slots=True)
class _Sense:
    """What a form may mean: a name with the leaves as written, and those with subject and object exchanged."""

    name: str
    leaves: tuple[str, ...]
    turned: tuple[str, ...]
    origin: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """A form in the sentence, from word `start` up to and without word `end`."""

    start: int
    end: int
    senses: tuple[_Sense, ...]


class Sentences:
    """The forms of one policy and of the built-in world, looked up by their words."""

    def __init__(self, resolved: Resolved) -> None:
        self.resolved = resolved
        self._shown: dict[Slot, dict[str, tuple[str, ...]]] = {}
        self._tables: dict[Kind, dict[Words, tuple[_Sense, ...]]] = {
            "concept": self._table("concept"),
            "relation": self._table("relation"),
        }
        self._single = {words[0] for table in self._tables.values() for words in table if len(words) == 1}
        self._longest = max((len(words) for table in self._tables.values() for words in table), default=1)

    def read(self, text: str) -> Reading:
        """The cell that a sentence says, or why it says none."""
        # An article that is a name (`concept a`) is no article.
        words = tuple(w for w in _words(text) if w not in _ARTICLES or w in self._single)
        if len(words) > LONGEST_SENTENCE:
            return Reading(text, None, f"it has more than {LONGEST_SENTENCE} words")
        concepts, relations = self._found("concept", words), self._found("relation", words)
        whole = [
            (first, relation, second)
            for relation in relations
            for first in concepts
            if first.end <= relation.start
            for second in concepts
            if second.start >= relation.end
        ]
        good = [triple for triple in whole if not _unread(words, triple)]
        if not good:
            return Reading(text, None, *self._why_not(words, concepts, relations, whole))
        most = max(_length(triple) for triple in good)
        readings = {r.pattern: r for t in good if _length(t) == most for r in self._readings(text, words, t)}
        if len(readings) > 1:
            said = listed(map(quote, list(readings)[:_SHOWN]))
            return Reading(text, None, f"it can be read as {said}", "keep each surface form with one name")
        return next(iter(readings.values()))

    def known(self, slot: Slot, name: str) -> tuple[str, ...]:
        """The leaves of the policy that a name stands for; a name that only the built-in world has is read as the
        leaf whose pictures show it, and is itself where there is none.
        """
        concepts = self.resolved.of(slot)
        own = find(concepts, name)
        return (own.leaves if own else ()) or self._showing(slot, name) or (name,)

    def _table(self, kind: Kind) -> dict[Words, tuple[_Sense, ...]]:
        """Per form its senses; a form of the policy hides the built-in world's."""
        found: dict[Words, list[_Sense]] = {}
        is_relation = kind == "relation"
        slots: tuple[Slot, ...] = ("relation",) if is_relation else ("subject", "object")
        own = self.resolved.relations if is_relation else self.resolved.concepts
        for concept in own:
            for words in {folded(form) for form in concept.forms if form}:
                _add(found, words, _sense_of(concept, slots))
        # A name that is no form of its own is what people write none the less.
        for concept in own:
            if (words := folded(concept.name)) not in found:
                _add(found, words, _sense_of(concept, slots))
        hidden = frozenset(found)
        for slot in slots:
            for words, name, leaves in _world(slot):
                if words in hidden:
                    continue
                meant = tuple(dict.fromkeys(n for leaf in leaves for n in self.known(slot, leaf)))
                concept_of = find(own, name)
                turned = concept_of.turned if concept_of else ()
                _add(found, words, _Sense(name, meant, turned, "world", (slot,)))
        return {words: tuple(dict.fromkeys(senses)) for words, senses in found.items()}

    def _showing(self, slot: Slot, leaf: str) -> tuple[str, ...]:
        """The policy's leaves whose pictures show a leaf of the built-in world."""
        if slot not in self._shown:
            found: dict[str, list[str]] = {}
            for concept in self.resolved.of(slot):
                for shown in lexicon.depicts(slot, concept.name, concept.forms) if concept.is_leaf else ():
                    found.setdefault(shown, []).append(concept.name)
            self._shown[slot] = {shown: tuple(names) for shown, names in found.items()}
        return self._shown[slot].get(leaf, ())

    def _found(self, kind: Kind, words: Words) -> list[_Found]:
        table = self._tables[kind]
        return [
            _Found(start, end, table[words[start:end]])
            for start in range(len(words))
            for end in range(start + 1, min(start + self._longest, len(words)) + 1)
            if words[start:end] in table
        ]

    def _readings(self, text: str, words: Words, triple: Sequence[_Found]) -> Iterator[Reading]:
        first, relation, second = triple
        for senses in product(first.senses, relation.senses, second.senses):
            one, verb, other = senses
            turned = bool(verb.turned) and not verb.leaves
            subject, obj = (other, one) if turned else (one, other)
            if not self._fits(triple, subject, obj, turned=turned):
                continue
            leaves = tuple(dict.fromkeys((*verb.leaves, *verb.turned)))
            said = [" ".join(words[f.start : f.end]) for f in triple]
            who, whom = (said[2], said[0]) if turned else (said[0], said[2])
            name = verb.name
            if turned and len(leaves) == 1:
                name = leaves[0]
            parts = (
                Part("subject", who, subject.name, subject.leaves, subject.origin),
                Part("relation", said[1], name, leaves, verb.origin),
                Part("object", whom, obj.name, obj.leaves, obj.origin),
            )
            written = f"{one.name} -{verb.name}-> {other.name}"
            yield _reading(text, parts, written, is_turned=turned)

    @staticmethod
    def _fits(triple: Sequence[_Found], subject: _Sense, obj: _Sense, *, turned: bool) -> bool:
        """A word of the world stands in its own slot, unless it has a sense there in no other way."""
        first, _, second = triple
        places: tuple[tuple[Slot, _Sense, _Found], ...] = (
            ("subject", subject, second if turned else first),
            ("object", obj, first if turned else second),
        )
        return all(
            slot in sense.slots or not any(slot in s.slots for s in found.senses) for slot, sense, found in places
        )

    def _why_not(
        self, words: Words, concepts: list[_Found], relations: list[_Found], whole: list[tuple[_Found, _Found, _Found]]
    ) -> tuple[str, str]:
        """What is missing, and what may have been meant."""
        if not words:
            return "it has no words", ""
        if whole:
            best = min(whole, key=lambda triple: (len(_unread(words, triple)), -_length(triple), -triple[2].end))
            unread = _unread(words, best)
            are = "is" if len(unread) == 1 else "are"
            why = f"{listed(map(quote, unread), 'and')} {are} in no surface form that fits there"
            return why, self._near("concept", unread) or "add the words to a form with `as`, or leave them out"
        taken = {at for f in (*concepts, *relations) for at in range(f.start, f.end)}
        unread = tuple(word for at, word in enumerate(words) if at not in taken)
        if not relations:
            hint = self._near("relation", unread) or "write a form of a relation, such as `drinking`"
            return "it says no relation of the policy or of the built-in world", hint
        verb = min(relations, key=lambda f: (f.start, -f.end))
        said = " ".join(words[verb.start : verb.end])
        before = any(f.end <= verb.start for f in concepts)
        where = "behind" if before else "before"
        why = f"no known concept stands {where} {quote(said)}"
        there = range(verb.end, len(words)) if before else range(verb.start)
        strange = " ".join(words[at] for at in there if at not in taken and words[at] not in _ARTICLES)
        hint = f'to read {quote(strange)}, write it as a form: `concept NAME as "{strange}"`' if strange else ""
        return why, self._near("concept", unread) or hint

    def _near(self, kind: Kind, unread: Iterable[str]) -> str:
        known = frozenset(" ".join(form) for form in self._tables[kind])
        unread = tuple(unread)
        return next((hint for word in (*unread, " ".join(unread)) if word and (hint := did_you_mean(word, known))), "")


def _add(found: dict[Words, list[_Sense]], words: Words, sense: _Sense) -> None:
    if words:
        found.setdefault(words, []).append(sense)


def _sense_of(concept: Concept, slots: tuple[Slot, ...]) -> _Sense:
    return _Sense(concept.name, concept.leaves, concept.turned, "policy", slots)


def _world(slot: Slot) -> Iterator[tuple[Words, str, tuple[str, ...]]]:
    """Every form of the built-in world, of all splits, then those that name several leaves."""
    seen: set[tuple[Words, str]] = set()
    for word in lexicon.WORDS[slot]:
        for form in (word.name, *word.train, *word.select, *word.attack):
            key = (folded(form), word.name)
            if key not in seen:
                seen.add(key)
                yield *key, (word.name,)
    for form, leaves in lexicon.WIDER_FORMS[slot]:
        yield folded(form), lexicon.plain(form).replace(" ", "_"), leaves


def _unread(words: Words, triple: Sequence[_Found]) -> Words:
    """The words around the three parts that no sentence form explains."""
    first, relation, second = triple
    gaps = (
        (words[: first.start], _BEFORE),
        (words[first.end : relation.start], _BETWEEN),
        (words[relation.end : second.start], frozenset(((),))),
        (words[second.end :], _AFTER),
    )
    return tuple(word for gap, harmless in gaps if _bare(gap) not in harmless for word in gap)


def _bare(gap: Words) -> Words:
    """A gap without the adjectives that stand before a form."""
    return tuple(word for word in gap if word not in ADJECTIVES)


def _length(triple: Sequence[_Found]) -> int:
    return sum(found.end - found.start for found in triple)


def _reading(text: str, parts: tuple[Part, Part, Part], written: str, *, is_turned: bool) -> Reading:
    for part in parts:
        if len(part.leaves) != 1:
            shown = [quote(leaf) for leaf in part.leaves[:_SHOWN]]
            several = listed(shown, "and") if len(part.leaves) <= _SHOWN else f"{len(part.leaves):,} names"
            why = f"{quote(part.said)} stands for {several}: that is not one cell"
            hint = f"say one of them, or test them all with a pattern: `expect {written} ...`"
            return Reading(text, None, why, hint, parts, is_turned)
    subject, relation, obj = (part.leaves[0] for part in parts)
    return Reading(text, Cell(subject, relation, obj), parts=parts, is_turned=is_turned)
