"""School, books and tests."""

from fractions import Fraction

from empirical.reasoning.problems.registry import template

__all__ = []


@template(short=True)
def pages_read(s):
    who, days, pages = s.person(), s.int(3, 12), s.int(6, 25)
    s.say(f"{who} reads {pages} pages of a book each day for {days} days.")
    read = s.step(f"{who} reads", f"{days} * {pages}", "page")
    answer, question = days * pages, f"How many pages does {who} read?"
    if s.extra():
        more = s.int(5, 80)
        s.say(f"There are {more} pages left to read.")
        read = s.step("The book has", f"{read} + {more}", "page")
        answer, question = answer + more, "How many pages does the book have?"
    if s.extra():
        friend, other = s.person(), s.int(5, 60)
        s.say(f"{friend} reads a book that is {other} pages shorter.")
        s.step(f"{friend}'s book has", f"{read} - {other}", "page")
        answer, question = answer - other, f"How many pages does {friend}'s book have?"
    s.ask(question, answer)


@template(short=True)
def pencil_boxes(s):
    boxes, pencils, given = s.int(3, 9), s.int(6, 12), s.int(5, 17)
    thing = s.pick(("pencils", "crayons", "markers", "erasers"))
    s.say(f"A teacher has {boxes} boxes with {pencils} {thing} in each. She hands out {given} of "
          f"the {thing}.")
    all_ = s.step("The teacher has", f"{boxes} * {pencils}", thing[:-1])
    left = s.step("She has", f"{all_} - {given}", thing[:-1], "left")
    answer, question = boxes * pencils - given, f"How many {thing} are left?"
    if s.extra():
        back = s.int(2, given - 1)
        s.say(f"At the end of the day {back} of them are returned.")
        left = s.step("When some are returned she has", f"{left} + {back}", thing[:-1])
        answer = answer + back
        question = f"How many {thing} does she have at the end of the day?"
    if s.extra():
        tables = s.divisor(answer, 2, 9)
        s.say(f"She puts these on {tables} tables, the same number on each.")
        s.step("On each table there are", f"{left} / {tables}", thing[:-1])
        answer, question = answer // tables, f"How many {thing} are on each table?"
    s.ask(question, answer)


@template()
def score_average(s):
    who, mean = s.person(), s.int(60, 92)
    first, second = s.int(mean - 12, mean + 7), s.int(mean - 12, mean + 7)
    third = 3 * mean - first - second
    s.need(third <= 100)
    subject = s.pick(("math", "history", "music", "biology"))
    s.say(f"{who} takes three {subject} tests and scores {first}, {second} and {third} points.")
    total = s.step(f"Together {who} scores", f"{first} + {second} + {third}", "point")
    average = s.step("The average is", f"{total} / 3", "point")
    answer, question = mean, "How many points is the average score?"
    if s.extra():
        bonus = s.int(2, 8)
        s.say(f"For good work in class the teacher adds {bonus} points to the average.")
        average = s.step("With the extra points that is", f"{average} + {bonus}", "point")
        answer, question = answer + bonus, f"How many points does {who} have after that?"
    if s.extra():
        friend, less = s.person(), s.int(3, 30)
        s.say(f"{friend} has {less} points fewer than {who}.")
        s.step(f"{friend} has", f"{average} - {less}", "point")
        answer, question = answer - less, f"How many points does {friend} have?"
    s.ask(question, answer)


@template(short=True)
def chairs_in_rows(s):
    rows, chairs = s.int(3, 12), s.int(5, 15)
    place = s.pick(("hall", "theater", "tent", "gym"))
    s.say(f"In a {place} there are {rows} rows with {chairs} chairs in each row.")
    free = s.step("There are", f"{rows} * {chairs}", "chair")
    answer, question = rows * chairs, f"How many chairs are in the {place}?"
    if s.extra():
        guests = s.int(4, answer - 3)
        s.say(f"There are {guests} guests, and each takes one chair.")
        free = s.step("There are", f"{free} - {guests}", "chair", "free")
        answer, question = answer - guests, "How many chairs are free?"
    if s.extra():
        broken = s.int(2, answer - 1)
        s.say(f"Of the free chairs {broken} are carried away.")
        s.step("After that there are", f"{free} - {broken}", "chair", "free")
        answer, question = answer - broken, "How many chairs are free after that?"
    s.ask(question, answer)


@template()
def homework_minutes(s):
    who, sums, each = s.person(), s.int(4, 15), s.int(2, 6)
    essay = s.int(15, 60, 5)
    s.say(f"For homework {who} solves {sums} math problems, which take {each} minutes each, and "
          f"writes an essay in {essay} minutes.")
    first = s.step("The math problems take", f"{sums} * {each}", "minute")
    total = s.step("With the essay that is", f"{first} + {essay}", "minute")
    answer, question = sums * each + essay, f"How many minutes does the homework take {who}?"
    if s.extra():
        breaks, rest = s.int(2, 4), s.int(3, 12)
        s.say(f"{who.He} also takes {breaks} breaks of {rest} minutes each.")
        pause = s.step("The breaks take", f"{breaks} * {rest}", "minute")
        total = s.step("With the breaks that is", f"{total} + {pause}", "minute")
        answer = answer + breaks * rest
        question = f"How many minutes does it take {who}, breaks included?"
    if s.extra():
        friend = s.person()
        s.say(f"{friend} needs twice as long.")
        s.step(f"{friend} needs", f"2 * {total}", "minute")
        answer, question = 2 * answer, f"How many minutes does {friend} need?"
    s.ask(question, answer)


@template()
def class_fraction(s):
    part, word = s.pick(((2, "Half"), (3, "A third"), (4, "A quarter"), (5, "A fifth")))
    size = s.int(4, 24)
    s.drawn.append(part)
    hobby = s.pick(("play an instrument", "walk to school", "wear glasses", "have a pet"))
    s.say(f"A school trip has {part * size} children. {word} of them {hobby}.")
    those = s.step("These are", f"{part * size} / {part}", "child")
    others = s.step("The others are", f"{part * size} - {those}", "child")
    answer, question = (part - 1) * size, f"How many of the children do not {hobby}?"
    if s.extra():
        new = s.int(2, 9)
        s.say(f"Then {new} more children join who do not {hobby} either.")
        others = s.step("With those who join that is", f"{others} + {new}", "child")
        answer, question = answer + new, f"How many of the children do not {hobby} now?"
    if s.extra():
        groups = s.divisor(answer, 2, 9)
        s.say(f"Those who do not {hobby} form {groups} groups of the same size.")
        s.step("Each group has", f"{others} / {groups}", "child")
        answer = Fraction(answer, groups)
        question = "How many children are in each of these groups?"
    s.ask(question, answer)


@template(held_out=True)
def library_books(s):
    start, lent, back = s.int(200, 900, 10), s.int(20, 140), s.int(10, 90)
    place = s.pick(("library", "village library", "book club"))
    s.say(f"A {place} has {start} books on its shelves. On Monday {lent} books are lent out, and "
          f"on Tuesday {back} books are brought back.")
    left = s.step("On Monday evening there are", f"{start} - {lent}", "book")
    now = s.step("On Tuesday evening there are", f"{left} + {back}", "book")
    answer, question = start - lent + back, "How many books are on the shelves then?"
    if s.extra():
        boxes, each = s.int(2, 6), s.int(8, 25)
        s.say(f"On Wednesday it buys {boxes} boxes of {each} books.")
        new = s.step("The boxes hold", f"{boxes} * {each}", "book")
        now = s.step("On Wednesday evening there are", f"{now} + {new}", "book")
        answer = answer + boxes * each
        question = "How many books are on the shelves on Wednesday evening?"
    if s.extra():
        old = s.int(5, 60)
        s.say(f"On Thursday it gives away {old} old books.")
        s.step("On Thursday evening there are", f"{now} - {old}", "book")
        answer = answer - old
        question = "How many books are on the shelves on Thursday evening?"
    s.ask(question, answer)
