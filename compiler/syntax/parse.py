"""From text to syntax tree, statement by statement: a bad one costs one message and nothing else."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from ..messages.diagnostics import MAX_DIAGNOSTICS, Diagnostic, Diagnostics, Fix, Related, Span
from .nodes import Clause, Group, Policy, RuleStatement, SourceFile, Statement
from .reader import GroupEnd, GroupHead, Node, Unexpected, read
from .statements import CLAUSE_WORDS, STATEMENT_WORDS, Chunk, chunks

if TYPE_CHECKING:
    from .faults import Fault

LONGEST_NAME = 64
_LONGEST_REMEMBERED = 30_000  # characters; a tree takes some thirty times its text
# Characters that no policy needs: undecodable bytes, controls, and the marks that make text read in another
# order than it stands.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffd]")
# What a text must not hide, though a reader would pass over it; joiners belong to words of other scripts.
_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")
_DECLARED_NAME = re.compile(r"(?:concept|relation)\s+([^\W\d][^\s:=|,;#\"]*)")
_STANDS_OUTSIDE = "a group holds forbids and allows, and before them defaults for the forbids; this stands outside"


def source_of(path: str, data: bytes) -> SourceFile:
    """The text of a file: no byte order mark, plain line ends, composed letters, bad bytes as U+FFFD."""
    text = data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    return SourceFile(path, unicodedata.normalize("NFC", text), hashlib.sha256(data).hexdigest())


def run(source: SourceFile, diagnostics: Diagnostics) -> Policy:
    """Every statement that can be read; the rest as one message each."""
    if len(source.text) > _LONGEST_REMEMBERED:
        return _parse(source, diagnostics)
    policy, found = _remembered(source)
    for d in found:
        diagnostics.add(d.severity, d.code, d.message, d.span, hint=d.hint, related=d.related, fix=d.fix)
    return policy


@lru_cache(maxsize=64)
def _remembered(source: SourceFile) -> tuple[Policy, tuple[Diagnostic, ...]]:
    """A small file, as the library's are: an editor has the same ones read at every key."""
    diagnostics = Diagnostics()
    policy = _parse(source, diagnostics)
    return policy, tuple(diagnostics.found)


def _parse(source: SourceFile, diagnostics: Diagnostics) -> Policy:
    if _is_utf16(source.text):  # nothing below would make sense
        message = "this file is UTF-16 text; a policy is UTF-8"
        hint = "save it as UTF-8 (in PowerShell: `Out-File -Encoding utf8`)"
        diagnostics.error("P001", message, source.span(0, 1), hint=hint)
        return Policy(source, ())
    doubtful = bool(_UNFIT.search(source.text))
    stray = _stray_unfit(source.text) if doubtful else None
    if stray is not None:
        _report_unfit(source, stray, diagnostics)
    hides = _UNSEEN.search(source.text) is not None
    builder = _Builder(source, diagnostics)
    for chunk in chunks(source.text):
        if doubtful and (unfit := _UNFIT.search(source.text, chunk.start, chunk.end)):
            _report_unfit(source, unfit.start(), diagnostics)
            builder.failed(chunk)
        elif hides and (unseen := _unseen(source.text, chunk)) is not None:
            _report_unfit(source, unseen, diagnostics)
            builder.failed(chunk)
        elif builder.is_rest(chunk):
            builder.failed(chunk)
        else:
            node = _node(source, chunk, diagnostics, in_group=builder.in_group)
            if node is None:
                builder.failed(chunk)
            else:
                builder.add(node, chunk)
        if len(diagnostics.found) >= MAX_DIAGNOSTICS:
            break
    return builder.policy()


class _Builder:
    """The file's statements so far, and the group that is open."""

    def __init__(self, source: SourceFile, diagnostics: Diagnostics) -> None:
        self.source, self.diagnostics = source, diagnostics
        self.statements: list[Statement] = []
        self.broken: list[str] = []
        self.head: GroupHead | None = None
        self.defaults: list[Clause] = []
        self.rules: list[RuleStatement] = []
        self.brackets = 0  # of other languages, opened in a bad statement
        self.cut_at = -1  # where a brace ended that a bad statement opened: what follows on its line belongs to it
        self.forgiven = 0  # closing braces whose opening ones stood in a bad statement

    @property
    def in_group(self) -> bool:
        """Whether clauses may stand by themselves, in a group whose head could not be read too."""
        return self.head is not None or self.forgiven > 0

    def failed(self, chunk: Chunk) -> None:
        """A statement that could not be read: its name is not judged, its brace not missed."""
        self.broken += _DECLARED_NAME.findall(self.source.text[chunk.start : chunk.end][:200])
        opened = sum(token.kind == "OPEN" for token in chunk.tokens)
        self.forgiven += max(opened, chunk.first == "group")
        signs = [token.text for token in chunk.tokens if not token.kind]
        self.brackets += sum((sign in {"(", "["}) - (sign in {")", "]"}) for sign in signs)
        self.brackets = max(0, self.brackets)

    def is_rest(self, chunk: Chunk) -> bool:
        """Whether a statement is the rest of a bad one that brackets of other languages cut apart."""
        if chunk.first in {")", "]"} and self.brackets:
            self.brackets -= 1
            return True
        at, self.cut_at = self.cut_at, -1
        between = self.source.text[at : chunk.start] if at >= 0 else ";"
        return not between.strip(" \t") and chunk.first not in {*STATEMENT_WORDS, "}"}

    def add(self, node: Node, chunk: Chunk) -> None:
        span = self.source.span(chunk.start, chunk.end) if self.head or isinstance(node, GroupEnd | tuple) else None
        if isinstance(node, GroupHead):
            if self.head is not None:
                related = [Related("this group is still open", self.head.span)]
                self.error("P033", "a group cannot stand in a group", node.span, "write `}` before it", related)
                self.forgiven += 1
            else:
                self.head = node
        elif isinstance(node, GroupEnd):
            if self.forgiven:
                self.forgiven -= 1
                self.cut_at = chunk.end if self.head is None else -1
            elif self.head is None:
                assert span is not None
                self.error("P031", "this `}` closes nothing", span, "take it away")
            else:
                self.close(span)
        elif isinstance(node, tuple):
            assert span is not None
            if self.rules:
                hint = "write it above the group's rules, or take away the `;` to give it to the rule before it"
                self.error("P034", "a group's defaults stand before its rules", span, hint)
            elif self.head is not None:
                self.defaults += node
        elif self.head is not None and isinstance(node, RuleStatement):
            self.rules.append(node)
        else:
            if self.head is not None:
                assert span is not None
                related = [Related("the group begins here", self.head.span)]
                self.error("P032", _STANDS_OUTSIDE, node.span, "write `}` before it, or move it", related)
            self.statements.append(node)

    def close(self, end: Span | None) -> None:
        assert self.head is not None
        last = end or (self.rules[-1].span if self.rules else self.head.span)
        span = Span(last.file, self.head.span.line, self.head.span.column, last.end_line, last.end_column)
        group = Group(self.head.name, tuple(self.defaults), tuple(self.rules), span, self.head.doc)
        self.statements.append(group)
        self.head, self.defaults, self.rules = None, [], []

    def policy(self) -> Policy:
        if self.head is not None:
            self.error("P030", "this group is never closed", self.head.span, "write `}` after its last rule")
            self.close(None)
        return Policy(self.source, tuple(self.statements), tuple(self.broken))

    def error(self, code: str, message: str, span: Span, hint: str, related: list[Related] | None = None) -> None:
        self.diagnostics.error(code, message, span, hint=hint, related=related or ())


def _is_utf16(text: str) -> bool:
    """Whether every other byte of a text is none, or it begins with the byte order mark of UTF-16."""
    begin = text[:64]
    return begin.startswith("\ufffd\ufffd") or (len(begin) > 3 and begin.count("\0") * 2 >= len(begin) - 1)


def _stray_unfit(text: str) -> int | None:
    """The first unfit character outside all statements, that is in a comment."""
    if not _UNFIT.search(text):
        return None
    inside = 0
    for chunk in chunks(text):
        found = _UNFIT.search(text, inside, chunk.start)
        if found:
            return found.start()
        inside = chunk.end
    found = _UNFIT.search(text, inside)
    return found.start() if found else None


def _unseen(text: str, chunk: Chunk) -> int | None:
    """The first character in a quoted text that cannot be seen."""
    strings = (token for token in chunk.tokens if token.kind == "STRING")
    return next((m.start() for token in strings if (m := _UNSEEN.search(text, token.start, token.end))), None)


def _report_unfit(source: SourceFile, at: int, diagnostics: Diagnostics) -> None:
    span = source.span(at, at + 1)
    if source.text[at] == "\ufffd":
        diagnostics.error("P001", "this is not UTF-8 text", span, hint="save the file as UTF-8")
    else:
        what = f"the character U+{ord(source.text[at]):04X} does not belong in a policy"
        diagnostics.error("P002", what, span, hint="it cannot be seen; delete it", fix=Fix(span, ""))


def _node(source: SourceFile, chunk: Chunk, diagnostics: Diagnostics, *, in_group: bool) -> Node | None:
    first = chunk.first
    text = source.text[chunk.start : chunk.end]
    expected = first == "}" or (in_group and first in CLAUSE_WORDS)
    begins_well = first in STATEMENT_WORDS and (first != "use" or text[3:].lstrip().startswith('"'))
    fault = None if expected or begins_well else _opening_fault(text, first)
    if fault is None:
        try:
            node = read(source, chunk)
        except Unexpected as unexpected:
            fault = _fault(text, chunk, unexpected)
        else:
            fault = _long_name(chunk)
            if fault is None:
                return node
    span = source.span(chunk.start + fault.start, chunk.start + fault.end)
    fix = fault.fix and Fix(source.span(chunk.start + fault.fix[0], chunk.start + fault.fix[1]), fault.fix[2])
    diagnostics.error(fault.code, fault.message, span, hint=fault.hint, fix=fix)
    return None


# What is wrong is only looked for where something is: compiling the patterns of all slips takes longer than a check.
def _opening_fault(text: str, first: str) -> Fault | None:
    from .hints.start import opening_fault

    return opening_fault(text, first)


def _fault(text: str, chunk: Chunk, unexpected: Unexpected) -> Fault:
    from .hints.statement import explain

    token = unexpected.token
    if token is None:
        return explain(text, len(text), len(text), "$END", unexpected.accepts)
    at = token.start - chunk.start
    if not token.kind:  # not a word of the language at all
        return explain(text, at, at + 1, "", unexpected.accepts)
    return explain(text, at, at + len(token.text), token.kind, unexpected.accepts)


def _long_name(chunk: Chunk) -> Fault | None:
    if chunk.end - chunk.start <= LONGEST_NAME:
        return None
    for token in chunk.tokens:
        if token.kind == "NAME" and len(token.text) > LONGEST_NAME:
            message = f"this name has {len(token.text)} letters; the longest may have {LONGEST_NAME}"
            from .faults import Fault

            hint = "give it a shorter name, and the long words with `as`"
            return Fault("P017", message, hint, token.start - chunk.start, token.end - chunk.start)
    return None
