"""Each feature of the language server, asked of the real server."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from proscribe.compiler.messages.diagnostics import Diagnostics
from proscribe.compiler.syntax import format as layout
from proscribe.compiler.syntax.parse import source_of

sys.path.insert(0, str(Path(__file__).parent))
from lsp_editor import Answered, Editor, edit, marked, place

PEOPLE = """policy "people" edition 2026
concept person
## Somebody who is not grown up.
concept child : person as "a child", "a kid"
concept adult : person as "an adult"
"""
RULES = """policy "rules 😀" edition 2026
use "people"
use "std/alcohol"
concept merlot_grape : wine
concept café = espresso | latte as "cafe\u0301 😀"; concept espresso; concept latte
relation drinking as "drinking", "sipping"
relation next_to symmetric
relation drunk_by inverse drinking as "drunk by"

# The rules. P401 would say that one is against another.
# Two lines of comment.
group "alcohol 😀" {
    severity high
    forbid child -drinking-> alcohol
        except merlot_grape
        because "the law"
    forbid child -next_to-> wine
}
allow adult -drinking-> café
expect child -drinking-> beer forbidden by R1
"""


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    with Editor(capabilities={"workspace": {"workspaceEdit": {"documentChanges": False}}}) as editor:
        yield editor


@pytest.fixture
def rules(editor: Editor, tmp_path: Path) -> Iterator[str]:
    (tmp_path / "people.policy").write_text(PEOPLE, "utf-8")
    (tmp_path / "rules.policy").write_text(RULES, "utf-8")
    uri = (tmp_path / "rules.policy").as_uri()
    assert [d["code"] for d in editor.open(uri, RULES)] == []
    yield uri
    if uri in editor.versions:
        editor.close(uri)


def hovered(editor: Editor, uri: str, text: str, needle: str, number: int = 0) -> str:
    found = editor.ask("hover", uri, *place(text, needle, number, 1))
    said: str = found["contents"]["value"] if found else ""
    return said


def test_hover_on_a_concept(editor: Editor, rules: str) -> None:
    said = hovered(editor, rules, RULES, "child")
    assert "**concept** `child` · `people`, line 4" in said
    assert "Somebody who is not grown up." in said
    assert "is a `person`" in said
    assert '"a child", "a kid"' in said
    assert "R1 forbids" in said
    assert "A1" not in said


def test_hover_counts_cells_exactly(editor: Editor, rules: str) -> None:
    said = hovered(editor, rules, RULES, "café", 1)
    assert "stands for 2 leaves: `espresso`, `latte`" in said
    assert "- A1 allows 2 cells with it: `adult -drinking-> café`" in said
    espresso = hovered(editor, rules, RULES, "espresso")
    assert "- A1 allows 1 of its 2 cells with it" in espresso
    wine = hovered(editor, rules, RULES, "wine", 1)
    # wine has one leaf here, the grape: two cells, one in each direction
    assert "- R2 forbids 2 cells with it: `child -next_to-> wine`" in wine
    assert "R1" not in wine  # its only leaf is excepted


def test_hover_on_relations(editor: Editor, rules: str) -> None:
    assert "**relation** `next_to`, symmetric" in hovered(editor, rules, RULES, "next_to")
    assert "the inverse of `drinking`" in hovered(editor, rules, RULES, "drunk_by")
    assert 'turned round, the object first: "drunk by"' in hovered(editor, rules, RULES, "drinking")


def test_hover_on_a_rule(editor: Editor, rules: str) -> None:
    said = hovered(editor, rules, RULES, "forbid child", 1)
    assert '**R2** forbids **2 cells** · group "alcohol 😀"' in said
    assert "- child -next_to-> merlot_grape" in said
    assert "severity high" in said
    first = hovered(editor, rules, RULES, "R1")
    assert "**R1** forbids **" in first
    assert "1 is excepted" in first
    assert "because: the law" in first


def test_hover_on_words_and_codes(editor: Editor, rules: str) -> None:
    assert "low, medium, high or critical" in hovered(editor, rules, RULES, "severity")
    assert "**P401** an allow against a forbid" in hovered(editor, rules, RULES, "P401")
    assert hovered(editor, rules, RULES, "Two lines") == ""
    assert editor.ask("hover", rules, 999, 999) is None


def test_hover_on_a_message(editor: Editor, rules: str) -> None:
    text = RULES.replace("beer", "bear")
    editor.change(rules, {"text": text})
    said = hovered(editor, rules, text, "bear")
    assert "**P602**" in said


def test_definition(editor: Editor, rules: str, tmp_path: Path) -> None:
    people = (tmp_path / "people.policy").as_uri()
    found = editor.ask("definition", rules, *place(RULES, "child", 0, 5))  # right after the word too
    assert found["uri"] == people
    assert marked(PEOPLE, found["range"]) == "child"
    assert found["range"]["start"]["line"] == 3
    found = editor.ask("definition", rules, *place(RULES, "latte"))
    assert (found["uri"], found["range"]["start"]) == (
        rules,
        dict(zip(("line", "character"), place(RULES, "latte", 1), strict=True)),
    )
    found = editor.ask("definition", rules, *place(RULES, "R1"))
    assert marked(RULES, found["range"]).startswith("forbid child -drinking-> alcohol")
    assert editor.ask("definition", rules, *place(RULES, '"people"', 0, 3))["uri"] == people
    library = editor.ask("definition", rules, *place(RULES, "alcohol\n", 0, 2))
    assert library["uri"].endswith("/std/alcohol.policy")
    assert marked(Path(library["uri"].removeprefix("file://")).read_text("utf-8"), library["range"]) == "alcohol"
    assert editor.ask("definition", rules, *place(RULES, "std/alcohol", 0, 3))["uri"] == library["uri"]
    assert editor.ask("definition", rules, *place(RULES, "Two lines")) is None


def test_references_over_files(editor: Editor, rules: str, tmp_path: Path) -> None:
    at = place(RULES, "child")
    found = editor.ask("references", rules, *at, context={"includeDeclaration": True})
    texts = {rules: RULES, (tmp_path / "people.policy").as_uri(): PEOPLE}
    assert [marked(texts[one["uri"]], one["range"]) for one in found] == ["child"] * 4
    assert len(editor.ask("references", rules, *at, context={"includeDeclaration": False})) == 3
    assert len(editor.ask("documentHighlight", rules, *at)) == 3
    of_rule = editor.ask("references", rules, *place(RULES, "R1"), context={"includeDeclaration": True})
    assert sorted(marked(RULES, one["range"]) for one in of_rule) == ["R1", "forbid"]


def test_references_from_the_used_file_see_those_who_use_it(editor: Editor, rules: str, tmp_path: Path) -> None:
    people = (tmp_path / "people.policy").as_uri()
    editor.open(people, PEOPLE)
    at = place(PEOPLE, "child")
    found = editor.ask("references", people, *at, context={"includeDeclaration": True})
    assert sorted(one["uri"] == rules for one in found) == [False, True, True, True]
    editor.close(people)


def test_document_symbols(editor: Editor, rules: str) -> None:
    found = editor.request("textDocument/documentSymbol", textDocument={"uri": rules})
    names = [symbol["name"] for symbol in found]
    assert names[:6] == ['"rules 😀"', '"people"', '"std/alcohol"', "merlot_grape", "café", "espresso"]
    group = next(symbol for symbol in found if symbol["name"] == '"alcohol 😀"')
    inside = [symbol["name"] for symbol in group["children"]]
    assert inside == ["R1 forbid child -drinking-> alcohol", "R2 forbid child -next_to-> wine"]
    assert marked(RULES, group["selectionRange"]) == '"alcohol 😀"'
    assert names[-2:] == ["A1 allow adult -drinking-> café", "expect child -drinking-> beer"]
    for symbol in (*found, *group["children"]):
        whole, chosen = symbol["range"], symbol["selectionRange"]
        assert _order(whole["start"]) <= _order(chosen["start"]) <= _order(chosen["end"]) <= _order(whole["end"])


def _order(position: dict[str, int]) -> tuple[int, int]:
    return position["line"], position["character"]


def test_folding(editor: Editor, rules: str) -> None:
    found = editor.request("textDocument/foldingRange", textDocument={"uri": rules})
    folds = {(one["startLine"], one["endLine"], one["kind"]) for one in found}
    group, rule = place(RULES, "group")[0], place(RULES, "forbid")[0]
    brace, comment = place(RULES, "}")[0], place(RULES, "# The rules")[0]
    assert folds == {(group, brace - 1, "region"), (rule, rule + 2, "region"), (comment, comment + 1, "comment")}
    editor.change(rules, {"text": 'group "a" {\nforbid => b\n\n'})
    assert editor.request("textDocument/foldingRange", textDocument={"uri": rules}) == []


def applied(text: str, edits: list[dict[str, Any]]) -> str:
    """A text after edits, made from its end so that no edit moves another."""
    lines = text.split("\n")

    def offset(at: dict[str, int]) -> int:
        before = "\n".join([*lines[: at["line"]], ""])
        return len(before.encode("utf-16-le")) // 2 + at["character"]

    raw = text.encode("utf-16-le")
    for one in sorted(edits, key=lambda e: _order(e["range"]["start"]), reverse=True):
        start, end = offset(one["range"]["start"]), offset(one["range"]["end"])
        raw = raw[: 2 * start] + one["newText"].encode("utf-16-le") + raw[2 * end :]
    return raw.decode("utf-16-le")


def test_rename_over_files(editor: Editor, rules: str, tmp_path: Path) -> None:
    people = (tmp_path / "people.policy").as_uri()
    prepared = editor.ask("prepareRename", rules, *place(RULES, "child"))
    assert (marked(RULES, prepared["range"]), prepared["placeholder"]) == ("child", "child")
    changes = editor.ask("rename", rules, *place(RULES, "child"), newName="minor_person")["changes"]
    assert applied(PEOPLE, changes[people]) == PEOPLE.replace("concept child", "concept minor_person")
    assert applied(RULES, changes[rules]) == RULES.replace("child", "minor_person")


def test_rename_with_letters_of_two_units(editor: Editor, rules: str) -> None:
    changes = editor.ask("rename", rules, *place(RULES, "café"), newName="my_coffee")["changes"]
    new = applied(RULES, changes[rules])
    assert new == RULES.replace("concept café", "concept my_coffee").replace("> café", "> my_coffee")
    editor.change(rules, {"text": new})
    assert editor.diagnostics(rules) == []


def test_a_new_name_is_composed_as_the_compiler_reads_it(editor: Editor, rules: str) -> None:
    changes = editor.ask("rename", rules, *place(RULES, "latte"), newName="th\u00e9")["changes"]
    apart = editor.ask("rename", rules, *place(RULES, "latte"), newName="the\u0301")["changes"]
    assert apart == changes
    with pytest.raises(Answered, match="there is a concept `café` already"):
        editor.ask("rename", rules, *place(RULES, "latte"), newName="cafe\u0301")


@pytest.mark.parametrize(
    ("needle", "new", "why"),
    [
        ("wine", "drink_x", "the concept `wine` belongs to the standard library"),
        ("merlot_grape", "forbid", "`forbid` is a word of the language"),
        ("merlot_grape", "two words", "`two words` cannot be a name"),
        ("merlot_grape", "", "cannot be a name"),
        ("merlot_grape", "a" * 65, "this name has 65 letters"),
        ("merlot_grape", "wine", "there is a concept `wine` already, in std/alcohol, line"),
        ("R1", "R2", "rules are numbered by their order"),
        ("high", "low", "`high` is no name of this policy"),
        ("Two lines", "x", "there is no name here"),
    ],
)
def test_rename_refuses_and_says_why(editor: Editor, rules: str, needle: str, new: str, why: str) -> None:
    with pytest.raises(Answered) as answer:
        editor.ask("rename", rules, *place(RULES, needle), newName=new)
    assert why in str(answer.value)


def test_rename_refuses_what_it_cannot_see_through(editor: Editor, rules: str) -> None:
    text = RULES + "forbid child => merlot_grape\n"
    editor.change(rules, {"text": text})
    with pytest.raises(Answered, match="in a statement that cannot be read: mend it first"):
        editor.ask("rename", rules, *place(text, "merlot_grape"), newName="grape")
    text = RULES + "relation merlot_grape\n"
    editor.change(rules, {"text": text})
    with pytest.raises(Answered, match="both a concept and a relation"):
        editor.ask("rename", rules, *place(text, "merlot_grape"), newName="grape")


def test_renames_carry_versions_where_the_editor_reads_them(tmp_path: Path) -> None:
    uri = (tmp_path / "a.policy").as_uri()
    with Editor(capabilities={"workspace": {"workspaceEdit": {"documentChanges": True}}}) as editor:
        editor.open(uri, "forbid a -b-> c")
        editor.change(uri, edit((0, 15), (0, 15), " severity low"))
        found = editor.ask("rename", uri, 0, 7, newName="d")["documentChanges"]
    assert found[0]["textDocument"] == {"uri": uri, "version": 2}
    assert [one["newText"] for one in found[0]["edits"]] == ["d"]


def test_code_actions_fix_what_is_certain(editor: Editor, rules: str) -> None:
    text = RULES.replace("severity high", "severity hihg").replace('because "the law"', "because “the law”")
    editor.change(rules, {"text": text})
    said = {d["code"]: d for d in editor.diagnostics(rules)}
    assert {"P302", "P004"} <= set(said)

    def actions(where: dict[str, Any], only: list[str] | None = None) -> list[dict[str, Any]]:
        context = {"diagnostics": [], **({"only": only} if only else {})}
        document = {"uri": rules}
        found = editor.request("textDocument/codeAction", textDocument=document, range=where, context=context)
        assert isinstance(found, list)
        return found

    quick, all_of_them = actions(said["P302"]["range"])
    assert (quick["kind"], quick["isPreferred"], quick["title"]) == ("quickfix", True, "Write `high` instead of `hihg`")
    assert quick["diagnostics"][0]["code"] == "P302"
    assert applied(text, quick["edit"]["changes"][rules]) == text.replace("hihg", "high")
    assert all_of_them["kind"] == "source.fixAll"
    assert applied(text, all_of_them["edit"]["changes"][rules]) == RULES
    assert [one["kind"] for one in actions(said["P302"]["range"], ["quickfix"])] == ["quickfix"]
    assert [one["kind"] for one in actions(said["P302"]["range"], ["source"])] == ["source.fixAll"]
    beginning = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
    assert [one["kind"] for one in actions(beginning)] == ["source.fixAll"]


def formatted(editor: Editor, uri: str, text: str) -> str | None:
    editor.change(uri, {"text": text})
    options = {"tabSize": 4, "insertSpaces": True}
    edits = editor.request("textDocument/formatting", textDocument={"uri": uri}, options=options)
    return None if edits is None else applied(text, edits)


def test_formatting_is_what_fmt_writes(editor: Editor, rules: str) -> None:
    untidy = RULES.replace("    severity high", "severity   high").replace("allow adult", "allow    adult  ")
    tidy = layout.run(source_of("rules.policy", untidy.encode()), Diagnostics())
    assert tidy is not None
    assert formatted(editor, rules, untidy) == tidy != untidy
    options = {"tabSize": 4, "insertSpaces": True}
    editor.change(rules, {"text": tidy})
    assert editor.request("textDocument/formatting", textDocument={"uri": rules}, options=options) == []
    assert formatted(editor, rules, "\ufeff" + untidy.replace("\n", "\r\n")) == tidy.replace("\n", "\r\n")
    assert formatted(editor, rules, untidy + "forbid =>\n") is None


def test_asking_of_a_file_that_is_not_open(editor: Editor) -> None:
    uri = "file:///nowhere/at-all.policy"
    document = {"uri": uri}
    for what in ("hover", "definition", "completion"):
        assert editor.ask(what, uri, 0, 0) is None
    assert editor.ask("references", uri, 0, 0, context={"includeDeclaration": True}) == []
    for what in ("documentSymbol", "foldingRange"):
        assert editor.request(f"textDocument/{what}", textDocument=document) == []
    options = {"tabSize": 4, "insertSpaces": True}
    assert editor.request("textDocument/formatting", textDocument=document, options=options) is None
    with pytest.raises(Answered, match="not open"):
        editor.ask("rename", uri, 0, 0, newName="a")
    editor.notify("textDocument/didChange", textDocument={**document, "version": 7}, contentChanges=[{"text": "a"}])
    editor.notify("textDocument/didClose", textDocument=document)
    assert editor.ask("hover", uri, 0, 0) is None
