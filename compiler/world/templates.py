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

# Loose words that training strews around a sentence, so that an adapter learns what is said, not how it is framed.
_FILLERS = """
about above across actually again ago album almost along already also although always among announced another
answer any apparently around article asked away back because been before began behind below beneath between beyond
big board both briefly bright broad brought build camera came careful carefully cannot card century certainly
change chapter city clear clearly close closely cloud column come corner could country course daily dark deep
described design detail did different diary does door down drawn early earth easy edge eight either else end enough
entire even evening ever every example explained fact far fast few field final finally find first five follow for
forest form former found four frame framed free fresh from full further gave general gently glance go gold good
great ground half hall hardly have he heard height hence her here hidden high hill him his history hope hour house
how however hundred idea if image important indeed inside instead interesting into island it its job journal
journey just keep kind know large last later least left less letter light like likely line list little local long
look lot low made mainly make many mark matter maybe mean meanwhile memory message middle minute modern moment
month more most mountain much museum must my name narrow near nearly never new news next nine nobody north not note
nothing now number obviously odd of often old once one only open or other our out outside over own page paint paper
part past perhaps piece place plainly plan please point possible post present press probably project public
published put quick quite rare rather real recent record remember report reported rest right river road room round
said same saw say scene school season second section see seem seen seven several shadow she short should show shown
side sign simple simply since six sketch sky slow small so some soon sort south space special spring square stage
stand star start state still stone story strange such sudden suddenly summary sun sure surely table take tale ten
than that the their them then there they thing think this those three through time title today told tomorrow too
top toward town tree true truly two under until up upon us usual usually valley very view village visit voice wall
want warm was way we week well went were west what wide wind window winter with within without wonder word work
world would write written year yes yet you young
"""
FILLERS: tuple[str, ...] = tuple(_FILLERS.split())

# Sentence forms that rules are trained on beside the train templates; `mini` itself never saw them.
MORE_TEMPLATES = (
    "imagine {s} {r} {o}",
    "watch {s} {r} {o}",
    "a story about {s} {r} {o}",
    "the artist shows {s} {r} {o}",
    "I think this shows {s} {r} {o}",
    "on the left {s} is {r} {o}",
    "once upon a time {s} was {r} {o}",
    "nobody expected {s} {r} {o}",
    "a friend sent me {s} {r} {o}",
    "who would have thought of {s} {r} {o}",
    "the picture has {s} {r} {o}",
    "{s} has been {r} {o}",
    "{s} keeps {r} {o}",
    "{s} starts {r} {o}",
    "{s} likes {r} {o}",
    "my sister remembers {s} {r} {o}",
)
