"""Every code that a message can carry, with what it is about; its page is docs/diagnostics/CODE.md.

The pages are read from `pages/`, a link to docs/diagnostics, so that an installed proscribe has them too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Entry:
    """A code, how grave its messages are, and its title."""

    code: str
    severity: Literal["error", "warning", "note"]
    title: str

    @property
    def page(self) -> str:
        """Where its page stands in the project."""
        return f"docs/diagnostics/{self.code}.md"


_TABLE = """
P001 error   text that is not UTF-8
P002 error   a character that cannot be seen
P003 error   a quote that is never closed
P004 error   a quote that is not the plain one
P010 error   a statement that begins with none of its words
P011 error   a clause without its forbid
P012 error   a word of the language as a name
P013 error   an unknown clause
P014 error   a missing semicolon
P015 error   a faulty arrow
P016 error   a missing name
P017 error   what cannot be a name
P018 error   a text without quotes
P019 error   a word in a place where it means nothing
P022 error   a full-width or look-alike character
P023 error   a comma with nothing after it
P024 error   a policy line without its edition
P025 error   a sign of another language
P030 error   a group that is never closed
P031 error   a closing brace without a group
P032 error   what cannot stand in a group
P033 error   a group in a group
P034 error   a default below a group's rules
P101 error   a second policy line
P102 error   an unknown edition
P103 note    no policy line
P104 warning no rules
P105 error   a policy without a name
P201 warning an undeclared name
P202 error   a name that is declared twice
P203 error   a name below itself
P204 error   a concept used as a relation, or the reverse
P205 error   an empty surface form
P207 warning one surface form for two names
P208 error   too many names
P210 error   a concept with a direction
P211 error   an inverse of itself
P212 error   an inverse with members
P213 error   an instead that turns a relation round
P301 error   the same clause twice
P302 error   an unknown severity
P303 error   a bound that makes no sense
P304 error   a clause that an allow does not take
P305 error   an except on a whole group
P401 error   an allow against a forbid
P402 note    a forbid within an allow
P403 warning an except that takes nothing
P404 error   an except that takes everything
P405 error   an instead that is forbidden itself
P406 warning a rule of too many cells
P407 error   a wildcard over nothing
P408 warning an allowed name that pictures cannot tell from a forbidden one
P501 error   a used file that is missing
P502 error   files that use each other
P503 note    rules of a used file
P504 error   a name with two homes
P505 error   a used file that cannot be read
P506 warning the same file used twice
P507 error   a use without a file
P601 error   an expectation by no such rule
P602 error   an expectation of an unknown name
P603 error   an expectation without a sentence
P604 error   an expectation that does not hold
P605 error   an expectation that cannot be read
P606 error   an expectation by another rule
P607 error   too few tested rules
P701 error   cells that are no longer forbidden
P702 warning a forbid that demands less
L001 warning a rule with no cells left
L002 warning an except that others make useless
L003 warning an except that another forbid takes back
L004 warning an allow that others give already
L005 note    an allow far from every forbid
L006 warning a forbid that others hold already
L007 warning a rule too wide to train well
L010 warning a concept that nothing needs
L011 warning a relation that nothing needs
L012 warning one form for two names
L013 warning a form that its name has twice
L014 warning a used file that nothing needs
L020 warning a forbid without because
L021 note    a forbid without instead
L022 note    a forbid without severity
L023 warning a require weaker than the default
L030 note    a relation that no picture can show
L031 note    a concept that no picture can show
L032 note    a rule that no picture can show
L040 warning a word that the tokenizer does not know
L050 warning a forget set larger than its keep set
L051 warning a rule without neighbours in the policy
L060 note    a rule that no expectation tests
L090 warning an ignore that ignores nothing
"""
_ROWS = (line.split(None, 2) for line in _TABLE.strip().splitlines())
CODES: dict[str, Entry] = {code: Entry(code, kind, title) for code, kind, title in _ROWS}  # type: ignore[arg-type]


def entry(code: str) -> Entry | None:
    """The entry of a code, in capital letters or not.

    >>> entry("p012").title
    'a word of the language as a name'
    """
    return CODES.get(code.upper())


def page(code: str) -> str:
    """The text of a code's page, in Markdown."""
    from importlib.resources import files

    return files("proscribe.compiler.messages").joinpath("pages", f"{code}.md").read_text("utf-8")
