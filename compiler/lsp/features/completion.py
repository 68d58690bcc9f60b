"""What may be written at a place: the reader of the language says which words it would take there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lsprotocol import types

from ...pipeline import Analysis
from ...resolve.clauses import SEVERITIES
from ...resolve.imports import LIBRARY, SUFFIX, library, policies_in, target
from ...resolve.names import EDITION
from ...resolve.taxonomy import Concept
from ...syntax.nodes import WILDCARD, SourceFile
from ...syntax.reader import Unexpected, read
from ...syntax.statements import Chunk, chunks
from ...syntax.tokens import CLAUSE_WORDS, KEYWORD_KINDS, NAME_PATTERN, STATEMENT_WORDS, TOKEN, Token
from .. import words
from ..keywords import KEYWORD_HELP
from ..workspace import Document, Workspace
from .hover import file_name

_PLACEHOLDER = "\u01c2"  # a letter that is like no word of the language
_WORD = re.compile(NAME_PATTERN + r"\Z")
_MEASURES = {"breach": "<=", "retention": ">="}
_LISTS = frozenset((*(word.upper() for word in CLAUSE_WORDS), "AS"))
_KEYWORDS = {kind: word for word, kind in KEYWORD_KINDS.items()}
_KIND = types.CompletionItemKind


@dataclass(frozen=True, slots=True)
class Place:
    """Where the cursor stands: the words of the statement before it, what may follow, and what is around.

    `in_group` is whether a group is open, `after_forbid` whether a clause on a line of its own would still belong to
    a forbid, `begins` whether a new statement may begin here.
    """

    before: tuple[Token, ...]
    accepts: frozenset[str]
    in_group: bool
    after_forbid: bool
    begins: bool


def run(workspace: Workspace, params: types.CompletionParams) -> types.CompletionList | None:
    """The words and names that fit."""
    document = workspace.documents.get(params.text_document.uri)
    if document is None:
        return None
    number, column = document.text.point(params.position)
    lines = document.text.source(document.path).text.split("\n")[:number]
    line = lines[-1] = lines[-1][: column - 1]
    before = "\n".join(lines)
    open_text = _unclosed(line)
    if open_text is not None:
        items = _paths(document, open_text, number, column) if _is_use(before, len(open_text) + 1) else ()
        return types.CompletionList(False, list(items))
    if _in_comment(line):
        return None
    analysis = workspace.analysis(document.uri)
    place = _place(before)
    if analysis is None or place is None:
        return None
    return types.CompletionList(False, list(_items(place, analysis, document)))


def _place(before: str) -> Place | None:
    text = _WORD.sub("", before) + _PLACEHOLDER
    source = SourceFile("", text, "")
    last: Chunk | None = None
    previous: Chunk | None = None
    depth = 0
    for chunk in chunks(text):
        previous, last = last, chunk
        depth += (chunk.first == "group" and chunk.tokens[-1].kind == "OPEN") - (chunk.first == "}")
    if last is None or last.tokens[-1].text != _PLACEHOLDER:
        return None
    tokens = last.tokens[:-1]
    accepts = _accepts(source, last)
    own_line = not text[text.rfind("\n") + 1 : last.tokens[-1].start].strip()
    after_forbid = not tokens and previous is not None and previous.first == "forbid" and own_line
    begins = not tokens or ("$END" in accepts and own_line)
    return Place(tokens, accepts, depth > 0, after_forbid, begins)


def _accepts(source: SourceFile, chunk: Chunk) -> frozenset[str]:
    """What the reader would take in the place of the last word."""
    unknown = chunk.tokens[-1]._replace(kind="")
    try:
        read(source, chunk._replace(tokens=(*chunk.tokens[:-1], unknown)))
    except Unexpected as unexpected:
        return unexpected.accepts if unexpected.token is unknown else frozenset()
    return frozenset()


def _items(place: Place, analysis: Analysis, document: Document) -> Iterator[types.CompletionItem]:
    yield from _keywords(place)
    if {"NAME", "STAR"} & place.accepts:
        yield from _names(place, analysis)
    if "STRING" in place.accepts and place.before and place.before[-1].kind == "USE":
        for path, detail in _files(document.path, ""):
            yield types.CompletionItem(f'"{path}"', kind=_KIND.File, detail=detail)
    if "NUMBER" in place.accepts and place.before and place.before[-1].kind == "EDITION":
        yield types.CompletionItem(str(EDITION), kind=_KIND.Value)
    if "ARROW" in place.accepts:
        yield types.CompletionItem("->", kind=_KIND.Operator)
    if "COMPARE" in place.accepts:
        yield types.CompletionItem(_MEASURES.get(place.before[-1].text, "<="), kind=_KIND.Operator)


def _keywords(place: Place) -> Iterator[types.CompletionItem]:
    accepted = [_KEYWORDS[kind] for kind in place.accepts if kind in _KEYWORDS]
    if not place.before:
        wanted = ["forbid", "allow"] if place.in_group else list(STATEMENT_WORDS)
        wanted += [w for w in CLAUSE_WORDS if place.after_forbid or (place.in_group and w != "except")]
    else:
        is_concept = place.before[0].kind == "CONCEPT"
        wanted = [w for w in accepted if not (is_concept and w in ("inverse", "symmetric"))]
        if place.before[0].kind == "ALLOW":
            wanted = [w for w in wanted if w == "because" or w not in CLAUSE_WORDS]
        if place.begins:
            wanted += ["forbid", "allow"] if place.in_group else list(STATEMENT_WORDS)
    order = {word: number for number, word in enumerate(KEYWORD_KINDS)}
    for word in sorted(set(wanted), key=order.__getitem__):
        said = types.MarkupContent(types.MarkupKind.Markdown, KEYWORD_HELP[word])
        yield types.CompletionItem(word, kind=_KIND.Keyword, documentation=said, sort_text=f"2{order[word]:02}")


def _names(place: Place, analysis: Analysis) -> Iterator[types.CompletionItem]:
    """The names that fit the slot before which the cursor stands."""
    resolved, last, first = analysis.graph.resolved, place.before[-1].kind, place.before[0].kind
    clause = next((token.kind for token in reversed(place.before) if token.kind in _LISTS), "")
    if last in ("CONCEPT", "RELATION"):
        known = resolved.concepts if last == "CONCEPT" else resolved.relations
        yield from _new_names(known)
    elif last == "SEVERITY":
        for number, severity in enumerate(SEVERITIES):
            yield types.CompletionItem(severity, kind=_KIND.EnumMember, sort_text=f"0{number}")
    elif clause == "REQUIRE":
        for measure, compare in _MEASURES.items():
            yield types.CompletionItem(measure, kind=_KIND.Property, insert_text=f"{measure} {compare} ")
    elif last == "BY":
        yield from _rule_ids(place, analysis)
    elif last == "DASH":
        yield from _known(resolved.relations, analysis, wildcard=True)
    elif last == "INSTEAD" or (clause == "EXCEPT" and last in ("EXCEPT", "COMMA")):
        yield from _known((*resolved.concepts, *resolved.relations), analysis, wildcard=last != "INSTEAD")
    elif first == "RELATION":
        yield from _known(resolved.relations, analysis, wildcard=False)
    else:
        yield from _known(resolved.concepts, analysis, wildcard="STAR" in place.accepts)


def _known(concepts: Iterable[Concept], analysis: Analysis, *, wildcard: bool) -> Iterator[types.CompletionItem]:
    if wildcard:
        said = "all that is declared"
        yield types.CompletionItem(WILDCARD, kind=_KIND.Operator, detail=said, sort_text="3")
    for concept in concepts:
        if not concept.declared or concept.span is None:
            continue
        own = concept.span.file == analysis.source.path
        home = "" if own else f" · {file_name(concept.span)}"
        leaves = "" if concept.is_leaf else f" · {len(concept.leaves):,} leaves"
        kind = _KIND.Class if concept.kind == "concept" else _KIND.Method
        said = concept.doc or (f'"{concept.forms[0]}"' if concept.forms else "")
        detail = f"{concept.kind}{leaves}{home}"
        yield types.CompletionItem(
            concept.name, kind=kind, detail=detail, documentation=said or None, sort_text="0" if own else "1"
        )


def _new_names(concepts: Iterable[Concept]) -> Iterator[types.CompletionItem]:
    """What the file speaks of and has not declared."""
    for concept in concepts:
        if not concept.declared:
            yield types.CompletionItem(concept.name, kind=_KIND.Class, detail="used and not declared yet")


def _rule_ids(place: Place, analysis: Analysis) -> Iterator[types.CompletionItem]:
    letter = "R" if any(token.kind == "FORBIDDEN" for token in place.before) else "A"
    for rule_id, rule, _ in words.numbered(analysis.program.policy):
        if rule_id.startswith(letter):
            pattern = rule.pattern
            said = f"{rule.kind} {pattern.subject.text} -{pattern.relation.text}-> {pattern.object.text}"
            yield types.CompletionItem(rule_id, kind=_KIND.Reference, detail=said, sort_text=f"{int(rule_id[1:]):06}")


def _paths(document: Document, typed: str, line: int, column: int) -> Iterator[types.CompletionItem]:
    place = types.Range(document.text.place(line, column - len(typed)), document.text.place(line, column))
    for path, detail in _files(document.path, typed):
        kind = _KIND.Folder if path.endswith("/") else _KIND.File
        edit = types.TextEdit(place, path)
        yield types.CompletionItem(path, kind=kind, detail=detail, filter_text=path, text_edit=edit)


def _files(user: str, typed: str) -> Iterator[tuple[str, str]]:
    """What `use` could name from here on: the library, the files beside this one, folders on the way to others."""
    begun = typed[: typed.rfind("/") + 1]
    if begun in ("", LIBRARY):
        for name in _policies_in(library()):
            yield f"{LIBRARY}{name}", "standard library"
    if begun == LIBRARY:
        return
    folder = os.path.dirname(target(f"{begun}x", user)) or "."
    for name in _policies_in(folder):
        if os.path.join(folder, f"{name}{SUFFIX}") != user:
            yield f"{begun or './'}{name}", "file"
    for name in _folders_in(folder):
        yield f"{begun or './'}{name}/", "folder"


def _policies_in(folder: str) -> list[str]:
    try:
        return policies_in(folder)
    except OSError:
        return []


def _folders_in(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(e.name for e in entries if e.is_dir() and not e.name.startswith((".", "_")))
    except OSError:
        return []


def _unclosed(line: str) -> str | None:
    """The text after a quote that is open at the end of a line's beginning."""
    for match in TOKEN.finditer(line):
        if match.lastgroup == "open":
            return match.group()[1:]
    return None


def _in_comment(line: str) -> bool:
    return any(match.lastgroup == "comment" for match in TOKEN.finditer(line))


def _is_use(before: str, width: int) -> bool:
    last = None
    for chunk in chunks(before[: len(before) - width] + _PLACEHOLDER):
        last = chunk
    return last is not None and last.first == "use" and len(last.tokens) == 2
