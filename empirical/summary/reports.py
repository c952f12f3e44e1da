"""Short reports of made-up events, each with a reference summary of one sentence.

Report i of a stream depends on the stream and i alone. It is of one of about thirty kinds, from
fires to finals; its facts (places, people, numbers) are drawn, told in three or four sentences
that can be worded in several ways, some with facts that do not matter. The reference is one of
several sentences that sum the report up. None of them is part of the report; which one it is
cannot be known from the report, so that even a perfect summary scores below 1 on average.
"""

from dataclasses import dataclass

from empirical.summary.draw import WIDTH, Draw
from empirical.summary.kinds import KINDS

__all__ = ["Report", "reports", "write"]


@dataclass(frozen=True, slots=True)
class Report:
    """A report with its summaries.

    Attributes
    ----------
    kind : int
        Number of its kind, a place in :data:`empirical.summary.kinds.KINDS`.
    article : str
        Three or four sentences.
    summary : str
        The reference: one of `summaries`.
    summaries : tuple of str
        All that would do.
    retold : str
        Another report of the same event, told in other words.
    """

    kind: int
    article: str
    summary: str
    summaries: tuple
    retold: str


def reports(streams, indices):
    """Return the reports number `indices` of a stream.

    Parameters
    ----------
    streams : Streams
        Where facts and words are drawn.
    indices : sequence of int
        Numbers >= 0.

    Returns
    -------
    list of Report
    """
    return [write(row) for row in streams.uniform(indices, WIDTH)]


def write(uniform):
    """Return the report that a row of :data:`WIDTH` uniform numbers makes."""
    draw = Draw(uniform)
    number = draw.number(0, len(KINDS) - 1)
    kind = KINDS[number]
    chosen = [draw.pick(ways) for ways in kind.body]
    told = draw.pick(kind.summaries)
    facts = kind.facts(draw)
    others = [draw.pick([way for way in ways if way != mine])
              for ways, mine in zip(kind.body, chosen)]
    summaries = tuple(_sentence(way, facts) for way in kind.summaries)
    return Report(number, _told(chosen, facts), _sentence(told, facts), summaries,
                  _told(others, facts))


def _told(ways, facts):
    return " ".join(_sentence(way, facts) for way in ways if way)


def _sentence(template, facts):
    """Return a template with its facts, beginning with a capital letter."""
    text = template.format_map(facts)
    head = 1 if text.startswith('"') else 0
    return text[:head] + text[head].upper() + text[head + 1:]
