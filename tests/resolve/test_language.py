"""Inverse and symmetric relations, groups, doc comments and expectations: what they come to mean."""

from __future__ import annotations

import pytest
from proscribe.compiler.pipeline import Analysis, analyse
from proscribe.compiler.syntax.parse import source_of

HEAD = 'policy "p" edition 2026\n'
NAMES = """concept child; concept gun; concept bicycle; relation riding as "riding"; relation holding
relation ridden_by inverse riding as "ridden by", "pedalled by"
relation next_to symmetric as "next to"
relation handling = holding | ridden_by
"""


def read(text: str, names: str = NAMES) -> Analysis:
    return analyse(source_of("p.policy", (HEAD + names + text).encode()))


def cells(text: str) -> list[str]:
    found = read(text)
    assert found.diagnostics == ()
    return [str(cell) for cell in found.graph.extents[0].cells]


def errors(text: str, names: str = NAMES) -> list[tuple[str, str]]:
    return [(d.code, d.message) for d in read(text, names).diagnostics if d.severity == "error"]


def test_an_inverse_is_its_base_with_the_ends_exchanged() -> None:
    assert cells("forbid bicycle -ridden_by-> child") == ["child -riding-> bicycle"]
    assert cells("forbid bicycle -handling-> child") == ["bicycle -holding-> child", "child -riding-> bicycle"]
    assert cells("forbid child -*-> gun") == [
        "child -holding-> gun", "child -next_to-> gun", "child -riding-> gun", "gun -next_to-> child",
    ]  # fmt: skip
    assert cells("forbid bicycle -handling-> child except child -riding-> *") == ["bicycle -holding-> child"]
    assert cells("forbid bicycle -handling-> child except ridden_by") == ["bicycle -holding-> child"]


def test_an_inverse_of_a_symmetric_relation_is_the_same_relation() -> None:
    both = ["child -next_to-> gun", "gun -next_to-> child"]
    assert cells("relation beside inverse next_to\nforbid gun -beside-> child") == both


def test_an_instead_takes_the_place_that_the_rule_writes() -> None:
    def led(text: str) -> list[str]:
        derived = read(text, NAMES + "concept dog : animal; concept bull : animal\n").derived
        assert derived is not None
        return [f"{r.cell} to {r.target}" for r in derived.rules[0].redirects]

    assert led("forbid bull -ridden_by-> child instead dog") == ["child -riding-> bull to child -riding-> dog"]
    assert led("forbid bull -next_to-> child instead dog") == [
        "bull -next_to-> child to dog -next_to-> child",
        "child -next_to-> bull to child -next_to-> dog",
    ]


def test_the_base_carries_the_forms_of_its_inverses() -> None:
    relations = {c.name: c for c in read("").graph.resolved.relations}
    assert relations["riding"].inverse_forms == ("ridden by", "pedalled by")
    assert (relations["ridden_by"].inverse_of, relations["ridden_by"].leaves) == ("riding", ())
    assert relations["ridden_by"].turned == ("riding",)
    assert (relations["handling"].leaves, relations["handling"].turned) == (("holding",), ("riding",))
    assert relations["next_to"].symmetric
    assert not relations["handling"].symmetric


def test_a_symmetric_relation_is_one_fact_in_both_directions() -> None:
    assert cells("forbid child -next_to-> gun") == ["child -next_to-> gun", "gun -next_to-> child"]
    (error,) = errors("forbid child -next_to-> gun\nallow gun -next_to-> child")
    assert error[0] == "P401"
    assert error[1].startswith("this allow is the same as what R1 forbids")


def test_what_lies_below_a_symmetric_relation_is_symmetric() -> None:
    names = "concept a; concept b; relation near symmetric = touching | beside; relation beside; relation touching\n"
    found = read("forbid a -touching-> b", names)
    assert [str(c) for c in found.graph.extents[0].cells] == ["a -touching-> b", "b -touching-> a"]


TRAITS = [
    ("concept x symmetric", "P210", "a concept cannot be symmetric"),
    ("concept x inverse child", "P210", "a concept cannot be the inverse of another"),
    ("relation x inverse x", "P211", "`x` is declared as its own inverse"),
    ("relation x inverse y; relation y inverse x", "P211", "`x` is the inverse of what it is itself part of"),
    ("relation x inverse y : y", "P211", "`x` is the inverse of what it is itself part of"),
    ("relation x inverse riding = holding", "P212", "`x` turns `riding` round and cannot have members"),
    ("relation z inverse riding; relation q : z", "P212", "`z` turns `riding` round and cannot have members"),
    ("forbid child -riding-> gun instead ridden_by", "P213", "`ridden_by` turns `riding` round"),
]


@pytest.mark.parametrize(("text", "code", "message"), TRAITS)
def test_traits_that_make_no_sense(text: str, code: str, message: str) -> None:
    (error,) = errors(text + "\nforbid child -holding-> gun")
    assert error[0] == code
    assert error[1].startswith(message)


def test_an_inverse_of_an_inverse_is_the_base() -> None:
    assert cells("relation x inverse ridden_by\nforbid child -x-> bicycle") == ["child -riding-> bicycle"]


GROUP = """
## about weapons
group "weapons" {
    because "they hurt"; severity high; instead next_to
    require breach <= 1%, retention >= 99%
    forbid child -holding-> gun
    ## said of the second
    ## rule
    forbid child -riding-> gun severity low require breach <= 2% instead bicycle
    allow child -riding-> bicycle because "fine"
}
forbid gun -holding-> child
"""


def test_a_group_gives_defaults_to_its_forbids() -> None:
    found = read(GROUP)
    assert found.diagnostics == ()
    first, second, allow, last = found.graph.resolved.rules
    assert [r.id for r in (first, second, allow, last)] == ["R1", "R2", "A1", "R3"]
    assert (first.because, first.severity, first.require.breach_max) == ("they hurt", "high", 0.01)
    assert (second.because, second.severity) == ("they hurt", "low")
    assert (second.require.breach_max, second.require.retention_min) == (0.02, 0.99)
    assert [r.instead for r in (first, second, allow, last)] == ["next_to", "bicycle", None, None]
    assert (allow.because, allow.severity) == ("fine", "medium")
    assert (last.because, last.severity, last.group, first.group) == ("", "medium", "", "weapons")


def test_doc_comments() -> None:
    rules = read(GROUP).graph.resolved.rules
    assert [r.doc for r in rules] == ["", "said of the second rule", "", ""]
    found = read(
        """## one
forbid child -holding-> gun # no doc
## too far

forbid child -riding-> gun
    ## within a rule
    severity low
### a line of decoration
forbid gun -holding-> child; ## after it
forbid gun -riding-> child
## of two
## lines
concept extra
"""
    )
    assert [r.doc for r in found.graph.resolved.rules] == ["one", "", "", ""]
    assert [c.doc for c in found.graph.resolved.concepts if c.name == "extra"] == ["of two lines"]


GROUP_FAULTS = [
    ('group "g" {\nforbid child -holding-> gun', "P030"),
    ("forbid child -holding-> gun }", "P031"),
    ('group "g" { concept x }', "P032"),
    ('group "g" { group "h" { forbid child -holding-> gun } }', "P033"),
    ('group "g" { forbid child -holding-> gun; severity low }', "P034"),
    ('group "g" { except child; forbid child -holding-> gun }', "P305"),
    ('group "g" { severity low severity high\n forbid child -holding-> gun }', "P301"),
    ('group "g" { severity lwo\n forbid child -holding-> gun\n forbid child -riding-> gun }', "P302"),
    ('group "g"\nforbid child -holding-> gun\n}', "P019"),
    ('group g {\nforbid child -holding-> gun\n}', "P018"),
    ('severity low', "P011"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code"), GROUP_FAULTS)
def test_one_message_for_each_fault_of_a_group(text: str, code: str) -> None:
    assert [c for c, _ in errors(text)] == [code]


def test_rules_of_a_faulty_group_are_still_read() -> None:
    assert [r.id for r in read("group g {\nforbid child -holding-> gun\n}").graph.resolved.rules] == ["R1"]


def test_expectations() -> None:
    text = """forbid child -holding-> gun; allow child -riding-> bicycle
## the first
expect "a child holding a gun" forbidden by R1
expect child -riding-> * allowed by A1; expect child -ridden_by-> wine unspecified
"""
    found = read(text)
    assert found.diagnostics == ()
    first, second, third = found.graph.resolved.expects
    assert (first.sentence, first.pattern, first.verdict, first.rule) == (
        "a child holding a gun", None, "forbidden", "R1",
    )  # fmt: skip
    assert first.doc == "the first"
    assert (second.pattern, second.verdict, second.rule) == (("child", "riding", "*"), "allowed", "A1")
    assert (third.about, third.verdict, third.rule) == ("child -ridden_by-> wine", "unspecified", None)


EXPECT_FAULTS = [
    ('expect "x" forbidden by R2', "P601", "this policy has no rule `R2`"),
    ('expect "x" forbidden by A1', "P601", "A1 is an `allow`: it cannot make anything forbidden"),
    ("expect kid -holding-> gun forbidden", "P602", "no rule and no declaration speaks of a concept `kid`"),
    ('expect "" forbidden', "P603", "this sentence is empty"),
    ('expect "x" unspecified by R1', "P019", "expected the end of the statement, not `by`"),
    ('expect "x"', "P019", "an expectation ends with `forbidden`, `allowed` or `unspecified`"),
]


@pytest.mark.parametrize(("text", "code", "message"), EXPECT_FAULTS)
def test_expectations_that_test_nothing(text: str, code: str, message: str) -> None:
    found = errors("forbid child -holding-> gun; allow child -riding-> bicycle\n" + text)
    assert [c for c, _ in found] == [code]
    assert found[0][1].startswith(message)


def test_an_expectation_changes_no_set() -> None:
    rule = "forbid child -holding-> gun\n"
    with_test, without = read(rule + 'expect man -holding-> gun unspecified'), read(rule)  # fmt: skip
    assert with_test.diagnostics == ()
    assert with_test.graph.resolved.concepts == without.graph.resolved.concepts
