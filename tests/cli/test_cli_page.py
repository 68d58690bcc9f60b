"""docs/cli.md has every command and every option, in click's own words."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest
from click.shell_completion import BashComplete
from click.testing import CliRunner
from proscribe.compiler.cli.exits import Exit
from proscribe.compiler.cli.main import COMMANDS, main

sys.path.insert(0, str(Path(__file__).parent))
from cli_page import PAGE, commands, marked, renewed

TEXT = PAGE.read_text("utf-8")


def test_the_page_has_the_commands_of_help_in_their_order() -> None:
    assert marked(TEXT) == [words for words, _ in commands()]
    assert re.findall(r"^\| \[`(\w+)`\]\(#\w+\) \| (.*) \|$", TEXT, re.MULTILINE) == [
        (name, said) for name, (_, said) in COMMANDS.items()
    ]
    assert re.findall(r"^##+ `([a-z ]+)`$", TEXT, re.MULTILINE) == marked(TEXT)


def test_usage_and_options_are_clicks() -> None:
    """`python tests/cli/cli_page.py` writes them anew."""
    assert renewed(TEXT) == TEXT


def test_the_table_of_exit_codes_is_whole() -> None:
    table = TEXT.partition("| code | meaning |")[2].partition("\n\n")[0]
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)] == sorted(int(c) for c in Exit)


def test_the_exit_codes_of_a_command_are_known() -> None:
    lines = re.findall(r"^Exit codes: (.*)$", TEXT, re.MULTILINE)
    said = {int(n) for line in lines for n in re.findall(r"(?:^|· |, |and )(\d+)\b", line)}
    table = {int(n) for n in re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE)}
    assert table == {int(code) for code in Exit}
    assert said == table - {Exit.UNREAD}, "any command may lose its reader; the table says it once"


_SAYS_THE_SAME = ("check", "lint", "test", "explain", "fmt")  # neither a time nor a file of its own in what they print
_CALL = re.compile(r"^\$ proscribe (.*policies/minors\.policy.*)\n((?:(?!\$ |```).*\n)*)", re.MULTILINE)
_RUNS = [
    (page, words, said)
    for page in ("cli.md", "tutorial.md")
    for words, said in _CALL.findall((PAGE.parent / page).read_text("utf-8"))
    if words.split()[0] in _SAYS_THE_SAME and "--svg" not in words
]


@pytest.mark.parametrize(("page", "words", "said"), _RUNS)
def test_an_example_prints_what_the_page_shows(
    page: str, words: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(PAGE.parents[1])
    done = CliRunner().invoke(main, shlex.split(words))
    begin, dots, _ = said.partition("...\n")
    assert done.exit_code == 0, page
    assert done.output.startswith(begin) if dots else done.output == said


def test_there_are_such_examples() -> None:
    assert {words.split()[0] for _, words, _ in _RUNS} == set(_SAYS_THE_SAME)
    assert len(_RUNS) > 7


@pytest.mark.parametrize(("words", "rest", "found"), [([], "expl", "explain"), (["lint"], "--sel", "--select")])
def test_the_shell_completes(words: list[str], rest: str, found: str) -> None:
    completion = BashComplete(main, {}, "proscribe", "_PROSCRIBE_COMPLETE")
    assert [item.value for item in completion.get_completions(words, rest)] == [found]
