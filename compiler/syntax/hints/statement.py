"""What an author most likely meant by a statement that could not be read: a message per common slip."""

from __future__ import annotations

import re
from dataclasses import replace

from ...messages.diagnostics import listed, quote
from ...messages.spelling import guess
from ..faults import NAME, TEXT, Fault, Stop, as_name, english
from ..statements import CLAUSE_WORDS, KEYWORDS, STATEMENT_WORDS
from ..tokens import MARKS, NAME_PATTERN
from .arrows import arrow
from .clause import EDITION, bound, declaration, expect, group, policy, use, wanted
from .confusables import foreign, looks, quotes
from .start import MEANT

__all__ = ["Fault", "explain"]

_WINDOW = 4_000  # characters around the fault that are looked at: searches are not linear in them


def explain(text: str, start: int, end: int, found: str, could: frozenset[str]) -> Fault:
    """Why the word at `start` cannot stand there; `found` and those that `could` are names of terminals."""
    cut = max(0, start - _WINDOW)
    fault = _explain(Stop(text[cut : end + _WINDOW], start - cut, end - cut, found, could))
    fix = fault.fix and (fault.fix[0] + cut, fault.fix[1] + cut, fault.fix[2])
    if fix and text[fix[0] : fix[1]] == fix[2]:  # what stands there is no fix
        fix = None
    return replace(fault, start=fault.start + cut, end=fault.end + cut, fix=fix)


def _explain(stop: Stop) -> Fault:
    for slip in (
        looks,
        policy,
        use,
        group,
        expect,
        quotes,
        _dangling,
        bound,
        declaration,
        arrow,
        foreign,
        _keyword,
        _name,
        _clause,
    ):
        fault = slip(stop)
        if fault is not None:
            return fault
    seen = quote(stop.word) if stop.end > stop.start else "the end of the statement"
    if not stop.accepts:
        ends = stop.word in {".", "!", "?"} and not stop.text[stop.end :].strip()
        fix = (len(stop.before.rstrip()), stop.end, "") if ends else None
        hint = "take it away: a statement ends at its line's end or at `;`" if ends else ""
        return stop.fault("P019", f"{seen} means nothing here", hint, fix)
    if stop.word == "{" and "BECAUSE" in stop.accepts:
        hint = "clauses follow a rule without braces: braces belong to a `group`"
        return stop.fault("P019", "`{` does not carry on a rule", hint)
    return stop.fault("P019", f"expected {wanted(stop)}, not {seen}", _example(stop))


def _example(stop: Stop) -> str:
    if stop.found in {"SYMMETRIC", "INVERSE"} and re.match(r"relation\b", stop.text):
        return f"{quote(stop.word)} stands right behind the relation's name"
    if stop.text.strip() in {"use", "policy", "group", "expect"} or (stop.found == "$END" and stop.last_word == "as"):
        return f"write {_WRITTEN['as' if stop.last_word == 'as' else stop.text.strip()]}"
    if stop.word in CLAUSE_WORDS and re.match(r"expect\b", stop.text):
        return "an expectation takes no clauses; say it in a comment"
    if stop.found == "AS" and re.match(r"(forbid|allow)\b", stop.text):
        return "`as` belongs to a `concept` or `relation`"
    if re.match(r"policy\b", stop.text):
        return f'write `policy "NAME" {EDITION}`'
    if stop.last_word == "because":
        return 'write `because "the reason"`'
    if stop.found in {"COLON", "EQUALS"} and re.match(r"(concept|relation)\b", stop.text):
        return "the order is `NAME : PARENTS = MEMBERS as FORMS`"
    return ""


_WRITTEN = {
    "use": '`use "std/people"`',
    "policy": f'`policy "NAME" {EDITION}`',
    "group": '`group "NAME" {`',
    "expect": '`expect "a child drinking wine" forbidden`',
    "as": '`as "a form"`',
}


def _dangling(stop: Stop) -> Fault | None:
    """A comma or bar with nothing after it, or nothing before it."""
    before = stop.before.rstrip()
    sign = before[-1:]
    is_name = re.match(r"\s*[-:=|]", stop.text[stop.end :])
    ends = stop.found == "$END" or (stop.word in KEYWORDS and not is_name)
    if sign in {",", "|"} and ends and (stop.accepts & {"NAME", "STRING"}):
        return _dangles(before, len(before) - 1)
    if stop.word in {",", "|"} and not stop.rest[1:].strip() and "$END" in stop.accepts:
        return _dangles(stop.before + stop.word, stop.start)
    if sign in {",", "|"} and stop.word == sign and re.search(r"[,|]\s*[,|]?$", before) and sign + stop.word != "||":
        message = f"nothing stands between these two {quote(sign)}"
        return stop.fault("P023", message, "take one away", (stop.start, stop.end, ""))
    if stop.found in {"BAR", "COMMA"} and sign in {"=", ":"} and "NAME" in stop.accepts:
        message = f"nothing stands before this {quote(stop.word)}"
        blanks = len(stop.rest[1:]) - len(stop.rest[1:].lstrip())
        return stop.fault("P023", message, "take it away", (stop.start, stop.end + blanks, ""))
    return None


def _dangles(text: str, at: int) -> Fault:
    message = f"nothing follows this {quote(text[at])}"
    fix = (len(text[:at].rstrip()), at + 1, "")
    return Fault("P023", message, "take it away, or name one more", at, at + 1, fix)


_SYMMETRIC_FIRST = re.compile(rf"(?<=\n)symmetric\s+relation\s+({NAME_PATTERN}+)")
# How what follows each clause word begins.
_BEGINS = {
    "except": re.compile(rf"\*|{NAME_PATTERN}"),
    "instead": re.compile(NAME_PATTERN),
    "because": re.compile('"'),
    "severity": re.compile(r"(?:low|medium|high|critical)\b"),
    "require": re.compile(r"(?:breach|retention)\b"),
}


def _keyword(stop: Stop) -> Fault | None:
    word, text = stop.word, stop.text
    if stop.found.lower() not in KEYWORDS:
        return None
    after = text[stop.end :].lstrip()
    followed_by_as = re.match(r"as\b", after)
    begins_clause = word in CLAUSE_WORDS and _BEGINS[word].match(after)
    is_last = "STAR" in stop.accepts and stop.before.rstrip().endswith("->") and not begins_clause
    is_last = is_last and (word in CLAUSE_WORDS or word not in STATEMENT_WORDS)
    if "NAME" in stop.accepts and (not after or after[0] in "-,:=|;" or followed_by_as or is_last):
        message = f"{quote(word)} is a word of the language and cannot be a name"
        return stop.fault("P012", message, f"choose another name, such as {quote(word + '_')}")
    if "NAME" in stop.accepts:
        begins = stop.before.strip()
        hint = ""
        if begins == "relation" and (base := re.match(rf"inverse\s+(?:of\s+)?({NAME_PATTERN})\s*$", stop.rest)):
            hint = f"write `relation NAME inverse {base[1][:40]}`"
        elif begins.endswith(":") and word == "as":
            hint = "name a parent, or take the `:` away"
        if begins in {"forbid", "allow"} and word in CLAUSE_WORDS:
            hint = f"clauses stand behind the three names: `{begins} SUBJECT -RELATION-> OBJECT {word} ...`"
        return stop.fault("P016", f"a name is missing before {quote(word)}", hint)
    if word == "relation" and stop.last_word == "symmetric" and (named := _SYMMETRIC_FIRST.search(stop.text)):
        hint = f"write `relation {named[1][:40]} symmetric`"
        start = named.start()
        fix = (start, named.end(), f"{hint[7:-1]}")
        return Fault("P019", "`symmetric` stands behind the relation's name", hint, start, start + 9, fix)
    if word in STATEMENT_WORDS:
        message = f"a new statement begins with {quote(word)} before this one has ended"
        at = len(stop.before.rstrip())
        return stop.fault("P014", message, f"write `;` before {quote(word)}", (at, stop.start, "; "))
    return None


def _name(stop: Stop) -> Fault | None:
    before, after, start, end = stop.before, stop.text[stop.end :], stop.start, stop.end
    joined = before[-1:].isalnum() and after[:1].isalnum()
    if joined and stop.word in {"-", ".", "/", "'", "’"} and "DASH" not in stop.accepts:
        whole, whole_after = re.search(rf"[\w{MARKS}]+$", before), re.match(rf"[\w{MARKS}]+", after)
        name = f"{whole[0] if whole else ''}_{whole_after[0] if whole_after else ''}"
        fix = (start, end, "_") if stop.word == "-" else None
        return stop.fault("P017", "a name has letters, digits and `_` only", f"write {quote(name)}", fix)
    if stop.found == "NUMBER" and stop.last_word == "severity" and "NAME" in stop.accepts:
        message = f"{quote(stop.word)} is no severity; it is `low`, `medium`, `high` or `critical`"
        return stop.fault("P019", message)
    if ("NAME" in stop.accepts and stop.found == "NUMBER") or (not stop.found and stop.rest[:1].isdigit()):
        number = re.match(rf"[\w{MARKS}]+", stop.rest)
        hint = f"write `_{number[0][:40]}`, or the number in letters" if number else ""
        return stop.fault("P017", "a name begins with a letter", hint)
    if "NAME" in stop.accepts and stop.found == "STRING":
        words = NAME.findall(stop.word)
        name_of = as_name(words) or "name"
        fix = (start, end, name_of) if words and name_of not in KEYWORDS else None
        declared = re.match(rf"(?:concept|relation)\s+({NAME_PATTERN})", stop.text)
        if declared and name_of == declared[1]:  # below itself: it is the forms that were meant
            return stop.fault("P017", "a name stands without quotes", f"forms are written `as {stop.word[:40]}`")
        return stop.fault("P017", "a name stands without quotes", f"write {quote(name_of)}", fix)
    if "NAME" in stop.accepts:
        return _missing(stop)
    if stop.found == "NAME" and "$END" in stop.accepts and "BECAUSE" not in stop.accepts:
        joined_name = "_".join(NAME.findall(stop.text[:end])[-2:])
        blank = "tabs" if before[-1:] == "\t" else "spaces"
        message = f"{quote(stop.word)} is one word too many"
        hint = f"a name has no {blank}; did you mean {quote(joined_name)}?"
        if "BAR" in stop.accepts and "EQUALS" not in stop.accepts:
            hint += f" a union is written `{stop.last_word[:40]} | {stop.word[:40]}`"
        return stop.fault("P017", message, hint)
    return None


def _missing(stop: Stop) -> Fault:
    hint = ""
    if stop.last_word == "severity":
        hint = "it is `low`, `medium`, `high` or `critical`"
    elif rule := re.match(r"(forbid|allow)\b[^,]*$", stop.before):
        hint = f"write `{rule[1]} SUBJECT -RELATION-> OBJECT`; `*` stands for every name"
        hint = "" if set(NAME.findall(stop.before)) & {*CLAUSE_WORDS} else hint
        if hint and (begun := re.search(rf"((?:\*|{NAME_PATTERN})\s*-\s*(?:\*|{NAME_PATTERN})\s*->)\s*$", stop.before)):
            hint = f"write `{rule[1]} {begun[1][:120]} OBJECT`"
    elif stop.last_word == "relation" and (first := re.match(rf"(symmetric|inverse)(\s+)({NAME_PATTERN}+)", stop.rest)):
        written = f"{first[3]} {first[1]}"
        fix = (stop.start, stop.start + first.end(), written) if first[1] == "symmetric" else None
        return stop.fault("P016", f"a name is missing before {quote(stop.word)}", f"write `relation {written}`", fix)
    elif stop.last_word in {"except", "instead"}:
        hint = f"write `{stop.last_word} NAME`"
    elif stop.last_word == "by":
        hint = "write `by R1`"
    elif stop.last_word == "inverse":
        hint = "write `inverse` and the relation that it turns round"
    elif stop.last_word in {"concept", "relation"}:
        hint = f"write `{stop.last_word} NAME`"
    if not stop.before.strip() or stop.found == "$END":
        return stop.fault("P016", "a name is missing at the end of the statement", hint)
    return stop.fault("P016", f"a name is missing before {quote(stop.word)}", hint)


def _clause(stop: Stop) -> Fault | None:
    if stop.found != "NAME" or "BECAUSE" not in stop.accepts:
        return None
    word = stop.word
    at = len(stop.before.rstrip())
    if "COMMA" in stop.accepts and word in {"breach", "retention"}:
        return stop.fault("P013", f"a `,` is missing before {quote(word)}", "", (at, at, ","))
    object_of = re.search(rf"(?:->|\binstead\b)\s*({NAME_PATTERN})\s*$", stop.before)
    if object_of and (said := english(stop.text, object_of.start(1), stop.end)):
        return said
    clause = next((w for w in reversed(NAME.findall(TEXT.sub("", stop.before))) if w in KEYWORDS), "")
    if said := _between(stop, clause):
        return said
    bare = re.match(rf"({NAME_PATTERN}+)(\s+)({NAME_PATTERN}+)\s*(?:$|[,\n])", stop.text[at - len(stop.last_word) :])
    three = re.match(rf"(\s*)({NAME_PATTERN}+)(\s+)({NAME_PATTERN}+)\s*(?:$|[,\n])", stop.text[at:])
    if clause == "except" and three and not {three[2], three[4]} & {*KEYWORDS}:
        fixed = (at, at + three.end(3), f" -{three[2]}-> ")
        hint = f"write `{stop.last_word} -{three[2]}-> {three[4]}`"
        return stop.fault("P015", "the relation is missing its arrow", hint, fixed)
    if clause in {"forbid", "allow", "instead"} and bare and word not in MEANT and not guess(word, CLAUSE_WORDS).hint:
        hint = f"a name has no spaces; did you mean {quote(f'{stop.last_word}_{word}')}?"
        return stop.fault("P017", f"{quote(word)} is one word too many", hint)
    meant = guess(word, CLAUSE_WORDS)
    fix = (stop.start, stop.end, meant.certain) if meant.certain else None
    after = stop.text[stop.end :].lstrip()
    ours = MEANT.get(word, "") if MEANT.get(word) in CLAUSE_WORDS else ""
    ours = ours or next((w for w in ("because", "severity", "require") if _BEGINS[w].match(after)), "")
    hint = meant.hint.replace("? names are in the singular", "?") or (f"did you mean {quote(ours)}?" if ours else "")
    if not hint and "COMMA" in stop.accepts:
        hint = f"names are listed with `,`; a forbid is carried on by {listed(map(quote, CLAUSE_WORDS))}"
    hint = hint or f"a forbid is carried on by {listed(map(quote, CLAUSE_WORDS))}"
    return stop.fault("P013", f"{quote(word)} does not carry on a rule", hint, fix)


def _between(stop: Stop, clause: str) -> Fault | None:
    """Words of English between a clause and what it takes, or before the next clause."""
    word, filler = stop.word, stop.last_word
    following = NAME.match(stop.text[stop.end :].lstrip())
    if word in {"with", "and", "but", "having", "plus"} and following and following[0] in CLAUSE_WORDS:
        message = f"{quote(word)} does not carry on a rule"
        at = len(stop.before.rstrip())
        return stop.fault("P013", message, f"take it away: {quote(following[0])} does", (at, stop.end, ""))
    at = len(stop.before.rstrip()) - len(filler)
    if re.search(r"\b(?:except|instead)\s+(?:for|of|if|when|with)\s+$", stop.before):
        message = f"{quote(filler)} is no word of the language"
        return Fault("P025", message, f"write `{clause} {word[:40]}`", at, at + len(filler), (at, stop.start, ""))
    if re.search(r"\bexcept\s+(?:not|no)\s+$", stop.before):
        message = f"a rule has no {quote(filler)}"
        hint = "`except` names what the rule leaves alone"
        return Fault("P025", message, hint, at, at + len(filler))
    if clause == "severity" and word in LEVELS and filler not in LEVELS:
        message = f"{quote(f'{filler} {word}')} is no severity; it is {listed(map(quote, LEVELS))}"
        return Fault("P019", message, "", at, stop.end)
    return None


LEVELS = ("low", "medium", "high", "critical")
