"""Which conflict is told, and with which witness; also where a file has more messages than are kept."""

from __future__ import annotations

import pytest
from proscribe.compiler.graph import conflicts
from proscribe.compiler.graph.relations import RelationGraph
from proscribe.compiler.messages.diagnostics import MAX_DIAGNOSTICS, Diagnostic, Diagnostics, Span
from proscribe.compiler.pipeline import analyse
from proscribe.compiler.syntax.parse import source_of

HEAD = """policy "p" edition 2026
concept minor = child | teen; concept adult = man | woman; concept person = minor | adult
concept child; concept teen; concept man; concept woman
concept alcohol = wine | beer; concept wine; concept beer; concept juice; concept hat
relation drinking; relation sipping; relation holding; relation held_by inverse holding
relation using = drinking | held_by; relation touching = drinking | holding
"""
# More than 200 warnings that have nothing to do with the conflicts, all of them found before.
CROWD = "".join(f"forbid somebody{n} -drinking-> something{n}\n" for n in range(MAX_DIAGNOSTICS))


def found_in(text: str) -> tuple[Diagnostic, ...]:
    return analyse(source_of("p.policy", (HEAD + text).encode())).diagnostics


def graph_of(text: str) -> RelationGraph:
    return analyse(source_of("p.policy", (HEAD + text).encode())).graph


LATE = {
    "an allow within a forbid": "forbid minor -drinking-> alcohol\nallow child -drinking-> wine\n",
    "an allow equal to a forbid": "forbid minor -drinking-> wine\nallow minor -drinking-> wine\n",
    "an allow across a forbid": "forbid minor -drinking-> wine\nallow child -drinking-> alcohol\n",
    # Between the allow's names, and not within its cells: a child holding wine is not allowed.
    "an allow in two boxes": "forbid child -touching-> wine\nallow child -using-> wine\n",
    "a forbid equal to an allow in two boxes": "forbid child -using-> wine\nallow child -using-> wine\n",
}


@pytest.mark.parametrize("rules", LATE.values(), ids=LATE.keys())
def test_an_error_is_heard_however_many_warnings_there_are(rules: str) -> None:
    found = found_in(CROWD + rules)
    assert [d.code for d in found if d.severity == "error"] == ["P401"]
    assert len(found) == MAX_DIAGNOSTICS + 1


@pytest.mark.parametrize(
    "rules",
    [
        "forbid child -drinking-> wine\nallow minor -drinking-> alcohol\n",
        "forbid child -drinking-> wine\nallow child -drinking-> juice\n",
        "forbid child -held_by-> wine\nallow child -using-> wine\n",
    ],
)
def test_what_is_no_error_is_not_added_to_a_crowd(rules: str) -> None:
    found = found_in(CROWD + rules)
    assert {d.code for d in found} == {"P201"}
    assert len(found) == MAX_DIAGNOSTICS


@pytest.mark.parametrize("kind", ["allow", "forbid"])
def test_the_pass_gives_the_graph_on_unchanged(kind: str) -> None:
    graph = graph_of(f"{kind} child -drinking-> wine")
    assert conflicts.run(graph, Diagnostics()) is graph
    settled = Diagnostics()
    for _ in range(MAX_DIAGNOSTICS):
        settled.error("P999", "one of many", Span("p.policy", 1, 1, 1, 2))
    assert settled.is_settled
    assert conflicts.run(graph, settled) is graph


def same_picture(text: str) -> Diagnostic:
    (found,) = [d for d in found_in(text) if d.code == "P408"]
    return found


def test_the_witness_of_two_names_in_one_picture_is_the_first_of_the_alphabet() -> None:
    """Whichever of the boxes of a rule it comes from."""
    found = same_picture("forbid person -*-> liquor except child -drinking-> liquor; allow minor -*-> wine")
    assert found.message == (
        "`child -drinking-> wine` is allowed, but a picture of it shows the forbidden `child -sipping-> liquor`"
    )


def test_the_forbidden_cell_of_the_message_is_one_that_the_picture_shows() -> None:
    found = same_picture("concept bad = hat | liquor; forbid child -drinking-> bad; allow child -drinking-> wine")
    assert found.message.endswith("shows the forbidden `child -drinking-> liquor`")


def test_two_names_in_one_picture_have_a_hint_for_the_slot_in_which_they_differ() -> None:
    found = same_picture("forbid child -drinking-> liquor; allow child -drinking-> wine")
    assert found.hint == "if `wine` is part of `liquor`, say so: `concept wine : liquor`"
    found = same_picture('relation quaffing as "drinking"; forbid child -quaffing-> wine; allow child -drinking-> wine')
    assert found.hint == "if `drinking` is part of `quaffing`, say so: `relation drinking : quaffing`"


def test_an_instead_that_is_forbidden_says_what_to_name() -> None:
    (found,) = found_in("forbid minor -drinking-> alcohol instead wine")
    assert found.hint == "write for example `instead juice`: no rule forbids `child -drinking-> juice`"
    found = next(d for d in found_in("forbid child -drinking-> wine instead holding; forbid child -holding-> wine"))
    assert (found.code, found.hint) == ("P405", "name a relation that no rule forbids there")
