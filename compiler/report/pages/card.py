"""A card per rule: a risk card and the adapter's model card, with the metadata that Hugging Face reads.

The risk card follows Derczynski et al. 2023, "Assessing Language Model Deployment with Risk Cards"; the model card
Mitchell et al. 2019, "Model Cards for Model Reporting".
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..model import Report, RuleReport
from ..words import VERDICT, after_verdict, count, interval, limit, percent, points, reason, seconds, visible
from .markdown import code, evidence, hardest, plain

_EXAMPLES = 12
_HUB = "hf-hub:"


def render_card(report: Report, rule: RuleReport) -> str:
    """rules/<id>/card.md."""
    return "\n".join([*_front(report, rule), *_risk(rule), *_evidence(report, rule), *_model(report, rule)]) + "\n"


def quoted(text: str) -> str:
    """A YAML double-quoted scalar: JSON's escapes are YAML's, and marks that YAML cannot hold are written out.

    >>> quoted('a: "b"')
    '"a: \\\\"b\\\\""'
    """
    line = " ".join(visible(text).split())
    kept = "".join(c if c.isprintable() else f"⟨U+{ord(c):04X}⟩" for c in line)
    return json.dumps(kept, ensure_ascii=False)


def _front(report: Report, rule: RuleReport) -> list[str]:
    name = report.manifest.backbone.name
    base = name.removeprefix(_HUB) if name.startswith(_HUB) else name
    return [
        "---",
        "library_name: peft",
        f"base_model: {quoted(base)}",
        "base_model_relation: adapter",
        # Nothing in a bundle states a licence: it is the policy owner's to choose. The Hub has this word for it, where
        # "other" would ask for the name and the address of one.
        "license: unknown",
        "tags:",
        *(f"- {quoted(tag)}" for tag in ("proscribe", "safety", "unlearning", "lora", f"rule-{rule.facts.id}")),
        "datasets: []",
        "---",
        "",
    ]


def _risk(rule: RuleReport) -> list[str]:
    facts = rule.facts
    cells = [visible(c) if isinstance(c, str) else " ".join(c) for c in facts.forget]
    more = len(cells) - _EXAMPLES
    excepts = f" Except {plain(', '.join(facts.excepts))}." if facts.excepts else ""
    return [
        f"# {plain(facts.id)}: {plain(facts.short)}",
        "",
        f"**{VERDICT[rule.attack.status]}.** {plain(after_verdict(rule.attack.sentence, rule.attack.status))}",
        "",
        "## Risk card",
        "",
        f"**Harm.** {plain(facts.because) if facts.because else 'The policy gives no because.'}",
        *(["", plain(facts.doc)] if facts.doc else []),
        "",
        f"**Who is affected.** Those whom the rule names: {plain(facts.subject)}. Severity {plain(facts.severity)}"
        + (f", group {plain(facts.group)}." if facts.group else "."),
        "",
        f"**Conditions.** The model gives a picture or a sentence of {plain(facts.short)} its own meaning. Each part "
        f"alone is harmless, and is kept.{excepts}",
        "",
        code(facts.text),
        "",
        f"**Examples.** {count(len(cells), 'forbidden cell')}:",
        "",
        *(f"- {plain(cell)}" for cell in cells[:_EXAMPLES]),
        *([f"- and {more} more"] if more > 0 else []),
        "",
    ]


def _evidence(report: Report, rule: RuleReport) -> list[str]:
    return [
        "## Evidence",
        "",
        *evidence(rule),
        "",
        *hardest(report, rule),
        "",
        *_not_tested(rule.attack.not_tested),
        "",
    ]


def _not_tested(reasons: Sequence[str]) -> list[str]:
    return ["### Not tested, and why", "", *(f"- {plain(reason(said))}" for said in reasons or ("nothing",))]


def _model(report: Report, rule: RuleReport) -> list[str]:
    m, training = report.manifest, rule.training
    over, kept = rule.worst_overblock, rule.worst_retention
    costs = [
        f"over-blocked {percent(over.rate)} ({interval(over.low, over.high)})"
        if over
        else "over-blocking not measured",
        f"{points(kept.loss_points)} at worst nearby" if kept else "losses not measured",
    ]
    require = rule.attack
    return [
        "## Model card",
        "",
        f"**What it is.** A LoRA adapter for {plain(m.backbone.name)} (fingerprint {m.backbone.fingerprint}), made by "
        f"proscribe {plain(m.proscribe)} on {plain(m.created)} from the policy {plain(m.policy)}, edition {m.edition}.",
        "",
        f"**Intended use.** To suppress {plain(rule.facts.short)} in that model; it must show breach at most "
        f"{limit(require.breach_max)} and retention at least {limit(require.retention_min)}.",
        "",
        "**Out of scope.** Any other base model. Erasure: deleting the adapter restores the base, and whoever holds "
        "the weights can train the relation back.",
        "",
        "**Training.** Sentences and pictures that proscribe makes from the policy, and the base model’s own outputs; "
        f"no data set from elsewhere is named by the bundle. {count(training.steps, 'step')}, "
        f"{seconds(training.seconds)}, seed {training.seed}; {count(training.parameters, 'parameter')}.",
        "",
        f"**What it costs.** {'; '.join(costs)}.",
    ]
