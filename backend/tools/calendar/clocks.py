"""Time that counts: four clocks, a working calendar, and deadlines over pauses. No I/O.

Everything is measured in seconds of the clock's own kind of time: natural seconds for urgent hours
and calendar days, working seconds for working hours and working days. Moments carry a time zone;
what day it is, is asked in the calendar's zone: the city's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from backend.core import day as city_day


class Clock(StrEnum):
    """The kinds of limit. Source: the local rule tables under GB/T 30428.8."""

    URGENT_HOUR = "urgent_hour"  # 紧急工作时: nights and holidays count
    WORK_HOUR = "work_hour"  # 工作时
    WORK_DAY = "work_day"  # 工作日: as many working hours as a day has
    CALENDAR_DAY = "calendar_day"  # 自然日


WORKING = frozenset({Clock.WORK_HOUR, Clock.WORK_DAY})
# Hours of one city's offices: a working day is eight working hours.
USUAL_HOURS = ((time(8), time(12)), (time(14), time(18)))


class Kind(StrEnum):
    """How a day differs from what its weekday says."""

    HOLIDAY = "holiday"
    MAKE_UP = "make_up"  # 调休上班


@dataclass(frozen=True)
class Calendar:
    """Which time is working time. ``days`` holds only the exceptions to Monday to Friday."""

    version: int
    hours: tuple[tuple[time, time], ...] = USUAL_HOURS
    days: Mapping[date, Kind] = field(default_factory=dict)
    zone: ZoneInfo = field(default_factory=city_day.zone)

    def works_on(self, day: date) -> bool:
        """Whether a day is a working day."""
        kind = self.days.get(day)
        if kind is not None:
            return kind is Kind.MAKE_UP
        return day.weekday() < 5

    def periods(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The working periods that end after a moment, without end."""
        day = city_day.of(since, self.zone)
        while True:
            if self.works_on(day):
                for begins, ends in self.hours:
                    stop = city_day.at(day, ends, self.zone)
                    if stop > since:
                        yield max(city_day.at(day, begins, self.zone), since), stop
            day += timedelta(days=1)

    def works_at(self, moment: datetime) -> bool:
        """Whether a moment lies in working time; the end of a period does not."""
        by_the_clock = city_day.local(moment, self.zone).time()
        inside = any(begins <= by_the_clock < ends for begins, ends in self.hours)
        return inside and self.works_on(city_day.of(moment, self.zone))

    @property
    def day_seconds(self) -> float:
        """The working seconds of a working day."""
        return sum(_seconds(b) - _seconds(a) for a, b in self.hours)

    def within(self, day: date, start: datetime, end: datetime) -> float:
        """The working seconds of one day that lie between two moments."""
        if not self.works_on(day):
            return 0.0
        spans = (
            min(city_day.at(day, b, self.zone), end) - max(city_day.at(day, a, self.zone), start)
            for a, b in self.hours
        )
        return sum(max(0.0, span.total_seconds()) for span in spans)

    def working_days(self, first: date, after: date) -> int:
        """The working days from ``first`` on and before ``after``; lists ask it for every row."""
        weeks, rest = divmod((after - first).days, 7)
        odd = (first.weekday() + i for i in range(rest))
        count = weeks * 5 + sum(weekday % 7 < 5 for weekday in odd)
        for day, kind in self.days.items():
            if first <= day < after:
                count += (kind is Kind.MAKE_UP) - (day.weekday() < 5)
        return count

    def knows(self, year: int) -> bool:
        """Whether the holidays of a year have been entered; otherwise only weekends are free."""
        return any(day.year == year for day in self.days)


def _seconds(at: time) -> float:
    return at.hour * 3600 + at.minute * 60 + at.second + at.microsecond / 1e6


@dataclass(frozen=True)
class Limit:
    """A promise: so much of one kind of time."""

    clock: Clock
    amount: float


def budget(limit: Limit, calendar: Calendar, start: datetime) -> float:
    """The seconds that a limit grants to a matter that begins at ``start``.

    Calendar days end at midnight of the last one, the first day not counted (Civil Code of the
    PRC, articles 201 and 203); they do not move to a working day: a city's promise in calendar
    days means just that.
    """
    match limit.clock:
        case Clock.URGENT_HOUR | Clock.WORK_HOUR:
            return limit.amount * 3600
        case Clock.WORK_DAY:
            return limit.amount * calendar.day_seconds
        case Clock.CALENDAR_DAY:
            last = city_day.of(start, calendar.zone) + timedelta(days=int(limit.amount) + 1)
            return (city_day.midnight(last, calendar.zone) - start).total_seconds()


def granted(limit: Limit, calendar: Calendar, start: datetime, extensions: int = 0) -> float:
    """The seconds of a limit that was extended: each time by one original limit.

    Extended calendar days are so many days more and end at a midnight again, whatever the hour of
    the beginning; twice the seconds of the first limit would end at any hour.
    """
    if limit.clock is Clock.CALENDAR_DAY:
        whole = Limit(limit.clock, int(limit.amount) * (1 + extensions))
        return budget(whole, calendar, start)
    return budget(limit, calendar, start) * (1 + extensions)


def midnight_after(moment: datetime, zone: ZoneInfo) -> datetime:
    """The end of the day in which a moment lies, in a zone; midnight itself stays."""
    on = city_day.of(moment, zone)
    begins = city_day.midnight(on, zone)
    return moment if begins == moment else city_day.midnight(on + timedelta(days=1), zone)


def add(clock: Clock, calendar: Calendar, start: datetime, seconds: float) -> datetime:
    """The moment at which ``seconds`` of the clock's time have passed since ``start``, in UTC.

    What is due at the end of a working period is due then, not when the next one begins.
    """
    if clock not in WORKING:
        return (start + timedelta(seconds=seconds)).astimezone(UTC)
    left = seconds
    for begins, ends in calendar.periods(start):
        length = (ends - begins).total_seconds()
        if left <= length:
            return (begins + timedelta(seconds=left)).astimezone(UTC)
        left -= length
    raise AssertionError("working periods never end")


def elapsed(clock: Clock, calendar: Calendar, start: datetime, end: datetime) -> float:
    """The seconds of the clock's time between two moments; 0 when they are reversed."""
    if clock not in WORKING:
        return max(0.0, (end - start).total_seconds())
    if end <= start:
        return 0.0
    first, last = city_day.of(start, calendar.zone), city_day.of(end, calendar.zone)
    if first == last:
        return calendar.within(first, start, end)
    whole = calendar.working_days(first + timedelta(days=1), last) * calendar.day_seconds
    return calendar.within(first, start, end) + whole + calendar.within(last, start, end)


@dataclass(frozen=True)
class Segment:
    """A stretch in which the clock ran; ``end`` is None while it runs."""

    start: datetime
    end: datetime | None = None


def due(
    limit: Limit, calendar: Calendar, segments: Sequence[Segment], extensions: int = 0
) -> datetime | None:
    """When a matter is due, worked out again from the stretches in which its clock ran.

    None while the clock is paused: the rest of the time waits for it to go on. Extended calendar
    days end at midnight, also when the clock stood still in between.
    """
    if not segments or segments[-1].end is not None:
        return None
    whole = granted(limit, calendar, segments[0].start, extensions)
    used = sum(
        elapsed(limit.clock, calendar, s.start, s.end) for s in segments if s.end is not None
    )
    end = add(limit.clock, calendar, segments[-1].start, whole - used)
    if limit.clock is Clock.CALENDAR_DAY and extensions:
        return midnight_after(end, calendar.zone)
    return end


def share(start: datetime, due_at: datetime, now: datetime, clock: Clock, cal: Calendar) -> float:
    """How much of a deadline has been used: 0 at its start, 1 when due, beyond when late.

    After the deadline natural time goes on counting against the same whole, so that a matter that
    became late on Friday evening is not silent until Monday.
    """
    whole = elapsed(clock, cal, start, due_at)
    if whole <= 0:
        return 1.0 if now >= due_at else 0.0
    if now <= due_at:
        return elapsed(clock, cal, start, now) / whole
    return 1.0 + (now - due_at).total_seconds() / max((due_at - start).total_seconds(), 1.0)
