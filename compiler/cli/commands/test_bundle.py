"""`proscribe test --bundle`: the `expect` lines that hold on the cells, asked of the guarded model as sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from ...explain.expectations import Judge, Outcome
from ...graph.derive import Derived
from ...graph.relations import MAX_CELLS
from ...resolve.expects import Expectation
from ..exits import BrokenRule, EnvironmentFault, Inconclusive
from .try_ import Candidate, candidates

if TYPE_CHECKING:
    from proscribe.runtime import Backbone, Bundle, Guarded

WORDLESS = "write the line as a sentence, or name what the built-in world has"
MAX_CAPTIONS = 40  # of one pattern, evenly over its cells
Answered = Literal["held", "broke", "not testable"]
_WORST: tuple[Answered, ...] = ("broke", "not testable", "held")


@dataclass(frozen=True, slots=True)
class Asked:
    """One text of an expectation, and what base and guarded model take it for first."""

    expectation: Expectation
    text: str
    base: Candidate
    guarded: Candidate

    @property
    def answer(self) -> Answered:
        """What the base takes for a forbidden caption must be no longer; anything else must stay what it was.

        An expectation that the base does not share proves nothing about the adapters: it is not testable.
        """
        forbidden = self.expectation.verdict == "forbidden"
        if bool(self.base.forbidden_by) != forbidden:
            return "not testable"
        if forbidden:
            return "broke" if self.guarded.forbidden_by else "held"
        return "held" if self.guarded.cell == self.base.cell else "broke"


@dataclass(frozen=True, slots=True)
class Answers:
    """What was asked; `wordless` are patterns no cell of which has a caption, `failing` lines do not hold on the cells.

    Neither of the two is asked: a wordless line is not testable, a failing one is the policy's fault.
    """

    asked: tuple[Asked, ...]
    wordless: tuple[Expectation, ...] = ()
    failing: int = 0


def ask(derived: Derived, outcomes: Sequence[Outcome], folder: Path) -> Answers:
    """Ask a bundle about every expectation that holds on the cells.

    Raises UsageError where the bundle forbids other cells than the policy, EnvironmentFault where it cannot be loaded.
    """
    from proscribe.runtime import BundleRefused, EnvironmentProblem, load_backbone, load_bundle

    try:
        bundle = load_bundle(folder)
        if _forbidden(bundle) != {sets.rule.id: {str(i.cell) for i in sets.forget} for sets in derived.rules}:
            raise click.UsageError(f"{folder} forbids other cells than {derived.source.path}: compile the policy again")
        model = load_backbone(str(bundle.manifest["backbone"].get("name", "mini")))
        guarded = bundle.attach(model)
        known = candidates(bundle)
    except (BundleRefused, EnvironmentProblem) as fault:
        raise EnvironmentFault(str(fault)) from fault
    holding = [(o.expectation, _texts(derived, o.expectation, known)) for o in outcomes if o.holds]
    texts = [(expectation, text) for expectation, found in holding for text in found]
    firsts = _firsts([text for _, text in texts], model, guarded, known) if texts else ()
    return Answers(
        tuple(Asked(*asked, *first) for asked, first in zip(texts, firsts, strict=True)),
        tuple(expectation for expectation, found in holding if not found),
        sum(not outcome.holds for outcome in outcomes),
    )


def lines(answers: Answers, folder: Path) -> list[str]:
    """A count and a line for each expectation, the worst of its texts shown."""
    found = list(_by_expectation(answers.asked).items())
    counts = Counter(_worst(texts).answer for _, texts in found)
    counts["not testable"] += len(answers.wordless)
    said = ", ".join(f"{counts[answer]:,} {answer}" for answer in ("held", "broke", "not testable"))
    is_any = found or answers.wordless
    first = f"asked of the guarded model in {folder}: {said}" if is_any else f"nothing to ask the model in {folder}"
    if answers.failing:
        first += f"; {answers.failing:,} not asked, for what fails on the cells is the policy's fault"
    shown = [first]
    for expectation in answers.wordless:
        shown.append(f"  {'not testable':12}  line {expectation.span.line}: {expectation.about} {expectation.verdict}")
        shown.append(f"{'':16}the bundle has no caption of its cells: {WORDLESS}")
    for expectation, texts in found:
        worst = _worst(texts)
        many = f" ({len(texts):,} captions)" if len(texts) > 1 else ""
        line = f"  {worst.answer:12}  line {expectation.span.line}: {expectation.about} {expectation.verdict}{many}"
        shown += [line] if worst.answer == "held" else [line, f"{'':16}{_said(worst)}"]
    return shown


def data(answers: Answers) -> list[dict[str, object]]:
    """Every text with both answers, for JSON; a line that has no text has no answers."""
    wordless: list[dict[str, object]] = [
        {
            "line": e.span.line,
            "expected": e.verdict,
            "text": "",
            "answer": "not testable",
            "base": None,
            "guarded": None,
        }
        for e in answers.wordless
    ]
    return wordless + [
        {
            "line": a.expectation.span.line,
            "expected": a.expectation.verdict,
            "text": a.text,
            "answer": a.answer,
            "base": {"caption": a.base.caption, "cell": a.base.cell, "forbidden_by": list(a.base.forbidden_by)},
            "guarded": {
                "caption": a.guarded.caption,
                "cell": a.guarded.cell,
                "forbidden_by": list(a.guarded.forbidden_by),
            },
        }
        for a in answers.asked
    ]


def leave(answers: Answers) -> None:
    """Exit 3 where the model broke an expectation, 4 where one was not testable."""
    given = {a.answer for a in answers.asked}
    if "broke" in given:
        raise BrokenRule
    if "not testable" in given or answers.wordless:
        raise Inconclusive


def _texts(derived: Derived, expectation: Expectation, known: Sequence[Candidate]) -> list[str]:
    """The sentence itself; of a pattern the captions of its cells, as far as the bundle has them."""
    if expectation.pattern is None:
        return [expectation.sentence]
    captions = {candidate.cell: candidate.caption for candidate in known}
    cells = Judge(derived.graph).cells(expectation.pattern)
    if cells is None:
        return []
    # A wildcard's billions are never written out.
    there = [captions[str(cell)] for cell in cells.some(MAX_CELLS) if str(cell) in captions]
    step = max(1, -(-len(there) // MAX_CAPTIONS))
    return there[::step]


def _firsts(
    texts: Sequence[str], model: Backbone, guarded: Guarded, known: Sequence[Candidate]
) -> list[tuple[Candidate, Candidate]]:
    guarded.enable(*guarded.rules)
    captions = [candidate.caption for candidate in known]
    base_ND, guarded_ND = model.encode_text(captions), guarded.encode_text(captions)
    for row, candidate in enumerate(known):
        if candidate.forbidden_by:  # a guarded forbidden caption stands at the redirect and names nothing: as in `try`
            guarded_ND[row] = base_ND[row]
    base_P = (model.encode_text(list(texts)) @ base_ND.T).argmax(dim=1).tolist()
    guarded_P = (guarded.encode_text(list(texts)) @ guarded_ND.T).argmax(dim=1).tolist()
    return [(known[base], known[after]) for base, after in zip(base_P, guarded_P, strict=True)]


def _forbidden(bundle: Bundle) -> dict[str, set[str]]:
    facts = {rule: bundle.read_json(f"rules/{rule}/rule.json") for rule in bundle.rules}
    return {rule: {str(cell) for cell in found.get("forget", ())} for rule, found in facts.items()}


def _by_expectation(asked: Sequence[Asked]) -> dict[Expectation, list[Asked]]:
    found: dict[Expectation, list[Asked]] = {}
    for one in asked:
        found.setdefault(one.expectation, []).append(one)
    return found


def _worst(texts: Sequence[Asked]) -> Asked:
    return min(texts, key=lambda asked: _WORST.index(asked.answer))


def _said(asked: Asked) -> str:
    def one(candidate: Candidate) -> str:
        by = f", forbidden by {', '.join(candidate.forbidden_by)}" if candidate.forbidden_by else ""
        return f'"{candidate.caption}"{by}'

    return f'"{asked.text}" is taken for {one(asked.base)} by the base, for {one(asked.guarded)} by the guarded model'
