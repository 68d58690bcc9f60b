"""What `proscribe test` says of a policy's expectations."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from proscribe.compiler.cli.commands.test import result_of_tests
from proscribe.compiler.cli.exits import Exit
from proscribe.compiler.cli.main import main
from proscribe.compiler.explain.expectations import Judge
from proscribe.compiler.graph.cell_sets import CellSet
from proscribe.compiler.pipeline import analyse
from proscribe.compiler.syntax.parse import source_of
from proscribe.compiler.world.cells import Cell

ROOT = Path(__file__).parents[2]
POLICY = """policy "p" edition 2026
concept child; concept man; concept wine; concept beer; concept juice
concept alcohol = wine | beer
relation drinking; relation holding; relation drunk_by inverse drinking as "drunk by"
relation next_to symmetric as "next to"
forbid child -drinking-> alcohol except beer
forbid child -holding-> wine
forbid child -next_to-> wine
allow man -drinking-> *
forbid man -drinking-> wine
"""


def codes(*expects: str, threshold: float | None = None) -> list[tuple[str, int]]:
    text = POLICY + "".join(f"expect {line}\n" for line in expects)
    result = result_of_tests(analyse(source_of("p.policy", text.encode())), "", threshold)
    first = POLICY.count("\n")
    return [(d.code, d.span.line - first) for d in result.diagnostics]


def message(expect: str) -> tuple[str, str]:
    result = result_of_tests(analyse(source_of("p.policy", f"{POLICY}expect {expect}\n".encode())))
    (found,) = result.diagnostics
    return found.message, found.hint


def test_what_holds() -> None:
    assert (
        codes(
            '"a child drinking merlot" forbidden by R1',
            '"wine drunk by a child" forbidden by R1',
            '"wine next to a child" forbidden by R3',
            "wine -drunk_by-> child forbidden by R1",
            "wine -next_to-> child forbidden by R3",
            '"a child drinking beer" unspecified',
            '"a man drinking wine" forbidden by R4',  # a forbid within an allow overrides it
            '"a man drinking juice" allowed by A1',
            '"a dog eating cake" unspecified',  # names of the built-in world only
            "dog -eating-> cake unspecified",
            "child -*-> wine forbidden",
            "* -holding-> beer unspecified",
        )
        == []
    )


def test_what_fails() -> None:
    assert codes(
        '"a child drinking juice" forbidden',
        '"a child drinking wine" allowed',
        '"a child drinking wine" unspecified',
        '"a man drinking juice" unspecified',
        "child -drinking-> alcohol forbidden",
        '"a child sneezing wine" forbidden',
        '"a child drinking alcohol" forbidden',
        '"a child drinking wine" forbidden by R2',
        "child -*-> wine forbidden by R1",
        '"a dog eating cake" allowed',
        "dog -eating-> cake forbidden",
    ) == [
        *(("P604", line) for line in range(1, 6)),
        *(("P605", line) for line in (6, 7)),
        *(("P606", line) for line in (8, 9)),
        *(("P604", line) for line in (10, 11)),
    ]


@pytest.mark.parametrize(
    ("expect", "said", "hint"),
    [
        (
            '"a child drinking juice" forbidden',
            "no rule speaks of `child -drinking-> juice`, which is expected to be forbidden",
            "R1 comes nearest: it does not cover the object `juice`",
        ),
        (
            '"a child drinking beer" forbidden',
            "no rule speaks of `child -drinking-> beer`, which is expected to be forbidden",
            "R1 excepts `child -drinking-> beer`",
        ),
        (
            "child -drinking-> alcohol forbidden",
            "1 of the 2 cells of `child -drinking-> alcohol` is not forbidden: "
            "no rule speaks of `child -drinking-> beer`",
            "R1 excepts `child -drinking-> beer`",
        ),
        (
            '"a man drinking wine" allowed',
            "R4 forbids `man -drinking-> wine`, which is expected to be allowed",
            "",
        ),
        (
            '"a child holding wine" forbidden by R1',
            "`child -holding-> wine` is forbidden by R2, not by R1",
            "write `by R2`",
        ),
        (
            "child -*-> wine forbidden by R1",
            "R1 decides only a part of `child -*-> wine`; the rest is forbidden by R2 and R3",
            "",
        ),
    ],
)
def test_why_it_fails(expect: str, said: str, hint: str) -> None:
    assert message(expect) == (said, hint)


def test_every_verdict_agrees_with_the_cells() -> None:
    """The index and the boxes say of each cell what going through all rules says."""
    graph = analyse(source_of("p.policy", POLICY.encode())).graph
    judge = Judge(graph)
    names, relations = graph.space.concepts.names, graph.space.relations.names
    seen = set()
    for cell in (Cell(s, r, o) for s in names for r in relations for o in names):
        box = graph.space.box(cell)
        assert box is not None
        forbidden = any(cell in e.cells for e in graph.of_kind("forbid"))
        allowed = any(cell in e.cells for e in graph.of_kind("allow"))
        found = judge.decide(CellSet(graph.space, [box])).found
        assert found == ("forbidden" if forbidden else "allowed" if allowed else "unspecified")
        seen.add(found)
    assert seen == {"forbidden", "allowed", "unspecified"}


def test_coverage_and_its_threshold() -> None:
    two = ('"a child drinking wine" forbidden by R1', '"a man drinking juice" allowed')
    assert codes(*two, threshold=40) == []  # R1 and A1 of five rules
    assert [code for code, _ in codes(*two, threshold=41)] == ["P607"]
    assert [code for code, _ in codes('"a child drinking wine" forbidden by R2', threshold=1)] == ["P607", "P606"]


def run(path: Path, *args: str) -> Result:
    return CliRunner().invoke(main, ["test", str(path), *args])


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = Path("p.policy")
    path.write_text(POLICY + 'expect "a child drinking wine" forbidden by R1\nexpect "a man drinking beer" allowed\n')
    return path


def test_the_command(policy: Path) -> None:
    result = run(policy)
    assert result.exit_code == Exit.GOOD
    assert result.stdout == (
        "2 expectations, 0 failed; 2 of 5 rules tested (40 %), not R2, R3, R4\n"
        '  ok      line 11: "a child drinking wine" forbidden by R1\n'
        '  ok      line 12: "a man drinking beer" allowed (A1)\n'
    )
    assert run(policy, "--quiet").stdout == ""
    assert run(policy, "--threshold", "80").exit_code == Exit.POLICY
    assert run(policy, "--filter", "CHILD").stdout.startswith("1 expectation with that text, 0 failed\n")
    assert run(policy, "--filter", "child", "--threshold", "1").exit_code == Exit.USAGE


def test_a_filter_that_chooses_nothing_is_no_success(policy: Path) -> None:
    nothing = run(policy, "--filter", "chidl", "--json")
    assert (nothing.exit_code, nothing.stdout) == (Exit.USAGE, "")
    assert "no expectation has the text 'chidl'; the first of 2 is \"a child drinking wine\" forbidden by R1" in (
        nothing.stderr
    )
    other = Path("q.policy")
    other.write_text(POLICY)
    assert run(policy, str(other), "--filter", "child").exit_code == Exit.GOOD, "one of two files is enough"
    assert "there are no `expect` lines at all" in run(other, "--filter", "child").stderr
    other.write_text("forbid child\n")
    assert run(other, "--filter", "child").exit_code == Exit.POLICY, "an error comes first"


def test_a_failure_has_exit_code_1(policy: Path) -> None:
    policy.write_text(policy.read_text() + 'expect "a man drinking beer" forbidden\n')
    result = run(policy)
    assert result.exit_code == Exit.POLICY
    assert "p.policy:13:8: error[P604]: A1 allows `man -drinking-> beer`" in result.stdout
    assert '  FAILED  line 13: "a man drinking beer" forbidden\n' in result.stdout


def test_a_policy_in_error_is_not_tested(policy: Path) -> None:
    policy.write_text(policy.read_text() + "allow child -drinking-> wine\n")
    result = run(policy)
    assert result.exit_code == Exit.POLICY
    assert result.stdout.endswith("1 error: there is nothing to test\n")


def test_json_follows_the_schema(policy: Path) -> None:
    import jsonschema
    from proscribe.compiler.formats.document import schema

    found = json.loads(run(policy, "--format", "json").stdout)
    jsonschema.validate(found, schema())
    (file,) = found["files"]
    assert file["coverage"] == {"percent": 40.0, "tested": ["R1", "A1"], "untested": ["R2", "R3", "R4"]}
    assert file["expectations"][1] == {
        "about": '"a man drinking beer"',
        "expected": "allowed",
        "by": None,
        "line": 12,
        "holds": True,
        "found": "allowed",
        "cells": "man -drinking-> beer",
        "cell_count": 1,
        "rules": ["A1"],
        "why": "",
    }


@pytest.mark.parametrize("path", sorted((ROOT / "policies").rglob("*.policy")), ids=lambda p: p.stem)
def test_policies_that_ship_hold(path: Path) -> None:
    assert run(path).exit_code == Exit.GOOD


def test_it_loads_no_torch(policy: Path) -> None:
    code = "import sys; from proscribe.compiler.cli.main import main\ntry: main(['test', 'p.policy'])\n"
    code += "finally: assert not {'torch', 'networkx', 'numpy', 'jinja2'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
