"""`use`: what a file takes from another, and what is said where that goes wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from proscribe.compiler.messages.diagnostics import render
from proscribe.compiler.pipeline import Analysis, analyse, analyse_file, load, loads
from proscribe.compiler.resolve.imports import library, target
from proscribe.compiler.syntax.parse import source_of

HEAD = 'policy "p" edition 2026\n'


def used(text: str, **files: str) -> Analysis:
    """A policy in the folder `dir`, with other files there that are nowhere on disk; `up_x` is `x` one above."""
    overlay = {
        (f"{name.removeprefix('up_')}.policy" if name.startswith("up_") else f"dir/{name}.policy"): content
        for name, content in files.items()
    }
    return analyse(source_of("dir/p.policy", (HEAD + text).encode()), overlay)


def codes(found: Analysis) -> list[tuple[str, str, int]]:
    return [(d.code, d.span.file, d.span.line) for d in found.diagnostics]


def forms(found: Analysis) -> dict[str, tuple[str, ...]]:
    resolved = found.graph.resolved
    return {c.name: c.forms for c in (*resolved.concepts, *resolved.relations)}


PEOPLE = 'concept child as "a child"; concept teen\nconcept minor = child | teen\nrelation seeing as "looking at"'


def test_a_used_file_gives_its_names_and_those_that_it_uses() -> None:
    found = used(
        'use "./people"\nforbid minor -seeing-> gun', people='use "../tools"\n' + PEOPLE, up_tools="concept gun"
    )
    assert codes(found) == []
    assert [str(cell) for cell in found.graph.extents[0].cells] == ["child -seeing-> gun", "teen -seeing-> gun"]
    assert [source.path for source in found.others] == ["dir/people.policy", "tools.policy"]
    homes = {c.name: c.span and c.span.file for c in found.graph.resolved.concepts}
    assert homes["gun"] == "tools.policy"
    assert homes["child"] == "dir/people.policy"


@pytest.mark.parametrize("said", ["./people", "people.policy", "people", "../dir/people", "./people.policy"])
def test_ways_to_say_a_file(said: str) -> None:
    assert target(said, "dir/p.policy") == os.path.join("dir", "people.policy")


def test_the_library() -> None:
    assert target("std/people", "dir/p.policy") == os.path.join(library(), "people.policy")
    found = used('use "std/people"\nconcept gun; relation seeing\nforbid minor -seeing-> gun')
    assert codes(found) == []
    assert len(found.graph.extents[0].cells) > 1


def test_rules_of_a_used_file_stay_its_own_and_are_noted_once() -> None:
    text = 'use "./a"; use "./b"\nforbid child -seeing-> teen'
    found = used(text, a='use "./people"', b='use "./people"', people=PEOPLE + "\nforbid teen -seeing-> child")
    (note,) = found.diagnostics
    assert (note.code, note.severity) == ("P503", "note")
    assert note.message.startswith("its 1 rule stays its own")
    assert [rule.id for rule in found.graph.resolved.rules] == ["R1"]
    assert len(found.graph.extents[0].cells) == 1


def test_a_name_takes_forms_and_parents_from_a_file_that_uses_its_home() -> None:
    text = 'use "./people"\nconcept child : pupil as "a kid"\nconcept teen as "a teen girl"\nconcept pupil\n'
    found = used(text + "forbid pupil -seeing-> teen", people=PEOPLE)
    assert codes(found) == []
    assert forms(found)["child"] == ("a child", "a kid")
    assert forms(found)["teen"] == ("teen", "a teen girl"), "its own form is not lost"
    assert [str(cell) for cell in found.graph.extents[0].cells] == ["child -seeing-> teen"]
    (child,) = [c for c in found.graph.resolved.concepts if c.name == "child"]
    assert child.parents == ("minor", "pupil")
    assert child.span is not None
    assert child.span.file == "dir/people.policy"


SECOND_HOMES = [
    ("concept child", "take it away: dir/people.policy declares it"),
    ("concept minor = child | elder", "say it on the members instead: `concept child : minor`"),
    ("relation seeing symmetric", "take it away: dir/people.policy declares it"),
]


@pytest.mark.parametrize(("text", "hint"), SECOND_HOMES)
def test_a_second_home_is_an_error_that_shows_both(text: str, hint: str) -> None:
    found = used('use "./people"\n' + text + "\nforbid child -seeing-> teen", people=PEOPLE)
    (error,) = [d for d in found.diagnostics if d.severity == "error"]
    assert (error.code, error.span.file, error.hint) == ("P504", "dir/p.policy", hint)
    assert [r.span.file for r in error.related] == ["dir/people.policy"]
    shown = render(error, found.source, found.others)
    assert "concept child as" in shown or "concept minor = child" in shown or "relation seeing" in shown


def test_two_files_that_do_not_use_each_other_cannot_share_a_name() -> None:
    both = {"a": 'concept child as "x"', "b": 'concept child as "y"'}
    assert ("P504", "dir/b.policy", 1) in codes(used('use "./a"; use "./b"', **both))
    turned = codes(used('use "./b"; use "./a"', **both))
    assert ("P504", "dir/b.policy", 1) in turned, "whatever the order of the uses"


def test_a_ring_is_named_whole() -> None:
    found = used('use "./a"', a='use "./b"', b='concept x; use "./p"', p="")
    (error,) = found.diagnostics
    assert (error.code, error.span.file) == ("P502", "dir/p.policy")
    assert error.message == (
        "these files use each other: `dir/p.policy` uses `dir/a.policy` uses `dir/b.policy` uses `dir/p.policy`"
    )
    assert [r.span.file for r in error.related] == ["dir/a.policy", "dir/b.policy"]
    (error, *_) = used('use "./p"').diagnostics
    assert (error.code, error.message) == ("P502", "this file uses itself")


def test_a_diamond_is_read_once() -> None:
    text = 'use "./a"; use "./b"\nforbid child -seeing-> teen'
    found = used(text, a='use "./people"', b='use "people.policy"', people=PEOPLE)
    assert codes(found) == []
    assert [source.path for source in found.others].count("dir/people.policy") == 1


def test_faults_of_a_used_file_are_shown_in_its_own_text() -> None:
    found = used('use "./people"\nforbid child -seeing-> x', people=PEOPLE + "\nconcept = y")
    (error,) = [d for d in found.diagnostics if d.severity == "error"]
    assert (error.code, error.span.file, error.span.line) == ("P016", "dir/people.policy", 4)
    assert "4 | concept = y" in render(error, found.source, found.others)
    assert found.derived is None


def test_missing_files(tmp_path: Path) -> None:
    (tmp_path / "people.policy").write_text("concept child")
    main = tmp_path / "main.policy"
    main.write_text(HEAD + 'use "./peopel"\nuse "std/alcohl"\nuse ""\nuse "./no/x"\nuse "./people"; use "people"')
    found = analyse_file(main)
    missing = [(d.code, d.hint) for d in found.diagnostics if d.code in ("P501", "P507")]
    assert missing[:3] == [
        ("P501", "did you mean `./people`?"),
        ("P501", "did you mean `std/alcohol`?"),
        ("P507", 'write `use "std/people"`'),
    ]
    assert missing[3][1].startswith("there is no folder `")
    assert [d.code for d in found.diagnostics if d.severity == "warning" and d.code.startswith("P5")] == ["P506"]


def test_what_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "folder.policy").mkdir()
    main = tmp_path / "main.policy"
    main.write_text(HEAD + 'use "./folder"\nuse "a\\u0000b"')
    assert next(d.code for d in analyse_file(main).diagnostics if d.severity == "error") == "P505"


def test_an_overlay_is_read_before_the_disk(tmp_path: Path) -> None:
    (tmp_path / "people.policy").write_text("concept child")
    main = tmp_path / "main.policy"
    main.write_text(HEAD + 'use "./people"\nforbid child -x-> y; relation x; concept y')
    assert codes(analyse_file(main)) == []
    found = analyse_file(main, {str(tmp_path / "people.policy"): "concept kid"})
    assert [d.code for d in found.diagnostics] == ["P201"]


def test_a_library_needs_no_policy_line_and_no_rule() -> None:
    assert analyse(source_of("p.policy", PEOPLE.encode())).diagnostics == ()
    found = analyse(source_of("p.policy", (HEAD + PEOPLE).encode()))
    assert [d.code for d in found.diagnostics] == ["P104"], "who writes a policy line means a policy"


def test_a_file_of_the_library_is_named_as_use_names_it() -> None:
    _, found = loads('use "std/people"\nconcept child\nrelation r; concept wine\nforbid child -r-> wine\n')
    (fault,) = [d for d in found if d.code == "P504"]
    assert fault.message == "the concept `child` has its home in `std/people` and is declared here again"
    assert fault.hint == "take it away: std/people declares it"


def test_the_file_itself_is_never_what_was_meant(tmp_path: Path) -> None:
    path = tmp_path / "minors.policy"
    path.write_text('policy "p" edition 2026\nuse "./minor"\n')
    (fault,) = [d for d in load(path)[1] if d.code == "P501"]
    assert (fault.hint, fault.fix) == ("", None)
    (tmp_path / "miners.policy").write_text("concept miner\n")
    (fault,) = [d for d in load(path)[1] if d.code == "P501"]
    assert fault.hint == "did you mean `./miners`?"


def test_library_files_written_as_elsewhere() -> None:
    written = {
        "std.people": "std/people",
        "STD/People": "std/people",
        "std/foods": "std/food",
        "std/std/toys": "std/toys",
    }
    for wrong, right in written.items():
        (fault,) = [d for d in loads(f'use "{wrong}"\n')[1] if d.code == "P501"]
        assert f"`{right}`" in fault.hint
        assert fault.fix is not None
        assert fault.fix.replacement == f'"{right}"'
    (fault,) = [d for d in loads('use "people"\n', "/nowhere/p.policy")[1] if d.code == "P501"]
    assert fault.hint == "did you mean `std/people`? files of the standard library begin with `std/`"
    assert fault.fix is None
