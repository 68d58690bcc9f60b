"""Which file a `use` may have meant that names none."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from ..messages.diagnostics import listed, meant, near, quote
from ..messages.spelling import Guess, guess

_APART = re.compile(r"[\\/.:]+")  # how other languages part the names of modules


def meant_file(use: str, path: str, user: str, library: str, folder_of_library: str, suffix: str) -> Guess:
    """What to write for `use`, which the file `user` says and which is not at `path`.

    `library` is how files of the standard library begin.
    """
    before = use[: use.rfind("/") + 1]
    wanted = use[len(before) :].removesuffix(suffix)
    words = [word for word in _APART.split(use.removesuffix(suffix)) if word]
    of_library = _policies(folder_of_library, suffix)
    if use.startswith(library) or use == library.rstrip("/"):
        found = _likest(words[-1], of_library) if len(words) > 1 else Guess()
        if found.hint:
            return _named(found, library)
        return Guess(f"it has {listed((quote(library + name) for name in of_library), 'and')}")
    folder = os.path.dirname(path) or "."
    beside = [name for name in _policies(folder, suffix) if os.path.join(folder, name + suffix) != _from_here(user)]
    found = _likest(wanted, beside) if wanted else Guess()
    if found.hint:
        return _named(found, before)
    found = _likest(words[-1], of_library) if words and not use.startswith(".") else Guess()
    if found.certain:
        named = _named(found, library)
        # Without `std` it may be a file of the author's own that is not there yet.
        certain = named.certain if words[0].casefold() == library.rstrip("/") else None
        return Guess(f"{named.hint} files of the standard library begin with `{library}`", certain)
    if not os.path.isdir(folder):
        return Guess(f"there is no folder {quote(folder)}")
    return Guess(f"{quote(folder)} has {listed(map(quote, beside[:12]), 'and')}" if beside else "")


def _likest(wanted: str, names: Sequence[str]) -> Guess:
    """The file names that `wanted` is like, in the hint one to a line; one that is certain alone."""
    if wanted.casefold() in names:
        return Guess(wanted.casefold(), wanted.casefold())
    certain = guess(wanted, names).certain
    return Guess(certain, certain) if certain else Guess("\n".join(near(wanted, names)))


def _named(found: Guess, before: str) -> Guess:
    certain = before + found.certain if found.certain else None
    return Guess(meant([before + name for name in found.hint.splitlines()]), certain)


def _policies(folder: str, suffix: str) -> list[str]:
    try:
        return sorted(name.removesuffix(suffix) for name in os.listdir(folder) if name.endswith(suffix))
    except OSError:
        return []


def _from_here(path: str) -> str:
    return os.path.join(os.path.dirname(path) or ".", os.path.basename(path))
