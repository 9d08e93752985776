"""Stocks of short values: roles, moods, colours and the like."""

from __future__ import annotations

COLORS = (
    ("brick", "#A6402F"), ("ochre", "#C98B2B"), ("slate", "#4F5D68"), ("moss", "#6B7A3A"), ("indigo", "#2E3A6B"),
        ("salmon", "#E58B74"),
    ("ivory", "#F4EEDD"), ("petrol", "#1F5B66"), ("plum", "#6A3557"), ("mustard", "#D9A520"), ("sky", "#8DB7CF"),
        ("charcoal", "#2B2B2E"),
    ("mint", "#A9CDB8"), ("rust", "#8F4A24"), ("rose", "#D9A3A0"), ("olive", "#7A7439"),
)  # fmt: skip
TIMES = ("05:40", "06:15", "07:30", "09:00", "11:45", "12:30", "14:10", "15:55", "17:20", "18:45", "20:05", "21:30", "23:50")
_RAW = {
    "month": "January,February,March,April,May,June,July,August,September,October,November,December",
    "weekday": "Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday",
    "season": "spring,summer,autumn,winter",
    "language": "en",
    "currency": "EUR,USD,GBP,JPY,CHF",
    "zodiac": "Aries,Taurus,Gemini,Cancer,Leo,Virgo,Libra,Scorpio,Sagittarius,Capricorn,Aquarius,Pisces",
    "role": "ferry pilot,night baker,archivist,piano tuner,bridge inspector,beekeeper,court stenographer,lamp "
    "lighter,tram driver,"
    "glassblower,cartographer,well keeper,seed librarian,stage prompter,lighthouse engineer,typesetter",
    "medium": "35 mm film,gelatin silver print,medium format colour film,digital,pinhole,cyanotype,large format,instant film",
    "mood": "patient,wry,tender,restless,luminous,stubborn,playful,hushed,warm,matter-of-fact",
    "animal": "heron,goat,hedgehog,barn owl,otter,lighthouse cat,grey goose,donkey,swift,hare",
    "status": "open,in progress,done,planned",
    "countries": "Portugal,Japan,Kenya,Georgia,Chile,Norway,India,Lebanon,Mexico,Ireland,Morocco,Estonia,Peru,Slovenia,Ghana",
    "streets": "Rope Walk,Mill Lane,Station Road,Quay Street,Orchard Row,Lamp Alley,Glass Street,North Parade,Ferry "
    "Steps,Bell Lane",
    "dishes": "lentil soup with lemon,flatbread with herbs,plum cake,grilled sardines,mushroom dumplings,roast carrots "
    "with cumin,"
    "barley with peas,fig and walnut tart,clear broth with noodles,potato pie",
    "ingredients": "2 onions sliced thin,4 tablespoons of good oil,1 lemon,a handful of parsley,250 g flour,2 eggs,1 "
    "teaspoon of salt,"
    "a pinch of saffron,500 ml stock,3 ripe plums,black pepper,100 g butter,1 teaspoon of cumin,2 cloves of garlic,a "
    "glass of white wine",
}
_STEPS = (
    "Set everything out before you begin, and open a window.",
    "Warm the oil slowly; if it speaks, it is too hot.",
    "Add the onions and leave them alone for ten minutes.",
    "Stir in one direction, for luck rather than chemistry.",
    "Taste, frown, add salt, taste again.",
    "Cover, lower the flame, and read something short.",
    "Fold in the rest by hand until no one part stands out.",
    "Let it rest as long as you can bear, then serve with bread.",
)
STOCKS: dict[str, tuple[str, ...]] = {name: tuple(text.split(",")) for name, text in _RAW.items()} | {"steps": _STEPS}
