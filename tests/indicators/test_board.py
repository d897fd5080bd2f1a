"""Each number of the board and the list behind it have as many rows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient
from sqlalchemy import select, update

from backend.core import clock, day
from backend.core.actor import INTAKE_COUNTY, Actor, system
from backend.core.db import unit_of_work
from backend.insight.indicators.figures import figures, month_around
from backend.matters.events.intake import reporting
from backend.matters.events.models import Event
from backend.matters.events.promises.jobs import scan_overdue
from backend.tools.counters.service import roll_up
from tests.conftest import Town
from tests.days import CHINA
from tests.events.makers import a_report, an_event_at, reported, take

As = Callable[[Actor], dict[str, str]]
COUNTY = "359902"


def rows_of(client: TestClient, header: dict[str, str], query: dict[str, list[str]]) -> int:
    """How many rows the list behind a number has, page by page."""
    found, after = 0, None
    while True:
        asked = {**query, "size": 2, **({"after": after} if after else {})}
        answer = client.get("/api/events", params=asked, headers=header)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found, after = found + len(page["items"]), page["next"]
        if not after:
            return found


def late_by_now(*event_ids: UUID) -> None:
    with unit_of_work(system(COUNTY)) as session:
        session.execute(
            update(Event)
            .where(Event.county_code == COUNTY, Event.id.in_(event_ids))
            .values(due_at=clock.now() - timedelta(minutes=1))
        )
    with unit_of_work() as session:
        scan_overdue(session, COUNTY)


def lived(town: Town) -> None:
    """Events in every state that a number speaks of, some late, some restricted, some moved."""
    head, village, desk = town.unit_head_of(town.grids[0]), town["demo-village"], town["demo-town"]
    main, same, wrong = (reported(town, head) for _ in range(3))
    take(town, village, same, "merge", master=main_number(main))
    take(town, village, wrong, "void")
    take(town, desk, an_event_at(town, "filed"), "transfer_out")
    reported(town, head, category="0501")
    for state in ("judging", "filed", "dispatched", "feedback"):
        an_event_at(town, state)
    take(town, head, reported(town, head, category="0301"), "resolve_on_spot")
    again, ended, old = (an_event_at(town, "following_up") for _ in range(3))
    for event_id in (again, ended):
        take(town, head, event_id, "answer_solved")
        take(town, desk, event_id, "close")
    take(town, head, again, "ask_reopen")
    take(town, desk, again, "reopen")
    with clock.at(clock.now() - timedelta(days=40)):
        take(town, head, old, "answer_solved")
        take(town, desk, old, "close")
    late, extended, done, hidden = (an_event_at(town, "handling") for _ in range(4))
    take(town, town["demo-dept"], extended, "ask_extension")
    late_by_now(late, extended, done, hidden)
    take(town, desk, extended, "approve_extension")
    take(town, town["demo-dept"], done, "submit_result")
    take(town, desk, hidden, "restrict", people=["demo-town"])


def main_number(event_id: UUID) -> str:
    with unit_of_work(system(COUNTY)) as session:
        return session.scalars(select(Event.event_no).where(Event.id == event_id)).one()


def test_each_number_opens_a_list_of_as_many_rows(
    town: Town, client: TestClient, as_actor: As
) -> None:
    lived(town)
    seen: dict[str, int] = {}
    for name in ("demo-leader", "demo-town", "demo-village", "demo-county"):
        actor = town[name]
        header = as_actor(actor)
        for area in {actor.area_code, town.towns[0], town.villages[0], town.grids[0]}:
            if not area.startswith(actor.area_code):
                continue
            board: dict[str, Any] = client.get(
                "/api/indicators", params={"area": area}, headers=header
            ).json()
            for figure in board["figures"]:
                rows = rows_of(client, header, figure["query"])
                assert rows == figure["listed"], (name, area, figure)
            whole = board["whole"]
            parts = [whole[n] for n in ("waiting", "working", "closed", "left_out")]
            assert whole["reported"] == sum(parts)
            assert (
                whole["reported"] == sum(p["reported"] for p in board["parts"]) + board["elsewhere"]
                or not board["parts"]
            )
            if area == town.towns[0]:
                seen = {f["name"]: f["n"] for f in board["figures"]}
                hidden = {f["name"]: f["n"] - f["listed"] for f in board["figures"]}
    # By hand: the two closed that stand and the one fixed on the spot; late are `late`, `done`
    # and the restricted one; left out are the merged, the void and the transferred one.
    assert (seen["closed"], seen["overdue"], seen["left_out"]) == (3, 3, 3)
    assert (hidden["reported"], hidden["overdue"]) == (2, 1)
    assert seen["closed_this_month"] == 2


def test_a_month_begins_and_ends_by_the_citys_clock(database: str) -> None:
    since, before = month_around(datetime(2026, 12, 31, 16, 30, tzinfo=UTC))
    assert (since, before) == (
        datetime(2027, 1, 1, tzinfo=CHINA), datetime(2027, 2, 1, tzinfo=CHINA),
    )  # fmt: skip
    # A board that was opened before midnight leads to the month that it shows.
    (shown,) = (
        one.query
        for one in figures({}, "359902", datetime(2026, 12, 31, 15, 30, tzinfo=UTC))
        if one.name == "closed_this_month"
    )
    assert (shown["closed_since"], shown["closed_before"]) == (
        ["2026-11-30T16:00:00+00:00"], ["2026-12-31T16:00:00+00:00"],
    )  # fmt: skip


def test_what_has_no_county_yet_is_the_citys(town: Town, client: TestClient, as_actor: As) -> None:
    leader = as_actor(town["demo-leader"])

    def board(area: str) -> tuple[dict[str, Any], int, dict[str, dict[str, Any]]]:
        shown = client.get("/api/indicators", params={"area": area}, headers=leader).json()
        return shown["whole"], shown["elsewhere"], {one["name"]: one for one in shown["figures"]}

    def merged(area: str) -> int:
        asked = {"area": area, "month": day.month(clock.now())}
        rates = client.get("/api/indicators/rates", params=asked, headers=leader).json()
        return next(int(rate["among"]) for rate in rates if rate["name"] == "merged")

    city, county = "3599", town.counties[0]
    whole, elsewhere, _ = board(city)
    in_county, of_month = board(county)[0]["reported"], merged(city)
    known = rows_of(client, leader, {"area": [county]})
    with unit_of_work(town["demo-city"]) as session:
        report = a_report(town, town.units[0], position=None)
        answer = reporting.report(session, town["demo-city"], report)
    assert answer["county_code"] == INTAKE_COUNTY
    for counted in (False, True):
        if counted:
            with unit_of_work(system(INTAKE_COUNTY)) as session:
                assert roll_up(session, INTAKE_COUNTY)
        now, others, figures = board(city)
        assert (now["reported"], others) == (whole["reported"] + 1, elsewhere + 1)
        assert figures["reported"]["listed"] == rows_of(
            client, leader, figures["reported"]["query"]
        )
        assert figures["waiting"]["listed"] == rows_of(client, leader, figures["waiting"]["query"])
        assert merged(city) == of_month + 1
    # A county's are its own, on the board and in its list.
    assert board(county)[0]["reported"] == in_county
    assert rows_of(client, leader, {"area": [county]}) == known
