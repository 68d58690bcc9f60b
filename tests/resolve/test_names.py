"""Names, is-a and clauses: what they come to mean, and what is said where they mean nothing."""

from __future__ import annotations

import pytest
from proscribe.compiler.messages.diagnostics import Diagnostic, Diagnostics
from proscribe.compiler.resolve import names
from proscribe.compiler.resolve.names import Resolved
from proscribe.compiler.syntax import parse

HEAD = 'policy "p" edition 2026\n'


def resolve(text: str) -> tuple[Resolved, tuple[Diagnostic, ...]]:
    diagnostics = Diagnostics()
    policy = parse.run(parse.source_of("dir/p.policy", text.encode()), diagnostics)
    return names.run(policy, diagnostics), diagnostics.sorted()


def leaves(resolved: Resolved) -> dict[str, tuple[str, ...]]:
    return {c.name: c.leaves for c in (*resolved.concepts, *resolved.relations)}


def test_leaves_through_parents_and_unions() -> None:
    resolved, found = resolve(
        HEAD
        + """
        concept merlot : wine as "merlot", "a merlot"
        concept alcohol = wine | beer
        concept wine; concept beer; concept drink
        concept alcohol_free : drink
        concept thing = drink | alcohol
        relation consuming = drinking | sipping
        relation drinking; relation sipping as "taking a sip of"
        forbid thing -consuming-> alcohol
        """
    )
    assert not found
    table = leaves(resolved)
    assert table["alcohol"] == ("beer", "merlot")
    assert table["thing"] == ("alcohol_free", "beer", "merlot")
    assert table["consuming"] == ("drinking", "sipping")
    forms = {c.name: c.forms for c in (*resolved.concepts, *resolved.relations)}
    assert forms["merlot"] == ("merlot", "a merlot")
    assert forms["alcohol_free"] == ("alcohol free",)


def test_undeclared_names_are_leaves_with_one_warning_each() -> None:
    resolved, found = resolve(
        HEAD + "concept alcohol\nforbid child -drinking-> alchohol\nforbid child -drinking-> alcohol"
    )
    assert [(d.code, d.severity, d.span.line, d.span.column) for d in found] == [
        ("P201", "warning", 3, 8),
        ("P201", "warning", 3, 15),
        ("P201", "warning", 3, 26),
    ]
    assert found[2].hint == "did you mean `alcohol`?"
    assert [(c.name, c.declared, c.leaves) for c in resolved.concepts] == [
        ("alchohol", False, ("alchohol",)),
        ("alcohol", True, ("alcohol",)),
        ("child", False, ("child",)),
    ]


def test_defaults_and_clauses() -> None:
    resolved, _ = resolve(
        HEAD
        + """forbid a -b-> c
        forbid a -b-> d except e, f -*-> g instead h because "why" severity critical
            require retention >= 99.5%, breach <= 0.5%
        allow x -b-> c because "fine" """
    )
    first, second, allow = resolved.rules
    assert [r.id for r in resolved.rules] == ["R1", "R2", "A1"]
    assert (first.severity, first.require.breach_max, first.require.retention_min) == ("medium", 0.05, 0.98)
    assert (second.require.breach_max, second.require.retention_min) == (0.005, 0.995)
    assert [(e.name, e.subject, e.relation, e.object) for e in second.excepts] == [
        ("e", "", "", ""),
        ("", "f", "*", "g"),
    ]
    assert (second.instead, second.because, second.severity) == ("h", "why", "critical")
    assert allow.because == "fine"


def test_a_file_without_a_policy_line_is_named_after_itself() -> None:
    resolved, found = resolve("concept a; concept b; relation r; forbid a -r-> b")
    assert (resolved.name, resolved.edition) == ("p", 2026)
    assert [(d.code, d.severity) for d in found] == [("P103", "note")]


A = 'concept a as "a"; concept c as "c"; relation b as "b";'
FAULTS = [
    ('policy "q" edition 2026', "P101", "a policy has one `policy` line"),
    ("concept a", "P202", "the concept `a` is declared twice"),
    (
        "concept x : y; concept y : z; concept z : x",
        "P203",
        "this concept is below itself: `x` is a `y` is a `z` is a",
    ),
    ("concept x : x", "P203", "this concept is below itself: `x` is a `x`"),
    ("forbid a -c-> c", "P204", "`c` is declared as a concept and used here as a relation"),
    ('concept x as ""', "P205", "a surface form cannot be empty"),
    (
        "forbid a -b-> c severity hihg",
        "P302",
        "`hihg` is no severity; it is `low`, `medium`, `high` or `critical`",
    ),
    ("forbid a -b-> c require breach <= 5", "P303", "this must be a percentage"),
    ("forbid a -b-> c require breach <= 120%", "P303", "`120%` is more than everything"),
    (
        "forbid a -b-> c require breach >= 5%",
        "P303",
        "`breach` is bounded with `<=`: it may be at most so much",
    ),
    (
        "forbid a -b-> c require braech <= 5%",
        "P303",
        "a rule can require `breach` or `retention`, not `braech`",
    ),
    ("forbid a -b-> c severity low severity high", "P301", "this rule has `severity` twice"),
    ("allow a -b-> c except a", "P304", "`except` belongs to `forbid`; an `allow` takes `because` only"),
]


@pytest.mark.parametrize(("text", "code", "message"), FAULTS)
def test_faults(text: str, code: str, message: str) -> None:
    _, found = resolve(HEAD + A + text)
    assert [d.code for d in found if d.severity == "error"] == [code]
    assert next(d for d in found if d.severity == "error").message.startswith(message)


def test_an_edition_from_the_future() -> None:
    _, found = resolve('policy "p" edition 2031\nforbid a -b-> c')
    assert found[0].code == "P102"
    assert found[0].hint == "write `edition 2026`"


def test_duplicates_point_at_the_first() -> None:
    _, found = resolve(HEAD + 'concept a as "x"\nconcept a')
    assert [(d.code, d.related[0].message, d.related[0].span.line) for d in found if d.related] == [
        ("P202", "first declared here", 2)
    ]


def test_one_form_for_two_leaves() -> None:
    _, found = resolve(HEAD + 'concept goat as "a kid"; concept child as "a Kid"\nforbid child -b-> goat')
    assert [d.code for d in found] == ["P207", "P201"]


def test_a_broken_declaration_makes_no_echo() -> None:
    resolved, found = resolve(HEAD + 'concept wine as "unclosed\nconcept x = wine\nrelation b\nforbid x -b-> wine')
    assert [d.code for d in found] == ["P003"]
    assert resolved.rules == ()
