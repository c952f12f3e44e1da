"""Animals, fields and gardens."""

from empirical.reasoning.problems.registry import template

__all__ = []


@template(short=True)
def hen_eggs(s):
    who, hens, days = s.person(), s.int(3, 15), s.int(2, 9)
    s.say(f"{who} has {hens} hens. Each hen lays one egg a day, and {who.he} collects the "
          f"eggs for {days} days.")
    left = s.step(f"{who} collects", f"{hens} * {days}", "egg")
    answer, question = hens * days, f"How many eggs does {who} collect?"
    if s.extra():
        used = s.int(2, min(30, answer - 2))
        s.say(f"{who.He} uses {used} of them for cakes.")
        left = s.step("There are", f"{left} - {used}", "egg", "left")
        answer, question = answer - used, "How many eggs are left?"
    if s.extra():
        price = s.int(2, 9)
        s.say(f"{who.He} sells the others for {price} cents each.")
        s.step(f"{who} gets", f"{left} * {price}", "cent")
        answer, question = answer * price, f"How many cents does {who} get for them?"
    s.ask(question, answer)


@template()
def fence_length(s):
    who, length, width = s.person(), s.int(12, 60), s.int(8, 40)
    s.need(length > width)
    animal = s.pick(("sheep", "goats", "horses", "ponies"))
    s.say(f"{who} builds a fence around a field for {animal}. The field is a rectangle, {length} "
          f"meters long and {width} meters wide.")
    half = s.step("One long and one short side are", f"{length} + {width}", "meter")
    fence = s.step("The whole fence is", f"2 * {half}", "meter", "long")
    answer, question = 2 * (length + width), "How many meters long is the fence?"
    if s.extra():
        gate = s.int(2, 6)
        s.say(f"A gate of {gate} meters needs no fence.")
        fence = s.step("Without the gate that is", f"{fence} - {gate}", "meter")
        answer, question = answer - gate, "How many meters of fence are needed?"
    if s.extra():
        price = s.int(3, 12)
        s.say(f"One meter of fence costs ${price}.")
        s.step("The fence costs", f"{fence} * {price}", "dollar")
        answer, question = answer * price, "How many dollars does the fence cost?"
    s.ask(question, answer)


@template()
def orchard_apples(s):
    rows, trees, kilograms = s.int(3, 10), s.int(4, 12), s.int(5, 20)
    fruit = s.pick(("apple", "pear", "cherry", "plum"))
    s.say(f"An orchard has {rows} rows of {trees} {fruit} trees. Each tree gives {kilograms} "
          f"kilograms of fruit.")
    total = s.step("There are", f"{rows} * {trees}", f"{fruit} tree")
    fruits = s.step("They give", f"{total} * {kilograms}", "kilogram", "of fruit")
    answer = rows * trees * kilograms
    question = "How many kilograms of fruit do the trees give?"
    if s.extra():
        spoiled = s.int(10, answer // 3)
        s.say(f"Birds eat {spoiled} kilograms of it.")
        fruits = s.step("The birds leave", f"{fruits} - {spoiled}", "kilogram")
        answer, question = answer - spoiled, "How many kilograms of fruit are left?"
    if s.extra():
        crate = s.divisor(answer, 4, 25)
        s.say(f"The rest is packed into crates of {crate} kilograms.")
        s.step("It fills", f"{fruits} / {crate}", "crate")
        answer, question = answer // crate, "How many crates does the rest fill?"
    s.ask(question, answer)


@template(short=True)
def garden_area(s):
    who, length, width = s.person(), s.int(4, 15), s.int(3, 12)
    bed = s.pick(("vegetable garden", "flower garden", "lawn", "rose garden"))
    s.say(f"{who}'s {bed} is a rectangle, {length} meters long and {width} meters wide.")
    area = s.step(f"The {bed} has", f"{length} * {width}", "square meter")
    answer, question = length * width, f"How many square meters does the {bed} have?"
    if s.extra():
        pond = s.int(2, answer // 2)
        s.say(f"A pond takes up {pond} square meters of it.")
        area = s.step("Without the pond that is", f"{area} - {pond}", "square meter")
        answer, question = answer - pond, "How many square meters are left without the pond?"
    if s.extra():
        seeds = s.int(2, 9)
        s.say(f"{who.He} sows {seeds} grams of seed on every square meter that is left.")
        s.step(f"{who} needs", f"{area} * {seeds}", "gram", "of seed")
        answer, question = answer * seeds, f"How many grams of seed does {who} need?"
    s.ask(question, answer)


@template(short=True)
def animal_legs(s):
    birds, animals = s.int(2, 20), s.int(2, 12)
    bird = s.pick(("chickens", "ducks", "geese"))
    other = s.pick(("cows", "goats", "dogs", "horses"))
    s.say(f"On a farm there are {birds} {bird} with 2 legs each and {animals} {other} with 4 legs "
          f"each.")
    two = s.step(f"The {bird} have", f"{birds} * 2", "leg")
    four = s.step(f"The {other} have", f"{animals} * 4", "leg")
    legs = s.step("Together they have", f"{two} + {four}", "leg")
    answer, question = 2 * birds + 4 * animals, "How many legs do the animals have?"
    if s.extra():
        cats = s.int(2, 6)
        s.say(f"There are also {cats} cats with 4 legs each.")
        more = s.step("The cats have", f"{cats} * 4", "leg")
        legs = s.step("With the cats that is", f"{legs} + {more}", "leg")
        answer, question = answer + 4 * cats, "How many legs do all the animals have?"
    if s.extra():
        people = s.int(2, 5)
        s.say(f"The farm has {people} farmers with 2 legs each.")
        feet = s.step("The farmers have", f"{people} * 2", "leg")
        s.step("With the farmers that is", f"{legs} + {feet}", "leg")
        answer, question = answer + 2 * people, "How many legs are on the farm?"
    s.ask(question, answer)


@template(held_out=True)
def milk_bottles(s):
    who, cows, liters = s.person(), s.int(3, 12), s.int(8, 24, 2)
    s.say(f"{who} has {cows} cows. Each cow gives {liters} liters of milk a day. The milk is "
          f"filled into bottles of 2 liters.")
    milk = s.step("The cows give", f"{cows} * {liters}", "liter", "of milk")
    bottles = s.step("They fill", f"{milk} / 2", "bottle")
    answer, question = cows * liters // 2, "How many bottles do the cows fill in a day?"
    if s.extra():
        broken = s.int(1, 7)
        s.say(f"On the way to town {broken} bottles break.")
        bottles = s.step("There are", f"{bottles} - {broken}", "bottle", "left")
        answer, question = answer - broken, "How many bottles arrive in town in a day?"
    if s.extra():
        price = s.money(1.5, 4)
        s.say(f"In town a bottle is sold for ${price}.")
        s.step(f"{who} gets", f"{bottles} * {price}", "dollar")
        answer, question = answer * price, f"How many dollars does {who} get in a day?"
    s.ask(question, answer)
