"""How an answer of `proscribe explain FILE WHAT` looks, as a tree and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from os.path import basename
from typing import Any

from ...explain.ancestry import Step
from ...explain.cell import Named, Speaks, Way
from ...explain.query import Answer, Share, WhyCell, WhyName, WhyPattern, WhyRule
from ...explain.rule import Block
from ...messages.diagnostics import Span, listed, quote
from ...records.canonical import plain
from ...syntax.nodes import WILDCARD
from .rules import branch_of
from .tree import Branch

_NAMES = 8  # of a side of a block
VERSION = 1


def document(answer: Answer, asked: str, read_as: str) -> dict[str, Any]:
    """The answer as plain values; `about` says which of the four kinds it is."""
    about = type(answer).__name__.removeprefix("Why").lower()
    return {"schema": VERSION, "kind": "why", "asked": asked, "read_as": read_as, "about": about, "why": plain(answer)}


def tree(answer: Answer, path: str, shown: int) -> Branch:
    """The answer as a tree; places in the file `path` are told by their line alone."""
    if isinstance(answer, WhyCell):
        return _Told(path, shown).cell(answer)
    if isinstance(answer, WhyPattern):
        return _Told(path, shown).pattern(answer)
    if isinstance(answer, WhyRule):
        return _Told(path, shown).rule(answer)
    return _Told(path, shown).name(answer)


def short(block: Block) -> str:
    """A block whose long sides are cut.

    >>> short(Block(("child",), ("drinking",), tuple("abcdefghij")))
    'child -drinking-> a | b | c | d | e | f | g | h | 2 more'
    """
    sides = (block.subjects, block.relations, block.objects)
    return str(Block(*((*s[:_NAMES], f"{len(s) - _NAMES} more") if len(s) > _NAMES + 1 else s for s in sides)))


def cells(count: int) -> str:
    """A number of cells.

    >>> cells(1), cells(1200)
    ('1 cell', '1,200 cells')
    """
    return f"{count:,} cell{'' if count == 1 else 's'}"


def leaves(blocks: Iterable[Block], shown: int) -> list[Branch]:
    """The first blocks, and how many there are beyond."""
    every = list(blocks)
    found = [Branch("", short(block)) for block in every[:shown]]
    if every[shown:]:
        found.append(Branch("", f"and {cells(sum(b.count for b in every[shown:]))} more"))
    return found


class _Told:
    def __init__(self, path: str, shown: int) -> None:
        self.path, self.shown = path, shown

    def at(self, span: Span | None) -> str:
        """A place in few letters."""
        if span is None:
            return ""
        return f"line {span.line}" if span.file == self.path else f"{basename(span.file)}:{span.line}"

    def by(self, span: Span | None) -> str:
        return f" ({self.at(span)})" if span else ""

    def cell(self, why: WhyCell) -> Branch:
        by = f" by {listed(why.by, 'and')}" if why.by else ": no rule speaks of it"
        top = Branch(str(why.cell), f"is {why.verdict}{by}")
        top.below += [self.speaks(rule) for rule in why.rules]
        for led in why.led:
            text = f"{led.target}, by `instead {led.instead}` of {led.rule}{self.by(led.span)}"
            top.below.append(Branch("led to", text))
        for shows in why.shows:
            text = f"a picture of it shows the forbidden {shows.cell} of {shows.rule}{self.by(shows.span)}"
            top.below.append(Branch("not kept", f"{text}: no kept set may hold it"))
        held = Branch("sets", "" if why.sets else "no forbid rule's set holds it")
        for member in why.sets:
            beside = f", beside {member.from_}" if member.from_ else ""
            held.below.append(Branch(f"{member.set} of {member.rule}", f"{member.about}{beside}"))
        for rule, parts in why.marginals:
            held.below.append(Branch(f"marginals of {rule}", f"its parts are kept: {', '.join(map(str, parts))}"))
        if why.skipped:
            held.below.append(Branch("", f"the sets of {why.skipped:,} rules are too many to derive here"))
        top.below.append(held)
        top.below.append(Branch("names", "", [self.named(named) for named in why.names]))
        return top

    def named(self, named: Named) -> Branch:
        home = (
            f"declared at {self.at(named.span)}" if named.span else {"undeclared": "not declared"}.get(named.home, "")
        )
        home = home or "a word of the built-in world; this policy does not know it"
        forms = ", ".join(f'"{form}"' for form in named.forms[: self.shown])
        more = f" and {len(named.forms) - self.shown} more" if named.forms[self.shown :] else ""
        return Branch(named.name, f"{home}; written {forms}{more}" if forms else home)

    def speaks(self, rule: Speaks) -> Branch:
        verb = "forbids it" if rule.kind == "forbid" else "allows it"
        if rule.part == "excepted":
            verb = f"would {verb.replace('s it', ' it')}, but excepts it"
        elif rule.part == "overridden":
            verb = (
                f"{verb}, but {listed(rule.overridden_by, 'and')} {'forbid' + 's' * (len(rule.overridden_by) == 1)} it"
            )
        branch = Branch(rule.rule, f"{verb}: {rule.pattern}{self.by(rule.span)}")
        if rule.because:
            branch.below.append(Branch("because", rule.because))
        if rule.turned:
            branch.below.append(Branch("turned", "the rule names subject and object the other way round"))
        branch.below += [Branch(way.slot, self.way(way)) for way in rule.ways]
        for exception in rule.excepts:
            branch.below.append(Branch("except", f"{exception.written}{self.by(exception.span)}"))
        return branch

    def way(self, way: Way) -> str:
        if way.name == WILDCARD:
            return f"{way.leaf} is one of `*`"
        if not way.steps:
            return f"{way.leaf}, as the rule says"
        return ", ".join(map(self.step, way.steps))

    def step(self, step: Step) -> str:
        if step.how == "holds both ways":
            return f"{step.below} holds both ways{self.by(step.span)}"
        how = "is below" if step.how == "is a" else step.how
        return f"{step.below} {how} {step.above}{self.by(step.span)}"

    def pattern(self, why: WhyPattern) -> Branch:
        top = Branch(why.pattern, cells(why.count))
        for name, count, shares in (
            ("forbidden", why.forbidden_count, why.forbidden),
            ("allowed", why.allowed_count, why.allowed),
            ("unspecified", why.unspecified.count, ()),
        ):
            branch = Branch(f"{name}: {cells(count)}", "", [self.share(share) for share in shares])
            if name == "unspecified":
                branch.below = leaves(why.unspecified.cells, self.shown)
            top.below.append(branch)
        return top

    def share(self, share: Share) -> Branch:
        return Branch(f"{share.rule}: {cells(share.count)}", self.at(share.span), leaves(share.cells, self.shown))

    def rule(self, why: WhyRule) -> Branch:
        top = Branch(why.rule, f"{why.kind}s {cells(why.count)}: {why.pattern}{self.by(why.span)}")
        for label, text in (("about", why.doc), ("group", why.group)):
            if text:
                top.below.append(Branch(label, text))
        for side in why.sides:
            home = f" ({self.at(side.span)})" if side.span else " (not declared)" if side.name != WILDCARD else ""
            many = "a leaf" if side.leaves == (side.name,) else f"{len(side.leaves):,}: {self.few(side.leaves)}"
            top.below.append(Branch(side.slot, f"{side.name}{home}: {many}"))
        for gone in why.excepts:
            text = f"takes {cells(gone.count)} away{self.by(gone.span)}"
            top.below.append(Branch(f"except {gone.written}", text, leaves(gone.cells, self.shown)))
        for meets in why.meets:
            text = f"{meets.how}: {cells(meets.count)}, such as {meets.witness}{self.by(meets.span)}"
            top.below.append(Branch(meets.rule, text))
        if why.derived is None:
            top.below.append(Branch("cells", "", leaves(why.cells, self.shown)))
            if why.because:
                top.below.append(Branch("because", why.because))
        else:
            top.below += branch_of(why.derived).below
        return top

    def few(self, names: tuple[str, ...]) -> str:
        more = f", {len(names) - _NAMES:,} more" if len(names) > _NAMES + 1 else ""
        return ", ".join(names[:_NAMES] if more else names) + more

    def name(self, why: WhyName) -> Branch:
        home = f"declared at {self.at(why.span)}" if why.span else "not declared: a leaf of its own"
        top = Branch(why.name, f"a {why.kind}, {home}")
        if why.doc:
            top.below.append(Branch("about", why.doc))
        top.below += [Branch("", text) for text in self.traits(why)]
        if why.children:
            top.below.append(Branch("above", self.few(why.children)))
            top.below.append(Branch(f"leaves: {len(why.leaves):,}", self.few(why.leaves)))
        top.below.append(Branch("written", ", ".join(f'"{form}"' for form in why.forms)))
        rules = Branch("rules", "" if why.rules else "none speaks of it")
        for spoken in why.rules:
            way = "".join(f"; {self.step(step)}" for step in spoken.steps)
            rules.below.append(Branch(spoken.rule, f"{cells(spoken.count)} with it as {spoken.slot}{way}"))
        top.below.append(rules)
        return top

    def traits(self, why: WhyName) -> Iterator[str]:
        for step in why.parents:
            yield self.step(step)
        if why.inverse_of:
            yield f"turns {quote(why.inverse_of)} round: the same cells, the object named first"
        if why.symmetric:
            yield "holds both ways"
