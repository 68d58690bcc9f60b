"""The one way to lay out a policy: `proscribe fmt`.

The words of each statement are laid out anew and nothing else is touched: every comment stays with what it stands
beside, a blank line stays one, and the result is parsed again before anybody gets it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from ..messages.diagnostics import Diagnostics, Span
from . import parse
from .nodes import Policy, SourceFile
from .statements import Chunk, chunks
from .tokens import CLAUSE_WORDS, TOKEN, Token

WIDTH = 100
INDENT = 4
# What differs by more columns is not aligned: the gaps would be all that one sees.
_NAMES_APART, _COMMENTS_APART = 20, 40
_CLAUSE_KINDS = frozenset(word.upper() for word in CLAUSE_WORDS)
_TIGHT_BEFORE = frozenset(("COMMA", "ARROW"))


def run(source: SourceFile, diagnostics: Diagnostics) -> str | None:
    """The text laid out, or None with the reasons in `diagnostics` where it cannot be parsed."""
    before = parse.run(source, diagnostics)
    if diagnostics.has_errors:
        return None
    text = _layout(source.text)
    again = Diagnostics()
    after = parse.run(SourceFile(source.path, text, ""), again)
    if again.found or meaning(after) != meaning(before):
        raise AssertionError(f"the layout of {source.path} would change its meaning; this is a bug of proscribe")
    return text


def meaning(policy: Policy) -> tuple[Any, ...]:
    """What a file says, without where and how it is written."""
    return tuple(_bare(statement) for statement in policy.statements)


def _bare(node: Any) -> Any:
    if isinstance(node, Span):
        return None
    if isinstance(node, tuple):
        return tuple(_bare(part) for part in node)
    if is_dataclass(node):
        kept = (f.name for f in fields(node) if (type(node).__name__, f.name) != ("RuleStatement", "text"))
        return (type(node).__name__, *(_bare(getattr(node, name)) for name in kept))
    return node


@dataclass(slots=True)
class _Atom:
    """A word with the comment lines above it and the comment behind it, where these stand within a statement."""

    token: Token
    above: list[str]
    behind: str = ""


@dataclass(frozen=True, slots=True)
class _Comment:
    """A comment: `fresh` on a line of its own, at `indent`."""

    text: str
    start: int
    line: int
    indent: int
    fresh: bool


@dataclass(slots=True)
class _Line:
    """A line without its indentation's meaning: `text`, and the comment behind it."""

    text: str
    comment: str = ""


@dataclass(slots=True)
class _Item:
    """Lines of output that belong together.

    A declaration of one line has its first two words as `head`, to be aligned with others, and the lines that it
    takes where that would make it too long as `tall`. Declarations of one `row` are aligned: those with `=` apart.
    """

    lines: list[_Line]
    blank_before: bool = False
    row: str = ""
    head: str = ""
    rest: str = ""
    tall: tuple[_Line, ...] = ()


def _layout(text: str) -> str:
    writer = _Writer(text)
    for chunk in chunks(text):
        writer.statement(chunk)
    return writer.finish()


class _Writer:
    """The items so far, and the comments that are yet to be placed."""

    def __init__(self, text: str) -> None:
        self.items: list[_Item] = []
        self.comments = list(_comments(text))
        self.at = 0  # the next comment
        self.line = 0  # the last line of the source that is in the items
        self.depth = 0
        self.indent_of_last: int | None = None  # in the source, of the statement that comments may be the tail of
        self.text = text
        self.force_blank = False
        self.last_comment = ""

    def statement(self, chunk: Chunk) -> None:
        """Place the comments above a statement, then the statement."""
        first = chunk.tokens[0]
        if first.kind == "CLOSE":
            self._free_comments(first.start)
            self.depth = 0
            self._place(_Item([_Line("}")]), first.line, may_blank=False)
            self._end(chunk, first)
        elif first.kind in _CLAUSE_KINDS:  # a group's defaults: each stands by itself
            starts = [n for n, token in enumerate(chunk.tokens) if token.kind in _CLAUSE_KINDS]
            for start, end in zip(starts, [*starts[1:], len(chunk.tokens)], strict=True):
                self._one(chunk, chunk.tokens[start:end])
        else:
            self._one(chunk, chunk.tokens)
            if first.kind == "GROUP":
                self.depth, self.indent_of_last = 1, None

    def finish(self) -> str:
        """All lines."""
        self._free_comments(len(self.text) + 1)
        _align_names(self.items)
        lines: list[_Line] = []
        for item in self.items:
            if item.blank_before and lines:
                lines.append(_Line(""))
            lines += item.lines
        return "".join(f"{line}\n" for line in _with_comments(lines))

    def _one(self, chunk: Chunk, tokens: Sequence[Token]) -> None:
        first, last = tokens[0], tokens[-1]
        self._free_comments(first.start, chunk.doc)
        if not chunk.doc and self.last_comment.startswith("##") and first is chunk.tokens[0]:
            self.force_blank = True  # or it would become the statement's doc
        self.last_comment = ""
        atoms = self._atoms(tokens)
        item = _lay_out(atoms, self.depth * INDENT)
        after_brace = bool(self.items) and self.items[-1].lines[-1].text.endswith("{")
        self._place(item, first.line, may_blank=not after_brace)
        self._end(chunk, last)

    def _atoms(self, tokens: Sequence[Token]) -> list[_Atom]:
        atoms: list[_Atom] = []
        for token in tokens:
            atom = _Atom(token, [])
            while (comment := self._next_comment(token.start)) is not None:
                if atoms and not comment.fresh and not atom.above and not atoms[-1].behind:
                    atoms[-1].behind = comment.text
                else:
                    atom.above.append(comment.text)
            atoms.append(atom)
        return atoms

    def _end(self, chunk: Chunk, last: Token) -> None:
        """The comment behind a statement, and where comments below it would be its tail."""
        self.line = last.line
        start = self.text.rfind("\n", 0, chunk.start) + 1
        line = self.text[start : chunk.start]
        self.indent_of_last = len(line) - len(line.lstrip())
        if last.kind in ("OPEN", "CLOSE"):
            self.indent_of_last = None
        if self.at < len(self.comments):
            comment = self.comments[self.at]
            between = self.text[last.end : comment.start]
            if comment.line == last.line and not between.strip(" \t;"):
                self.at += 1
                self.items[-1].lines[-1].comment = comment.text

    def _free_comments(self, until: int, doc: str = "") -> None:
        """Comments between statements."""
        while (comment := self._next_comment(until)) is not None:
            close = comment.line - self.line <= 1
            last = self.indent_of_last
            parted = self.force_blank  # by a blank line, also when it is laid out again
            tail = last is not None and not parted and (not comment.fresh or (close and comment.indent > last))
            tail = tail and not (doc and self._is_doc(comment, until))
            indent = self.depth * INDENT + (INDENT if tail else 0)
            self._place(_Item([_Line(" " * indent + comment.text)]), comment.line, may_blank=comment.fresh)
            self.force_blank = not comment.fresh and comment.text.startswith("##")
            self.line, self.last_comment = comment.line, comment.text
            if not tail:
                self.indent_of_last = None

    def _is_doc(self, comment: _Comment, until: int) -> bool:
        """Whether it stands in the `##` lines right above a statement."""
        if not comment.fresh or not comment.text.startswith("##") or comment.text.startswith("###"):
            return False
        line = comment.line
        for other in self.comments[self.at :]:
            if other.start >= until or other.line != line + 1:
                break
            line = other.line
        return until <= len(self.text) and self.text.count("\n", 0, until) + 1 == line + 1

    def _next_comment(self, until: int) -> _Comment | None:
        if self.at < len(self.comments) and self.comments[self.at].start < until:
            self.at += 1
            return self.comments[self.at - 1]
        return None

    def _place(self, item: _Item, line: int, *, may_blank: bool) -> None:
        item.blank_before = (may_blank and line - self.line > 1) or self.force_blank
        self.force_blank = False
        self.line = line
        self.items.append(item)


def _comments(text: str) -> Iterator[_Comment]:
    line, line_start, fresh = 1, 0, True
    for match in TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "newline":
            line, line_start, fresh = line + 1, match.end(), True
        elif kind == "comment":
            yield _Comment(match.group().rstrip(), match.start(), line, match.start() - line_start, fresh)
        elif kind != "space":
            fresh = False


def _lay_out(atoms: list[_Atom], base: int) -> _Item:
    kind = atoms[0].token.kind
    fits = not any(atom.above or (atom.behind and atom is not atoms[-1]) for atom in atoms)
    whole = " " * base + _joined(atoms)
    fits = fits and len(whole) <= WIDTH
    if kind in ("CONCEPT", "RELATION"):
        row = f"{kind} =" if any(atom.token.kind == "EQUALS" for atom in atoms) else kind
        tall = tuple(_lines(atoms, base, breaks=frozenset(("AS",)), head_more=INDENT))
        if not fits:
            return _Item(list(tall), row=row)
        return _Item([_Line(whole)], row=row, head=_joined(atoms[:2]), rest=_joined(atoms[2:]), tall=tall)
    if kind in ("FORBID", "ALLOW"):
        clauses = sum(atom.token.kind in _CLAUSE_KINDS for atom in atoms)
        breaks = frozenset[str]() if kind == "ALLOW" and clauses == 1 and fits else _CLAUSE_KINDS
        return _Item(list(_lines(atoms, base, breaks=breaks, head_more=2 * INDENT)))
    return _Item(list(_lines(atoms, base, breaks=frozenset(), head_more=INDENT)))


def _lines(atoms: list[_Atom], base: int, *, breaks: frozenset[str], head_more: int) -> Iterator[_Line]:
    """Lines of at most `WIDTH` columns where that can be: a new one at each of `breaks`, and where a list is long."""
    line, indent, more = "", base, base + head_more
    for number, atom in enumerate(atoms):
        kind = atom.token.kind
        previous = atoms[number - 1] if number else None
        is_break = kind in breaks and number > 0
        if is_break:
            more = base + 2 * INDENT
        if previous is not None:
            unit = _unit(atoms, number)
            may_wrap = kind == "BAR" or previous.token.kind == "COMMA"
            space = _space(previous.token.kind, kind)
            too_long = may_wrap and indent + len(line) + len(space) + len(unit) > WIDTH
            if is_break or too_long or atom.above or previous.behind:
                yield _Line(" " * indent + line, previous.behind)
                line, indent = "", base + INDENT if is_break else more
            else:
                line += space
        for comment in atom.above:
            yield _Line(" " * indent + comment)
        line += atom.token.text
    yield _Line(" " * indent + line)


def _unit(atoms: list[_Atom], start: int) -> str:
    """The words from one place where a line may end to the next."""
    end = start + 1
    while end < len(atoms):
        kind = atoms[end].token.kind
        if kind in ("BAR", "AS") or kind in _CLAUSE_KINDS or atoms[end - 1].token.kind == "COMMA":
            break
        end += 1
    return _joined(atoms[start:end])


def _joined(atoms: Sequence[_Atom]) -> str:
    text = ""
    for number, atom in enumerate(atoms):
        text += (_space(atoms[number - 1].token.kind, atom.token.kind) if number else "") + atom.token.text
    return text


def _space(before: str, after: str) -> str:
    return "" if before == "DASH" or after in _TIGHT_BEFORE else " "


def _align_names(items: list[_Item]) -> None:
    """Let what follows the name begin in one column where declarations stand in a row."""
    start = 0
    while start < len(items):
        end = start + 1
        while end < len(items) and items[start].row == items[end].row != "" and not items[end].blank_before:
            end += 1
        run = [item for item in items[start:end] if item.rest]
        heads = [len(item.head) for item in run]
        if run and max(heads) - min(heads) <= _NAMES_APART:
            for item in run:
                text = f"{item.head:<{max(heads)}} {item.rest}"
                comment = item.lines[-1].comment
                item.lines = [_Line(text)] if len(text) <= WIDTH else list(item.tall)
                item.lines[-1].comment = comment
        start = end


def _with_comments(lines: list[_Line]) -> Iterator[str]:
    """Lines with the comments behind them; in a row of such lines the comments begin in one column."""
    start = 0
    while start < len(lines):
        end = start + 1
        while end < len(lines) and lines[start].comment and lines[end].comment:
            end += 1
        widths = [len(line.text) for line in lines[start:end]]
        widest = max(widths) if max(widths) - min(widths) <= _COMMENTS_APART else 0
        for line in lines[start:end]:
            yield f"{line.text:<{widest}}  {line.comment}" if line.comment else line.text
        start = end
