"""Fires, crashes, weather, rescues."""

from empirical.summary.draw import Kind, counted

__all__ = ["KINDS"]


def _fire(d):
    hurt = d.number(0, 6)
    return {
        "place": d.place(), "other": d.place(), "day": d.day(), "hours": counted(
            d.number(2, 9), "hour"),
        "building": d.pick(("block of flats", "warehouse", "hotel", "primary school", "bakery",
                            "furniture shop", "church", "care home")),
        "cause": d.pick(("an electrical fault", "a faulty heater", "a candle", "a cigarette",
                         "a kitchen accident")),
        "hurt": counted(hurt, "person", "people") if hurt else "no one",
        "was": "was" if hurt < 2 else "were", "has": "has" if hurt < 2 else "have",
        "crew": str(d.number(20, 90, 10)),
    }


FIRE = Kind("fire", _fire, (
    ("Firefighters were called to a {building} in {place} early on {day}.",
     "A {building} in {place} caught fire on {day} morning.",
     "Smoke was seen rising from a {building} in {place} on {day}."),
    ("{hurt} {was} hurt, the fire service said.", "The fire service said that {hurt} {was} hurt.",
     "Medics at the scene said {hurt} {was} injured."),
    ("About {crew} firefighters fought the flames for {hours}.",
     "It took {crew} firefighters {hours} to put it out."),
    ("Investigators believe {cause} was to blame.",
     "It is thought to have been started by {cause}.",
     "Police said the likely cause was {cause}."),
    ("", "A fire in {other} last week was not linked to it.",
     "Nearby roads were closed and buses to {other} were stopped."),
), (
    "{hurt} {has} been injured in a fire at a {building} in {place}.",
    "A fire at a {building} in {place} was probably caused by {cause}.",
    "Crews have spent {hours} tackling a blaze at a {building} in {place}.",
    "A {building} in {place} has been damaged by a fire that hurt {hurt}.",
))


def _crash(d):
    dead = d.number(0, 3)
    return {
        "place": d.place(), "other": d.place(), "day": d.day(), "road": f"A{d.number(10, 90, 10)}",
        "first": d.pick(("lorry", "coach", "minibus", "tractor", "van")),
        "second": d.pick(("car", "motorbike", "taxi", "school bus")),
        "dead": counted(dead, "person", "people") if dead else "nobody",
        "has": "has" if dead < 2 else "have", "was": "was" if dead < 2 else "were",
        "hurt": counted(d.number(2, 9), "person", "people"), "hours": counted(
            d.number(3, 9), "hour"),
    }


CRASH = Kind("crash", _crash, (
    ("A {first} and a {second} collided on the {road} near {place} on {day}.",
     "The {road} near {place} was shut on {day} after a {first} hit a {second}.",
     "Emergency services were sent to the {road} near {place} when a {second} and a {first} "
     "crashed on {day}."),
    ("Police said {dead} {was} killed and {hurt} were taken to hospital.",
     "{hurt} were taken to hospital and {dead} {was} killed, according to police."),
    ("The road stayed closed for {hours}.", "It took {hours} to clear the road.",
     "Traffic was sent through {other} for {hours}."),
    ("", "Officers asked drivers with cameras to come forward.",
     "The driver of the {first}, from {other}, is helping police."),
), (
    "{dead} {has} died and {hurt} are in hospital after a crash near {place}.",
    "A collision between a {first} and a {second} has left {hurt} in hospital.",
    "The {road} was closed for {hours} after a {first} and a {second} crashed near {place}.",
    "{hurt} have been hurt in a crash on the {road} near {place}.",
))


def _flood(d):
    return {
        "place": d.place(), "other": d.place(), "day": d.day(),
        "river": d.pick(("Arrow", "Swale", "Teme", "Lark", "Wend", "Ember")),
        "homes": counted(d.number(20, 400, 20), "home"),
        "people": str(d.number(50, 900, 50)),
        "shelter": d.pick(("a sports hall", "a church", "a school", "the town hall")),
        "rain": str(d.number(40, 120, 10)),
    }


FLOOD = Kind("flood", _flood, (
    ("The River {river} burst its banks at {place} on {day} after heavy rain.",
     "Heavy rain on {day} sent the River {river} over its banks in {place}."),
    ("Water got into {homes}, and {people} people had to leave.",
     "About {people} people were told to leave as water entered {homes}."),
    ("Many of them spent the night in {shelter}.", "Beds were set up in {shelter} for the night."),
    ("Forecasters said {rain} millimetres fell in a day.",
     "{rain} millimetres of rain fell in one day.",
     "The level is now falling, but warnings remain in place for {other}."),
), (
    "{people} people have been forced from their homes by flooding in {place}.",
    "About {homes} have been flooded in {place} after heavy rain.",
    "Families spent the night in {shelter} after the River {river} flooded {place}.",
    "Flooding in {place} has damaged {homes}.",
))


def _storm(d):
    return {
        "name": d.pick(("Alma", "Boris", "Cora", "Dylan", "Elsa", "Finn", "Greta", "Hugo")),
        "place": d.place(), "other": d.place(), "day": d.day(),
        "speed": str(d.number(70, 110, 5)), "power": f"{d.number(2, 60, 2)},000",
        "closed": d.pick(("the harbour", "the airport", "two bridges", "all schools",
                          "the railway line")),
        "damage": d.pick(("roofs were torn off", "trees fell on cars", "a crane fell over",
                          "walls collapsed")),
    }


STORM = Kind("storm", _storm, (
    ("Storm {name} reached {place} on {day} with winds of {speed} miles an hour.",
     "Winds of {speed} miles an hour hit {place} on {day} as Storm {name} passed over."),
    ("Power was cut to {power} homes and {damage}.", "About {power} homes lost power and "
     "{damage}."),
    ("The authorities closed {closed} until further notice.",
     "As a precaution {closed} had to be closed."),
    ("", "It is expected to reach {other} by the evening.", "People in {other} were told to stay "
     "indoors.", "Engineers hope to restore supplies within two days."),
), (
    "Storm {name} has left {power} homes without power around {place}.",
    "Winds of {speed} miles an hour have caused damage in {place}.",
    "Thousands of homes in {place} are without electricity after Storm {name}.",
    "Storm {name} has forced the closure of {closed} in {place}.",
))


def _rescue(d):
    trouble, where, how = d.pick((
        ("got lost in fog", "mountain", "by helicopter"),
        ("were cut off by the tide", "beach", "by lifeboat"),
        ("got stuck in a cave", "hill", "by volunteers"),
        ("were trapped by snow", "mountain pass", "on foot"),
        ("lost their paddles", "lake", "by a fishing boat")))
    return {
        "people": counted(d.number(2, 9), d.pick(("walker", "student", "tourist", "scout",
                                                  "teenager"))),
        "trouble": trouble, "where": where, "how": how, "place": d.place(), "day": d.day(),
        "hours": counted(d.number(2, 14), "hour"),
        "state": d.pick(("cold but unhurt", "in good health", "tired and hungry",
                         "suffering from the cold")),
        "other": d.place(),
    }


RESCUE = Kind("rescue", _rescue, (
    ("The alarm was raised on {day} when {people} {trouble} on a {where} near {place}.",
     "{people} called for help on {day} after they {trouble} on a {where} near {place}."),
    ("They were found after {hours} and brought to safety {how}.",
     "After a search of {hours} they were brought to safety {how}."),
    ("A rescuer said they were {state}.", "They are {state}, the rescue team said."),
    ("", "The team from {other} said their phones had run out of power.",
     "They had set out from {other} without a map.",
     "People should check the forecast before they set out, the team said."),
), (
    "{people} have been rescued {how} from a {where} near {place}.",
    "Rescuers have saved {people} who {trouble} near {place}.",
    "{people} are safe after being missing for {hours} near {place}.",
    "{people} who {trouble} near {place} are {state}.",
))


def _missing(d):
    name, last = d.person()
    return {
        "name": name, "last": last, "age": str(d.number(8, 88)), "place": d.place(),
        "other": d.place(), "day": d.day(), "days": counted(d.number(2, 9), "day"),
        "found": d.pick(("in a barn", "at a bus station", "in a forest", "at a friend's house",
                         "beside a canal", "at a railway station")),
        "who": d.pick(("a dog walker", "a farmer", "a jogger", "a bus driver", "a police dog")),
    }


MISSING = Kind("missing", _missing, (
    ("{name}, {age}, had not been seen since leaving home in {place} on {day}.",
     "A search began on {day} for {name}, {age}, who left home in {place} and did not return."),
    ("After {days} {who} found {last} {found} near {other}.",
     "{who} came across {last} {found} near {other} after {days}."),
    ("Police thanked everybody who took part in the search.",
     "{last} is being looked after in hospital, police said.",
     "The family thanked the public for their help."),
    ("", "Divers had searched the river and more than 100 people had joined in."),
), (
    "{name} from {place} has been found alive after {days}.",
    "A missing person from {place} has been found {found} near {other}.",
    "{name}, {age}, who was missing for {days}, has been found by {who}.",
    "{who} has found {name}, who went missing from {place}.",
))


def _power(d):
    return {
        "place": d.place(), "other": d.place(), "day": d.day(),
        "homes": f"{d.number(1, 30)},000", "hours": counted(d.number(2, 20), "hour"),
        "cause": d.pick(("a swan that flew into a line", "a fire at a substation",
                         "a digger that cut a cable", "a flooded substation",
                         "thieves who took copper cable")),
        "hit": d.pick(("a hospital had to use its generators", "trams stopped in the streets",
                       "traffic lights went out", "shops sent their customers home")),
    }


POWER = Kind("power", _power, (
    ("The lights went out in {place} on {day} evening.",
     "{homes} homes in {place} lost electricity on {day}.",
     "{place} was left in the dark on {day}."),
    ("{homes} customers were without power for {hours}, and {hit}.",
     "It took {hours} to reconnect all {homes} customers, and {hit}."),
    ("The network operator blamed {cause}.", "The failure was caused by {cause}, the operator "
     "said."),
    ("", "Supplies in {other} were not affected.",
     "It was the second failure this year, after one in {other}."),
), (
    "A power cut in {place} has been blamed on {cause}.",
    "{homes} homes in {place} were without power for {hours}.",
    "{place} was without electricity for {hours} because of {cause}.",
))

KINDS = (FIRE, CRASH, FLOOD, STORM, RESCUE, MISSING, POWER)
