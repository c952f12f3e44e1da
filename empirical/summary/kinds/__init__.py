"""The kinds of events that reports tell of."""

from empirical.summary.kinds import accidents, business, culture, public, sport

__all__ = ["KINDS"]

KINDS = (*accidents.KINDS, *business.KINDS, *culture.KINDS, *public.KINDS, *sport.KINDS)
