"""How the server begins and ends, what it does with nonsense, and how fast it is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from proscribe.compiler.cli.exits import Exit

sys.path.insert(0, str(Path(__file__).parent))
from lsp_editor import PATIENCE_SECONDS, SERVER, Answered, Editor, edit

LIMIT_SECONDS = 0.150
TRIALS = 3


def test_shutdown_then_exit_is_0() -> None:
    with Editor() as editor:
        assert editor.leave() == 0


def test_exit_without_shutdown_is_1() -> None:
    with Editor() as editor:
        editor.notify("exit")
        assert editor.process.wait(PATIENCE_SECONDS) == 1


def test_an_editor_that_dies_takes_the_server_with_it() -> None:
    with Editor() as editor:
        assert editor.process.stdin is not None
        editor.process.stdin.close()
        assert editor.process.wait(PATIENCE_SECONDS) == 1


def test_nonsense_is_survived(tmp_path: Path) -> None:
    uri = (tmp_path / "p.policy").as_uri()
    with Editor() as editor:
        editor.send_raw(b"Content-Length: 9\r\n\r\n{nonsense")
        editor.send({"id": 99, "method": "textDocument/nothing", "params": {}})
        editor.send({"method": "textDocument/didOpen", "params": {"textDocument": 7}})
        editor.notify("$/nothing")
        for what in ("hover", "definition"):
            with pytest.raises(Answered):
                editor.ask(what, uri, -1, -1)
        assert [d["code"] for d in editor.open(uri, "forbid a")] != []


def test_without_pygls_it_says_what_to_install(tmp_path: Path) -> None:
    for package in ("pygls", "lsprotocol"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text(f"raise ModuleNotFoundError('gone', name={package!r})\n")
    path = os.pathsep.join(p for p in (str(tmp_path), os.environ.get("PYTHONPATH", "")) if p)
    done = subprocess.run(SERVER, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False)
    assert done.returncode == Exit.ENVIRONMENT
    assert "pip install 'proscribe[lsp]'" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_help_needs_no_pygls_and_no_torch() -> None:
    code = (
        "import sys\nfrom proscribe.compiler.cli.main import main\n"
        "main(['lsp', '--help'], standalone_mode=False)\n"
        "assert not {'pygls', 'lsprotocol', 'torch'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Language Server Protocol" in done.stdout


def test_the_server_never_imports_torch() -> None:
    code = "import sys, proscribe.compiler.lsp.server; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def large_policy(rules: int = 500) -> str:
    """Rules over names of its own and of the library, each on three lines, some in groups."""
    lines = ['policy "large" edition 2026']
    lines += [f'use "std/{name}"' for name in ("people", "alcohol", "relations", "vehicles")]
    lines += [f'concept thing_{n} : kind_{n // 10} as "thing {n}", "a thing {n}"' for n in range(200)]
    lines += [f"concept kind_{n}" for n in range(20)]
    lines += [f'relation doing_{n} as "doing {n}"' for n in range(20)]
    for n in range(rules):
        subject, obj = ("child", f"kind_{n % 20}") if n % 10 == 0 else (f"thing_{7 * n % 200}", f"thing_{n * n % 200}")
        relation = (n // 200 + n) % 20
        lines += [f"forbid {subject} -doing_{relation}-> {obj}", f'    because "reason {n}"', "    severity high"]
    return "\n".join(lines) + "\n"


def test_a_message_comes_within_150_ms_of_a_keystroke(tmp_path: Path) -> None:
    """On 500 rules, through the real server; the best of several, for a machine that is busy with other work."""
    uri, text = (tmp_path / "large.policy").as_uri(), large_policy()
    line = text.count("\n") - 1
    took: list[float] = []
    with Editor() as editor:
        assert all(d["severity"] != 1 for d in editor.open(uri, text))
        for _ in range(TRIALS):
            for number in range(5):
                started = time.perf_counter()
                editor.change(uri, edit((line, 16), (line, 17 if number % 2 else 16), "" if number % 2 else "x"))
                said = editor.diagnostics(uri)
                took.append(time.perf_counter() - started)
                assert ("P302" in [d["code"] for d in said]) == (number % 2 == 0)
            editor.change(uri, edit((line, 16), (line, 17), ""))
            editor.diagnostics(uri)
            if min(took) < LIMIT_SECONDS:
                break
    print(f"\n500 rules: a message {min(took) * 1000:.0f} ms after the key at best, {max(took) * 1000:.0f} at worst")
    assert min(took) < LIMIT_SECONDS


def test_a_burst_of_keys_costs_few_checks(tmp_path: Path) -> None:
    """Keys that come faster than checks are answered for together."""
    uri, text = (tmp_path / "large.policy").as_uri(), large_policy()
    with Editor() as editor:
        editor.open(uri, text)
        for _ in range(100):
            editor.change(uri, edit((0, 0), (0, 0), "#"))
        editor.diagnostics(uri)
        assert len(editor.published[uri]) < 30


def test_the_page_names_every_feature() -> None:
    from proscribe.compiler.lsp.server import FEATURES

    page = (Path(__file__).parents[2] / "docs/lsp.md").read_text("utf-8")
    assert {method for method, _, _ in FEATURES} <= set(re.findall(r"`(\w+/\w+)`", page))
