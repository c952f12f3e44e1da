"""Savings, ages, collections and gifts."""

from empirical.reasoning.problems.registry import template

__all__ = []


@template(short=True)
def savings_weeks(s):
    who, weeks, each = s.person(), s.int(3, 12), s.int(3, 12)
    s.say(f"{who} saves ${each} a week for {weeks} weeks.")
    saved = s.step(f"{who} saves", f"{weeks} * {each}", "dollar")
    answer, question = weeks * each, f"How many dollars does {who} save?"
    if s.extra():
        start = s.int(5, 60)
        s.say(f"{who.He} had ${start} before.")
        saved = s.step(f"Now {who.he} has", f"{start} + {saved}", "dollar")
        answer, question = answer + start, f"How many dollars does {who} have now?"
    if s.extra():
        price = s.int(4, answer - 1)
        s.say(f"Then {who.he} buys a game for ${price}.")
        s.step(f"After that {who.he} has", f"{saved} - {price}", "dollar")
        answer, question = answer - price, f"How many dollars does {who} have after that?"
    s.ask(question, answer)


@template(short=True)
def ages_apart(s):
    who, older, age = s.person(), s.person(), s.int(6, 30)
    years = s.int(2, 15)
    s.say(f"{who} is {age} years old. {older} is {years} years older than {who}.")
    old = s.step(f"{older} is", f"{age} + {years}", "year", "old")
    answer, question = age + years, f"How old is {older}?"
    if s.extra():
        later = s.int(2, 20)
        s.say(f"In {later} years they will meet again.")
        old = s.step(f"In {later} years {older} will be", f"{old} + {later}", "year", "old")
        answer, question = answer + later, f"How old will {older} be then?"
    if s.extra():
        gap = s.int(12, 30)
        s.say(f"{older} has an aunt who is {gap} years older than {older}.")
        s.step("The aunt will be", f"{old} + {gap}", "year", "old")
        answer, question = answer + gap, "How old will the aunt be then?"
    s.ask(question, answer)


@template(short=True)
def times_as_many(s):
    who, friend, own = s.person(), s.person(), s.int(4, 25)
    times, word = s.pick(((2, "twice"), (3, "three times"), (4, "four times"), (5, "five times")))
    s.drawn.append(times)
    thing = s.pick(("marble", "stamp", "shell", "coin"))
    s.say(f"{who} has {own} {thing}s. {friend} has {word} as many.")
    his = s.step(f"{friend} has", f"{times} * {own}", thing)
    both = s.step("Together they have", f"{own} + {his}", thing)
    answer, question = (times + 1) * own, f"How many {thing}s do they have together?"
    if s.extra():
        lost = s.int(2, answer - 5)
        s.say(f"Then they lose {lost} of all these.")
        both = s.step("After that they have", f"{both} - {lost}", thing)
        answer, question = answer - lost, f"How many {thing}s do they have left together?"
    if s.extra():
        found = s.int(2, 20)
        s.say(f"Later they find {found} new {thing}s.")
        s.step("In the end they have", f"{both} + {found}", thing)
        answer, question = answer + found, f"How many {thing}s do they have in the end?"
    s.ask(question, answer)


@template(short=True)
def half_given(s):
    who, friend, half = s.person(), s.person(), s.int(4, 60)
    thing = s.pick(("balloon", "sticker", "flower", "walnut"))
    s.say(f"{who} has {2 * half} {thing}s and gives half of them to {friend}.")
    given = s.step(f"{who} gives away", f"{2 * half} / 2", thing)
    own = s.step(f"{who} keeps", f"{2 * half} - {given}", thing)
    answer, question = half, f"How many {thing}s does {who} keep?"
    if s.extra():
        more = s.int(3, 25)
        s.say(f"Then {who} gets {more} new ones.")
        own = s.step(f"With the new ones {who.he} has", f"{own} + {more}", thing)
        answer, question = answer + more, f"How many {thing}s does {who} have now?"
    if s.extra():
        rooms = s.divisor(answer, 2, 6)
        s.say(f"{who.He} spreads them evenly over {rooms} rooms.")
        s.step("In each room there are", f"{own} / {rooms}", thing)
        answer, question = answer // rooms, f"How many {thing}s are in each room?"
    s.ask(question, answer)


@template(short=True, held_out=True)
def fewer_than(s):
    who, friend, own = s.person(), s.person(), s.int(10, 40)
    fewer = s.int(2, 9)
    thing = s.pick(("toy", "card", "ring", "pin"))
    s.say(f"{who} has {own} {thing}s. {friend} has {fewer} {thing}s fewer than {who}.")
    his = s.step(f"{friend} has", f"{own} - {fewer}", thing)
    both = s.step("Together they have", f"{own} + {his}", thing)
    answer, question = 2 * own - fewer, f"How many {thing}s do they have together?"
    if s.extra():
        more = s.int(2, 20)
        s.say(f"{friend}'s sister has {more} {thing}s.")
        both = s.step("With the sister's that is", f"{both} + {more}", thing)
        answer, question = answer + more, f"How many {thing}s do the three have together?"
    if s.extra():
        price = s.int(2, 6)
        s.say(f"They sell all of them for ${price} each.")
        s.step("They get", f"{both} * {price}", "dollar")
        answer, question = answer * price, "How many dollars do they get?"
    s.ask(question, answer)


@template()
def pocket_money_split(s):
    first, second, each = s.person(), s.person(), s.int(8, 40)
    odd = s.int(1, 2 * each - 4)
    s.say(f"{first} has ${odd} and {second} has ${2 * each - odd}. They put their money together, "
          f"and each of them takes half of it.")
    total = s.step("Together they have", f"{odd} + {2 * each - odd}", "dollar")
    own = s.step("Each of them gets", f"{total} / 2", "dollar")
    answer, question = each, "How many dollars does each of them get?"
    if s.extra():
        book = s.money(2, 7)
        s.say(f"Then {first} buys a magazine for ${book}.")
        own = s.step(f"{first} has", f"{own} - {book}", "dollar", "left")
        answer, question = answer - book, f"How many dollars does {first} have left?"
    if s.extra():
        days, coin = s.int(2, 9), s.money(0.5, 2)
        s.say(f"After that {first.he} finds work for {days} days and gets ${coin} a day.")
        paid = s.step(f"The work brings {first.him}", f"{days} * {coin}", "dollar")
        s.step(f"In the end {first.he} has", f"{own} + {paid}", "dollar")
        answer = answer + days * coin
        question = f"How many dollars does {first} have in the end?"
    s.ask(question, answer)


@template(held_out=True)
def party_budget(s):
    who, guests, meal = s.person(), s.int(6, 20), s.money(2.5, 9.5, 50)
    cake = s.int(15, 45)
    s.say(f"{who} plans a birthday party for {guests} guests. The food costs ${meal} for "
          f"each guest, and the cake costs ${cake}.")
    food = s.step("The food costs", f"{guests} * {meal}", "dollar")
    total = s.step("With the cake that is", f"{food} + {cake}", "dollar")
    answer, question = guests * meal + cake, "How many dollars does the party cost?"
    if s.extra():
        music = s.int(20, 90, 5)
        s.say(f"The music costs ${music} more.")
        total = s.step("With the music that is", f"{total} + {music}", "dollar")
        answer, question = answer + music, "How many dollars does the party cost in all?"
    if s.extra():
        uncle = s.int(10, 60, 10)
        s.say(f"{who}'s uncle pays ${uncle} of this.")
        s.step(f"{who} pays", f"{total} - {uncle}", "dollar")
        answer, question = answer - uncle, f"How many dollars does {who} pay?"
    s.ask(question, answer)
