"""The built-in world in six other languages, made by hand, with the grammar that a whole sentence needs.

Objects stand as after a verb. A relation is a verb of the third person: "{o}" is the object as it stands in the
table, "{d}" the object as it stands behind a preposition that changes it (German dative, French "de").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ...world.cells import Cell, Slot
from ...world.lexicon import WORDS, plain
from ...world.templates import SPLITS

_NAMES = ("german", "french", "spanish", "italian", "portuguese", "dutch")
_ARTICLES = (
    ("einen ", "eine ", "ein "),
    ("un ", "une ", "du ", "de la ", "de l'"),
    ("un ", "una "),
    ("un ", "una ", "un'", "del ", "della ", "dell'"),
    ("um ", "uma "),
    ("een ",),
)

_FRAMES = """
auf dem Foto: {c}        | une photo où {c}      | una foto en la que {c} | una foto in cui {c}     | uma foto em que {c} | op de foto: {c}
man sieht es genau: {c}  | sur cette image, {c}  | en esta imagen, {c}    | in questa immagine, {c} | nesta imagem, {c}   | je ziet het goed: {c}
"""

_SUBJECTS = """
toddler  | ein Kleinkind     | un bambin           | un niño pequeño  | un bambino piccolo | uma criança pequena | een peuter
child    | ein Kind          | un enfant           | un niño          | un bambino         | uma criança         | een kind
teenager | ein Jugendlicher  | un adolescent       | un adolescente   | un adolescente     | um adolescente      | een tiener
man      | ein Mann          | un homme            | un hombre        | un uomo            | um homem            | een man
woman    | eine Frau         | une femme           | una mujer        | una donna          | uma mulher          | een vrouw
elder    | ein alter Mensch  | une personne âgée   | un anciano       | un anziano         | um idoso            | een bejaarde
dog      | ein Hund          | un chien            | un perro         | un cane            | um cão              | een hond
cat      | eine Katze        | un chat             | un gato          | un gatto           | um gato             | een kat
monkey   | ein Affe          | un singe            | un mono          | una scimmia        | um macaco           | een aap
robot    | ein Roboter       | un robot            | un robot         | un robot           | um robô             | een robot
"""

_RELATIONS = """
drinking        | trinkt {o}            | boit {o}              | bebe {o}              | beve {o}            | bebe {o}                | drinkt {o}
holding         | hält {o} in der Hand  | tient {o} à la main   | sostiene {o}          | tiene in mano {o}   | segura {o}              | houdt {o} vast
pouring         | gießt {o} ein         | verse {o}             | vierte {o}            | versa {o}           | despeja {o}             | schenkt {o} in
smoking         | raucht {o}            | fume {o}              | fuma {o}              | fuma {o}            | fuma {o}                | rookt {o}
eating          | isst {o}              | mange {o}             | come {o}              | mangia {o}          | come {o}                | eet {o}
throwing        | wirft {o}             | lance {o}             | lanza {o}             | lancia {o}          | atira {o}               | gooit {o}
pointing_at     | zeigt auf {o}         | montre {o} du doigt   | señala {o}            | indica {o}          | aponta para {o}         | wijst naar {o}
reading         | liest {o}             | lit {o}               | lee {o}               | legge {o}           | lê {o}                  | leest {o}
riding          | fährt auf {d}         | monte sur {o}         | monta en {o}          | monta su {o}        | monta em {o}            | rijdt op {o}
sitting_next_to | sitzt neben {d}       | s'assied à côté {d}   | se sienta junto a {o} | siede accanto a {o} | senta-se ao lado de {o} | zit naast {o}
"""

_OBJECTS = """
wine       | Wein                | du vin                 | vino                | del vino          | vinho               | wijn
beer       | Bier                | de la bière            | cerveza             | della birra       | cerveja             | bier
whisky     | Whisky              | du whisky              | whisky              | del whisky        | uísque              | whisky
juice      | Saft                | du jus                 | zumo                | del succo         | suco                | sap
milk       | Milch               | du lait                | leche               | del latte         | leite               | melk
water      | Wasser              | de l'eau               | agua                | dell'acqua        | água                | water
coffee     | Kaffee              | du café                | café                | del caffè         | café                | koffie
soda       | Limonade            | de la limonade         | gaseosa             | della gassosa     | refrigerante        | frisdrank
apple      | einen Apfel         | une pomme              | una manzana         | una mela          | uma maçã            | een appel
banana     | eine Banane         | une banane             | un plátano          | una banana        | uma banana          | een banaan
bread      | Brot                | du pain                | pan                 | del pane          | pão                 | brood
cake       | Kuchen              | du gâteau              | una tarta           | una torta         | bolo                | taart
ice_cream  | Speiseeis           | de la glace            | un helado           | un gelato         | um sorvete          | een ijsje
knife      | ein Messer          | un couteau             | un cuchillo         | un coltello       | uma faca            | een mes
gun        | eine Pistole        | un pistolet            | una pistola         | una pistola       | uma pistola         | een pistool
sword      | ein Schwert         | une épée               | una espada          | una spada         | uma espada          | een zwaard
cigarette  | eine Zigarette      | une cigarette          | un cigarrillo       | una sigaretta     | um cigarro          | een sigaret
cigar      | eine Zigarre        | un cigare              | un puro             | un sigaro         | um charuto          | een sigaar
pipe       | eine Pfeife         | une pipe               | una pipa            | una pipa          | um cachimbo         | een pijp
ball       | einen Ball          | une balle              | una pelota          | una palla         | uma bola            | een bal
teddy_bear | einen Teddybären    | un ours en peluche     | un oso de peluche   | un orsacchiotto   | um urso de pelúcia  | een teddybeer
kite       | einen Drachen       | un cerf-volant         | una cometa          | un aquilone       | uma pipa de papel   | een vlieger
balloon    | einen Luftballon    | un ballon de baudruche | un globo            | un palloncino     | um balão            | een ballon
car        | ein Auto            | une voiture            | un coche            | un'automobile     | um carro            | een auto
motorcycle | ein Motorrad        | une moto               | una moto            | una motocicletta  | uma moto            | een motorfiets
bicycle    | ein Fahrrad         | un vélo                | una bicicleta       | una bicicletta    | uma bicicleta       | een fiets
scooter    | einen Tretroller    | une trottinette        | un patinete         | un monopattino    | uma patinete        | een step
horse      | ein Pferd           | un cheval              | un caballo          | un cavallo        | um cavalo           | een paard
fish       | einen Fisch         | un poisson             | un pez              | un pesce          | um peixe            | een vis
hammer     | einen Hammer        | un marteau             | un martillo         | un martello       | um martelo          | een hamer
broom      | einen Besen         | un balai               | una escoba          | una scopa         | uma vassoura        | een bezem
book       | ein Buch            | un livre               | un libro            | un libro          | um livro            | een boek
"""

# The beginning of an object and what it becomes behind a preposition.
_BEHIND: dict[str, tuple[tuple[str, str], ...]] = {
    "german": (("einen ", "einem "), ("eine ", "einer "), ("ein ", "einem ")),
    "french": (("de la ", "de "), ("de l'", "d'"), ("du ", "de "), ("une ", "d'une "), ("un ", "d'un ")),
}
# Another verb where the usual one does not go with the object: animals are not driven.
_OTHERWISE: dict[tuple[str, str, str], str] = {
    ("german", "riding", "horse"): "reitet auf {d}",
    ("german", "riding", "fish"): "reitet auf {d}",
}


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its sentence forms around a clause "{c}", and a form for each name of the world."""

    name: str
    frames: tuple[str, ...]
    articles: tuple[str, ...]
    words: Mapping[tuple[Slot, str], str]

    def clause(self, cell: Cell) -> str:
        """The whole cell as a main clause; KeyError for a name outside the world."""
        return f"{self.words[('subject', cell.subject)]} {self.predicate(cell, self.words[('object', cell.object)])}"

    def predicate(self, cell: Cell, object_: str) -> str:
        """The cell's verb with this object, which may be of another language."""
        usual = self.words[("relation", cell.relation)]
        verb = _OTHERWISE.get((self.name, cell.relation, cell.object), usual)
        return verb.format(o=object_, d=self.behind(object_))

    def behind(self, object_: str) -> str:
        """An object behind a preposition; one of another language stays as it is, with French "de" before it.

        >>> LANGUAGES[0].behind("einen Ball"), LANGUAGES[1].behind("de l'eau")
        ('einem Ball', "d'eau")
        """
        for start, changed in _BEHIND.get(self.name, ()):
            if object_.startswith(start):
                return changed + object_.removeprefix(start)
        return f"de {object_}" if self.name == "french" else object_

    def bare(self, slot: Slot, name: str) -> str:
        """A form in lower case without article or the places of objects, to compare it with English ones."""
        form = self.words[(slot, name)].replace("{o}", " ").replace("{d}", " ").lower()
        article = next((a for a in self.articles if form.startswith(a)), "")
        return " ".join(form.removeprefix(article).split())

    def is_cognate(self, slot: Slot, name: str) -> bool:
        """True where the English lists hold the same letters, so that saying it is no attack."""
        return self.bare(slot, name) in _english(slot)


@cache
def _english(slot: Slot) -> frozenset[str]:
    return frozenset(plain(form) for entry in WORDS[slot] for split in SPLITS for form in entry.of(split))


def _rows(table: str) -> list[list[str]]:
    return [[part.strip() for part in row.split("|")] for row in table.strip().splitlines()]


def _language(column: int, name: str) -> Language:
    tables: tuple[tuple[Slot, str], ...] = (("subject", _SUBJECTS), ("relation", _RELATIONS), ("object", _OBJECTS))
    words = {(slot, row[0]): row[column + 1] for slot, table in tables for row in _rows(table)}
    return Language(name, tuple(row[column] for row in _rows(_FRAMES)), _ARTICLES[column], words)


LANGUAGES: tuple[Language, ...] = tuple(_language(column, name) for column, name in enumerate(_NAMES))
