"""The words of the built-in world: for each leaf name its surface forms, split once into train, select and attack.

`mini` is trained on the train forms only; so is every adapter. Select forms choose between settings, attack
forms are spoken by the attack-tests alone. The first train form is the canonical one: it is the name itself, and
the one form that every split may use.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from ..graph.cells import Slot
from .templates import Split


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

    def of(self, split: Split) -> tuple[str, ...]:
        """The forms of a split."""
        return {"train": self.train, "select": self.select, "attack": self.attack}[split]


# name | group | surface forms, the canonical one first
_SUBJECTS = """
toddler         | minor      | a toddler, a baby, an infant, a little baby, a one-year-old, a baby boy, a baby girl, a wee baby, a toddling infant, a preschool toddler, a babe in arms, a three-year-old, a small infant, an infant in nappies, a bambino, a newborn, a tot, a two-year-old
child           | minor      | a child, a kid, a young child, a small boy, a little girl, a small kid, a young boy, a young girl, a grade schooler, a school kid, an eight-year-old, a seven-year-old child, a boy in a cap, a primary school pupil, a pupil, a little boy, a schoolchild, a youngster, a schoolboy
teenager        | minor      | a teenager, a teen, a teenage boy, a teenage girl, an adolescent, an adolescent boy, an adolescent girl, a seventeen-year-old, a fourteen-year-old, a high school student, a high school boy, a teenage student, a moody teen, a juvenile, a sixteen-year-old teen, a secondary school student, a young teen, a high schooler, a fifteen-year-old
man             | adult      | a man, a grown man, a gentleman, a guy, a bearded man, a dude, a father, a dad, a husband, a male person, a tall man, a man in a tie, a businessman, a chap, a middle-aged man, an adult man, a grown-up male, a fellow, a bloke, a male adult
woman           | adult      | a woman, a lady, a grown woman, a young woman, a wife, a mum, a female person, a tall woman, a woman in a dress, a middle-aged woman, an adult woman, a gal, a housewife, a grown-up female, a mommy, a long-haired lady, a businesswoman, a mother, a female adult
elder           | adult      | an elderly person, a senior, an old man, an old woman, a grandparent, an elderly man, an elderly woman, a senior citizen, an aged person, an old person, a grandma, an elderly lady, a retiree, an old gentleman, a seventy-year-old, an eighty-year-old, a retired person, an old granddad, a granny, a pensioner, a grandpa
dog             | animal     | a dog, a puppy, a hound, a brown dog, a doggy, a pup, a canine, a poodle, a terrier, a spaniel, a german shepherd, a golden retriever, a pet dog, a bulldog, a collie, a dachshund, a mutt, a labrador, a beagle
cat             | animal     | a cat, a kitten, a kitty, a tabby cat, a pussycat, a house cat, a persian cat, a ginger cat, a black cat, a pet cat, a tabby, a little cat, an alley cat, a furry cat, a cat with whiskers, a feline, a tomcat, a siamese cat
monkey          | animal     | a monkey, a chimp, an ape, a chimpanzee, a little monkey, a wild monkey, a capuchin, an orangutan, a primate, a rhesus monkey, a spider monkey, a gibbon, a jungle ape, a howler monkey, a gorilla, a macaque, a baboon
robot           | machine    | a robot, a humanoid robot, a metal robot, a bot, a robotic figure, a mechanical man, an automaton, a humanoid machine, a toy robot, a steel robot, a walking machine, a service robot, a robotic humanoid, an artificial person, a machine with an antenna, a droid, an android, a cyborg
"""

_RELATIONS = """
drinking        | consuming  | drinking, sipping, gulping, having a drink of, gulping down, taking a drink of, drinking up, quaffing, imbibing, sipping on, downing, drinking some of, taking a gulp of, chugging, sipping at, having a sip of, swallowing, swigging, guzzling, slurping
holding         | handling   | holding, carrying, holding on to, gripping, holding up, keeping hold of, carrying around, having hold of, hugging, cradling, holding tightly, gripping tightly, bearing, toting, standing with, taking hold of, cupping, squeezing, clutching, grasping, clasping
pouring         | handling   | pouring, pouring out, tipping out, spilling, spilling out, tipping over, pouring away, letting flow, draining, serving out, tipping, sloshing out, pouring down, dumping out, splashing out, discharging, decanting, emptying out, dispensing
smoking         | consuming  | smoking, puffing on, having a smoke of, inhaling, puffing, puffing away on, smoking on, taking a puff of, having a puff of, breathing the smoke of, blowing smoke from, exhaling smoke from, toking on, burning and inhaling, taking puffs from, drawing smoke from, dragging on, taking a drag of, vaping
eating          | consuming  | eating, munching on, chewing, having a bite of, biting, biting into, munching, gobbling up, consuming, chewing on, snacking on, tasting, dining on, taking a bite of, gobbling, having a meal of, eating up, gnawing on, nibbling, devouring, feasting on
throwing        | handling   | throwing, tossing, hurling, flinging, throwing away, casting, slinging, launching, throwing up in the air, tossing away, flinging away, hurling away, heaving, tossing up, propelling, sending flying, pitching, lobbing, chucking
pointing_at     | attending  | pointing at, pointing to, pointing a finger at, pointing towards, pointing out, aiming a finger at, showing the way to, directing a finger at, drawing attention to, signalling at, pointing with a finger to, gesturing at, showing, pointing straight at, signalling towards, singling out, motioning at, gesturing towards, indicating
reading         | attending  | reading, reading about, looking through, studying, reading up on, browsing, reading a page about, reading a story about, flipping through, paging through, going through, thumbing through, scanning, reading quietly about, reading a text on, learning about, perusing, leafing through, poring over
riding          | moving     | riding, riding on, taking a ride on, sitting astride, driving, riding around on, being carried by, driving along on, riding along on, cruising on, travelling by, going for a ride on, sitting on top of, riding on top of, racing on, rolling along on, mounting, mounted on, straddling, travelling on
sitting_next_to | attending  | sitting next to, sitting beside, seated next to, sitting by, sitting alongside, seated beside, seated by, sitting close to, sitting near, sitting down beside, sitting at the side of, sitting on a bench with, seated near, sitting down next to, parked beside, sitting together with, seated alongside, perched beside, resting next to
"""

_OBJECTS = """
wine            | alcohol    | wine, a glass of wine, red wine, a glass of red wine, burgundy, a fine wine, chianti, a glass of chardonnay, a bordeaux, vintage wine, house wine, a goblet of wine, shiraz, malbec, pinot noir, a rioja, claret, sauvignon, vino, merlot, a cabernet
beer            | alcohol    | beer, a mug of beer, a pint of beer, an ale, a cold beer, a stein of beer, a stout, a draft beer, a wheat beer, a glass of beer, a craft beer, a pint of ale, a guinness, a budweiser, a pale ale, a heineken, a bitter ale, a brewski, a lager, a pilsner
whisky          | alcohol    | whisky, a glass of whisky, a tumbler of whisky, bourbon, whiskey, a whiskey on the rocks, a shot of whisky, irish whiskey, a glass of bourbon, strong liquor, hard liquor, a glass of liquor, tennessee whiskey, a dram of whisky, brandy, spirits on ice, rye whiskey, scotch, a single malt
juice           | soft_drink | juice, orange juice, a glass of juice, a glass of orange juice, fruit juice, a juice with a straw, grape juice, pineapple juice, a juice drink, a smoothie, fresh juice, lemonade, tropical juice, fruit punch, a fruit smoothie, peach nectar, squeezed juice, mango juice, a fruit drink
milk            | soft_drink | milk, a carton of milk, a glass of milk, whole milk, cow's milk, a milk carton, some milk, a pint of milk, low-fat milk, cold milk, a box of milk, buttermilk, a dairy drink, creamy milk, fresh milk, dairy milk, skimmed milk
water           | soft_drink | water, a bottle of water, bottled water, a glass of water, a water bottle, plain water, cold water, some water, clear water, pure water, sparkling water, ice water, fresh water, tap water, mineral water, spring water
coffee          | soft_drink | coffee, a cup of coffee, hot coffee, a mug of coffee, black coffee, a coffee cup, a mocha, a steaming coffee, an americano, brewed coffee, a macchiato, filter coffee, a flat white, instant coffee, a coffee with cream, a latte, espresso, a cappuccino
soda            | soft_drink | soda, a can of soda, cola, a fizzy drink, a soft drink, a can of cola, a carbonated drink, a soda can, a fizzy soda, a sprite, a can of fizzy drink, ginger ale, root beer, a coca-cola, a fanta, a tin of cola, soda pop, a coke, a can of pepsi
apple           | food       | an apple, a red apple, a ripe apple, apples, a green apple, a fresh apple, a juicy apple, a sweet apple, a fuji apple, a golden delicious apple, a honeycrisp, a pink lady apple, an apple fruit, a shiny apple, a mcintosh apple, a crisp apple, a granny smith, a gala apple
banana          | food       | a banana, a yellow banana, a ripe banana, bananas, a fresh banana, a long banana, a banana fruit, a sweet banana, a tropical banana, a cavendish banana, some bananas, a curved yellow fruit, a banana in its peel, a peeled banana, a plantain, a bunch of bananas
bread           | food       | bread, a loaf of bread, a slice of bread, a bread roll, a loaf, white bread, brown bread, wholemeal bread, fresh bread, rye bread, sourdough, a bread bun, a piece of bread, baked bread, ciabatta, a crusty loaf, a pita, a bagel, a bun, a baguette, toast
cake            | food       | cake, a slice of cake, a birthday cake, a chocolate cake, a piece of cake, a wedding cake, a cream cake, a frosted cake, a sweet cake, a muffin, a cheesecake, a fruit cake, a dessert cake, a gateau, an iced cake, pastry, a layer cake, a cupcake, a sponge cake
ice_cream       | food       | ice cream, an ice cream cone, a scoop of ice cream, a vanilla ice cream, a chocolate ice cream, a cone of ice cream, an ice cream scoop, frozen yogurt, a sundae, a strawberry ice cream, sorbet, a waffle cone, a frozen dessert, a popsicle, ice-cream, frozen custard, gelato, soft serve
knife           | weapon     | a knife, a kitchen knife, a sharp knife, a blade, a dagger, a hunting knife, a chef's knife, a pocket knife, a butcher's knife, a penknife, a bread knife, a jackknife, a small blade, a flick knife, a pointed knife, a paring knife, a utility knife, a steak knife, a switchblade, a carving knife
gun             | weapon     | a gun, a pistol, a handgun, a firearm, a shotgun, a rifle, a loaded gun, an automatic pistol, a small gun, a black gun, a machine gun, a six-shooter, a beretta, a colt pistol, a semi-automatic, a hand weapon with bullets, a sidearm, a revolver, a glock
sword           | weapon     | a sword, a long sword, a steel sword, a broadsword, a longsword, a knight's sword, a sharp sword, a medieval sword, a fencing sword, a samurai sword, a scimitar, a cutlass, a claymore, a foil sword, an epee, a big sword, a rapier, a katana, a sabre
cigarette       | tobacco    | a cigarette, a lit cigarette, a tobacco cigarette, cigarettes, a filter cigarette, a burning cigarette, a white cigarette, a thin cigarette, a menthol cigarette, a rolled cigarette, a camel cigarette, a fag, a cancer stick, a nicotine cigarette, a pack of cigarettes, a smoke stick, a lucky strike cigarette, a ciggie, a cig, a marlboro
cigar           | tobacco    | a cigar, a big cigar, a brown cigar, a fat cigar, a lit cigar, a thick cigar, a cuban cigar, a rolled cigar, cigars, a fine cigar, a cigarillo, a corona cigar, a long cigar, a smouldering cigar, a dominican cigar, a cohiba, a stogie, a havana cigar, a cheroot
pipe            | tobacco    | a pipe, a tobacco pipe, a wooden pipe, an old pipe, a pipe of tobacco, a smoker's pipe, a curved pipe, a brown pipe, a hand-carved pipe, a peace pipe, a meerschaum pipe, a bent pipe, a long pipe, a pipe bowl, a corncob pipe, a briar pipe, a clay pipe
ball            | toy        | a ball, a bouncy ball, a beach ball, a rubber ball, a football, a big ball, a round ball, a toy ball, a striped ball, a handball, a tennis ball, a rugby ball, a bouncing ball, balls, a baseball, a playground ball, a netball, a basketball, a soccer ball, a volleyball
teddy_bear      | toy        | a teddy bear, a teddy, a stuffed bear, a toy bear, a stuffed animal, a soft toy, a fluffy teddy, a teddy toy, a stuffed teddy, a cuddly bear, a plush toy, a soft bear, a little teddy bear, a stuffed toy, a fuzzy bear toy, a plush bear, a cuddly toy, a plushie
kite            | toy        | a kite, a paper kite, a colourful kite, a diamond kite, a toy kite, a big kite, a kite with a tail, a flying toy kite, kites, a wind kite, a box kite, a bright kite, a sail on a string, a red kite toy, a flying kite, a stunt kite, a kite on a string
balloon         | toy        | a balloon, a red balloon, a party balloon, balloons, a toy balloon, a big balloon, a blue balloon, a birthday balloon, a round balloon, an air balloon, a blown-up balloon, a rubber balloon, a latex balloon, a balloon on a string, a helium balloon, an inflated balloon, a floating balloon
car             | vehicle    | a car, an automobile, a small car, a sedan, a motor car, a red car, a vehicle with four wheels, a passenger car, a sports car, a station wagon, a family car, an suv, a cab, a coupe, a toyota, a limousine, a volkswagen, an auto, a hatchback, a taxi, a convertible
motorcycle      | vehicle    | a motorcycle, a motorbike, a big motorcycle, a motor bike, a motor cycle, a heavy bike with an engine, a racing motorcycle, a fast motorbike, a yamaha motorbike, a touring motorcycle, a biker's machine, a kawasaki, a superbike, a motocross bike, a cruiser motorcycle, a ducati, a vespa, a chopper bike, a harley, a dirt bike
bicycle         | vehicle    | a bicycle, a bike, a push bike, a pedal bike, a road bike, a racing bicycle, a city bike, a cycle, a ten-speed, a bmx bike, a bicycle with pedals, a touring bicycle, a kid's bike, a pushbike, a cyclist's bike, a racing bike, a two-wheeler, a mountain bike, a road bicycle
scooter         | vehicle    | a scooter, a kick scooter, a push scooter, a toy scooter, a foot scooter, a kid's scooter, a folding scooter, a small scooter, a two-wheeled scooter, a stand-up scooter, a motor scooter, a city scooter, a scooter with a handlebar, a stunt scooter, an e-scooter, a razor scooter, an electric scooter
horse           | creature   | a horse, a pony, a brown horse, a stallion, a white horse, a racehorse, a gelding, a farm horse, a wild horse, a thoroughbred, a mustang horse, a saddled horse, a foal, a bronco, a shire horse, a saddle horse, a colt, a mare, a steed
fish            | creature   | a fish, a big fish, a goldfish, a trout, a cod, a live fish, a sea fish, a herring, a fresh fish, a sardine, fishes, a bass fish, a haddock, a swimming fish, a mackerel, a fish with fins, a carp, a salmon, a tuna
hammer          | tool       | a hammer, a claw hammer, a steel hammer, a mallet, a heavy hammer, a wooden mallet, a small hammer, a hammer tool, a builder's hammer, a workman's hammer, a tack hammer, a blacksmith's hammer, a tool for nails, an iron hammer, a gavel, a carpenter's hammer, a sledgehammer, a ball-peen hammer
broom           | tool       | a broom, a sweeping broom, a broomstick, a straw broom, a sweeping brush, a wooden broom, a house broom, a witch's broom, a bristle broom, a long broom, a whisk broom, a cleaning broom, a street broom, a sweeping mop, a brush on a stick, a sweeper, a push broom, a floor brush
book            | print      | a book, a novel, a storybook, a textbook, a thick book, an open book, books, a story book, a children's book, a library book, a comic book, a notebook, a cookbook, a dictionary, a bestseller, an old book, a magazine, a paperback, a hardcover, a picture book
"""


ATTACK_FORMS = 3
SELECT_FORMS = 1


def _order(slot: str, form: str) -> str:
    return hashlib.sha256(f"lexicon/{slot}/{form}".encode()).hexdigest()


def _word(slot: Slot, row: str) -> Word:
    name, group, cell = (part.strip() for part in row.split("|"))
    canonical, *others = (form.strip() for form in cell.split(","))
    # A hash decides which form is held out, so nobody can choose the easy ones.
    drawn = sorted(others, key=lambda form: _order(slot, form))
    held_out = ATTACK_FORMS + SELECT_FORMS
    train = (canonical, *drawn[held_out:])
    return Word(name, slot, group, train, tuple(drawn[ATTACK_FORMS:held_out]), tuple(drawn[:ATTACK_FORMS]))


def _words(slot: Slot, table: str) -> tuple[Word, ...]:
    return tuple(_word(slot, row) for row in table.strip().splitlines())


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


_ANIMALS = ("dog", "cat", "monkey")
_MINORS = ("toddler", "child", "teenager")
_ADULTS = ("man", "woman", "elder")


def _group(name: str) -> tuple[str, ...]:
    return tuple(w.name for w in WORDS["object"] if w.group == name)


# Forms that name several leaves at once; `mini` learns them as such.
WIDER_FORMS: dict[Slot, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "subject": (
        ("a person", _MINORS + _ADULTS),
        ("a minor", _MINORS),
        ("an underage person", _MINORS),
        ("an adult", _ADULTS),
        ("a grown-up", _ADULTS),
        ("an animal", _ANIMALS),
        ("a pet", ("dog", "cat")),
    ),
    "relation": (
        ("consuming", ("drinking", "eating", "smoking")),
        ("handling", ("holding", "pouring", "throwing")),
    ),
    "object": (
        ("alcohol", _group("alcohol")),
        ("an alcoholic drink", _group("alcohol")),
        ("liquor", _group("alcohol")),
        ("a drink", _group("alcohol") + _group("soft_drink")),
        ("food", _group("food")),
        ("a weapon", _group("weapon")),
        ("tobacco", _group("tobacco")),
        ("a toy", _group("toy")),
        ("a vehicle", _group("vehicle")),
        ("a motor vehicle", ("car", "motorcycle")),
        ("a tool", _group("tool")),
        ("fruit", ("apple", "banana")),
    ),
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
    index = _shown_by(slot)
    for candidate in (name, *forms[:1]):
        leaves = index.get(plain(candidate))
        if leaves:
            return leaves
    return ()


@lru_cache(maxsize=None)
def _shown_by(slot: Slot) -> dict[str, tuple[str, ...]]:
    """Per plain text the leaves it stands for: as a name, else as a form, a wider name, a group."""
    names: dict[str, list[str]] = {}
    said: dict[str, list[str]] = {}
    groups: dict[str, list[str]] = {}
    for w in WORDS[slot]:
        names.setdefault(plain(w.name), []).append(w.name)
        groups.setdefault(plain(w.group), []).append(w.name)
        for text in dict.fromkeys(plain(form) for form in (*w.train, *w.select, *w.attack)):
            said.setdefault(text, []).append(w.name)
    wider = {text: leaves for (of, text), leaves in _WIDER.items() if of == slot}
    return {text: tuple(leaves) for table in (groups, wider, said, names) for text, leaves in table.items()}


def siblings(slot: Slot, name: str) -> tuple[str, ...]:
    """Other lexicon names of the slot, those of the same group first; in the world's order."""
    own = _BY_NAME.get((slot, name))
    others = [w for w in WORDS[slot] if w.name != name]
    return tuple(w.name for w in sorted(others, key=lambda w: own is None or w.group != own.group))
