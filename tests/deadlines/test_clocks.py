"""Deadlines worked out by hand around holidays with make-up days, and properties that must hold."""

import json
from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.seeding.recipe import DATA
from backend.tools.calendar.clocks import (
    Calendar,
    Clock,
    Kind,
    Limit,
    Segment,
    add,
    budget,
    due,
    elapsed,
    share,
)
from tests.days import CHINA

DAYS = {
    date.fromisoformat(row["day"]): Kind(row["kind"])
    for row in json.loads((DATA / "calendar.json").read_text("utf-8"))["days"]
}
CALENDAR = Calendar(1, days=DAYS, zone=CHINA)


def at(words: str) -> datetime:
    return datetime.strptime(words, "%Y-%m-%d %H:%M").replace(tzinfo=CHINA)


def ends(clock: Clock, amount: float, start: str) -> str:
    moment = due(Limit(clock, amount), CALENDAR, [Segment(at(start))])
    assert moment is not None
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_seeded_calendar_is_the_published_one(year: int) -> None:
    for offset in range(365):
        day = date(year, 1, 1) + timedelta(days=offset)
        assert CALENDAR.works_on(day) == chinese_calendar.is_workday(day), day


# Worked out with a paper calendar. A day has 8 working hours: 8 to 12 and 14 to 18.
BY_HAND = [
    # Spring Festival 2025: the Sunday before (26 Jan) and the Saturday after (8 Feb) are worked.
    # Mon 27 Jan is worked; 28 Jan to 4 Feb free; Wed 5, Thu 6.
    ("work_day", 3, "2025-01-26 18:00", "2025-02-06 18:00"),
    ("work_day", 3, "2025-01-24 17:00", "2025-02-05 17:00"),
    ("work_day", 3, "2025-02-06 10:00", "2025-02-10 10:00"),  # Fri, Sat(!) and then Monday
    # Labour Day 2025: Sun 27 Apr worked, 1 to 5 May free.
    ("work_day", 3, "2025-04-30 16:00", "2025-05-08 16:00"),
    ("work_day", 3, "2025-04-26 09:00", "2025-04-29 18:00"),
    # National Day 2025: Sun 28 Sep worked, 1 to 8 Oct free, Sat 11 Oct worked.
    ("work_day", 3, "2025-09-30 15:00", "2025-10-11 15:00"),
    ("work_hour", 4, "2025-09-30 16:00", "2025-10-09 10:00"),
    # New Year 2026: 1 to 3 Jan free, Sun 4 Jan worked.
    ("work_day", 3, "2025-12-31 14:00", "2026-01-06 12:00"),
    # Spring Festival 2026: Sat 14 Feb worked, 15 to 23 Feb free, Sat 28 Feb worked.
    ("work_day", 3, "2026-02-14 12:00", "2026-02-26 12:00"),
    ("work_day", 3, "2026-02-26 11:00", "2026-03-02 11:00"),  # Fri 27, Sat 28 (worked), Mon 2
    # National Day 2026: Sun 20 Sep worked; 25 to 27 Sep free; 1 to 7 Oct free; Sat 10 Oct worked.
    ("work_day", 3, "2026-09-30 18:00", "2026-10-10 18:00"),
    ("work_day", 3, "2026-09-18 17:00", "2026-09-22 17:00"),
    # Nights, lunch and holidays count for urgent hours, and for nothing else.
    ("urgent_hour", 2, "2026-10-01 23:30", "2026-10-02 01:30"),
    ("work_hour", 2, "2026-11-20 11:00", "2026-11-20 15:00"),
    ("work_hour", 2, "2026-11-20 17:00", "2026-11-23 09:00"),
    ("work_hour", 4, "2026-11-20 12:30", "2026-11-20 18:00"),
    # The day itself is not counted, the last one ends at midnight.
    ("calendar_day", 3, "2026-09-30 09:00", "2026-10-04 00:00"),
]


@pytest.mark.parametrize(("clock", "amount", "start", "expected"), BY_HAND)
def test_by_hand(clock: str, amount: float, start: str, expected: str) -> None:
    assert ends(Clock(clock), amount, start) == expected


def test_a_pause_moves_the_end_by_what_was_left() -> None:
    limit = Limit(Clock.WORK_DAY, 3)
    # A day and a half used, paused over a holiday: a day and a half remain.
    before = Segment(at("2026-09-28 08:00"), at("2026-09-29 12:00"))
    assert due(limit, CALENDAR, [before]) is None
    on = due(limit, CALENDAR, [before, Segment(at("2026-10-08 14:00"))])
    assert on == at("2026-10-09 18:00")
    assert due(limit, CALENDAR, [before, Segment(at("2026-10-08 14:00"))], extensions=1) == at(
        "2026-10-13 18:00"
    )


@pytest.mark.parametrize(
    ("start", "extensions", "expected"),
    [
        ("2026-11-02 20:56", 0, "2026-11-06 00:00"),
        ("2026-11-02 20:56", 1, "2026-11-09 00:00"),
        ("2026-11-02 15:00", 1, "2026-11-09 00:00"),
        ("2026-11-02 00:00", 2, "2026-11-12 00:00"),
    ],
)
def test_extended_calendar_days_end_at_midnight_as_the_first_did(
    start: str, extensions: int, expected: str
) -> None:
    limit = Limit(Clock.CALENDAR_DAY, 3)
    assert due(limit, CALENDAR, [Segment(at(start))], extensions) == at(expected)


def test_extended_calendar_days_end_at_midnight_also_after_a_pause() -> None:
    before = Segment(at("2026-11-02 10:00"), at("2026-11-03 10:00"))
    # Two days and 14 hours were left of three, and three more were granted.
    end = due(Limit(Clock.CALENDAR_DAY, 3), CALENDAR, [before, Segment(at("2026-11-10 11:30"))], 1)
    assert end == at("2026-11-17 00:00")


moments = st.integers(0, 700 * 86_400).map(
    lambda seconds: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
clocks = st.sampled_from(Clock)
amounts = st.integers(1, 12)


@given(clocks, moments, st.floats(0, 400_000))
def test_what_is_added_has_passed(clock: Clock, start: datetime, seconds: float) -> None:
    assert elapsed(clock, CALENDAR, start, add(clock, CALENDAR, start, seconds)) == pytest.approx(
        seconds, abs=1e-3
    )


@given(clocks, st.tuples(moments, moments, moments).map(sorted))
def test_stretches_add_up(clock: Clock, three: list[datetime]) -> None:
    a, b, c = three
    parts = elapsed(clock, CALENDAR, a, b) + elapsed(clock, CALENDAR, b, c)
    whole = elapsed(clock, CALENDAR, a, c)
    assert parts == pytest.approx(whole, abs=1e-3)
    assert 0 <= whole <= (c - a).total_seconds() + 1e-6


@settings(max_examples=60)
@given(clocks, amounts, moments, st.lists(st.floats(60, 90_000), max_size=6))
def test_pauses_never_lose_or_make_time(
    clock: Clock, amount: int, start: datetime, gaps: list[float]
) -> None:
    limit = Limit(clock, amount)
    granted = budget(limit, CALENDAR, start)
    segments, now = [], start
    for i, gap in enumerate(gaps):
        then = now + timedelta(seconds=gap)
        if i % 2 == 0:
            segments.append(Segment(now, then))
        now = then
    end = due(limit, CALENDAR, [*segments, Segment(now)])
    assert end is not None
    used = sum(elapsed(clock, CALENDAR, s.start, s.end) for s in segments if s.end)
    if used <= granted:
        assert used + elapsed(clock, CALENDAR, now, end) == pytest.approx(granted, abs=1e-2)


@given(clocks, amounts, moments, st.floats(0, 2_000_000))
def test_the_share_grows_and_is_one_when_due(
    clock: Clock, amount: int, start: datetime, seconds: float
) -> None:
    end = due(Limit(clock, amount), CALENDAR, [Segment(start)])
    assert end is not None and end >= start
    now = start + timedelta(seconds=seconds)
    used = share(start, end, now, clock, CALENDAR)
    later = share(start, end, now + timedelta(minutes=7), clock, CALENDAR)
    assert 0 <= used <= later
    assert (used >= 1) == (now >= end) or used == pytest.approx(1)


def test_a_year_without_holidays_is_noticed() -> None:
    assert CALENDAR.knows(2026) and not CALENDAR.knows(2031)


@given(st.integers(0, 365 * 86_400))
def test_a_moment_is_working_time_inside_a_period_and_not_at_its_end(second: int) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    begins, ends = next(CALENDAR.periods(moment))
    assert CALENDAR.works_at(moment) is (begins <= moment)
    assert not CALENDAR.works_at(ends) and CALENDAR.works_at(ends - timedelta(microseconds=1))
