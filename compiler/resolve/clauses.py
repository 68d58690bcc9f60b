"""The clauses of a forbid: except, instead, because, severity, require."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ..diagnostics import Diagnostics, Related, did_you_mean, listed, quote
from ..syntax.nodes import Bound, Clause, Pattern, RuleStatement, Word

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


def read_clauses(statement: RuleStatement, diagnostics: Diagnostics) -> Clauses:
    """The clauses of a statement; `except` may stand several times, the others once."""
    once: dict[str, Clause] = {}
    excepts: list[Word | Pattern] = []
    for clause in statement.clauses:
        keyword = clause.keyword
        if statement.kind == "allow" and keyword.text != "because":
            message = f"{quote(keyword.text)} belongs to `forbid`; an `allow` takes `because` only"
            hint = "forbid overrides allow: write the exception on the forbid" if clause.names else ""
            diagnostics.error("P304", message, keyword.span, hint=hint)
        elif keyword.text == "except":
            excepts += clause.names
        elif keyword.text in once:
            related = [Related("first written here", once[keyword.text].keyword.span)]
            message = f"this rule has {quote(keyword.text)} twice"
            diagnostics.error("P301", message, keyword.span, related=related)
        else:
            once[keyword.text] = clause
    instead, because, severity = (_value(once.get(k)) for k in ("instead", "because", "severity"))
    return Clauses(
        tuple(excepts),
        instead,
        because.text if because else "",
        _severity(severity, diagnostics),
        _require(once["require"].bounds if "require" in once else (), diagnostics),
    )


def _value(clause: Clause | None) -> Word | None:
    return clause.value if clause else None


def _severity(word: Word | None, diagnostics: Diagnostics) -> str:
    if word is None:
        return DEFAULT_SEVERITY
    if word.text in SEVERITIES:
        return word.text
    message = f"{quote(word.text)} is no severity; it is {listed(map(quote, SEVERITIES))}"
    diagnostics.error("P302", message, word.span, hint=did_you_mean(word.text, SEVERITIES))
    return DEFAULT_SEVERITY


def _require(bounds: tuple[Bound, ...], diagnostics: Diagnostics) -> Require:
    amounts: dict[str, float] = {}
    for bound in bounds:
        measure = bound.measure
        if measure.text not in _MEASURES:
            message = f"a rule can require `breach` or `retention`, not {quote(measure.text)}"
            diagnostics.error("P303", message, measure.span, hint=did_you_mean(measure.text, _MEASURES))
        elif measure.text in amounts:
            diagnostics.error("P301", f"this rule bounds {quote(measure.text)} twice", measure.span)
        else:
            amounts[measure.text] = _amount(bound, diagnostics)
    default = Require()
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
        hint = f"write `{name} {wanted} {written.normalize():f}%`" if len(number) < 12 else ""
        diagnostics.error("P303", "this must be a percentage", amount.span, hint=hint)
    elif percent > 100:
        diagnostics.error("P303", f"{quote(amount.text)} is more than everything", amount.span)
    return float(min(percent, Decimal(100)) / 100)
