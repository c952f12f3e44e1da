"""Buying and selling."""

from fractions import Fraction

from empirical.reasoning.problems.registry import template

__all__ = []


@template(short=True)
def pens_bought(s):
    who, pens, price = s.person(), s.int(2, 12), s.int(2, 9)
    thing = s.pick(("pens", "brushes", "mugs", "candles", "toy cars"))
    s.say(f"{who} buys {pens} {thing} for ${price} each.")
    cost = s.step(f"The {thing} cost", f"{pens} * {price}", "dollar")
    answer, question = pens * price, f"How many dollars does {who} pay?"
    if s.extra():
        bag = s.int(2, 20)
        s.say(f"{who.He} also buys a bag for ${bag}.")
        cost = s.step("With the bag that is", f"{cost} + {bag}", "dollar")
        answer, question = answer + bag, f"How many dollars does {who} pay in all?"
    if s.extra():
        coupon = s.int(2, 10)
        s.need(coupon < answer)
        s.say(f"A coupon takes ${coupon} off.")
        s.step(f"With the coupon {who.he} pays", f"{cost} - {coupon}", "dollar")
        answer = answer - coupon
    s.ask(question, answer)


@template(short=True)
def two_things_left(s):
    who, first, second = s.person(), s.int(5, 30), s.int(5, 30)
    money = s.int(first + second + 5, 99)
    s.say(f"{who} has ${money}. {who.He} buys a book for ${first} and a game for ${second}.")
    spent = s.step(f"{who} spends", f"{first} + {second}", "dollar")
    left = s.step(f"{who.He} has", f"{money} - {spent}", "dollar", "left")
    answer, question = money - first - second, f"How many dollars does {who} have left?"
    if s.extra():
        gift = s.int(5, 40)
        s.say(f"Then {who.his} aunt gives {who.him} ${gift}.")
        left = s.step(f"With the gift {who.he} has", f"{left} + {gift}", "dollar")
        answer, question = answer + gift, f"How many dollars does {who} have now?"
    if s.extra():
        weeks = s.int(2, 6)
        each = s.int(2, 9)
        s.say(f"After that {who.he} saves ${each} a week for {weeks} weeks.")
        saved = s.step(f"{who.He} saves", f"{weeks} * {each}", "dollar")
        s.step(f"In the end {who.he} has", f"{left} + {saved}", "dollar")
        answer = answer + weeks * each
        question = f"How many dollars does {who} have in the end?"
    s.ask(question, answer)


@template()
def shirt_discount(s):
    who, fifth = s.person(), s.int(2, 18)
    percent, price = s.pick((10, 20, 25, 30, 40, 50)), 4 * fifth
    s.drawn.append(percent)
    thing = s.pick(("jacket", "sweater", "raincoat", "dress shirt", "backpack"))
    s.say(f"A {thing} costs ${price}. Today it is {percent}% off.")
    less = s.step("The discount is", f"{price} * {percent} / 100", "dollar")
    cost = s.step(f"The {thing} costs", f"{price} - {less}", "dollar")
    reduced = Fraction(price * (100 - percent), 100)
    answer, question = reduced, f"How many dollars does the {thing} cost today?"
    if s.extra():
        number = s.int(2, 6)
        s.say(f"{who} buys {number} of them today.")
        cost = s.step(f"{who} pays", f"{number} * {cost}", "dollar")
        answer, question = number * reduced, f"How many dollars does {who} pay?"
    if s.extra():
        shipping = s.money(2, 9)
        s.say(f"Shipping costs ${shipping} more.")
        s.step("With shipping that is", f"{cost} + {shipping}", "dollar")
        answer, question = answer + shipping, f"How many dollars does {who} pay with shipping?"
    s.ask(question, answer)


@template()
def fruit_by_weight(s):
    who, apples, pears = s.person(), s.int(2, 9), s.int(2, 9)
    first, second = s.money(1.5, 4), s.money(1.5, 4)
    s.say(f"Apples cost ${first} per kilogram and pears cost ${second} per kilogram. {who} buys "
          f"{apples} kilograms of apples and {pears} kilograms of pears.")
    one = s.step("The apples cost", f"{apples} * {first}", "dollar")
    two = s.step("The pears cost", f"{pears} * {second}", "dollar")
    total = s.step("Together they cost", f"{one} + {two}", "dollar")
    answer = apples * first + pears * second
    question = f"How many dollars does {who} pay?"
    if s.extra():
        bags = s.int(2, 4)
        s.say(f"{who.He} also takes {bags} paper bags for $0.25 each.")
        bag = s.step("The bags cost", f"{bags} * 0.25", "dollar")
        total = s.step(f"In all {who.he} pays", f"{total} + {bag}", "dollar")
        answer, question = answer + Fraction(bags, 4), f"How many dollars does {who} pay in all?"
    if s.extra():
        s.say(f"{who.He} pays with a $100 bill.")
        s.step(f"{who.He} gets back", f"100 - {total}", "dollar")
        answer, question = 100 - answer, f"How many dollars does {who} get back?"
    s.ask(question, answer)


@template()
def gym_membership(s):
    who, monthly, months = s.person(), s.int(15, 60), s.int(3, 18)
    joining = s.int(10, 80, 5)
    place = s.pick(("gym", "chess club", "swimming pool", "climbing hall"))
    s.say(f"{who} joins a {place}. Joining costs ${joining}, and each month costs ${monthly}. "
          f"{who.He} stays for {months} months.")
    fees = s.step("The months cost", f"{months} * {monthly}", "dollar")
    total = s.step("With joining that is", f"{fees} + {joining}", "dollar")
    answer = months * monthly + joining
    question = f"How many dollars does {who} pay?"
    if s.extra():
        lessons, price = s.int(2, 9), s.int(8, 25)
        s.say(f"{who.He} also takes {lessons} lessons for ${price} each.")
        cost = s.step("The lessons cost", f"{lessons} * {price}", "dollar")
        total = s.step("With the lessons that is", f"{total} + {cost}", "dollar")
        answer, question = answer + lessons * price, f"How many dollars does {who} pay in all?"
    if s.extra():
        refund = s.int(5, 30, 5)
        s.say(f"In the end {who.he} gets a refund of ${refund}.")
        s.step("After the refund that is", f"{total} - {refund}", "dollar")
        answer = answer - refund
        question = f"How many dollars does {who} pay in all, after the refund?"
    s.ask(question, answer)


@template(short=True)
def cinema_tickets(s):
    adults, children = s.int(2, 6), s.int(2, 9)
    price, reduced = s.int(7, 12), s.int(3, 6)
    s.say(f"A cinema ticket costs ${price} for an adult and ${reduced} for a child. A group of "
          f"{adults} adults and {children} children goes to the cinema.")
    one = s.step("The adults pay", f"{adults} * {price}", "dollar")
    two = s.step("The children pay", f"{children} * {reduced}", "dollar")
    total = s.step("Together they pay", f"{one} + {two}", "dollar")
    answer = adults * price + children * reduced
    question = "How many dollars do the tickets cost?"
    if s.extra():
        snacks = s.int(5, 40)
        s.say(f"They also spend ${snacks} on popcorn.")
        total = s.step("With the popcorn that is", f"{total} + {snacks}", "dollar")
        answer, question = answer + snacks, "How many dollars do they spend in all?"
    if s.extra():
        voucher = s.int(5, 20)
        s.say(f"They use a voucher that is worth ${voucher}.")
        s.step("With the voucher they pay", f"{total} - {voucher}", "dollar")
        answer = answer - voucher
    s.ask(question, answer)


@template(held_out=True)
def toys_profit(s):
    who, sold, cost = s.person(), s.int(5, 25), s.int(3, 12)
    gain = s.int(2, 9)
    thing = s.pick(("wooden toys", "clay pots", "knitted hats", "necklaces"))
    s.say(f"{who} makes {thing}. Each costs ${cost} to make and sells for ${cost + gain}. {who} "
          f"sells {sold} of them.")
    each = s.step(f"{who} gains", f"{cost + gain} - {cost}", "dollar", "on each")
    total = s.step(f"In all {who.he} gains", f"{sold} * {each}", "dollar")
    answer, question = sold * gain, f"How many dollars does {who} gain?"
    if s.extra():
        rent = s.int(3, answer - 4)
        s.say(f"The stall at the market costs ${rent}.")
        total = s.step(f"After paying for the stall {who.he} has", f"{total} - {rent}", "dollar")
        answer, question = answer - rent, f"How many dollars does {who} gain after that?"
    if s.extra():
        partners = s.divisor(answer, 2, 5)
        s.say(f"The gain is shared equally by {partners} friends.")
        s.step("Each friend gets", f"{total} / {partners}", "dollar")
        answer, question = answer // partners, "How many dollars does each friend get?"
    s.ask(question, answer)
