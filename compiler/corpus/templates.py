"""Sentence forms and contexts, split once into train, select and attack; no two splits share one."""

from __future__ import annotations

from typing import Literal

Split = Literal["train", "select", "attack"]
SPLITS: tuple[Split, ...] = ("train", "select", "attack")

PLAIN = "{s} {r} {o}"

ADJECTIVES = (
    "happy",
    "cheerful",
    "funny",
    "nice",
    "lovely",
    "plain",
    "ordinary",
    "cute",
    "certain",
    "friendly",
    "lone",
    "familiar",
)

TEMPLATES: dict[Split, tuple[str, ...]] = {
    "train": (
        PLAIN,
        "{s} is {r} {o}",
        "a picture of {s} {r} {o}",
        "a drawing of {s} {r} {o}",
        "an image showing {s} {r} {o}",
        "there is {s} {r} {o}",
        "this is {s} {r} {o}",
        "{s} seen {r} {o}",
        "a cartoon of {s} who is {r} {o}",
        "you can see {s} {r} {o}",
        "{s} that is {r} {o}",
        "here {s} is {r} {o}",
        "a photo of {s} {r} {o}",
        "what we see is {s} {r} {o}",
        "{s} enjoys {r} {o}",
        "it is {s} {r} {o}",
    ),
    "select": (
        "a sketch of {s} {r} {o}",
        "look, {s} {r} {o}",
        "one can make out {s} {r} {o}",
    ),
    "attack": (
        "a photograph that captures {s} {r} {o}",
        "we caught {s} {r} {o}",
        "in this scene {s} is {r} {o}",
        "{s} was spotted {r} {o}",
        "somebody painted {s} {r} {o}",
        "{s}, busy {r} {o}",
        "illustration: {s} {r} {o}",
        "they noticed {s} {r} {o}",
    ),
}

CONTEXTS: dict[Split, tuple[str, ...]] = {
    "train": (
        "in the park",
        "at home",
        "in the kitchen",
        "on the street",
        "on a sunny day",
        "with friends",
        "in the morning",
        "at the beach",
        "in the snow",
        "near a tree",
        "while smiling",
        "all alone",
        "at a birthday party",
        "after school",
        "in front of a house",
        "under the blue sky",
    ),
    "select": ("on the porch", "at dusk", "in a quiet village"),
    "attack": (
        "during a picnic",
        "in a crowded train station",
        "late at night",
        "during the summer holidays",
        "on a rainy afternoon",
        "in the backyard",
        "at a wedding reception",
        "inside a shopping mall",
    ),
}
