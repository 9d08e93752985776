"""The sentences that offline prose is made of.

A place in braces is filled by `prose.Writer`: {S} is the subject with its article, {s} without; {is}, {has}, {it}, {its},
{them} and {v:verb} agree with it; {thing}, {person}, {act}, {place}, {time}, {sense}, {town} and {year} are drawn from the
world that the request speaks of, never the same one twice in a text.
"""

# Places and sentences stand in rows, as they were drawn up.
# fmt: off
from __future__ import annotations

OPENERS = {
    "reflective": (
        "{S} {v:ask} for a slower kind of looking.",
        "Nobody sets out to care about {S}.",
        "It is possible to live for years beside {S} and never once stop.",
        "Everything worth knowing about {S} happens at the edges.",
        "There is a moment, {place}, when {S} {v:seem} to belong to whoever is awake.",
        "Before there was a name for {S}, there was {thing}.",
        "To understand {S}, begin with {thing}.",
        "{S} {is} easier to love than to explain.",
        "What {S} {v:leave} behind is mostly small: {thing}, {thing}.",
    ),
    "documentary": (
        "{time}, {place}, {person} {act}.",
        "It begins {place}, {time}, with {thing}.",
        "In {town}, {S} {is} a matter of daily habit.",
        "For eleven months, the work on {S} meant arriving early and staying out of the way.",
        "The first picture of {S} was almost an accident: {thing}, {time}.",
        "{person} {act}. That was the first we saw of {S}.",
        "Ask anyone in {town} about {S} and they will point you to {person}.",
        "{S} {has} been part of {town} for longer than the maps admit.",
    ),
    "wry": (
        "{S} {has} never had an official opening, which may be why {it} {has} never closed.",
        "There are two schools of thought on {S}, and both of them meet {place}.",
        "The first thing anyone tells you about {S} is wrong, and the second is about {thing}.",
        "If {S} had a motto, it would be written in pencil.",
        "Most guidebooks give {S} a single line, and that line is about parking.",
        "Opinion on {S} is divided between those who have been there and those who are right.",
    ),
}
BODIES = {
    "reflective": (
        "{time}, {person} {act}.",
        "There is {thing}, there is {thing}, and, if you wait, there is {thing}.",
        "{sense}.",
        "What stays with you is {thing}.",
        "{person} {act}, and for a while nothing else seemed necessary.",
        "Nothing here explains {S}; everything here keeps {them} company.",
        "It takes a morning to see {thing}, and a year to see why it was left there.",
        "Somebody had left {thing} {place}, as one leaves a light on.",
        "One learns to read the signs: {thing}; {thing}; a pause before the answer.",
        "{sense}, and {person} {act}.",
        "The hands do most of the talking.",
        "Small things carry the weight.",
        "Time behaves differently {place}.",
        "Look again: {thing}.",
        "You could walk past it every day.",
        "And then, {place}, the whole of it makes sense.",
    ),
    "documentary": (
        "{time}, {person} {act}.",
        "{person} {act}; {person} {act}.",
        "On the table lay {thing}, {thing} and a list of the day's work.",
        "{sense}.",
        "\u201cYou should have come yesterday,\u201d said {person}, who {act}.",
        "{place}, we found {thing}.",
        "By noon {person} had gone, leaving {thing} behind.",
        "The day is measured in small jobs, and none of them is called work.",
        "Nobody poses.",
        "Almost every frame holds {thing}.",
        "There are rules about {S}, and {person} knows them all.",
        "Later, {place}, {person} {act}.",
        "It was like this in {year}, and nobody has seen a reason to change it.",
        "Payment is in coffee.",
        "No one here would call it a tradition.",
        "Each visit ended {place}.",
    ),
    "wry": (
        "{time}, {person} {act}.",
        "{sense}, which was nobody's fault.",
        "The evidence consists of {thing} and a strong feeling.",
        "{person} {act}, and had a letter of thanks for it.",
        "A committee has been looking into {thing} since {year}.",
        "Visitors are asked not to encourage {thing}.",
        "{person} {act}. There was applause, some of it sincere.",
        "It would be wrong to say that nothing happens here: there is, for instance, {thing}.",
        "The regulars meet {place}.",
        "Nobody remembers voting for it.",
        "Experts recommend patience and a hat.",
        "There is a form for this, and it is out of print.",
        "Someone later returned {thing}, cleaned.",
    ),
}
CLOSERS = {
    "reflective": (
        "The rest is patience.",
        "You leave with less certainty and better eyes.",
        "After that, {S} {is} never quite ordinary again.",
        "It is not much, and it is enough.",
        "Stay until the light changes.",
        "What remains is {thing}, and the wish to come back.",
        "Someone will be there tomorrow, too.",
    ),
    "documentary": (
        "The next morning it began again.",
        "We were asked to send prints, and we did.",
        "{person} asked only that we get the name right.",
        "Then the door closed, and the work went on.",
        "The light went; the work did not.",
        "On the last day, {person} {act}.",
    ),
    "wry": (
        "Bring a chair.",
        "The matter continues, mostly on Thursdays.",
        "Further details are expected, though not by anyone in particular.",
        "In the end everyone agreed to be photographed next to it.",
        "All in all, it could have been {thing}.",
        "A plaque is planned.",
    ),
}
# For texts that have no room: a few words that still name the subject.
BRIEF = ("Consider {S}.", "Begin with {S}.", "Here {is} {S}, unhurried.", "Look again at {S}.", "{S}, {place}.",
    "{S}: {thing}.")
INTRODUCTIONS = (
    "This exhibition began with {thing}.",
    "The pictures in these rooms were made slowly, by people who were willing to be bored first.",
    "An exhibition about {S} could easily have been an exhibition about beauty.",
    "Nobody in this exhibition is famous, and nobody is a stranger for long.",
    "There is a question that runs through these rooms, and it is never asked aloud: who keeps {S} going?",
)
INTRODUCTION_BODIES = (
    "The photographers gathered here worked {place}, {place}, and in kitchens where they were given the good chair.",
    "They went back when the story was over, which is when it starts.",
    "In one picture, {person} {act}; in the next there is only {thing}.",
    "You will notice how rarely anyone looks into the camera.",
    "Between the series runs a second, quieter one: {thing}; {thing}; a hand on a door.",
    "None of these photographs proves anything, and together they are hard to argue with.",
    "They are arranged not by place or date but by the light in which they were taken.",
    "What connects them is attention, which is rarer than talent and harder to borrow.",
    "Each series keeps its own hours, and each photographer a different distance.",
    "{sense}; that is where the first room opens.",
)
INTRODUCTION_CLOSERS = (
    "Take your time; the pictures did.",
    "Walk through it twice: once for the faces, once for the backgrounds.",
    "Begin anywhere, and leave by another door.",
    "If one image follows you out into the street, it was meant for you.",
)
OBITUARIES = (
    "{S}, which served {town} without complaint for {deg} years, came to rest on Tuesday. It was raining a little.",
    "{town} has lost {S}. It stopped on Thursday, {time}, and did not start again.",
    "{S} {is2} no more. The end came {place}, {time}, and was noticed at once.",
)
OBITUARY_BODIES = (
    "Its work was plain, and it did it daily: whatever was put before it came back warmer, or later, or in better order.",
    "Born in {year}, of good materials, it never travelled and was never asked to.",
    "It had one fault, a small cough on damp mornings, and made up for it by being there.",
    "{person}, who {act}, would hear nothing said against it.",
    "It disliked haste and direct sunlight.",
    "In {year} it was painted, and bore it.",
    "Attempts at a successor were made, and are in a cupboard.",
    "It leaves behind {thing} and a lighter patch on the wall.",
    "It asked for little: a wipe, a kind word, a new screw every nine years.",
    "On its last day it was seen {place}, looking much as usual.",
)
OBITUARY_CLOSERS = (
    "Friends may bring {thing} to the back door; no flowers, and please mind the step.",
    "In place of flowers, the family asks for small change and patience.",
    "Those who wish to remember it may do so {place}, standing up.",
)
REVIEWS = (
    "I came to {S} expecting to admire {them} and left meaning to move in.",
    "The best thing about {S} {is2} {thing}; the second best is that nobody points it out.",
    "There are longueurs, chiefly {place}, and they are part of the charm.",
    "{person}, who {act}, deserves a medal and a chair.",
    "It has the rare courage to be quiet.",
    "Not everything works: one can have too much of {thing}.",
    "And yet one keeps returning to {thing}.",
    "Go early, go hungry, and sit at the back.",
    "Four stars, and a fifth for the lighting.",
    "I would see it again for {thing} alone.",
)
EDITORIALS = (
    "It is time to say something in favour of {S}.",
    "We hear a great deal about progress and very little about {thing}.",
    "Let us be plain: a town without {thing} is only an address.",
    "The objection is always cost, and it is never made by {person}, who {act}.",
    "Those who would improve {S} should first be made to spend a morning {place}.",
    "There is a kind of efficiency that saves everything except the reason for doing it.",
    "This newspaper has changed its mind before, usually over lunch.",
    "We do not ask for much: {thing}, and to be left alone with it.",
    "{S} will outlast the argument.",
    "Until then, we recommend a walk.",
)
ARTICLE_LEADS = (
    "Residents of {town} were advised to remain calm on Tuesday after {person} {act} {place}.",
    "{person} {act} {place} early on Thursday, in what officials are calling a development.",
    "The long-running question of {S} took an unexpected turn in {town} this week when {person} {act}.",
    "A meeting about {S} ended in agreement yesterday, surprising those who had brought sandwiches.",
    "{town} woke to {thing} on Monday, and by noon there was a queue.",
)
ARTICLE_BODIES = (
    "\u201cWe are treating it as {thing},\u201d said a spokesperson, \u201cuntil we hear otherwise.\u201d",
    "According to {person}, who {act}, the trouble began in {year}.",
    "The cause is not yet known, but {thing} has been ruled out.",
    "{sense}, according to several accounts.",
    "By the afternoon a small crowd had gathered {place} and elected a treasurer.",
    "A second report, describing {thing}, is being read by someone with the right glasses.",
    "Nobody was hurt, though one man was obliged to change his mind.",
    "Traffic was diverted past {thing}, to general admiration.",
    "The council will discuss {S} again as soon as it can find the key.",
    "Sales of pencils have doubled.",
    "\u201cIn my day,\u201d said {person}, \u201cwe would simply have painted it.\u201d",
    "An inquiry has been opened, and will be aired weekly.",
)
STORY_OPENERS = (
    "The year {person} {act}, nobody in {town} locked a door.",
    "It was {person} who noticed first.",
    "On the morning everything changed, there was {thing} {place}, and no one could say whose.",
    "{person} had promised to stay out of it.",
    "Once, {time}, {thing} went missing {place}.",
)
STORY_BODIES = (
    "{time}, {person} {act}.",
    "{sense}.",
    "Somebody laughed, and then wished they had not.",
    "There, {place}, lay {thing}.",
    "\u201cThat was not there yesterday,\u201d said {person}.",
    "{person} {act}; it did not help, but it passed the time.",
    "Word reached the others by evening, somewhat improved.",
    "They talked about {S} until the candles gave up.",
    "For a while there was only {thing}, and the sound of someone deciding.",
    "Nothing in the life of {person} had prepared anyone for {thing}.",
)
STORY_CLOSERS = (
    "In the morning it was back in its place, and a little warmer than before.",
    "They never spoke of it again, except at every meal.",
    "Nobody locked a door after that, either.",
    "The last to leave turned round once, and was glad of it.",
    "And that is why, in {town}, you still knock twice.",
)
QUESTIONS = (
    "Who looks after {S} when nobody is looking?",
    "What would {town} lose first if {S} disappeared: the sound, the smell, or the excuse?",
    "When did {S} last surprise you, and did you tell anyone?",
    "Which do you trust more: {thing}, or the person who left it there?",
    "How long can you look at {thing} before it looks back?",
    "What did {person} know about {S} that was never written down?",
    "If {S} could be kept in one room, what would the sign on the door say?",
    "Is {S} something one finds, or something one stops losing?",
    "Why does every account of {S} mention {thing}?",
    "What is the kindest lie told about {S}?",
)
FACTS = (
    "The oldest known drawing of {S} was made in {year}, on the back of a receipt.",
    "In {town}, {thing} is still counted as good luck.",
    "{person} once {act} and is remembered for it every spring.",
    "The word for {S} in the local dialect also means to arrive early.",
    "Until {year}, {S} could be seen only {place}.",
    "No two descriptions of {S} agree on the colour.",
    "More people have painted {S} than have finished the painting.",
    "The best view of {S} is from {thing}, according to {person}.",
    "Nothing of it has ever been replaced except {thing}.",
)
QUOTES = (
    "You do not look for {S}; you make yourself easy to find.",
    "Anything can be mended except the habit of throwing it away.",
    "I never understood {S} until I stopped explaining {them}.",
    "Give me {thing} and a slow afternoon, and I will give you an opinion.",
    "The trick is to arrive before the reason does.",
    "A thing is finished when it starts to ask you questions.",
    "We keep {S} the way one keeps a promise: badly, and every day.",
    "If you want to be remembered, be useful to a stranger.",
    "Patience is only attention with its coat on.",
)
SLOGANS = (
    "{S}, and time to look.",
    "Come for {S}, stay for {thing}.",
    "Closer than you think.",
    "See what the morning left.",
    "{S}: worth getting up for.",
    "Nothing much, beautifully.",
    "Look twice.",
    "The long way round to {S}.",
    "Everything but the noise.",
)
JOKES = (
    "Why did {person} bring a ladder to see {S}? To get over it.",
    "Two people are discussing {S}. The third one is {thing}.",
    "How many people does it take to explain {S}? Nobody knows; they are still forming the committee.",
    "{person} walked in with {thing}. \u201cWhere did you get that?\u201d \u201cThere was a queue.\u201d",
)
WEATHER = (
    "Mist {place} at first, lifting by ten and settling on somebody else.",
    "Bright spells between opinions, with a light wind from the south-west.",
    "Rain before lunch, apologising by three.",
    "Temperatures about right for the time of year, and {deg} degrees in the sun.",
    "Towards evening a chance of {thing}.",
    "Overnight clear and still, down to {low} degrees, with stars for those who look up.",
    "A slow front from the west will arrive late and blame the trains.",
    "High cloud, low expectations, {deg} degrees.",
    "Outlook: much the same, but with better light.",
    "Umbrellas {place}; elsewhere a hat will do.",
)
HOROSCOPES = (
    "A small door opens this week; mind the step.",
    "Someone will offer you {thing}. Ask for the receipt.",
    "With Venus in no hurry, neither should you be.",
    "You will be right about {S}, but not about the day.",
    "Avoid decisions {place}.",
    "A letter arrives, and it is for next door; deliver it anyway.",
    "Lucky number: {low}. Lucky object: {thing}.",
    "The stars suggest soup.",
)
ADVERTS = (
    "For sale: {thing}. Hardly haunted. Apply {place}.",
    "Wanted: {thing}, or something that answers to the description.",
    "Lost {place}: {thing}. Finder may keep the smaller half.",
    "Lessons in {s}. Beginners welcome, experts tolerated.",
    "To let: room with a view of {thing}. Early risers preferred.",
    "Exchange: {thing} for {thing}. No time-wasters, except on Sundays.",
    "For sale owing to a change of mind: {thing}, one careful owner, and {thing}, several. Will not separate. Ask for "
    "{person}, evenings.",
    "Wanted by a quiet household: {thing}, in any condition, to replace one that left. References given. Reply {place}.",
    "Found {place}, {time}: {thing}. The owner may have it back by describing it in one sentence and not laughing.",
    "Will the person who {act} {place} please get in touch? I have kept {thing} for you, and the kettle on.",
    "Unwanted gift: {thing}, still warm. Would suit a beginner, or anyone with a cellar. Collection only, and not after dark.",
    "Respectable tenant offers {thing} and light conversation in return for a room. No stairs, no questions about {year}.",
)
CAPTION_BODIES = (
    "{person} {act}.", "{sense}.", "Out of the frame: {thing}.", "{thing} had been there since {year}.",
        "Nobody asked what the picture was for.",
    "The bus was late that day, and so was the rain.", "It took four mornings to be allowed to stand here.",
    "A minute later {person} {act}.", "The photographer was given tea.", "Not shown: {thing}.",
)  # fmt: skip
SCENE_BODIES = (
    "In the foreground, {thing}.", "Behind, slightly out of focus, {thing}.", "{person} stands {place}, turned half away.",
    "Light comes from the left, low and without warmth.", "The colours are slate, ochre and one red.",
        "At the right edge, {thing}.",
    "The sky is the grey of paper.", "A second figure, {person}, is only a shape.",
        "The ground is wet and gives back a little of the light.",
    "Nothing is centred.", "There is room above the heads.", "Far off, {thing}.",
)  # fmt: skip
HAIKU = {
    "sea": ("Harbour lights at dawn|Salt dries on the rope", "the ferry turns to the wind|one gull keeps the morning watch",
        "and nobody waves|the tide reads us back"),
    "city": ("Last tram, empty street|Rain on the rooftops", "a window thinks about light|someone practises the scales",
        "bread before the sun|the city exhales"),
    "mountain": ("First snow on the pass|A bell in the fog", "the hut keeps its one small flame|the path remembers our boots",
        "then only the wind|stone after white stone"),
    "forest": ("Moss holds last night's rain|Frost on windfall pears",
        "a wren weighs the whole branch down|the path keeps its own counsel", "leaf by leaf, it lets go|the bees do not mind"),
    "desert": ("Wind rewrites the dune|Noon without shadows", "the well rope remembers hands|a kettle sings on three stones",
        "one star, then thousands|and rain, far away"),
    "night": ("One lamp left burning|Dew on the lenses", "the moon counts the parked cars twice|somebody waits for Saturn",
        "sleep walks home alone|the dark finds its grain"),
    "table": ("Steam on the window|First figs of the year", "the loaf cools under its cloth|a knife worn thin as a leaf",
        "one more plate, just in case|then the quiet pans"),
    "workshop": ("Shavings on the floor|Half a clock, ticking", "the lathe hums under its breath|someone signs the underside",
        "north light on the bench|measured, cut, begun"),
    "stage": ("House lights going down|One red shoe, waiting", "the second violin breathes|the curtain remembers hands",
        "the last note holds us|dust in the spotlight"),
    "home": ("The good cups tonight|Pencil on the frame", "our heights climb up the doorway|the stairs announce everyone",
        "a chair keeps its place|and rain on the sill"),
    "press": ("The mayor's umbrella|Town clock on its break", "a goose with a season ticket|nobody was hurt, we hear",
        "details to follow|pigeons, delighted"),
    "road": ("Headlights on wet wheat|Platform two, no train", "the bus sighs at every stop|a suitcase tied with a belt",
        "someone else's town|then the long way home"),
    "plain": ("Light lies on the floor|A door left ajar", "the clock is five minutes fast|someone whistles far away",
        "we begin again|and that is enough"),
}  # fmt: skip
