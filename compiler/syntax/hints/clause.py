"""Slips of one construct each: the policy line, `use`, declarations, bounds, groups and expectations."""

from __future__ import annotations

import re

from ...messages.diagnostics import listed, quote
from ...messages.spelling import guess
from ..faults import NAME, Fault, Stop
from ..statements import CLAUSE_WORDS, KEYWORDS
from ..tokens import MARKS, NAME_PATTERN

_UNION = "a union is written `a | b`"
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
    misspelt = re.fullmatch(rf"({NAME_PATTERN})\s+2026", tail)
    is_slip = misspelt is not None and guess(misspelt[1], ("edition",)).certain
    dressed = r'[,:]?\s*(edition|version|v)?\s*[=:]?\s*"?v?(2026)?"?'
    if not tail or is_slip or re.fullmatch(dressed, tail, re.IGNORECASE):
        fix = (named.end(), len(stop.text), f" {EDITION}")
    what = "a policy line ends with its edition"
    if "NUMBER" in stop.accepts:
        what = "the edition is a year"
    return stop.fault("P024", what, f"write `{named[0][:60]} {EDITION}`", fix)


def use(stop: Stop) -> Fault | None:
    """`use` of several files, or under another name."""
    if pointed := re.match(r'use\s*(<([^<>"\n]+)>)\s*$', stop.text):
        written = f'"{pointed[2].strip()}"'
        return Fault(
            "P018",
            "a text stands in double quotes",
            f"write `{written}`",
            *pointed.span(1),
            (*pointed.span(1), written),
        )
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
        sign = re.match(r"[:=]\s*(?=\{\s*$)", stop.rest)
        fix = (len(stop.before.rstrip()), stop.start + 1, "") if sign else None
        return stop.fault("P019", "a group begins with `{`", hint, fix)
    if named and not named[1] and stop.found in {"OPEN", "$END"}:
        return stop.fault("P019", "a group has a name in double quotes", 'write `group "NAME" {`')
    return None


_PATTERN = rf"(?:\*|{NAME_PATTERN}+)\s*-\s*(?:\*|{NAME_PATTERN}+)\s*->\s*(?:\*|{NAME_PATTERN}+)"
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
    if early := re.match(rf'expect\s+((forbidden|allowed|unspecified)\s+("[^"\n]*"|{_PATTERN}))\s*$', text):
        hint = f"write `expect {early[3][:60]} {early[2]}`"
        fix = (*early.span(1), f"{early[3]} {early[2]}")
        return stop.fault("P019", "the verdict stands behind what is expected of it", hint, fix)
    if denied := re.match(r'expect\s+(not|no|never)\s+"', text):
        what = f"an expectation has no {quote(denied[1])}"
        return Fault("P025", what, "expect `forbidden`, `allowed` or `unspecified`", *denied.span(1))
    if stop.found == "COMMA" and re.search(r"\bby\s+[RA]\d+\s*$", stop.before):
        return stop.fault("P019", "`by` names one rule", "leave `by` out, or name one that decides")
    if word.isdecimal() and "NAME" in stop.accepts and stop.last_word == "by":
        written = f"{'A' if re.search(r'allowed[ ]+by[ ]+$', stop.before) else 'R'}{word}"
        fix = (start, stop.end, written)
        return stop.fault("P019", "a rule is named by its letter and number", f"write `by {written}`", fix)
    bare = re.match(rf"expect\s+([^\W\d][\w{MARKS} \t]*?)\s+(forbidden|allowed|unspecified)\b", text)
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
        meant = meant or guess(word, _VERDICTS).certain or ""
        if stop.found == "COMMA":
            return stop.fault("P019", "an expectation is about one thing", "write an `expect` for each")
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
    if stop.found == "NUMBER" and stop.last_word == "require":
        turned = re.match(r"([\d.]+\s*%?)\s*[<>]=?\s*(breach|retention)\b", stop.rest)
        measured = turned[2] if turned else "breach"
        right = "<=" if measured == "breach" else ">="
        written = f"{measured} {right} {turned[1] if turned else '5%'}"
        fix = (start, start + turned.end(), written) if turned else None
        return stop.fault("P019", "what is required stands before its bound", f"write `{written}`", fix)
    if re.search(r"(?:breach|retention)\s*[<>]\s*$", stop.before) and stop.found == "EQUALS":
        sign, begin = f"{stop.before.rstrip()[-1:]}=", len(stop.before.rstrip()) - 1
        return Fault("P019", f"`{sign}` is one sign", f"write `{sign}`", begin, stop.end, (begin, stop.end, sign))
    comma = re.search(r"[<>≤≥]=?\s*(\d+),$", stop.before)
    if comma and stop.found == "NUMBER":
        hint, at = f"write `{comma[1]}.{stop.word}`", start - 1
        return Fault("P019", "decimals stand behind a `.`", hint, at, at + 1, (at, start, "."))
    if stop.word == "." and (decimals := re.match(r"\.\d+", stop.rest)) and "NUMBER" in stop.could:
        return stop.fault("P019", "a number begins with a digit", f"write `0{decimals[0]}%`", (start, start, "0"))
    if stop.word == "%" and re.search(r"\d\s*%\s*$", stop.before):
        return stop.fault("P019", "one `%` is enough", "take it away", (start, stop.end, ""))
    number = re.search(r"[<>≤≥]=?\s*(\d+(?:\.\d+)?)\s*$", stop.before)
    if number and re.match(r"(percent|per\s+cent|pct)\b", stop.rest):
        length = re.match(r"(percent|per\s+cent|pct)", stop.rest)
        assert length is not None
        fix = (number.end(1), start + length.end(), "%")
        return stop.fault("P019", "a percentage is written with `%`", f"write `{number[1]}%`", fix)
    return None


def declaration(stop: Stop) -> Fault | None:
    """`concept child is person`, `concept alcohol wine | beer`, `concept a = b, c`."""
    declared = re.match(rf"(concept|relation)\s+({NAME_PATTERN})", stop.text)
    if not declared:
        return None
    kind, name = declared.groups()
    after_name = stop.before.rstrip() == declared[0]
    if stop.last_word == "of" and re.search(r"inverse\s+of\s*$", stop.before):
        at = len(stop.before.rstrip()) - len("of")
        message = f"{quote('of')} is no word of the language"
        return Fault("P025", message, f"write `inverse {stop.word}`", at, at + 2, (at, stop.start, ""))
    if said := _trait(stop, kind, name) or _forms(stop):
        return said
    isa = re.match(r"(?:is_a|isa|is\s+an?|is|extends|under|below|->|<:|<)(?=\W)\s*", stop.rest)
    if after_name and isa:
        what = f"is-a is written `{kind} {name[:40]} : PARENT`"
        return stop.fault("P025", f"{quote(isa[0].strip())} is no word of a declaration", what,
                          (declared.end(), stop.start + isa.end(), " : "))  # fmt: skip
    if after_name and re.match(rf"{NAME_PATTERN}\s*\|", stop.rest):
        message = f"the `=` is missing before {quote(stop.word)}"
        return stop.fault("P019", message, "a union is written `NAME = A | B`", (stop.start, stop.start, "= "))
    others = re.match(rf"(?:\s*,\s*{NAME_PATTERN}+)+", stop.rest) if after_name else None
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
    if stop.word in {"/", "\\"} and re.search(rf"[=|]\s*{NAME_PATTERN}\s*$", stop.before):
        return stop.fault("P025", f"{quote(stop.word)} is no sign of the language", _UNION, (stop.start, stop.end, "|"))
    if stop.found == "BAR" and "COMMA" in stop.accepts and "EQUALS" in stop.accepts:
        at = len(stop.before.rstrip())
        message = f"expected {wanted(stop)}, not `|`"
        return stop.fault("P019", message, "several parents are written `: a, b`", (at, stop.end, ","))
    if stop.word in CLAUSE_WORDS and "NAME" not in stop.accepts:
        message = f"{quote(stop.word)} carries on a `forbid`, not a {kind}"
        return stop.fault("P011", message, "move it below the rule that it belongs to")
    return None


def _trait(stop: Stop, kind: str, name: str) -> Fault | None:
    """`relation drunk_by = inverse drinking`, `relation next_to : symmetric`, `relation next_to symetric`."""
    word = stop.word
    signed = re.match(rf"relation\s+{NAME_PATTERN}(\s*[:=]\s*)$", stop.before)
    if signed and word in {"symmetric", "inverse"}:
        written = stop.rest.partition("\n")[0].strip()[:60]
        hint = f"write `relation {name[:40]} {written}`"
        message = f"{quote(word)} takes no {quote(signed[1].strip())} before it"
        return stop.fault("P019", message, hint, (*signed.span(1), " "))
    if stop.found != "NAME" or "NAME" in stop.accepts:
        return None
    known = [w for w in ("symmetric", "inverse", "as") if w.upper() in stop.accepts]
    meant = guess(word, known).certain
    if meant is None and "AS" in stop.accepts and re.match(r'\s*"', stop.text[stop.end :]):
        meant = "as"
    if meant is None:
        return None
    message = f"{quote(word)} is no word of a declaration"
    return stop.fault("P019", message, f"did you mean {quote(meant)}?", (stop.start, stop.end, meant))


def _forms(stop: Stop) -> Fault | None:
    """Forms without their `as`, and forms that are parted by anything but a comma."""
    at = len(stop.before.rstrip())
    if stop.found == "STRING" and "AS" in stop.accepts and "NAME" not in stop.accepts:
        message, hint = f"`as` is missing before {quote(stop.word)}", f"write `as {stop.word[:60]}`"
        return stop.fault("P019", message, hint, (at, stop.start, " as "))
    in_forms = re.search(r'\bas\s+(?:"[^"\n]*"\s*,\s*)*"[^"\n]*"\s*$', stop.before)
    if in_forms and stop.word in {"as", "|", "/"} and re.match(r'\s*"', stop.text[stop.end :]):
        return stop.fault(
            "P019", f"forms are parted by `,`, not by {quote(stop.word)}", "write `,`", (at, stop.end, ",")
        )
    return None
