"""Matches, finals, races, signings."""

from empirical.summary.draw import Kind, counted

__all__ = ["KINDS"]


def _team(d):
    return f"{d.place()} {d.pick(('City', 'United', 'Rovers', 'Town'))}"


def _match(d):
    more = d.number(2, 5)
    less = d.number(0, more - 1)
    star, last = d.person()
    boss, _ = d.person()
    return {
        "winner": _team(d), "loser": _team(d), "more": str(more), "less": str(less),
        "star": star, "last": last, "boss": boss, "goals": counted(more, "goal"),
        "few": counted(less, "goal"), "minute": str(d.number(52, 90)), "day": d.day(),
        "cup": d.pick(("the league", "the cup", "the first round", "the semi-final")),
        "crowd": f"{d.number(3, 60)},000",
    }


MATCH = Kind("match", _match, (
    ("{winner} met {loser} in {cup} in front of {crowd} fans.",
     "A crowd of {crowd} saw {loser} play {winner} in {cup}."),
    ("{winner} scored {goals}, and {star} settled it in minute {minute}.",
     "{star} scored the last of {goals} for {winner} in minute {minute}."),
    ("{loser} had {few} in reply.", "{loser} managed {few}."),
    ("", "Coach {boss} called it the best game of the year.",
     "\"We were poor,\" said {boss}, who coaches the losers."),
), (
    "{winner} have beaten {loser} {more}-{less} in {cup}.",
    "{star} has scored as {winner} won {more}-{less} against {loser}.",
    "{loser} have lost {more}-{less} to {winner}.",
    "A goal by {star} has helped {winner} to beat {loser} in {cup}.",
))


def _draw_match(d):
    goals = d.number(1, 4)
    star, last = d.person()
    return {
        "home": _team(d), "away": _team(d), "goals": str(goals), "star": star, "last": last,
        "minute": str(d.number(70, 90)), "crowd": f"{d.number(3, 60)},000", "day": d.day(),
        "missed": d.pick(("missed a penalty", "hit the post", "was sent off", "was hurt")),
        "each": counted(goals, "goal"),
    }


DRAWN = Kind("drawn", _draw_match, (
    ("There was no winner when {home} played {away} on {day}.",
     "{home} and {away} could not be parted on {day}."),
    ("Each side had {each}.", "Both teams scored {each}.", "It ended with {each} each."),
    ("{star} of {away} {missed} in minute {minute}.", "In minute {minute} {star} of {away} "
     "{missed}."),
    ("", "The crowd of {crowd} went home in the rain.", "{crowd} fans had come."),
), (
    "{home} and {away} have drawn {goals}-{goals}.",
    "{star} {missed} as {home} and {away} drew {goals}-{goals}.",
    "{away} have drawn {goals}-{goals} at {home} after {star} {missed}.",
))


def _final(d):
    winner, last = d.person()
    loser, other = d.person()
    return {
        "winner": winner, "last": last, "loser": loser, "other": other, "place": d.place(),
        "age": str(d.number(17, 38)), "sets": d.pick(("three", "four", "five")),
        "time": counted(d.number(2, 5), "hour"), "sum": f"{d.number(50, 950, 50)},000",
        "title": d.pick(("first", "second", "third", "fourth")),
        "seed": d.pick(("the favourite", "the champion", "the number one", "a newcomer")),
    }


FINAL = Kind("final", _final, (
    ("The tennis final in {place} was between {winner}, {age}, and {seed}, {loser}.",
     "{loser}, {seed}, and {winner}, {age}, played in the tennis final in {place}."),
    ("{last} won in {sets} sets after {time}.", "It took {last} {sets} sets and {time} to win."),
    ("It is a {title} title for {last}, worth {sum} pounds.",
     "The prize is {sum} pounds, and it is {last}'s {title} title."),
    ("", "\"I played well and lost,\" {other} said.", "{other} had not lost a match all year."),
), (
    "{winner} has beaten {loser} to win the tennis title in {place}.",
    "{winner} has won a {title} title after {sets} sets in {place}.",
    "{loser} has lost the final in {place} to {winner}.",
    "{winner} needed {time} to beat {loser} in {place}.",
))


def _race(d):
    winner, last = d.person()
    second, _ = d.person()
    return {
        "winner": winner, "last": last, "second": second, "place": d.place(), "other": d.place(),
        "race": d.pick(("marathon", "cycle race", "rowing race", "car rally", "ski race")),
        "gap": counted(d.number(2, 58, 2), "second"), "day": d.day(),
        "runners": f"{d.number(1, 30)},000",
        "weather": d.pick(("heavy rain", "great heat", "strong wind", "thick fog", "bright "
                           "sunshine")),
    }


RACE = Kind("race", _race, (
    ("The {race} in {place} took place in {weather} on {day}.",
     "{weather} made the {race} in {place} a hard one."),
    ("{winner} came home {gap} ahead of {second}.", "{second} finished {gap} behind {winner}.",
     "{winner} crossed the line first, with {second} {gap} behind."),
    ("{runners} people watched.", "About {runners} lined the course.", "Last year's winner from "
     "{other} was third."),
    ("\"I had luck,\" {last} said.", "", "{last} had won in {other} too."),
), (
    "{winner} has won the {race} in {place} in {weather}.",
    "{winner} has beaten {second} by {gap} in the {place} {race}.",
    "{second} has come second to {winner} in the {race} in {place}.",
))


def _signing(d):
    name, last = d.person()
    boss, _ = d.person()
    return {
        "name": name, "last": last, "boss": boss, "new": _team(d), "old": _team(d),
        "age": str(d.number(17, 34)), "fee": f"{d.number(1, 60)} million pounds",
        "years": counted(d.number(2, 5), "year"),
        "role": d.pick(("goalkeeper", "striker", "defender", "midfielder")),
        "goals": counted(d.number(5, 40), "match", "matches"),
    }


SIGNING = Kind("signing", _signing, (
    ("{name}, {age}, is leaving {old} after {goals}.",
     "After {goals} for {old}, {name}, {age}, is moving on."),
    ("The {role} joins {new} for {fee} and will stay {years}.",
     "{new} will pay {fee} for the {role}, whose contract runs for {years}."),
    ("Coach {boss} said he had long admired {last}.", "\"We got the player we wanted,\" coach "
     "{boss} said.", "{last} had a medical on Monday."),
    ("", "Two other clubs had made offers.", "{old} fans were sad to hear it."),
), (
    "{new} have signed {role} {name} from {old}.",
    "{old} have sold {name} to {new} for {fee}.",
    "{role} {name} has joined {new} for {years}.",
    "{new} have paid {fee} for {name} of {old}.",
))

KINDS = (MATCH, DRAWN, FINAL, RACE, SIGNING)
