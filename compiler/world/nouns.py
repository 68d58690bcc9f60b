"""Number and articles of nouns that nobody knew beforehand: rules of thumb."""

from __future__ import annotations

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
_NO_ARTICLE = frozenset(("someone", "somebody", "anyone", "anybody", "everyone", "everybody"))
_DETERMINERS = ("a", "an", "the", "some")


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


def has_article(form: str) -> bool:
    """Whether a form begins with an article.

    >>> has_article("a gun"), has_article("some beer"), has_article("kerosene")
    (True, True, False)
    """
    first, _, rest = form.partition(" ")
    return first.lower() in _DETERMINERS and bool(rest)


def takes_article(form: str) -> bool:
    """Whether a bare form needs one to stand in a sentence, as far as the form alone can tell.

    >>> takes_article("otter"), takes_article("twins"), takes_article("someone with a beard")
    (True, False, False)
    """
    return not has_article(form) and not is_plural(form) and form.split()[0].lower() not in _NO_ARTICLE
