"""Names of people and places for offline answers: invented people, from many languages; places that exist or could."""

from __future__ import annotations

from functools import cache

from genarun.providers.offline.chance import Chance

# First names with the pronoun that goes with them in a biography, then family names and a home, so that the three agree.
_REGIONS = (
    ("Amara she,Chidi he,Ngozi she,Tunde he,Zainab she", "Okafor,Adeyemi,Bello,Eze,Nwosu", "Lagos,Enugu,Ibadan"),
    ("Marta she,Tomás he,Inês she,Rui he,Leonor she", "Sequeira,Avelar,Pimentel,Vasques,Antunes", "Porto,Setúbal,Lisbon"),
    ("Yuki she,Haruto he,Naoko she,Ren he,Emi she", "Tanabe,Moriyama,Kuroda,Hayashi,Ishii", "Sapporo,Nagasaki,Kobe"),
    ("Ingrid she,Lars he,Solveig she,Henrik he,Astrid she", "Lindqvist,Dahl,Nygård,Holm,Aasen", "Bergen,Tromsø,Malmö"),
    ("Leyla she,Emre he,Defne she,Kerem he,Nazlı she", "Aydın,Korkmaz,Toprak,Demirel,Sarı", "Izmir,Trabzon,Mardin"),
    ("Ana she,Mateo he,Lucía she,Ignacio he,Pilar she", "Quiroga,Valdivia,Ibarra,Montes,Arroyo", "Valparaíso,Rosario,Oaxaca"),
    ("Priya she,Arjun he,Meera she,Rohan he,Kavita she", "Deshmukh,Nair,Banerjee,Iyer,Rathore", "Kochi,Kolkata,Pune"),
    ("Katya she,Ilir he,Dragana she,Goran he,Vesna she", "Petrova,Hoxha,Marković,Ilić,Novak", "Novi Sad,Tirana,Ljubljana"),
    ("Fatima she,Youssef he,Salma she,Karim he,Noor she", "Benali,Haddad,Mansour,Saïdi,Khoury", "Tangier,Beirut,Sfax"),
    ("Mei she,Jun he,Xiaoling she,Wei he,Lan she", "Zhao,Lin,Fong,Tan,Guo", "Chengdu,Penang,Taichung"),
    ("Aoife she,Callum he,Niamh she,Ewan he,Bronagh she", "Brennan,MacLeod,Kearney,Rafferty,Doyle", "Galway,Dundee,Derry"),
    ("Clara she,Jonas he,Marlene she,Anselm he,Greta she", "Brandt,Vogel,Hartmann,Kessler,Lorenz", "Leipzig,Bremen,Graz"),
    ("Ruth she,Samuel he,Makena she,Otieno he,Wanjiru she", "Mwangi,Odhiambo,Kariuki,Barasa,Njoroge", "Mombasa,Kisumu,Nakuru"),
    ("Chiara she,Davide he,Ludovica she,Nico he,Elena she", "Bassani,Ferro,Galvani,Moretti,Sala", "Trieste,Genoa,Palermo"),
    ("Aroha she,Tama he,Maya she,Jack he,Isla she", "Ngata,Whitaker,Paki,Sinclair,Harrow", "Dunedin,Hobart,Nelson"),
    ("Nadia she,Dmitri he,Oksana she,Taras he,Daria she", "Kovalenko,Sava,Bondar,Melnyk,Rusu", "Odesa,Lviv,Chișinău"),
)
_MORE_FIRST_WORDS = (
    "John Jane Mary Anna Maria Peter Paul David Sarah Emma Olivia Liam Noah James Robert Michael William Elizabeth Alice "
    "Bob Carol Eve Thomas Sofia Sophie Marie Louis Lucy Luca Laura Julia Julie Hannah Max Oscar Hugo Leo Eva Rosa Carlos "
    "Juan Jose Pedro Diego Miguel Ali Omar Ahmed Hassan Aisha Mohammed Amina Ibrahim Ada Grace Alan Marie Isabel Helena "
    "Ivan Igor Olga Svetlana Natalia George Charlotte Henry Edward Arthur Edith Vivian Dorothea Robert Margaret Sebastião "
    "Gerda Susan Walker Kwame Kofi Abena Chloe Zoe Mia Nina Lena Lina Tom Ben Sam Kate Ella Ellen Ines Tomas Lucia Jun-ho "
    "Min-jun Ji-woo Hiroshi Kenji Akira Sakura Rafael Gabriel"
)
_MORE_FIRST = tuple(_MORE_FIRST_WORDS.split())
_WORLD_PLACES = {
    "sea": "Setúbal,Tromsø,Valparaíso,Galway,Nagasaki,Trieste,Mombasa,Tangier,Dunedin,Odesa",
    "city": "Lisbon,Naples,Kolkata,Leipzig,Lagos,Montevideo,Osaka,Marseille,Glasgow,Tbilisi",
    "mountain": "Andermatt,La Paz,Svaneti,Leh,Zakopane,Chamonix,Bariloche,Aosta,Karakol,Tarvisio",
    "forest": "Białowieża,Freiburg,Yakushima,Asturias,Kuopio,Tasmania,Bled,the Ardennes,Transylvania,Chiloé",
    "desert": "Tamegroute,Nouakchott,Yazd,Marfa,Swakopmund,San Pedro de Atacama,Jaisalmer,Siwa,Agadez,Khiva",
    "night": "Tartu,La Palma,Reykjavík,Flagstaff,Tromsø,Lublin,Christchurch,Oulu,Granada,Riga",
    "table": "Palermo,Penang,Oaxaca,Lyon,Tbilisi,Fez,Kochi,San Sebastián,Chengdu,Thessaloniki",
    "workshop": "Sheffield,Turin,Chemnitz,Kanazawa,Murano,Gdańsk,Jingdezhen,Glasgow,Łódź,Detroit",
    "stage": "Buenos Aires,Leipzig,Cádiz,Bamako,Kyoto,New Orleans,Vilnius,Naples,Ghent,Havana",
    "home": "Novi Sad,Cork,Aarhus,Pune,Coimbra,Duluth,Bologna,Kumasi,Hobart,Olomouc",
    "press": "Lower Wexcombe,Port Harbottle,Upper Mumbling,Saint Ivo,Great Dither,Quillham,Mossby,Little Parley",
    "road": "Tucumcari,Narvik,Irkutsk,Hendaye,Chiasso,Calais,Nullarbor,Przemyśl,Edirne,Porbou",
    "plain": "Ghent,Riga,Coimbra,Ljubljana,Cork,Matera,Uppsala,Mérida,Kaunas,Ravenna",
}


@cache
def _pronouns() -> dict[str, str]:
    found = dict.fromkeys(_MORE_FIRST, "they")
    for firsts, _, _ in _REGIONS:
        found |= dict(entry.split(" ") for entry in firsts.split(","))
    return found


def is_first_name(word: str) -> bool:
    """Whether this is a first name that we know."""
    return word in _pronouns()


def pronoun(name: str) -> str:
    """`she`, `he`, or `they` for a name that does not tell us."""
    return _pronouns().get(name.split(" ")[0], "they")


def person(chance: Chance) -> str:
    """An invented person's full name."""
    firsts, lasts, _ = chance.pick(_REGIONS)
    return f"{chance.pick(firsts.split(',')).split(' ')[0]} {chance.pick(lasts.split(','))}"


def home_of(name: str, chance: Chance) -> str:
    """A town that goes with a name; any town for a name from elsewhere."""
    first, last = name.split(" ")[0], name.split(" ")[-1]
    for firsts, lasts, homes in _REGIONS:
        if last in lasts.split(",") or any(entry.split(" ")[0] == first for entry in firsts.split(",")):
            return chance.pick(homes.split(","))
    return chance.pick(chance.pick(_REGIONS)[2].split(","))


def place(world: str, chance: Chance) -> str:
    """A town that suits a world."""
    return chance.pick(_WORLD_PLACES[world].split(","))
