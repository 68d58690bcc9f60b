"""Slips of single characters: quotes, full-width forms, invisible marks, and signs of other languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from ...messages.diagnostics import quote
from ..faults import NAME, TEXT, Fault, Stop, as_name, words_of
from ..statements import CLAUSE_WORDS, KEYWORDS
from ..tokens import NAME_PATTERN

# What may close a text that the key opens.
_CLOSERS = {
    "“": "”“",
    "”": "”",
    "„": "“”",
    "‟": "”",
    "«": "»",
    "»": "«",
    "‘": "’‘",
    "’": "’",
    "'": "'",
    "`": "`'",
    "＂": "＂",
    "「": "」",
    "『": "』",
    "〝": "〞〟",
    "❝": "❞",
    "‹": "›",
}
_STRAY_CLOSERS = "”“»＂"
_SIGNS = {"、": ",", "،": ",", "؛": ";", "。": ";", "٪": "%", "∣": "|", "∗": "*", "∶": ":"}
_ENTITIES = {"gt": ">", "lt": "<", "quot": '"', "amp": "&"}
_ENTITY = re.compile(r"&(gt|lt|quot|amp);")
_UNION = "a union is written `a | b`"
_FOREIGN = {"&&": ",", "||": "|", "&": ",", "+": "|", "∪": "|", "==": "=", ":=": "=", "::": ":"}


def quotes(stop: Stop) -> Fault | None:
    """A quote left open, a quote of another kind, a text without any, two texts without a comma."""
    text, start = stop.text, stop.start
    line_end = text.find("\n", start)
    line_end = line_end if line_end >= 0 else len(text)
    char = stop.rest[:1]
    if not stop.found and char == '"':
        return _open_quote(stop, line_end)
    inside_a_name = stop.before[-1:].isalnum() and stop.rest[1:2].isalnum()
    if not stop.found and char and char in _CLOSERS and not (char in "'’" and inside_a_name):
        close = _closing(text, start, line_end)
        if close and "STRING" not in stop.could and {"NAME", "STAR"} & stop.could:
            return _quoted_name(start, close, NAME.findall(text[start + 1 : close]))
        if doubled := re.match(r"''([^'\"\n]+)''", stop.rest):
            place = start, start + doubled.end()
            message, hint = "two single quotes are no double one", 'write `"`, the plain double quote'
            return Fault("P004", message, hint, *place, (*place, f'"{doubled[1]}"'))
        fix = (start, close + 1, f'"{text[start + 1 : close]}"') if close else None
        end = close + 1 if close else start + 1
        message = f"{quote(char) if char != '`' else 'a backtick'} is not a quote of the language"
        return Fault("P004", message, 'write `"`, the plain double quote', start, end, fix)
    if re.search(r'\\"$', stop.before) or (char == "\\" and '"' in stop.before):
        message = 'a text has no escapes: the `"` after `\\` ends it'
        hint = "inside a text use other quotes, such as ‘kid’"
        return Fault("P025", message, hint, start - 2 if char != "\\" else start, start if char != "\\" else start + 1)
    line = text[text.rfind("\n", 0, start) + 1 : line_end]
    if stop.found == "NAME" and stop.before.endswith('"') and line.count('"') % 2:
        at = stop.before[:-1].rfind('"')
        message = "the quotes of this line do not pair up"
        ends = re.fullmatch(r'"([^",]*[^",\s])\s*,\s*"', stop.before[at:])
        closing = (at + 1 + len(ends[1]), at + 1 + len(ends[1]), '"') if ends else None
        return Fault("P003", message, 'end each text with `"` before the next `,`', at, start, closing)
    if stop.found == "NAME" and stop.before.endswith('"') and stop.word not in {"and", "or"}:
        hint = f"inside a text use other quotes, such as ‘{stop.word[:40]}’"
        return stop.fault("P003", 'a text ends at its first `"`', hint)
    if "STRING" in stop.accepts and stop.found in {"NAME", "NUMBER"} and "DASH" not in stop.accepts:
        return unquoted(stop.text, start, stop.end)
    if stop.found == "STRING" and "COMMA" in stop.accepts and stop.before.rstrip().endswith('"'):
        at = len(stop.before.rstrip())
        return stop.fault("P019", f"a `,` is missing before {quote(stop.word)}", "", (at, at, ","))
    return None


def unquoted(text: str, start: int, end: int) -> Fault:
    """A text that stands without its quotes: up to a comma, a keyword or the end of the line."""
    run = re.split(r"[,\n;#\"{}]", text[start:])[0]
    for word in NAME.finditer(run):
        if word[0] in {*CLAUSE_WORDS, "edition", "forbidden", "allowed"}:
            run = run[: word.start()]
            break
    run = run.strip()
    after = text[start + len(run) :].lstrip()
    fix = None if after.startswith('"') or not run else (start, start + len(run), f'"{run}"')
    if run and text[start + len(run) :].startswith('"') and text[start:].partition("\n")[0].count('"') % 2:
        fix = (start, start, '"')  # only the opening quote is missing
    shown = run if len(run) <= 40 else f"{run[:40]}..."
    return Fault("P018", "a text stands in double quotes", f'write `"{shown}"`', start, max(end, start + 1), fix)


def _open_quote(stop: Stop, line_end: int) -> Fault:
    text, start = stop.text, stop.start
    rest = text[start + 1 : line_end]
    close = next((i for i, c in enumerate(rest) if c in _STRAY_CLOSERS), None)
    if close is not None:
        at = start + 1 + close
        message = f'{quote(text[at])} does not close a text that `"` opens'
        return Fault("P004", message, 'write `"`, the plain double quote', at, at + 1, (at, at + 1, '"'))
    end = start + 1 + len(rest.rstrip())
    words = set(NAME.findall(rest))
    certain = rest.strip() and not words & {*KEYWORDS} and not set(rest) & set(',;#"{}%')
    fix = (end, end, '"') if certain else None
    hint = f'write `{text[start:end]}"`' if certain and len(rest) <= 40 else 'end the text with `"`'
    if (goes_on := _goes_on(text, line_end)) is not None:
        joined = (len(text[:line_end].rstrip()), goes_on, " ")
        hint = "write it on one line, however long"
        return Fault("P003", "a text ends on the line that it begins on", hint, start, line_end, joined)
    first = NAME.match(text)
    tail = _TAILS.get(first[0] if first else "")
    if tail and (found := re.fullmatch(rf'([^"]*?[^"\s])\s*{tail}\s*', rest)):
        ends = start + 1 + len(found[1])
        shown = f'{found[1]}"{rest[len(found[1]) :].rstrip()}'
        hint = f'write `"{shown}`' if len(shown) <= 60 else hint
        fix = (ends, ends, '"')
    return Fault("P003", "this quote is never closed on its line", hint, start, line_end, fix)


# What ends a statement behind its text, where the closing quote was forgotten before it.
_TAILS = {
    "policy": r"\bedition\s+\d+",
    "group": r"\{",
    "expect": r"\b(?:forbidden|allowed|unspecified)(?:\s+by\s+[RA]\d+)?",
    "forbid": r"\b(?:severity\s+(?:low|medium|high|critical)|require\s+(?:breach|retention)\s*[<>=][^\"]*)",
}


def _goes_on(text: str, line_end: int) -> int | None:
    """Where the next line's words begin, if that line closes the text that this one leaves open."""
    next_line = text[line_end + 1 :].partition("\n")[0]
    if next_line.count('"') != 1 or next_line.rstrip()[-1:] != '"' or set(NAME.findall(next_line)[:1]) & {*KEYWORDS}:
        return None
    return line_end + 1 + len(next_line) - len(next_line.lstrip())


def _quoted_name(start: int, close: int, words: list[str]) -> Fault:
    """A name in quotes of any kind, where no text can stand."""
    name = as_name(words)
    fix = (start, close + 1, name) if words and name not in KEYWORDS else None
    return Fault("P017", "a name stands without quotes", f"write {quote(name or 'name')}", start, close + 1, fix)


def _closing(text: str, start: int, line_end: int) -> int | None:
    """Where the text that a foreign quote opens is closed; an apostrophe inside a word closes nothing."""
    closers = _CLOSERS[text[start]] + '"'
    line = text[start:line_end]
    if text[start] == "“" and line.count("“") == line.count("”") > 1 and '"' not in line:
        depth = 0
        for at in range(start, line_end):
            depth += (text[at] == "“") - (text[at] == "”")
            if not depth:
                return at
    for at in range(start + 1, line_end):
        if text[at] in closers and not (text[at] in "'’" and text[at + 1 : at + 2].isalnum()):
            other = text[at] == '"' and (set(_CLOSERS[text[start]]) & set(text[at:line_end]) or text[at - 1] in ", ")
            return at if '"' not in text[start + 1 : at] and not other else None
    return None


def looks(stop: Stop) -> Fault | None:
    """A character that only looks like one of the language, or cannot be seen at all."""
    char = stop.rest[:1]
    at = stop.start + (stop.found == "DASH")  # `-&gt;`, where the second `-` of an arrow is due
    if entity := _ENTITY.match(stop.text, at) if not stop.found or at > stop.start else None:
        found = list(_ENTITY.finditer(stop.text))
        begin, ends = found[0].start(), found[-1].end()
        written = _ENTITY.sub(lambda m: _ENTITIES[m[1]], stop.text[begin:ends])
        message = f"{quote(entity[0])} is how HTML writes {quote(_ENTITIES[entity[1]])}"
        hint = f"write {quote(_ENTITIES[entity[1]])}"
        return Fault("P025", message, hint, at, entity.end(), (begin, ends, written))
    if stop.found or not char:
        return None
    plain = plain_sign(char)
    if plain is not None:
        fixes = [m for m in _outside_texts(stop.text) if plain_sign(stop.text[m]) is not None]
        first, last = fixes[0], fixes[-1] + 1
        inside = {i: plain_sign(stop.text[i]) or "" for i in fixes}
        written = "".join(inside.get(i, stop.text[i]) for i in range(first, last))
        name = unicodedata.name(char, "unknown").lower().replace("fullwidth", "full-width")
        if plain == " ":
            message = f"this blank is no plain one but U+{ord(char):04X}, {name}"
            return stop.fault("P022", message, "write a plain blank", (first, last, written))
        message = f"{quote(char)} is no `{plain}` but U+{ord(char):04X}, {name}"
        return stop.fault("P022", message, f"write `{plain}`", (first, last, written))
    if unicodedata.category(char) == "Cf":
        message = f"the character U+{ord(char):04X} does not belong here"
        return stop.fault("P002", message, "it cannot be seen; delete it", (stop.start, stop.start + 1, ""))
    return None


def plain_sign(char: str) -> str | None:
    """The character of the language that a full-width form, a foreign comma or a wide blank stands for."""
    if char.isascii():
        return None
    plain = _SIGNS.get(char) or unicodedata.normalize("NFKC", char)
    return plain if plain in set(" ;:,=|-<>*%#{}") else None


def _outside_texts(text: str) -> Iterator[int]:
    at = 0
    for string in TEXT.finditer(text):
        yield from range(at, string.start())
        at = string.end()
    yield from range(at, len(text))


def foreign(stop: Stop) -> Fault | None:
    """Signs and words that other languages would have here."""
    rest, accepts, word = stop.rest, stop.accepts, stop.word
    begin = stop.start
    if rest[:2] in {"//", "/*", "--"} and not (rest[:2] == "--" and "DASH" in accepts):
        return comment(stop.text, begin)
    glued = not stop.before[-1:].isspace() or stop.last_word not in {"concept", "relation"}
    if stop.found in {"COLON", "EQUALS"} and stop.last_word in KEYWORDS and glued:
        message = f"{quote(stop.last_word)} takes no {quote(word)} after it"
        at = len(stop.before.rstrip())
        return stop.fault("P025", message, f"write {quote(f'{stop.last_word} ...')}", (at, stop.end, ""))
    sign = next((s for s in _FOREIGN if rest.startswith(s)), "")
    before = stop.before.rstrip()[-1:]
    if not sign and before and before + word in _FOREIGN:  # the parser stopped at the second half
        sign, begin = before + word, len(stop.before.rstrip()) - 1
    if sign and not re.match(r"(forbid|allow)\b", stop.text):
        plain = _FOREIGN[sign]
        is_union = (
            re.match(r"(concept|relation)\b[^=]*=", stop.text) and plain in {",", "|"} and " as " not in stop.before
        )
        plain = "|" if is_union else plain
        hint = _UNION if is_union else f"write `{plain}`"
        place = begin, begin + len(sign)
        return Fault("P025", f"{quote(sign)} is no sign of the language", hint, *place, (*place, plain))
    if word in {"and", "or"} and "BAR" in accepts:
        hint, fix = _UNION, (begin, stop.end, "|")
        if "COMMA" in accepts and not re.search("=", stop.before):
            hint, fix = "several parents are written `: a, b`", (len(stop.before.rstrip()), stop.end, ",")
        return stop.fault("P025", f"{quote(word)} is no word of the language", hint, fix)
    if word in {"and", "or"} and "COMMA" in accepts:
        fix = (len(stop.before.rstrip()), stop.end, ",")
        return stop.fault("P025", f"{quote(word)} is no word of the language", "a list is written `a, b`", fix)
    if (not stop.found and rest[:1] in set("()[]")) or (word == "{" and _is_listed(stop)):
        return _bracket(stop)
    is_symbol = unicodedata.category(rest[:1] or " ") == "So"
    if not stop.found and is_symbol and "NAME" in stop.could and not rest[:1].isascii():
        hint = "give it a name in letters, and the sign with `as`"
        return stop.fault("P017", f"{quote(rest[:1])} is no letter: a name has letters, digits and `_` only", hint)
    return None


def _is_listed(stop: Stop) -> bool:
    """Whether a `{` holds names as a set of other languages does, or a whole rule as JSON does."""
    return "NAME" in stop.could and re.match(r"(concept|relation|forbid|allow)\b", stop.text) is not None


def _bracket(stop: Stop) -> Fault:
    text, hint, fix = stop.text, "", None
    begin = re.match(r"\w+", text)
    names = words_of(text[begin.end() :] if begin else text)
    inside = _BRACKETED.match(stop.rest)
    if re.match(r"(concept|relation)\b", text):
        hint = _UNION if "=" in stop.before else ""
        if inside and not TEXT.search(inside[1]) and stop.before.rstrip().endswith("="):
            names = NAME.findall(inside[1])
            fix = (stop.start, stop.start + inside.end(), " | ".join(names)) if names else None
        elif inside and "STRING" in stop.could and (forms := TEXT.findall(inside[1])):
            hint = "a list has no brackets"
            fix = (stop.start, stop.start + inside.end(), ", ".join(forms))
    elif len(names) == 3 and re.match(r"(forbid|allow)\b", text) and "BECAUSE" not in stop.could:
        hint = f"write `{names[0]} -{names[1]}-> {names[2]}`"
        called = _CYPHER.match(text)
        fix = (*called.span(1), f" {names[0]} -{names[1]}-> {names[2]}") if called else None
    elif re.match(r"(forbid|allow)\b", text) and "BECAUSE" in stop.could:
        hint = "clauses stand behind the rule without brackets"
    elif re.match(r"(forbid|allow)\b", text):
        hint = "a rule is written `SUBJECT -RELATION-> OBJECT`"
    elif re.match(r"group\b", text):
        hint = "a group stands in `{` and `}`"
    return stop.fault("P025", f"{quote(stop.rest[:1])} is no sign of the language here", hint, fix)


# Brackets around nothing but a list, and around the parts of a rule: `(child)-[:drinking]->(wine)`.
_BRACKETED = re.compile(r"[(\[{]+((?:[^()\[\]{}\"]|\"[^\"\n]*\")*)[)\]}]+")
_CYPHER = re.compile(
    rf"\w+(\s*\(\s*{NAME_PATTERN}\s*\)\s*-\s*\[\s*:?\s*{NAME_PATTERN}\s*\]\s*->\s*\(\s*{NAME_PATTERN}\s*\))"
)


def comment(text: str, start: int) -> Fault:
    """A comment of another language, from `start` to the end of its line."""
    sign = text[start : start + 3] if text[start : start + 3] in {'"""', "'''"} else text[start : start + 2]
    line_end = text.find("\n", start)
    line_end = line_end if line_end >= 0 else len(text)
    body = text[start + len(sign) : line_end].strip()
    fix: tuple[int, int, str] | None = (start, start + 2, "#")
    closer = "*/" if sign == "/*" else sign
    if sign == "/*" or len(sign) == 3:
        whole = body.endswith(closer) and closer not in body[: -len(closer)]
        fix = (start, line_end, f"# {body[: -len(closer)].strip()}") if whole else None
    message = f"a comment begins with `#`, not with {quote(sign)}"
    return Fault("P025", message, "write `#`", start, start + len(sign), fix)
