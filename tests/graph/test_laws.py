"""The laws of the language: they hold for every policy, and here for many that nobody chose."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st
from proscribe.compiler.graph import conflicts, relations
from proscribe.compiler.graph.depiction import Depiction
from proscribe.compiler.graph.relations import RelationGraph
from proscribe.compiler.messages.diagnostics import Diagnostic, Diagnostics
from proscribe.compiler.pipeline import loads
from proscribe.compiler.resolve import names
from proscribe.compiler.syntax import parse
from proscribe.compiler.syntax.nodes import WILDCARD
from proscribe.compiler.world.cells import Cell

HEAD = [
    "concept minor = child | toddler", "concept adult = man | woman", "concept drink = wine | juice",
    "concept merlot : wine, treat", "relation using = drinking | holding | held_by", "relation held_by inverse holding",
    "relation next_to symmetric", "relation near = next_to | touched_by", "relation touched_by inverse touching",
]  # fmt: skip
CONCEPTS = ["minor", "adult", "child", "man", "drink", "wine", "merlot", "treat", "juice", "hat", "*"]
RELATIONS = ["using", "drinking", "holding", "held_by", "next_to", "near", "touched_by", "touching", "*"]
PATTERNS = st.tuples(st.sampled_from(CONCEPTS), st.sampled_from(RELATIONS), st.sampled_from(CONCEPTS))
EXCEPTS = st.sampled_from(
    ["", "", " except child", " except held_by", " except merlot, * -near-> wine, man -using-> *"]
)
FORBIDS = st.builds(lambda p, e: f"forbid {p[0]} -{p[1]}-> {p[2]}{e}", PATTERNS, EXCEPTS)
INSTEADS = st.builds(lambda f, i: f"{f} instead {i}", FORBIDS, st.sampled_from(["juice", "wine", "adult", "drinking"]))
ALLOWS = st.builds(lambda p: f"allow {p[0]} -{p[1]}-> {p[2]}", PATTERNS)


def graph_of(statements: list[str]) -> RelationGraph:
    diagnostics = Diagnostics()
    source = parse.source_of("p", "\n".join(statements).encode())
    return relations.run(names.run(parse.run(source, diagnostics), diagnostics), diagnostics)


def forget_sets(statements: list[str]) -> dict[str, frozenset[Cell]]:
    """Forget cells by the text of the rule, whether or not rules conflict."""
    return {extent.rule.text: frozenset(extent.cells) for extent in graph_of(statements).of_kind("forbid")}


@settings(max_examples=60, deadline=None)
@given(st.lists(FORBIDS | ALLOWS, max_size=4), st.randoms(use_true_random=False))
def test_order_never_matters(rules: list[str], dice) -> None:  # type: ignore[no-untyped-def]
    statements = [*HEAD, *rules]
    shuffled = statements.copy()
    dice.shuffle(shuffled)
    assert forget_sets(statements) == forget_sets(shuffled)


@settings(max_examples=60, deadline=None)
@given(st.lists(FORBIDS | ALLOWS, max_size=3), FORBIDS)
def test_adding_a_forbid_never_shrinks_a_forget_set(rules: list[str], more: str) -> None:
    before, after = forget_sets([*HEAD, *rules]), forget_sets([*HEAD, *rules, more])
    assert all(cells <= after[rule] for rule, cells in before.items())


@settings(max_examples=60, deadline=None)
@given(st.lists(FORBIDS | ALLOWS, max_size=3), ALLOWS)
def test_adding_an_allow_never_changes_a_forget_set(rules: list[str], more: str) -> None:
    assert forget_sets([*HEAD, *rules]) == forget_sets([*HEAD, *rules, more])


@settings(max_examples=25, deadline=None)
@given(st.lists(FORBIDS | INSTEADS, max_size=3), st.randoms(use_true_random=False))
def test_order_never_matters_to_any_set(rules: list[str], dice) -> None:  # type: ignore[no-untyped-def]
    """The whole of what is derived is the same, but for ids and places."""

    def sets_of(statements: list[str]) -> dict[str, list[set[tuple[Cell, int, str]]]] | None:
        derived, _ = loads("\n".join(statements))
        return derived and {
            s.rule.text: [{(i.cell, i.distance, i.changed) for i in part}
                          for part in (s.forget, s.neighbours, s.marginals, s.control)]
            for s in derived.rules
        }  # fmt: skip

    statements = [*HEAD, *dict.fromkeys(rules)]
    shuffled = statements.copy()
    dice.shuffle(shuffled)
    assert sets_of(statements) == sets_of(shuffled)


# The same policy by hand: what every name of HEAD stands for.
BELOW = {"minor": {"child", "toddler"}, "adult": {"man", "woman"}, "drink": {"merlot", "juice"}, "wine": {"merlot"},
         "treat": {"merlot"}}  # fmt: skip
DECLARED = {"child", "toddler", "man", "woman", "merlot", "juice"}
FORWARD = {"using": {"drinking", "holding"}, "held_by": set(), "near": {"next_to"}, "touched_by": set(),
           "*": {"drinking", "holding", "next_to"}}  # fmt: skip
BACKWARD = {"using": {"holding"}, "held_by": {"holding"}, "near": {"touching"}, "touched_by": {"touching"}}


def by_hand(subject: str, relation: str, obj: str, declared: set[str]) -> set[Cell]:
    def leaves(name: str) -> set[str]:
        return declared if name == WILDCARD else BELOW.get(name, {name})

    forward = FORWARD.get(relation, {relation})
    cells = {Cell(*cell) for cell in product(leaves(subject), forward, leaves(obj))}
    cells |= {Cell(o, r, s) for s, r, o in product(leaves(subject), BACKWARD.get(relation, ()), leaves(obj))}
    return cells | {Cell(c.object, c.relation, c.subject) for c in cells if c.relation == "next_to"}


@settings(max_examples=150, deadline=None)
@given(st.lists(FORBIDS | ALLOWS, min_size=1, max_size=3, unique=True))
def test_boxes_agree_with_sets_made_by_hand(rules: list[str]) -> None:
    graph = graph_of(HEAD + rules)
    # `*` is what is declared: `child` and the like are only mentioned, as members of what is.
    declared = {leaf for c in graph.resolved.concepts if c.declared for leaf in c.leaves}
    assert declared == DECLARED
    for extent in graph.extents:
        rule = extent.rule
        cells = by_hand(rule.subject, rule.relation, rule.object, declared)
        for part in rule.excepts:
            if part.name == "child":
                cells = {c for c in cells if "child" not in (c.subject, c.object)}
            elif part.name == "merlot":
                cells = {c for c in cells if "merlot" not in (c.subject, c.object)}
            elif part.name:
                cells = {c for c in cells if c.relation != "holding"}
            else:
                cells -= by_hand(part.subject, part.relation, part.object, declared)
        assert list(extent.cells) == sorted(cells)
        assert len(extent.cells) == len(cells)


def found_in(statements: list[str]) -> tuple[Diagnostic, ...]:
    return loads("\n".join(statements))[1]


@settings(max_examples=120, deadline=None)
@given(st.lists(FORBIDS | ALLOWS | INSTEADS, min_size=2, max_size=5))
def test_the_index_finds_every_conflict_that_comparing_all_pairs_finds(rules: list[str]) -> None:
    graph = graph_of(HEAD + rules)
    diagnostics = Diagnostics()
    conflicts.run(graph, diagnostics)
    depiction = Depiction(graph)
    expected = set()
    for allow, forbid in product(graph.of_kind("allow"), graph.of_kind("forbid")):
        mine, theirs = frozenset(allow.cells), frozenset(forbid.cells)
        if mine & theirs:
            expected.add((allow.rule.id, forbid.rule.id, "P402" if theirs < mine else "P401"))
        elif any(_look_alike(a, b, depiction) for a in mine for b in theirs):
            expected.add((allow.rule.id, forbid.rule.id, "P408"))
    at = {e.rule.pattern_span: e.rule.id for e in graph.extents}
    pairs = [d for d in diagnostics.found if d.code in ("P401", "P402", "P408")]
    assert {(at[d.span], at[d.related[0].span], d.code) for d in pairs} == expected
    assert len(pairs) == len(expected)


def _look_alike(a: Cell, b: Cell, depiction: Depiction) -> bool:
    slots = (("subject", a.subject, b.subject), ("relation", a.relation, b.relation), ("object", a.object, b.object))
    return all(depiction.overlap(slot, x, y) for slot, x, y in slots)  # type: ignore[arg-type]


@settings(max_examples=100, deadline=None)
@given(st.lists(INSTEADS | FORBIDS, min_size=1, max_size=3))
def test_an_instead_is_refused_where_some_cell_has_no_safe_target(rules: list[str]) -> None:
    from proscribe.compiler.graph.redirects import instead_cell, instead_slot, slot_in

    graph = graph_of(HEAD + rules)
    diagnostics = Diagnostics()
    conflicts.run(graph, diagnostics)
    depiction = Depiction(graph)
    expected = set()
    for extent in graph.of_kind("forbid"):
        if extent.rule.instead is not None:
            slot = instead_slot(extent.rule, depiction)
            cells = ((c, slot_in(c, slot, extent)) for c in extent.cells)
            stuck = [c for c, at in cells if instead_cell(extent.rule, at, c, depiction) is None]
            if stuck:
                expected.add((extent.rule.instead_span, str(stuck[0])))
    found = [d for d in diagnostics.found if d.code == "P405"]
    assert {(d.span, d.message.split("`")[3]) for d in found} == expected
