"""Slips of one construct each: the policy line, `use`, declarations, bounds, groups and expectations."""

from __future__ import annotations

import re

from ..diagnostics import listed, quote
from .faults import NAME, Fault, Stop
from .statements import CLAUSE_WORDS, KEYWORDS

EDITION = "edition 2026"
CALLED = {
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
    "OPEN": "`{`",
    "CLOSE": "`}`",
}


def wanted(stop: Stop) -> str:
    names = {CALLED.get(a, f"`{a.lower()}`") for a in stop.accepts}
    return listed(sorted(names, key=lambda name: (name.startswith("the"), name)))


def policy(stop: Stop) -> Fault | None:
    """A `policy` line whose name stands and whose edition does not."""
    named = re.match(r'policy\s*"[^"\n]*"', stop.text)
    if not named or stop.start < named.end():
        return None
    tail = stop.text[named.end() :].strip()
    fix = None
    if not tail or re.fullmatch(r'[,:]?\s*(edition|version|v)?\s*[=:]?\s*"?v?(2026)?"?', tail, re.IGNORECASE):
        fix = (named.end(), len(stop.text), f" {EDITION}")
    what = "a policy line ends with its edition"
    if "NUMBER" in stop.accepts:
        what = "the edition is a year"
    return stop.fault("P024", what, f"write `{named[0][:60]} {EDITION}`", fix)


def use(stop: Stop) -> Fault | None:
    """`use` of several files, or under another name."""
    if not re.match(r'use\s*"', stop.text) or stop.found == "$END":
        return None
    if stop.found == "COMMA" and stop.rest[1:].lstrip().startswith('"'):
        at = len(stop.before.rstrip())
        return stop.fault("P019", "a `use` names one file", "write a `use` for each", (at, stop.end, "; use"))
    if stop.word in {"as", "for"} or stop.found == "NAME":
        hint = "its concepts and relations keep their names; take away what follows the file"
        return stop.fault("P019", f"a `use` ends with its file, not with {quote(stop.word)}", hint)
    return None


def group(stop: Stop) -> Fault | None:
    """`group` without its name or its brace."""
    if not re.match(r"group\b", stop.text):
        return None
    named = re.match(r'group\s*("[^"\n]*")?\s*', stop.text)
    if named and named[1] and stop.start >= named.end(1) and "OPEN" in stop.accepts:
        hint = f"write `group {named[1][:60]} {{`, its rules, and `}}`"
        return stop.fault("P019", "a group begins with `{`", hint)
    if named and not named[1] and stop.found in {"OPEN", "$END"}:
        return stop.fault("P019", "a group has a name in double quotes", 'write `group "NAME" {`')
    return None


_VERDICTS = {
    "forbidden": "forbid denied deny blocked block banned prohibited refused false no",
    "allowed": "allow permitted permit ok safe true yes accepted",
    "unspecified": "unknown undefined nothing none unspecific neither",
}


def expect(stop: Stop) -> Fault | None:
    """An expectation without its verdict, or with one in other words."""
    if not re.match(r"expect\b", stop.text):
        return None
    text, start, word = stop.text, stop.start, stop.word
    bare = re.match(r"expect\s+([^\W\d][\w \t]*?)\s+(forbidden|allowed|unspecified)\b", text)
    if bare and {"DASH", "ARROW"} & stop.accepts:
        sentence = bare.span(1)
        hint = f'write `expect "{bare[1][:40]}" {bare[2]}`, or a pattern with its arrow'
        return Fault("P018", "a text stands in double quotes", hint, *sentence, (*sentence, f'"{bare[1]}"'))
    if "FORBIDDEN" in stop.accepts:
        between = re.match(r"(?:is|be|to\s+be|are|->|=>|==?|:)\s*(?=forbidden\b|allowed\b|unspecified\b)", stop.rest)
        what = "an expectation ends with `forbidden`, `allowed` or `unspecified`"
        if between:
            said = f"{quote(between[0].strip())} is one word too many"
            return stop.fault("P019", said, what, (start, start + between.end(), ""))
        meant = next((verdict for verdict, words in _VERDICTS.items() if word in words.split()), "")
        if meant:
            return stop.fault("P019", what, f"did you mean {quote(meant)}?", (start, stop.end, meant))
        if re.match(r"not\s+allowed\b", stop.rest):
            return stop.fault("P019", what, "did you mean `forbidden`? or is it `unspecified`?")
        return stop.fault("P019", what, f"write `{text[:start].strip()[:60]} forbidden`")
    if "BY" in stop.accepts and stop.found == "NAME":
        rule = re.match(r"(?:from|because|through|rule|via)\s+(?=[^\W\d])", stop.rest)
        if rule:
            return stop.fault(
                "P019", "the rule is named with `by`", "write `by R1`", (start, start + rule.end(), "by ")
            )
        if re.fullmatch(r"[RA]\d+", word):
            return stop.fault(
                "P019", f"`by` is missing before {quote(word)}", f"write `by {word}`", (start, start, "by ")
            )
    if stop.last_word == "rule" and stop.found == "NAME" and re.search(r"\bby\s+rule\s+$", stop.before):
        at = len(stop.before.rstrip()) - len("rule")
        message = "`by` is followed by the rule itself"
        return Fault("P019", message, f"write `by {word}`", at, at + 4, (at, start, ""))
    return None


def bound(stop: Stop) -> Fault | None:
    """`require` with another comparison than `<=` or `>=`, or with a percentage in words."""
    start = stop.start
    measure = re.search(r"\b(breach|retention)\s*$", stop.before)
    if measure and "COMPARE" in stop.accepts:
        right = "<=" if measure[1] == "breach" else ">="
        wrong = re.match(r"(?:=<|=>|==?|:|is\b|at\s+most\b|at\s+least\b|under\b|over\b)?\s*(?=\d)", stop.rest)
        fix = (start, start + wrong.end(), f"{right} ") if wrong else None
        return stop.fault("P019", f"{quote(measure[1])} is bounded with `{right}`", f"write `{measure[1]} {right} 5%`"
                          if right == "<=" else f"write `{measure[1]} {right} 98%`", fix)  # fmt: skip
    number = re.search(r"[<>≤≥]=?\s*(\d+(?:\.\d+)?)\s*$", stop.before)
    if number and re.match(r"(percent|per\s+cent|pct)\b", stop.rest):
        length = re.match(r"(percent|per\s+cent|pct)", stop.rest)
        assert length is not None
        fix = (number.end(1), start + length.end(), "%")
        return stop.fault("P019", "a percentage is written with `%`", f"write `{number[1]}%`", fix)
    return None


def declaration(stop: Stop) -> Fault | None:
    """`concept child is person`, `concept alcohol wine | beer`, `concept a = b, c`."""
    declared = re.match(r"(concept|relation)\s+([^\W\d]\w*)", stop.text)
    if not declared:
        return None
    kind, name = declared.groups()
    after_name = stop.before.rstrip() == declared[0]
    if stop.last_word == "of" and re.search(r"inverse\s+of\s*$", stop.before):
        at = len(stop.before.rstrip()) - len("of")
        message = f"{quote('of')} is no word of the language"
        return Fault("P025", message, f"write `inverse {stop.word}`", at, at + 2, (at, stop.start, ""))
    isa = re.match(r"(?:is_a|isa|is\s+an?|is|extends|under|below|->|<:|<)(?=\W)\s*", stop.rest)
    if after_name and isa:
        what = f"is-a is written `{kind} {name[:40]} : PARENT`"
        return stop.fault("P025", f"{quote(isa[0].strip())} is no word of a declaration", what,
                          (declared.end(), stop.start + isa.end(), " : "))  # fmt: skip
    if after_name and re.match(r"[^\W\d]\w*\s*\|", stop.rest):
        message = f"the `=` is missing before {quote(stop.word)}"
        return stop.fault("P019", message, "a union is written `NAME = A | B`", (stop.start, stop.start, "= "))
    others = re.match(r"(?:\s*,\s*[^\W\d]\w*+)+", stop.rest) if after_name else None
    if others and not {*NAME.findall(others[0])} & {*KEYWORDS}:
        written = "".join(f"; {kind} {other}" for other in NAME.findall(others[0]))
        ends = stop.start + others.end()
        fix = None if stop.text[ends:].strip() else (declared.end(), ends, written)  # whose would a clause be?
        message = f"a `{kind}` statement declares one name"
        return stop.fault("P019", message, f"write {quote(f'{kind} {name}{written}')}", fix)
    if stop.found == "COMMA" and "BAR" in stop.accepts:
        at = len(stop.before.rstrip())
        message = f"expected {wanted(stop)}, not `,`"
        return stop.fault("P019", message, "a union is written `a | b`", (at, stop.end, " |"))
    if stop.found == "BAR" and "COMMA" in stop.accepts and "EQUALS" in stop.accepts:
        at = len(stop.before.rstrip())
        message = f"expected {wanted(stop)}, not `|`"
        return stop.fault("P019", message, "several parents are written `: a, b`", (at, stop.end, ","))
    if stop.word in CLAUSE_WORDS and "NAME" not in stop.accepts:
        message = f"{quote(stop.word)} carries on a `forbid`, not a {kind}"
        return stop.fault("P011", message, "move it below the rule that it belongs to")
    return None
