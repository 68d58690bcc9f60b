"""Every code has a page, and every example on it is true."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from proscribe.compiler.cli.commands.diff import diagnostics_of
from proscribe.compiler.cli.commands.lint import result_of_lint
from proscribe.compiler.cli.commands.test import result_of_tests
from proscribe.compiler.cli.revisions import version
from proscribe.compiler.explain import diff
from proscribe.compiler.messages import catalogue
from proscribe.compiler.messages.diagnostics import Diagnostic
from proscribe.compiler.pipeline import analyse_file

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs/diagnostics"
CODES = sorted(catalogue.CODES)
_HUNDREDS = {
    "P0": "Text and syntax",
    "P1": "The policy line",
    "P2": "Names and taxonomy",
    "P3": "Clauses",
    "P4": "Rules against each other",
    "P5": "Used files",
    "P6": "Expectations",
    "P7": "Between two versions",
    "L0": "Lint",
}
_HEAD = """# Messages of proscribe

Every message has a code that never changes its meaning. `proscribe explain P012` prints the page of a code in the
terminal; the examples on the pages are run as tests.

An **error** stops a policy from compiling, a **warning** is probably a mistake, a **note** is worth knowing.
`proscribe check --fix FILE` writes the fixes that are certain; `--fix --diff` shows them and writes nothing.
"""
_BLOCK = re.compile(r"```policy (wrong|right|file)([^\n]*)\n(.*?)```", re.DOTALL)


def blocks(code: str, kind: str) -> list[tuple[str, str]]:
    """The examples of one kind on a page, each with what follows the word on its fence."""
    return [(info.strip(), text) for found, info, text in _BLOCK.findall(catalogue.page(code)) if found == kind]


def encoded(text: str, info: str) -> bytes:
    """An example as bytes: some cannot be shown on a page as they are."""
    if many := re.search(r"n=(\d+)", info):
        lines = text.splitlines(keepends=True)
        text = "".join(x.replace("{n}", str(n)) for x in lines for n in range(int(many[1]) if "{n}" in x else 1))
    if "escapes" in info:
        text = re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), text)
    return text.encode("latin-1" if "latin-1" in info else "utf-8")


def check(code: str, info: str, text: str, folder: Path) -> list[tuple[str, str]]:
    for name, used in blocks(code, "file"):
        (folder / name).write_text(used, "utf-8")
    (folder / "example.policy").write_bytes(encoded(text, info))
    return [(d.code, d.severity) for d in found(code, info)]


def found(code: str, info: str) -> tuple[Diagnostic, ...]:
    """What the command finds that a code belongs to."""
    analysis = analyse_file("example.policy")
    if analysis.derived is not None and code in ("P604", "P605", "P606", "P607"):
        threshold = re.search(r"threshold=(\d+)", info)
        return result_of_tests(analysis, "", float(threshold[1]) if threshold else None).diagnostics
    if code.startswith("L") and analysis.derived is not None:
        return result_of_lint(analysis, (code,)).diagnostics
    if code.startswith("P7"):
        old, new = version("old.policy"), version("example.policy")
        assert analysis.derived is not None
        return tuple(diagnostics_of(old, new, diff.run(old.found.graph, new.found.graph), {}, False))
    return analysis.diagnostics


@pytest.mark.parametrize("code", CODES)
def test_the_examples_of_a_page(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ((info, wrong),) = blocks(code, "wrong")
    assert set(check(code, info, wrong, tmp_path)) == {(code, catalogue.CODES[code].severity)}
    ((info, right),) = blocks(code, "right")
    assert check(code, info, right, tmp_path) == []


@pytest.mark.parametrize("code", sorted(catalogue.CODES))
def test_a_page_says_what_and_why(code: str) -> None:
    entry = catalogue.CODES[code]
    page = catalogue.page(code)
    article = "An" if entry.severity == "error" else "A"
    assert page.startswith(f"# {code}: {entry.title}\n\n{article} {entry.severity}. ")
    assert "\n**Why.** " in page


def index() -> str:
    """docs/diagnostics/README.md."""
    lines = [_HEAD]
    hundreds = ""
    for code, entry in sorted(catalogue.CODES.items(), key=lambda item: (item[0][0] != "P", item[0])):
        if code[:2] != hundreds:
            hundreds = code[:2]
            lines.append(f"\n## {_HUNDREDS[hundreds]}\n\n| code | | |\n|---|---|---|\n")
        lines.append(f"| [{code}]({code}.md) | {entry.severity} | {entry.title} |\n")
    return "".join(lines)


def test_the_index_lists_every_page_and_no_other() -> None:
    """`PROSCRIBE_UPDATE=1` writes it again."""
    path = PAGES / "README.md"
    if os.environ.get("PROSCRIBE_UPDATE"):
        path.write_text(index(), "utf-8")
    assert path.read_text("utf-8") == index()
    assert {path.stem for path in PAGES.glob("*.md")} == {"README", *catalogue.CODES}


def test_the_pages_that_ship_are_those_of_docs() -> None:
    assert (ROOT / "compiler/messages/pages").resolve() == PAGES.resolve()
