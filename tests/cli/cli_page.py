"""The parts of docs/cli.md that click knows: `python tests/cli/cli_page.py` writes them anew between their marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
from proscribe.compiler.cli.main import main

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
_MARKED = re.compile(r"(<!-- click: ([a-z ]+) -->\n).*?(<!-- end -->\n)", re.DOTALL)


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command in the order of `proscribe --help`, subcommands after their group: its words and itself."""
    context = click.Context(main, info_name="proscribe")
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {sub}", command.commands[sub]) for sub in sorted(command.commands))


def rendered(words: str, command: click.Command) -> str:
    """Usage, help and options of a command as Markdown."""
    context = click.Context(command, info_name=f"proscribe {words}")
    usage = " ".join(("proscribe", words, *command.collect_usage_pieces(context)))
    parts = (" ".join(part.split()) for part in (command.help or "").split("\n\n"))
    lines = ["```", usage, "```", *(line for part in parts if part for line in ("", part))]
    rows = [row for option in command.params if isinstance(option, click.Option) for row in _row(option, context)]
    if rows:
        lines += ["", "| option | |", "|---|---|", *rows]
    return "\n".join(lines) + "\n"


def _row(option: click.Option, context: click.Context) -> Iterator[str]:
    record = option.get_help_record(context)
    if record is not None:
        names, said = (" ".join(part.split()).replace("|", "\\|") for part in record)
        yield f"| `{names}` | {said} |"


def renewed(page: str) -> str:
    """The page with what click says of each command that it marks."""
    known = dict(commands())
    return _MARKED.sub(lambda found: found[1] + rendered(found[2], known[found[2]]) + found[3], page)


def marked(page: str) -> list[str]:
    """The commands that a page describes, in its order."""
    return [words for _, words, _ in _MARKED.findall(page)]


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")
