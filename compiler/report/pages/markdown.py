"""The report as Markdown for GitHub; text from a bundle is escaped until nothing in it is markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ...attack.verdict.worst_cases import in_turn
from ..figures.cases import replay
from ..figures.matrix import worst_by_family, worst_kept
from ..figures.spread import spread_sentence
from ..model import Report, RuleReport, counted
from ..pooled import pooled_words, worst_pooled
from ..words import (
    KEPT,
    LEVEL,
    LIMIT,
    MODALITY,
    OUTCOME,
    SETS,
    VERDICT,
    a_setting,
    after_verdict,
    blocked_words,
    interval,
    limit,
    percent,
    points,
    reason,
    spoken,
    tuple_text,
    visible,
)

# Every mark that GitHub's Markdown may read as markup in the middle of a line, mentions, issues and mathematics too.
_MARKUP = re.compile(r"[\\`*_{}\[\]<>&|~!#@$^]|:(?=/)|(?<=www)\.", re.IGNORECASE)
# What makes a list, a heading or a rule only where a line begins.
_BEGINS = re.compile(r"^(?:[-+=]|\d+(?=[.)]))")
_CASES = 10


def plain(text: str) -> str:
    """Text on one line in which no character is markup: marks become character references.

    >>> plain("<b>|a](x)")
    '&#60;b&#62;&#124;a&#93;(x)'
    """
    line = _MARKUP.sub(lambda found: f"&#{ord(found[0])};", " ".join(visible(text).split()))
    return _BEGINS.sub(lambda found: "".join(f"&#{ord(mark)};" for mark in found[0]), line)


def code(text: str) -> str:
    """A fenced block; the fence is longer than any run of its mark inside.

    >>> code("a```b").splitlines()[0]
    '````text'
    """
    shown = visible(text)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    return f"{fence}text\n{shown}\n{fence}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table; cells are escaped already."""
    lines = [heads, ["---"] * len(heads), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def render_markdown(report: Report) -> str:
    """report.md."""
    m = report.manifest
    rows = [
        (
            f"**{plain(r.facts.id)}** {plain(r.facts.short)}",
            percent(f.breach) if (f := r.worst_family) else "not tested",
            points(kept.loss_points) if (kept := r.worst_retention) else "not tested",
            percent(o.rate) if (o := r.worst_overblock) else "not tested",
            VERDICT[r.attack.status],
        )
        for r in report.rules
    ]
    lines = [
        f"# {plain(m.policy)}: {VERDICT[report.status]}",
        "",
        plain(report.sentence),
        "",
        f"Level {LEVEL[report.level]}.",
        "",
        *table(("Rule", "Worst breach", "Worst loss", "Over-blocked", "Verdict"), rows),
        "",
        "The rules suppress: deleting or switching off an adapter restores the base model.",
    ]
    for rule in report.rules:
        lines += ["", *_rule(report, rule)]
    lines += [
        "",
        "## How this report was made",
        "",
        f"- Policy {plain(m.policy)}, edition {m.edition}, sha256 {m.policy_sha256}",
        f"- Base model {plain(m.backbone.name)}, fingerprint {m.backbone.fingerprint}",
        f"- Plan {m.plan}, seed {m.seed}, made {plain(m.created)} with proscribe {plain(m.proscribe)}",
        f"- Versions: {', '.join(plain(f'{name} {version}') for name, version in sorted(m.versions.items()))}",
    ]
    return "\n".join(lines) + "\n"


def _rule(report: Report, rule: RuleReport) -> list[str]:
    facts, attack = rule.facts, rule.attack
    said = plain(after_verdict(attack.sentence, attack.status))
    lines = [f"## {plain(facts.id)}: {plain(facts.short)}", "", f"**{VERDICT[attack.status]}.** {said}", ""]
    lines += [plain(text) + "\n" for text in (facts.doc, f"Because: {facts.because}" if facts.because else "") if text]
    lines += [code(facts.text), "", *evidence(rule), "", *hardest(report, rule)]
    lines += [
        "",
        "### Not tested, and why",
        "",
        *(f"- {plain(reason(said))}" for said in attack.not_tested or ("nothing",)),
    ]
    return lines


def evidence(rule: RuleReport) -> list[str]:
    """The families that count, those that are evidence only, and what is kept, as tables."""
    attack = rule.attack
    lines = []
    for gates, title in ((True, "Attacks that count"), (False, "Evidence, not counted against the rule")):
        found = worst_by_family(attack.families, gates)
        if found:
            rows = [
                (
                    plain(spoken(f.family)),
                    f"{MODALITY[f.modality]}, {f.kind}",
                    a_setting(f.towers, f.stage),
                    f"{f.broke} of {counted(f)}",
                    f"{percent(f.breach)} ({interval(f.low, f.high)})" if counted(f) else "nothing counted",
                    LIMIT[f.status] if gates else "evidence",
                )
                for f in found
            ]
            heads = ("Family", "Kind", "Worst setting", "Broke", "Breach", f"Against {limit(attack.breach_max)}")
            lines += [f"### {title}", "", *table(heads, rows), ""]
    if attack.retention:
        kept = [
            (
                SETS[r.name],
                MODALITY[r.modality],
                a_setting(r.towers, r.stage),
                percent(r.base),
                percent(r.guarded),
                f"{percent(r.kept)} ({interval(r.low, r.high)})",
                KEPT[r.status],
            )
            for r in worst_kept(attack.retention)
        ]
        sets = ("Set", "Items", "Worst setting", "Base", "Guarded", "Kept", f"Against {limit(attack.retention_min)}")
        lines += ["### What is kept", "", *table(sets, kept)]
        if pooled := worst_pooled(attack.retention, attack.retention_min):
            lines += ["", f"All safe items together: {pooled_words(pooled, attack.retention_min)}"]
    if over := rule.worst_overblock:
        said = f"At worst {percent(over.rate)} ({interval(over.low, over.high)}): {blocked_words(over)}."
        lines += ["", "### What is newly taken for something forbidden", "", plain(said)]
    if attack.seeds:
        lines += ["", "### Trained with other seeds", "", *seeds(rule)]
    return lines


def seeds(rule: RuleReport) -> list[str]:
    """Every training seed's worst breach and greatest loss, and what they say together."""
    rows = [
        (
            str(s.seed),
            percent(s.breach) if s.breach is not None else "not tested",
            points(s.loss_points) if s.loss_points is not None else "not tested",
            VERDICT[s.status],
        )
        for s in rule.attack.seeds
    ]
    said = f"{spread_sentence(rule.attack)} The adapter is that of seed {rule.training.seed}.".strip()
    return [said, "", *table(("Seed", "Worst breach", "Greatest loss", "Verdict"), rows)]


def hardest(report: Report, rule: RuleReport) -> list[str]:
    """The hardest trials with their commands; at the level `public` only how many there are."""
    found = in_turn(rule.attack.families, rule.attack.hardest)
    if report.level == "public":
        return ["### The hardest cases", "", f"{len(found)} are withheld at the level public."]
    lines = ["### The hardest cases", ""]
    for t in found[:_CASES]:
        what = f"picture of {t.text}" if t.modality == "picture" else f"“{t.text}”"
        lines += [
            f"- {OUTCOME[t.outcome][1]} ({plain(spoken(t.family))}): {plain(what)}; base said "
            f"{plain(tuple_text(t.base.cell))}, guarded said {plain(tuple_text(t.guarded.cell))}",
            "",
            *(f"  {line}" for line in code(replay(report.bundle, t)).splitlines()),
        ]
    return lines if found else [*lines, "The bundle names no trials."]
