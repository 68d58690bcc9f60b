"""All lint rules in one tuple, and which of their findings are wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..catalogue import CODES
from ..diagnostics import Diagnostic, Diagnostics, listed
from ..pipeline import Analysis
from ..syntax.nodes import SourceFile
from ..syntax.tokens import comments
from . import cells, clauses, expects, names, pictures, sets, tokens
from .facts import MAX_DERIVED, Facts
from .model import LintRule

RULES: tuple[LintRule, ...] = (
    LintRule("L001", cells.no_cells),
    LintRule("L002", cells.unreachable_except),
    LintRule("L003", cells.except_taken_back),
    LintRule("L004", cells.allow_again),
    LintRule("L005", cells.far_allow),
    LintRule("L006", cells.forbid_again),
    LintRule("L007", cells.wide),
    LintRule("L010", names.unused_concept),
    LintRule("L011", names.unused_relation),
    LintRule("L012", names.shared_form),
    LintRule("L013", names.repeated_form),
    LintRule("L014", names.unused_use),
    LintRule("L020", clauses.no_because),
    LintRule("L021", clauses.no_instead),
    LintRule("L022", clauses.no_severity),
    LintRule("L023", clauses.weak_require),
    LintRule("L030", pictures.relation_unseen),
    LintRule("L031", pictures.concept_unseen),
    LintRule("L032", pictures.rule_unseen),
    LintRule("L040", tokens.unknown_word, needs="vocabulary"),
    LintRule("L050", sets.forget_outweighs, needs="sets"),
    LintRule("L051", sets.no_neighbours, needs="sets"),
    LintRule("L060", expects.untested),
)
USELESS_IGNORE = "L090"
_IGNORE = re.compile(r"#+\s*lint:\s*ignore\b[ \t]*([^#]*)")
_CODE = re.compile(r"[Ll]\d{0,3}(?!\w)")


@dataclass(frozen=True, slots=True)
class Linted:
    """What was found, and which rules were not asked, with the reason; `is_cut` where there was more."""

    diagnostics: tuple[Diagnostic, ...]
    skipped: tuple[tuple[str, str], ...]
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class _Ignore:
    """A comment that hides findings: on its own line, or on the line below the comments that it stands in."""

    codes: tuple[str, ...]
    lines: tuple[int, ...]
    at: int  # its number among the file's comments

    def hides(self, found: Diagnostic) -> bool:
        """Whether it speaks of a finding; without codes it speaks of all."""
        return found.span.line in self.lines and (not self.codes or found.code.startswith(self.codes))


def run(analysis: Analysis, select: Sequence[str] = (), ignore: Sequence[str] = ()) -> Linted:
    """Ask the rules whose codes begin with one of `select` (all without it) and with none of `ignore`.

    A policy with errors has nothing derived, and is not asked.
    """
    if analysis.derived is None:
        return Linted((), ())
    facts, found, skipped = Facts(analysis, analysis.derived), Diagnostics(), []
    ignores = list(_ignores(analysis.source))
    # Whether an ignore hides anything, only all rules can say.
    asks_all = bool(ignores) and is_chosen(USELESS_IGNORE, select, ignore)
    for rule in RULES:
        if not asks_all and not is_chosen(rule.code, select, ignore):
            continue
        if why := _cannot(rule, facts):
            skipped.append((rule.code, why))
            continue
        default = CODES[rule.code].severity
        for f in rule.find(facts):
            severity = f.severity or default
            found.add(severity, rule.code, f.message, f.span, hint=f.hint, related=f.related, fix=f.fix)
    if asks_all:
        unasked = tuple(code for code, _ in skipped)
        for diagnostic in _useless(analysis.source, ignores, found.found, unasked):
            found.found.append(diagnostic)
    kept = [d for d in found.found if is_chosen(d.code, select, ignore)]
    kept = [d for d in kept if d.code == USELESS_IGNORE or not any(i.hides(d) for i in ignores)]
    said = tuple(pair for pair in skipped if is_chosen(pair[0], select, ignore))
    return Linted(
        tuple(sorted(kept, key=lambda d: (d.span.file, d.span.line, d.span.column, d.code))), said, found.is_full
    )


def is_chosen(code: str, select: Sequence[str], ignore: Sequence[str]) -> bool:
    """Whether a code is asked for; codes may be given by their first letters.

    >>> is_chosen("L021", ["L02"], []), is_chosen("L021", [], ["L021"]), is_chosen("L021", [], [])
    (True, False, True)
    """
    return (not select or code.startswith(tuple(select))) and not (ignore and code.startswith(tuple(ignore)))


def _cannot(rule: LintRule, facts: Facts) -> str:
    if rule.needs == "vocabulary" and not tokens.vocabulary():
        return f"the package {tokens.PACKAGE} is not installed"
    if rule.needs == "sets" and len(facts.forbids) > MAX_DERIVED:
        return f"the policy has more than {MAX_DERIVED} forbids"
    return ""


def _ignores(source: SourceFile) -> Iterator[_Ignore]:
    """`# lint: ignore L003`, or without a code for all."""
    written = comments(source)
    own_lines = {c.span.line for c in written if not source.line(c.span.line)[: c.span.column - 1].strip()}
    for number, comment in enumerate(written):
        match = _IGNORE.match(comment.text)
        if match is None:
            continue
        line = comment.span.line
        lines = [line]
        if line in own_lines:
            below = line + 1
            while below in own_lines:
                below += 1
            lines.append(below)
        codes = tuple(code.upper() for code in _CODE.findall(match[1]))
        yield _Ignore(codes, tuple(lines), number)


def _useless(
    source: SourceFile, ignores: list[_Ignore], found: list[Diagnostic], unasked: tuple[str, ...]
) -> Iterator[Diagnostic]:
    written = comments(source)
    for ignore in ignores:
        doubtful = bool(unasked) and (not ignore.codes or any(code.startswith(ignore.codes) for code in unasked))
        if not doubtful and not any(ignore.hides(d) for d in found):
            message = f"there is no {listed(ignore.codes)} here to ignore"
            if not ignore.codes:
                message = "there is nothing here to ignore"
            yield Diagnostic(USELESS_IGNORE, "warning", message, written[ignore.at].span, hint="delete the comment")
