"""Moments as people say them: 今天 17:00, 明天 9:00, 周三 17:00, 11月30日 17:00.

By the city's clocks. What is near is said by its day, because a deadline is a day for whoever must
keep it; the date is for what is further off, with its year where it is another one.
"""

from datetime import date, datetime

from backend.core import day
from backend.core.language import say

# Further ahead a weekday alone would be the wrong week's for some readers.
WEEKDAY_WITHIN = 6


def said(language: str, moment: datetime, now: datetime) -> str:
    """A moment as somebody would say it at the moment ``now``."""
    local = day.local(moment)
    clock = f"{local.hour}:{local.minute:02d}"
    return f"{said_day(language, day.of(moment), day.of(now))} {clock}"


def said_day(language: str, on: date, today: date) -> str:
    """A day as somebody would say it on the day ``today``."""
    ahead = (on - today).days
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(ahead)
    if near:
        return say(language, f"day.{near}")
    if 1 < ahead <= WEEKDAY_WITHIN:
        return say(language, f"day.week_{on.isoweekday()}")
    month = say(language, f"day.month_{on.month}")
    form = "day.date" if on.year == today.year else "day.date_of_year"
    return say(language, form, year=str(on.year), month=month, day=str(on.day))
