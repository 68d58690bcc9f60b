"""Rules that contradict each other or themselves."""

from __future__ import annotations

import pytest
from proscribe.compiler.messages.diagnostics import Diagnostic, render
from proscribe.compiler.pipeline import compile_source
from proscribe.compiler.syntax.parse import source_of

HEAD = """policy "p" edition 2026
concept minor = child | teen; concept adult = man | woman; concept person = minor | adult
concept child; concept teen; concept man; concept woman
concept alcohol = wine | beer; concept wine; concept beer; concept juice; concept hat
relation drinking; relation sipping; relation holding
"""


def messages(text: str) -> list[Diagnostic]:
    return list(compile_source(source_of("p.policy", (HEAD + text).encode()))[2])


OVERLAPS = [
    ("forbid minor -drinking-> alcohol; allow minor -drinking-> alcohol", "is the same as what R1 forbids"),
    ("forbid minor -drinking-> alcohol; allow child -drinking-> alcohol", "lies within what R1 forbids"),
    ("forbid minor -drinking-> alcohol; allow child -*-> wine", "overlap in 1 of its 3 cells"),
    ("allow person -drinking-> wine; forbid minor -drinking-> alcohol", "overlap in 2 of its 4 cells"),
    ("forbid minor -drinking-> alcohol except teen; allow minor -drinking-> wine", "overlap in 1 of its 2"),
]


@pytest.mark.parametrize(("text", "message"), OVERLAPS)
def test_an_allow_against_a_forbid_is_an_error_with_a_witness(text: str, message: str) -> None:
    (found,) = messages(text)
    assert (found.code, found.severity) == ("P401", "error")
    assert message in found.message
    assert found.message.endswith("both cover `child -drinking-> wine`") or "beer`" in found.message
    assert [r.message for r in found.related] == ["R1 forbids it here"]
    assert found.hint.startswith("if it is meant to be allowed, write `except ")


def test_the_suggested_except_solves_it() -> None:
    rule = "forbid minor -drinking-> alcohol except child -*-> wine; allow child -*-> wine"
    assert messages(rule) == []


def test_a_forbid_within_an_allow_is_a_note() -> None:
    (found,) = messages("allow person -drinking-> alcohol; forbid minor -drinking-> wine")
    assert (found.code, found.severity) == ("P402", "note")


def test_the_overlap_error_on_the_page() -> None:
    text = "forbid child -drinking-> alcohol\nallow child -drinking-> wine"
    _, source, found = compile_source(source_of("p.policy", (HEAD + text).encode()))
    assert "".join(render(d, source) for d in found) == (
        "p.policy:7:7: error[P401]: this allow lies within what R1 forbids: "
        "both cover `child -drinking-> wine`\n"
        "7 | allow child -drinking-> wine\n"
        "  |       ^^^^^^^^^^^^^^^^^^^^^^\n"
        "  = R1 forbids it here (p.policy:6:8):\n"
        "6 | forbid child -drinking-> alcohol\n"
        "  |        ^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  = hint: if it is meant to be allowed, write `except child -drinking-> wine` on R1\n"
    )


FAULTS = [
    ("forbid minor -drinking-> alcohol except alcohol", "P404", "error"),
    ("forbid minor -drinking-> alcohol except hat", "P403", "warning"),
    ("forbid minor -drinking-> alcohol instead wine", "P405", "error"),
    ("forbid minor -drinking-> alcohol instead teen; forbid teen -drinking-> *", "P405", "error"),
    (
        "allow child -drinking-> juice; forbid child -drinking-> liquor; allow child -drinking-> wine",
        "P408",
        "warning",
    ),
]


@pytest.mark.parametrize(("text", "code", "severity"), FAULTS)
def test_faults(text: str, code: str, severity: str) -> None:
    assert (code, severity) in [(d.code, d.severity) for d in messages(text)]


def test_wildcards_need_something_declared_and_have_an_end() -> None:
    def codes(text: str) -> list[str]:
        found = compile_source(source_of("p.policy", text.encode()))[2]
        return [d.code for d in found if d.severity == "error"]

    assert codes("forbid * -drinking-> wine") == ["P407"]
    many = "".join(f"concept c{i};" for i in range(150))
    assert codes(many + "relation r; forbid * -r-> *") == []
    found = compile_source(source_of("p.policy", (many + "relation r; forbid * -r-> *").encode()))[2]
    assert ("P406", "warning", "this rule covers 22,500 cells; at most 20,000 can be compiled") in [
        (d.code, d.severity, d.message) for d in found
    ]
    assert codes("forbid a -b-> c\n" * 501) == []
