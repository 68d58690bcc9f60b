"""Number, articles and the passive, so that attack sentences about any policy's words are English.

Rules of thumb for words that nobody knew beforehand: where a form is doubtful, nothing is made of it.
"""

from __future__ import annotations

from ..corpus.grammar import participle
from ..corpus.lexicon import word

_PLURALS = frozenset(("people", "police", "cattle", "mice", "geese", "feet", "teeth", "oxen"))
_PLURAL_ENDINGS = ("women", "children", "people", "policemen", "firemen", "gentlemen")
_NO_PLURALS = frozenset(("gas", "lens", "news", "series", "species", "bus", "iris", "atlas", "canvas", "means"))
_NO_PLURAL_ENDINGS = ("ss", "us", "is", "ics")
# Behind one of these a noun's own number is said: "the queen of hearts", "children in uniforms".
_BEHIND_NOUN = frozenset(("of", "in", "on", "with", "at", "for", "from", "by", "without", "under", "who", "that"))
# Written with a vowel and spoken with a consonant, and the other way round.
_LIKE_CONSONANT = ("uni", "use", "usu", "ute", "eu", "ewe", "one", "once", "u-")
_LIKE_VOWEL = ("hour", "honest", "honour", "honor", "heir")
_UNLIKE = ("unin", "unim", "unid")  # "an uninvited guest"
# Of these a verb and its preposition make one verb: "pointed at by a child".
_PARTICLES = frozenset(
    ("about", "around", "at", "away", "down", "for", "off", "on", "out", "over", "up", "with", "into")
)
# "Run with by a child" is no English, though "run by a child" is.
_ALONE = frozenset(
    ("running", "walking", "stepping", "jumping", "leaping", "going", "coming", "talking", "chatting", "dancing")
)


def is_plural(form: str) -> bool:
    """Whether a noun as it stands in a sentence is followed by "are".

    >>> is_plural("twins"), is_plural("some children in uniforms"), is_plural("a pair of skis"), is_plural("the bus")
    (True, True, False, False)
    """
    words = form.split()
    if not words or words[0] in ("a", "an"):
        return False
    bare = words[1:] if words[0] in ("the", "some") and len(words) > 1 else words
    end = next((at for at, one in enumerate(bare) if at and one in _BEHIND_NOUN), len(bare))
    head = bare[end - 1]
    # "James" and "Santa Claus" are names.
    if head[0].isupper() and bare is words:
        return False
    if head in _PLURALS or head.endswith(_PLURAL_ENDINGS) or head == "men":
        return True
    return head.endswith("s") and not head.endswith(_NO_PLURAL_ENDINGS) and head not in _NO_PLURALS


def with_indefinite(noun: str) -> str:
    """The noun behind a or an, as it is spoken.

    >>> with_indefinite("atv"), with_indefinite("uniform"), with_indefinite("hourglass"), with_indefinite("bmw")
    ('an atv', 'a uniform', 'an hourglass', 'a bmw')
    """
    start = noun.lower()
    vowel = start[:1] in "aeiou" and (not start.startswith(_LIKE_CONSONANT) or start.startswith(_UNLIKE))
    return f"{'an' if vowel or start.startswith(_LIKE_VOWEL) else 'a'} {noun}"


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
