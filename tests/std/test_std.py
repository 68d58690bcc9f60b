"""The standard library: what it holds, that its names and forms are nobody else's, and that policies use it."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from proscribe.compiler.pipeline import load, loads
from proscribe.compiler.world.cells import Slot
from proscribe.compiler.world.lexicon import WORDS, depicts, plain

sys.path.insert(0, str(Path(__file__).parent))
from std_page import PAGE, STD, File, children_of, library, read, render

FILES = library()
NAMES = tuple(name for file in FILES for name in file.names)
CHILDREN = children_of(FILES)
LEAVES = tuple(name for name in NAMES if not CHILDREN[name.name] and not name.inverse)
FAMILIES = tuple(name for name in NAMES if CHILDREN[name.name])
SLOTS_OF: dict[str, tuple[Slot, ...]] = {"concept": ("subject", "object"), "relation": ("relation",)}
LEXICON = {
    (slot, plain(form)): (word.name, split)
    for slot, words in WORDS.items()
    for word in words
    for split in ("train", "select", "attack")
    for form in word.of(split)
}


def stem(file: File) -> str:
    return file.stem


def everything(rules: str) -> str:
    uses = "\n".join(f'use "std/{file.stem}"' for file in FILES)
    return f'policy "everything" edition 2026\n{uses}\n{rules}'


def test_the_library_is_as_large_as_it_says() -> None:
    kinds = [name.kind for name in NAMES]
    assert kinds.count("concept") >= 750
    assert kinds.count("relation") >= 150
    assert sum(bool(name.inverse) for name in NAMES) >= 20
    assert {"next_to", "facing"} <= {name.name for name in NAMES if name.symmetric}
    assert {path.stem for path in STD.glob("*")} == {file.stem for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=stem)
def test_each_file_checks_clean_by_itself(file: File) -> None:
    _, found = load(STD / f"{file.stem}.policy")
    assert [str(d) for d in found if d.severity != "note"] == []


@pytest.mark.parametrize("file", FILES, ids=stem)
def test_each_file_shows_how_it_is_used(file: File) -> None:
    example = "\n".join(line[4:] for line in file.header if line.startswith("    "))
    assert f'use "std/{file.stem}"' in example
    derived, found = loads(f'policy "example" edition 2026\n{example}\n')
    assert found == ()
    assert derived is not None
    assert all(sets.forget for sets in derived.rules)


def test_a_policy_over_all_files_checks_clean() -> None:
    derived, found = loads(everything("forbid minor -drinking-> alcohol"))
    assert found == ()
    assert derived is not None
    known = {concept.name for concept in (*derived.concepts, *derived.relations)}
    assert known >= {name.name for name in NAMES if not name.inverse}


def test_each_name_has_one_home() -> None:
    homes: dict[str, list[str]] = defaultdict(list)
    for name in NAMES:
        homes[name.name].append(name.file)
    assert {name: files for name, files in homes.items() if len(files) > 1} == {}


def test_names_of_other_files_come_from_files_that_are_used() -> None:
    home = {name.name: name.file for name in NAMES}
    reach = {file.stem: {file.stem, *(use.removeprefix("std/") for use in file.uses)} for file in FILES}
    mentions = {(name.file, other) for name in NAMES for other in (*name.parents, *name.members, name.inverse) if other}
    assert [(file, other) for file, other in sorted(mentions) if home.get(other) not in reach[file]] == []


@pytest.mark.parametrize("kind", ["concept", "relation"])
def test_no_form_is_said_of_two_names(kind: str) -> None:
    said: dict[str, set[str]] = defaultdict(set)
    for name in NAMES:
        for form in name.forms:
            if name.kind == kind:
                said[plain(form)].add(name.name)
    assert {form: names for form, names in said.items() if len(names) > 1} == {}


def test_a_name_has_several_forms_and_none_twice() -> None:
    for name in NAMES:
        least = 3 if name in LEAVES else 2
        assert least <= len(name.forms) <= 6, name.name
        assert len(set(name.forms)) == len(name.forms), name.name


def test_concepts_are_said_with_an_article() -> None:
    """Where the picture world does not know a form, `a` is set before one without: "a tequila"."""
    bare = [
        form
        for name in LEAVES
        for form in name.forms
        if name.kind == "concept"
        and not re.match(r"(a|an|some) \w", form)
        and not any((slot, plain(form)) in LEXICON for slot in SLOTS_OF["concept"])
    ]
    assert bare == []


def test_families_say_what_they_are() -> None:
    assert [name.name for name in FAMILIES if not name.doc.endswith(".")] == []


def test_every_word_of_the_picture_world_is_a_leaf() -> None:
    drawn = {word.name for words in WORDS.values() for word in words}
    assert drawn <= {name.name for name in LEAVES}


def test_the_picture_world_means_the_same() -> None:
    """A form that it knows stands with the same name here, and none that attacks are spoken with."""
    wrong = [
        (name.name, form, known)
        for name in LEAVES
        for form in name.forms
        for slot in SLOTS_OF[name.kind]
        if (known := LEXICON.get((slot, plain(form)))) and known != (name.name, "train")
    ]
    assert wrong == []


def test_no_other_leaf_borrows_its_pictures() -> None:
    drawn = {word.name for words in WORDS.values() for word in words}
    borrowed = [
        name.name
        for name in LEAVES
        for slot in SLOTS_OF[name.kind]
        if name.name not in drawn and depicts(slot, name.name, name.forms)
    ]
    assert borrowed == []


def test_a_policy_over_the_library_means_these_cells() -> None:
    derived, found = loads(
        'policy "p" edition 2026\n'
        'use "std/people"\nuse "std/alcohol"\nuse "std/relations"\n'
        "forbid toddler -pouring-> fortified_wine\n"
        "forbid sherry -drunk_by-> child\n"
        "allow adult -drinking-> wine\n"
    )
    assert found == ()
    assert derived is not None
    assert [{str(item.cell) for item in sets.forget} for sets in derived.rules] == [
        {f"toddler -pouring-> {wine}" for wine in ("port_wine", "sherry", "vermouth")},
        {"child -drinking-> sherry"},
    ]


def test_a_role_says_nothing_of_age() -> None:
    below: dict[str, set[str]] = {}

    def leaves(name: str) -> set[str]:
        if name not in below:
            below[name] = set().union(*map(leaves, CHILDREN[name])) if CHILDREN[name] else {name}
        return below[name]

    assert leaves("minor") == {"toddler", "child", "teenager"}
    assert leaves("adult") == {"man", "woman", "elder"}
    assert leaves("minor").isdisjoint(leaves("worker"))
    assert leaves("weapon").isdisjoint(leaves("toy"))
    assert leaves("alcohol").isdisjoint(leaves("soft_drink"))
    assert leaves("drink") == leaves("alcohol") | leaves("soft_drink") | leaves("hot_drink")
    assert "knife" in leaves("weapon") & leaves("kitchen_tool") & leaves("blade")


def test_the_page_is_written_from_the_files() -> None:
    assert PAGE.read_text("utf-8") == render(), "renew it with `python tests/std/std_page.py`"


def test_the_reader_of_the_page_takes_declarations_only(tmp_path: Path) -> None:
    path = tmp_path / "p.policy"
    path.write_text("# p\n\nforbid child -drinking-> wine\n")
    with pytest.raises(ValueError, match="not a declaration"):
        read(path)
