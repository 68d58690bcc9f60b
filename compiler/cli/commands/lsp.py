"""`proscribe lsp`: the language server, for editors."""

from __future__ import annotations

import sys

import click

from ..exits import EnvironmentFault

_PACKAGES = ("pygls", "lsprotocol", "cattrs", "attrs", "attr")


@click.command()
@click.option("--stdio", is_flag=True, help="Speak over standard input and output; it always does.")
def lsp(stdio: bool) -> None:
    """Speak the Language Server Protocol over standard input and output; an editor starts this."""
    try:
        from ...lsp.server import serve
    except ModuleNotFoundError as missing:
        if missing.name is None or missing.name.partition(".")[0] not in _PACKAGES:
            raise
        message = f"the language server needs the package {missing.name}: pip install 'proscribe[lsp]'"
        raise EnvironmentFault(message) from missing
    if sys.stdin.isatty():
        click.echo("proscribe: waiting for an editor on standard input; Ctrl-C ends", err=True)
    sys.exit(serve())
