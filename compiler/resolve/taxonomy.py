"""The is-a graph of a policy's names: who is below whom, and the leaves that a name stands for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..messages.diagnostics import MAX_DIAGNOSTICS, Diagnostics, Fix, Related, Span, listed, quote
from ..messages.spelling import Guess, guess
from ..syntax.nodes import Declaration, Kind, Word
from .declarations import Home, homes
from .inverses import report_traits, turned_leaves
from .std_names import home_in_std

MAX_NAMES = 50_000  # a policy with more is a mistake
MAX_LEAVES = 5_000_000  # of all names together: what fits in memory


@dataclass(frozen=True, slots=True)
class Concept:
    """A name of the policy, a concept or a relation; the leaves of a leaf are itself.

    `span` is the name in the file that is its home. A relation covers its `leaves` in the direction written, and its
    `turned` ones with subject and object exchanged: those of an `inverse` below it, and its symmetric leaves.
    `inverse_forms` are the forms of the relations declared as inverse of this one: the object comes first in them.
    """

    name: str
    kind: Kind
    parents: tuple[str, ...]
    leaves: tuple[str, ...]
    forms: tuple[str, ...]
    span: Span | None
    declared: bool
    turned: tuple[str, ...] = ()
    symmetric: bool = False
    inverse_of: str = ""
    inverse_forms: tuple[str, ...] = ()
    doc: str = ""

    @property
    def is_leaf(self) -> bool:
        """True where nothing is below it."""
        return self.leaves == (self.name,)


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All names of one kind in alphabetical order; `doubtful` ones touch a declaration that was in error."""

    concepts: tuple[Concept, ...]
    doubtful: frozenset[str]


def build(
    kind: Kind,
    declarations: Sequence[Declaration],
    uses: Sequence[Word],
    broken: Sequence[str],
    others: frozenset[str],
    reach: Mapping[str, frozenset[str]],
    diagnostics: Diagnostics,
) -> Taxonomy:
    """Every name of one kind: those declared, and those only used as leaves with a warning.

    `others` are the names declared as the other kind, which cannot be used as this one; `reach` says which files
    each file's uses lead to.
    """
    declared = homes(kind, declarations, reach, diagnostics)
    report_traits(kind, declared, diagnostics)
    mentions = [word for home in declared.values() for word in (*home.parents, *home.first.members)]
    mentions += [home.first.inverse for home in declared.values() if home.first.inverse]
    _warn_undeclared(kind, (*mentions, *uses), declared, broken, others, diagnostics)

    spans = {name: home.first.name.span for name, home in declared.items()}
    parents: dict[str, set[str]] = {name: set() for name in spans}
    for word in (*mentions, *uses):
        parents.setdefault(word.text, set())
    for name, home in declared.items():
        parents[name].update(word.text for word in home.parents)
        for member in home.first.members:
            parents[member.text].add(name)
    if len(parents) > MAX_NAMES:
        return _too_many(f"more than {MAX_NAMES:,} {kind} names in one policy", declared, uses, parents, diagnostics)

    added = {(name, word.text): word.span for name, home in declared.items() for d in home.added for word in d.parents}
    cyclic = _cut_cycles(kind, parents, spans, added, diagnostics)
    leaves = _leaves(parents)
    if leaves is None:
        message = f"the {kind} names stand for more than {MAX_LEAVES:,} leaves in all"
        return _too_many(message, declared, uses, parents, diagnostics)
    turned = turned_leaves(parents, declared, diagnostics)
    inverse_forms: dict[str, list[str]] = {}
    forms = {name: _forms(name, declared.get(name), diagnostics) for name in sorted(parents)}
    for name, base in sorted(turned.inverse.items()):
        inverse_forms.setdefault(base, []).extend(forms[name])
    concepts = tuple(
        Concept(
            name,
            kind,
            tuple(sorted(parents[name])),
            tuple(sorted(turned.forward.get(name, leaves[name]))),
            forms[name],
            spans.get(name),
            name in spans,
            tuple(sorted(turned.backward.get(name, ()))),
            name in turned.symmetric,
            turned.inverse.get(name, ""),
            tuple(inverse_forms.get(name, ())),
            declared[name].doc if name in declared else "",
        )
        for name in sorted(parents)
    )
    _warn_shared_forms([c for c in concepts if c.is_leaf or c.inverse_of], declared, diagnostics)
    return Taxonomy(concepts, _related_to({*broken, *cyclic, *turned.doubtful} & set(parents), parents))


def _too_many(
    message: str, declared: Mapping[str, Home], uses: Sequence[Word], parents: Iterable[str], diagnostics: Diagnostics
) -> Taxonomy:
    where = max((home.first.name.span for home in declared.values()), default=uses[-1].span if uses else None)
    assert where is not None
    diagnostics.error("P208", message, where)
    return Taxonomy((), frozenset(parents))


def _warn_undeclared(
    kind: Kind,
    words: Iterable[Word],
    declared: Mapping[str, Home],
    broken: Sequence[str],
    others: frozenset[str],
    diagnostics: Diagnostics,
) -> None:
    seen, known = {*declared, *broken}, frozenset(declared)
    written: dict[str, str] | None = None
    lacks_file = any(d.code in ("P501", "P505") for d in diagnostics.found)
    unknown = sorted((word for word in words if word.text not in seen), key=lambda word: _place(word.span))
    for word in unknown:
        if word.text in seen or len(diagnostics.found) >= MAX_DIAGNOSTICS:
            continue
        seen.add(word.text)
        if word.text in others:
            was = "relation" if kind == "concept" else "concept"
            message = f"{quote(word.text)} is declared as a {was} and used here as a {kind}"
            diagnostics.error("P204", message, word.span)
            continue
        form = word.text.replace("_", " ")
        meant, std = guess(word.text, known), home_in_std(kind, word.text)
        if written is None:
            written = {f.text.casefold(): name for name, home in sorted(declared.items()) for f in home.forms}
        same = written.get(form.casefold())
        if same and not meant.certain:
            meant = Guess(f'did you mean {quote(same)}? it is also written "{form}"')
        hint = meant.hint or f'to declare it, write `{kind} {word.text} as "{form}"`'
        if lacks_file and not meant.hint:
            continue  # it may be declared there: the missing file is the mistake
        if std:
            end = "" if meant.hint.endswith("?") else ";"
            hint = f"{meant.hint}{end} if not, declare it" if meant.hint else "declare it"
            hint += f', or write `use "{std}"`'
        # What the library has a word for is hardly a slip of another; the built-in world's words are among them.
        fix = Fix(word.span, meant.certain) if meant.certain and not std else None
        message = f'{quote(word.text)} is not declared: it is taken as a {kind} of its own, written "{form}"'
        diagnostics.warning("P201", message, word.span, hint=hint, fix=fix)


def _cut_cycles(
    kind: Kind,
    parents: dict[str, set[str]],
    spans: dict[str, Span],
    added: Mapping[tuple[str, str], Span],
    diagnostics: Diagnostics,
) -> set[str]:
    """Report each cycle and take its edges away; the names on cycles. `added` are edges said outside a name's home."""
    cyclic: set[str] = set()
    while rest := _unsorted(parents):
        path = [min(rest)]
        while path.count(path[-1]) == 1:
            path.append(min(parents[path[-1]] & rest))
        cycle = path[path.index(path[-1]) :]
        shown = cycle if len(cycle) < 8 else [*cycle[:6], "...", cycle[-1]]
        chain = " is a ".join(quote(name) for name in shown)
        places = [Related(f"{quote(n)} is declared here", spans[n]) for n in cycle[1:-1] if n in spans][:3]
        places += [
            Related(f"{quote(edge[0])} is put below {quote(edge[1])} here", added[edge])
            for edge in pairwise(cycle)
            if edge in added
        ]
        span = next((spans[n] for n in cycle if n in spans), None)
        assert span is not None  # every edge comes from a declaration
        hint = "take one of these away" if len(cycle) > 2 else "take it away"
        diagnostics.error("P203", f"this {kind} is below itself: {chain}", span, related=places, hint=hint)
        for below, above in pairwise(cycle):
            parents[below].discard(above)
        cyclic.update(cycle)
        if len(diagnostics.found) >= MAX_DIAGNOSTICS:
            for name in _unsorted(parents):
                cyclic.add(name)
                parents[name].clear()
    return cyclic


def _unsorted(parents: dict[str, set[str]]) -> set[str]:
    """Names on a cycle or below one."""
    order = list(_from_top(parents))
    return set(parents) - set(order)


def _children(parents: dict[str, set[str]]) -> dict[str, list[str]]:
    children: dict[str, list[str]] = {name: [] for name in parents}
    for name, above in parents.items():
        for parent in above:
            children[parent].append(name)
    return children


def _from_top(parents: dict[str, set[str]]) -> Iterator[str]:
    """Names with every parent before its children; those on or below a cycle never come."""
    children = _children(parents)
    waiting = {name: len(above) for name, above in parents.items()}
    ready = [name for name, count in waiting.items() if not count]
    while ready:
        name = ready.pop()
        yield name
        for child in children[name]:
            waiting[child] -= 1
            if not waiting[child]:
                ready.append(child)


def _leaves(parents: dict[str, set[str]]) -> dict[str, set[str]] | None:
    """The leaves of every name, or None where there are too many to hold."""
    children = _children(parents)
    leaves: dict[str, set[str]] = {}
    total = 0
    for name in reversed(list(_from_top(parents))):
        leaves[name] = set().union(*(leaves[c] for c in children[name])) if children[name] else {name}
        total += len(leaves[name])
        if total > MAX_LEAVES:
            return None
    return leaves


def _place(span: Span) -> tuple[str, int, int]:
    """What places are sorted by; a span's own comparison is slow."""
    return span.file, span.line, span.column


def _related_to(names: set[str], parents: dict[str, set[str]]) -> frozenset[str]:
    """The names, all above and all below them."""
    found: set[str] = set()
    for edges in (parents, _children(parents)):
        reached, todo = set(names), list(names)
        while todo:
            for name in edges[todo.pop()]:
                if name not in reached:
                    reached.add(name)
                    todo.append(name)
        found |= reached
    return frozenset(found)


def _forms(name: str, home: Home | None, diagnostics: Diagnostics) -> tuple[str, ...]:
    plain = name.replace("_", " ").strip()
    # What another file adds stands beside the name's own form, and does not take its place.
    forms = [plain] if home and home.added and not home.first.forms else []
    for word in home.forms if home else ():
        if not word.text:
            diagnostics.error("P205", "a surface form cannot be empty", word.span)
        elif word.text not in forms:
            forms.append(word.text)
    return tuple(forms) or (plain,)


def _warn_shared_forms(leaves: Sequence[Concept], declared: Mapping[str, Home], diagnostics: Diagnostics) -> None:
    owners: dict[str, Word] = {}
    names: dict[str, str] = {}
    words = [(w, leaf.name) for leaf in leaves if leaf.declared for w in declared[leaf.name].forms]
    for word, name in sorted(words, key=lambda pair: _place(pair[0].span)):
        form = word.text.casefold()
        if form in owners and names[form] != name:
            diagnostics.warning(
                "P207",
                f'"{word.text}" is written for both {listed(map(quote, (names[form], name)), "and")}',
                word.span,
                related=[Related("first written here", owners[form].span)],
                hint="a sentence with it would belong to two cells; keep it with one",
            )
        else:
            owners[form], names[form] = word, name
