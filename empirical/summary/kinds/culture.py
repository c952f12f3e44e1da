"""Prizes, museums, finds, animals, charity."""

from empirical.summary.draw import Kind, counted

__all__ = ["KINDS"]

TITLES = tuple(
    f"The {a} {b}" for a in ("Silent", "Golden", "Broken", "Last", "Hidden", "Paper", "Winter")
    for b in ("River", "Garden", "Letter", "Island", "Mirror", "Bridge"))


def _prize(d):
    name, last = d.person()
    rival, _ = d.person()
    kind, role = d.pick((("novel", "writer"), ("film", "director"), ("song", "singer"),
                         ("play", "writer"), ("painting", "artist")))
    return {
        "name": name, "last": last, "rival": rival, "kind": kind, "role": role,
        "title": d.pick(TITLES), "prize": f"{d.pick(('Orchard', 'Harper', 'Beacon', 'Summit'))} "
                                          "Prize",
        "sum": f"{d.number(5, 60, 5)},000", "place": d.place(),
        "topic": d.pick(("a family at war", "life in a fishing village", "two lost brothers",
                         "a teacher who falls in love", "the last days of a mine")),
    }


PRIZE = Kind("prize", _prize, (
    ("The winner of this year's {prize} was named at a ceremony in {place}.",
     "Guests in {place} applauded as the {prize} was handed over."),
    ("It went to {name} for the {kind} {title}, about {topic}.",
     "Judges chose {title}, a {kind} by {name} about {topic}."),
    ("The {role} receives {sum} pounds.", "{last} will be paid {sum} pounds.",
     "The award is worth {sum} pounds to the {role}."),
    ("", "{rival} had been the favourite.", "{last} beat five others, among them {rival}."),
), (
    "{role} {name} has won the {prize} for {title}.",
    "A {kind} about {topic} has won the {prize}.",
    "{name} has won {sum} pounds for the {kind} {title}.",
    "The {prize} has gone to {title}, a {kind} by {name}.",
))


def _museum(d):
    return {
        "place": d.place(), "other": d.place(), "month": d.month(),
        "kind": d.pick(("toy museum", "railway museum", "gallery", "science centre",
                        "castle", "theatre", "library")),
        "cost": f"{d.number(2, 40)} million pounds", "years": counted(d.number(2, 9), "year"),
        "show": d.pick(("a giant clock", "a Roman coin", "300 dolls", "a steam engine",
                        "a whale skeleton", "an early computer")),
        "visitors": f"{d.number(20, 90, 10)},000",
    }


MUSEUM = Kind("museum", _museum, (
    ("The {kind} in {place} had been closed for {years}.",
     "For {years} nobody could visit the {kind} in {place}."),
    ("It opened again in {month} after repairs that cost {cost}.",
     "After work that cost {cost} it welcomed its first guests in {month}."),
    ("Among the things to see is {show}.", "The star of the new display is {show}.",
     "Children queued to see {show}."),
    ("It hopes for {visitors} visitors a year.", "", "Some of the pieces are on loan from "
     "{other}."),
), (
    "The {kind} in {place} has reopened after {years}.",
    "A {kind} in {place} has opened its doors again after repairs worth {cost}.",
    "Visitors to the {kind} in {place} can now see {show}.",
))


def _find(d):
    name, last = d.person()
    return {
        "what": d.pick(("a gold ring", "a stone axe", "a hoard of silver coins", "a bronze sword",
                        "a painted tile", "a wooden boat", "a mammoth tooth")),
        "age": f"{d.number(4, 40, 2) * 100:,}", "name": name, "last": last, "place": d.place(),
        "other": d.place(), "who": d.pick(("a farmer", "a schoolgirl", "a builder", "a student",
                                           "a retired teacher")),
        "how": d.pick(("walking the dog", "digging a pond", "repairing a wall", "ploughing",
                       "laying a pipe")),
        "worth": f"{d.number(3, 90, 3)},000",
    }


FIND = Kind("find", _find, (
    ("{who} from {place} was {how} when something in the ground caught the eye.",
     "It began when {who} from {place} was {how}."),
    ("It turned out to be {what}, about {age} years old.",
     "Experts say the object is {what} and is about {age} years old."),
    ("{name} of the county museum said it was worth {worth} pounds.",
     "The museum's {name} put its value at {worth} pounds."),
    ("", "A similar piece was found in {other}.", "It will be shown in {other} next year."),
), (
    "{what} that is {age} years old has been found near {place}.",
    "{who} has found {what} while {how}.",
    "{who} from {place} has discovered {what} worth {worth} pounds.",
    "{what} found in {place} is worth {worth} pounds, experts say.",
))


def _animal(d):
    animal, young = d.pick((("lion", "cub"), ("tiger", "cub"), ("zebra", "foal"),
                            ("panda", "cub"), ("rhino", "calf"), ("bear", "cub"),
                            ("giraffe", "calf"), ("wolf", "pup")))
    name, last = d.person()
    return {
        "animal": animal, "young": young, "place": d.place(), "other": d.place(),
        "called": d.pick(("Pepper", "Luna", "Biscuit", "Rusty", "Daisy", "Teddy", "Maple")),
        "mother": d.pick(("Mia", "Sana", "Ruby", "Nala", "Zora")),
        "day": d.day(), "years": counted(d.number(5, 40), "year"), "name": name, "last": last,
    }


BIRTH = Kind("birth", _animal, (
    ("Keepers at {place} Zoo were celebrating on {day}.",
     "There was joy at {place} Zoo on {day}."),
    ("{mother} the {animal} had given birth to a {young}, which they named {called}.",
     "A {young} named {called} was born to {mother} the {animal}."),
    ("It is the first {animal} born there for {years}.", "No {animal} had been born there for "
     "{years}."),
    ("Head keeper {name} said both were well.", "It is drinking well, said keeper {name}.",
     "The father is on loan from {other}."),
), (
    "A {animal} {young} called {called} has been born at {place} Zoo.",
    "{place} Zoo has welcomed its first {animal} {young} for {years}.",
    "A {animal} has been born at {place} Zoo for the first time in {years}.",
    "Keepers at {place} Zoo have named a newborn {animal} {called}.",
))

ESCAPE = Kind("escape", lambda d: _animal(d) | {
    "hours": counted(d.number(2, 30), "hour"),
    "where": d.pick(("in a garden", "on a golf course", "in a car park", "outside a school",
                     "on a railway line")),
    "bait": d.pick(("apples", "fish", "honey", "a net", "a dart"))}, (
    ("{called}, a {animal}, got out of {place} Zoo on {day}.",
     "A {animal} named {called} slipped out of {place} Zoo on {day}."),
    ("It was free for {hours} before it was seen {where}.",
     "After {hours} it was spotted {where}."),
    ("Keepers caught it with the help of {bait}.", "It was caught with {bait}."),
    ("{name} of the zoo said a gate had been left open.",
     "Nobody was hurt, said keeper {name}.", "Police in {other} had joined the search."),
), (
    "A {animal} that escaped from {place} Zoo has been caught {where}.",
    "{called} the {animal} has been caught after {hours} of freedom.",
    "A {animal} was on the run for {hours} after leaving {place} Zoo.",
    "Keepers have used {bait} to catch a {animal} that left {place} Zoo.",
))


def _charity(d):
    name, last = d.person()
    return {
        "name": name, "last": last, "age": str(d.number(7, 95)), "place": d.place(),
        "other": d.place(), "sum": f"{d.number(2, 80, 2)},000",
        "deed": d.pick(("cycling", "walking", "running", "swimming", "rowing")),
        "miles": counted(d.number(100, 900, 50), "mile"),
        "cause": d.pick(("a children's hospital", "a food bank", "the lifeboat", "a hospice",
                         "an animal shelter")),
        "weeks": counted(d.number(2, 12), "week"),
    }


CHARITY = Kind("charity", _charity, (
    ("{name}, {age}, from {place}, set off {weeks} ago with one aim.",
     "It took {name}, {age}, from {place}, {weeks} to reach the end."),
    ("After {deed} {miles}, {last} arrived in {other} to cheers.",
     "{last} finished {deed} {miles} in {other}, where friends were waiting."),
    ("The effort raised {sum} pounds for {cause}.", "Gifts to {cause} have reached {sum} pounds."),
    ("", "\"I would do it all again,\" {last} said.", "\"My feet hurt,\" {last} said."),
), (
    "{name} has raised {sum} pounds for {cause} by {deed} {miles}.",
    "A fundraiser from {place} has finished {deed} {miles} for {cause}.",
    "{sum} pounds has been raised for {cause} by {name} from {place}.",
))

KINDS = (PRIZE, MUSEUM, FIND, BIRTH, ESCAPE, CHARITY)
