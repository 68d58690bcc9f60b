"""`proscribe explain P012`: the page of a code, in the terminal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from ...messages.catalogue import CODES, page
from ...messages.spelling import guess

_CODE = re.compile(r"[A-Za-z]\d{3}")


class FileOrCode(click.Path):
    """A policy file, or the code of a message where no file has that name."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """A path as usual; a code as a string in capital letters."""
        text = str(value)
        if not _CODE.fullmatch(text) or Path(text).exists():
            return super().convert(value, param, ctx)
        code = text.upper()
        if code not in CODES:
            hint = guess(code, CODES).hint
            self.fail(f"there is no code {code}" + (f"; {hint}" if hint else ""), param, ctx)
        return code


def show_page(code: str) -> None:
    """Print a code's page: headings in bold, examples indented."""
    click.echo("\n".join(_plain(page(code))))


def _plain(text: str) -> list[str]:
    lines: list[str] = []
    fenced = False
    for line in text.strip().splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif fenced:
            lines.append(f"    {line}".rstrip())
        elif line.startswith("#"):
            lines.append(click.style(line.lstrip("# "), bold=True))
        else:
            bare = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", line)
            lines.append(re.sub(r"\*\*(.+?)\*\*", lambda m: click.style(m[1], bold=True), bare))
    return lines
