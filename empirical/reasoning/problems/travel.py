"""Going from one place to another."""

from empirical.reasoning.problems.registry import template

__all__ = []


@template(short=True)
def train_distance(s):
    hours, speed = s.int(2, 9), s.int(40, 120, 10)
    vehicle = s.pick(("train", "bus", "car", "truck"))
    s.say(f"A {vehicle} travels at {speed} kilometers per hour for {hours} hours.")
    way = s.step(f"The {vehicle} travels", f"{hours} * {speed}", "kilometer")
    answer, question = hours * speed, f"How many kilometers does the {vehicle} travel?"
    if s.extra():
        more = s.int(5, 60, 5)
        s.say(f"After a break it travels {more} kilometers more.")
        way = s.step("With the rest of the way that is", f"{way} + {more}", "kilometer")
        answer = answer + more
        question = f"How many kilometers does the {vehicle} travel in all?"
    if s.extra():
        s.say("Then it returns to the start by the same road.")
        s.step("There and back that is", f"2 * {way}", "kilometer")
        answer = 2 * answer
    s.ask(question, answer)


@template(short=True)
def bus_passengers(s):
    start, off = s.int(12, 50), s.int(2, 11)
    on = s.int(2, 15)
    vehicle = s.pick(("bus", "tram", "ferry"))
    s.say(f"There are {start} people on a {vehicle}. At the first stop {off} people get off and "
          f"{on} people get on.")
    left = s.step("When some have left there are", f"{start} - {off}", "person")
    now = s.step("When others have joined there are", f"{left} + {on}", "person")
    answer, question = start - off + on, f"How many people are on the {vehicle} now?"
    if s.extra():
        second = s.int(1, answer - 4)
        s.say(f"At the second stop {second} people get off.")
        now = s.step("After the second stop there are", f"{now} - {second}", "person")
        answer = answer - second
        question = f"How many people are on the {vehicle} after the second stop?"
    if s.extra():
        price = s.int(2, 5)
        s.say(f"Each of the others pays ${price} at the end.")
        s.step("They pay", f"{now} * {price}", "dollar")
        answer, question = answer * price, "How many dollars do they pay together?"
    s.ask(question, answer)


@template(short=True)
def laps_run(s):
    who, laps, meters = s.person(), s.int(2, 12), s.int(100, 400, 50)
    verb, past = s.pick((("runs", "run"), ("walks", "walk"), ("skates", "skate")))
    s.say(f"{who} {verb} {laps} laps around a field. One lap is {meters} meters.")
    way = s.step(f"{who} {verb}", f"{laps} * {meters}", "meter")
    answer, question = laps * meters, f"How many meters does {who} {past}?"
    if s.extra():
        home = s.int(50, 500, 50)
        s.say(f"Then {who.he} {verb} {home} meters to get home.")
        way = s.step("With the way home that is", f"{way} + {home}", "meter")
        answer, question = answer + home, f"How many meters does {who} {past} in all?"
    if s.extra():
        days = s.int(2, 5)
        s.say(f"{who.He} does all this on {days} days of the week.")
        s.step(f"On {days} days that is", f"{days} * {way}", "meter")
        answer, question = answer * days, f"How many meters does {who} {past} in the week?"
    s.ask(question, answer)


@template(short=True, held_out=True)
def hike_left(s):
    who, first, second = s.person(), s.int(3, 15), s.int(3, 15)
    left = s.int(3, 20)
    s.say(f"A trail is {first + second + left} kilometers long. {who} hikes {first} kilometers on "
          f"Monday and {second} kilometers on Tuesday.")
    done = s.step(f"{who} hikes", f"{first} + {second}", "kilometer")
    rest = s.step("There are", f"{first + second + left} - {done}", "kilometer", "left")
    answer, question = left, "How many kilometers of the trail are left?"
    if s.extra():
        detour = s.int(2, 9)
        s.say(f"A detour makes the rest {detour} kilometers longer.")
        rest = s.step("With the detour that is", f"{rest} + {detour}", "kilometer")
        answer, question = answer + detour, "How many kilometers are left to hike?"
    if s.extra():
        days = s.divisor(answer, 2, 6)
        s.say(f"{who} wants to hike this in {days} days, the same distance each day.")
        s.step(f"Each day {who.he} hikes", f"{rest} / {days}", "kilometer")
        answer, question = answer // days, f"How many kilometers does {who} hike each day?"
    s.ask(question, answer)


@template()
def fuel_used(s):
    who, liters, reach = s.person(), s.int(4, 30), s.int(10, 20)
    s.say(f"{who}'s car goes {reach} kilometers on one liter of fuel. {who.He} drives "
          f"{liters * reach} kilometers.")
    fuel = s.step("The car needs", f"{liters * reach} / {reach}", "liter", "of fuel")
    answer, question = liters, "How many liters of fuel does the car need?"
    if s.extra():
        price = s.money(1.2, 2.1, 5)
        s.say(f"One liter costs ${price}.")
        fuel = s.step("The fuel costs", f"{fuel} * {price}", "dollar")
        answer, question = answer * price, "How many dollars does the fuel cost?"
    if s.extra():
        toll = s.money(2, 12, 50)
        s.say(f"{who.He} also pays a toll of ${toll}.")
        s.step("With the toll that is", f"{fuel} + {toll}", "dollar")
        answer, question = answer + toll, f"How many dollars does {who} pay for the trip?"
    s.ask(question, answer)


@template()
def journey_minutes(s):
    who, hours, minutes = s.person(), s.int(2, 9), s.int(5, 55, 5)
    vehicle = s.pick(("train ride", "flight", "bus ride"))
    s.say(f"{who}'s {vehicle} takes {hours} hours and {minutes} minutes.")
    most = s.step("The hours are", f"{hours} * 60", "minute")
    total = s.step(f"The {vehicle} takes", f"{most} + {minutes}", "minute")
    answer, question = 60 * hours + minutes, f"How many minutes does the {vehicle} take?"
    if s.extra():
        late = s.int(4, 50)
        s.say(f"It arrives {late} minutes late.")
        total = s.step("With the delay it takes", f"{total} + {late}", "minute")
        answer = answer + late
        question = f"How many minutes does the {vehicle} take with the delay?"
    if s.extra():
        films = s.int(2, 3)
        length = s.int(20, 50)
        s.need(films * length < answer - 10)
        s.say(f"On the way {who.he} watches {films} films of {length} minutes each.")
        seen = s.step("The films take", f"{films} * {length}", "minute")
        s.step("Without the films there are", f"{total} - {seen}", "minute", "left")
        answer = answer - films * length
        question = f"During how many minutes of the {vehicle} does {who} watch no film?"
    s.ask(question, answer)


@template()
def bicycle_tour(s):
    who, days, daily = s.person(), s.int(3, 12), s.int(25, 70, 5)
    s.say(f"{who} goes on a bicycle tour of {days} days and rides {daily} kilometers each day.")
    way = s.step(f"{who} rides", f"{days} * {daily}", "kilometer")
    answer, question = days * daily, f"How many kilometers does {who} ride?"
    if s.extra():
        skipped = s.int(1, 2)
        day = "day" if skipped == 1 else "days"
        s.say(f"Because of rain {who.he} rides only half as far on {skipped} {day}.")
        half = s.step("Half as far is", f"{daily} / 2", "kilometer")
        lost = s.step(f"So {who.he} misses", f"{skipped} * {half}", "kilometer")
        way = s.step(f"{who.He} rides", f"{way} - {lost}", "kilometer")
        s.need(daily % 2 == 0)
        answer = answer - skipped * daily // 2
    if s.extra():
        partner = s.int(5, 90)
        friend = s.person()
        s.say(f"{friend} rides {partner} kilometers more than {who}.")
        s.step(f"{friend} rides", f"{way} + {partner}", "kilometer")
        answer, question = answer + partner, f"How many kilometers does {friend} ride?"
    s.ask(question, answer)
