"""What an author most likely meant by a statement that could not be read: a message per common slip."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..diagnostics import did_you_mean, listed, quote
from .statements import CLAUSE_WORDS, KEYWORDS, STATEMENT_WORDS

_NAME = re.compile(r"[^\W\d]\w*")
_CALLED = {
    "$END": "the end of the statement",
    "NAME": "a name",
    "STAR": "`*`",
    "STRING": "a text in double quotes",
    "NUMBER": "a number",
    "COMPARE": "`<=` or `>=`",
    "COLON": "`:`",
    "COMMA": "`,`",
    "EQUALS": "`=`",
    "BAR": "`|`",
    "DASH": "`-`",
    "ARROW": "`->`",
}
_QUOTES = "“”„‟«»‘’'`"


@dataclass(frozen=True, slots=True)
class Fault:
    """A message about one statement; offsets count from its first character, those of `fix` too."""

    code: str
    message: str
    hint: str
    start: int
    end: int
    fix: tuple[int, int, str] | None = None


def opening_fault(text: str, first: str) -> Fault | None:
    """A statement that begins with none of the words that a statement begins with."""
    if first in STATEMENT_WORDS:
        return None
    end = len(first)
    if first in CLAUSE_WORDS:
        message = f"{quote(first)} carries on a `forbid`, and none stands before it"
        return Fault("P011", message, "a `;` ends the forbid; take it away", 0, end)
    if first[:1] in {'"', "“"}:
        end = 1
    if re.match(r"(?:[^\W\d]\w*|\*)\s*-", text):
        hint = f"did you leave out `forbid` or `allow` before {quote(first)}?"
    else:
        hint = did_you_mean(first, STATEMENT_WORDS)
    begins = listed(map(quote, STATEMENT_WORDS))
    message = f"a statement cannot begin with {quote(first)}; it begins with {begins}"
    return Fault("P010", message, hint, 0, end)


def explain(text: str, start: int, end: int, found: str, accepts: frozenset[str]) -> Fault:
    """Why the word at `start` cannot stand there; `found` and `accepts` are names of terminals."""
    for slip in (_quotes, _arrow, _keyword, _name, _clause):
        fault = slip(text, start, end, found, accepts)
        if fault is not None:
            return fault
    where = _place(text, start, end)
    seen = quote(text[start:end]) if end > start else "the end of the statement"
    if not accepts:
        return Fault("P019", f"{seen} means nothing here", "", *where)
    names = {_CALLED.get(a, f"`{a.lower()}`") for a in accepts}
    wanted = sorted(names, key=lambda name: (name.startswith("the"), name))
    hint = "a union is written `a | b`" if found == "COMMA" and "BAR" in accepts else ""
    hint = "names are listed with `,`" if found == "BAR" and "COMMA" in accepts else hint
    return Fault("P019", f"expected {listed(wanted)}, not {seen}", hint, *where)


def _place(text: str, start: int, end: int) -> tuple[int, int]:
    """The span to point at; past the end of the statement it is the place right after its last word."""
    return (start, max(end, start + 1)) if start < len(text) else (len(text), len(text) + 1)


def _quotes(text: str, start: int, end: int, found: str, accepts: frozenset[str]) -> Fault | None:
    char = text[start : start + 1]
    line_end = text.find("\n", start)
    line_end = line_end if line_end >= 0 else len(text)
    if not found and char == '"':
        message = "this quote is never closed on its line"
        return Fault("P003", message, 'end the text with `"`', start, line_end)
    if not found and char and char in _QUOTES:
        message = f"{quote(char)} is not a quote of the language"
        return Fault("P004", message, 'write `"`, the plain double quote', start, start + 1)
    if "STRING" in accepts and found == "NAME":
        words = re.split(r"[\n;#\"]", text[start:])[0].strip()
        return Fault("P018", "a text stands in double quotes", f'write `"{words[:40]}"`', start, end)
    return None


def _arrow(text: str, start: int, end: int, found: str, accepts: frozenset[str]) -> Fault | None:
    """The many ways to miss `subject -relation-> object`."""
    rest = text[start:]
    needed = ("DASH" in accepts or "ARROW" in accepts) and "COMMA" not in accepts
    where = _place(text, start, end)
    if rest[:1] in set("–—→⟶⇒−‐‑"):
        message = f"{quote(rest[:1])} is not the language's arrow"
        return Fault("P015", message, _arrow_hint(text), start, start + 1)
    if rest.startswith(("=>", "-=>", "=-")):
        return Fault("P015", "`=>` is not the language's arrow", _arrow_hint(text), start, start + 2)
    in_slot = needed or ("BECAUSE" in accepts and "COMMA" not in accepts)
    if found in {"COMMA", "BAR"} and in_slot and re.match(r"(forbid|allow)\b", text):
        kind = "relation" if "ARROW" in accepts else "concept"
        hint = f"declare a {kind} for them: `{kind} NAME = A | B`; or write two rules"
        return Fault("P017", "each slot of a rule takes one name", hint, *where)
    if found == "ARROW" and ("DASH" in accepts or text[:start].rstrip().endswith("-")):
        return Fault("P015", "this arrow names no relation", _arrow_hint(text), *where)
    if not needed:
        return None
    if "DASH" in accepts and found == "NAME" and re.match(r"[^\W\d]\w*(\s+[^\W\d]\w*)*\s*-[^>]", rest):
        words = _NAME.findall(re.split(r"-", text)[0])[1:]
        return Fault("P017", "a name has no spaces", f"write {quote('_'.join(words))}", *where)
    if "DASH" in accepts:
        return Fault("P015", "the relation is missing its arrow", _arrow_hint(text), *where)
    if found == "NAME" and re.match(r"[^\W\d]\w*(\s+[^\W\d]\w*)*\s*->", rest):
        words = _NAME.findall(re.split(r"->", text)[0].rpartition("-")[2])
        return Fault("P017", "a name has no spaces", f"write {quote('_'.join(words))}", *where)
    return Fault("P015", "the arrow is not finished", _arrow_hint(text), *where)


def _arrow_hint(text: str) -> str:
    words = []
    for word in _NAME.findall(re.split(r"[\"#]", text)[0])[1:]:
        if word in KEYWORDS:
            break
        words.append(word[:40])
    subject, relation, obj = "SUBJECT", "RELATION", "OBJECT"
    if len(words) >= 3:
        subject, relation, obj = words[:3]
    elif len(words) == 2:
        subject, obj = words
    elif words:
        subject = words[0]
    return f"write `{subject} -{relation}-> {obj}`"


def _keyword(text: str, start: int, end: int, found: str, accepts: frozenset[str]) -> Fault | None:
    word = text[start:end]
    if found.lower() not in KEYWORDS:
        return None
    after = text[end:].lstrip()
    followed_by_as = word != "as" and re.match(r"as\b", after)
    if "NAME" in accepts and (not after or after[0] in "-,:=|;" or followed_by_as):
        message = f"{quote(word)} is a word of the language and cannot be a name"
        return Fault("P012", message, f"choose another name, such as {quote(word + '_')}", start, end)
    if "NAME" in accepts:
        return Fault("P016", f"a name is missing before {quote(word)}", "", start, end)
    if word in STATEMENT_WORDS:
        message = f"a new statement begins with {quote(word)} before this one has ended"
        return Fault("P014", message, f"write `;` before {quote(word)}", start, end)
    return None


def _name(text: str, start: int, end: int, found: str, accepts: frozenset[str]) -> Fault | None:
    before, after = text[:start], text[end:]
    joined = before[-1:].isalnum() and after[:1].isalnum()
    if joined and text[start:end] in {"-", ".", "/", "'"} and "DASH" not in accepts:
        whole = re.search(r"\w+$", before)
        whole_after = re.match(r"\w+", after)
        name = f"{whole[0] if whole else ''}_{whole_after[0] if whole_after else ''}"
        message = "a name has letters, digits and `_` only"
        return Fault("P017", message, f"write {quote(name)}", start, end)
    if "NAME" in accepts and (found == "NUMBER" or text[start : start + 1].isdigit()):
        return Fault("P017", "a name begins with a letter", "", start, end)
    if not found and text[start : start + 1].isdigit():
        return Fault("P017", "a name begins with a letter", "", start, end)
    if "NAME" in accepts and found == "STRING":
        name = "_".join(_NAME.findall(text[start:end])) or "name"
        return Fault("P017", "a name stands without quotes", f"write {quote(name)}", start, end)
    if "NAME" in accepts:
        where = _place(text, start, end)
        if not before.strip() or found == "$END":
            return Fault("P016", "a name is missing at the end of the statement", "", *where)
        return Fault("P016", f"a name is missing before {quote(text[start:end])}", "", *where)
    if found == "NAME" and "$END" in accepts and "BECAUSE" not in accepts:
        joined_name = "_".join(_NAME.findall(text[:end])[-2:])
        message = f"{quote(text[start:end])} is one word too many"
        hint = f"a name has no spaces; did you mean {quote(joined_name)}?"
        return Fault("P017", message, hint, start, end)
    return None


def _clause(text: str, start: int, end: int, found: str, accepts: frozenset[str]) -> Fault | None:
    if found != "NAME" or "BECAUSE" not in accepts:
        return None
    word = text[start:end]
    if "COMMA" in accepts and word in {"breach", "retention"}:
        return Fault("P013", f"a `,` is missing before {quote(word)}", "", start, end)
    hint = did_you_mean(word, CLAUSE_WORDS) or f"a forbid is carried on by {listed(map(quote, CLAUSE_WORDS))}"
    return Fault("P013", f"{quote(word)} does not carry on a rule", hint, start, end)
