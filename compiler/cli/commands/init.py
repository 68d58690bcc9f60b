"""`proscribe init`: a folder with a first policy that checks clean, to change rather than to write from nothing."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ...messages.diagnostics import listed
from ..exits import EnvironmentFault

_STARTER = Path(__file__).parent / "starter"
_LONGEST_NAME = 60
# what the new folder holds: where it comes from
FILES = {
    "first.policy": "first.policy",
    "README.md": "README.md",
    ".gitignore": "gitignore",
    ".github/workflows/policy.yml": "policy.yml",
}


@click.command()
@click.argument("folder", required=False, default=Path("."), type=click.Path(file_okay=False, path_type=Path))
@click.option("--quiet", "-q", is_flag=True, help="Print nothing.")
def init(folder: Path, quiet: bool) -> None:
    """Write a first policy with comments and tests, a README and a workflow into FOLDER (here, if none is named).

    Nothing that exists is overwritten.
    """
    there = [str(folder / name) for name in FILES if os.path.lexists(folder / name)]
    if there:
        stay = "exists and stays as it is" if len(there) == 1 else "exist and stay as they are"
        raise click.UsageError(f"{listed(there, 'and')} {stay}; name a new folder")
    name = policy_name(folder)
    for target, source in FILES.items():
        text = (_STARTER / source).read_text("utf-8").replace("@NAME@", name).replace("@TITLE@", name)
        _write(folder / target, text)
    if not quiet:
        _say(folder)


def policy_name(folder: Path) -> str:
    """The folder's name as a policy may be called.

    >>> policy_name(Path("alcohol_and_minors"))
    'alcohol and minors'
    >>> policy_name(Path("/"))
    'first policy'
    """
    raw = folder.resolve().name.replace("_", " ")
    kept = "".join(c for c in raw if c.isalnum() or c in " -.").strip(" -.")
    return kept[:_LONGEST_NAME] or "first policy"


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as fault:
        raise EnvironmentFault(f"{path} cannot be written: {fault.strerror or fault}") from fault


def _say(folder: Path) -> None:
    here = folder.resolve() == Path.cwd()
    click.echo(f"wrote {listed((str(folder / name) for name in FILES), 'and')}\n\nnext:")
    steps = [
        *([] if here else [(f"cd {_quoted(folder)}", "")]),
        ("proscribe check first.policy", "what is wrong with it: nothing yet"),
        ("proscribe explain first.policy", "what its rules take away and keep"),
        ("proscribe watch first.policy", "check again at each save, while you change it"),
        ("proscribe plan first.policy", "how long compiling would take"),
    ]
    for command, what in steps:
        click.echo(f"  {command:<32}{what}".rstrip())


def _quoted(folder: Path) -> str:
    from shlex import quote

    return quote(str(folder))
