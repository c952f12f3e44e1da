"""Work, wages and factories."""

from fractions import Fraction

from empirical.reasoning.problems.registry import template

__all__ = []


@template(short=True)
def wages_earned(s):
    who, hours, wage = s.person(), s.int(3, 12), s.int(9, 25)
    job = s.pick(("in a shop", "in a café", "as a painter", "as a driver", "in a hotel"))
    s.say(f"{who} works {job} for {hours} hours and earns ${wage} an hour.")
    paid = s.step(f"{who} earns", f"{hours} * {wage}", "dollar")
    answer, question = hours * wage, f"How many dollars does {who} earn?"
    if s.extra():
        tips = s.int(3, 40)
        s.say(f"{who.He} also gets ${tips} in tips.")
        paid = s.step("With the tips that is", f"{paid} + {tips}", "dollar")
        answer, question = answer + tips, f"How many dollars does {who} get in all?"
    if s.extra():
        lunch = s.int(4, 18)
        s.say(f"Lunch costs {who.him} ${lunch}.")
        s.step("After lunch that is", f"{paid} - {lunch}", "dollar")
        answer, question = answer - lunch, f"How many dollars does {who} have after lunch?"
    s.ask(question, answer)


@template()
def overtime_pay(s):
    who, hours, wage = s.person(), s.int(20, 40), s.int(6, 15)
    extra = s.int(2, 9)
    s.say(f"{who} earns ${2 * wage} an hour, and one and a half times as much for overtime. This "
          f"week {who.he} works {hours} normal hours and {extra} hours of overtime.")
    normal = s.step("The normal hours bring", f"{hours} * {2 * wage}", "dollar")
    rate = s.step("An hour of overtime brings", f"1.5 * {2 * wage}", "dollar")
    more = s.step("The overtime brings", f"{extra} * {rate}", "dollar")
    paid = s.step(f"{who} earns", f"{normal} + {more}", "dollar")
    answer = hours * 2 * wage + extra * 3 * wage
    question = f"How many dollars does {who} earn this week?"
    if s.extra():
        bonus = s.int(20, 90, 5)
        s.say(f"{who.He} also gets a bonus of ${bonus}.")
        paid = s.step("With the bonus that is", f"{paid} + {bonus}", "dollar")
        answer, question = answer + bonus, f"How many dollars does {who} get this week?"
    if s.extra():
        percent = s.pick((10, 20, 25))
        s.drawn.append(percent)
        s.say(f"Of this {who.he} pays {percent}% tax.")
        tax = s.step("The tax is", f"{paid} * {percent} / 100", "dollar")
        s.need((paid * percent).denominator == 1)
        s.step(f"After tax {who.he} has", f"{paid} - {tax}", "dollar")
        answer = Fraction(answer * (100 - percent), 100)
        question = f"How many dollars does {who} have after tax?"
    s.ask(question, answer)


@template()
def machine_parts(s):
    machines, parts, hours = s.int(2, 9), s.int(5, 20), s.int(3, 10)
    thing = s.pick(("screw", "lamp", "wheel", "chip"))
    s.say(f"A factory has {machines} machines. Each makes {parts} {thing}s per hour. They run for "
          f"{hours} hours.")
    hourly = s.step("In one hour they make", f"{machines} * {parts}", thing)
    made = s.step("In all they make", f"{hourly} * {hours}", thing)
    answer, question = machines * parts * hours, f"How many {thing}s do they make?"
    if s.extra():
        faulty = s.int(3, answer // 4)
        s.say(f"Of these {faulty} are faulty and thrown away.")
        made = s.step("This leaves", f"{made} - {faulty}", "good " + thing)
        answer, question = answer - faulty, f"How many good {thing}s are there?"
    if s.extra():
        box = s.divisor(answer, 3, 25)
        s.say(f"The good ones are packed into boxes of {box}.")
        s.step("They fill", f"{made} / {box}", "box")
        answer, question = answer // box, "How many boxes do the good ones fill?"
    s.ask(question, answer)


@template(short=True)
def boxes_packed(s):
    who, boxes, each = s.person(), s.int(2, 12), s.int(3, 12)
    thing = s.pick(("jar", "vase", "lamp", "clock"))
    s.say(f"{who} packs {boxes * each} {thing}s into boxes. Each box holds {each} {thing}s.")
    full = s.step(f"{who} fills", f"{boxes * each} / {each}", "box")
    answer, question = boxes, f"How many boxes does {who} fill?"
    if s.extra():
        more = s.int(2, 12)
        s.say(f"A colleague fills {more} more boxes.")
        full = s.step("Together they fill", f"{full} + {more}", "box")
        answer, question = answer + more, "How many boxes do they fill together?"
    if s.extra():
        price = s.int(2, 9)
        s.say(f"Sending one box costs ${price}.")
        s.step("Sending them all costs", f"{full} * {price}", "dollar")
        answer, question = answer * price, "How many dollars does sending all of them cost?"
    s.ask(question, answer)


@template()
def truck_load(s):
    crates, weight, bags = s.int(4, 20), s.int(12, 40), s.int(3, 15)
    light = s.int(4, 11)
    s.say(f"A truck is loaded with {crates} crates of {weight} kilograms each and {bags} bags of "
          f"{light} kilograms each.")
    heavy = s.step("The crates weigh", f"{crates} * {weight}", "kilogram")
    small = s.step("The bags weigh", f"{bags} * {light}", "kilogram")
    load = s.step("The load weighs", f"{heavy} + {small}", "kilogram")
    answer = crates * weight + bags * light
    question = "How many kilograms does the load weigh?"
    if s.extra():
        off = s.int(1, crates - 1)
        crate = "crate is" if off == 1 else "crates are"
        s.say(f"At the first stop {off} {crate} unloaded.")
        less = s.step("What is unloaded weighs", f"{off} * {weight}", "kilogram")
        load = s.step("The rest weighs", f"{load} - {less}", "kilogram")
        answer, question = answer - off * weight, "How many kilograms does the rest weigh?"
    if s.extra():
        truck = s.int(1500, 3500, 100)
        s.say(f"The empty truck weighs {truck} kilograms.")
        s.step("With the truck that is", f"{load} + {truck}", "kilogram")
        answer = answer + truck
        question = "How many kilograms do the truck and the rest of its load weigh?"
    s.ask(question, answer)


@template()
def words_typed(s):
    who, speed, minutes = s.person(), s.int(30, 70), s.int(5, 30, 5)
    text = s.pick(("letter", "report", "story"))
    s.say(f"{who} types {speed} words per minute. {who.He} types a {text} in {minutes} minutes.")
    words = s.step(f"The {text} has", f"{speed} * {minutes}", "word")
    answer, question = speed * minutes, f"How many words does the {text} have?"
    if s.extra():
        deleted = s.int(10, 90, 5)
        s.say(f"Then {who.he} deletes {deleted} words.")
        words = s.step("After that there are", f"{words} - {deleted}", "word", "left")
        answer, question = answer - deleted, "How many words are left?"
    if s.extra():
        cents = s.int(2, 9)
        s.say(f"For every word that is left {who.he} gets {cents} cents.")
        s.step(f"{who} gets", f"{words} * {cents} / 100", "dollar")
        answer = Fraction(answer * cents, 100)
        question = f"How many dollars does {who} get?"
    s.ask(question, answer)


@template()
def team_days(s):
    workers, days, meters = s.int(2, 9), s.int(3, 12), s.int(4, 15)
    work = s.pick(("road", "wall", "canal", "path"))
    s.say(f"{workers} workers build a {work}. Each of them builds {meters} meters a day. "
          f"The {work} has to be {workers * meters * days} meters long.")
    daily = s.step("In one day they build", f"{workers} * {meters}", "meter")
    need = s.step("They need", f"{workers * meters * days} / {daily}", "day")
    answer, question = days, "How many days do they need?"
    if s.extra():
        rain = s.int(1, 6)
        day = "day" if rain == 1 else "days"
        s.say(f"They also lose {rain} {day} because of rain.")
        need = s.step("With the rain they need", f"{need} + {rain}", "day")
        answer, question = answer + rain, "How many days do they need in all?"
    if s.extra():
        cost = s.int(50, 150, 10)
        s.say(f"Each day costs ${cost}, also when it rains.")
        s.step("All the days cost", f"{need} * {cost}", "dollar")
        answer, question = answer * cost, "How many dollars do all the days cost?"
    s.ask(question, answer)


@template(held_out=True)
def parcels_delivered(s):
    who, streets, parcels = s.person(), s.int(4, 12), s.int(3, 9)
    vans = s.int(2, 5)
    s.say(f"{who} has {vans} vans. Each van serves {streets} streets and brings {parcels} parcels "
          f"to each street.")
    each = s.step("One van brings", f"{streets} * {parcels}", "parcel")
    total = s.step("All vans bring", f"{vans} * {each}", "parcel")
    answer, question = vans * streets * parcels, "How many parcels do the vans bring?"
    if s.extra():
        back = s.int(2, answer // 2)
        s.say(f"Nobody is at home for {back} of them, and they come back.")
        total = s.step("This leaves", f"{total} - {back}", "parcel")
        answer, question = answer - back, "How many parcels are delivered?"
    if s.extra():
        fee = s.money(1, 4, 50)
        s.say(f"For each parcel that is delivered {who} gets ${fee}.")
        s.step(f"{who} gets", f"{total} * {fee}", "dollar")
        answer, question = answer * fee, f"How many dollars does {who} get?"
    s.ask(question, answer)
