"""Baking, cooking and sharing food."""

from empirical.reasoning.problems.registry import template

__all__ = []


@template(short=True)
def muffin_trays(s):
    who, trays, each = s.person(), s.int(3, 12), s.int(4, 12)
    s.say(f"{who} bakes {trays} trays of muffins with {each} muffins on each tray.")
    left = s.step(f"{who} bakes", f"{trays} * {each}", "muffin")
    answer, question = trays * each, f"How many muffins does {who} bake?"
    if s.extra():
        eaten = s.int(2, min(20, answer - 5))
        s.say(f"{who.His} friends eat {eaten} of them.")
        left = s.step("There are", f"{left} - {eaten}", "muffin", "left")
        answer, question = answer - eaten, "How many muffins are left?"
    if s.extra():
        more = s.int(3, 30)
        s.say(f"Then {who.he} buys {more} more muffins.")
        s.step(f"{who.He} now has", f"{left} + {more}", "muffin")
        answer, question = answer + more, f"How many muffins does {who} have now?"
    s.ask(question, answer)


@template(short=True)
def cookies_shared(s):
    who, friends, each = s.person(), s.int(2, 9), s.int(2, 12)
    total = friends * each
    s.say(f"{who} shares {total} cookies equally among {friends} friends.")
    got = s.step("Each friend gets", f"{total} / {friends}", "cookie")
    answer, question = each, "How many cookies does each friend get?"
    if s.extra():
        before = s.int(2, 15)
        s.say(f"Each friend already had {before} cookies.")
        got = s.step("Each friend now has", f"{before} + {got}", "cookie")
        answer, question = before + each, "How many cookies does each friend have now?"
    if s.extra():
        eaten = s.int(1, answer - 1)
        s.say(f"After that, each friend eats {eaten} of them.")
        s.step("Each friend is left with", f"{got} - {eaten}", "cookie")
        answer, question = answer - eaten, "How many cookies does each friend have left?"
    s.ask(question, answer)


@template(short=True)
def pizza_slices(s):
    who, pizzas, slices = s.person(), s.int(2, 9), s.pick((6, 8, 10, 12))
    guests = s.int(5, pizzas * slices - 2)
    s.say(f"{who} orders {pizzas} pizzas for a party. Each pizza is cut into {slices} slices, and "
          f"the guests eat {guests} slices.")
    total = s.step("There are", f"{pizzas} * {slices}", "slice")
    left = s.step("After the party there are", f"{total} - {guests}", "slice", "left")
    answer, question = pizzas * slices - guests, "How many slices are left?"
    if s.extra():
        brought = s.int(2, 12)
        s.say(f"A neighbor then brings {brought} more slices.")
        left = s.step("With the neighbor's there are", f"{left} + {brought}", "slice")
        answer, question = answer + brought, "How many slices are there in the end?"
    if s.extra():
        days = s.divisor(answer, 2, 7)
        s.say(f"{who} eats all of these over the next {days} days, the same number each day.")
        s.step(f"Each day {who.he} eats", f"{left} / {days}", "slice")
        answer, question = answer // days, f"How many slices does {who} eat each day?"
    s.ask(question, answer)


@template()
def recipe_scaled(s):
    who, people, grams = s.person(), s.int(2, 6), s.int(30, 120, 5)
    guests = s.int(people + 1, 14)
    food = s.pick(("rice", "pasta", "flour", "lentils"))
    s.say(f"A recipe for {people} people needs {people * grams} grams of {food}. "
          f"{who} cooks it for {guests} people.")
    each = s.step("One person needs", f"{people * grams} / {people}", "gram", f"of {food}")
    need = s.step(f"For {guests} people {who} needs", f"{guests} * {each}", "gram")
    answer, question = guests * grams, f"How many grams of {food} does {who} need?"
    if s.extra():
        have = s.int(20, answer - 10, 10)
        s.say(f"{who.He} already has {have} grams at home.")
        need = s.step(f"{who.He} has to buy", f"{need} - {have}", "gram")
        answer, question = answer - have, f"How many grams of {food} does {who} have to buy?"
    if s.extra():
        price = s.int(2, 9)
        s.say(f"The {food} is sold in bags of 10 grams, at {price} cents a bag.")
        tens = s.step("That is", f"{need} / 10", "bag")
        s.need(tens.denominator == 1)
        s.step(f"{who} pays", f"{tens} * {price}", "cent")
        answer, question = answer // 10 * price, f"How many cents does {who} pay for it?"
    s.ask(question, answer)


@template(short=True, held_out=True)
def soup_bowls(s):
    who, pots, bowls = s.person(), s.int(2, 9), s.int(5, 12)
    s.say(f"{who} cooks {pots} pots of soup. Each pot fills {bowls} bowls.")
    left = s.step("The soup fills", f"{pots} * {bowls}", "bowl")
    answer, question = pots * bowls, "How many bowls does the soup fill?"
    if s.extra():
        sold = s.int(3, answer - 2)
        s.say(f"By noon {sold} bowls are sold.")
        left = s.step("There are", f"{left} - {sold}", "bowl", "left")
        answer, question = answer - sold, "How many bowls are left?"
    if s.extra():
        price = s.int(2, 6)
        s.say(f"In the afternoon {who.he} sells all the others for ${price} each.")
        s.step(f"In the afternoon {who.he} earns", f"{left} * {price}", "dollar")
        answer, question = answer * price, f"How many dollars does {who} earn in the afternoon?"
    s.ask(question, answer)


@template()
def lemonade_glasses(s):
    who, jugs, glasses = s.person(), s.int(3, 12), s.int(4, 9)
    price = s.money(0.5, 2.5)
    s.say(f"{who} makes {jugs} jugs of lemonade. Each jug is enough for {glasses} glasses, and "
          f"{who.he} sells every glass for ${price}.")
    total = s.step("There are", f"{jugs} * {glasses}", "glass")
    earned = s.step(f"{who} takes in", f"{total} * {price}", "dollar")
    answer, question = jugs * glasses * price, f"How many dollars does {who} take in?"
    if s.extra():
        lemons = s.money(1, 3)
        s.need(answer > jugs * lemons)
        s.say(f"The lemons and sugar for each jug cost ${lemons}.")
        cost = s.step("Lemons and sugar cost", f"{jugs} * {lemons}", "dollar")
        earned = s.step(f"{who} keeps", f"{earned} - {cost}", "dollar")
        answer, question = answer - jugs * lemons, f"How many dollars does {who} earn after costs?"
    if s.extra():
        tips = s.money(1, 9)
        s.say(f"The customers also leave ${tips} in tips.")
        s.step("With the tips that is", f"{earned} + {tips}", "dollar")
        answer = answer + tips
        question = f"How many dollars does {who} earn after costs, with the tips?"
    s.ask(question, answer)


@template(held_out=True)
def jam_jars(s):
    who, buckets, kilograms = s.person(), s.int(2, 8), s.int(2, 6)
    jars = s.int(2, 5)
    fruit = s.pick(("strawberries", "plums", "cherries", "apricots"))
    s.say(f"{who} picks {buckets} buckets of {fruit}. Each bucket holds {kilograms} kilograms, "
          f"and each kilogram makes {jars} jars of jam.")
    weight = s.step(f"{who} picks", f"{buckets} * {kilograms}", "kilogram", f"of {fruit}")
    made = s.step("They make", f"{weight} * {jars}", "jar", "of jam")
    answer, question = buckets * kilograms * jars, f"How many jars of jam does {who} make?"
    if s.extra():
        gifts = s.int(2, answer - 4)
        s.say(f"{who.He} gives {gifts} jars to neighbors.")
        made = s.step(f"{who} keeps", f"{made} - {gifts}", "jar")
        answer, question = answer - gifts, f"How many jars of jam does {who} keep?"
    if s.extra():
        shelves = s.divisor(answer, 2, 9)
        s.say(f"{who.He} puts the others on {shelves} shelves, the same number on each.")
        s.step("Each shelf holds", f"{made} / {shelves}", "jar")
        answer, question = answer // shelves, "How many jars are on each shelf?"
    s.ask(question, answer)
