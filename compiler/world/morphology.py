"""Number, articles and the passive, so that attack sentences about any policy's words are English.

Rules of thumb for words that nobody knew beforehand: where a form is doubtful, nothing is made of it.
"""

from __future__ import annotations

from .grammar import participle
from .lexicon import word
from .nouns import is_plural

# Of these a verb and its preposition make one verb: "pointed at by a child".
_PARTICLES = frozenset(
    ("about", "around", "at", "away", "down", "for", "off", "on", "out", "over", "up", "with", "into")
)
# "Run with by a child" is no English, though "run by a child" is.
_ALONE = frozenset(
    ("running", "walking", "stepping", "jumping", "leaping", "going", "coming", "talking", "chatting", "dancing")
)


def possessive(form: str) -> str:
    """The form as an owner.

    >>> possessive("a child"), possessive("twins")
    ("a child's", "twins'")
    """
    return f"{form}'" if is_plural(form) and form.endswith("s") else f"{form}'s"


def is_action(relation: str) -> bool:
    """Whether a relation begins with a verb in -ing: somebody may be busy with it, or stop.

    >>> is_action("playing with"), is_action("next to"), is_action("married to"), is_action("being fed by")
    (True, False, False, False)
    """
    verb = relation.split()[0]
    return verb.endswith("ing") and verb != "being"


def passive(relation: str) -> str | None:
    """The participle that makes a passive of the whole relation; None where that is not certain.

    >>> passive("drinking"), passive("playing with"), passive("running with"), passive("taking a dose of")
    ('drunk', 'played with', None, None)
    """
    verb, *rest = relation.split()
    if len(rest) > 1 or (rest and (rest[0] not in _PARTICLES or verb in _ALONE)):
        return None
    return participle(relation)


def is_person(subject: str) -> bool:
    """Whether the built-in world knows a name for a person; of other names nobody can be sure."""
    known = word("subject", subject)
    return known is not None and known.group in ("minor", "adult")


def number_words(subject: str, object_: str) -> dict[str, str]:
    """The small words that depend on number, as sentence forms name them.

    `is_`, `was`, `has` and `isnt` go with the subject, `one` stands for it; `ois`, `owas`, `gets` go with the object.

    >>> number_words("twins", "a ball")["is_"], number_words("twins", "a ball")["owas"]
    ('are', 'was')
    """
    many, things = is_plural(subject), is_plural(object_)
    return {
        "is_": "are" if many else "is",
        "was": "were" if many else "was",
        "has": "have" if many else "has",
        "isnt": "aren't" if many else "isn't",
        "one": "ones" if many else "one",
        "ois": "are" if things else "is",
        "owas": "were" if things else "was",
        "gets": "get" if things else "gets",
    }
