"""What the offline provider knows of the world outside: one block per world, read by `worlds.py`.

cues: words of a prompt that lead here. motifs: subjects, without article. things: with article. people act in the past tense.
senses: whole clauses without a full stop.
"""

OUTDOORS = """
# sea
cues: sea ocean harbour harbor port boat boats ferry ferries ship ships sail sailor tide tides island islands coast coastal
cues: beach
cues: fish fishing fisherman fishermen wave waves lighthouse salt bay river lake pier dock whale gull underwater diver water
cues: shore
motifs: night ferries; salt pans at noon; the last lighthouse keepers; boats that never left; the tide tables; winter fishing;
motifs: letters from the pilot house; islands with one shop; the net menders; swimmers before work; harbour dogs; slack water
things: a rope worn to the colour of tea; a blue door swollen with salt; a crate of silver fish; a chart folded to cloth;
things: a yellow coat on a hook; the wake, long after the boat; a bell nobody rings in earnest; an oar leaning on its twin;
things: a radio tuned to weather and nothing else; a line of gulls on a warm roof; a lamp swinging in an empty cabin
people: the harbour pilot; a deckhand of nineteen; two sisters who run the ferry; the woman at the ice house; the retired mate;
people: a boy with a bucket; the keeper's daughter
acts: coiled the last line without looking at it; counted the boats in, out loud; mended what the night had torn;
acts: waited for the water to make up its mind; read the sky the way others read a clock;
acts: sold the catch before it stopped moving;
acts: lit the stove and let the kettle do the talking; signed the log in pencil, as always
places: on the north quay; at the end of the slipway; behind the ice house; in the lee of the breakwater; on the upper deck
times: before the first boat; at slack water; in the blue hour; when the fog lifted; on the last crossing of the day
senses: the air tasted of diesel and oranges; the hull ticked as it cooled; somewhere a halyard kept its own time;
senses: the light came off the water in coins; the wind had gone round to the west and stayed there

# city
cues: city cities urban street streets tram trams bus metro subway building buildings skyline apartment neighbourhood
cues: neighborhood
cues: rooftop rooftops window windows bridge traffic neon downtown suburb town block architecture concrete square station crowd
motifs: rooftop gardens; the last tram; people at windows; corner shops after midnight; stairwells; a street and its dogs;
motifs: unfinished bridges; the language of shutters; courtyards in August; bus stops; borrowed balconies; night shifts
things: a bicycle chained to nothing; a sofa waiting at the kerb; a window with one lit lamp; the shadow of a crane;
things: a chessboard drawn on a wall; a bakery's warm grating; a handwritten sign, corrected twice;
things: a tram ticket kept as a bookmark;
things: washing strung between two opinions; a cat that belongs to the whole staircase; a kiosk the size of a wardrobe
people: the night porter; a tram driver; the locksmith on the corner; a girl with a cello; the man from the third floor;
people: two painters on a scaffold; the woman who waters everyone's plants
acts: raised the shutter halfway and thought about it; gave directions to a place that had closed;
acts: carried the chairs in one by one;
acts: knew every dog on the street by name; took the long way home on purpose; fixed the lift again with a coin;
acts: watched the block light up floor by floor; left a radio playing for the pigeons
places: under the railway arches; on the fourth landing; at the tram loop; across from the bakery; on the roof of number nine
times: a little after six; between two trams; when the street lamps hesitated; on the first warm evening; long after closing
senses: the pavement gave back the day's heat; a piano practised the same four bars; the whole street smelled of bread and rain;
senses: a thousand windows turned gold and then did not; the scaffolding hummed in the wind

# mountain
cues: mountain mountains alpine alps peak peaks summit hill hills valley glacier climb climber shepherd hike trail highland
cues: ridge
cues: snow winter ice cold frost ski arctic polar north nordic iceland avalanche blizzard cabin
motifs: the upper pastures; roads that close in October; a hut and its guest book; avalanche fences; the shepherds' last summer;
motifs: snow blindness; maps drawn from memory; bells in fog; the weather station; the valley that elected nobody; first snow
things: a pair of boots drying by the stove; a cairn with one white stone; a cable running up into cloud; a tin cup on a string;
things: a goat with an opinion; the blue inside of a crevasse; a door that opens onto a drift; a sledge mended with wire;
things: a guest book with one entry for March; a lantern behind iced glass; a trail that stops without explaining
people: the hut warden; a shepherd and his niece; the surveyor; the woman from the weather station; an old guide;
people: two climbers who had stopped speaking; the postman with the skis
acts: knocked the snow from the sign so that it could be read; counted the flock twice and got two answers;
acts: turned back forty metres short and never regretted it; wrote the temperature in the margin;
acts: kept the soup warm for strangers;
acts: listened to the slope before crossing it; dug out the door, then the window; named the peaks from left to right
places: above the tree line; at the pass; on the shaded side of the valley; in the lee of the hut; where the road gives up
times: at first light; in the third week of fog; when the snow turned blue; the morning the pass opened;
times: after the last cable car
senses: the cold had a sound, like paper; every bell in the valley seemed to be underwater; the light came sideways and stayed;
senses: the silence was so complete that it had directions; the air tasted of stone

# forest
cues: forest forests wood woods tree trees garden gardens gardener flower flowers plant plants botanical botany leaf leaves moss
cues: bird birds orchard seed seeds meadow farm farmer field fields harvest bee bees honey autumn spring fern mushroom jungle
cues: animal
cues: beekeeping beekeeper beekeepers hive lizard insect insects rabbit owl gardening forestry ecology animals wolf deer fox
cues: bear nature wild wildlife
motifs: trees with names; the seed library; an orchard after the frost; moss; the beekeepers; walking a border of birches;
motifs: night pollinators; what the charcoal burners left; a garden on rented land; the last elms; windfall;
motifs: the fox's side of it
things: a ladder left in a pear tree; a jar of dark honey; a path that keeps to its own ideas; a fern unrolling like a question;
things: a table made of one trunk; a coat hung on a branch; a matchbox of seeds, labelled in pencil; an owl's careful silence;
things: a hive painted the wrong blue; a root that has lifted the wall; a hat full of apricots
people: the forester; a beekeeper in her eighties; the boy who climbs; a botanist on leave; the owner of the orchard;
people: two volunteers with a saw; the neighbour with the good pears
acts: put an ear to the hive and nodded; grafted an old kind onto a young tree; walked the rows before breakfast;
acts: drew the leaf instead of picking it; left the fallen oak to its new tenants; found the path by the smell of it;
acts: traded plums for a morning's help; wrote the date on every seed packet
places: at the edge of the clearing; under the third beech; along the hedge; by the cold frames; where the path forks
times: before the dew went; in the week of the apricots; after the first frost; at the end of a dry summer; as the swifts left
senses: the whole wood smelled of rain that had not fallen yet; the light came down in pieces; bees worked the ivy like traffic;
senses: something small crossed the leaves and thought better of it; the branches clicked in the cold

# desert
cues: desert deserts sand dune dunes drought dry sun sahara gobi nomad nomads caravan oasis camel heat canyon mesa salt arid
cues: earth clay
cues: village border wilderness
motifs: wells and their keepers; roads under sand; the caravan's accountant; rain, expected; mud walls; a school on wheels;
motifs: the shade economy; glass made by lightning; names for wind; the town that moved twice; seed vaults
things: a well with a new rope; a wall the colour of bread; a truck's shadow with eleven people in it; a blue plastic chair;
things: a pomegranate cut in four; a compass nobody trusts; a kettle on three stones; a door painted against the evil eye;
things: the print of a hand in dry clay; a water tower leaning toward the town; a string of lights run off a battery
people: the well keeper; a truck driver from the coast; the teacher; a grandmother with a phone; two boys and a goat;
people: the geologist; the man who sells ice
acts: drew the map in the sand and then stepped on it; poured the first glass back onto the ground;
acts: knew the wind by its surname;
acts: slept through noon on principle; patched the wall with what the wall had dropped; sang to keep the distance company;
acts: measured the water with a knotted string; waited for the shade to arrive
places: beside the dry river; at the last pump; in the shade of the truck; where the asphalt ends; under the only acacia
times: before the heat; at the hour without shadows; on the ninth day; when the wind dropped; under more stars than needed
senses: the horizon shook like a struck string; even the shade was warm; dust had got into the music and improved it;
senses: the stars came out all at once, as if switched on; the smell of rain arrived a day early

# night
cues: night nights moon star stars space planet planets cosmos cosmic galaxy astronomer astronomy telescope orbit rocket
cues: dream dreams
cues: dark darkness midnight dusk dawn eclipse mars satellite universe sleep insomnia lamp light lights
motifs: the amateur astronomers; lamps left on; a comet's second visit; the sleepless; moonrise over the car park;
motifs: a catalogue of small lights; night trains; what the satellites see; the planetarium's last show; owls and engineers;
motifs: dawn
things: a telescope made from a drainpipe; a red torch and a notebook; one window awake in a sleeping wall;
things: a moon like a thumbprint;
things: a thermos passed without a word; a star chart stained with jam; the slow blink of a mast; a moth reading by lamplight;
things: a clock that runs on dew; a field of parked cars under frost; a long exposure of nothing happening
people: the night nurse; a retired astronomer; the watchman; a girl with a star map; the early baker;
people: the last guest; two students on a roof
acts: waited for the eyes to learn the dark; wrote down the hour of every light; turned the telescope away from the town;
acts: kept the lamp on for someone; counted to a thousand and started on the stars; named a crater after a dog;
acts: found Saturn by accident; drove out past the last street lamp
places: on the observatory steps; beyond the street lamps; at the kitchen table; on the flat roof; in the planetarium's back row
times: at ten past three; an hour before the birds; on the clearest night of the year; during the eclipse;
times: when the moon went down
senses: the dark had a grain, like wood; somewhere a refrigerator sang; the sky was nearer than the town;
senses: dew settled on the instrument without a sound; a train crossed the far edge of hearing
"""
