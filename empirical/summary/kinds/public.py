"""Elections, courts, crime, planning, schools, health, roads."""

from empirical.summary.draw import Kind, counted

__all__ = ["KINDS"]


def _election(d):
    winner, last = d.person()
    loser, other = d.person()
    share = d.number(46, 69)
    less = d.number(max(12, 90 - 2 * share), 97 - share)
    return {
        "winner": winner, "last": last, "loser": loser, "other": other, "place": d.place(),
        "share": f"{share} percent", "less": f"{less} percent",
        "party": d.pick(("Reform Alliance", "Green League", "Liberal Union", "People's Party")),
        "promise": d.pick(("cheaper buses", "more homes", "cleaner air", "safer streets",
                           "lower rents")),
        "terms": d.pick(("first", "second", "third")),
    }


ELECTION = Kind("election", _election, (
    ("Voters in {place} went to the polls to choose a mayor.", "{place} has chosen its mayor."),
    ("{winner} of the {party} took {share} of the vote, ahead of {loser} with {less}.",
     "With {less}, {loser} lost to {winner} of the {party}, who had {share}."),
    ("It will be the winner's {terms} term.", "{last} now begins a {terms} term."),
    ("{last} promised {promise}.", "The campaign was about {promise}.",
     "{other} said it had been a fair contest over {promise}."),
), (
    "{winner} has been elected mayor of {place} with {share} of the vote.",
    "{winner} has beaten {loser} in the race to be mayor of {place}.",
    "The {party} has won the election for mayor of {place}.",
    "{winner} has won a {terms} term as mayor of {place}.",
))


def _court(d):
    name, last = d.person()
    judge, _ = d.person()
    job, crime = d.pick((
        ("banker", "stealing from a charity"), ("driver", "causing a crash"),
        ("builder", "tax fraud"), ("doctor", "selling false papers"),
        ("shop owner", "setting fire to a shop"), ("manager", "taking bribes"),
        ("dealer", "selling fake art")))
    return {
        "name": name, "last": last, "age": str(d.number(21, 68)), "job": job, "crime": crime,
        "years": counted(d.number(2, 14), "year"), "place": d.place(), "judge": judge,
        "days": counted(d.number(2, 20), "day"), "day": d.day(),
    }


COURT = Kind("court", _court, (
    ("{name}, {age}, stood trial at {place} Crown Court for {days}.",
     "The trial of {name}, {age}, at {place} Crown Court ended after {days}."),
    ("The jury found the {job} guilty of {crime}.",
     "Jurors decided that {name}, a {job}, was guilty of {crime}."),
    ("Judge {judge} set a sentence of {years}.", "The sentence, said Judge {judge}, must be "
     "{years}."),
    ("", "{last} had denied it.", "{last} showed no emotion.",
     "Lawyers said {last} would appeal."),
), (
    "{name} has been jailed for {years} for {crime}.",
    "A {job} has been sent to prison for {years} for {crime}.",
    "A {job} has been found guilty of {crime} after a trial in {place}.",
))


def _theft(d):
    return {
        "place": d.place(), "other": d.place(), "day": d.day(),
        "shop": d.pick(("jewellery shop", "bank", "post office", "museum", "chemist",
                        "betting shop")),
        "thieves": counted(d.number(2, 5), "masked man", "masked men"),
        "loot": d.pick(("watches", "cash", "medals", "rings", "paintings", "rare stamps")),
        "worth": f"{d.number(10, 90, 5)},000",
        "escape": d.pick(("on motorbikes", "in a stolen van", "on foot", "in a white car",
                          "by boat")),
        "arrests": counted(d.number(1, 3), "arrest"),
    }


THEFT = Kind("theft", _theft, (
    ("{thieves} walked into a {shop} in {place} on {day} and threatened the staff.",
     "Staff at a {shop} in {place} were threatened by {thieves} on {day}."),
    ("They got away {escape} with {loot} worth {worth} pounds.",
     "{loot} worth {worth} pounds were put into bags before they fled {escape}."),
    ("Police have made {arrests} so far.", "There have been {arrests}.",
     "After a search in {other} police made {arrests}."),
    ("", "Nobody was hurt.", "It is the third raid this year, after two in {other}."),
), (
    "{thieves} have robbed a {shop} in {place} and fled {escape}.",
    "{loot} worth {worth} pounds have been stolen from a {shop} in {place}.",
    "Police have made {arrests} after a robbery at a {shop} in {place}.",
    "Robbers have taken {loot} from a {shop} in {place}.",
))


def _plan(d):
    yes = d.chance(0.5)
    return {
        "place": d.place(), "other": d.place(),
        "plan": d.pick(("a wind farm", "a football stadium", "a shopping centre", "a prison",
                        "an incinerator", "a film studio", "a cable car")),
        "for": str(d.number(7, 14)), "against": str(d.number(1, 6)),
        "yes": "in favour" if yes else "against", "no": "against" if yes else "in favour",
        "verdict": "approved" if yes else "rejected",
        "done": "given the go-ahead" if yes else "turned down",
        "letters": counted(d.number(100, 900, 50), "letter"),
        "worry": d.pick(("noise", "traffic", "wildlife", "air pollution", "the view")),
    }


PLAN = Kind("plan", _plan, (
    ("Councillors met to discuss a plan for {plan} on the edge of {place}.",
     "A plan for {plan} in {place} was put to a vote."),
    ("{for} members voted {yes} and {against} {no}.", "The vote was {for} {yes}, {against} {no}."),
    ("Opponents had sent {letters} about {worry}.", "The council had received {letters}, most of "
     "them about {worry}.", "People who live near it worried about {worry} and wrote {letters}."),
    ("", "A similar scheme in {other} was dropped.", "The developer now looks at {other} too."),
), (
    "Plans for {plan} in {place} have been {verdict}.",
    "Councillors in {place} have {verdict} {plan} after {letters}.",
    "{plan} in {place} has been {done} by {for} votes to {against}.",
    "A plan for {plan} that raised fears about {worry} has been {done}.",
))


def _school(d):
    name, last = d.person()
    return {
        "place": d.place(), "other": d.place(), "name": name, "last": last,
        "rise": f"{d.number(2, 15)} points", "share": f"{d.number(55, 98)} percent",
        "pupils": format(d.number(200, 1800, 100), ","),
        "why": d.pick(("smaller classes", "a longer day", "free breakfasts", "a ban on phones",
                       "reading clubs")),
    }


SCHOOL = Kind("school", _school, (
    ("{place} Academy, which has {pupils} pupils, had its exam results on Thursday.",
     "Exam results arrived at {place} Academy, a school of {pupils} pupils."),
    ("{share} passed, {rise} more than last year.", "The pass rate went up by {rise} to {share}."),
    ("Head teacher {name} gave the credit to {why}.", "{name}, the head teacher, said {why} made "
     "the difference."),
    ("", "Schools in {other} now want to copy it.", "Inspectors had warned the school two years "
     "ago."),
), (
    "Exam results at {place} Academy have improved by {rise}.",
    "A school in {place} says {why} led to better exam results.",
    "{share} of pupils at {place} Academy have passed their exams.",
    "Head teacher {name} has praised {why} after better results in {place}.",
))


def _health(d):
    return {
        "place": d.place(), "other": d.place(), "cases": counted(d.number(8, 95), "patient"),
        "illness": d.pick(("measles", "food poisoning", "flu", "a stomach bug", "mumps")),
        "source": d.pick(("a wedding", "a school trip", "a restaurant", "a nursery",
                          "a music festival")),
        "ward": d.pick(("two wards", "the children's ward", "three clinics",
                        "the emergency room")),
        "advice": d.pick(("wash their hands", "stay at home", "get a vaccine", "wear masks")),
        "days": counted(d.number(4, 12), "day"),
    }


HEALTH = Kind("health", _health, (
    ("Doctors in {place} have treated {cases} with {illness} in {days}.",
     "In {days} {cases} with {illness} came to the hospital in {place}."),
    ("The outbreak has been traced to {source}.", "Officials believe it began at {source}.",
     "Most had been to {source}."),
    ("To stop it spreading the hospital shut {ward}.", "The hospital closed {ward}."),
    ("People were told to {advice}.", "Anyone with signs should {advice}, officials said.",
     "No cases are known in {other}."),
), (
    "An outbreak of {illness} in {place} has been linked to {source}.",
    "{cases} have fallen ill with {illness} in {place}.",
    "The hospital in {place} has closed {ward} because of {illness}.",
    "{illness} has made {cases} ill after {source} in {place}.",
))


def _road(d):
    return {
        "place": d.place(), "other": d.place(), "month": d.month(),
        "what": d.pick(("bridge", "tunnel", "railway line", "ring road", "ferry", "tram line")),
        "weeks": counted(d.number(3, 20), "week"), "cost": f"{d.number(2, 60, 2)} million pounds",
        "why": d.pick(("cracks were found", "the old cables must go", "a wall had moved",
                       "new signals are needed", "rust was found")),
        "minutes": counted(d.number(15, 55, 5), "minute"),
    }


ROAD = Kind("road", _road, (
    ("The {what} between {place} and {other} will be out of use from {month}.",
     "From {month} nobody will be able to use the {what} between {place} and {other}."),
    ("Engineers say {why}.", "The work is needed because {why}."),
    ("It will take {weeks} and cost {cost}.", "The repairs, at {cost}, should take {weeks}."),
    ("Journeys could take {minutes} longer.", "", "Buses will run instead and add {minutes}."),
), (
    "The {what} between {place} and {other} is to close for {weeks}.",
    "Repairs to the {what} between {place} and {other} will cost {cost}.",
    "Travellers between {place} and {other} face {weeks} without the {what}.",
    "A {what} near {place} will close in {month} because {why}.",
))


def _resign(d):
    name, last = d.person()
    heir, _ = d.person()
    return {
        "name": name, "last": last, "heir": heir, "place": d.place(), "day": d.day(),
        "post": d.pick(("police chief", "council leader", "hospital director", "bishop",
                        "university head", "transport minister")),
        "years": counted(d.number(2, 15), "year"),
        "why": d.pick(("a row over expenses", "a heart attack", "a lost vote", "a data leak",
                       "claims of bullying")),
    }


RESIGN = Kind("resign", _resign, (
    ("{name} had been {post} in {place} for {years}.",
     "For {years} {name} was the {post} in {place}."),
    ("On {day} {last} stepped down after {why}.",
     "After {why}, {last} gave up the job on {day}."),
    ("{heir} will fill the post for now.", "The deputy, {heir}, takes over.",
     "{heir} has been asked to take charge."),
    ("", "\"It has been an honour,\" {last} wrote.", "Colleagues spoke of a sad day."),
), (
    "{name} has resigned as {post} in {place} after {why}.",
    "The {post} in {place} has stepped down after {years}.",
    "{heir} is to replace {name} as {post} in {place}.",
    "The resignation of {name} in {place} follows {why}.",
))

KINDS = (ELECTION, COURT, THEFT, PLAN, SCHOOL, HEALTH, ROAD, RESIGN)
