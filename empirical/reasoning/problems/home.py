"""House, weather and water."""

from fractions import Fraction

from empirical.reasoning.problems.registry import template

__all__ = []


@template(short=True)
def temperature_falls(s):
    noon, fall = s.int(-4, 20), s.int(3, 19)
    town = s.pick(("Oslo", "Riga", "Bern", "Quebec", "Sapporo"))
    s.say(f"At noon it is {noon} degrees in {town}. By night the temperature falls by {fall} "
          f"degrees.")
    now = s.step("At night it is", f"{noon} - {fall}", "degree")
    answer, question = noon - fall, "How many degrees is it at night?"
    if s.extra():
        rise = s.int(2, 15)
        s.say(f"The next morning it is {rise} degrees warmer than at night.")
        now = s.step("In the morning it is", f"{now} + {rise}", "degree")
        answer, question = answer + rise, "How many degrees is it in the morning?"
    if s.extra():
        more = s.int(2, 9)
        s.say(f"On the mountain it is {more} degrees colder than this.")
        s.step("On the mountain it is", f"{now} - {more}", "degree")
        answer, question = answer - more, "How many degrees is it on the mountain in the morning?"
    s.ask(question, answer)


@template()
def water_tank(s):
    start, rate, minutes = s.int(20, 200, 10), s.int(4, 18), s.int(5, 25)
    thing = s.pick(("tank", "pool", "basin"))
    s.say(f"A {thing} holds {start} liters of water. A pump adds {rate} liters per minute for "
          f"{minutes} minutes.")
    flow = s.step("The pump adds", f"{rate} * {minutes}", "liter")
    now = s.step(f"The {thing} then holds", f"{start} + {flow}", "liter")
    answer, question = start + rate * minutes, f"How many liters does the {thing} hold then?"
    if s.extra():
        leak = s.int(5, 60)
        s.say(f"Meanwhile {leak} liters leak out.")
        now = s.step("Because of the leak there are", f"{now} - {leak}", "liter")
        answer = answer - leak
        question = f"How many liters does the {thing} hold in the end?"
    if s.extra():
        buckets = s.int(2, 6)
        s.say(f"After that somebody takes out {buckets} buckets of 8 liters each.")
        taken = s.step("The buckets take", f"{buckets} * 8", "liter")
        s.step("There are", f"{now} - {taken}", "liter", "left")
        s.need(answer > 8 * buckets)
        answer, question = answer - 8 * buckets, "How many liters are left after that?"
    s.ask(question, answer)


@template(short=True)
def rope_pieces(s):
    who, pieces, length = s.person(), s.int(3, 12), s.int(2, 9)
    thing = s.pick(("rope", "ribbon", "cable", "string"))
    s.say(f"{who} cuts a {thing} of {pieces * length} meters into {pieces} equal pieces.")
    part = s.step("Each piece is", f"{pieces * length} / {pieces}", "meter", "long")
    answer, question = length, "How many meters long is each piece?"
    if s.extra():
        used = s.int(1, pieces - 2)
        s.say(f"{who.He} uses {used} of the pieces.")
        count = s.step("This leaves", f"{pieces} - {used}", "piece")
        part = s.step("Together they are", f"{count} * {part}", "meter", "long")
        answer = (pieces - used) * length
        question = "How many meters long are the other pieces together?"
    if s.extra():
        price = s.int(2, 6)
        s.say(f"One meter is worth ${price}.")
        s.step("They are worth", f"{part} * {price}", "dollar")
        answer, question = answer * price, "How many dollars are the other pieces worth?"
    s.ask(question, answer)


@template()
def paint_walls(s):
    who, walls, area = s.person(), s.int(2, 6), s.int(8, 24)
    cans = s.int(2, 4)
    thing = s.pick(("kitchen", "garage", "hallway", "cellar"))
    s.say(f"{who} paints {walls} walls of the {thing}. Each wall has {area * cans} square meters, "
          f"and one can of paint is enough for {area} square meters.")
    each = s.step("One wall takes", f"{area * cans} / {area}", "can", "of paint")
    total = s.step(f"{who} needs", f"{walls} * {each}", "can", "of paint")
    answer, question = walls * cans, f"How many cans of paint does {who} need?"
    if s.extra():
        have = s.int(1, answer - 2)
        s.say(f"{who.He} already has {have} of these cans.")
        total = s.step(f"{who.He} has to buy", f"{total} - {have}", "can")
        answer, question = answer - have, f"How many cans does {who} have to buy?"
    if s.extra():
        price = s.money(8, 25, 50)
        s.say(f"One can costs ${price}.")
        s.step("The paint costs", f"{total} * {price}", "dollar")
        answer, question = answer * price, f"How many dollars does {who} pay for the paint?"
    s.ask(question, answer)


@template()
def rent_share(s):
    who, income = s.person(), s.int(1200, 4000, 100)
    percent = s.int(20, 45, 5)
    s.say(f"{who} earns ${income} a month and spends {percent}% of it on rent.")
    rent = s.step("The rent is", f"{income} * {percent} / 100", "dollar")
    left = s.step(f"{who} has", f"{income} - {rent}", "dollar", "left")
    answer = Fraction(income * (100 - percent), 100)
    question = f"How many dollars does {who} have left each month?"
    if s.extra():
        food = s.int(150, 400, 10)
        s.say(f"{who.He} spends ${food} a month on food.")
        left = s.step(f"After food {who.he} has", f"{left} - {food}", "dollar", "left")
        answer = answer - food
        question = f"How many dollars does {who} have left each month after rent and food?"
    if s.extra():
        months = s.int(2, 12)
        s.say(f"{who.He} saves all the rest.")
        s.step(f"In {months} months {who.he} saves", f"{months} * {left}", "dollar")
        answer = months * answer
        question = f"How many dollars does {who} save in {months} months?"
    s.ask(question, answer)


@template(short=True, held_out=True)
def candle_burns(s):
    length, rate = s.int(18, 40), s.int(2, 3)
    hours = s.int(2, 5)
    s.say(f"A candle is {length} centimeters long. It burns down {rate} centimeters per hour. It "
          f"burns for {hours} hours.")
    burnt = s.step("It loses", f"{rate} * {hours}", "centimeter")
    left = s.step("Its length is then", f"{length} - {burnt}", "centimeter")
    answer, question = length - rate * hours, "How many centimeters long is the candle then?"
    if s.extra():
        cut = s.int(2, 4)
        s.say(f"Then {cut} more centimeters break off.")
        left = s.step("After the break its length is", f"{left} - {cut}", "centimeter")
        s.need(answer - cut >= 1)
        answer = answer - cut
        question = "How many centimeters long is it after that?"
    if s.extra():
        others = s.int(2, 9)
        s.say(f"There are {others} more candles of this final length.")
        number = s.step("There are", f"{others} + 1", "candle")
        s.step("In one line they are", f"{number} * {left}", "centimeter", "long")
        answer = (others + 1) * answer
        question = "How many centimeters long is a line of all these candles?"
    s.ask(question, answer)


@template()
def phone_battery(s):
    who, hours, use = s.person(), s.int(2, 9), s.int(4, 9)
    device = s.pick(("phone", "tablet", "laptop", "camera"))
    s.say(f"The battery of {who}'s {device} is full, at 100 percent. Each hour of use takes {use} "
          f"percent. {who} uses it for {hours} hours.")
    used = s.step(f"{who} uses", f"{hours} * {use}", "", "percent")
    left = s.step("The battery is at", f"100 - {used}", "", "percent")
    answer, question = 100 - hours * use, "At how many percent is the battery then?"
    if s.extra():
        charge, minutes = s.int(2, 4), s.int(3, 9)
        s.need(answer + charge * minutes <= 100)
        s.say(f"Then {who} charges it for {minutes} minutes and gains {charge} percent per "
              f"minute.")
        gain = s.step("Charging adds", f"{minutes} * {charge}", "", "percent")
        left = s.step("After charging it is at", f"{left} + {gain}", "", "percent")
        answer = answer + charge * minutes
        question = "At how many percent is the battery after charging?"
    if s.extra():
        film = s.int(3, answer - 1)
        s.say(f"A film takes another {film} percent.")
        s.step("After the film it is at", f"{left} - {film}", "", "percent")
        answer, question = answer - film, "At how many percent is the battery after the film?"
    s.ask(question, answer)
