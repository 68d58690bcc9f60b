"""Statements are read, faults cost one statement each, and nothing that bytes can be makes a traceback."""

from __future__ import annotations

import random

import pytest
from proscribe.compiler.messages.diagnostics import MAX_DIAGNOSTICS, Diagnostic, Diagnostics, render
from proscribe.compiler.pipeline import compile_source
from proscribe.compiler.syntax import parse
from proscribe.compiler.syntax.nodes import Declaration, Expect, Pattern, Policy, PolicyLine, RuleStatement


def read(text: str | bytes) -> tuple[Policy, tuple[Diagnostic, ...]]:
    diagnostics = Diagnostics()
    data = text.encode() if isinstance(text, str) else text
    policy = parse.run(parse.source_of("p.policy", data), diagnostics)
    return policy, diagnostics.sorted()


def test_the_two_rule_example_word_for_word() -> None:
    policy, found = read("forbid child -drinking-> alcohol; allow adult -drinking-> wine")
    assert not found
    first, second = policy.statements
    assert isinstance(first, RuleStatement)
    assert isinstance(second, RuleStatement)
    assert (first.kind, first.pattern.subject.text, first.pattern.relation.text) == (
        "forbid",
        "child",
        "drinking",
    )
    assert (second.kind, second.text) == ("allow", "allow adult -drinking-> wine")
    assert (second.span.column, second.span.end_column) == (35, 63)


def test_every_statement_and_clause() -> None:
    policy, found = read("""
        policy "minors and alcohol" edition 2026   # a comment; with a semicolon
        concept child : person, pupil as "child", "young boy"
        concept alcohol = wine | beer |
            whisky
        forbid child -consuming-> alcohol
            # a comment between clauses
            except communion_wine, teen -sipping-> beer

            instead juice because "age; of # consent"
            severity high
            require breach <= 5%, retention >= 97.5 %
        expect "toddler sipping merlot" forbidden by R1; expect "x" allowed
    """)
    assert not found
    line, child, alcohol, rule, expect, expect_allowed = policy.statements
    assert isinstance(line, PolicyLine)
    assert line.name.text == "minors and alcohol"
    assert isinstance(child, Declaration)
    assert [w.text for w in child.parents] == ["person", "pupil"]
    assert [w.text for w in child.forms] == ["child", "young boy"]
    assert isinstance(alcohol, Declaration)
    assert [w.text for w in alcohol.members] == ["wine", "beer", "whisky"]
    assert isinstance(rule, RuleStatement)
    assert [c.keyword.text for c in rule.clauses] == ["except", "instead", "because", "severity", "require"]
    assert isinstance(rule.clauses[0].names[1], Pattern)
    assert rule.clauses[2].value is not None
    assert rule.clauses[2].value.text == "age; of # consent"
    assert [b.amount.text for b in rule.clauses[4].bounds] == ["5%", "97.5 %"]
    assert isinstance(expect, Expect)
    assert expect.rule is not None
    assert isinstance(expect_allowed, Expect)
    assert expect_allowed.verdict == "allowed"


SLIPS = [
    ("forbid child -> wine", "P015", 14, "this arrow names no relation"),
    ("forbid child => wine", "P015", 14, "`=>` is not the language's arrow"),
    ("forbid child drinking wine", "P015", 14, "the relation is missing its arrow"),
    ("forbid child -drinking wine", "P015", 24, "the arrow is not finished"),
    ("forbid child --> wine", "P015", 15, "this arrow names no relation"),
    ("forbid child —drinking→ wine", "P015", 14, "`—` is not the language's arrow"),
    ("forbid child -drinking->", "P016", 25, "a name is missing at the end of the statement"),
    ("forbid a -b-> c instead because 'x'", "P016", 25, "a name is missing before `because`"),
    ("forbid forbid -x-> y", "P012", 8, "`forbid` is a word of the language and cannot be a name"),
    ("concept policy", "P012", 9, "`policy` is a word of the language and cannot be a name"),
    ("forbid child -pointing at-> gun", "P017", 24, "a name has no spaces"),
    ("concept e-scooter", "P017", 10, "a name has letters, digits and `_` only"),
    ("concept 2nd", "P017", 9, "a name begins with a letter"),
    ("concept a b", "P017", 11, "`b` is one word too many"),
    ("concept " + "a" * 65, "P017", 9, "this name has 65 letters; the longest may have 64"),
    ('forbid a -b-> c\n  becuase "x"', "P013", 3, "`becuase` does not carry on a rule"),
    ('concept a as "wine', "P003", 14, "this quote is never closed on its line"),
    ("concept a as “wine”", "P004", 14, "`“` is not a quote of the language"),
    ("concept a as wine", "P018", 14, "a text stands in double quotes"),
    (
        "forbid a -b-> c allow d -e-> f",
        "P014",
        17,
        "a new statement begins with `allow` before this one has ended",
    ),
    ("a -b-> c", "P010", 1, "a statement cannot begin with `a`"),
    ("forbid a -b-> c; except d", "P011", 18, "`except` carries on a `forbid`, and none stands before it"),
    ("use std", "P018", 5, "a text stands in double quotes"),
    ("concept a = b, c", "P019", 14, "expected `as`, `|` or the end of the statement, not `,`"),
    ("forbid a, d -b-> c", "P017", 9, "each slot of a rule takes one name"),
    ("forbid a -b | e-> c", "P017", 13, "each slot of a rule takes one name"),
    ("forbid a -b-> c | d", "P017", 17, "each slot of a rule takes one name"),
    ("forbid a -b-> c require breach <= 5% retention >= 98%", "P013", 38, "a `,` is missing before"),
    ("forbid a -b-> @", "P019", 15, "`@` means nothing here"),
    ("concept a\x00b", "P002", 10, "the character U+0000 does not belong in a policy"),
    ("# left-to-right \u202e is hidden", "P002", 17, "the character U+202E does not belong in a policy"),
]


@pytest.mark.parametrize(("text", "code", "column", "message"), SLIPS)
def test_common_slips_have_their_own_message(text: str, code: str, column: int, message: str) -> None:
    _, found = read(text)
    assert [(d.code, d.severity, d.span.column) for d in found] == [(code, "error", column)]
    assert found[0].message.startswith(message)


def test_a_message_on_the_page() -> None:
    policy, found = read("concept wine\n\tfrobid child -drinking-> wine\nforbid 日本 -> wine")
    assert [render(d, policy.source) for d in found] == [
        "p.policy:2:2: error[P010]: a statement cannot begin with `frobid`; it begins with `policy`, `use`, "
        "`concept`, `relation`, `forbid`, `allow`, `expect` or `group`\n"
        "2 | \tfrobid child -drinking-> wine\n"
        "  | \t^^^^^^\n"
        "  = hint: did you mean `forbid`?\n",
        "p.policy:3:11: error[P015]: this arrow names no relation\n"
        "3 | forbid 日本 -> wine\n"
        "  |             ^^\n"
        "  = hint: write `日本 -RELATION-> wine`\n",
    ]


def test_all_faults_in_one_run_and_one_for_each_statement() -> None:
    policy, found = read("""forbid child -drinking->
allow adult -drinking-> wine
concept = =
forbid -x-> y -> z
    because "unclosed
    severity wrong "more"
concept ok
forbid a -b-> c""")
    assert [d.span.line for d in found] == [1, 3, 4]
    assert [type(s).__name__ for s in policy.statements] == ["RuleStatement", "Declaration", "RuleStatement"]


@pytest.mark.parametrize("text", ["forbid a -b-> c\n", "forbid a -b-> c\r\n  severity low\r\n", "forbid a -b-> c\r"])
def test_line_ends_tabs_and_byte_order_mark(text: str) -> None:
    plain, _ = read(text)
    marked, found = read(b"\xef\xbb\xbf" + text.replace(" ", "\t").encode())
    assert not found
    assert len(plain.statements) == len(marked.statements) == 1
    assert marked.statements[0].span.line == 1
    assert marked.statements[0].span.column == 1


def test_bytes_that_are_not_utf8() -> None:
    _, found = read(b"concept caf\xe9\nconcept ok\n# na\xefve")
    assert [(d.code, d.span.line, d.span.column) for d in found] == [("P001", 1, 12), ("P001", 3, 5)]
    _, found = read("concept a\n".encode("utf-16"))
    assert [d.code for d in found] == ["P001"]


def test_composed_and_decomposed_letters_are_one_name() -> None:
    policy, found = read("concept cafe\u0301\nconcept caf\u00e9")
    assert not found
    assert len({s.name.text for s in policy.statements if isinstance(s, Declaration)}) == 1


def test_random_bytes_never_make_a_traceback() -> None:
    dice = random.Random(7)
    words = [
        "forbid",
        "allow",
        "child",
        "-x->",
        "-*->",
        "*",
        "wine",
        "concept",
        "=",
        "|",
        ":",
        "as",
        '"',
        "“",
        ";",
        "#",
        "\n",
        "except",
        "require",
        "breach<=5%",
        "use",
    ]
    for turn in range(300):
        if turn % 2:
            data = bytes(dice.randrange(256) for _ in range(dice.randrange(120)))
        else:
            data = " ".join(dice.choice(words) for _ in range(dice.randrange(40))).encode()
        derived, source, found = compile_source(parse.source_of("p.policy", data))
        assert all(render(d, source) for d in found)
        assert (derived is None) == any(d.severity == "error" for d in found)


@pytest.mark.parametrize("data", [b"a" * 1_000_000, b'"' * 1_000_000, b"forbid a -" + b"-" * 100_000, b"\x00" * 9999])
def test_a_long_line_is_shown_in_part(data: bytes) -> None:
    _, source, found = compile_source(parse.source_of("p.policy", data))
    assert len(found) == 1
    assert len(render(found[0], source)) < 800


def test_hopeless_files_stop_somewhere() -> None:
    _, found = read("x;" * 10_000)
    assert len(found) == MAX_DIAGNOSTICS
