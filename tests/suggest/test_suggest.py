"""`proscribe taxonomy suggest`: what is suggested, what is never suggested, and that nothing is written."""

from __future__ import annotations

import doctest
import sys
from collections.abc import Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from proscribe.compiler.cli.exits import Exit
from proscribe.compiler.cli.main import main
from proscribe.compiler.explain import suggest
from proscribe.compiler.explain.suggest import Known, from_embeddings, from_wordnet, known_names
from proscribe.compiler.pipeline import analyse
from proscribe.compiler.resolve.wordnet import WordNet, find_wordnet
from proscribe.compiler.syntax.parse import source_of

_SPEC = spec_from_file_location("fake_wordnet", Path(__file__).with_name("fake_wordnet.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
fake_wordnet = module_from_spec(_SPEC)
_SPEC.loader.exec_module(fake_wordnet)

POLICY = """policy "p" edition 2026
concept tipple = wine | beer
concept wine as "wine"; concept beer as "beer"
concept child as "a child"
relation drinking as "drinking"
forbid child -drinking-> tipple
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return fake_wordnet.write_wordnet(tmp_path / "wordnet")


@pytest.fixture
def wordnet(folder: Path) -> WordNet:
    found = find_wordnet(folder)
    assert found is not None
    return found


def known(kind: str = "concept", text: str = POLICY) -> Known:
    return known_names(analyse(source_of("p.policy", text.encode())), kind)  # type: ignore[arg-type]


def test_the_files_are_read(wordnet: WordNet) -> None:
    (wine,) = wordnet.senses("wine")
    assert (wine.words, wine.gloss, wordnet.version) == (("wine", "vino"), "fermented juice", "WordNet 9.9")
    assert [parent.words[0] for parent in wordnet.above(wine)] == ["alcohol", "beverage"]
    assert wordnet.senses("nothing") == ()
    assert [sense.words for sense in wordnet.senses("quaff", "verb")] == [("quaff", "swig")]


def test_slurs_colours_and_what_no_picture_shows_are_left_out(wordnet: WordNet) -> None:
    (rioja,) = wordnet.senses("rioja")
    assert rioja.words == ("rioja", "Rioja_wine"), "the marked word of a meaning goes, the others stay"
    assert wordnet.left_out("rioja") == 2
    assert wordnet.senses("rudewine") == ()
    assert wordnet.senses("ruffian") == ()
    assert wordnet.senses("rotgut") == (rioja,)
    assert [sibling.words[0] for sibling in wordnet.beside(rioja)] == ["claret"]


def test_a_line_for_a_word_with_its_source(wordnet: WordNet) -> None:
    found = from_wordnet("rioja", known(), wordnet)
    assert found is not None
    place = wordnet.senses("rioja")[0].place
    assert found.lines == (f'concept rioja : wine as "rioja", "rioja wine"  # WordNet 9.9 noun {place}',)
    notes = "\n".join(found.notes)
    for said in ("a wine of Spain", "is a: wine < alcohol < beverage", "beside it: claret", "`wine` is a leaf so far"):
        assert said in notes
    assert "2 meanings left out" in notes
    assert found.uses == ()
    assert "rotgut" not in found.text()


def test_what_is_suggested_can_be_pasted(wordnet: WordNet) -> None:
    for name, kind in (("rioja", "concept"), ("quaffing", "relation")):
        found = from_wordnet(name, known(kind), wordnet)
        assert found is not None
        pasted = analyse(source_of("p.policy", (POLICY + found.text()).encode()))
        assert not [d for d in pasted.diagnostics if d.severity == "error"], found.text()
        names = {c.name for c in (*pasted.graph.resolved.concepts, *pasted.graph.resolved.relations)}
        assert name in names


def test_a_name_of_the_library_wants_a_use(wordnet: WordNet) -> None:
    found = from_wordnet("rioja", known(text='policy "p" edition 2026\nconcept child\n'), wordnet)
    assert found is not None
    assert found.uses == ("std/alcohol",)
    assert found.text().splitlines()[-2] == 'use "std/alcohol"'
    declared = from_wordnet("chainsaw", known(), wordnet)
    assert declared is not None
    assert declared.notes[0].startswith("declared already in std/tools, line ")
    assert (declared.uses, declared.lines) == (("std/tools",), ())


def test_a_word_that_is_another_names_form(wordnet: WordNet) -> None:
    found = from_wordnet("red_wine", known(text=POLICY.replace('as "wine"', 'as "wine", "red wine"')), wordnet)
    assert found is not None
    assert found.notes == ("a word for `wine` already",)


def test_a_relation_is_looked_up_as_a_verb(wordnet: WordNet) -> None:
    found = from_wordnet("quaffing", known("relation"), wordnet)
    assert found is not None
    assert found.lines[0].startswith('relation quaffing : drinking as "quaffing"  # WordNet 9.9 verb ')
    assert from_wordnet("juggling", known("relation"), wordnet) is None


def test_without_wordnet_the_nearest_words_are_asked() -> None:
    def encode(texts: Sequence[str]) -> Sequence[Sequence[float]]:
        angles = {"rioja": (1.0, 0.0), "wine": (0.9, 0.1), "beer": (0.8, 0.2)}
        return [angles.get(text, (0.0, 1.0)) for text in texts]

    found = from_embeddings("rioja", known(), encode, "toy")
    assert "nearest in toy: wine 0.90, beer 0.80" in found.notes[0]
    assert found.lines == (
        'concept rioja : tipple as "rioja"  # beside wine, toy',
        '# or, where it is another word for it: concept wine as "rioja"',
    )


def proscribe(*args: object) -> Result:
    return CliRunner().invoke(main, ["taxonomy", "suggest", *(str(a) for a in args)])


def test_the_command_prints_and_writes_nothing(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    had_torch = "torch" in sys.modules
    monkeypatch.chdir(tmp_path)
    policy = tmp_path / "p.policy"
    policy.write_text(POLICY)
    before = sorted(tmp_path.rglob("*"))
    result = proscribe("Rioja", "wine", "--policy", policy, "--wordnet", folder)
    assert result.exit_code == Exit.GOOD, result.output
    first, second = result.output.split("\n\n")
    assert first.startswith("# rioja\n#   WordNet 9.9, noun ")
    assert second == "# wine\n#   declared already in p.policy:3:9, below `tipple`\n".replace("p.policy", str(policy))
    assert policy.read_text() == POLICY
    assert sorted(tmp_path.rglob("*")) == before
    assert ("torch" in sys.modules) == had_torch


def test_a_near_name_and_a_word_that_wordnet_does_not_have(folder: Path) -> None:
    output = proscribe("riojaa", "--wordnet", folder, "--source", "wordnet").output
    assert output == "# riojaa\n#   WordNet has no meaning of it that a picture could show\n"


def test_what_cannot_be_asked(tmp_path: Path) -> None:
    missing = proscribe("rioja", "--wordnet", tmp_path)
    assert (missing.exit_code, "there is no data.noun" in missing.output) == (Exit.ENVIRONMENT, True)
    assert proscribe("3$").exit_code == Exit.USAGE
    assert proscribe().exit_code == Exit.USAGE


def test_docstring_examples() -> None:
    result = doctest.testmod(suggest)
    assert result.attempted
    assert not result.failed
