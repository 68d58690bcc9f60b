"""Every policy here is said about what stands beside it: the messages, then what `--fix` would write.

`PROSCRIBE_UPDATE=1 pytest tests/cases` writes the expected texts again; read the difference before you commit it.
A name begins with the code that its case is about, or with `fine` (no message) or `many` (several faults).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from proscribe.compiler.cli.commands.check import summary
from proscribe.compiler.formats import FileResult, render
from proscribe.compiler.messages import catalogue
from proscribe.compiler.messages.diagnostics import Diagnostic
from proscribe.compiler.pipeline import analyse_file, compile_source
from proscribe.compiler.syntax import fixes
from proscribe.compiler.syntax.nodes import SourceFile
from proscribe.compiler.syntax.parse import source_of

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CASES = sorted(HERE.glob("*.policy"))
# Their pages have them: one takes too large a policy, the others are found by `proscribe test` and `diff`.
ELSEWHERE = {"P208", "P604", "P605", "P606", "P607", "P701", "P702"}
UPDATE = bool(os.environ.get("PROSCRIBE_UPDATE"))


def faults(source: SourceFile) -> Iterable[Diagnostic]:
    return compile_source(source)[2]


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE)


def said(name: str) -> tuple[FileResult, str]:
    """What `check` finds in a case, and all that is expected of it as text."""
    path = Path(name)
    found = analyse_file(path)
    said = summary(found.derived, found.diagnostics)
    result = FileResult(found.source, found.diagnostics, found.derived is not None, said, found.others)
    text = render("text", [result])
    data = path.read_bytes()
    changed = fixes.diff(name, data, fixes.run(name, data, faults).data)
    return result, f"{text}\n{changed}" if changed else text


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_case(case: Path) -> None:
    result, text = said(case.name)
    expected = case.with_suffix(".txt")
    if UPDATE:
        expected.write_text(text, "utf-8")
    assert text == expected.read_text("utf-8")
    codes = [d.code for d in result.diagnostics]
    about = case.stem.partition("-")[0]
    assert {"fine": not codes, "many": len(codes) >= 3}.get(about, about in codes)
    assert all(catalogue.CODES[d.code].severity == d.severity for d in result.diagnostics)


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_fixes_end_and_leave_nothing_to_fix(case: Path) -> None:
    data = case.read_bytes()
    fixed = fixes.run(case.name, data, faults)
    again = fixes.run(case.name, fixed.data, faults)
    assert again.changes == ()
    assert bool(fixed.changes) == (fixed.data != data)


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_a_fix_changes_its_span_and_nothing_else(case: Path) -> None:
    data = case.read_bytes()
    source = source_of(case.name, data)
    chosen = [d.fix for d in fixes.choose(faults(source), case.name) if d.fix]
    if not chosen or b"\xff" in data:
        return
    starts = [0, *(i + 1 for i, c in enumerate(source.text) if c == "\n")]
    text = source.text
    for fix in reversed(chosen):
        begin = starts[fix.span.line - 1] + fix.span.column - 1
        end = starts[fix.span.end_line - 1] + fix.span.end_column - 1
        text = text[:begin] + fix.replacement + text[end:]
    assert source_of(case.name, fixes.apply(data, source, chosen)).text == text


def test_there_are_enough_and_none_is_forgotten() -> None:
    assert len(CASES) >= 130
    assert {path.stem for path in HERE.glob("*.txt")} == {path.stem for path in CASES}


def test_every_code_of_the_source_has_an_entry_and_a_case_and_the_reverse() -> None:
    sources = [p.read_text("utf-8") for p in (ROOT / "compiler").rglob("*.py") if p.name != "catalogue.py"]
    used = {code for text in sources for code in re.findall(r'(?<!title\()"(P\d{3})"', text)}
    assert used == {code for code in catalogue.CODES if code.startswith("P")}
    shown = ELSEWHERE | {
        code for path in CASES for code in re.findall(r"\[(P\d{3})\]", path.with_suffix(".txt").read_text("utf-8"))
    }
    assert used - shown == set()
