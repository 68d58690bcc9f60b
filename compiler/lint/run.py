"""All lint rules in one tuple, and which of their findings are wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest

from ..messages.catalogue import CODES
from ..messages.diagnostics import MAX_DIAGNOSTICS, Diagnostic, listed
from ..pipeline import Analysis
from ..syntax.nodes import SourceFile
from ..syntax.tokens import comments
from . import cells, clauses, expects, names, pictures, sets, tokens
from .facts import Facts
from .model import Finding, LintRule

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
    LintRule("L050", sets.forget_outweighs),
    LintRule("L051", sets.no_neighbours),
    LintRule("L060", expects.untested),
)
USELESS_IGNORE = "L090"
_IGNORE = re.compile(r"#+\s*lint:\s*ignore\b[ \t]*([^#]*)")
_CODE = re.compile(r"[Ll]\d{0,3}(?!\w)")


@dataclass(frozen=True, slots=True)
class Linted:
    """What was found, and which rules were not asked, with the reason; `is_cut` where there is more."""

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
    facts, skipped = Facts(analysis, analysis.derived), []
    ignores = list(_ignores(analysis.source))
    # Whether an ignore hides anything, only all rules can say.
    asks_all = bool(ignores) and is_chosen(USELESS_IGNORE, select, ignore)
    # A rule stops where more would not be shown, unless comments may hide some of what it finds.
    limit = None if ignores else MAX_DIAGNOSTICS + 1
    found: list[list[Diagnostic]] = []
    for rule in RULES:
        if not asks_all and not is_chosen(rule.code, select, ignore):
            continue
        if why := _cannot(rule):
            skipped.append((rule.code, why))
            continue
        found.append([_diagnostic(rule, finding) for finding in islice(rule.find(facts), limit)])
    if asks_all:
        unasked = tuple(code for code, _ in skipped)
        every = list(chain.from_iterable(found))
        found.append(list(_useless(analysis.source, ignores, every, unasked)))
    kept = [[d for d in each if is_chosen(d.code, select, ignore) and not _is_hidden(d, ignores)] for each in found]
    # One of each rule in turn, so that a thousand small doubts leave room for one that is grave.
    dealt = [d for turn in zip_longest(*kept) for d in turn if d is not None]
    shown = sorted(dealt[:MAX_DIAGNOSTICS], key=lambda d: (d.span.file, d.span.line, d.span.column, d.code))
    said = tuple(pair for pair in skipped if is_chosen(pair[0], select, ignore))
    return Linted(tuple(shown), said, len(dealt) > len(shown))


def _diagnostic(rule: LintRule, f: Finding) -> Diagnostic:
    severity = f.severity or CODES[rule.code].severity
    return Diagnostic(rule.code, severity, f.message, f.span, f.related, f.hint, f.fix)


def _is_hidden(found: Diagnostic, ignores: list[_Ignore]) -> bool:
    return found.code != USELESS_IGNORE and any(ignore.hides(found) for ignore in ignores)


def is_chosen(code: str, select: Sequence[str], ignore: Sequence[str]) -> bool:
    """Whether a code is asked for; codes may be given by their first letters.

    >>> is_chosen("L021", ["L02"], []), is_chosen("L021", [], ["L021"]), is_chosen("L021", [], [])
    (True, False, True)
    """
    return (not select or code.startswith(tuple(select))) and not (ignore and code.startswith(tuple(ignore)))


def _cannot(rule: LintRule) -> str:
    if rule.needs == "vocabulary" and not tokens.vocabulary():
        return f"the package {tokens.PACKAGE} is not installed"
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
