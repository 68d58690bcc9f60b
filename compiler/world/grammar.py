"""English forms that attacks need of a policy's words: participles, finite verbs, articles."""

from __future__ import annotations

# -ing form | third person | past participle; "-" where the verb has no passive
_VERBS = """
drinking drinks drunk, holding holds held, pouring pours poured, smoking smokes smoked, eating eats eaten
throwing throws thrown, pointing points pointed, reading reads read, riding rides ridden, sitting sits -
sipping sips sipped, carrying carries carried, gripping grips gripped, driving drives driven, aiming aims aimed
firing fires fired, cutting cuts cut, opening opens opened, buying buys bought, selling sells sold
giving gives given, taking takes taken, lifting lifts lifted, kicking kicks kicked, pushing pushes pushed
pulling pulls pulled, cooking cooks cooked, baking bakes baked, feeding feeds fed, petting pets petted
steering steers steered, wearing wears worn, lighting lights lit, hiding hides hidden, catching catches caught
climbing climbs climbed, swinging swings swung, breaking breaks broken, hitting hits hit, using uses used
operating operates operated, repairing repairs repaired, painting paints painted, swallowing swallows swallowed
standing stands -, lying lies -, leaning leans -, walking walks walked, running runs run, playing plays played
"""
_FORMS = {
    verb: (finite, None if participle == "-" else participle)
    for verb, finite, participle in (row.split() for row in _VERBS.replace("\n", ",").split(",") if row.strip())
}

# Other verbs whose participle does not end in -ed: nothing is made of them.
_IRREGULAR_STEMS = """
aris awak be bear beat becom befall begett beginn behold bend bett bid bidd bind bit bleed blow breed bring
broadcast build burst cast choos cling com cost creep deal digg do draw dream dwell fall feel fight find fitt flee
fling fly forbid forbidd forget forgett forgiv freez gett go grind grow hang hav hear heav hurt keep kneel know lay
lead leap leav lend lett los ly mak mean meet mislead mow offsett overcom overhear oversee overtak pay prov putt
quitt rebuild redo rend resett retell rethink rewrit rid ring ris say see seek send sett sew shak shav shear shed
shedd shin shoot show shrink shutt sing sink slay sleep slid sling slitt sow speak speed spend spill spinn spitt
splitt spread spring steal stick sting stink strew strid strik string striv swear sweep swell swimm teach tear tell
think thrust tread undergo understand undertak undo upsett wak weav wedd weep wett wind winn withdraw withhold wring
writ
"""
_IRREGULAR = frozenset(f"{stem}ing" for stem in _IRREGULAR_STEMS.split())


def participle(relation: str) -> str | None:
    """The past participle of a form in -ing, the rest of the form behind it; None where that is not certain.

    A verb of the table, or a regular one: -ing becomes -ed, -ying after a consonant -ied, -eeing -eed.

    >>> participle("drinking"), participle("pointing at"), participle("juggling"), participle("carrying off")
    ('drunk', 'pointed at', 'juggled', 'carried off')
    >>> participle("sitting next to"), participle("writing"), participle("above")
    (None, None, None)
    """
    verb, _, rest = relation.partition(" ")
    if verb in _FORMS:
        found = _FORMS[verb][1]
    elif verb in _IRREGULAR or not verb.endswith("ing") or len(verb) < 6:
        found = None
    else:
        stem = verb.removesuffix("ing")
        consonant_y = stem.endswith("y") and stem[-2] not in "aeiou"
        found = f"{stem[:-1]}ied" if consonant_y else f"{stem}d" if stem.endswith("e") else f"{stem}ed"
    return f"{found} {rest}".strip() if found else None


def third_person(relation: str) -> str | None:
    """The finite form of a relation in -ing, "drinks"; None for a verb outside the table, whose stem is not certain.

    >>> third_person("drinking"), third_person("sitting next to"), third_person("juggling")
    ('drinks', 'sits next to', None)
    """
    verb, _, rest = relation.partition(" ")
    return f"{_FORMS[verb][0]} {rest}".strip() if verb in _FORMS else None


def bare(form: str) -> str:
    """A form without its article.

    >>> bare("a child"), bare("an elderly person"), bare("wine")
    ('child', 'elderly person', 'wine')
    """
    article, _, rest = form.partition(" ")
    return rest if article in ("a", "an", "the", "some") and rest else form


def definite(form: str) -> str:
    """A form with the definite article.

    >>> definite("a child"), definite("wine")
    ('the child', 'the wine')
    """
    return f"the {bare(form)}"


def sentence(text: str) -> str:
    """The text with a capital letter; what is between sentences is left alone."""
    return text[:1].upper() + text[1:]
