"""The clauses of a forbid: except, instead, because, severity, require."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ..messages.diagnostics import Diagnostics, Fix, Related, listed, quote
from ..messages.spelling import guess
from ..syntax.nodes import Bound, Clause, Group, Pattern, RuleStatement, Word

SEVERITIES = ("low", "medium", "high", "critical")
DEFAULT_SEVERITY = "medium"
_MEASURES = {"breach": "<=", "retention": ">="}
_SAME_COMPARE = {"≤": "<=", "≥": ">=", "<": "<=", ">": ">="}


@dataclass(frozen=True, slots=True)
class Require:
    """What a rule's attack-test must show, as fractions."""

    breach_max: float = 0.05
    retention_min: float = 0.98


@dataclass(frozen=True, slots=True)
class Clauses:
    """All clauses of one rule, with the defaults of those that it leaves out."""

    excepts: tuple[Word | Pattern, ...] = ()
    instead: Word | None = None
    because: str = ""
    severity: str = DEFAULT_SEVERITY
    require: Require = Require()


_PLAIN = Clauses()


def read_clauses(statement: RuleStatement, diagnostics: Diagnostics, defaults: Clauses = _PLAIN) -> Clauses:
    """The clauses of a rule; `except` may stand several times, the others once. A forbid takes a group's defaults."""
    if statement.kind == "forbid":
        return _read(statement.clauses, "rule", diagnostics, defaults) if statement.clauses else defaults
    taken = []
    for clause in statement.clauses:
        if clause.keyword.text == "because":
            taken.append(clause)
            continue
        message = f"{quote(clause.keyword.text)} belongs to `forbid`; an `allow` takes `because` only"
        hint = "forbid overrides allow: write the exception on the forbid" if clause.names else ""
        diagnostics.error("P304", message, clause.keyword.span, hint=hint)
    return _read(tuple(taken), "rule", diagnostics) if taken else _PLAIN


def read_defaults(group: Group, diagnostics: Diagnostics) -> Clauses:
    """What the forbids of a group take from it."""
    for clause in group.clauses:
        if clause.names:
            message = "a group has no `except` of its own: which of its rules should it change?"
            diagnostics.error("P305", message, clause.keyword.span, hint="write it on the rules")
    return _read(tuple(c for c in group.clauses if not c.names), "group", diagnostics)


def _read(clauses: tuple[Clause, ...], what: str, diagnostics: Diagnostics, defaults: Clauses = _PLAIN) -> Clauses:
    once: dict[str, Clause] = {}
    excepts: list[Word | Pattern] = []
    for clause in clauses:
        keyword = clause.keyword
        if keyword.text == "except":
            excepts += clause.names
        elif keyword.text in once:
            related = [Related("first written here", once[keyword.text].keyword.span)]
            message = f"this {what} has {quote(keyword.text)} twice"
            diagnostics.error("P301", message, keyword.span, related=related)
        else:
            once[keyword.text] = clause
    instead, because, severity = (_value(once.get(k)) for k in ("instead", "because", "severity"))
    return Clauses(
        tuple(excepts),
        instead or defaults.instead,
        because.text if because else defaults.because,
        _severity(severity, diagnostics) if severity else defaults.severity,
        _require(once["require"].bounds, diagnostics, defaults.require) if "require" in once else defaults.require,
    )


# Levels of Semgrep, SARIF, SonarQube and issue trackers.
_ELSEWHERE = {
    "info": "low", "note": "low", "minor": "low", "trivial": "low", "warning": "medium", "moderate": "medium",
    "normal": "medium", "error": "high", "major": "high", "severe": "critical", "blocker": "critical",
}  # fmt: skip


def _value(clause: Clause | None) -> Word | None:
    return clause.value if clause else None


def _severity(word: Word, diagnostics: Diagnostics) -> str:
    if word.text in SEVERITIES:
        return word.text
    message = f"{quote(word.text)} is no severity; it is {listed(map(quote, SEVERITIES))}"
    meant = guess(word.text, SEVERITIES)
    fix = Fix(word.span, meant.certain) if meant.certain else None
    elsewhere = _ELSEWHERE.get(word.text.casefold(), "")
    hint = meant.hint or (f"write {quote(elsewhere)} or another of them" if elsewhere else "")
    diagnostics.error("P302", message, word.span, hint=hint, fix=fix)
    return DEFAULT_SEVERITY


def _require(bounds: tuple[Bound, ...], diagnostics: Diagnostics, default: Require) -> Require:
    amounts: dict[str, float] = {}
    for bound in bounds:
        measure = bound.measure
        if measure.text not in _MEASURES:
            message = f"a rule can require `breach` or `retention`, not {quote(measure.text)}"
            meant = guess(measure.text, _MEASURES)
            fix = Fix(measure.span, meant.certain) if meant.certain else None
            diagnostics.error("P303", message, measure.span, hint=meant.hint, fix=fix)
        elif measure.text in amounts:
            diagnostics.error("P301", f"this rule bounds {quote(measure.text)} twice", measure.span)
        else:
            amounts[measure.text] = _amount(bound, diagnostics)
    return Require(amounts.get("breach", default.breach_max), amounts.get("retention", default.retention_min))


def _amount(bound: Bound, diagnostics: Diagnostics) -> float:
    """The bound as a fraction; decimal arithmetic, so that 5 % is 0.05 and nothing beside it."""
    name, amount = bound.measure.text, bound.amount
    wanted = _MEASURES[name]
    if _SAME_COMPARE.get(bound.compare.text, bound.compare.text) != wanted:
        why = "at most" if wanted == "<=" else "at least"
        message = f"{quote(name)} is bounded with `{wanted}`: it may be {why} so much"
        diagnostics.error("P303", message, bound.compare.span, hint=f"write `{name} {wanted} {amount.text}`")
    number = amount.text.removesuffix("%").strip()
    percent = Decimal(number)
    if not amount.text.endswith("%"):
        written = percent * 100 if percent <= 1 else percent
        short = f"{written.normalize():f}%" if len(number) < 12 else ""
        hint = f"write `{name} {wanted} {short}`" if short else ""
        # 0.5 may be half a percent, and 1 all or one of a hundred: nobody but the author knows
        certain = short and (percent > 1 or 0 < percent < Decimal("0.2") or (percent < 1 and name == "retention"))
        fix = Fix(amount.span, short) if certain else None
        diagnostics.error("P303", "this must be a percentage", amount.span, hint=hint, fix=fix)
    elif percent > 100:
        diagnostics.error("P303", f"{quote(amount.text)} is more than everything", amount.span)
    return float(min(percent, Decimal(100)) / 100)
