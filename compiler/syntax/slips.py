"""What an author most likely meant by a statement that could not be read: a message per common slip."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from ..diagnostics import listed, quote
from ..spelling import guess, plain_letters
from .arrows import arrow
from .constructs import EDITION, bound, declaration, expect, group, policy, use, wanted
from .faults import NAME, Fault, Stop, english
from .looks import comment, foreign, looks, quotes, unquoted
from .statements import CLAUSE_WORDS, KEYWORDS, STATEMENT_WORDS

__all__ = ["Fault", "explain", "opening_fault"]

_WINDOW = 4_000  # characters around the fault that are looked at: searches are not linear in them
# What the same thing is called elsewhere: in Cedar, in Rego, in other people's heads.
_SYNONYMS = {
    "forbid": "deny block ban prohibit disallow refuse never no not reject",
    "allow": "permit accept grant let",
    "use": "import include load from using",
    "concept": "class type entity noun object define def thing set",
    "relation": "verb rel action edge predicate",
    "expect": "test assert should",
    "except": "unless but without excluding exclude save",
    "instead": "redirect replace otherwise rather",
    "because": "reason why since comment note",
    "severity": "level priority risk",
    "require": "requires ensure threshold must demand",
}
_MEANT = {word: ours for ours, words in _SYNONYMS.items() for word in words.split()}


# Statements of other languages of rules that are said in another way here.
_FOREIGN = {
    "package": f'name the policy: `policy "NAME" {EDITION}`',
    "module": f'name the policy: `policy "NAME" {EDITION}`',
    "namespace": f'name the policy: `policy "NAME" {EDITION}`',
    "default": "there are no defaults: what no rule names is left alone",
    "rule": "a rule has no name of its own: begin with `forbid` or `allow`",
}


def opening_fault(text: str, first: str) -> Fault | None:
    """A statement that begins with none of the words that a statement begins with."""
    if first in STATEMENT_WORDS:
        unquoted_use = re.match(r"use\s+([\w./~][^\s\";]*)", text)
        return unquoted(text, unquoted_use.start(1), unquoted_use.end(1)) if unquoted_use else None
    end = len(first)
    if first in CLAUSE_WORDS:
        message = f"{quote(first)} carries on a `forbid`, and none stands before it"
        return Fault("P011", message, "write it right after the forbid: a `;` or another statement ends that", 0, end)
    if unicodedata.category(first[:1]) == "Cf":
        message = f"the character U+{ord(first[0]):04X} does not belong here"
        return Fault("P002", message, "it cannot be seen; delete it", 0, 1, (0, 1, ""))
    if text[:2] in {"//", "/*", "--"}:
        return comment(text, 0)
    if first[:1] in {'"', "“"}:
        end = 1
    plain = plain_letters(first)
    if plain != first and plain.lower() in STATEMENT_WORDS:
        message = f"{quote(first)} only looks like the word `{plain.lower()}`"
        return Fault("P022", message, f"write `{plain.lower()}`", 0, end, (0, end, plain.lower()))
    is_pattern = re.match(r'(?:[^\W\d]\w*|\*|"[^"\n]*")\s*-', text) is not None
    meant = guess(first, STATEMENT_WORDS)
    hint, certain = meant.hint, None if is_pattern else meant.certain
    if is_pattern:
        hint = f"did you leave out `forbid` or `allow` before {quote(first)}?"
    elif not certain and _MEANT.get(first.lower()) in STATEMENT_WORDS:
        hint = f"did you mean {quote(_MEANT[first.lower()])}?"
    elif not certain and (word := _MEANT.get(first.lower()) or guess(first, CLAUSE_WORDS).certain):
        hint = f"did you mean {quote(word)}? it carries on a `forbid`, right after it or on the next lines"
    elif not certain and not hint and first.lower() in _FOREIGN:
        hint = _FOREIGN[first.lower()]
    begins = listed(map(quote, STATEMENT_WORDS))
    message = f"a statement cannot begin with {quote(first)}; it begins with {begins}"
    return Fault("P010", message, hint, 0, end, (0, end, certain) if certain else None)


def explain(text: str, start: int, end: int, found: str, accepts: frozenset[str]) -> Fault:
    """Why the word at `start` cannot stand there; `found` and `accepts` are names of terminals."""
    cut = max(0, start - _WINDOW)
    fault = _explain(Stop(text[cut : end + _WINDOW], start - cut, end - cut, found, accepts))
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
    if stop.found == "BAR" and "COMMA" in stop.accepts:
        return "names are listed with `,`"
    if stop.found == "AS" and re.match(r"(forbid|allow)\b", stop.text):
        return "`as` belongs to a `concept` or `relation`"
    if re.match(r"policy\b", stop.text):
        return f'write `policy "NAME" {EDITION}`'
    if stop.last_word == "because":
        return 'write `because "the reason"`'
    if stop.found in {"COLON", "EQUALS"} and re.match(r"(concept|relation)\b", stop.text):
        return "the order is `NAME : PARENTS = MEMBERS as FORMS`"
    return ""


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


def _keyword(stop: Stop) -> Fault | None:
    word, text = stop.word, stop.text
    if stop.found.lower() not in KEYWORDS:
        return None
    after = text[stop.end :].lstrip()
    followed_by_as = word != "as" and re.match(r"as\b", after)
    if "NAME" in stop.accepts and (not after or after[0] in "-,:=|;" or followed_by_as):
        message = f"{quote(word)} is a word of the language and cannot be a name"
        return stop.fault("P012", message, f"choose another name, such as {quote(word + '_')}")
    if "NAME" in stop.accepts:
        begins = stop.before.strip()
        hint = ""
        if begins in {"forbid", "allow"} and word in CLAUSE_WORDS:
            hint = f"clauses stand behind the three names: `{begins} SUBJECT -RELATION-> OBJECT {word} ...`"
        return stop.fault("P016", f"a name is missing before {quote(word)}", hint)
    if word in STATEMENT_WORDS:
        message = f"a new statement begins with {quote(word)} before this one has ended"
        at = len(stop.before.rstrip())
        return stop.fault("P014", message, f"write `;` before {quote(word)}", (at, stop.start, "; "))
    return None


def _name(stop: Stop) -> Fault | None:
    before, after, start, end = stop.before, stop.text[stop.end :], stop.start, stop.end
    joined = before[-1:].isalnum() and after[:1].isalnum()
    if joined and stop.word in {"-", ".", "/", "'", "’"} and "DASH" not in stop.accepts:
        whole, whole_after = re.search(r"\w+$", before), re.match(r"\w+", after)
        name = f"{whole[0] if whole else ''}_{whole_after[0] if whole_after else ''}"
        fix = (start, end, "_") if stop.word == "-" else None
        return stop.fault("P017", "a name has letters, digits and `_` only", f"write {quote(name)}", fix)
    if ("NAME" in stop.accepts and stop.found == "NUMBER") or (not stop.found and stop.rest[:1].isdigit()):
        number = re.match(r"\w+", stop.rest)
        hint = f"write `_{number[0][:40]}`, or the number in letters" if number else ""
        return stop.fault("P017", "a name begins with a letter", hint)
    if "NAME" in stop.accepts and stop.found == "STRING":
        words = NAME.findall(stop.word)
        name_of = "_".join(words) or "name"
        fix = (start, end, name_of) if words and name_of not in KEYWORDS else None
        return stop.fault("P017", "a name stands without quotes", f"write {quote(name_of)}", fix)
    if "NAME" in stop.accepts:
        return _missing(stop)
    if stop.found == "NAME" and "$END" in stop.accepts and "BECAUSE" not in stop.accepts:
        joined_name = "_".join(NAME.findall(stop.text[:end])[-2:])
        blank = "tabs" if before[-1:] == "\t" else "spaces"
        message = f"{quote(stop.word)} is one word too many"
        return stop.fault("P017", message, f"a name has no {blank}; did you mean {quote(joined_name)}?")
    return None


def _missing(stop: Stop) -> Fault:
    hint = ""
    if stop.last_word == "severity":
        hint = "it is `low`, `medium`, `high` or `critical`"
    elif rule := re.match(r"(forbid|allow)\b[^,]*$", stop.before):
        hint = f"write `{rule[1]} SUBJECT -RELATION-> OBJECT`; `*` stands for every name"
        hint = "" if set(NAME.findall(stop.before)) & {*CLAUSE_WORDS} else hint
    elif stop.last_word == "relation" and (first := re.match(r"(symmetric|inverse)(\s+)([^\W\d]\w*+)", stop.rest)):
        written = f"{first[3]} {first[1]}"
        fix = (stop.start, stop.start + first.end(), written) if first[1] == "symmetric" else None
        return stop.fault("P016", f"a name is missing before {quote(stop.word)}", f"write `relation {written}`", fix)
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
    object_of = re.search(r"(?:->|\binstead\b)\s*([^\W\d]\w*)\s*$", stop.before)
    if object_of and (said := english(stop.text, object_of.start(1), stop.end)):
        return said
    clause = next((w for w in reversed(NAME.findall(stop.before)) if w in KEYWORDS), "")
    bare = re.match(r"([^\W\d]\w*+)(\s+)([^\W\d]\w*+)\s*(?:$|[,\n])", stop.text[at - len(stop.last_word) :])
    three = re.match(r"(\s*)([^\W\d]\w*+)(\s+)([^\W\d]\w*+)\s*(?:$|[,\n])", stop.text[at:])
    if clause == "except" and three and not {three[2], three[4]} & {*KEYWORDS}:
        fixed = (at, at + three.end(3), f" -{three[2]}-> ")
        hint = f"write `{stop.last_word} -{three[2]}-> {three[4]}`"
        return stop.fault("P015", "the relation is missing its arrow", hint, fixed)
    if clause in {"forbid", "allow", "instead"} and bare and word not in _MEANT and not guess(word, CLAUSE_WORDS).hint:
        hint = f"a name has no spaces; did you mean {quote(f'{stop.last_word}_{word}')}?"
        return stop.fault("P017", f"{quote(word)} is one word too many", hint)
    meant = guess(word, CLAUSE_WORDS)
    fix = (stop.start, stop.end, meant.certain) if meant.certain else None
    hint = meant.hint or (f"did you mean {quote(_MEANT[word])}?" if _MEANT.get(word) in CLAUSE_WORDS else "")
    if not hint and "COMMA" in stop.accepts:
        hint = f"names are listed with `,`; a forbid is carried on by {listed(map(quote, CLAUSE_WORDS))}"
    hint = hint or f"a forbid is carried on by {listed(map(quote, CLAUSE_WORDS))}"
    return stop.fault("P013", f"{quote(word)} does not carry on a rule", hint, fix)
