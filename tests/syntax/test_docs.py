"""What docs/language.md and docs/coming-from.md show is what the compiler does."""

from __future__ import annotations

import os
import re
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from proscribe.compiler.explain.expectations import Judge
from proscribe.compiler.explain.sentences import LONGEST_SENTENCE
from proscribe.compiler.graph.derive import CONTROL_CELLS, MAX_MARGINALS
from proscribe.compiler.graph.nearest import MAX_ALLOWS
from proscribe.compiler.graph.neighbours import MAX_NEIGHBOURS
from proscribe.compiler.graph.relations import MAX_CELLS
from proscribe.compiler.messages.diagnostics import MAX_DIAGNOSTICS, render
from proscribe.compiler.resolve.clauses import DEFAULT_SEVERITY, SEVERITIES, Require
from proscribe.compiler.resolve.names import EDITION
from proscribe.compiler.resolve.taxonomy import MAX_LEAVES, MAX_NAMES
from proscribe.compiler.syntax.parse import LONGEST_NAME
from proscribe.compiler.syntax.tokens import CLAUSE_WORDS, KEYWORDS, STATEMENT_WORDS

DOCS = Path(__file__).parents[2] / "docs"
sys.path.insert(0, str(DOCS / "pictures"))
import cells  # noqa: E402

PAGE = (DOCS / "language.md").read_text("utf-8")
OTHER = (DOCS / "coming-from.md").read_text("utf-8")
EXAMPLES = [
    pytest.param(example, cells.files(found), id=f"{name}-{number}")
    for name, page in (("language", PAGE), ("coming-from", OTHER))
    for found in [cells.examples(page)]
    for number, example in enumerate(found)
]


@pytest.mark.parametrize(("example", "beside"), EXAMPLES)
def test_an_example_says_what_the_page_says(example: cells.Example, beside: dict[str, str]) -> None:
    found = example.analysed(beside)
    assert "".join(render(d, found.source, found.others) for d in found.diagnostics) == example.said
    judge = Judge(found.graph)
    assert [o.diagnostic for e in found.graph.resolved.expects if not (o := judge.outcome(e)).holds] == []


def test_every_construct_has_an_example() -> None:
    shown = re.sub(r"#[^\n]*", "", "\n".join(e.text for e in cells.examples(PAGE)))
    assert all(re.search(rf"\b{word}\b", shown) for word in KEYWORDS)
    assert "-*->" in shown
    assert sum("expect " in e.text for e in cells.examples(PAGE)) > 12
    assert PAGE.count("```policy") == len(cells.examples(PAGE))
    assert OTHER.count("```policy") == len(cells.examples(OTHER)) > 0


def test_the_reserved_words() -> None:
    (line,) = re.findall(r"^`policy` `use` .*$", PAGE, re.MULTILINE)
    statements, clauses, others = (re.findall(r"`(\w+)`", part) for part in line.split("·"))
    assert (tuple(statements), tuple(clauses)) == (STATEMENT_WORDS, CLAUSE_WORDS)
    assert {*statements, *clauses, *others} == set(KEYWORDS)


def test_the_limits_are_those_of_the_code() -> None:
    rows = [[part.strip() for part in line.split("|")[1:3]] for line in _section("Limits").splitlines() if "|" in line]
    limits = {what: re.findall(r"[\d,]*\d", limit) for what, limit in rows}
    assert {what: [int(n.replace(",", "")) for n in numbers] for what, numbers in limits.items() if numbers} == {
        "characters of a name": [LONGEST_NAME],
        "words of a sentence in `expect`": [LONGEST_SENTENCE],
        "concepts, or relations, of one policy with all that it uses": [MAX_NAMES],
        "leaves below all names of a kind together": [MAX_LEAVES],
        "cells of a forbid": [MAX_CELLS],
        "messages of one run": [MAX_DIAGNOSTICS],
        "neighbours, allows of one forbid": [MAX_NEIGHBOURS],
        "marginals of one forbid": [MAX_MARGINALS],
        "control cells of one forbid": [CONTROL_CELLS],
        "editions": [EDITION],
    }
    assert MAX_ALLOWS == MAX_NEIGHBOURS


def test_the_defaults_of_clauses() -> None:
    require = Require()
    default = f"breach <= {require.breach_max:.0%}, retention >= {require.retention_min:.0%}"
    assert f"| `{default}` |" in PAGE
    assert f"| `{DEFAULT_SEVERITY}` |" in PAGE
    assert "`low`, `medium`, `high` or `critical`" in PAGE
    assert SEVERITIES == ("low", "medium", "high", "critical")


def test_the_pictures_are_those_of_the_examples() -> None:
    """`python docs/pictures/cells.py` draws them again."""
    drawn = cells.pictures(PAGE)
    if os.environ.get("PROSCRIBE_UPDATE"):
        for name, svg in drawn.items():
            (cells.FOLDER / f"{name}.svg").write_text(svg, "utf-8")
    assert {path.stem: path.read_text("utf-8") for path in cells.FOLDER.glob("*.svg")} == drawn
    assert set(re.findall(r"\]\(pictures/(\w+)\.svg\)", PAGE)) == set(drawn)


def test_links_lead_somewhere() -> None:
    for path in (*DOCS.glob("*.md"), DOCS.parent / "README.md", DOCS.parent / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text("utf-8")):
            if target.startswith(("http://", "https://")):
                continue
            name, _, anchor = target.partition("#")
            other = path.parent / name if name else path
            assert other.exists(), f"{path.name}: {target}"
            if anchor:
                assert anchor in _anchors(other.read_text("utf-8")), f"{path.name}: {target}"


def test_the_map_has_every_package() -> None:
    settings = tomllib.loads((DOCS.parent / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    rooms = {package.removeprefix("proscribe.").replace(".", "/") for package in settings["packages"]}
    told = re.findall(r"^\| `([\w/]+)/` \|", (DOCS.parent / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(told) == sorted(rooms - {"compiler"})


def _anchors(page: str) -> set[str]:
    """The headings of a page as GitHub links to them."""
    page = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# The chart shows a group as a whole; the parser takes its head, its defaults and its brace one by one.
_OF_GROUPS = ("statement", "group", "defaults", "close")
_TOLD_IN_WORDS = ("NAME", "STRING", "NUMBER", "COMPARE")


def test_the_chart_is_the_grammar() -> None:
    (chart,) = re.findall(r"```ebnf\n(.*?)```", PAGE, re.DOTALL)
    shown = _rules(chart, r"\w+", " +=")
    grammar = files("proscribe.compiler.syntax").joinpath("policy.lark").read_text("utf-8")
    terminals = dict(re.findall(r"^([A-Z]+)(?:\.2)?: (.*)$", grammar, re.MULTILINE))
    said = {name: f'"{body[1:-1].removesuffix(chr(92) + "b")}"' for name, body in terminals.items()}
    said |= {name: name for name in _TOLD_IN_WORDS}
    rules = {
        name: re.sub(r"\b[A-Z]+\b", lambda word: said[word[0]], body)
        for name, body in _rules(grammar, "[a-z]+", ":").items()
    }
    assert {n: b for n, b in shown.items() if n in rules and n not in _OF_GROUPS} == {
        n: b for n, b in rules.items() if n not in _OF_GROUPS
    }
    assert rules["statement"] == f"{shown['statement']} | defaults | close"
    assert shown["group"] == f"{rules['group']} clause* rule* {rules['close']}"
    assert rules["defaults"] == "clause+"
    assert set(shown) - set(rules) == {"file", *_TOLD_IN_WORDS}
    assert set(shown["COMPARE"].split(" | ")) == {f'"{sign}"' for sign in terminals["COMPARE"].strip("/").split("|")}


def _rules(text: str, name: str, sign: str) -> dict[str, str]:
    """Each rule of a grammar on one line, by its name."""
    found = re.findall(rf"^({name}){sign} (.*(?:\n +.*)*)", text, re.MULTILINE)
    return {rule: " ".join(body.split()) for rule, body in found}


def _section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
