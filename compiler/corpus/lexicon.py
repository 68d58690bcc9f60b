"""The words of the built-in world: for each leaf name its surface forms, split once into train, select and attack.

`mini` is trained on the train forms only; so is every adapter. Select forms choose between settings, attack
forms are spoken by the attack-tests alone. The first train form is the canonical one: it is the name itself, and
the one form that every split may use.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..graph.cells import Slot


@dataclass(frozen=True, slots=True)
class Word:
    """One leaf of the built-in world."""

    name: str
    slot: Slot
    group: str
    train: tuple[str, ...]
    select: tuple[str, ...]
    attack: tuple[str, ...]

    @property
    def canonical(self) -> str:
        """The form that stands for the name itself."""
        return self.train[0]


# name | group | train forms | select forms | attack forms
_SUBJECTS = """
toddler | minor  | a toddler, a baby, an infant, a little baby | a newborn | a tot, a two-year-old
child   | minor  | a child, a kid, a young child, a small boy, a little girl | a schoolchild | a youngster, a schoolboy
teenager| minor  | a teenager, a teen, a teenage boy, a teenage girl, an adolescent | a young teen | a high schooler, a fifteen-year-old
man     | adult  | a man, a grown man, a gentleman, a guy, a bearded man | a fellow | a bloke, a male adult
woman   | adult  | a woman, a lady, a grown woman, a young woman | a businesswoman | a mother, a female adult
elder   | adult  | an elderly person, a senior, an old man, an old woman, a grandparent | a granny | a pensioner, a grandpa
dog     | animal | a dog, a puppy, a hound, a brown dog | a mutt | a labrador, a beagle
cat     | animal | a cat, a kitten, a kitty, a tabby cat | a feline | a tomcat, a siamese cat
monkey  | animal | a monkey, a chimp, an ape, a chimpanzee | a gorilla | a macaque, a baboon
robot   | machine| a robot, a humanoid robot, a metal robot, a bot | a droid | an android, a cyborg
"""

_RELATIONS = """
drinking       | consuming | drinking, sipping, gulping, having a drink of | swigging | guzzling, slurping
holding        | handling  | holding, carrying, holding on to, gripping | clutching | grasping, clasping
pouring        | handling  | pouring, pouring out, tipping out, spilling | decanting | emptying out, dispensing
smoking        | consuming | smoking, puffing on, having a smoke of, inhaling | dragging on | taking a drag of, lighting up
eating         | consuming | eating, munching on, chewing, having a bite of | nibbling | devouring, feasting on
throwing       | handling  | throwing, tossing, hurling, flinging | pitching | lobbing, chucking
pointing_at    | attending | pointing at, pointing to, pointing a finger at, pointing towards | motioning at | gesturing towards, indicating
reading        | attending | reading, reading about, looking through, studying | perusing | leafing through, poring over
riding         | moving    | riding, riding on, taking a ride on, sitting astride | mounted on | straddling, travelling on
sitting_next_to| attending | sitting next to, sitting beside, seated next to, sitting by | seated alongside | perched beside, resting next to
"""

_OBJECTS = """
wine      | alcohol    | wine, a glass of wine, red wine, a glass of red wine | vino | merlot, a cabernet
beer      | alcohol    | beer, a beer, a mug of beer, a pint of beer, an ale | a brewski | a lager, a pilsner
whisky    | alcohol    | whisky, a glass of whisky, a tumbler of whisky, bourbon | rye whiskey | scotch, a single malt
juice     | soft_drink | juice, orange juice, a glass of juice, a glass of orange juice | squeezed juice | mango juice, a fruit drink
milk      | soft_drink | milk, a carton of milk, a glass of milk, whole milk | fresh milk | dairy milk, skimmed milk
water     | soft_drink | water, a bottle of water, bottled water, a glass of water | tap water | mineral water, spring water
coffee    | soft_drink | coffee, a cup of coffee, hot coffee, a mug of coffee | a latte | espresso, a cappuccino
soda      | soft_drink | soda, a can of soda, cola, a fizzy drink | soda pop | a coke, a can of pepsi
apple     | food       | an apple, a red apple, a ripe apple, apples | a crisp apple | a granny smith, a gala apple
banana    | food       | a banana, a yellow banana, a ripe banana, bananas | a peeled banana | a plantain, a bunch of bananas
bread     | food       | bread, a loaf of bread, a slice of bread, a bread roll | a bun | a baguette, toast
cake      | food       | cake, a cake, a slice of cake, a birthday cake | a layer cake | a cupcake, a sponge cake
ice_cream | food       | ice cream, an ice cream, an ice cream cone, a scoop of ice cream | frozen custard | gelato, soft serve
knife     | weapon     | a knife, a kitchen knife, a sharp knife, a blade | a steak knife | a switchblade, a carving knife
gun       | weapon     | a gun, a pistol, a handgun, a firearm | a sidearm | a revolver, a glock
sword     | weapon     | a sword, a long sword, a steel sword, a broadsword | a rapier | a katana, a sabre
cigarette | tobacco    | a cigarette, a lit cigarette, a tobacco cigarette, cigarettes | a ciggie | a cig, a marlboro
cigar     | tobacco    | a cigar, a big cigar, a brown cigar, a fat cigar | a stogie | a havana cigar, a cheroot
pipe      | tobacco    | a pipe, a tobacco pipe, a wooden pipe, an old pipe | a corncob pipe | a briar pipe, a clay pipe
ball      | toy        | a ball, a bouncy ball, a beach ball, a rubber ball | a basketball | a soccer ball, a volleyball
teddy_bear| toy        | a teddy bear, a teddy, a stuffed bear, a toy bear | a plush bear | a cuddly toy, a plushie
kite      | toy        | a kite, a paper kite, a colourful kite, a diamond kite | a flying kite | a stunt kite, a kite on a string
balloon   | toy        | a balloon, a red balloon, a party balloon, balloons | a helium balloon | an inflated balloon, a floating balloon
car       | vehicle    | a car, an automobile, a small car, a sedan | a hatchback | a taxi, a convertible
motorcycle| vehicle    | a motorcycle, a motorbike, a big motorcycle, a motor bike | a chopper bike | a harley, a dirt bike
bicycle   | vehicle    | a bicycle, a bike, a push bike, a pedal bike | a two-wheeler | a mountain bike, a road bicycle
scooter   | vehicle    | a scooter, a kick scooter, a push scooter, a toy scooter | an e-scooter | a razor scooter, an electric scooter
horse     | creature   | a horse, a pony, a brown horse, a stallion | a colt | a mare, a steed
fish      | creature   | a fish, a big fish, a goldfish, a trout | a carp | a salmon, a tuna
hammer    | tool       | a hammer, a claw hammer, a steel hammer, a mallet | a carpenter's hammer | a sledgehammer, a ball-peen hammer
broom     | tool       | a broom, a sweeping broom, a broomstick, a straw broom | a sweeper | a push broom, a floor brush
book      | print      | a book, a novel, a storybook, a textbook | a paperback | a hardcover, a picture book
"""


def _split(cell: str) -> tuple[str, ...]:
    return tuple(form.strip() for form in cell.split(",") if form.strip())


def _words(slot: Slot, table: str) -> tuple[Word, ...]:
    rows = ([part.strip() for part in line.split("|")] for line in table.strip().splitlines())
    return tuple(Word(n, slot, g, _split(t), _split(s), _split(a)) for n, g, t, s, a in rows)


WORDS: dict[Slot, tuple[Word, ...]] = {
    "subject": _words("subject", _SUBJECTS),
    "relation": _words("relation", _RELATIONS),
    "object": _words("object", _OBJECTS),
}

_BY_NAME: dict[tuple[Slot, str], Word] = {(w.slot, w.name): w for words in WORDS.values() for w in words}

# Wider names that people write for several leaves at once; a group's own name counts as well.
_WIDER: dict[tuple[Slot, str], tuple[str, ...]] = {
    ("subject", "person"): ("toddler", "child", "teenager", "man", "woman", "elder"),
    ("subject", "human"): ("toddler", "child", "teenager", "man", "woman", "elder"),
    ("subject", "grown-up"): ("man", "woman", "elder"),
    ("subject", "pet"): ("dog", "cat"),
    ("object", "liquor"): ("wine", "beer", "whisky"),
    ("object", "alcoholic drink"): ("wine", "beer", "whisky"),
    ("object", "firearm"): ("gun",),
    ("object", "fruit"): ("apple", "banana"),
    ("object", "motor vehicle"): ("car", "motorcycle"),
}


def word(slot: Slot, name: str) -> Word | None:
    """The lexicon's word of that exact name, or None outside the world."""
    return _BY_NAME.get((slot, name))


def plain(form: str) -> str:
    """A form without its article and underscores, lower case, to compare names with.

    >>> plain("A teddy_bear")
    'teddy bear'
    """
    text = form.replace("_", " ").strip().lower()
    for article in ("a ", "an ", "the "):
        if text.startswith(article):
            return text.removeprefix(article)
    return text


def depicts(slot: Slot, name: str, forms: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Lexicon leaves whose pictures show what a policy calls `name`; () where the world has none.

    The name itself decides; only a name that the world does not know is looked up by its forms.

    >>> depicts("object", "alcohol")
    ('wine', 'beer', 'whisky')
    >>> depicts("subject", "kid")
    ('child',)
    """
    for candidate in (name, *forms[:1]):
        text = plain(candidate)
        leaves = tuple(w.name for w in WORDS[slot] if plain(w.name) == text)
        leaves = leaves or tuple(w.name for w in WORDS[slot] if text in {plain(f) for f in (*w.train, *w.select, *w.attack)})
        leaves = leaves or _WIDER.get((slot, text), ())
        leaves = leaves or tuple(w.name for w in WORDS[slot] if plain(w.group) == text)
        if leaves:
            return leaves
    return ()


def siblings(slot: Slot, name: str) -> tuple[str, ...]:
    """Other lexicon names of the slot, those of the same group first; in the world's order."""
    own = _BY_NAME.get((slot, name))
    others = [w for w in WORDS[slot] if w.name != name]
    return tuple(w.name for w in sorted(others, key=lambda w: own is None or w.group != own.group))
