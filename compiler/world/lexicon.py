"""The words of the built-in world: for each leaf name its surface forms, split once into train, select and attack.

`mini` is trained on the train forms only; so is every adapter. Select forms choose between settings, attack
forms are spoken by the attack-tests alone. The first train form is the canonical one: it is the name itself, and
the one form that every split may use.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

from .cells import Slot
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
toddler         | minor      | a toddler, a baby, an infant, a little baby, a one-year-old, a baby boy, a baby girl, a wee baby, a toddling infant, a preschool toddler, a babe in arms, a three-year-old, a small infant, an infant in nappies, a bambino, a newborn, a tot, a two-year-old, a toddler boy, a toddler girl, a one-year-old boy, a two-year-old girl, a crawling baby, a chubby baby, a baby in a onesie, a baby in a romper, a baby with a pacifier, a baby in diapers, a toddler in a bib, an eighteen-month-old, a ten-month-old baby, a tiny tot, a rosy-cheeked baby
child           | minor      | a child, a kid, a young child, a small boy, a little girl, a small kid, a young boy, a young girl, a grade schooler, a school kid, an eight-year-old, a seven-year-old child, a boy in a cap, a primary school pupil, a pupil, a little boy, a schoolchild, a youngster, a schoolboy, a six-year-old boy, a seven-year-old girl, a nine-year-old, a ten-year-old girl, a kid in a t-shirt, a young schoolgirl, a six-year-old, a second grader, an elementary school student, a small girl, a little girl with pigtails, a little boy with a backpack, a freckled kid, a first grader, a third grader, a kiddo
teenager        | minor      | a teenager, a teen, a teenage boy, a teenage girl, an adolescent, an adolescent boy, an adolescent girl, a seventeen-year-old, a fourteen-year-old, a high school student, a high school boy, a teenage student, a moody teen, a juvenile, a sixteen-year-old teen, a secondary school student, a young teen, a high schooler, a fifteen-year-old, a thirteen-year-old boy, a fifteen-year-old girl, a sixteen-year-old boy, a seventeen-year-old girl, a teenager in a hoodie, a teen in jeans, a lanky teen, a teenaged boy, a teenaged girl, a high school girl, a tenth grader, a high school freshman, a teenager with braces, a teen with headphones, a teenage schoolboy, a sulky teenager
man             | adult      | a man, a grown man, a gentleman, a guy, a bearded man, a dude, a father, a dad, a husband, a male person, a tall man, a man in a tie, a businessman, a chap, a middle-aged man, an adult man, a grown-up male, a fellow, a bloke, a male adult, a man with a beard, a man with a moustache, a man in a suit, a man in a hat, a man wearing glasses, a man in his thirties, a forty-year-old man, a bald man, an unshaven man, a muscular man, a broad-shouldered man, a married man, a family man, a man in work clothes, a daddy
woman           | adult      | a woman, a lady, a grown woman, a young woman, a wife, a mum, a female person, a tall woman, a woman in a dress, a middle-aged woman, an adult woman, a gal, a housewife, a grown-up female, a mommy, a long-haired lady, a businesswoman, a mother, a female adult, a woman with long hair, a woman in a skirt, a woman in a blouse, a woman in her thirties, a forty-year-old woman, a blonde woman, a dark-haired woman, a short-haired woman, a woman in high heels, a woman with a handbag, a woman wearing earrings, a lady in a dress, a lady in a hat, a married woman, a career woman, a mom
elder           | adult      | an elderly person, a senior, an old man, an old woman, a grandparent, an elderly man, an elderly woman, a senior citizen, an aged person, an old person, a grandma, an elderly lady, a retiree, an old gentleman, a seventy-year-old, an eighty-year-old, a retired person, an old granddad, a granny, a pensioner, a grandpa, a grandfather, a grandmother, an old lady, an elderly gentleman, a white-haired grandmother, a gray-haired old man, a man in his eighties, a woman in her seventies, an old man with a cane, an old woman in a shawl, a ninety-year-old, an octogenarian, an old-timer, a wrinkled old woman, a frail old man
dog             | animal     | a dog, a puppy, a hound, a brown dog, a doggy, a pup, a canine, a poodle, a terrier, a spaniel, a german shepherd, a golden retriever, a pet dog, a bulldog, a collie, a dachshund, a mutt, a labrador, a beagle, a small dog, a big dog, a puppy dog, a doggie, a little puppy, a white dog, a spotted dog, a fluffy dog, a dog with a collar, a dog on a leash, a dog with floppy ears, a husky, a chihuahua, a dalmatian, a sheepdog, a pooch
cat             | animal     | a cat, a kitten, a kitty, a tabby cat, a pussycat, a house cat, a persian cat, a ginger cat, a black cat, a pet cat, a tabby, a little cat, an alley cat, a furry cat, a cat with whiskers, a feline, a tomcat, a siamese cat, a kitty cat, a white cat, a gray cat, an orange cat, a fluffy cat, a striped cat, a domestic cat, a little kitten, a tabby kitten, a calico cat, a tortoiseshell cat, a long-haired cat, a street cat, a cat with green eyes, a maine coon, a moggy
monkey          | animal     | a monkey, a chimp, an ape, a chimpanzee, a little monkey, a wild monkey, a capuchin, an orangutan, a primate, a rhesus monkey, a spider monkey, a gibbon, a jungle ape, a howler monkey, a gorilla, a macaque, a baboon, a baby monkey, a brown monkey, a small monkey, a furry monkey, a hairy ape, a young chimp, a jungle monkey, a zoo monkey, a circus monkey, a monkey with a long tail, a squirrel monkey, a vervet monkey, a great ape, a marmoset, a mandrill, a bonobo
robot           | machine    | a robot, a humanoid robot, a metal robot, a bot, a robotic figure, a mechanical man, an automaton, a humanoid machine, a toy robot, a steel robot, a walking machine, a service robot, a robotic humanoid, an artificial person, a machine with an antenna, a droid, an android, a cyborg, a silver robot, a metallic robot, a small robot, a tin robot, a boxy robot, a robot made of metal, a robot with metal arms, a two-legged robot, a household robot, a helper robot, a robot butler, a mechanical robot, a futuristic robot, a sci-fi robot, a retro robot, a talking robot
"""

_RELATIONS = """
drinking        | consuming  | drinking, sipping, gulping, having a drink of, gulping down, taking a drink of, drinking up, quaffing, imbibing, sipping on, downing, drinking some of, taking a gulp of, chugging, sipping at, having a sip of, swallowing, swigging, guzzling, slurping, taking a sip of, taking sips of, taking a swig of, having a swig of, having a gulp of, taking gulps of, taking a big gulp of, enjoying a drink of, enjoying a sip of, drinking down, drinking a little of, chugging down, knocking back, slurping up, lapping up, swilling
holding         | handling   | holding, carrying, holding on to, gripping, holding up, keeping hold of, carrying around, having hold of, hugging, cradling, holding tightly, gripping tightly, bearing, toting, standing with, taking hold of, cupping, squeezing, clutching, grasping, clasping, holding firmly, hanging on to, clinging to, clinging onto, keeping a grip on, having a grip on, keeping a tight hold on, having a firm grip on, grabbing, grabbing hold of, clutching onto, carrying along, lugging around, wielding
pouring         | handling   | pouring, pouring out, tipping out, spilling, spilling out, tipping over, pouring away, letting flow, draining, serving out, tipping, sloshing out, pouring down, dumping out, splashing out, discharging, decanting, emptying out, dispensing, pouring off, pouring some of, pouring a bit of, pouring a little of, pouring a stream of, spilling some of, spilling a bit of, tipping away, emptying away, draining off, sloshing around, slopping out, trickling out, dribbling out, ladling out, drizzling
smoking         | consuming  | smoking, puffing on, having a smoke of, inhaling, puffing, puffing away on, smoking on, taking a puff of, having a puff of, breathing the smoke of, blowing smoke from, exhaling smoke from, toking on, burning and inhaling, taking puffs from, drawing smoke from, dragging on, taking a drag of, vaping, puffing at, puffing away at, puffing smoke from, taking a puff from, taking a puff on, taking puffs of, taking a drag from, taking a drag on, taking a long drag on, having a drag on, taking drags from, enjoying a smoke of, inhaling smoke from, breathing in smoke from, blowing smoke rings from, chain-smoking
eating          | consuming  | eating, munching on, chewing, having a bite of, biting, biting into, munching, gobbling up, consuming, chewing on, snacking on, tasting, dining on, taking a bite of, gobbling, having a meal of, eating up, gnawing on, nibbling, devouring, feasting on, taking bites of, taking a bite out of, enjoying a bite of, taking a nibble of, having a nibble of, nibbling on, nibbling at, chomping on, chomping, crunching on, munching away on, eating some of, eating a bit of, wolfing down, scarfing down, tucking into
throwing        | handling   | throwing, tossing, hurling, flinging, throwing away, casting, slinging, launching, throwing up in the air, tossing away, flinging away, hurling away, heaving, tossing up, propelling, sending flying, pitching, lobbing, chucking, throwing out, throwing aside, throwing around, throwing into the air, throwing overhand, tossing out, tossing aside, tossing around, tossing into the air, hurling aside, hurling forward, flinging aside, flinging out, casting aside, chucking away, catapulting
pointing_at     | attending  | pointing at, pointing to, pointing a finger at, pointing towards, pointing out, aiming a finger at, showing the way to, directing a finger at, drawing attention to, signalling at, pointing with a finger to, gesturing at, showing, pointing straight at, signalling towards, singling out, motioning at, gesturing towards, indicating, pointing over at, pointing over to, pointing directly at, pointing down at, pointing excitedly at, pointing a finger towards, pointing an index finger at, pointing a hand at, pointing with one hand at, pointing in the direction of, gesturing to, gesturing in the direction of, stretching out a finger towards, extending a finger towards, jabbing a finger at, calling attention to
reading         | attending  | reading, reading about, looking through, studying, reading up on, browsing, reading a page about, reading a story about, flipping through, paging through, going through, thumbing through, scanning, reading quietly about, reading a text on, learning about, perusing, leafing through, poring over, reading all about, reading something about, reading a bit about, reading aloud about, reading silently about, reading an article about, reading a chapter about, reading the text on, reading the words on, reading from, reading through, reading over, skimming, skimming through, browsing through, turning the pages of
riding          | moving     | riding, riding on, taking a ride on, sitting astride, driving, riding around on, being carried by, driving along on, riding along on, cruising on, travelling by, going for a ride on, sitting on top of, riding on top of, racing on, rolling along on, mounting, mounted on, straddling, travelling on, riding atop, riding away on, riding off on, riding past on, riding on the back of, having a ride on, enjoying a ride on, going for a spin on, taking a spin on, speeding along on, speeding on, zooming along on, zipping around on, cruising along on, getting around on, traveling along on
sitting_next_to | attending  | sitting next to, sitting beside, seated next to, sitting by, sitting alongside, seated beside, seated by, sitting close to, sitting near, sitting down beside, sitting at the side of, sitting on a bench with, seated near, sitting down next to, parked beside, sitting together with, seated alongside, perched beside, resting next to, sitting right next to, sitting right beside, sitting down by, sitting down near, sitting down alongside, sitting close beside, sitting to the left of, sitting to the right of, sitting side by side with, sitting on the ground beside, sitting on the floor next to, sitting adjacent to, seated close to, seated right next to, taking a seat beside, taking a seat next to
"""

_OBJECTS = """
wine            | alcohol    | wine, a glass of wine, red wine, a glass of red wine, burgundy, a fine wine, chianti, a glass of chardonnay, a bordeaux, vintage wine, house wine, a goblet of wine, shiraz, malbec, pinot noir, a rioja, claret, sauvignon, vino, merlot, a cabernet, white wine, a glass of white wine, a bottle of wine, a bottle of red wine, a bottle of white wine, some rosé, a glass of rosé, rosé wine, a carafe of wine, a cup of wine, a glass of merlot, sparkling wine, sweet wine, dry white wine, french wine, riesling
beer            | alcohol    | beer, a mug of beer, a pint of beer, an ale, a cold beer, a stein of beer, a stout, a draft beer, a wheat beer, a glass of beer, a craft beer, a pint of ale, a guinness, a budweiser, a pale ale, a heineken, a bitter ale, a brewski, a lager, a pilsner, a bottle of beer, a can of beer, a beer bottle, a beer can, a pint of lager, a glass of lager, a pitcher of beer, a mug of ale, a tankard of ale, a six-pack of beer, a frothy beer, a foamy beer, an ice-cold beer, a dark beer, a light beer, an ipa
whisky          | alcohol    | whisky, a glass of whisky, a tumbler of whisky, bourbon, whiskey, a whiskey on the rocks, a shot of whisky, irish whiskey, a glass of bourbon, strong liquor, hard liquor, a glass of liquor, tennessee whiskey, a dram of whisky, brandy, spirits on ice, rye whiskey, scotch, a single malt, a bottle of whisky, a bottle of whiskey, a glass of whiskey, a shot of whiskey, a glass of scotch, a bottle of scotch, a bottle of bourbon, a shot of bourbon, scotch whisky, malt whisky, a double whisky, whisky on ice, scotch on the rocks, blended whisky, a tumbler of scotch, japanese whisky
juice           | soft_drink | juice, orange juice, a glass of juice, a glass of orange juice, fruit juice, a juice with a straw, grape juice, pineapple juice, a juice drink, a smoothie, fresh juice, lemonade, tropical juice, fruit punch, a fruit smoothie, peach nectar, squeezed juice, mango juice, a fruit drink, apple juice, a glass of apple juice, cranberry juice, tomato juice, cherry juice, grapefruit juice, carrot juice, vegetable juice, freshly squeezed juice, a carton of juice, a juice box, a bottle of juice, a cup of juice, a pitcher of juice, a carton of orange juice, a glass of lemonade
milk            | soft_drink | milk, a carton of milk, a glass of milk, whole milk, cow's milk, a milk carton, some milk, a pint of milk, low-fat milk, cold milk, a box of milk, buttermilk, a dairy drink, creamy milk, fresh milk, dairy milk, skimmed milk, a bottle of milk, a milk bottle, a cup of milk, a mug of milk, a jug of milk, a gallon of milk, a glass of cold milk, a tall glass of milk, warm milk, hot milk, chocolate milk, skim milk, semi-skimmed milk, full-fat milk, goat's milk, organic milk
water           | soft_drink | water, a bottle of water, bottled water, a glass of water, a water bottle, plain water, cold water, some water, clear water, pure water, sparkling water, ice water, fresh water, tap water, mineral water, spring water, a cup of water, a jug of water, a pitcher of water, a carafe of water, a tumbler of water, a big glass of water, a glass of cold water, a glass of ice water, a glass of tap water, a bottle of mineral water, a bottle of spring water, a plastic water bottle, cool water, iced water, filtered water, a canteen of water
coffee          | soft_drink | coffee, a cup of coffee, hot coffee, a mug of coffee, black coffee, a coffee cup, a mocha, a steaming coffee, an americano, brewed coffee, a macchiato, filter coffee, a flat white, instant coffee, a coffee with cream, a latte, espresso, a cappuccino, a coffee mug, a cup of black coffee, a mug of hot coffee, a hot cup of coffee, a steaming mug of coffee, a paper cup of coffee, a takeaway coffee, a pot of coffee, iced coffee, morning coffee, decaf coffee, freshly brewed coffee, a milky coffee, a shot of espresso, a caffe latte, a cup of joe
soda            | soft_drink | soda, a can of soda, cola, a fizzy drink, a soft drink, a can of cola, a carbonated drink, a soda can, a fizzy soda, a sprite, a can of fizzy drink, ginger ale, root beer, a coca-cola, a fanta, a tin of cola, soda pop, a coke, a can of pepsi, a bottle of soda, a glass of soda, a cup of soda, a cold soda, a sugary soda, orange soda, grape soda, diet soda, a bottle of cola, a glass of cola, a can of coke, a can of soda pop, a can of soft drink, a bottle of fizzy drink, a carbonated soft drink, diet cola
apple           | food       | an apple, a red apple, a ripe apple, apples, a green apple, a fresh apple, a juicy apple, a sweet apple, a fuji apple, a golden delicious apple, a honeycrisp, a pink lady apple, an apple fruit, a shiny apple, a mcintosh apple, a crisp apple, a granny smith, a gala apple, a big apple, a small apple, a yellow apple, a whole apple, a ripe red apple, a shiny red apple, a bright red apple, an apple with a leaf, an apple with a stem, a slice of apple, a crunchy apple, a bitten apple, a half-eaten apple, a cooking apple, a red delicious apple, an organic apple
banana          | food       | a banana, a yellow banana, a ripe banana, bananas, a fresh banana, a long banana, a banana fruit, a sweet banana, a tropical banana, a cavendish banana, some bananas, a curved yellow fruit, a banana in its peel, a peeled banana, a plantain, a bunch of bananas, a big banana, a small banana, a whole banana, a green banana, a bright yellow banana, a ripe yellow banana, a single banana, a curved banana, a piece of banana, an unpeeled banana, a half-peeled banana, a half-eaten banana, an overripe banana, a spotted banana, a bunch of ripe bananas
bread           | food       | bread, a loaf of bread, a slice of bread, a bread roll, a loaf, white bread, brown bread, wholemeal bread, fresh bread, rye bread, sourdough, a bread bun, a piece of bread, baked bread, ciabatta, a crusty loaf, a pita, a bagel, a bun, a baguette, toast, sliced bread, a slice of white bread, a slice of brown bread, a slice of toast, a loaf of white bread, a loaf of sourdough, a bread loaf, a fresh loaf, a chunk of bread, wheat bread, homemade bread, garlic bread, a dinner roll, a french baguette, flatbread, focaccia
cake            | food       | cake, a slice of cake, a birthday cake, a chocolate cake, a piece of cake, a wedding cake, a cream cake, a frosted cake, a sweet cake, a muffin, a cheesecake, a fruit cake, a dessert cake, a gateau, an iced cake, pastry, a layer cake, a cupcake, a sponge cake, a piece of birthday cake, a slice of birthday cake, a slice of chocolate cake, a wedge of cake, a cake with candles, a cake with icing, a cake with frosting, a party cake, a strawberry cake, a vanilla cake, a carrot cake, a lemon cake, a homemade cake, a tiered cake, a red velvet cake, a torte
ice_cream       | food       | ice cream, an ice cream cone, a scoop of ice cream, a vanilla ice cream, a chocolate ice cream, a cone of ice cream, an ice cream scoop, frozen yogurt, a sundae, a strawberry ice cream, sorbet, a waffle cone, a frozen dessert, a popsicle, ice-cream, frozen custard, gelato, soft serve, a bowl of ice cream, a cup of ice cream, a tub of ice cream, a double scoop of ice cream, a scoop of vanilla ice cream, a mint ice cream, a pistachio ice cream, homemade ice cream, a melting ice cream, a melting ice cream cone, a waffle cone with ice cream, a soft-serve cone, an ice cream bar, an ice cream sandwich, an ice cream sundae, an ice lolly
knife           | weapon     | a knife, a kitchen knife, a sharp knife, a blade, a dagger, a hunting knife, a chef's knife, a pocket knife, a butcher's knife, a penknife, a bread knife, a jackknife, a small blade, a flick knife, a pointed knife, a paring knife, a utility knife, a steak knife, a switchblade, a carving knife, a small knife, a big knife, a table knife, a butter knife, a cook's knife, a cutting knife, a folding knife, a steel knife, a serrated knife, a vegetable knife, a fruit knife, a knife with a wooden handle, a camping knife, a swiss army knife, a cleaver, a box cutter
gun             | weapon     | a gun, a pistol, a handgun, a firearm, a shotgun, a rifle, a loaded gun, an automatic pistol, a small gun, a black gun, a machine gun, a six-shooter, a beretta, a colt pistol, a semi-automatic, a hand weapon with bullets, a sidearm, a revolver, a glock, a big gun, a silver pistol, a black pistol, a small pistol, a hunting rifle, a military rifle, an assault rifle, a sniper rifle, a double-barreled shotgun, a pump-action shotgun, a submachine gun, a semi-automatic pistol, a silver revolver, a flintlock pistol, a musket, a carbine
sword           | weapon     | a sword, a long sword, a steel sword, a broadsword, a longsword, a knight's sword, a sharp sword, a medieval sword, a fencing sword, a samurai sword, a scimitar, a cutlass, a claymore, a foil sword, an epee, a big sword, a rapier, a katana, a sabre, a short sword, a curved sword, a metal sword, an iron sword, a silver sword, a shining sword, an ancient sword, a double-edged sword, a two-handed sword, a pirate's sword, a roman sword, a viking sword, a ninja sword, a japanese sword, a ceremonial sword, a sword with a golden hilt
cigarette       | tobacco    | a cigarette, a lit cigarette, a tobacco cigarette, cigarettes, a filter cigarette, a burning cigarette, a white cigarette, a thin cigarette, a menthol cigarette, a rolled cigarette, a camel cigarette, a cancer stick, a nicotine cigarette, a pack of cigarettes, a smoke stick, a lucky strike cigarette, a ciggie, a cig, a marlboro, a lighted cigarette, an unlit cigarette, a smoking cigarette, a glowing cigarette, a smoldering cigarette, a half-smoked cigarette, a filtered cigarette, an unfiltered cigarette, a cigarette with a filter, a slim cigarette, a long thin cigarette, a hand-rolled cigarette, a packet of cigarettes, a cigarette butt, a ciggy, a rollie
cigar           | tobacco    | a cigar, a big cigar, a brown cigar, a fat cigar, a lit cigar, a thick cigar, a cuban cigar, a rolled cigar, cigars, a fine cigar, a cigarillo, a corona cigar, a long cigar, a smouldering cigar, a dominican cigar, a cohiba, a stogie, a havana cigar, a cheroot, a large cigar, a small cigar, a lighted cigar, an unlit cigar, a smoking cigar, a burning cigar, a glowing cigar, a half-smoked cigar, a thick brown cigar, a hand-rolled cigar, a tobacco cigar, an expensive cigar, a premium cigar, a celebratory cigar, a cigar stub, a box of cigars
pipe            | tobacco    | a pipe, a tobacco pipe, a wooden pipe, an old pipe, a pipe of tobacco, a smoker's pipe, a curved pipe, a brown pipe, a hand-carved pipe, a peace pipe, a meerschaum pipe, a bent pipe, a long pipe, a pipe bowl, a corncob pipe, a briar pipe, a clay pipe, a smoking pipe, a lit pipe, a small pipe, a wood pipe, an old wooden pipe, an antique pipe, a traditional pipe, a dark brown pipe, a carved pipe, a carved wooden pipe, a pipe filled with tobacco, a pipe with a curved stem, a long-stemmed pipe, a gentleman's pipe, a sailor's pipe, a calabash pipe
ball            | toy        | a ball, a bouncy ball, a beach ball, a rubber ball, a football, a big ball, a round ball, a toy ball, a striped ball, a handball, a tennis ball, a rugby ball, a bouncing ball, balls, a baseball, a playground ball, a netball, a basketball, a soccer ball, a volleyball, a red ball, a blue ball, a yellow ball, a small ball, a colorful ball, a spotted ball, a plastic ball, a foam ball, a leather ball, a golf ball, a bowling ball, a ping-pong ball, a cricket ball, a softball, a dodgeball, an exercise ball
teddy_bear      | toy        | a teddy bear, a teddy, a stuffed bear, a toy bear, a stuffed animal, a soft toy, a fluffy teddy, a teddy toy, a stuffed teddy, a cuddly bear, a plush toy, a soft bear, a little teddy bear, a stuffed toy, a fuzzy bear toy, a plush bear, a cuddly toy, a plushie, a brown teddy bear, a small teddy bear, a big teddy bear, an old teddy bear, a soft teddy bear, a fluffy teddy bear, a fuzzy teddy bear, a cuddly teddy bear, a plush teddy bear, a stuffed teddy bear, a cuddly teddy, a furry teddy, a toy teddy, a teddy with a bow, a furry toy bear, a snuggly bear
kite            | toy        | a kite, a paper kite, a colourful kite, a diamond kite, a toy kite, a big kite, a kite with a tail, a flying toy kite, kites, a wind kite, a box kite, a bright kite, a sail on a string, a red kite toy, a flying kite, a stunt kite, a kite on a string, a blue kite, a yellow kite, a colorful kite, a rainbow kite, a striped kite, a small kite, a plastic kite, a homemade kite, a children's kite, a diamond-shaped kite, a triangular kite, a kite with ribbons, a kite with a long tail, a soaring kite, a dragon kite, a delta kite
balloon         | toy        | a balloon, a red balloon, a party balloon, balloons, a toy balloon, a big balloon, a blue balloon, a birthday balloon, a round balloon, an air balloon, a blown-up balloon, a rubber balloon, a latex balloon, a balloon on a string, a helium balloon, an inflated balloon, a floating balloon, a yellow balloon, a green balloon, a pink balloon, a purple balloon, a bright red balloon, a colorful balloon, colorful balloons, a bunch of balloons, a small balloon, a shiny balloon, a heart-shaped balloon, a balloon with a string, a balloon on a ribbon, a helium-filled balloon, an air-filled balloon, a foil balloon
car             | vehicle    | a car, an automobile, a small car, a sedan, a motor car, a red car, a vehicle with four wheels, a passenger car, a sports car, a station wagon, a family car, an suv, a cab, a coupe, a toyota, a limousine, a volkswagen, an auto, a hatchback, a taxi, a convertible, a blue car, a black car, a white car, a big car, an old car, a new car, a fast car, a parked car, a compact car, an electric car, a luxury car, a vintage car, a police car, a four-door car, a jeep, a minivan
motorcycle      | vehicle    | a motorcycle, a motorbike, a big motorcycle, a motor bike, a motor cycle, a heavy bike with an engine, a racing motorcycle, a fast motorbike, a yamaha motorbike, a touring motorcycle, a biker's machine, a kawasaki, a superbike, a motocross bike, a cruiser motorcycle, a ducati, a vespa, a chopper bike, a harley, a dirt bike, a red motorcycle, a black motorcycle, a shiny motorcycle, a fast motorcycle, a loud motorcycle, a heavy motorcycle, a powerful motorcycle, a vintage motorcycle, a street motorcycle, an off-road motorcycle, a police motorcycle, a sport motorcycle, a big motorbike, a sports motorbike, a touring motorbike, a motorcycle with a sidecar
bicycle         | vehicle    | a bicycle, a bike, a push bike, a pedal bike, a road bike, a racing bicycle, a city bike, a cycle, a ten-speed, a bmx bike, a bicycle with pedals, a touring bicycle, a kid's bike, a pushbike, a cyclist's bike, a racing bike, a two-wheeler, a mountain bike, a road bicycle, a red bicycle, a blue bicycle, a small bicycle, an old bicycle, a children's bicycle, a girl's bicycle, a two-wheeled bicycle, a mountain bicycle, a folding bicycle, a bicycle with a basket, a bike with pedals, a bike with training wheels, a ten-speed bicycle, a commuter bicycle, an old-fashioned bicycle, a tandem bicycle
scooter         | vehicle    | a scooter, a kick scooter, a push scooter, a toy scooter, a foot scooter, a kid's scooter, a folding scooter, a small scooter, a two-wheeled scooter, a stand-up scooter, a motor scooter, a city scooter, a scooter with a handlebar, a stunt scooter, an e-scooter, a razor scooter, an electric scooter, a red scooter, a blue scooter, a pink scooter, a metal scooter, a wooden scooter, a children's scooter, a foot-powered scooter, a push-along scooter, a foldable scooter, a two-wheel scooter, a three-wheeled scooter, a scooter with small wheels, a battery-powered scooter, an electric kick scooter, a rental scooter, a trick scooter
horse           | creature   | a horse, a pony, a brown horse, a stallion, a white horse, a racehorse, a gelding, a farm horse, a wild horse, a thoroughbred, a mustang horse, a saddled horse, a foal, a bronco, a shire horse, a saddle horse, a colt, a mare, a steed, a black horse, a grey horse, a chestnut horse, a spotted horse, a big horse, a young horse, a small pony, a shetland pony, a galloping horse, a horse with a mane, a riding horse, a draft horse, an arabian horse, a filly, a palomino
fish            | creature   | a fish, a big fish, a goldfish, a trout, a cod, a live fish, a sea fish, a herring, a fresh fish, a sardine, fishes, a bass fish, a haddock, a swimming fish, a mackerel, a fish with fins, a carp, a salmon, a tuna, a small fish, a little fish, a silver fish, a shiny fish, a scaly fish, a whole fish, a raw fish, a freshly caught fish, a freshwater fish, a tropical fish, an aquarium fish, a fish fillet, a rainbow trout, a sea bass, a catfish, a halibut
hammer          | tool       | a hammer, a claw hammer, a steel hammer, a mallet, a heavy hammer, a wooden mallet, a small hammer, a hammer tool, a builder's hammer, a workman's hammer, a tack hammer, a blacksmith's hammer, a tool for nails, an iron hammer, a gavel, a carpenter's hammer, a sledgehammer, a ball-peen hammer, a big hammer, a large hammer, a metal hammer, a wooden hammer, a rubber hammer, an old hammer, a household hammer, a hand hammer, a nail hammer, a hammer with a wooden handle, a short-handled hammer, a steel claw hammer, a framing hammer, a mason's hammer, a rubber mallet, a heavy mallet
broom           | tool       | a broom, a sweeping broom, a broomstick, a straw broom, a sweeping brush, a wooden broom, a house broom, a witch's broom, a bristle broom, a long broom, a whisk broom, a cleaning broom, a street broom, a sweeping mop, a brush on a stick, a sweeper, a push broom, a floor brush, a small broom, a big broom, an old broom, a plastic broom, a stiff broom, a household broom, a kitchen broom, a garden broom, a yard broom, a floor broom, a janitor's broom, a broom with a wooden handle, a long-handled broom, a soft-bristled broom, a twig broom, a besom
book            | print      | a book, a novel, a storybook, a textbook, a thick book, an open book, books, a story book, a children's book, a library book, a comic book, a notebook, a cookbook, a dictionary, a bestseller, an old book, a magazine, a paperback, a hardcover, a picture book, a small book, a big book, a heavy book, a red book, a new book, a hardback, a hardback book, a paperback book, a paperback novel, a school book, a history book, a poetry book, a mystery novel, a fairy tale book, a leather-bound book, a guidebook
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


@cache
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
