"""Completion: at `|` stands the cursor."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from proscribe.compiler.lsp.keywords import KEYWORD_HELP
from proscribe.compiler.syntax.tokens import KEYWORDS

sys.path.insert(0, str(Path(__file__).parent))
from lsp_editor import Editor, marked

HEAD = """policy "p😀" edition 2026
use "std/alcohol"
concept child as "a child"; concept juice; concept café = juice
relation sipping
forbid child -sipping-> juice
allow child -sipping-> café
"""
STATEMENTS = {"policy", "use", "concept", "relation", "forbid", "allow", "expect", "group"}
CLAUSES = {"except", "instead", "because", "severity", "require"}
CONCEPTS = {"child", "juice", "café", "wine", "alcohol"}
RELATIONS = {"sipping"}


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    with Editor() as editor:
        yield editor


@pytest.fixture
def uri(editor: Editor, tmp_path: Path) -> Iterator[str]:
    uri = (tmp_path / "p.policy").as_uri()
    editor.open(uri, HEAD)
    yield uri
    editor.close(uri)


def items(editor: Editor, uri: str, end: str, after: str = "") -> dict[str, dict[str, Any]]:
    before = HEAD + end
    editor.change(uri, {"text": before + after})
    line = before.count("\n")
    character = len(before[before.rfind("\n") + 1 :].encode("utf-16-le")) // 2
    found = editor.ask("completion", uri, line, character)
    return {item["label"]: item for item in found["items"]} if found else {}


@pytest.mark.parametrize(
    ("end", "there", "not_there"),
    [
        ("", STATEMENTS, {"child", "as", "edition"}),
        ("fo", STATEMENTS, CONCEPTS),
        ("forbid ", {*CONCEPTS, "*"}, RELATIONS | STATEMENTS),
        ("forbid ch", CONCEPTS, RELATIONS),
        ("forbid child -", {*RELATIONS, "*"}, CONCEPTS),
        ("forbid child -sip", RELATIONS, CONCEPTS),
        ("forbid child -sipping", RELATIONS, CONCEPTS),
        ("forbid child -sipping ", {"->"}, CONCEPTS),
        ("forbid child -sipping->", CONCEPTS, RELATIONS | CLAUSES),
        ('expect "😀"; forbid child -sipping-> ', CONCEPTS, RELATIONS),
        ("forbid child -sipping-> wine ", CLAUSES, STATEMENTS | CONCEPTS),
        ("allow child -sipping-> wine ", {"because"}, CLAUSES - {"because"}),
        ("forbid child -sipping-> wine\n", CLAUSES | STATEMENTS, CONCEPTS),
        ("forbid child -sipping-> wine\n    ", CLAUSES | STATEMENTS, CONCEPTS),
        ("allow child -sipping-> wine\n", STATEMENTS, CLAUSES),
        ("forbid child -sipping-> wine\n    except ", CONCEPTS | RELATIONS, STATEMENTS | CLAUSES),
        ("forbid child -sipping-> wine except juice, ", CONCEPTS | RELATIONS, CLAUSES),
        ("forbid child -sipping-> wine except child -", RELATIONS, CONCEPTS),
        ("forbid child -sipping-> wine instead ", CONCEPTS | RELATIONS, CLAUSES | {"*"}),
        ("forbid child -sipping-> wine severity ", {"low", "medium", "high", "critical"}, CONCEPTS),
        ("forbid child -sipping-> wine require ", {"breach", "retention"}, CONCEPTS),
        ("forbid child -sipping-> wine require breach <= 5%, ", {"breach", "retention"}, CONCEPTS),
        ("forbid child -sipping-> wine require breach ", {"<="}, CONCEPTS),
        ("forbid child -sipping-> wine require retention ", {">="}, {"<="}),
        ("concept x : ", CONCEPTS, RELATIONS),
        ("concept x = wine | ", CONCEPTS, RELATIONS),
        ("concept x = wine | juice\n", STATEMENTS, CONCEPTS),
        ("relation x : sipping\n", STATEMENTS, RELATIONS),
        ("forbid child -sipping-> wine except juice, café\n", CLAUSES | STATEMENTS, CONCEPTS),
        ("concept x ", {"as"}, CONCEPTS | {"inverse", "symmetric"}),
        ("relation x ", {"as", "inverse", "symmetric"}, CONCEPTS),
        ("relation x inverse ", RELATIONS, CONCEPTS),
        ("relation x : ", RELATIONS, CONCEPTS),
        ("forbid pony -sipping-> wine\nconcept ", {"pony"}, CONCEPTS),
        ("expect child -sipping-> wine ", {"forbidden", "allowed", "unspecified"}, CONCEPTS),
        ("expect child -sipping-> wine forbidden ", {"by"}, {"forbidden"}),
        ("expect child -sipping-> wine forbidden by ", {"R1"}, {"A1"}),
        ("expect child -sipping-> wine allowed by ", {"A1"}, {"R1"}),
        ('policy "x" edition ', {"2026"}, CONCEPTS),
        ('group "g" {\n', {"forbid", "allow", "severity", "because"}, {"concept", "except"}),
        ('group "g" {\n    forbid ', CONCEPTS, RELATIONS),
        ('group "g" { forbid child -sipping-> wine\n}\n', STATEMENTS, CONCEPTS),
        ("use ", {'"std/people"', '"std/alcohol"'}, CONCEPTS),
        ('use "', {"std/people", "std/alcohol"}, CONCEPTS),
        ("# forbid ", set(), CONCEPTS | STATEMENTS),
        ('forbid child -sipping-> wine because "', set(), CONCEPTS | STATEMENTS),
        ("forbid child => ", set(), CLAUSES),
        ("pizza pizza ", set(), CONCEPTS),
    ],
)
def test_what_fits(editor: Editor, uri: str, end: str, there: set[str], not_there: set[str]) -> None:
    found = items(editor, uri, end)
    assert there <= set(found), there - set(found)
    assert not not_there & set(found)
    in_the_middle = items(editor, uri, end, "\nconcept after_it\n" if not end.endswith("\n") else "concept after_it\n")
    assert there <= set(in_the_middle), there - set(in_the_middle)


def test_names_say_what_they_are(editor: Editor, uri: str) -> None:
    found = items(editor, uri, "forbid ")
    assert found["alcohol"]["detail"].startswith("concept · ")
    assert found["alcohol"]["detail"].endswith(" leaves · std/alcohol")
    assert found["alcohol"]["documentation"] == "Drinks that hold alcohol."
    assert found["child"]["detail"] == "concept"
    assert found["child"]["sortText"] < found["wine"]["sortText"] < found["*"]["sortText"]


def test_paths_replace_what_is_typed(editor: Editor, uri: str, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "deep.policy").write_text("concept deep")
    (tmp_path / "beside.policy").write_text("concept beside")
    (tmp_path / "p.policy").write_text("")
    found = items(editor, uri, 'concept x as "😀"; use "s', '"')
    assert {"./beside", "./sub/", "std/people"} <= set(found)
    assert "./p" not in found
    edit = found["std/people"]["textEdit"]
    assert marked(HEAD + 'concept x as "😀"; use "s"', edit["range"]) == "s"
    assert set(items(editor, uri, 'use "./sub/')) == {"./sub/deep"}
    assert {"std/people"} <= set(items(editor, uri, 'use "std/'))
    assert "./beside" not in items(editor, uri, 'use "std/')
    assert items(editor, uri, 'use "./nowhere/') == {}


def test_each_word_of_the_language_has_its_line() -> None:
    assert set(KEYWORD_HELP) == set(KEYWORDS)
