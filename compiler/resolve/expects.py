"""`expect`: tests of a policy that stand in its own file; here they are only read, `proscribe test` decides them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

from ..messages.diagnostics import Diagnostics, Fix, Span, did_you_mean, quote
from ..messages.spelling import guess
from ..syntax.nodes import WILDCARD, Expect, Pattern, Policy, Verdict, Word
from .taxonomy import Concept

_WORD, _RULE_ID = re.compile(r'[^\s:=|,;#"(){}<>*-]+'), re.compile(r"[RA][1-9][0-9]*")
Known = tuple[tuple[Concept, ...], tuple[Concept, ...], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Expectation:
    """A sentence or a pattern (one of the two is empty), and what must be decided of it; `rule` where `by` names one.

    The slots of `pattern` are names of the policy, of the built-in world, or `*`.
    """

    sentence: str
    pattern: tuple[str, str, str] | None
    verdict: Verdict
    rule: str | None
    span: Span
    about_span: Span
    rule_span: Span | None = None
    doc: str = ""

    @property
    def about(self) -> str:
        """What is tested, as the file writes it."""
        if self.pattern is None:
            return f'"{self.sentence}"'
        subject, relation, obj = self.pattern
        return f"{subject} -{relation}-> {obj}"


def read_expects(
    policy: Policy, rules: Mapping[str, str], known: Known, diagnostics: Diagnostics
) -> tuple[Expectation, ...]:
    """Every expectation of a file; `rules` are the kinds of its rules by id."""
    found = []
    unread = _unread_words(policy, diagnostics)
    for expect in policy.statements:
        if not isinstance(expect, Expect):
            continue
        about = expect.pattern or expect.sentence
        assert about is not None
        pattern = None
        if expect.pattern is not None:
            if not _names_are_known(expect.pattern, known, unread, diagnostics):
                continue
            pattern = (expect.pattern.subject.text, expect.pattern.relation.text, expect.pattern.object.text)
        elif expect.sentence is not None and not expect.sentence.text:
            diagnostics.error("P603", "this sentence is empty", expect.sentence.span)
            continue
        if expect.rule is not None and not _rule_is_known(expect, expect.rule, rules, bool(unread), diagnostics):
            continue
        found.append(
            Expectation(
                expect.sentence.text if expect.sentence else "",
                pattern,
                expect.verdict,
                expect.rule.text if expect.rule else None,
                expect.span,
                about.span,
                expect.rule.span if expect.rule else None,
                expect.doc,
            )
        )
    return tuple(found)


def _unread_words(policy: Policy, diagnostics: Diagnostics) -> frozenset[str]:
    """The words of the lines that could not be read: they may be what an expectation speaks of."""
    lines = {
        line
        for d in diagnostics.found
        if d.severity == "error" and d.code.startswith("P0") and d.span.file == policy.source.path
        for line in range(d.span.line, d.span.end_line + 1)
    }
    return frozenset(word for line in lines for word in _WORD.findall(policy.source.line(line)))


def _rule_is_known(
    expect: Expect, word: Word, rules: Mapping[str, str], some_unread: bool, diagnostics: Diagnostics
) -> bool:
    kind = "forbid" if expect.verdict == "forbidden" else "allow"
    same = [rule_id for rule_id, rule_kind in rules.items() if rule_kind == kind]
    if word.text in same:
        return True
    if some_unread and _RULE_ID.fullmatch(word.text) and word.text not in rules:
        return False  # it may be one of the rules that could not be read
    if word.text in rules:
        message = f"{word.text} is an `{rules[word.text]}`: it cannot make anything {expect.verdict}"
    else:
        message = f"this policy has no rule {quote(word.text)}"
    many = f"its {kind}s are {same[0]} to {same[-1]}, in the order of the file" if len(same) > 1 else ""
    upper = word.text.upper() if word.text.upper() in same else ""
    hint = did_you_mean(word.text, same) if word.text not in rules and len(same) < 10 else ""
    hint = f"did you mean {quote(upper)}? capital letters count" if upper else hint
    hint = hint or many or (f"its only `{kind}` is {same[0]}" if same else f"it has no `{kind}`")
    hint = "" if some_unread and not same else hint
    diagnostics.error("P601", message, word.span, hint=hint, fix=Fix(word.span, upper) if upper else None)
    return False


def _names_are_known(pattern: Pattern, known: Known, unread: frozenset[str], diagnostics: Diagnostics) -> bool:
    """Whether each slot names something; a test that names something new would be a test of nothing."""
    from ..world import lexicon

    concepts, relations, doubtful = known
    good = True
    for slot, word in (("subject", pattern.subject), ("relation", pattern.relation), ("object", pattern.object)):
        names = relations if slot == "relation" else concepts
        at = bisect_left(names, word.text, key=lambda concept: concept.name)
        if word.text == WILDCARD or (at < len(names) and names[at].name == word.text):
            continue
        if lexicon.word(slot, word.text):  # type: ignore[arg-type]
            continue
        good = False
        if word.text not in doubtful and word.text not in unread:
            kind = "relation" if slot == "relation" else "concept"
            message = f"no rule and no declaration speaks of a {kind} {quote(word.text)}: nothing could be decided"
            meant = guess(word.text, frozenset(concept.name for concept in names))
            fix = Fix(word.span, meant.certain) if meant.certain else None
            diagnostics.error("P602", message, word.span, hint=meant.hint, fix=fix)
    return good
