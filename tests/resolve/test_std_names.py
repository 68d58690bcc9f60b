"""What the standard library declares is told of names that nobody declares."""

from __future__ import annotations

from pathlib import Path

import pytest
from proscribe.compiler.messages.diagnostics import Diagnostic, Diagnostics
from proscribe.compiler.pipeline import analyse
from proscribe.compiler.resolve import std_names
from proscribe.compiler.resolve.imports import library
from proscribe.compiler.resolve.std_names import home_in_std
from proscribe.compiler.syntax import parse
from proscribe.compiler.syntax.parse import source_of
from proscribe.compiler.world import lexicon


def found(text: str) -> tuple[Diagnostic, ...]:
    return analyse(source_of("p.policy", f'policy "p" edition 2026\n{text}'.encode())).diagnostics


def test_the_index_holds_every_declaration_of_the_library_and_nothing_else() -> None:
    declared: dict[tuple[str, str], str] = {}
    for file in Path(library()).glob("*.policy"):
        policy = parse.run(source_of(str(file), file.read_bytes()), Diagnostics())
        declared |= {(d.kind, d.name.text): f"std/{file.stem}" for d in policy.declarations()}
    assert std_names._homes() == declared


def test_every_word_of_the_built_in_world_is_in_it() -> None:
    for slot, words in lexicon.WORDS.items():
        assert all(home_in_std("relation" if slot == "relation" else "concept", word.name) for word in words)


def test_the_hint_names_the_file_to_use() -> None:
    (name,) = found("concept wine; relation drinking; forbid toddler -drinking-> wine")
    assert (name.code, name.hint) == ("P201", 'declare it, or write `use "std/people"`')
    assert not found('use "std/people"; concept wine; relation drinking; forbid toddler -drinking-> wine')


def test_a_word_of_the_library_that_is_near_another_name_is_not_corrected() -> None:
    (near,) = found("concept child; concept ruma; relation drinking; forbid child -drinking-> rum")
    assert near.hint == 'did you mean `ruma`? if not, declare it, or write `use "std/alcohol"`'
    assert near.fix is None


def test_the_library_is_not_read_where_every_name_is_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: str) -> str:
        raise AssertionError("the library was read")

    monkeypatch.setattr("proscribe.compiler.resolve.taxonomy.home_in_std", read)
    assert not found("concept child; concept rum; relation drinking; forbid child -drinking-> rum")
    with pytest.raises(AssertionError, match="was read"):
        found("concept child; relation drinking; forbid child -drinking-> rum")
