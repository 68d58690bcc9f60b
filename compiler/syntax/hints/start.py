"""A statement that begins with none of the words that a statement begins with."""

from __future__ import annotations

import re
import unicodedata

from ...messages.diagnostics import listed, quote
from ...messages.spelling import guess, plain_letters
from ..faults import NAME, Fault
from ..statements import CLAUSE_WORDS, STATEMENT_WORDS
from ..tokens import NAME_PATTERN
from .clause import EDITION
from .confusables import comment, plain_sign, unquoted

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
MEANT = {word: ours for ours, words in _SYNONYMS.items() for word in words.split()}
# Those that can mean nothing else, before what their statement consists of.
_CERTAIN = {
    word: MEANT[word] for word in ["deny", "block", "ban", "prohibit", "disallow", "permit", "import", "include"]
}
_CONSISTS = {
    "forbid": re.compile(rf"\s+(?:\*|{NAME_PATTERN})\s*-\s*(?:\*|{NAME_PATTERN})\s*->"),
    "allow": re.compile(rf"\s+(?:\*|{NAME_PATTERN})\s*-\s*(?:\*|{NAME_PATTERN})\s*->"),
    "use": re.compile(r'\s*"[^"\n]+"\s*$'),
}
# Statements of other languages of rules that are said in another way here.
_FOREIGN = {
    "package": f'name the policy: `policy "NAME" {EDITION}`',
    "module": f'name the policy: `policy "NAME" {EDITION}`',
    "namespace": f'name the policy: `policy "NAME" {EDITION}`',
    "edition": f'it stands in the policy line: `policy "NAME" {EDITION}`',
    "default": "there are no defaults: what no rule names is left alone",
    "rule": "a rule has no name of its own: begin with `forbid` or `allow`",
    "rules": "rules have no heading: each begins with `forbid` or `allow`",
    "{": "a policy is no JSON: write statements, one a line",
    "[": "rules have no heading: each begins with `forbid` or `allow`",
    "@": "a rule has no attributes: write `because`, `severity` or a `##` comment",
}
_RULE = "a rule is written `forbid SUBJECT -RELATION-> OBJECT`"
# What lists and other people's rules have before a rule.
_BULLET = re.compile(r"(?:[-*•–—+]|\d+[.)])\s+(?=[^\W\d])")
_LABEL = re.compile(rf"({NAME_PATTERN})\s*:\s*(?=(?:forbid|allow)\b)")


def opening_fault(text: str, first: str) -> Fault | None:
    """Why no statement can begin like this, or None where it begins with one of its words."""
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
    return _sign(text) or _word(text, first, 1 if first[:1] in {'"', "“"} else len(first))


def _sign(text: str) -> Fault | None:
    """A sign before the statement: of a list, of Markdown, of a comment, of a full-width keyboard."""
    if fence := re.match(r"(?:-{3,}|```\w*|~~~\w*|\.\.\.)[ \t]*(?=\n|$)", text):
        message = "this line is Markdown or YAML, no statement"
        return Fault("P025", message, "take it away", 0, len(fence[0].rstrip()), (0, fence.end(), ""))
    if text[:2] in {"//", "/*", "--"} or text[:3] in {'"""', "'''"}:
        return comment(text, 0)
    if bullet := _BULLET.match(text):
        message = f"{quote(bullet[0].strip())} does not begin a statement"
        certain = re.match(rf"(?:{'|'.join(STATEMENT_WORDS)})\b", text[bullet.end() :])
        fix = (0, bullet.end(), "") if certain else None
        return Fault("P010", message, "take it away: a statement begins with its word", 0, len(bullet[0].rstrip()), fix)
    if label := _LABEL.match(text):
        message = f"a rule has no name of its own, such as {quote(label[1])}"
        hint = "take it away: rules are called R1, R2, ... in the order of the file"
        return Fault("P010", message, hint, 0, len(label[1]), (0, label.end(), ""))
    plain = plain_sign(text[:1])
    if plain in set("{}"):
        name = unicodedata.name(text[0], "unknown").lower().replace("fullwidth", "full-width")
        message = f"{quote(text[0])} is no `{plain}` but U+{ord(text[0]):04X}, {name}"
        return Fault("P022", message, f"write `{plain}`", 0, 1, (0, 1, plain or ""))
    return None


def _word(text: str, first: str, end: int) -> Fault:
    lower = first.lower()
    plain = plain_letters(first)
    if plain != first and plain.lower() in STATEMENT_WORDS:
        message = f"{quote(first)} only looks like the word `{plain.lower()}`"
        return Fault("P022", message, f"write `{plain.lower()}`", 0, end, (0, end, plain.lower()))
    if turned := re.match(rf"symmetric\s+relation\s+({NAME_PATTERN}+)", text):
        hint = f"write `relation {turned[1][:40]} symmetric`"
        fix = (0, turned.end(), f"relation {turned[1]} symmetric")
        return Fault("P019", "`symmetric` stands behind the relation's name", hint, 0, end, fix)
    is_pattern = re.match(rf'(?:{NAME_PATTERN}|\*|"[^"\n]*")\s*-', text) is not None
    meant = guess(first, STATEMENT_WORDS)
    hint, certain = meant.hint.replace("? names are in the singular", "?"), None if is_pattern else meant.certain
    if re.match(r"\s*:\s*(?:\n|$)", text[len(first) :]):  # a heading, of YAML for example
        certain, hint = None, f"{hint} each stands in a statement of its own" if hint else ""
    if is_pattern:
        hint = f"did you leave out `forbid` or `allow` before {quote(first)}?"
    elif not certain and MEANT.get(lower) in STATEMENT_WORDS:
        ours = "forbid" if re.match(r"(?:never|no|not)\s+allow\b", text.lower()) else MEANT[lower]
        hint = f"did you mean {quote(ours)}?"
        sure = _CERTAIN.get(lower)
        certain = sure if sure and _CONSISTS[sure].match(text[end:]) else None
    elif not certain and (word := MEANT.get(lower) or guess(first, CLAUSE_WORDS).certain):
        hint = f"did you mean {quote(word)}? it carries on a `forbid`, right after it or on the next lines"
    elif not certain and not hint:
        hint = _FOREIGN.get(lower) or _inside(text)
    begins = listed(map(quote, STATEMENT_WORDS))
    message = f"a statement cannot begin with {quote(first)}; it begins with {begins}"
    return Fault("P010", message, hint, 0, end, (0, end, certain) if certain else None)


def _inside(text: str) -> str:
    """The hint for a statement whose word stands further on, and for a sentence."""
    words = [word[0] for word in NAME.finditer(text.partition("\n")[0])]
    lower = [word.lower() for word in words[:4]]
    if "not" in lower and "allow" in lower:
        return "did you mean `forbid`?"
    later = next((word for word in lower[1:] if word in STATEMENT_WORDS and word not in {"use", "policy"}), "")
    if (later and words[0].isalpha() and "->" in text) or lower[1:2] == [later]:
        return f"begin with `{later}`: take away what stands before it"
    return _RULE if len(words) > 2 and re.fullmatch(r"[\w\s,'’.!-]+", text.strip()) else ""
