"""What must hold for whatever is fed to the compiler; each law raises Broken with what it saw."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

from proscribe.compiler.explain.expectations import run as run_expectations
from proscribe.compiler.explain.query import Unread, ask
from proscribe.compiler.formats import FileResult
from proscribe.compiler.formats.render import render as render_as
from proscribe.compiler.graph.derive import Derived
from proscribe.compiler.graph.relations import Extent
from proscribe.compiler.lint import run as lint
from proscribe.compiler.messages.catalogue import entry
from proscribe.compiler.messages.diagnostics import MAX_DIAGNOSTICS, Diagnostic, Diagnostics, Span, render
from proscribe.compiler.pipeline import Analysis, analyse
from proscribe.compiler.records.canonical import to_json
from proscribe.compiler.resolve.imports import library
from proscribe.compiler.syntax import fixes, format
from proscribe.compiler.syntax.nodes import Expect, SourceFile
from proscribe.compiler.syntax.parse import source_of
from proscribe.compiler.world.cells import SLOTS, Cell

from .inputs import Input

MOST_SECONDS = 5.0  # a busy machine doubles processor time as well; a hang is no matter of seconds
_GIVEN_UP = 20.0
_FEW_CELLS = 400  # rules as large as this are derived to their last set
_FEW_RULES = 12
_SOFTER = {("L006", "note"), ("L040", "note")}


class Broken(Exception):
    """A law does not hold."""


class Hang(Exception):
    """Far too long; raised from a timer, so that the fuzzer goes on."""


@cache
def _library_file(path: str) -> bytes:
    return Path(path).read_bytes()


def reader_of(given: Input) -> Callable[[str], bytes]:
    """Used files from the input and the standard library, and nothing else of this machine."""
    std = library()

    def read(path: str) -> bytes:
        if path in given.files:
            return given.files[path]
        if path == given.path:
            return given.data
        if path.startswith(std):
            return _library_file(path)
        raise FileNotFoundError(2, "No such file or directory", path)

    return read


def analysed(given: Input, data: bytes) -> Analysis:
    return analyse(source_of(given.path, data), reader=reader_of(given))


@contextmanager
def _timed(what: str) -> Iterator[None]:
    """At most `MOST_SECONDS` of processor time: the clock on the wall says more of the machine than of the compiler."""

    def give_up(number: int, frame: FrameType | None) -> None:
        raise Hang

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, _GIVEN_UP)
    started = time.process_time()
    try:
        yield
    except Hang:
        raise Broken(f"{what} hangs: over {_GIVEN_UP:.0f} s") from None
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    seconds = time.process_time() - started
    if seconds > MOST_SECONDS:
        raise Broken(f"{what} takes {seconds:.1f} s")


def hold(given: Input, dice: random.Random, *, often: bool = False) -> str:
    """Check every law on one input; the slow ones on some, or `often`. Returns `good` or `refused`."""
    with _timed("analyse"):
        found = analysed(given, given.data)
    messages_hold(found, found.diagnostics)
    if (found.derived is None) != any(d.severity == "error" for d in found.diagnostics):
        raise Broken("derived and errors do not go together")
    rare = 1.0 if often else 0.1
    if found.derived is not None:
        with _timed("derive"):
            sets_hold(found, found.derived, dice, whole=dice.random() < rare * 2)
        if dice.random() < rare * 3:
            with _timed("lint"):
                lint_holds(given, found)
    with _timed("fmt"):
        fmt_holds(given, found)
    if found.program.policy.statements and dice.random() < rare * 3:
        with _timed("the order law"):
            order_holds(given, found, dice)
    if dice.random() < rare:
        with _timed("every format"):
            formats_hold(found)
    if dice.random() < rare:
        with _timed("test and explain"):
            answers_hold(found, dice)
    if any(d.fix for d in found.diagnostics) and dice.random() < rare:
        with _timed("--fix"):
            fixes.run(given.path, given.data, lambda source: analyse(source, reader=reader_of(given)).diagnostics)
    return "refused" if found.derived is None else "good"


def messages_hold(found: Analysis, messages: tuple[Diagnostic, ...]) -> None:
    """Known codes, places inside the files, text that a terminal can show."""
    if len(messages) > MAX_DIAGNOSTICS + 1:
        raise Broken(f"{len(messages)} messages")
    for d in messages:
        known = entry(d.code)
        # Lint says some of its doubts more softly than their page.
        if known is None or known.severity != ("warning" if (d.code, d.severity) in _SOFTER else d.severity):
            raise Broken(f"{d.code} as {d.severity} is in no catalogue")
        for span in (d.span, *(r.span for r in d.related), *([d.fix.span] if d.fix else [])):
            _inside(span, found, d)
        said = render(d, found.source, found.others)
        if f"{d.severity}[{d.code}]: " not in said:
            raise Broken(f"{d.code} does not render: {said!r}")
        odd = {c for c in said if not c.isprintable() and c not in "\n\t"}
        if odd:
            raise Broken(f"{d.code} shows {odd}: {said!r}")


def _inside(span: Span, found: Analysis, d: Diagnostic) -> None:
    source = found.sources.get(span.file)
    if source is None:
        raise Broken(f"{d.code} points at {span.file!r}, which is no file of the policy")
    lines = source.text.count("\n") + 1
    ends = (span.line, span.column) <= (span.end_line, span.end_column) and span.end_line <= lines
    if not ends or span.line < 1 or span.column < 1 or span.end_column > len(source.line(span.end_line)) + 2:
        raise Broken(f"{d.code} points outside of its file: {span}")
    if span.column > len(source.line(span.line)) + 1:
        raise Broken(f"{d.code} points behind its line: {span}")


def sets_hold(found: Analysis, derived: Derived, dice: random.Random, *, whole: bool) -> None:
    """What was derived agrees with itself and with the rules' meaning."""
    extents = found.graph.extents
    if derived.forbidden_count > sum(len(e.cells) for e in found.graph.of_kind("forbid")):
        raise Broken("more forbidden cells than the rules have")
    if [rule.id for rule in derived.forbid_rules] != [f"R{n + 1}" for n in range(len(derived.forbid_rules))]:
        raise Broken("ids do not count")
    for extent in extents[:_FEW_RULES]:
        if not extent.cells.isdisjoint(extent.excepted):
            raise Broken(f"{extent.rule.id} holds cells that it excepts")
        for other in extents[:_FEW_RULES]:
            _no_conflict(extent, other)
    if not whole:
        return
    for rule in derived.forbid_rules[:3]:
        extent = next(e for e in extents if e.rule is rule)
        if len(extent.cells) > _FEW_CELLS:
            continue
        sets = derived.sets(rule.id)
        assert sets is not None
        forget = {item.cell for item in sets.forget}
        if forget != set(extent.cells) or len(forget) != len(extent.cells) != sets.forget_count:
            raise Broken(f"{rule.id}: forget set and extent differ")
        kept = {item.cell for part in (sets.neighbours, sets.allows, sets.control) for item in part}
        if any(cell in e.cells for cell in kept for e in found.graph.of_kind("forbid")):
            raise Broken(f"{rule.id}: a kept cell is forbidden")
        led = {redirect.target for redirect in sets.redirects}
        if any(cell in e.cells for cell in led for e in found.graph.of_kind("forbid")):
            raise Broken(f"{rule.id}: led to a forbidden cell")
        to_json(sets)
    to_json(derived.heading())


def _no_conflict(allow: Extent, forbid: Extent) -> None:
    """Where both speak of a cell, the forbid must lie within the wider allow, or there would be an error."""
    if (allow.rule.kind, forbid.rule.kind) != ("allow", "forbid") or allow.cells.isdisjoint(forbid.cells):
        return
    if not (forbid.cells <= allow.cells and len(forbid.cells) < len(allow.cells)):
        raise Broken(f"{allow.rule.id} conflicts with {forbid.rule.id}, and nothing says so")


def fmt_holds(given: Input, found: Analysis) -> None:
    """Laid out, a policy says the same, and is laid out."""
    laid_out = format.run(found.source, Diagnostics())
    if laid_out is None:
        return
    data = laid_out.encode("utf-8", "surrogatepass")
    if format.run(source_of(given.path, data), Diagnostics()) != laid_out:
        raise Broken("fmt is not idempotent")
    again = analysed(given, data)
    if _meaning(again) != _meaning(found) or _codes(again) != _codes(found):
        raise Broken("fmt changes the meaning")


def order_holds(given: Input, found: Analysis, dice: random.Random) -> None:
    """The statements in another order: the same names, the same sets, the same verdict."""
    policy = found.program.policy
    if any(d.severity == "error" and d.code < "P1" for d in found.diagnostics):
        return  # what could not be read is not among the statements
    if len(found.diagnostics) >= MAX_DIAGNOSTICS or any(isinstance(s, Expect) and s.rule for s in policy.statements):
        return  # `by R1` names a rule by its place
    pieces = [_cut_out(found.source, s.span) for s in policy.statements]
    dice.shuffle(pieces)
    again = analysed(given, "\n".join(pieces).encode("utf-8", "surrogatepass"))
    if (again.derived is None) != (found.derived is None):
        raise Broken(
            f"the order of the statements decides whether the policy has errors: {_codes(found)} {_codes(again)}"
        )
    # In error, what is left of a name that is declared twice is the first one's.
    if found.derived is not None and _meaning(again, order=False) != _meaning(found, order=False):
        raise Broken("the order of the statements changes the meaning")


def _cut_out(source: SourceFile, span: Span) -> str:
    lines = source.text.split("\n")[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "\n".join(lines)


def _codes(found: Analysis) -> list[str]:
    return sorted(d.code for d in found.diagnostics)


def _meaning(found: Analysis, order: bool = True) -> Any:
    resolved = found.graph.resolved
    names = [
        (c.name, c.kind, c.parents, c.leaves, sorted(c.forms), c.turned, c.symmetric, c.inverse_of,
         sorted(c.inverse_forms), c.declared)
        for c in (*resolved.concepts, *resolved.relations)
    ]  # fmt: skip
    rules = [
        repr((r.kind, r.pattern, r.instead, r.because, r.severity, r.require, r.group,
              [(x.name, x.subject, x.relation, x.object) for x in r.excepts],
              len(e.cells), [sorted(e.cells.names(slot)) for slot in SLOTS]))
        for e in found.graph.extents
        for r in [e.rule]
    ]  # fmt: skip
    return (resolved.name, names, rules if order else sorted(rules))


def lint_holds(given: Input, found: Analysis) -> None:
    """What lint says are messages like all others, and what it rewrites forbids the same cells."""

    def doubts(source: SourceFile) -> tuple[Diagnostic, ...]:
        return lint(analyse(source, reader=reader_of(given))).diagnostics

    messages = lint(found).diagnostics
    messages_hold(found, messages)
    if not any(d.fix for d in messages):
        return
    fixed = fixes.run(given.path, given.data, doubts)
    again = analysed(given, fixed.data)
    if again.derived is None:
        raise Broken(f"lint --fix brings errors: {_codes(again)} by {[str(change) for change in fixed.changes]}")
    if _forbidden(again) != _forbidden(found):
        raise Broken(f"lint --fix changes what is forbidden, by {[str(change) for change in fixed.changes]}")


def _forbidden(found: Analysis) -> set[Cell]:
    """The forbidden cells, of rules that are not too wide to go through."""
    return {cell for e in found.graph.of_kind("forbid") if len(e.cells) <= _FEW_CELLS for cell in e.cells}


def formats_hold(found: Analysis) -> None:
    """Every format is written, whatever the messages quote."""
    result = FileResult(found.source, found.diagnostics, found.derived is not None, "", found.others)
    for name in ("text", "json", "sarif", "github"):
        render_as(name, [result]).encode()


def answers_hold(found: Analysis, dice: random.Random) -> None:
    """`test` and `explain WHAT` answer, or say why not."""
    if found.derived is None:
        return
    run_expectations(found.graph, found.graph.resolved.expects, Diagnostics())
    names = [c.name for c in (*found.graph.resolved.concepts, *found.graph.resolved.relations)] or ["x"]
    subject, relation, thing = (dice.choice([*names, "*", "child"]) for _ in range(3))
    for what in (f"{subject} -{relation}-> {thing}", subject, "R1", f"{subject} {relation} {thing}", "a dog, drinking"):
        try:
            ask(found, found.derived, what)
        except Unread as unread:
            if not str(unread):
                raise Broken(f"explain {what!r} is refused without a word") from None
