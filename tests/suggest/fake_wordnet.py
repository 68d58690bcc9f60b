"""A WordNet of a dozen meanings, in the format of the real files: byte offsets and all."""

from __future__ import annotations

from pathlib import Path

# key: (lexicographer file, words, pointers (sign, key, source and target), gloss)
NOUNS: dict[str, tuple[int, list[str], list[tuple[str, str, str]], str]] = {
    "drink": (13, ["beverage", "drink"], [("~", "alcohol", "0000")], "any liquid suitable for drinking"),
    "alcohol": (13, ["alcohol"], [("@", "drink", "0000"), ("~", "wine", "0000")], "a liquor; 'alcohol ruined him'"),
    "wine": (
        13,
        ["wine", "vino"],
        [("@", "alcohol", "0000"), ("~", "rioja", "0000"), ("~", "claret", "0000"), ("~", "rude", "0000")],
        "fermented juice",
    ),
    "rioja": (
        13,
        ["rioja", "Rioja_wine", "rotgut"],
        [("@", "wine", "0000"), (";u", "slur", "0300")],
        "a wine of Spain",
    ),
    "claret": (13, ["claret", "red_Bordeaux"], [("@", "wine", "0000")], "dry red Bordeaux"),
    "rude": (13, ["rudewine"], [("@", "wine", "0000"), (";u", "slur", "0000")], "a word for a wine"),
    "rude_gloss": (18, ["ruffian"], [], "an offensive term for someone"),
    "colour": (7, ["color", "colour"], [], "a visual attribute"),
    "red": (13, ["red"], [("@", "colour", "0000")], "the color of blood"),
    "rioja_colour": (13, ["rioja"], [("@", "red", "0000")], "a red as dark as the wine"),
    "rioja_style": (9, ["rioja"], [], "the idea of it"),
    "slur": (10, ["disparagement", "depreciation"], [], "a communication that belittles"),
}
VERBS: dict[str, tuple[int, list[str], list[tuple[str, str, str]], str]] = {
    "drink": (34, ["drink", "imbibe"], [("~", "quaff", "0000")], "take in liquids"),
    "quaff": (34, ["quaff", "swig"], [("@", "drink", "0000")], "to swallow hurriedly"),
}


def write_wordnet(folder: Path) -> Path:
    """The files; the order of the meanings of a word is that of the tables."""
    folder.mkdir(parents=True, exist_ok=True)
    for part, letter, table in (("noun", "n", NOUNS), ("verb", "v", VERBS)):
        head = "  1 This is a toy of WordNet 9.9 for tests.\n"
        lines = {key: _line(part, letter, table, key, dict.fromkeys(table, 0)) for key in table}
        places, at = {}, len(head)
        for key, line in lines.items():
            places[key] = at
            at += len(line)
        data = head + "".join(_line(part, letter, table, key, places) for key in table)
        (folder / f"data.{part}").write_text(data)
        senses: dict[str, list[str]] = {}
        for key, (_, words, _, _) in table.items():
            for word in words:
                senses.setdefault(word.lower(), []).append(f"{places[key]:08d}")
        rows = [f"{w} {letter} {len(p)} 1 @ {len(p)} 0 {' '.join(p)}  \n" for w, p in sorted(senses.items())]
        (folder / f"index.{part}").write_text("  1 licence\n" + "".join(rows))
    return folder


def _line(part: str, letter: str, table, key: str, places: dict[str, int]) -> str:  # type: ignore[no-untyped-def]
    file, words, pointers, gloss = table[key]
    said = " ".join(f"{word} 0" for word in words)
    links = "".join(f" {sign} {places[to]:08d} {letter} {ends}" for sign, to, ends in pointers)
    return f"{places[key]:08d} {file:02d} {letter} {len(words):02x} {said} {len(pointers):03d}{links} | {gloss}  \n"
