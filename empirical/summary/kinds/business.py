"""Jobs, profits, takeovers, recalls, strikes."""

from empirical.summary.draw import Kind, counted

__all__ = ["KINDS"]

NAMES = tuple("Alder Beacon Cobalt Delta Everest Falcon Granite Horizon Juniper Kestrel Lantern "
              "Meteor".split())
MAKERS = tuple(f"{name} {kind}" for name in NAMES
               for kind in ("Foods", "Motors", "Energy", "Textiles", "Steel"))
FIRMS = MAKERS + tuple(f"{name} {kind}" for name in NAMES for kind in ("Bank", "Airways", "Media"))


def _jobs(d):
    name, last = d.person()
    return {
        "firm": d.new(MAKERS), "place": d.place(), "other": d.place(), "name": name, "last": last,
        "jobs": counted(d.number(40, 900, 20), "job"), "year": str(d.number(2026, 2030)),
        "cost": f"{d.number(5, 95, 5)} million pounds",
        "site": d.pick(("factory", "call centre", "research centre", "warehouse", "data centre")),
    }


OPENING = Kind("opening", _jobs, (
    ("{firm} said it would build a {site} in {place}.",
     "A {site} is to be built in {place} by {firm}.",
     "{firm} has chosen {place} for its new {site}."),
    ("The project will cost {cost} and bring {jobs}.",
     "It will create {jobs} at a cost of {cost}."),
    ("Work should be finished in {year}.", "The doors are due to open in {year}."),
    ("{name}, the chief executive, praised the skills of local people.",
     "{other} had also hoped to win the contract.",
     "Mayor {name} called it wonderful news for the town."),
), (
    "{firm} is to create {jobs} at a new {site} in {place}.",
    "A new {site} in {place} will bring {jobs} to the town.",
    "{firm} plans to spend {cost} on a {site} in {place}.",
    "{place} is to get a {site} and {jobs} by {year}.",
))

CLOSING = Kind("closing", lambda d: _jobs(d) | {
    "why": d.pick(("falling sales", "high energy prices", "cheap imports", "a loss of orders"))}, (
    ("{firm} told staff in {place} that their {site} would shut.",
     "Staff at the {firm} {site} in {place} have been told that it will close."),
    ("The company said {why} left it no choice.", "It blamed {why}.",
     "Managers put the decision down to {why}."),
    ("The closure in {year} will end {jobs}.", "{jobs} will go when it shuts in {year}."),
    ("{name}, a union leader, said workers were shocked.",
     "Some of the work will move to {other}.", "Union official {name} asked the firm to think "
     "again."),
), (
    "{firm} is to close its {site} in {place} with the loss of {jobs}.",
    "{jobs} are to be lost in {place} because of {why}.",
    "{firm} has blamed {why} for the end of its {site} in {place}.",
    "The {firm} {site} in {place} will close in {year}.",
))


def _profit(d):
    rise = d.chance(0.5)
    name, last = d.person()
    return {
        "firm": d.new(FIRMS), "name": name, "last": last, "share": f"{d.number(3, 48)} percent",
        "sum": f"{d.number(12, 980, 4)} million pounds", "month": d.month(),
        "verb": "rose" if rise else "fell", "noun": "rise" if rise else "fall",
        "did": "risen" if rise else "fallen",
        "why": d.pick(("strong demand abroad", "lower costs", "a warm spring") if rise else
                      ("weak demand abroad", "higher wages", "a wet summer")),
        "stock": f"{d.number(2, 15)} percent",
    }


PROFIT = Kind("profit", _profit, (
    ("{firm} reported its results for the year to {month}.",
     "Results from {firm} cover the year to {month}."),
    ("Profits {verb} by {share} to {sum}.", "It made {sum}, after profits {verb} by {share}."),
    ("Chief executive {name} pointed to {why}.", "{name}, who runs the company, put it down to "
     "{why}.", "The main reason was {why}, said chief executive {name}."),
    ("Shares moved by {stock} after the news.", "", "The dividend stays the same."),
), (
    "Profits at {firm} have {did} by {share}.",
    "{firm} has made {sum} in a year of {why}.",
    "{firm} has reported a {noun} in profits of {share} after {why}.",
))


def _takeover(d):
    name, last = d.person()
    return {
        "buyer": d.new(FIRMS), "target": d.new(FIRMS),
        "sum": f"{d.number(50, 950, 50)} million pounds",
        "name": name, "last": last, "jobs": counted(d.number(100, 900, 100), "job"),
        "place": d.place(), "month": d.month(),
        "watch": d.pick(("regulators", "shareholders", "ministers")),
    }


TAKEOVER = Kind("takeover", _takeover, (
    ("Talks between {buyer} and {target} ended with a deal on price.",
     "Months of talks over the future of {target} have ended."),
    ("{buyer} will pay {sum} for the company, which is based in {place}.",
     "The {place} company will be bought by {buyer} for {sum}."),
    ("{watch} must still agree, and the sale should be complete in {month}.",
     "The sale is due in {month} if {watch} agree."),
    ("", "{name} will stay on as head of {target}.", "Unions fear for {jobs}.",
     "{name}, who leads {buyer}, said no jobs were at risk."),
), (
    "{buyer} has agreed to buy {target} for {sum}.",
    "{target} is to be taken over by {buyer}.",
    "{target} of {place} is to be sold for {sum}.",
    "{buyer} is to take over its rival {target} in a deal worth {sum}.",
))


def _recall(d):
    thing, fault, kind = d.pick((
        ("toasters", "can catch fire", "Electrics"), ("baby seats", "can tip over", "Toys"),
        ("chocolate bars", "may contain nuts", "Foods"),
        ("cars", "can lose their brakes", "Motors"),
        ("phone chargers", "can give a shock", "Electrics"),
        ("frozen pizzas", "may contain metal", "Foods"),
        ("bicycles", "have weak forks", "Motors")))
    return {
        "firm": f"{d.pick(NAMES)} {kind}", "thing": thing, "fault": fault,
        "count": f"{d.number(2, 90, 2)},000", "day": d.day(),
        "months": f"{d.pick(('January', 'February', 'March'))} and "
                  f"{d.pick(('June', 'July', 'August'))}",
        "cases": counted(d.number(2, 30), "complaint"), "place": d.place(),
    }


RECALL = Kind("recall", _recall, (
    ("Customers who own {thing} made by {firm} were told on {day} to stop using them.",
     "{firm} asked shops on {day} to take its {thing} off the shelves."),
    ("Tests showed that they {fault}.", "The company found that they {fault} after {cases}.",
     "It acted after {cases} that they {fault}."),
    ("About {count} were sold between {months}.", "{count} of them were made between {months}."),
    ("", "Buyers will get their money back.", "They were made at a plant in {place}, which has "
     "been checked."),
), (
    "{firm} is recalling {count} {thing} because they {fault}.",
    "{thing} made by {firm} have been recalled over safety fears.",
    "Shops have been told to stop selling {thing} that {fault}.",
))


def _strike(d):
    name, last = d.person()
    return {
        "who": d.pick(("train drivers", "teachers", "nurses", "bus drivers", "bin collectors",
                       "airport staff", "postal workers")),
        "place": d.place(), "other": d.place(), "day": d.day(),
        "days": counted(d.number(2, 9), "day"),
        "offer": f"{d.number(1, 5)} percent", "want": f"{d.number(6, 12)} percent",
        "over": d.pick(("pay", "working hours", "pensions", "staff shortages")),
        "name": name, "last": last,
    }


STRIKE = Kind("strike", _strike, (
    ("{who} in {place} voted on {day} to walk out in a row over {over}.",
     "A vote on {day} among {who} in {place} was clear: they want to walk out over {over}."),
    ("The strike will last {days}.", "They will stay away for {days} from next week.",
     "It will be a walkout of {days}."),
    ("They have been offered {offer} more, but ask for {want}.",
     "The union wants a rise of {want} and turned down {offer}."),
    ("Union leader {name} said talks could go on.", "", "Workers in {other} accepted the same "
     "offer.", "{name}, for the employers, called it a great pity."),
), (
    "{who} in {place} are to strike for {days} over {over}.",
    "{who} in {place} have voted to strike in a row over {over}.",
    "A strike by {who} in {place} will last {days}.",
    "{who} in {place} have turned down a rise of {offer} and will strike.",
))

KINDS = (OPENING, CLOSING, PROFIT, TAKEOVER, RECALL, STRIKE)
