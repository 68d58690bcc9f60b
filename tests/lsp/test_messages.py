"""Live messages: of unsaved texts, with versions, over files, in the editor's columns, the same as `check` finds."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from proscribe.compiler.lsp.text import Text
from proscribe.compiler.pipeline import analyse
from proscribe.compiler.syntax.parse import source_of

sys.path.insert(0, str(Path(__file__).parent))
from lsp_editor import Editor, edit, marked

BROKEN = """policy "p" edition 2026
concept child as "😀😀", "a child"; concept cafe\u0301 as "😀" "b"
relation drinking
concept child
forbid child -> wine
forbid child -drinking-> wyne severity hihg; allow child -drinking-> wyne
use "nowhere"
group "g" {
"""
SEEDS = (1, 2, 3)
PIECES = ["forbid ", "child", " -drinking-> ", "\n", "\r\n", "\r", '"', "😀", "e\u0301", "{", "}", ";", "# c", "\u2028"]
PIECES += [
    "\x0c",
    "\u0301",
    "group ",
    'use "std/people"\n',
    "except ",
    "concept x : y = z | w\n",
    "\ufeff",
    "*",
    "\t",
    "\x00",
]


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    with Editor() as editor:
        yield editor


def expected(text: str, path: Path) -> list[tuple[str, int, dict[str, Any]]]:
    """What `check` finds in a file with a text, as the editor should hear it."""
    kinds = {"error": 1, "warning": 2, "note": 3}
    raw = Text.of(text)

    def position(line: int, column: int) -> dict[str, int]:
        found = raw.place(line, column)
        return {"line": found.line, "character": found.character}

    return [
        (
            f"{d.code} {d.message}" + (f"\nhint: {d.hint}" if d.hint else ""),
            kinds[d.severity],
            {
                "start": position(d.span.line, d.span.column),
                "end": position(d.span.end_line, d.span.end_column),
            },
        )
        for d in analyse(source_of(str(path), text.encode())).diagnostics
        if d.span.file == str(path)
    ]


def heard(said: list[dict[str, Any]]) -> list[tuple[str, int, dict[str, Any]]]:
    return [(f"{d['code']} {d['message']}", d["severity"], d["range"]) for d in said]


def test_a_broken_file_says_what_check_says(editor: Editor, tmp_path: Path) -> None:
    path = tmp_path / "broken.policy"
    said = editor.open(path.as_uri(), BROKEN)
    assert heard(said) == expected(BROKEN, path)
    assert {"P015", "P202", "P302", "P501", "P030"} <= {d["code"] for d in said}
    assert {d["source"] for d in said} == {"proscribe"}
    editor.close(path.as_uri())


def test_columns_are_in_utf_16(editor: Editor, tmp_path: Path) -> None:
    uri = (tmp_path / "columns.policy").as_uri()
    text = 'policy "😀" edition 2026; concept 1a; concept cafe\u0301 as "😀"; concept 2b\n'
    said = editor.open(uri, text)
    assert [marked(text, d["range"]) for d in said if d["code"] == "P017"] == ["1", "2"]
    editor.close(uri)


def test_other_units_where_the_editor_wants_them(tmp_path: Path) -> None:
    uri = (tmp_path / "p.policy").as_uri()
    with Editor(capabilities={"general": {"positionEncodings": ["utf-8", "utf-16"]}}) as editor:
        assert editor.server["capabilities"]["positionEncoding"] == "utf-8"
        (said,) = editor.open(uri, 'policy "😀é" edition 2026; concept 1a; forbid a -b-> c')[:1]
        assert said["range"]["start"] == {"line": 0, "character": 38}


def test_related_places_and_pages(editor: Editor, tmp_path: Path) -> None:
    uri = (tmp_path / "p.policy").as_uri()
    text = 'policy "p" edition 2026\nconcept a; concept b; relation r\nforbid a -r-> b\nallow a -r-> b\n'
    (said,) = editor.open(uri, text)
    assert (said["code"], said["severity"]) == ("P401", 1)
    (related,) = said["relatedInformation"]
    assert related["location"]["uri"] == uri
    assert marked(text, related["location"]["range"]) == "a -r-> b"
    assert related["location"]["range"]["start"]["line"] == 2
    assert "R1 forbids it" in related["message"]
    page = Path(unquote(urlsplit(said["codeDescription"]["href"]).path))
    assert page.read_text("utf-8").startswith("# P401")
    editor.close(uri)


def test_each_version_is_answered_for_and_a_closed_file_is_silent(editor: Editor, tmp_path: Path) -> None:
    uri = (tmp_path / "p.policy").as_uri()
    assert [d["code"] for d in editor.open(uri, "forbid a")] != []
    for number in range(2, 6):
        editor.change(uri, edit((0, 0), (0, 0), "#"))
        assert editor.diagnostics(uri) is not None
        assert editor.published[uri][-1]["version"] == number
    editor.close(uri)
    editor.settle()
    assert editor.published[uri][-1]["diagnostics"] == []


def test_unsaved_text_of_a_used_file_counts(editor: Editor, tmp_path: Path) -> None:
    people, rules = tmp_path / "people.policy", tmp_path / "rules.policy"
    people.write_text("concept child\n")
    text = 'policy "p" edition 2026\nuse "people"\nconcept cola; relation drinking\nforbid kid -drinking-> cola\n'
    assert [d["code"] for d in editor.open(rules.as_uri(), text)] == ["P201"]
    editor.open(people.as_uri(), "concept child\n")
    editor.change(people.as_uri(), edit((1, 0), (1, 0), "concept kid : child\n"))
    editor.diagnostics(people.as_uri())
    editor.settle()
    assert editor.published[rules.as_uri()][-1]["diagnostics"] == []
    editor.close(people.as_uri())  # without saving
    editor.settle()
    assert [d["code"] for d in editor.published[rules.as_uri()][-1]["diagnostics"]] == ["P201"]
    people.write_text("concept kid\n")
    editor.notify("workspace/didChangeWatchedFiles", changes=[{"uri": people.as_uri(), "type": 2}])
    editor.settle()
    assert editor.published[rules.as_uri()][-1]["diagnostics"] == []
    editor.close(rules.as_uri())


def test_faults_of_a_used_file_are_said_in_it(editor: Editor, tmp_path: Path) -> None:
    people, rules = tmp_path / "people.policy", tmp_path / "rules.policy"
    people.write_text("# é\nconcept child =\n")
    editor.open(rules.as_uri(), 'use "people"\nforbid child -drinking-> cola\n')
    editor.settle()
    said = editor.published[people.as_uri()][-1]["diagnostics"]
    assert [(d["severity"], d["range"]["start"]["line"]) for d in said] == [(1, 1)]
    editor.close(rules.as_uri())
    editor.settle()
    assert editor.published[people.as_uri()][-1]["diagnostics"] == []


def test_folders_with_strange_names(editor: Editor, tmp_path: Path) -> None:
    folder = tmp_path / "a b#é%20;x?"
    folder.mkdir()
    (folder / "people.policy").write_text("concept child =\n")
    uri = (folder / "rules.policy").as_uri()
    said = editor.open(uri, 'use "people"\nforbid child -drinking-> cola\n')
    assert "P501" not in [d["code"] for d in said]
    editor.settle()
    assert editor.published[(folder / "people.policy").as_uri()][-1]["diagnostics"] != []
    at = editor.ask("definition", uri, 0, 7)
    assert at["uri"] == (folder / "people.policy").as_uri()
    editor.close(uri)


def test_opened_again_it_is_said_again(editor: Editor, tmp_path: Path) -> None:
    uri = (tmp_path / "p.policy").as_uri()
    editor.open(uri, "forbid a")
    for _ in range(3):
        count = len(editor.published[uri])
        editor.close(uri)
        editor.open(uri, "forbid a")
        editor.settle()
        assert len(editor.published[uri]) > count
        assert editor.published[uri][-1]["diagnostics"] != []
    editor.close(uri)


def test_a_file_that_is_saved_nowhere(editor: Editor) -> None:
    said = editor.open("untitled:Untitled-1", 'use "std/people"\nforbid child -drinking-> wine\n')
    assert {d["code"] for d in said} == {"P103", "P201"}
    editor.close("untitled:Untitled-1")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_storm_of_edits(editor: Editor, tmp_path: Path, seed: int) -> None:
    """200 edits at random places, some of them many at once; what is said in the end is what `check` says."""
    rng = random.Random(seed)
    path = tmp_path / f"storm{seed}.policy"
    uri, text = path.as_uri(), Text.of(BROKEN)
    editor.open(uri, BROKEN)
    for number in range(200):
        changes = []
        for _ in range(rng.choice((1, 1, 1, 3))):
            if rng.random() < 0.03:
                new = rng.choice((BROKEN, "", "\n" * 5))
                changes.append({"text": new})
                text = Text.of(new)
                continue
            start = rng.randint(0, len(text.raw))
            end = min(len(text.raw), start + rng.choice((0, 0, 1, 5, 30)))
            first, last = text.position(start), text.position(end)
            new = "".join(rng.choices(PIECES, k=rng.randint(0, 3)))
            change = edit((first.line, first.character), (last.line, last.character), new)
            if rng.random() < 0.1:
                change["range"]["end"] = {"line": 9999, "character": 9999}
            changes.append(change)
            text = _changed(text, change)
        editor.change(uri, *changes)
        if number % 40 == 0:
            line, character = rng.randint(0, 10), rng.randint(0, 30)
            for what in ("hover", "definition", "completion"):
                editor.ask(what, uri, line, character)
            for what in ("documentSymbol", "foldingRange"):
                editor.request(f"textDocument/{what}", textDocument={"uri": uri})
    assert heard(editor.diagnostics(uri)) == expected(text.raw, path)
    assert editor.shown == []
    assert editor.errors == []
    editor.close(uri)


def _changed(text: Text, change: dict[str, Any]) -> Text:
    """An edit on UTF-16, another way than the server's."""
    ends = [change["range"]["start"], change["range"]["end"]]
    lines = text.raw.replace("\r\n", "\x01\n").replace("\r", "\x02\n").split("\n")
    offsets = []
    for at in ends:
        if at["line"] >= len(lines):
            offsets.append(len(text.raw.encode("utf-16-le")))
            continue
        before = "".join(f"{line}\n" for line in lines[: at["line"]])
        raw = before.replace("\x01\n", "\r\n").replace("\x02\n", "\r")
        here = lines[at["line"]].rstrip("\x01\x02").encode("utf-16-le")
        offsets.append(len(raw.encode("utf-16-le")) + min(2 * at["character"], len(here)))
    start, end = offsets
    data = text.raw.encode("utf-16-le")
    return Text.of((data[:start] + change["text"].encode("utf-16-le") + data[max(start, end) :]).decode("utf-16-le"))


def test_a_file_that_was_read_before_says_the_same_again(tmp_path: Path) -> None:
    (tmp_path / "used.policy").write_text(BROKEN, "utf-8")
    source = source_of(str(tmp_path / "p.policy"), b'use "used"\nforbid => b\n')
    first, again = analyse(source), analyse(source)
    assert first.diagnostics == again.diagnostics
    assert len(first.diagnostics) > 5
    (tmp_path / "used.policy").write_text("concept a\n", "utf-8")
    assert len(analyse(source).diagnostics) < len(first.diagnostics)
