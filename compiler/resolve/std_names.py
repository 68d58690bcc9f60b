"""Which file of the standard library declares a name; read only when a policy has a name that nobody declares."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache

from ..syntax.nodes import Kind
from .imports import LIBRARY, SUFFIX, library, policies_in

# The library is laid out by `proscribe fmt`: every declaration begins a line.
_DECLARATION = re.compile(r"^(concept|relation) +(\w+)", re.MULTILINE)


def home_in_std(kind: Kind, name: str) -> str:
    """What to `use` for a name, or an empty string.

    >>> home_in_std("concept", "toddler"), home_in_std("relation", "toddler")
    ('std/people', '')
    """
    return _homes().get((kind, name), "")


@cache
def _homes() -> Mapping[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    folder = library()
    for file in policies_in(folder):
        with open(os.path.join(folder, file + SUFFIX), encoding="utf-8") as text:
            for kind, name in _DECLARATION.findall(text.read()):
                found[kind, name] = LIBRARY + file
    return found
