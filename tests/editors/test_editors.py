"""docs/editors: the TextMate grammar colours the whole language, and the VS Code folder holds together."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from proscribe.compiler.syntax.statements import KEYWORDS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/editors/vscode"
GRAMMAR: dict[str, Any] = json.loads((FOLDER / "proscribe.tmLanguage.json").read_text("utf-8"))
COMING = ("group", "inverse", "symmetric", "unspecified")  # words that the language has from its second part on
ONIGURUMA_ONLY = re.compile(r"\\[hHRXKGzZ]|\\p\{|\[\[:|\(\?[>~|]|[*+?]\+|\\g<|\(\?<[a-zA-Z]")
# `\s` and `.` mean the same in both; everything else that differs is refused above.

SAMPLE = r"""
## Reaches the report.
# A plain comment with "quotes" and forbid.
policy "minors" edition 2026
use "std/people"
concept communion_wine : wine, drink   as "communion wine", "altar wine"
concept alcohol = wine | beer
relation ridden_by inverse riding as "ridden by"
relation next_to symmetric as "next to"
group "alcohol" {
    require breach <= 5%, retention >= 98.5 %
    severity high
    forbid child -drinking-> alcohol except communion_wine, teenager -*-> cider   # why
        instead juice
        because "age # of consent"
}
allow * - riding -> été; allow adult -drinking-> wine
expect "toddler sipping merlot" forbidden by R1
expect child -drinking-> wine unspecified
expect "a man drinking wine" allowed
forbid a => b
concept c as “c”
concept d as "d
"""

SHIPPED = sorted(path for folder in ("policies", "compiler") for path in (ROOT / folder).rglob("*.policy"))

# (line of the sample, the text, the last part of its scope that matters)
EXPECTED = [
    (1, "## Reaches the report.", "comment.line.documentation"),
    (2, '# A plain comment with "quotes" and forbid.', "comment.line.number-sign"),
    (3, "policy", "keyword.control.policy"),
    (3, '"minors"', "string.quoted.double.proscribe entity.name.section"),
    (3, "edition", "keyword.other.edition"),
    (3, "2026", "constant.numeric.edition"),
    (4, "use", "keyword.control.import"),
    (4, '"std/people"', "string.quoted.double.import"),
    (5, "concept", "storage.type.concept"),
    (5, "communion_wine", "entity.name.type.concept"),
    (5, ":", "keyword.operator.is-a"),
    (5, "drink", "variable.other.name"),
    (5, ",", "punctuation.separator.comma"),
    (5, "as", "keyword.other.as"),
    (5, '"altar wine"', "string.quoted.double"),
    (6, "=", "keyword.operator.members"),
    (6, "|", "keyword.operator.union"),
    (7, "relation", "storage.type.relation"),
    (7, "ridden_by", "entity.name.function.relation"),
    (7, "inverse", "storage.modifier.inverse"),
    (7, "riding", "entity.name.function.relation"),
    (8, "symmetric", "storage.modifier.symmetric"),
    (9, "group", "keyword.control.group"),
    (9, '"alcohol"', "string.quoted.double.proscribe entity.name.section"),
    (9, "{", "punctuation.section.block.begin"),
    (10, "require", "keyword.other.clause"),
    (10, "breach", "support.variable.measure"),
    (10, "<=", "keyword.operator.comparison"),
    (10, "5%", "constant.numeric"),
    (10, "retention", "support.variable.measure"),
    (10, "98.5 %", "constant.numeric"),
    (11, "severity", "keyword.other.clause"),
    (11, "high", "constant.language.severity"),
    (12, "forbid", "keyword.control.forbid"),
    (12, "child", "variable.other.name"),
    (12, "-", "keyword.operator.arrow"),
    (12, "drinking", "entity.name.function.relation"),
    (12, "->", "keyword.operator.arrow"),
    (12, "except", "keyword.other.clause"),
    (12, "*", "variable.language.wildcard"),
    (12, "# why", "comment.line.number-sign"),
    (13, "instead", "keyword.other.clause"),
    (14, "because", "keyword.other.clause"),
    (14, '"age # of consent"', "string.quoted.double"),
    (15, "}", "punctuation.section.block.end"),
    (16, "allow", "keyword.control.allow"),
    (16, "*", "variable.language.wildcard"),
    (16, "riding", "entity.name.function.relation"),
    (16, "été", "variable.other.name"),
    (16, ";", "punctuation.terminator.statement"),
    (17, "expect", "keyword.control.expect"),
    (17, "forbidden", "constant.language.verdict"),
    (17, "by", "keyword.other.by"),
    (17, "R1", "constant.other.rule-id"),
    (18, "unspecified", "constant.language.verdict"),
    (19, "allowed", "constant.language.verdict"),
    (20, "=>", "invalid.illegal.arrow"),
    (21, "“", "invalid.illegal.quote"),
    (22, '"d', "invalid.illegal.unclosed-string"),
]


def rules_of(patterns: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The rules in the order in which an editor tries them, includes opened."""
    for pattern in patterns:
        if "include" in pattern:
            yield from rules_of(GRAMMAR["repository"][pattern["include"].removeprefix("#")]["patterns"])
        else:
            yield pattern


RULES = [(re.compile(rule["match"]), rule) for rule in rules_of(GRAMMAR["patterns"])]


def tokens(line: str) -> list[tuple[str, str]]:
    """A line as (text, scopes), by TextMate's way: the earliest match wins, at one place the first rule."""
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(line):
        matches = [(m.start(), order, m) for order, (regex, _) in enumerate(RULES) if (m := regex.search(line, at))]
        if not matches:
            found.append((line[at:], ""))
            break
        start, order, match = min(matches, key=lambda each: each[:2])
        assert match.end() > start, f"rule {order} matches nothing and would never end"
        if start > at:
            found.append((line[at:start], ""))
        rule = RULES[order][1]
        if "name" in rule:
            found.append((match.group(), rule["name"]))
        else:
            inside = start
            for number in range(1, match.re.groups + 1):
                if match.group(number) is not None:
                    found.append((line[inside : match.start(number)], ""))
                    found.append((match.group(number), rule["captures"][str(number)]["name"]))
                    inside = match.end(number)
        at = match.end()
    return [(text, scope) for text, scope in found if text.strip()]


@pytest.mark.parametrize(("number", "text", "scope"), EXPECTED)
def test_the_sample_has_the_expected_scopes(number: int, text: str, scope: str) -> None:
    line = SAMPLE.splitlines()[number]
    scopes = [found for word, found in tokens(line) if word == text]
    assert scopes, f"{text!r} is no token of {tokens(line)}"
    assert all(scope in found for found in scopes), scopes


@pytest.mark.parametrize(
    "path", ["policies/minors.policy", "policies/wine.policy", "compiler/cli/commands/starter/first.policy"]
)
def test_every_word_of_a_real_policy_has_a_scope_and_none_is_a_fault(path: str) -> None:
    for line in (ROOT / path).read_text("utf-8").splitlines():
        for text, scope in tokens(line):
            assert scope, f"{text!r} in {line!r} has no scope"
            assert "invalid" not in scope, line


def test_every_example_of_the_reference_is_coloured() -> None:
    page = (ROOT / "docs/language.md").read_text("utf-8")
    examples = re.findall(r"^```policy[^\n]*\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(examples) > 20
    for line in "".join(examples).splitlines():
        for text, scope in tokens(line):
            assert scope, f"{text!r} in {line!r} has no scope"
            assert "invalid" not in scope, line


@pytest.mark.parametrize("word", sorted({*KEYWORDS, *COMING}))
def test_no_word_of_the_language_is_taken_for_a_name(word: str) -> None:
    ((text, scope),) = tokens(word)
    assert text == word
    assert scope.startswith(("keyword.", "storage.", "constant."))
    assert tokens(f"{word}s")[0] == (f"{word}s", "variable.other.name.proscribe")


def test_regexes_mean_the_same_in_oniguruma() -> None:
    assert ONIGURUMA_ONLY.search(r"a\h"), "this test can fail"
    for regex, rule in RULES:
        assert not ONIGURUMA_ONLY.search(rule["match"])
        numbers = {int(number) for number in rule.get("captures", {})}
        assert numbers <= set(range(1, regex.groups + 1))
        assert "name" in rule or len(numbers) == regex.groups, "a group without a scope would be left bare"


def test_the_grammar_is_whole() -> None:
    used = set(re.findall(r'"#([\w-]+)"', json.dumps(GRAMMAR)))
    assert used == set(GRAMMAR["repository"])
    assert GRAMMAR["scopeName"] == "source.proscribe"
    scopes = {scope for _, rule in RULES for scope in (rule.get("name"), *_captured(rule)) if scope}
    assert all(part.endswith(".proscribe") for scope in scopes for part in scope.split())


def _captured(rule: dict[str, Any]) -> list[str]:
    return [capture["name"] for capture in rule.get("captures", {}).values()]


def test_the_vscode_folder_holds_together() -> None:
    package = json.loads((FOLDER / "package.json").read_text("utf-8"))
    given = package["contributes"]
    (language,), (grammar,) = given["languages"], given["grammars"]
    assert language["id"] == grammar["language"]
    assert grammar["scopeName"] == GRAMMAR["scopeName"]
    for path in (package["main"], language["configuration"], grammar["path"]):
        assert (FOLDER / path).is_file()
    extension = (FOLDER / "extension.js").read_text("utf-8")
    assert set(re.findall(r'require\("([^"./]+)', extension)) == {"vscode", *package["dependencies"]}
    assert {f'"{command["command"]}"' for command in given["commands"]} <= set(re.findall(r'"[^"]+"', extension))
    settings = given["configuration"]["properties"]
    assert settings["proscribe.command"]["default"][:1] == ["proscribe"]


def test_the_language_configuration_follows_the_language() -> None:
    configuration = json.loads((FOLDER / "language-configuration.json").read_text("utf-8"))
    assert configuration["comments"] == {"lineComment": "#"}
    rules = configuration["indentationRules"]
    opens = re.compile(rules["increaseIndentPattern"])
    assert opens.search('group "a { b" {  # why')
    assert not opens.search('forbid a -b-> c because "{"')
    assert not opens.search("# {")
    assert re.search(rules["decreaseIndentPattern"], "  } ")


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_the_extension_is_javascript() -> None:
    subprocess.run(["node", "--check", str(FOLDER / "extension.js")], check=True)


def test_vim_knows_every_word_too() -> None:
    syntax = (ROOT / "docs/editors/vim/syntax/proscribe.vim").read_text("utf-8")
    known = {word for line in re.findall(r"^syntax keyword \w+ (.*)$", syntax, re.MULTILINE) for word in line.split()}
    assert {*KEYWORDS, *COMING} <= known


VIM_ASKS = """
set nocompatible
let &runtimepath = FOLDER . "," . &runtimepath
filetype plugin on
syntax on
edit p.policy
let found = []
for place in [[1, 1], [2, 1], [3, 2], [4, 1], [4, 8], [4, 14], [4, 15], [4, 43], [5, 23], [6, 11], [6, 17]]
  call add(found, synIDattr(synID(place[0], place[1], 1), "name"))
endfor
call writefile(found + [&commentstring, &filetype], "found.txt")
qa!
"""
VIM_SAMPLE = """## doc
### plain
# c "q"
forbid child -drinking-> wine because "a # b"
    require breach <= 5 %
expect a -*-> b forbidden by R1
"""


@pytest.mark.skipif(shutil.which("vim") is None, reason="needs vim")
def test_vim_colours_a_policy(tmp_path: Path) -> None:
    (tmp_path / "p.policy").write_text(VIM_SAMPLE)
    (tmp_path / "ask.vim").write_text(VIM_ASKS.replace("FOLDER", f'"{ROOT / "docs/editors/vim"}"'))
    subprocess.run(["vim", "-u", "NONE", "-es", "-S", "ask.vim"], cwd=tmp_path, check=True, timeout=60)
    found = [name.removeprefix("proscribe") for name in (tmp_path / "found.txt").read_text().splitlines()]
    comments = ["Doc", "Comment", "Comment"]
    rule = ["Statement", "", "Arrow", "Relation", "String"]
    assert found == [
        *comments,
        *rule,
        "Number",
        "Relation",
        "Constant",
        "# %s",
        "",
    ]  # the file type is `proscribe` itself
