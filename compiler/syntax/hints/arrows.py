"""The many ways to miss `subject -relation-> object`."""

from __future__ import annotations

import re

from ...messages.diagnostics import quote
from ..faults import NAME, TEXT, Fault, Stop, english, words_of
from ..statements import CLAUSE_WORDS, KEYWORDS, STATEMENT_WORDS
from ..tokens import MARKS, NAME_PATTERN

_DASHES = "–—−‐‑~-"
_HEADS = ">→⟶⇒›"
_SLOT = rf"(?:\*|(?<![\w{MARKS}]){NAME_PATTERN}+)"  # a whole name: never half of one
# A whole arrow in another dress: `=drinking=>`, `—drinking→`, `--drinking-->`, `-drinking>`, `-pointing at->`.
_SHAFT, _HEAD = rf"[={_DASHES}]+[{_HEADS}]?", rf"(?:[={_DASHES}]*\s*[{_HEADS}]|[{_DASHES}]+(?=\s))"
_LOOSE = re.compile(
    rf"({_SLOT})(\s*{_SHAFT}\s*({_SLOT}(?:[ \t]+{NAME_PATTERN})*)\s*{_HEAD}\s*)({_SLOT})(?!\s*[={_HEADS}{_DASHES}])"
)
# What may stand behind a pattern; without it the words may be cut at another place than was meant.
_ENDS = rf"(?=\s*(?:$|[\n,]|(?:{'|'.join((*CLAUSE_WORDS, 'forbidden', 'allowed', 'unspecified'))})\b))"
_GLUED = re.compile(rf"({_SLOT})(\s+({_SLOT})[={_DASHES}]+[{_HEADS}]\s*)({_SLOT})")
_APART = re.compile(rf"({_SLOT})(\s+({_SLOT})\s*[={_DASHES}]*[{_HEADS}]\s*)({_SLOT}){_ENDS}")
_UNFINISHED = re.compile(rf"({_SLOT})(\s*-\s*({_SLOT})\s+)({_SLOT}){_ENDS}")
_EARLY = re.compile(rf"({_SLOT})(\s*[={_DASHES}]*[{_HEADS}]\s*({_SLOT})\s+)({_SLOT}){_ENDS}")
_BACKWARDS = re.compile(rf"({_SLOT})\s*<-+\s*({_SLOT})\s*-+\s*({_SLOT})")

_NO_RELATION = "this arrow names no relation"
_BETWEEN = frozenset({"from", "to", "must", "may", "should", "can", "who", "is", "are"})  # English around a verb


def arrow(stop: Stop) -> Fault | None:
    """Why the statement is no pattern, where one is due."""
    rest, accepts = stop.rest, stop.accepts
    ruled = re.match(r"(forbid|allow|expect(?!\s*[\"“]))\b", stop.text) is not None
    if not ruled and not ({"DASH", "ARROW"} & accepts or rest[:1] in set("–—→⟶⇒−‐‑~")):
        return None
    backwards = _BACKWARDS.search(stop.text)
    if backwards and ruled and backwards.start() <= stop.start < backwards.end():
        obj, relation, subject = backwards.groups()
        meant = f"{subject} -{relation}-> {obj}"
        fix = (*backwards.span(), meant)
        return stop.fault("P015", "an arrow points from the subject to the object", f"write `{meant}`", fix)
    if rest[:1] in set("–—→⟶⇒−‐‑~"):
        message = f"{quote(rest[:1])} is not the language's arrow"
        return Fault("P015", message, _hint(stop), stop.start, stop.start + 1, _fix(stop))
    if rest.startswith(("=>", "-=>", "=-")) or (ruled and rest.startswith("=") and _around(_LOOSE, stop)):
        return Fault("P015", "`=>` is not the language's arrow", _hint(stop), stop.start, stop.start + 2, _fix(stop))
    if stop.before.rstrip().endswith("->") and (heads := re.match(r"(?:\s*(?:->|>))+", rest)):
        fix = (stop.start, stop.start + heads.end(), "")
        return Fault("P015", "this arrow has more than one head", "write `->` once", *fix[:2], fix)
    if ruled and stop.found == "DASH" and stop.before.endswith("-"):
        if _fix(stop):
            return stop.fault("P015", "this arrow has too many dashes", _hint(stop), _fix(stop))
        if shaft := re.match(r"-+>", rest):
            return Fault("P015", _NO_RELATION, _hint(stop), stop.start, stop.start + shaft.end())
    return _slots(stop, ruled) or _early_clause(stop) or _unfinished(stop)


def _slots(stop: Stop, ruled: bool) -> Fault | None:
    """Two names in one slot, or a name of two words."""
    accepts, rest = stop.accepts, stop.rest
    if stop.found == "COMMA" and ruled and "BECAUSE" in accepts and (said := _comma(stop)):
        return said
    due = ("DASH" in accepts or "ARROW" in accepts) and "COMMA" not in accepts
    several = stop.found in {"COMMA", "BAR"} or (stop.found == "NAME" and stop.word in {"and", "or"})
    if several and ruled and (due or ("BECAUSE" in accepts and "COMMA" not in accepts)):
        kind = "relation" if "ARROW" in accepts else "concept"
        hint = f"declare a {kind} for them: `{kind} NAME = A | B`; or write two rules"
        return stop.fault("P017", "each slot of a rule takes one name", hint)
    if stop.found != "NAME" or not due:
        return None
    words = rf"{NAME_PATTERN}(?:\s+{NAME_PATTERN})*"
    if "DASH" in accepts and re.match(rf"{words}\s*-[^>]", rest):
        begin = re.match(rf"\s*(?:{'|'.join(KEYWORDS)})?\s*", stop.text)
        return _spaced(stop, begin.end() if begin else 0, re.split("-", stop.text)[0])
    if "ARROW" in accepts and re.match(rf"{words}\s*->", rest):
        front = re.split("->", stop.text)[0]
        dash = front.rfind("-") + 1
        return _spaced(stop, dash + len(front[dash:]) - len(front[dash:].lstrip()), front)
    return None


def _spaced(stop: Stop, begin: int, front: str) -> Fault:
    if said := english(stop.text, begin, len(front.rstrip())):
        return said
    name = "_".join(NAME.findall(front[begin:]))
    blank = "tabs" if "\t" in stop.text[begin : stop.start] else "spaces"
    return stop.fault("P017", f"a name has no {blank}", f"write {quote(name)}", (begin, len(front.rstrip()), name))


def _comma(stop: Stop) -> Fault | None:
    """A comma behind a whole pattern or clause: before the next clause, the next rule, or a second name."""
    after = NAME.match(stop.rest[1:].lstrip())
    at = len(stop.before.rstrip())
    if after and after[0] in CLAUSE_WORDS:
        return stop.fault("P023", "clauses follow each other without `,`", "take it away", (at, stop.end, ""))
    if after and after[0] in STATEMENT_WORDS:
        return stop.fault("P014", "a `,` ends no statement", f"write `;` before {quote(after[0])}", (at, stop.end, ";"))
    clause = next((w for w in reversed(NAME.findall(TEXT.sub("", stop.before))) if w in KEYWORDS), "")
    if clause not in {"instead", "because", "severity"}:
        return None
    hint = {
        "instead": "declare a concept for them: `concept NAME = A | B`, and write `instead NAME`",
        "because": "write all of it between two quotes",
        "severity": "write the gravest of them",
    }[clause]
    return stop.fault("P019", f"{quote(clause)} takes one {_TAKES[clause]}", hint)


_TAKES = {"instead": "name", "because": "text", "severity": "level"}


def _early_clause(stop: Stop) -> Fault | None:
    """`forbid everyone except adult -drinking-> wine`: a clause that stands before the pattern is whole."""
    if "DASH" not in stop.accepts or "COMMA" in stop.accepts:
        return None
    early = re.match(rf"(except|instead)\s+({NAME_PATTERN}+)(\s*-\s*{_SLOT}\s*->\s*{_SLOT})", stop.rest)
    if early is None:
        return None
    clause, name, arrow_and_object = early.groups()
    at, end = len(stop.before.rstrip()), stop.start + early.end()
    written = f" {arrow_and_object.strip()} {clause} {name}"
    subject = re.search(rf"{_SLOT}$", stop.before.rstrip())
    hint = f"write `{subject[0][:40] if subject else 'SUBJECT'}{written[:120]}`"
    return stop.fault("P015", "clauses stand behind the three names", hint, (at, end, written))


def _unfinished(stop: Stop) -> Fault | None:
    accepts, found = stop.accepts, stop.found
    if found == "ARROW" and ("DASH" in accepts or stop.before.rstrip().endswith("-")):
        return stop.fault("P015", _NO_RELATION, _hint(stop), _fix(stop))
    if not ("DASH" in accepts or "ARROW" in accepts) or "COMMA" in accepts:
        return None
    if re.search(r"\bexcept\b[^#]*\*\s*$", stop.before):
        message = "`*` alone would except everything"
        at = stop.before.rstrip().rfind("*")
        hint = "except a name, or a pattern such as `* -RELATION-> OBJECT`"
        return Fault("P015", message, hint, at, at + 1)
    if "DASH" in accepts:
        return stop.fault("P015", "the relation is missing its arrow", _hint(stop), _fix(stop))
    return stop.fault("P015", "the arrow is not finished", _hint(stop), _fix(stop))


def _around(pattern: re.Pattern[str], stop: Stop) -> re.Match[str] | None:
    """The match that the parser stopped in."""
    return next((m for m in pattern.finditer(stop.text) if m.start() <= stop.start <= m.end()), None)


def _fix(stop: Stop) -> tuple[int, int, str] | None:
    """The arrow as it is written, where all three of its names are there and no more."""
    first = NAME.match(stop.text)
    begin = first.end() if first and first[0] in KEYWORDS else 0
    for pattern in (_LOOSE, _GLUED, _APART, _UNFINISHED, _EARLY):
        found = next((m for m in pattern.finditer(stop.text, begin) if m.start() <= stop.start <= m.end()), None)
        begins = found and re.search(r"(?:,|\b(?:forbid|allow|expect|except))\s*$", stop.text[: found.start()])
        if found and begins and not {*NAME.findall(found[0])} & {*KEYWORDS}:
            return *found.span(2), f" -{'_'.join(found[3].split())}-> "
    names = [word for word in words_of(stop.text[begin:]) if word != "from"]
    bare = re.match(
        rf"(\s*{_SLOT})(\s+(?:from\s+)?({_SLOT})\s+){_SLOT}\s*(?:$|\n|(?:{'|'.join(CLAUSE_WORDS)})\b)",
        stop.text[begin:],
    )
    if bare and len(names) == 3:
        return begin + bare.start(2), begin + bare.end(2), f" -{bare[3]}-> "
    return None


def _hint(stop: Stop) -> str:
    """The pattern as the author most likely meant it; what cannot be known stays a word in capitals."""
    fix = _fix(stop)
    if fix:
        before = re.search(rf"{_SLOT}$", stop.text[: fix[0]])
        after = re.match(_SLOT, stop.text[fix[1] :])
        if before and after:
            return f"write `{before[0][:40]}{fix[2][:60]}{after[0][:40]}`"
    subject, relation, obj = "SUBJECT", "RELATION", "OBJECT"
    if stop.found == "ARROW" or re.match(rf"[={_DASHES}]*[{_HEADS}]\s*{_SLOT}", stop.rest):
        before = re.search(rf"({_SLOT})\s*-?\s*$", stop.before)
        after = re.match(rf"[={_DASHES}]*[{_HEADS}]\s*({_SLOT})", stop.rest)
        subject = before[1][:40] if before and before[1] not in KEYWORDS else subject
        obj = after[1][:40] if after and after[1] not in KEYWORDS else obj
        return f"write `{subject} -{relation}-> {obj}`"
    first = NAME.match(stop.text)
    words = [w[:40] for w in words_of(stop.text[first.end() :] if first and first[0] in KEYWORDS else stop.text)]
    words = [word for word in words if word not in _BETWEEN]
    if len(words) == 3:
        subject, relation, obj = words
    elif len(words) == 2:
        subject, obj = words
    elif len(words) == 1:
        subject = words[0]
    return f"write `{subject} -{relation}-> {obj}`"
