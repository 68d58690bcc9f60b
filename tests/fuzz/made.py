"""Policies made from the grammar: mostly right, often against the rules between statements, sometimes very large."""

from __future__ import annotations

import random

CONCEPTS = ("child", "teenager", "adult", "person", "wine", "beer", "juice", "drink", "dog", "car", "ball", "gun",
            "café", "酒", "a_b", "std", "R1")  # fmt: skip
RELATIONS = ("drinking", "riding", "near", "holding", "ridden_by", "using", "beside", "held_by")
LIBRARY = ("people", "drinks", "alcohol", "tobacco", "blades", "weapons", "vehicles", "medicine", "animals", "food",
           "tools", "toys", "relations")  # fmt: skip
WORDS = (
    "a child",
    "a kid",
    "merlot",
    "drinking",
    "next to",
    "wine",
    "x",
    "  two   blanks ",
    "été",
    "#",
    "<b>",
    "酒",
    "",
)


def made(dice: random.Random, folder: str) -> tuple[bytes, dict[str, bytes]]:
    """A policy, and the files that it uses by path."""
    shape = dice.random()
    if shape < 0.05:
        return _deep(dice).encode(), {}
    if shape < 0.08:
        return _huge_names(dice).encode(), {}
    tame = dice.random() < 0.6
    others = dice.choice((0, 0, 0, 1, 2, 4))
    names = [f"f{number}" for number in range(others)]
    files = {
        f"{folder}/{_folder_of(name)}{name}.policy": _Maker(dice, name, names, tame).text(main=False).encode()
        for name in names
    }
    text = _Maker(dice, "p", names, tame).text(main=True)
    if dice.random() < 0.1:
        text = text.replace("\n", dice.choice(("\r\n", "\r", "\n\n", ";\n", " \n")))
    if dice.random() < 0.03:
        text = "\ufeff" + text
    return text.encode(), files


def _folder_of(name: str) -> str:
    return "sub/" if name == "f1" else ""


class _Maker:
    """One file: `name` is its own, `files` are those that it may use; a `tame` one is mostly without errors."""

    def __init__(self, dice: random.Random, name: str, files: list[str], tame: bool) -> None:
        self.dice, self.name, self.files, self.tame = dice, name, files, tame
        self.wild = 0.0 if tame else 0.03
        # Files mostly declare names of their own: where all share all, every input is the same error.
        some = dice.sample(CONCEPTS, dice.randrange(2, 12))
        own = 0.95 if tame and files else 0.4
        self.concepts = [f"{c}_{name}" if dice.random() < own else c for c in some]
        self.relations = [
            f"{r}_{name}" if dice.random() < own else r for r in dice.sample(RELATIONS, dice.randrange(1, 6))
        ]

    def text(self, main: bool) -> str:
        dice = self.dice
        head = [f'policy "{dice.choice(WORDS) or self.name}" edition 2026'] if main or dice.random() < 0.3 else []
        head += [self.use() for _ in range(dice.choice((0, 0, 1, 2)) if self.files else dice.random() < 0.1)]
        body = [self.concept(name) for name in self.concepts if dice.random() < 0.9]
        body += [self.relation(name) for name in self.relations if dice.random() < 0.9]
        rules = dice.choice((0, 1, 2, 4, 9)) if main else dice.choice((0, 0, 0, 2))
        body += [self.rule() for _ in range(rules)]
        body += [self.group() for _ in range(dice.choice((0, 0, 0, 1, 2)))]
        body += [self.expect() for _ in range(dice.choice((0, 0, 0, 1, 3)))]
        if dice.random() < 0.7:
            dice.shuffle(body)
        if dice.random() < 0.1:
            dice.shuffle(head)
        lines = [line for statement in head + body for line in (*self.above(), statement)]
        return dice.choice(("\n", "\n", "\n", "\n\n", "\n" if self.tame else "; ")).join(lines) + dice.choice(
            ("\n", "", ";")
        )

    def above(self) -> list[str]:
        drawn = self.dice.random()
        return ["## said above"] if drawn < 0.05 else ["# a comment", ""] if drawn < 0.1 else []

    def use(self) -> str:
        dice = self.dice
        if not self.files or dice.random() < 0.12:
            return f'use "std/{dice.choice(LIBRARY)}"'
        name = dice.choice([*self.files, "p"] if dice.random() < 0.1 else self.files)
        if self.name == "f1":  # it stands one folder lower
            return f'use "{dice.choice(("./", "")) if name == "f1" else "../"}{name}"'
        path = f"{_folder_of(name)}{name}"
        return f'use "{dice.choice(("./", "", "sub/../"))}{path}{dice.choice(("", ".policy"))}"'

    def pick(self, names: list[str]) -> str:
        return self.dice.choice(names if self.dice.random() >= self.wild else [*CONCEPTS, *RELATIONS])

    def below(self, names: list[str], name: str) -> list[str]:
        """Names after this one: no ring, but for one in thirty."""
        later = names[names.index(name) + 1 :] if self.dice.random() >= self.wild else names
        return self.dice.sample(later, min(len(later), self.dice.choice((0, 0, 1, 2, 3))))

    def forms(self) -> str:
        dice = self.dice
        if dice.random() < 0.6:
            return ""
        words = [f"{dice.choice(WORDS) or 'y'} {dice.choice('abc')}" for _ in range(dice.randrange(1, 4))]
        return " as " + ", ".join(f'"{word}"' for word in words)

    def concept(self, name: str) -> str:
        members, parents = self.below(self.concepts, name), self.below(self.concepts[::-1], name)
        below = f" : {', '.join(parents)}" if parents and self.dice.random() < 0.4 else ""
        of = f" = {' | '.join(members)}" if members else ""
        return f"concept {name}{below}{of}{self.forms()}"

    def relation(self, name: str) -> str:
        drawn = self.dice.random()
        if drawn < 0.15:
            return f"relation {name} symmetric{self.forms()}"
        if drawn < 0.3 and len(self.relations) > 1:
            later = self.below(self.relations, name) or self.relations[-1:]
            if later[0] != name or not self.tame:
                return f"relation {name} inverse {later[0]}{self.forms()}"
        members = self.below(self.relations, name)
        return f"relation {name}{' = ' + ' | '.join(members) if members else ''}{self.forms()}"

    def pattern(self) -> str:
        dice = self.dice
        subject, thing = (("*" if dice.random() < 0.1 else self.pick(self.concepts)) for _ in range(2))
        relation = "*" if dice.random() < 0.1 else self.pick(self.relations)
        return f"{subject} -{relation}-> {thing}"

    def clauses(self, excepts: bool = True) -> str:
        dice = self.dice
        between = dice.choice(("\n    ", " "))
        found = []
        if excepts and dice.random() < (0.15 if self.tame else 0.3):
            parts = [self.pattern() if dice.random() < 0.4 else self.pick(self.concepts + self.relations)
                     for _ in range(dice.choice((1, 1, 2)))]  # fmt: skip
            found.append(f"except {', '.join(parts)}")
        if dice.random() < (0.1 if self.tame else 0.3):
            found.append(f"instead {self.pick(self.concepts + self.relations)}")
        if dice.random() < 0.3:
            found.append(f'because "{dice.choice(WORDS)}"')
        if dice.random() < 0.3:
            found.append(f"severity {dice.choice(('low', 'medium', 'high', 'critical'))}")
        if dice.random() < 0.2:
            found.append(dice.choice(("require breach <= 5%", "require retention >= 98%, breach <= 0.5%")))
        dice.shuffle(found)
        return "".join(between + clause for clause in found)

    def rule(self) -> str:
        if self.dice.random() < (0.15 if self.tame else 0.3):
            return f"allow {self.pattern()}"
        return f"forbid {self.pattern()}{self.clauses()}"

    def group(self) -> str:
        rules = [self.rule() for _ in range(self.dice.randrange(4))]
        defaults = [clause.strip() for clause in self.clauses(excepts=False).split("\n") if clause.strip()]
        return "\n".join([f'group "{self.dice.choice(WORDS) or "g"}" {{', *defaults, *rules, "}"])

    def expect(self) -> str:
        dice = self.dice
        about = self.pattern() if dice.random() < 0.5 else f'"{dice.choice(WORDS)} {dice.choice(WORDS)}"'
        verdicts = ("forbidden", "allowed", "unspecified", "forbidden by R1", "forbidden by R2", "allowed by A1")
        verdict = dice.choice(verdicts[:3] if self.tame else verdicts)
        return f"expect {about} {verdict}"


def _deep(dice: random.Random) -> str:
    """Long chains, wide unions, or a ring of hundreds."""
    size = dice.choice((10, 100, 1000))
    match dice.randrange(5):
        case 0:
            said = [f"concept c{n} : c{n + 1}" for n in range(size)]
        case 1:
            said = [f"concept c{n} = c{n + 1}" for n in range(size)]
        case 2:
            said = [f"concept c{n} : c{(n + 1) % size}" for n in range(size)]
        case 3:
            said = [f"concept c0 = {' | '.join(f'c{n + 1}' for n in range(size))}"]
        case _:
            # Every name below all that come later: as many paths as there are subsets.
            few = min(size, 60)
            said = [f"concept c{n} : {', '.join(f'c{m}' for m in range(n + 1, few + 1))}" for n in range(few)]
    said += [f"relation r{n} inverse r{n + 1}" for n in range(dice.choice((0, 0, 3, 200)))]
    said += [f"forbid c{dice.randrange(3)} -r{dice.randrange(3)}-> {dice.choice(('c0', '*', f'c{size}'))}"]
    dice.shuffle(said)
    return "\n".join(['policy "deep" edition 2026', *said])


def _huge_names(dice: random.Random) -> str:
    size = dice.choice((60, 63, 64, 65, 100, 5000, 100_000))
    name = dice.choice("aé酒_") * size
    said = [
        f'concept {name} as "{name}"',
        "relation near",
        f"forbid {name} -near-> {name}",
        f'expect "{name} near" allowed',
    ]
    return "\n".join([f'policy "{name}" edition 2026', *said, f'use "{name}"' if dice.random() < 0.3 else ""])
