"""docs/std.md, written from the files of policies/std: `python tests/std/std_page.py` renews the page.

The files are read here line by line and not by the compiler, so that the tests compare two readings of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
STD = ROOT / "policies" / "std"
PAGE = ROOT / "docs" / "std.md"
_DECLARATION = re.compile(
    r"(?P<kind>concept|relation) (?P<name>\w+)\s*(?P<symmetric>symmetric\b)?\s*(?:inverse (?P<inverse>\w+))?\s*"
    r"(?::(?P<parents>[\w\s,]+?))?\s*(?:=(?P<members>[\w\s|]+?))?\s*(?:\bas (?P<forms>\".*\"))?$"
)
_TITLES = {
    "people": "People",
    "drinks": "Drinks without alcohol",
    "alcohol": "Alcohol",
    "tobacco": "Tobacco and drugs",
    "blades": "Blades",
    "weapons": "Weapons",
    "vehicles": "Vehicles",
    "medicine": "Medicine",
    "animals": "Animals",
    "food": "Food",
    "tools": "Tools and machines",
    "toys": "Toys, games, sport, music, reading",
    "relations": "Relations",
}


@dataclass(frozen=True, slots=True)
class Name:
    """One declared name, as its file writes it."""

    file: str
    kind: str
    name: str
    parents: tuple[str, ...]
    members: tuple[str, ...]
    forms: tuple[str, ...]
    doc: str
    symmetric: bool
    inverse: str


@dataclass(frozen=True, slots=True)
class File:
    """One file: its header comment, the files it uses, its names in order."""

    stem: str
    header: tuple[str, ...]
    uses: tuple[str, ...]
    names: tuple[Name, ...]


def library() -> tuple[File, ...]:
    """All files in the order of the page."""
    return tuple(read(STD / f"{stem}.policy") for stem in _TITLES)


def read(path: Path) -> File:
    """One file. A line that is neither comment, heading nor declaration is an error: the library has no rules."""
    lines = path.read_text("utf-8").splitlines()
    end = next(i for i, line in enumerate(lines) if not line.startswith("#"))
    uses: list[str] = []
    names: list[Name] = []
    doc = ""
    for line in _joined(lines[end:]):
        if line.startswith("##"):
            doc = line.removeprefix("##").strip()
        elif line.startswith("use "):
            uses.append(line.removeprefix("use ").strip('"'))
        elif match := _DECLARATION.match(line):
            names.append(_name(path.stem, match, doc))
            doc = ""
        elif line and not line.startswith(("#", "policy ")):
            raise ValueError(f"{path.name}: not a declaration: {line}")
        else:
            doc = ""
    return File(path.stem, tuple(line[2:] for line in lines[:end]), tuple(uses), tuple(names))


def _joined(lines: list[str]) -> Iterator[str]:
    """Statements, each on one line: an indented line carries on the one before."""
    statement = ""
    for line in lines:
        if line.startswith(" "):
            statement += " " + line.strip()
        else:
            yield statement
            statement = line
    yield statement


def _name(stem: str, match: re.Match[str], doc: str) -> Name:
    parents, members, forms = (match[group] or "" for group in ("parents", "members", "forms"))
    return Name(
        stem,
        match["kind"],
        match["name"],
        tuple(re.findall(r"\w+", parents)),
        tuple(re.findall(r"\w+", members)),
        tuple(re.findall(r'"([^"]*)"', forms)),
        doc,
        bool(match["symmetric"]),
        match["inverse"] or "",
    )


def children_of(files: tuple[File, ...]) -> dict[str, list[str]]:
    """Each name's children in the order of the files; members before those that name it as a parent."""
    names = [name for file in files for name in file.names]
    children: dict[str, list[str]] = {name.name: list(name.members) for name in names}
    for name in names:
        for parent in name.parents:
            if name.name not in children[parent]:
                children[parent].append(name.name)
    return children


def drawn() -> frozenset[str]:
    """The names of the built-in picture world."""
    from proscribe.compiler.world.lexicon import WORDS

    return frozenset(word.name for words in WORDS.values() for word in words)


def render() -> str:
    """The whole page."""
    files = library()
    names = [name for file in files for name in file.names]
    counts = {kind: sum(name.kind == kind for name in names) for kind in ("concept", "relation")}
    rows = [f"| [`std/{f.stem}`](#{_anchor(f.stem)}) | {_TITLES[f.stem]} | {len(f.names)} |" for f in files]
    sections = [_section(file, files) for file in files]
    return "\n".join((_INTRODUCTION.format(**counts), *rows, "", *sections))


def _anchor(stem: str) -> str:
    return f"std{stem}"


def _section(file: File, files: tuple[File, ...]) -> str:
    children = children_of(files)
    by_name = {name.name: name for f in files for name in f.names}
    own = {name.name for name in file.names}
    below = {child for name in own for child in children[name]}
    lines = [f"## std/{file.stem}", "", *_comment(file.header), ""]
    if file.uses:
        lines += [f"Uses {', '.join(f'[`{use}`](#{_anchor(use[4:])})' for use in file.uses)}.", ""]
    pictured, shown = drawn(), set[str]()

    def tree(name: str, depth: int, above: str = "") -> Iterator[str]:
        entry = by_name[name]
        first = name not in shown and name in own
        shown.add(name)
        family = bool(children[name])
        others = tuple(parent for parent in entry.parents if parent != above)
        yield "  " * depth + f"- {_entry(entry, first, file.stem, family, name in pictured, others)}"
        if first:
            for child in children[name]:
                if child in own or child in entry.members:
                    yield from tree(child, depth + 1, name)

    for name in file.names:
        if name.name not in below and not name.inverse:
            lines += tree(name.name, 0)
    inverses = [name for name in file.names if name.inverse]
    if inverses:
        lines += ["", "Inverse relations:", ""]
        lines += [f"- `{n.name}` of `{n.inverse}`: *{', '.join(n.forms)}*" for n in inverses]
    return "\n".join((*lines, ""))


def _entry(entry: Name, first: bool, stem: str, family: bool, pictured: bool, others: tuple[str, ...]) -> str:
    name = f"**`{entry.name}`**" if family else f"`{entry.name}`"
    if entry.file != stem:
        return f"{name} (in std/{entry.file})"
    if not first:
        return f"{name} (above)"
    marks = [mark for mark, holds in (("symmetric", entry.symmetric), ("drawn", pictured)) if holds]
    if others:
        marks.append(f"below {', '.join(f'`{parent}`' for parent in others)}")
    note = f" ({'; '.join(marks)})" if marks else ""
    doc = f" {entry.doc}" if entry.doc else ""
    return f"{name}{note}:{doc} *{', '.join(entry.forms)}*"


def _comment(header: tuple[str, ...]) -> list[str]:
    """A header as Markdown: its indented lines as code."""
    lines: list[str] = []
    inside = False
    for line in header:
        code = line.startswith("    ")
        if code != inside:
            lines.append("```policy" if code else "```")
        inside = code
        lines.append(line.removeprefix("    "))
    return lines + (["```"] if inside else [])


_INTRODUCTION = """\
# The standard library

Names that a policy can use without declaring them: {concept} concepts and {relation} relations, each with the ways
people write it. `use "std/people"` takes one file in, and what that file uses. The library has no rules.

Add a form or a parent to a name with a declaration in the file that says the `use`:

```policy
use "std/alcohol"
concept wine as "a glass of rioja"
concept plum_wine : fermented_drink as "a glass of plum wine", "some plum wine"
```

How to read the lists: a **bold** name is a family, and what stands below it is what a rule over it covers. A name may
stand below several families; its forms are given once. *Drawn* names belong to the built-in picture world, so rules
over them are tested on pictures; all others are tested on text, until you give pictures of them.
`tests/std/std_page.py` writes this page from the files, and a test compares the two.

| file | what | names |
|---|---|---|"""


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
