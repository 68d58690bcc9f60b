"""What the fuzzer feeds the compiler: noise, damaged real policies, and policies made from the grammar.

Input `number` of `seed` is always the same, so that a failure is found again by these two numbers.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .made import made

ROOT = Path(__file__).parents[2]
FOLDER = "fuzz"  # where the inputs pretend to stand; there is no such folder

# Words that mean something somewhere in the language, and marks that nearly do.
_SAID = """
policy edition 2026 use concept relation forbid allow expect group symmetric inverse as except instead because severity
require breach retention low medium high critical forbidden allowed unspecified by R1 A1 child drinking wine alcohol
child -drinking-> wine * -*-> * -> - > => =drinking=> ( ) [ ] { } | : ; , = <= >= < 5% 98% 0% 101% "x" "a child" "" " #
## // /* */ “ ” ‘ ’ « » ｆｏｒｂｉｄ － ＞ ＝ ； ， ： é e\u0301 酒 ß İ ı ǅ 𝒹 👶 std/people ./people ../people
people.policy / .. std/.. std/nothing ./p ./p.policy C:\\x ~ $HOME %s {0} <b> &amp; \\ \\" '
"""
_UNSEEN = (
    "\u3000|\u200b|\u202e|\ufeff|\u00a0|\u00ad|\x00|\x1b[31m|\x7f|\t|\r|\r\n|\x0b|\x0c|\x85|\u2028|\u2029|\u0378|\udc80"
)
WORDS = (*re.split("[ \n]", _SAID.strip()), *_UNSEEN.split("|"), *("\n", " ") * 12)


@dataclass(frozen=True, slots=True)
class Input:
    """One policy and the files beside it, by path; `kind` says how it was made."""

    kind: str
    data: bytes
    files: dict[str, bytes]

    @property
    def path(self) -> str:
        return f"{FOLDER}/p.policy"


@cache
def corpus() -> tuple[bytes, ...]:
    """Every policy of the project, broken ones included."""
    folders = ("policies", "tests/cases", "tests/data", "compiler/cli/starter", "tests/fmt", "tests/golden")
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.policy"))
    return tuple(path.read_bytes() for path in paths)


def input_of(seed: int, number: int) -> Input:
    """The input of that number."""
    dice = random.Random(f"{seed}/{number}")
    drawn = dice.random()
    if drawn < 0.06:
        return Input("bytes", dice.randbytes(dice.randrange(200)), {})
    if drawn < 0.14:
        return Input("words", _text(_soup(dice, dice.randrange(60))), _beside(dice))
    if drawn < 0.50:
        return Input("damaged", damaged(dice, dice.choice(corpus())), _beside(dice))
    data, files = made(dice, FOLDER)
    if drawn < 0.62:
        return Input("made and damaged", damaged(dice, data), files)
    return Input("made", data, files)


def _beside(dice: random.Random) -> dict[str, bytes]:
    """Sometimes a file to use, whole or damaged."""
    if dice.random() < 0.8:
        return {}
    data = dice.choice(corpus())
    return {f"{FOLDER}/people.policy": damaged(dice, data) if dice.random() < 0.5 else data}


def _soup(dice: random.Random, count: int) -> str:
    return dice.choice(("", " ")).join(dice.choice(WORDS) for _ in range(count))


def _text(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def damaged(dice: random.Random, data: bytes) -> bytes:
    """One to eight changes, of letters, words, lines or bytes."""
    if dice.random() < 0.1:
        return _damaged_bytes(dice, data)
    text = data.decode("utf-8", "replace")
    for _ in range(dice.choice((1, 1, 1, 2, 3, 8))):
        text = dice.choice(_CHANGES)(dice, text)
    return _text(text)


def _damaged_bytes(dice: random.Random, data: bytes) -> bytes:
    found = bytearray(data)
    for _ in range(dice.randrange(1, 6)):
        at = dice.randrange(len(found) + 1)
        found[at : at + dice.randrange(3)] = dice.randbytes(dice.randrange(3))
    return bytes(found)


def _cut(dice: random.Random, text: str) -> str:
    at = dice.randrange(len(text) + 1)
    return text[:at] + text[at + dice.choice((1, 1, 2, 5, 30)) :]


def _insert(dice: random.Random, text: str) -> str:
    at = dice.randrange(len(text) + 1)
    return text[:at] + _soup(dice, dice.choice((1, 1, 2, 5))) + text[at:]


def _replace_word(dice: random.Random, text: str) -> str:
    words = text.split(" ")
    words[dice.randrange(len(words))] = dice.choice(WORDS)
    return " ".join(words)


def _swap_words(dice: random.Random, text: str) -> str:
    words = text.split(" ")
    one, other = dice.randrange(len(words)), dice.randrange(len(words))
    words[one], words[other] = words[other], words[one]
    return " ".join(words)


def _change_lines(dice: random.Random, text: str) -> str:
    lines = text.splitlines(keepends=True) or [""]
    at, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    match dice.randrange(4):
        case 0:
            lines[at], lines[other] = lines[other], lines[at]
        case 1:
            lines.insert(other, lines[at])
        case 2:
            del lines[at]
        case _:
            lines[at] = lines[at].rstrip("\r\n")
    return "".join(lines)


def _splice(dice: random.Random, text: str) -> str:
    other = dice.choice(corpus()).decode("utf-8", "replace")
    return text[: dice.randrange(len(text) + 1)] + other[dice.randrange(len(other) + 1) :][:3000]


def _repeat(dice: random.Random, text: str) -> str:
    start = dice.randrange(len(text) + 1)
    end = min(len(text), start + dice.randrange(40))
    return text[:end] + text[start:end] * dice.choice((1, 2, 30)) + text[end:]


def _rename(dice: random.Random, text: str) -> str:
    names = [word for word in text.split() if word.isidentifier()]
    if not names:
        return text
    new = dice.choice(names) if dice.random() < 0.7 else dice.choice(("a" * 300, "A", "child", "ﬁne", "_", "R1"))
    return text.replace(dice.choice(names), new, dice.choice((1, 1, -1)))


_CHANGES = (_cut, _cut, _insert, _insert, _replace_word, _swap_words, _change_lines, _change_lines, _splice, _repeat,
            _rename)  # fmt: skip
