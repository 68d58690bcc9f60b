"""What an unknown name may be a slip of, and what it costs to find out."""

from __future__ import annotations

import pytest
from proscribe.compiler.messages import spelling
from proscribe.compiler.messages.spelling import Guess, guess

KNOWN = ["Wine", "teddy_bear", "child", "toddler", "alcohol", "deer", "bear", "сafe", "box"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("wine", Guess("did you mean `Wine`? capital letters count", "Wine")),
        ("teddybear", Guess("did you mean `teddy_bear`?", "teddy_bear")),
        ("cafe", Guess("did you mean `сafe`? some of its letters only look the same", "сafe")),
        ("children", Guess("did you mean `child`? names are in the singular", "child")),
        ("boxes", Guess("did you mean `box`? names are in the singular", "box")),
        ("alchohol", Guess("did you mean `alcohol`?", "alcohol")),
        ("beer", Guess("did you mean `deer` or `bear`?")),
        ("child", Guess()),
        ("umbrella", Guess()),
        ("toddler" * 10, Guess()),
    ],
)
def test_guesses(name: str, said: Guess) -> None:
    assert guess(name, KNOWN) == said
    assert guess(name, frozenset(KNOWN)) == said


def test_two_that_differ_in_the_same_way_leave_a_doubt() -> None:
    assert guess("wine", ["Wine", "WINE"]) == Guess("did you mean `WINE`? capital letters count")
    assert guess("toddlen", ["toddler", "toddles"]).certain is None


def test_a_slip_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor checks the same names at every key."""
    asked: list[str] = []
    real = spelling.near

    def near(name: str, known: frozenset[str]) -> tuple[str, ...]:
        asked.append(name)
        return real(name, known)

    monkeypatch.setattr(spelling, "near", near)
    known = [f"known_thing_{n}" for n in range(600)]
    first = [guess(f"knwon_thing_{n}", frozenset(known)) for n in range(20)]
    assert len(asked) == 20
    assert [guess(f"knwon_thing_{n}", frozenset(known)) for n in range(20)] == first
    assert len(asked) == 20
    guess("knwon_thing_1", frozenset(known[1:]))
    assert len(asked) == 21, "other names are another question"
