"""The figures of a month against the truth, counted by hand as the story goes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from backend.core import clock, day, delivery
from backend.core.actor import Actor, system
from backend.core.db import unit_of_work
from backend.matters.events.casework.measures import Deed, figures, two_figures
from backend.matters.events.models import Event
from backend.matters.events.reading.whole import read
from backend.subscriptions import HANDLERS
from backend.tools.counters import queries as counters
from backend.tools.counters.models import LENGTHS
from gis import codes
from tests.conftest import Town
from tests.events.makers import LEAD, an_event_at, reported, take

As = Callable[[Actor], dict[str, str]]
COUNTY = "359902"


def the(event_id: UUID) -> Event:
    with unit_of_work(system(COUNTY)) as session:
        return session.scalars(
            select(Event).where(Event.id == event_id, Event.moved_to.is_(None))
        ).one()


class Month:
    """What the API tells of one month."""

    def __init__(self, client: TestClient, header: dict[str, str], area: str) -> None:
        self.client, self.header, self.area = client, header, area

    def rates(self, month: str = "") -> dict[str, tuple[int, int]]:
        return {r["name"]: (r["of"], r["among"]) for r in self.get("rates", month)}

    def get(self, what: str, month: str = "") -> Any:
        asked = {"area": self.area, "month": month or day.month(clock.now())}
        answer = self.client.get(f"/api/indicators/{what}", params=asked, headers=self.header)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def month(town: Town, client: TestClient, as_actor: As) -> Month:
    return Month(client, as_actor(town["demo-leader"]), town.towns[0])


def moved(before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]]) -> dict[str, Any]:
    """What is different: rates by how much the two numbers grew."""
    return {
        name: (of - before[name][0], among - before[name][1])
        for name, (of, among) in after.items()
        if (of, among) != before[name]
    }


def test_what_the_screens_send_is_what_is_counted(
    town: Town, client: TestClient, as_actor: As, month: Month
) -> None:
    head, desk = town.unit_head_of(town.grids[0]), town["demo-town"]

    def say(actor: Actor, event_id: UUID, **body: Any) -> None:
        sent = {"client_id": str(uuid4()), "photos": [], "note": "", **body}
        answer = client.post(
            f"/api/events/{event_id}/steps", json=sent, headers=as_actor(actor)
        )  # fmt: skip
        assert answer.status_code == 201, answer.text

    solved, unsolved, called = (an_event_at(town, "following_up") for _ in range(3))
    before = month.rates()
    # The console's form leaves what it does not ask for empty.
    nothing = {"reached": True, "solved": None, "satisfied": None}
    say(head, solved, action="answer_solved", survey=nothing)
    after = month.rates()
    assert moved(before, after) == {"responded": (1, 1), "solved": (1, 1), "satisfied": (0, 1)}
    before = after
    say(head, unsolved, action="not_solved", note="还在漏", survey=None)
    after = month.rates()
    assert moved(before, after) == {
        "responded": (1, 1), "solved": (0, 1), "satisfied": (0, 1), "rework": (1, 0),
    }  # fmt: skip
    # Twice in vain and then reached: one call-back, whose last word stands.
    before = after
    for survey in ({"reached": False}, {"reached": False}, {"solved": True, "satisfied": True}):
        say(desk, called, action="record_call", note="打过电话", survey=survey)
    after = month.rates()
    assert moved(before, after) == {"responded": (1, 1), "solved": (1, 1), "satisfied": (1, 1)}
    before = after
    say(head, called, action="not_solved", note="又堵了")
    assert moved(before, month.rates()) == {
        "solved": (-1, 0), "satisfied": (-1, 0), "rework": (1, 0),
    }  # fmt: skip


def test_a_whole_month_is_what_a_person_would_count(town: Town, month: Month) -> None:
    head, village, desk = town.unit_head_of(town.grids[0]), town["demo-village"], town["demo-town"]
    clerk, county = town["demo-dept"], town["demo-county"]
    then = datetime(2026, 4, 7, 2, tzinfo=UTC)
    april, may = "2026-04", "2026-05"
    with clock.at(then):
        # One reported and closed, reopened and closed again: one end, which is in time.
        twice = an_event_at(town, "following_up")
        take(town, head, twice, "answer_solved")
        take(town, desk, twice, "close")
        take(town, head, twice, "ask_reopen")
        take(town, desk, twice, "reopen")
        take(town, clerk, twice, "submit_result")
        take(town, desk, twice, "start_follow_up")
        take(town, head, twice, "answer_solved")
        take(town, desk, twice, "close")
        # One merged and parted again, one merged for good: one merged report.
        main, other, same = (reported(town, head) for _ in range(3))
        for one in (other, same):
            take(town, village, one, "merge", master=the(main).event_no)
        take(town, village, other, "undo_merge")
        # Handed back twice, and the third time given for good: three returns, two of them astray.
        lost = an_event_at(town, "dispatched")
        for reason in ("not_our_duty", "lacks_information"):
            take(town, clerk, lost, "ask_return", reason=reason)
            take(town, desk, lost, "approve_return")
            take(town, desk, lost, "dispatch")
        take(town, clerk, lost, "ask_return", reason="not_our_duty")
        take(town, county, lost, "assign_for_good")
        # Extended twice, which is one extended event; fixed on the spot and reopened: not fixed.
        long = an_event_at(town, "handling")
        for _ in range(2):
            take(town, clerk, long, "ask_extension")
            take(town, desk, long, "approve_extension")
        on_spot = reported(town, head, category="0301")
        take(town, head, on_spot, "resolve_on_spot")
        take(town, desk, on_spot, "reopen")
        # Accepted, and then found to be another channel's matter: not accepted (D7).
        gone = an_event_at(town, "filed")
        take(town, desk, gone, "transfer_out")
    # Dispatched: `twice`, `lost` three times and once for good, `long`. Filed: `twice`, `lost`,
    # `long`; the last two repeat `twice` at its place. Reported: eight. Ended: `twice` two times, `on_spot`.
    assert month.rates(april) == {
        "on_time": (1, 1), "self_resolved": (0, 3), "rework": (0, 1), "reopened": (2, 3),
        "helped": (0, 0), "supervised": (0, 0),
        "returned": (3, 6), "misdispatched": (2, 6), "extended": (1, 3), "suspended": (0, 3),
        "recurred": (2, 1), "merged": (1, 8), "responded": (2, 2), "solved": (2, 2),
        "satisfied": (0, 2),
    }  # fmt: skip
    with clock.at(then + timedelta(days=2)):
        take(town, head, twice, "ask_reopen")
    with clock.at(then + timedelta(days=30)):
        take(town, desk, twice, "reopen")
    # An end that did not last is no end of April any more; that it was reopened is May's.
    assert month.rates(april)["on_time"] == (0, 0)
    assert month.rates(april)["reopened"] == (2, 3)
    assert month.rates(may)["reopened"] == (1, 0)


def test_how_soon_duties_are_taken_on(town: Town, month: Month) -> None:
    then = datetime(2026, 6, 9, 2, tzinfo=UTC)
    desk, clerk = town["demo-town"], town["demo-dept"]
    for minutes in (4, 10, 30, 61, 137):
        with clock.at(then):
            event_id = an_event_at(town, "dispatched")
        with clock.at(then + timedelta(minutes=minutes)):
            take(town, clerk, event_id, "accept")
    # One that was given to another body waits from then on, not from the first time.
    with clock.at(then):
        again = an_event_at(town, "dispatched")
    with clock.at(then + timedelta(hours=5)):
        take(town, desk, again, "recall")
        take(town, desk, again, "dispatch", organization_id=town.bodies[LEAD])
    with clock.at(then + timedelta(hours=5, minutes=20)):
        take(town, clerk, again, "accept")
    assert month.get("response", "2026-06") == {
        "accepted": 6, "median_minutes": 20, "p90_minutes": 140,
    }  # fmt: skip
    assert month.get("response", "2025-01") == {
        "accepted": 0, "median_minutes": None, "p90_minutes": None,
    }  # fmt: skip
    assert [two_figures(n) for n in (0, 99, 101, 137, 1449)] == [0, 99, 100, 140, 1400]


def test_what_a_merged_reporter_says_is_counted_once(town: Town, month: Month) -> None:
    then = datetime(2026, 7, 7, 2, tzinfo=UTC)
    head = town.unit_head_of(town.grids[0])
    with clock.at(then):
        main, other = reported(town, head), reported(town, head)
        take(town, town["demo-village"], other, "merge", master=the(main).event_no)
        for actor, action in (
            ("demo-village", "file"), ("demo-town", "dispatch"), ("demo-dept", "accept"),
            ("demo-dept", "submit_result"), ("demo-town", "start_follow_up"),
        ):  # fmt: skip
            take(town, town[actor], main, action)
        before = month.rates("2026-07")
        take(town, head, other, "not_solved")
        while delivery.drain(COUNTY, HANDLERS):
            pass
    assert the(main).state == "handling"
    assert moved(before, month.rates("2026-07")) == {
        "responded": (1, 1), "solved": (0, 1), "satisfied": (0, 1), "rework": (1, 0),
    }  # fmt: skip


def test_numbers_go_along_when_a_place_or_its_secrecy_is_put_right(town: Town) -> None:
    then = datetime(2026, 8, 11, 2, tzinfo=UTC)
    head, desk = town.unit_head_of(town.grids[0]), town["demo-town"]
    there = next(u for u in town.units if not u.startswith(town.villages[0]))
    lon, lat = town.sites[there]

    def counted(area: str) -> dict[str, int]:
        with unit_of_work(system(COUNTY)) as session:
            found = counters.totals(session, [COUNTY], area, codes.level_of(area), ["2026-08"])
        return {name: n for name, n in found.get(area, {}).items() if n}

    here, away = town.villages[0], there[:12]
    with clock.at(then):
        event_id = an_event_at(town, "judging")
        assert counted(here) == {"2026-08.reported": 1}
        take(
            town, desk, event_id, "correct_position",
            position={"lon": lon, "lat": lat, "crs": "WGS84"},
        )  # fmt: skip
        assert (counted(here), counted(away)) == ({}, {"2026-08.reported": 1})
        take(town, desk, event_id, "restrict", people=["demo-town"])
    assert counted(away) == {"2026-08.reported": 1, "2026-08.restricted.reported": 1}
    assert head.area_code.startswith(here)


def test_every_counter_is_what_the_logs_say(town: Town) -> None:
    """Whatever this module did: its counters are the sum over its events, and nothing else."""
    with unit_of_work(system(COUNTY)) as session:
        truth: dict[str, int] = {}
        for event in session.scalars(select(Event).where(Event.moved_to.is_(None))):
            for measure, n in figures(read(session, event).facts.past).items():
                truth[measure] = truth.get(measure, 0) + n
        found: dict[str, int] = {}
        for year in (2026, 2027):
            months = [f"{year}-{month:02}" for month in range(1, 13)]
            months += [f"{month}{LENGTHS}" for month in months]
            by_area = counters.totals(session, [COUNTY], COUNTY, codes.Level.COUNTY, months)
            for name, n in by_area.get(COUNTY, {}).items():
                if ".restricted." not in name:
                    found[name] = n
    assert {k: n for k, n in found.items() if n} == {k: n for k, n in truth.items() if n}


def test_a_log_without_an_event_counts_for_nothing() -> None:
    assert not figures(())
    at = datetime(2026, 1, 31, 16, 30, tzinfo=UTC)
    deed = Deed("submit", None, "reported", "unit_head", at, {})
    assert dict(figures([deed])) == {"2026-02.reported": 1}, "the city's month, not London's"
