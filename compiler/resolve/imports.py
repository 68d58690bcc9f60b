"""`use`: which files a policy stands on, each read and parsed once.

A used file gives its concepts and relations, and those of the files that it uses; its rules stay its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..messages.diagnostics import Diagnostics, Fix, Related, listed, quote
from ..syntax import parse
from ..syntax.nodes import Expect, Policy, SourceFile, Use
from .missing import meant_file

SUFFIX = ".policy"
LIBRARY = "std/"
Reader = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Program:
    """A policy and every file that it uses, directly or not; `reach` are the files that each file's uses lead to."""

    policy: Policy
    used: tuple[Policy, ...] = ()
    reach: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def sources(self) -> dict[str, SourceFile]:
        """All texts by path, the policy's own first."""
        return {policy.source.path: policy.source for policy in (self.policy, *self.used)}


def from_disk(path: str) -> bytes:
    """The bytes of a file."""
    with open(path, "rb") as file:
        return file.read()


def overlaid(texts: Mapping[str, str]) -> Reader:
    """A reader that takes these texts by path before the disk's: what stands in an editor, not saved yet."""
    known = {_key(path): text for path, text in texts.items()}

    def read(path: str) -> bytes:
        text = known.get(_key(path))
        return from_disk(path) if text is None else text.encode("utf-8", "surrogatepass")

    return read


def library() -> str:
    """The folder of the standard library."""
    from importlib.resources import files

    return os.path.join(str(files("proscribe.policies")), "std")


def is_library(path: str) -> bool:
    """Whether a file belongs to the standard library."""
    return os.path.abspath(path).startswith(os.path.join(library(), ""))


def as_used(path: str) -> str:
    """A file as messages name it: one of the library as `use` does, any other by its path."""
    return LIBRARY + os.path.basename(path).removesuffix(SUFFIX) if is_library(path) else path


def policies_in(folder: str) -> list[str]:
    """The policies of a folder as `use` names them, without the suffix."""
    return sorted(name.removesuffix(SUFFIX) for name in os.listdir(folder) if name.endswith(SUFFIX))


def target(use: str, user: str, std: str | None = None) -> str:
    """The path of the file that `use` names in the file `user`; `std` is the folder of another standard library.

    >>> target("../people", "policies/minors.policy"), target("a.policy", "p.policy")
    ('people.policy', 'a.policy')
    """
    name = use if use.endswith(SUFFIX) else use + SUFFIX
    if use.startswith(LIBRARY):
        return os.path.normpath(os.path.join(std or library(), name.removeprefix(LIBRARY)))
    return os.path.normpath(os.path.join(os.path.dirname(user), name))


def run(policy: Policy, diagnostics: Diagnostics, reader: Reader = from_disk, std: str | None = None) -> Program:
    """Read what a policy uses; what cannot be read is a message, and left out."""
    if not any(isinstance(s, Use) for s in policy.statements):
        return Program(policy)
    return _Imports(policy, diagnostics, reader, std).program()


class _Imports:
    """The files met so far, by their absolute path."""

    def __init__(self, policy: Policy, diagnostics: Diagnostics, reader: Reader, std: str | None) -> None:
        self.root, self.diagnostics, self.reader, self.std = policy, diagnostics, reader, std
        self.policies: dict[str, Policy] = {_key(policy.source.path): policy}
        self.edges: dict[str, dict[str, Use]] = {}

    def program(self) -> Program:
        self.follow()
        self.report_rings()
        used = tuple(policy for policy in self.policies.values() if policy is not self.root)
        reach = {self.policies[key].source.path: self.reached(key) for key in self.policies}
        for policy in used:
            self.note_rules(policy)
        return Program(self.root, used, reach)

    def follow(self) -> None:
        todo = [_key(self.root.source.path)]
        while todo:
            user = todo.pop()
            policy = self.policies[user]
            edges = self.edges.setdefault(user, {})
            for use in (s for s in policy.statements if isinstance(s, Use)):
                if not use.path.text:
                    message = "this `use` names no file"
                    self.diagnostics.error("P507", message, use.path.span, hint='write `use "std/people"`')
                    continue
                path = target(use.path.text, policy.source.path, self.std)
                key = _key(path)
                if key in edges:
                    related = [Related("first used here", edges[key].span)]
                    message = f'"{use.path.text}" is used twice'
                    self.diagnostics.warning("P506", message, use.span, related=related, hint="one `use` is enough")
                    continue
                if key not in self.policies:
                    found = self.read(use, path, policy.source.path)
                    if found is None:
                        continue
                    self.policies[key] = found
                    todo.append(key)
                edges[key] = use

    def read(self, use: Use, path: str, user: str) -> Policy | None:
        try:
            data = self.reader(path)
        except (FileNotFoundError, NotADirectoryError):
            where = "the standard library has no" if use.path.text.startswith(LIBRARY) else "there is no file"
            named = quote(use.path.text) if use.path.text.startswith(LIBRARY) else quote(path)
            meant = meant_file(use.path.text, path, user, LIBRARY, self.std or library(), SUFFIX)
            fix = Fix(use.path.span, f'"{meant.certain}"') if meant.certain else None
            self.diagnostics.error("P501", f"{where} {named}", use.path.span, hint=meant.hint, fix=fix)
            return None
        except (OSError, ValueError) as fault:
            why = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
            self.diagnostics.error("P505", f"{quote(path)} cannot be read: {why}", use.path.span)
            return None
        return parse.run(parse.source_of(path, data), self.diagnostics)

    def report_rings(self) -> None:
        """Each ring once, at the `use` that closes it; it is then cut there."""
        done: set[str] = set()
        for start in sorted(self.edges):
            path: list[str] = []
            todo = [(start, 0)]
            while todo:
                key, at = todo.pop()
                if at == 0:
                    if key in done:
                        continue
                    path.append(key)
                nexts = sorted(self.edges[key])
                if at == len(nexts):
                    done.add(path.pop())
                    continue
                todo.append((key, at + 1))
                if nexts[at] in path:
                    self.report_ring(path[path.index(nexts[at]) :])
                elif nexts[at] not in done:
                    todo.append((nexts[at], 0))

    def report_ring(self, ring: list[str]) -> None:
        root = _key(self.root.source.path)
        if root in ring:  # told from the file that the author runs
            ring = [*ring[ring.index(root) :], *ring[: ring.index(root)]]
        names = [quote(self.policies[key].source.path) for key in (*ring, ring[0])]
        uses = [self.edges[a][b] for a, b in zip(ring, (*ring[1:], ring[0]), strict=True)]
        message = "this file uses itself" if len(ring) == 1 else f"these files use each other: {' uses '.join(names)}"
        related = [Related("and here", use.span) for use in uses[1:]]
        hint = "take this `use` away" if len(ring) == 1 else "move what both need into a file of its own"
        self.diagnostics.error("P502", message, uses[0].path.span, related=related, hint=hint)

    def reached(self, key: str) -> frozenset[str]:
        found: set[str] = set()
        todo = [key]
        while todo:
            new = set(self.edges.get(todo.pop(), ())) - found
            found |= new
            todo += new
        return frozenset(self.policies[k].source.path for k in found - {key})

    def note_rules(self, policy: Policy) -> None:
        rules = sum(1 for _ in policy.rules())
        expects = sum(isinstance(s, Expect) for s in policy.statements)
        if not rules and not expects:
            return
        key = _key(policy.source.path)
        use = next(edges[key] for edges in self.edges.values() if key in edges)
        counts = (_count(rules, "rule"), _count(expects, "expectation"))
        what = listed((c for c in counts if not c.startswith("0")), "and")
        verb = "stays" if rules + expects == 1 else "stay"
        message = f"its {what} {verb} its own: a `use` takes concepts and relations only"
        hint = f"to check them, run `proscribe check {policy.source.path}`"
        self.diagnostics.note("P503", message, use.path.span, hint=hint)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _key(path: str) -> str:
    return os.path.abspath(path)
