"""The city's day: which date a moment has where its people live, and when that day begins.

Moments are stored and counted in UTC; a day, a month, a number's date and a file's date belong to
the city's zone (`ONEMAP_ZONE`). Neither the server's zone nor the database session's is ever asked.
Every moment that leaves here is in UTC: two moments in one zone would be subtracted by the clock on
the wall, which is an hour off where summer time begins.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from backend.core import clock
from backend.core.settings import get_settings

MIDNIGHT = time()


@lru_cache
def _named(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def zone() -> ZoneInfo:
    """The zone of the city."""
    return _named(get_settings().zone)


def local(moment: datetime, where: ZoneInfo | None = None) -> datetime:
    """A moment by the clocks of the city, or of another zone.

    Raises
    ------
    ValueError
        The moment says no zone: whose day it is cannot be known.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone has no day")
    return moment.astimezone(where or zone())


def of(moment: datetime, where: ZoneInfo | None = None) -> date:
    """The day of a moment."""
    return local(moment, where).date()


def today() -> date:
    """The day that it is now."""
    return of(clock.now())


def at(on: date, by_the_clock: time, where: ZoneInfo | None = None) -> datetime:
    """The moment when the clocks show a time of a day."""
    return datetime.combine(on, by_the_clock, where or zone()).astimezone(UTC)


def midnight(on: date, where: ZoneInfo | None = None) -> datetime:
    """The moment at which a day begins."""
    return at(on, MIDNIGHT, where)


def end(on: date) -> datetime:
    """The moment at which a day is over: the next one's midnight."""
    return midnight(on + timedelta(days=1))


def month(moment: datetime) -> str:
    """The month of a moment, as ``2026-11``."""
    return f"{local(moment):%Y-%m}"


def months(year: int, first: int = 1, count: int = 12) -> tuple[datetime, datetime]:
    """When a stretch of months begins, and when it is over; the whole year when not said."""
    after = year * 12 + first - 1 + count
    return midnight(date(year, first, 1)), midnight(date(after // 12, after % 12 + 1, 1))


def digits(moment: datetime) -> str:
    """A moment's day as ``20261121``, for the numbers that people quote."""
    return f"{local(moment):%Y%m%d}"


def minute(moment: datetime | None) -> str:
    """A moment to the minute as ``2026-11-21 07:30``; empty for none."""
    return "" if moment is None else f"{local(moment):%Y-%m-%d %H:%M}"


def minute_in_words(moment: datetime | None) -> str:
    """A moment to the minute as ``2026年11月21日 07:30``, for papers; empty for none."""
    return "" if moment is None else f"{local(moment):%Y年%m月%d日 %H:%M}"
