"""What the offline provider knows of people, rooms and trades: one block per world, read by `worlds.py`."""

INDOORS = """
# table
cues: food kitchen cook cooking recipe recipes bread baker bakery soup restaurant cafe coffee tea wine market markets fruit
cues: spice
cues: spices meal dinner breakfast lunch cake cheese chef eat eating taste vegetable vegetables stall vendor menu apron
motifs: the bread queue; soups of one street; markets before sunrise; the pickle cellar; Sunday tables; a cook's left hand;
motifs: the noodle maker; what the stalls don't sell; borrowed sugar; tea on the loading dock; the last fig
things: a knife worn thin as a leaf; a bowl of lemons in a cold room; flour on the telephone; a pot that has never been empty;
things: a receipt with a recipe on its back; a crate of figs in newspaper; a table set for one too many;
things: a scale that favours friends;
things: a window fogged by soup; bread under a clean cloth; a jar with the year on its lid
people: the baker; a spice seller; the cook's apprentice; a grandmother of nine; the man with the melons; two waiters off duty;
people: the owner of the last stall
acts: salted the water by ear; cut the loaf the dangerous way; set one more place without asking who;
acts: weighed the cherries and forgot to charge; tasted, frowned, and added nothing; sang the prices up and down;
acts: wrote the menu before seeing the market; washed the pan while it still had something to say
places: at the second stall; in the back kitchen; beside the ovens; at the long table; under the striped awning
times: at four in the morning; between lunch and dinner; on the day of the first figs; while the dough rose;
times: after the last guest
senses: the room smelled of yeast and wet wool; oil spoke in the pan; steam made the window private;
senses: somebody's radio was losing an argument with a mixer; the whole market turned its head at the smell of dill

# workshop
cues: craft crafts workshop maker makers repair machine machines factory worker workers work tool tools carpenter potter pottery
cues: ceramic weaver textile engineer engineers invention inventor robot robots technology computer software data science
cues: scientist
cues: computing quantum physics algorithm code developer app mathematics laboratory research industry steel glass clockmaker
cues: print printing ai startup company product business
motifs: the repair shop; things made twice; the clockmaker's waiting list; a loom in a flat; glass at four o'clock; spare parts;
motifs: the patience of machines; tools with initials; factory songs; a museum of mistakes; the last typesetters; the night lab
things: a drawer of screws sorted by mood; a vice older than the building; a half-finished clock; a row of cups, none alike;
things: a blueprint used as a tablecloth; a robot arm holding a paintbrush; a lathe under a blanket;
things: a spark reflected in a visor;
things: a jar of keys to nothing; a loom strung with blue; a note that says do not move
people: the glassblower; an engineer on loan; the apprentice; a weaver with a stopwatch; the clockmaker's widow; two welders;
people: the woman who repairs accordions
acts: measured once, out of spite; took the machine apart to hear it think; filed the edge until the light ran along it;
acts: kept the offcuts for a thing not yet invented; explained the fault with both hands;
acts: tightened everything by a quarter turn;
acts: signed the underside, where nobody looks; started again without a word
places: at the long bench; beside the kiln; in the room with the north light; under the loft; behind the paint store
times: at the end of the shift; while the glue set; on the third attempt; in the hour after the power came back; one Tuesday
senses: the room smelled of resin and hot dust; the belt drive ticked like a second heart; metal rang, and then agreed;
senses: shavings curled on the floor like handwriting; the kiln held its breath

# stage
cues: music musician musicians song songs band orchestra concert dance dancer dancers theatre theater film cinema actor opera
cues: choir
cues: jazz piano violin guitar drum circus festival art artist artists painter painting gallery museum exhibition sculpture poet
cues: poetry photography photographer photographers photojournalism camera portrait portraits photo photographs series
motifs: the choir that meets in a garage; curtain calls; a circus in winter; the piano tuners; dancers waiting; understudies;
motifs: portraits of the audience; a festival in the rain; the prompter's book; instruments in lost property; hands; faces
things: a curtain with a burn mark; one red shoe in the wings; a score full of coffee rings;
things: a mirror with eleven bulbs, nine lit;
things: a cello case used as a bed; a spotlight on an empty chair; a ticket stub from another century; a wig on a bottle;
things: a chalk mark where the singer stands; a contact sheet with one frame circled; a drum with a map inside
people: the prompter; a soprano with a cold; the second violin; the lighting man; a dancer from Porto; the ticket seller;
people: two clowns out of costume
acts: held the last note until the room gave in; warmed the strings with a breath; danced it once for the sweepers;
acts: counted the house through the gap in the curtain; forgot the line and found a better one; tuned down for the rain;
acts: left the light on for the ghost; asked everyone to look away, then took the picture
places: in the wings; at the back of the gods; in dressing room four; under the bandstand; in the empty hall
times: before the doors opened; at the interval; on the last night of the run; during the overture; after the encore
senses: the velvet smelled of dust and oranges; somebody hummed the wrong part beautifully; the house held its breath;
senses: applause sounded like rain on a tin roof; the stage gave a little under the light

# home
cues: home house family families mother father child children kid kids grandmother grandfather memory memories childhood room
cues: rooms
cues: love letter letters kitchen school teacher wedding birthday village old people community neighbour neighbours life toy
cues: game
cues: bed garden photograph album health doctor hospital cat cats dog dogs pet pets baby dinner christmas holiday marriage
motifs: inherited furniture; the family alphabet; rooms after moving; one photograph per year; the house with two kitchens;
motifs: letters never sent; school corridors in July; the neighbours' child; heirlooms; the good chair; a year of breakfasts
things: a door frame with heights in pencil; a chair only one person used; a drawer that sticks in wet weather;
things: a box marked various;
things: a coat kept for its smell; a birthday cake with a mistake in it; a key on a ribbon; an album with four blank corners;
things: a kite behind the wardrobe; the good cup, at last in use; a telephone with a cord
people: an aunt on a visit; the youngest of five; a father who cooks on Sundays; the neighbour upstairs;
people: the twins from number six;
people: the grandmother; a teacher in retirement
acts: kept every letter and read none; hung the picture a little too high; set the clock five minutes fast for everyone's good;
acts: told the story with a different ending; labelled the boxes in invented words; left the hall light on;
acts: remembered the dog's name before the cousin's; folded the map so that the village was on top
places: in the hall; at the top of the stairs; under the kitchen table; in the room with the sloping wall; on the back step
times: on the last evening before the move; every second Sunday; in the summer of the long drought; at bedtime; years later
senses: the stairs announced everyone by name; the house settled like an animal; the curtains breathed in and out;
senses: the kitchen was the warmest argument in the street; rain filled the gutters with gossip

# press
cues: newspaper news press daily weekly journal headline headlines gazette editor reporter journalist journalism mayor
cues: council weird
cues: strange odd absurd funny humour satire horoscope crossword rumour election politics government parliament law court police
cues: umbrella umbrellas geese goose pigeon pigeons statue statues roundabout bureaucracy office mystery detective crime town
cues: local classified advertisement obituary correction sport sports football match tournament
motifs: the lost property office; a statue and its critics; pigeons with permits; the vote on clouds; the missing roundabout;
motifs: a parade for nobody; the town clock's strike; ghost bus stops; the mayor's umbrella; a museum of queues;
motifs: the goose inquiry
things: a petition signed by a horse; an umbrella with a police record; a box of identical hats; a statue facing the wrong way;
things: a form that asks for the form; a goose with a season ticket; a roundabout leading only to itself; a very small parade;
things: a bench reserved for the undecided; a medal for second thoughts; a lighthouse forty miles inland
people: the deputy mayor; a spokesperson for the geese; the parking inspector; a retired magician; the town archivist;
people: our gardening correspondent; a witness who asked to be called Geoffrey
acts: declined to comment in three languages; resigned, then returned for the cake; declared the matter closed but not locked;
acts: blamed the calendar; read the statement from the back of a menu; measured the puddle for the record;
acts: asked the statue for its side of the story; opened the inquiry and could not find the lid
places: outside the town hall; at the emergency meeting; on the steps of the library; behind the bandstand; on platform two
times: shortly before lunch; on Tuesday, or what was left of it; during the minute of silence; at the second reading;
times: since the spring
senses: witnesses describe a smell of toffee; the brass band would not be stopped; nobody was hurt, though several were puzzled;
senses: the pigeons were said to be delighted; a light drizzle attended

# road
cues: road roads travel traveller traveler journey train trains railway rail highway car cars truck driver motel map maps
cues: border hotel
cues: airport plane flight migration migrant bicycle bike cycling luggage suitcase route bridge tunnel passenger commuter
cues: walk walking
motifs: the slow train; motel signs; roads named after rivers; luggage; border towns; the last petrol station; drivers asleep;
motifs: a railway without trains; the bus to the hospital; bridges from below; hitchhikers; a map with a hole in it
things: a suitcase tied with a belt; a road sign with a bird's nest in it; a seat still warm; a timetable for a closed line;
things: a coffee left on a car roof; a glove on a fence post; a window with a face asleep on it;
things: a bridge and its upside-down twin;
things: a jukebox with one good song; a ticket punched into lace; the long shadow of a water tower
people: the conductor; a long-distance driver; the woman at the motel desk; a boy going to sea; two cyclists; the toll keeper;
people: a salesman of maps
acts: slept sitting up like a professional; waved at a train that was not stopping; drew the bends from memory;
acts: shared the last sandwich with a stranger's dog; missed the exit and called it a holiday; kept every ticket;
acts: asked for the slow line; left the engine running out of politeness
places: at kilometre ninety; on the far platform; in the dining car; under the flyover; at the last lit pump
times: just past the border; on the night service; an hour behind schedule; when the barrier went down;
times: in the long northern dusk
senses: the rails sang before anything came; rain drew slant lines on every window; the heating smelled of hot dust and apples;
senses: the road hummed in a minor key; the whole carriage leaned into the curve together

# plain
cues: idea ideas thing things subject story stories world time people day
motifs: second thoughts; small rooms; borrowed light; unfinished maps; the quiet hour; first drafts; ordinary miracles;
motifs: waiting; lost and found; a year of Tuesdays; good neighbours; the long way round
things: a door left ajar; a pencil worn to the length of a thumb; a stone kept in a coat pocket;
things: a blue cup with a mended handle;
things: a list with one line crossed out; a window that sticks; a bell with no tongue; an envelope addressed in green ink;
things: a chair turned to the light; a clock five minutes ahead of itself; the last page of a notebook
people: the archivist; a man in a borrowed suit; the girl from the library; an old friend; the caretaker; two strangers;
people: the woman with the ladder
acts: looked twice and said nothing; wrote it down before it could change; turned the page with great care;
acts: asked the question everyone had come with; opened the window to let the quiet in; began again from the middle;
acts: kept the receipt, just in case; laughed first and explained later
places: by the window; at the far end of the hall; in the reading room; on the third step; where the light falls
times: on an ordinary Tuesday; just after the rain; in the first week of spring; at the usual hour; once the room was empty
senses: the room had the hush of a held breath; light lay on the floor like a letter; the rain took its time;
senses: far off, someone was whistling; the clock was louder than the conversation
"""
