"""How machines are told where a file is: relative to the working directory, with `/`, wherever that can be said."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath


def from_here(path: str) -> str:
    """The path relative to the working directory; absolute where the file lies outside it.

    >>> from_here("policies/../policies/wine.policy")
    'policies/wine.policy'
    """
    here, there = os.getcwd(), os.path.abspath(path)
    inside = there.startswith(os.path.join(here, ""))
    return Path(os.path.relpath(there, here) if inside else there).as_posix()


def uri(path: str) -> tuple[str, bool]:
    """The same as a URI reference, and whether it is relative.

    >>> uri("my policies/wine #1.policy")
    ('my%20policies/wine%20%231.policy', True)
    """
    from urllib.parse import quote

    shown = from_here(path)
    if PurePosixPath(shown).is_absolute() or Path(shown).is_absolute():
        return Path(shown).as_uri(), False
    return quote(shown.encode("utf-8", "surrogateescape")), True
