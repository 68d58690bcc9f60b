"""How a report says things: numbers, statuses and settings in words."""

from __future__ import annotations

import re
import unicodedata

from ..records.results import Direction, Kind, Modality, Outcome, OverblockResult, Stage, Status, Towers

VERDICT: dict[Status, str] = {"pass": "may ship", "fail": "must not ship", "inconclusive": "not proven"}
LIMIT: dict[Status, str] = {"pass": "within limit", "fail": "over limit", "inconclusive": "not proven"}
KEPT: dict[Status, str] = {"pass": "kept", "fail": "lost too much", "inconclusive": "not proven"}
SIGN: dict[Status, str] = {"pass": "✓", "fail": "✕", "inconclusive": "?"}
OUTCOME: dict[Outcome, tuple[Status, str]] = {
    "broke": ("fail", "broke through"),
    "held": ("pass", "held"),
    "error": ("inconclusive", "error"),
}
TOWERS: dict[Towers, str] = {
    "both": "Both towers guarded",
    "text": "Text tower guarded, the base’s own picture tower",
    "picture": "Picture tower guarded, the base’s own text tower",
}
TOWERS_SHORT: dict[Towers, str] = {"both": "both towers", "text": "text tower", "picture": "picture tower"}
STAGE_SHORT: dict[Stage, str] = {"alone": "alone", "all_on": "all rules on"}
KIND: dict[Kind, str] = {
    "black box": "Black box: the attacker chooses sentences and pictures",
    "white box": "White box: the attacker has the model’s gradients",
    "model": "Model: the attacker changes the weights",
}
STAGE: dict[Stage, str] = {"alone": "this rule alone", "all_on": "all rules of the policy on together"}
MODALITY: dict[Modality, str] = {"text": "sentences", "picture": "pictures"}
DIRECTION: dict[Direction, str] = {
    "text_to_picture": "sentence to picture",
    "picture_to_text": "picture to sentence",
    "text_to_text": "sentence to sentence",
}
LEVEL: dict[str, str] = {
    "public": "public: no sentence, picture or command of any attack is shown",
    "internal": "internal: the attacks that came closest or got through are shown",
    "full": "full: the attacks that got through and a sample of every family’s trials are shown",
}
SETS: dict[str, str] = {
    "neighbours": "Neighbours (one word away)",
    "allows": "What the policy allows",
    "marginals": "Parts of the rule on their own",
    "control": "Unrelated things",
}
BLOCKED: dict[str, str] = {
    "safe pictures": "safe pictures of the whole world",
    "binding": "pictures of two safe scenes whose words make a forbidden one",
}
_ARROW = re.compile(r"(.+?) -(.+?)-> (.+)", re.DOTALL)
_BIDI = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}


def percent(share: float) -> str:
    """A share as people read it; a small share is never shown as nothing, nor a large one as everything.

    >>> percent(0.0512), percent(0.0), percent(0.0002), percent(0.99996), percent(1.0)
    ('5.1%', '0%', '< 0.1%', '> 99.9%', '100%')
    """
    points = share * 100
    if 0 < points < 0.05:
        return "< 0.1%"
    if 99.95 <= points < 100:
        return "> 99.9%"
    return f"{points:.0f}%" if points in (0, 100) else f"{points:.1f}%"


def bare(share: float) -> str:
    """A share in percent without its sign, for tables whose caption says the unit.

    >>> bare(0.171), bare(0.0), bare(0.0002)
    ('17.1', '0', '< 0.1')
    """
    return percent(share).removesuffix("%")


def chance(p: float) -> str:
    """A p or q value: three digits, and never a plain nought.

    >>> chance(0.04321), chance(1e-9), chance(1.0)
    ('0.043', '< 0.001', '1')
    """
    if 0 <= p < 0.001:
        return "< 0.001"
    return f"{p:.3f}".rstrip("0").rstrip(".")


def limit(share: float) -> str:
    """A share that a person set: no more digits than were written.

    >>> limit(0.05), limit(0.975)
    ('5%', '97.5%')
    """
    return f"{share * 100:g}%"


def tied(text: str) -> str:
    """A sentence whose numbers are never parted from their unit at a line's end."""
    return text.replace(" %", "\u00a0%")


def after_verdict(sentence: str, status: Status) -> str:
    """A sentence that stands behind a badge or a word with the same verdict, without saying it twice.

    >>> after_verdict("May ship: at worst 1.0% got through.", "pass")
    'At worst 1.0% got through.'
    """
    said = f"{VERDICT[status]}: "
    rest = sentence[len(said) :] if sentence.casefold().startswith(said) else sentence
    return rest[:1].upper() + rest[1:]


def interval(low: float, high: float) -> str:
    """A 95% interval.

    >>> interval(0.001, 0.0234)
    '0.1 to 2.3%'
    """
    return f"{low * 100:.1f} to {high * 100:.1f}%"


def blocked_words(over: OverblockResult) -> str:
    """What over-blocking was counted on, and where.

    >>> blocked_words(OverblockResult("both", "alone", 120, 0, 0.0, 0.0, 0.031, "binding"))
    '0 of 120 pictures of two safe scenes whose words make a forbidden one (both towers, alone)'
    """
    what = BLOCKED.get(over.what, over.what)
    return f"{over.newly_forbidden:,} of {over.trials:,} {what} ({a_setting(over.towers, over.stage)})"


def points(loss: float) -> str:
    """A loss in points with its sign; a gain is a negative loss.

    >>> points(1.25), points(-0.4), points(0.0)
    ('1.2 points lost', '0.4 points gained', 'nothing lost')
    """
    if abs(loss) < 0.05:
        return "nothing lost"
    return f"{abs(loss):.1f} points {'lost' if loss > 0 else 'gained'}"


def count(number: int, what: str) -> str:
    """A number and its noun.

    >>> count(1, "rule"), count(1200, "trial")
    ('1 rule', '1,200 trials')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def seconds(duration: float) -> str:
    """A duration.

    >>> seconds(7.24), seconds(88), seconds(754)
    ('7.2 s', '1 min 28 s', '12 min 34 s')
    """
    if duration < 60:
        return f"{duration:.1f} s"
    return f"{int(duration) // 60} min {int(duration) % 60} s"


def kilobytes(size_bytes: int) -> str:
    """A file's size."""
    return f"{size_bytes / 1000:,.0f} kB" if size_bytes < 1_000_000 else f"{size_bytes / 1e6:,.1f} MB"


def number(value: float) -> str:
    """A number on an axis: as few digits as it needs.

    >>> number(4.0), number(0.0078125), number(1000.0)
    ('4', '0.00781', '1,000')
    """
    return f"{value:,.0f}" if value == int(value) and abs(value) < 1e12 else f"{value:.3g}"


def a_setting(towers: Towers, stage: Stage) -> str:
    """A setting in a narrow column.

    >>> a_setting("text", "all_on")
    'text tower, all rules on'
    """
    return f"{TOWERS_SHORT[towers]}, {STAGE_SHORT[stage]}"


_ATTACKS = {
    "languages": "attacks in other languages",
    "unlisted": "attacks with words that no list holds",
    "characters": "attacks with misspelt words",
    "word_order": "attacks in another word order",
    "implicit": "attacks that leave a part unsaid",
    "clauses": "attacks in other clauses",
    "instructions": "attacks that give instructions",
    "two_sentences": "attacks in two sentences",
    "picture_context": "attacks in other surroundings",
    "corruption": "attacks with damaged pictures",
    "corruptions": "attacks with damaged pictures",
    "geometry": "attacks with cropped or turned pictures",
    "overlay": "attacks with writing in the picture",
    "style": "attacks in other drawing styles",
}


def spoken(name: str) -> str:
    """A name of the policy as a reader says it: `pointing_at` is "pointing at"."""
    return name.replace("_", " ")


def attacks_of(family: str) -> str:
    """A family's attacks in a sentence for those who do not know its name.

    >>> attacks_of("languages"), attacks_of("synonym")
    ('attacks in other languages', 'synonym attacks')
    """
    return _ATTACKS.get(family) or f"{spoken(family)} attacks"


def reason(said: str) -> str:
    """A reason of `not_tested`, which begins with an attack's name, as a reader says it.

    >>> reason("token_swaps attacks: other words than text_to_picture")
    'token swaps attacks: other words than text_to_picture'
    """
    name, found, rest = said.partition(" attacks: ")
    return f"{spoken(name)}{found}{rest}" if found else said


def tuple_text(cell: tuple[str, str, str]) -> str:
    """A cell as the policy writes it."""
    return f"{cell[0]} -{cell[1]}-> {cell[2]}" if cell[1] else " + ".join(part for part in cell if part)


def cell_of(written: str | tuple[str, str, str]) -> tuple[str, str, str] | None:
    """The three names of a cell, or None where the text is none.

    >>> cell_of("child -pointing_at-> gun")
    ('child', 'pointing_at', 'gun')
    """
    if isinstance(written, tuple):
        return written
    found = _ARROW.fullmatch(written.strip())
    return (found[1], found[2], found[3]) if found else None


def visible(text: str) -> str:
    """Text in which nothing is hidden: control and direction marks are written out.

    A right-to-left override in a rule could otherwise make a line of the report read as its opposite.

    >>> visible("a" + chr(0x202e) + "b")
    'a⟨U+202E⟩b'
    """
    if text.isprintable():
        return text
    return "".join(f"⟨U+{ord(c):04X}⟩" if _hidden(c) else c for c in text)


def _hidden(c: str) -> bool:
    return ord(c) in _BIDI or (unicodedata.category(c) in ("Cc", "Zl", "Zp") and c not in "\n\t\r")
