"""`--fix` writes what is certain, keeps every other byte, and says what it did."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from proscribe.compiler.cli.exits import Exit
from proscribe.compiler.cli.main import main
from proscribe.compiler.messages.diagnostics import Diagnostic, Fix, Span
from proscribe.compiler.pipeline import compile_source
from proscribe.compiler.syntax import fixes
from proscribe.compiler.syntax.nodes import SourceFile
from proscribe.compiler.syntax.parse import source_of

GOOD = b'policy "p" edition 2026\nconcept child; concept wine; relation drinking\nforbid child -drinking-> wine\n'
SLIPS = GOOD.replace(b"child -drinking->", b"childs =drinking=>")
Write = Callable[[bytes], Path]


def faults(source: SourceFile) -> Iterable[Diagnostic]:
    return compile_source(source)[2]


def proscribe(*args: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in args])


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    monkeypatch.chdir(tmp_path)

    def to_file(data: bytes) -> Path:
        path = Path("p.policy")
        path.write_bytes(data)
        return path

    return to_file


def test_fix_corrects_the_file_and_checks_it(write: Write) -> None:
    path = write(SLIPS)
    result = proscribe("check", "--fix", path)
    assert result.exit_code == Exit.GOOD
    assert path.read_bytes() == GOOD
    assert result.stdout == "1 forbid rule, 0 allow rules, 1 forbidden cell; no errors\n"
    assert result.stderr == (
        "p.policy:3:15: fixed[P015]: ` =drinking=> ` is now ` -drinking-> `\n"
        "p.policy:3:8: fixed[P201]: `childs` is now `child`\n"
    )
    assert [p.name for p in Path().iterdir()] == ["p.policy"]


def test_diff_shows_and_writes_nothing(write: Write) -> None:
    path = write(SLIPS)
    for args in (("--fix", "--diff"), ("--diff",)):
        result = proscribe("check", *args, path)
        assert result.exit_code == Exit.POLICY
        assert result.stdout.splitlines()[-2:] == [
            "-forbid childs =drinking=> wine",
            "+forbid child -drinking-> wine",
        ]
    assert path.read_bytes() == SLIPS


def test_what_is_not_certain_stays(write: Write) -> None:
    path = write(GOOD + b"forbid child -> wine\n")
    result = proscribe("check", "--fix", path)
    assert result.exit_code == Exit.POLICY
    assert "error[P015]" in result.stdout
    assert path.read_bytes() == GOOD + b"forbid child -> wine\n"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_line_ends_and_byte_order_mark_stay(mark: bytes, line_end: bytes) -> None:
    whole = (b"# a cafe\xcc\x81 on line one\n" + SLIPS + b"\n# the end").replace(b"\n", line_end)
    fixed = fixes.run("p.policy", mark + whole, faults)
    assert fixed.data == mark + whole.replace(b"childs =drinking=>", b"child -drinking->")
    no_line = mark + GOOD.partition(b"\n")[2].replace(b"\n", line_end)
    assert fixes.run("p.policy", no_line, faults).data == mark + GOOD.replace(b"\n", line_end)


def test_bytes_that_are_not_utf8_are_left_alone() -> None:
    data = SLIPS + b"# caf\xe9\n"
    assert fixes.run("p.policy", data, faults) == fixes.Fixed(data, ())


def test_a_used_file_is_not_changed(write: Write) -> None:
    path = write(b'policy "p" edition 2026\nuse "used"\nforbid child -drinking-> wine\n')
    Path("used.policy").write_text("concept child as “child”\n")
    proscribe("check", "--fix", path)
    assert Path("used.policy").read_text() == "concept child as “child”\n"


def test_rights_and_links_stay(write: Write) -> None:
    path = write(SLIPS)
    path.chmod(0o640)
    os.symlink(path, "link.policy")
    assert proscribe("check", "--fix", "link.policy").exit_code == Exit.GOOD
    assert Path("link.policy").is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.read_bytes() == GOOD


def test_a_failed_write_leaves_the_file(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(SLIPS)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    result = proscribe("check", "--fix", path)
    assert result.exit_code == Exit.ENVIRONMENT
    assert "p.policy cannot be fixed: No space left on device" in result.stderr
    assert path.read_bytes() == SLIPS
    assert [p.name for p in Path().iterdir()] == ["p.policy"]


def diagnostic(start: int, end: int, text: str) -> Diagnostic:
    span = Span("p.policy", 1, start, 1, end)
    return Diagnostic("P019", "error", "", span, fix=Fix(span, text))


def test_of_fixes_that_overlap_the_first_is_made() -> None:
    found = [diagnostic(3, 6, "b"), diagnostic(1, 4, "a"), diagnostic(4, 5, "c"), diagnostic(4, 4, "d")]
    chosen = fixes.choose(found, "p.policy")
    assert [d.fix.replacement for d in chosen if d.fix] == ["a", "d", "c"]
    assert fixes.choose([diagnostic(2, 2, "x"), diagnostic(2, 2, "y")], "p.policy") == (diagnostic(2, 2, "x"),)
    assert fixes.choose(found, "other.policy") == ()
    source = source_of("p.policy", b"123456")
    assert fixes.apply(b"123456", source, [d.fix for d in chosen if d.fix]) == b"adc56"


def test_json_has_the_fix_and_the_page(write: Write) -> None:
    (file,) = json.loads(proscribe("check", "--json", write(SLIPS)).stdout)["files"]
    (first,) = file["diagnostics"]
    assert first["page"] == "docs/diagnostics/P015.md"
    assert first["fix"]["replacement"] == " -drinking-> "
    assert (first["fix"]["span"]["column"], first["fix"]["span"]["end_column"]) == (14, 27)


def test_text_says_where_to_read_more(write: Write) -> None:
    assert proscribe("check", write(SLIPS)).stderr == (
        "`proscribe explain P015` says more; `proscribe check --fix` writes the fix\n"
    )
    assert proscribe("check", "--quiet", "p.policy").stderr == ""
    assert proscribe("check", write(GOOD)).stderr == ""


SIGNS = (
    "-> => -x-> { } ( ) | , ; : = \" “ ” ' // # 5 <= ； ， \n and is forbid concept group use expect as by child wine"
)
CASES = sorted((Path(__file__).parents[1] / "cases").glob("*.policy"))


@pytest.mark.parametrize("seed", range(4))
def test_fixes_of_damaged_policies_come_to_an_end(seed: int) -> None:
    """Words put into and taken out of the cases: no traceback, and nothing left that could be fixed."""
    dice = random.Random(seed)
    texts = [path.read_text("utf-8", errors="ignore") for path in CASES if path.stat().st_size < 1_000]
    for _ in range(150):
        text = dice.choice(texts)
        for _ in range(dice.randrange(1, 4)):
            at = dice.randrange(len(text) + 1)
            text = (
                text[:at] + (dice.choice(SIGNS.split(" ")) + " ") * dice.randrange(2) + text[at + dice.randrange(4) :]
            )
        fixed = fixes.run("p.policy", text.encode(), faults)
        assert fixes.run("p.policy", fixed.data, faults).changes == (), text
