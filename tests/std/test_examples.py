"""The example policies over the library: they check clean, and each sentence that they expect is decided as they say.

Sentences are read here by the library's forms, without the compiler's own reading of them.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from proscribe.compiler.graph.derive import Derived
from proscribe.compiler.pipeline import load
from proscribe.compiler.resolve.expects import Expectation
from proscribe.compiler.world.cells import Cell

sys.path.insert(0, str(Path(__file__).parent))
from std_page import ROOT, library

EXAMPLES = tuple(sorted((ROOT / "policies" / "examples").glob("*.policy")))
INVERSE = {name.name: name.inverse for file in library() for name in file.names if name.inverse}


def derived_of(path: Path) -> Derived:
    derived, found = load(path)
    assert [str(d) for d in found if d.severity != "note"] == []
    assert derived is not None
    return derived


def words_of(derived: Derived) -> dict[tuple[str, str], set[str]]:
    """Which names a form may stand for, by kind; inverse relations by the library's text."""
    words: dict[tuple[str, str], set[str]] = defaultdict(set)
    for concept in (*derived.concepts, *derived.relations):
        if concept.name not in INVERSE:
            for form in concept.forms:
                words[concept.kind, form].add(concept.name)
    for file in library():
        for name in file.names:
            for form in name.forms if name.inverse else ():
                words[name.kind, form].add(name.name)
    return words


def cells_of(sentence: str, words: dict[tuple[str, str], set[str]]) -> Iterator[Cell]:
    """Every reading of a sentence: all splits into subject, relation and object."""
    parts = sentence.split()
    for i in range(1, len(parts) - 1):
        for j in range(i + 1, len(parts)):
            said = (" ".join(parts[:i]), " ".join(parts[i:j]), " ".join(parts[j:]))
            for subject in words["concept", said[0]]:
                for relation in words["relation", said[1]]:
                    for obj in words["concept", said[2]]:
                        base = INVERSE.get(relation)
                        yield Cell(obj, base, subject) if base else Cell(subject, relation, obj)


def decided(derived: Derived, cell: Cell) -> tuple[str, set[str]]:
    """The verdict on a cell, and the rules that cover it."""
    for kind, verdict in (("forbid", "forbidden"), ("allow", "allowed")):
        rules = {extent.rule.id for extent in derived.graph.of_kind(kind) if cell in extent.cells}
        if rules:
            return verdict, rules
    return "unspecified", set()


def test_there_are_three_examples_and_the_readme_names_them() -> None:
    assert [path.stem for path in EXAMPLES] == ["animals_food", "minors_alcohol", "workplace"]
    readme = (ROOT / "policies" / "examples" / "README.md").read_text("utf-8")
    assert all(f"`{path.name}`" in readme for path in EXAMPLES)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_rule_of_an_example_covers_cells_and_says_why(path: Path) -> None:
    derived = derived_of(path)
    for extent in derived.graph.of_kind("forbid"):
        assert extent.cells
        assert extent.rule.because
        assert extent.rule.doc or extent.rule.group


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_expected_sentences_are_decided_as_expected(path: Path) -> None:
    derived = derived_of(path)
    words = words_of(derived)
    tested: set[str] = set()
    sentences: list[Expectation] = [expect for expect in derived.expects if expect.sentence]
    for expect in sentences:
        read = set(cells_of(expect.sentence, words))
        assert len(read) == 1, f"{expect.sentence}: {read}"
        verdict, rules = decided(derived, read.pop())
        assert verdict == expect.verdict, expect.sentence
        if expect.rule:
            assert expect.rule in rules, expect.sentence
            tested.add(expect.rule)
    assert {"allowed", "forbidden", "unspecified"} == {expect.verdict for expect in sentences}
    assert tested == {extent.rule.id for extent in derived.graph.of_kind("forbid")}, "each rule has a sentence"
