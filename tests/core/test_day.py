"""One day: the city's, whatever the server's zone and the database session's are."""

import time as clocks
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError
from sqlalchemy import select, text

from backend.city.accounts import queries as accounts
from backend.core import clock, day, ids
from backend.core.actor import system
from backend.core.db import get_engine, unit_of_work
from backend.core.settings import Settings, get_settings
from backend.matters.events.casework import counting
from backend.matters.events.models import Event
from backend.matters.items.models import Item
from backend.tools.notices import sending
from tests.conftest import Town
from tests.events.makers import reported
from tests.items.makers import proposed

COUNTY = "359902"
# Half past seven in the morning of the 21st in China; in UTC it is still the 20th.
MORNING = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)


@pytest.fixture(params=["UTC", "America/Los_Angeles", "Pacific/Kiritimati"])
def server_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server whose own clock shows another day."""
    monkeypatch.setenv("TZ", request.param)
    clocks.tzset()
    yield request.param
    monkeypatch.undo()
    clocks.tzset()


def test_a_moment_has_the_citys_day(server_zone: str, town: Town) -> None:
    assert day.of(MORNING) == date(2026, 11, 21)
    assert day.digits(MORNING) == "20261121"
    assert day.minute(MORNING) == "2026-11-21 07:30"
    assert day.minute_in_words(MORNING) == "2026年11月21日 07:30"
    assert (day.minute(None), day.minute_in_words(None)) == ("", "")
    assert day.month(datetime(2026, 11, 30, 16, 0, tzinfo=UTC)) == "2026-12"
    with clock.at(MORNING):
        assert day.today() == date(2026, 11, 21)


def test_days_begin_at_the_citys_midnight(town: Town) -> None:
    assert day.midnight(date(2026, 11, 21)) == datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    assert day.end(date(2026, 12, 31)) == datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert day.at(date(2026, 11, 21), time(9)) == datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
    assert day.months(2026) == (day.midnight(date(2026, 1, 1)), day.midnight(date(2027, 1, 1)))
    assert day.months(2026, 12, 1) == (
        day.midnight(date(2026, 12, 1)), day.midnight(date(2027, 1, 1))
    )  # fmt: skip
    with pytest.raises(ValueError, match="without a zone"):
        day.of(MORNING.replace(tzinfo=None))


def test_where_summer_time_begins_a_day_has_twenty_three_hours(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONEMAP_ZONE", "Europe/Berlin")
    get_settings.cache_clear()
    try:
        on = date(2026, 3, 29)
        assert day.end(on) - day.midnight(on) == timedelta(hours=23)
        assert day.of(datetime(2026, 3, 28, 23, 30, tzinfo=UTC)) == on
        assert ids.event_number("359902", datetime(2026, 3, 28, 23, 30, tzinfo=UTC)).startswith(
            "E20260329"
        )
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()


def test_a_zone_that_does_not_exist_is_told_at_the_start(town: Town) -> None:
    for wrong in ("Asia/Putian", "", "../etc/passwd"):
        with pytest.raises(ValidationError, match="zone"):
            Settings(zone=wrong)  # type: ignore[call-arg]


def test_every_screen_is_told_the_citys_zone(client: TestClient, town: Town, as_actor) -> None:  # type: ignore[no-untyped-def]
    signed_in = client.get("/api/auth/me", headers=as_actor(town["demo-village"]))
    for answer in (signed_in, client.get("/api/public/settings")):
        assert answer.json()["zone"] == "Asia/Shanghai"


def test_numbers_of_events_items_and_meetings_carry_the_citys_day(
    server_zone: str, town: Town, client: TestClient, as_actor
) -> None:  # type: ignore[no-untyped-def]
    here = town["demo-village"]
    with clock.at(MORNING):
        event_id = reported(town, town.unit_head_of(town.grids[0]))
        item_id = proposed(here)
    with unit_of_work(system(COUNTY)) as session:
        event_no = session.scalar(select(Event.event_no).where(Event.id == event_id))
        item_no = session.scalar(select(Item.item_no).where(Item.id == item_id))
    assert (event_no or "")[:9] == "E20261121" and (item_no or "")[1:9] == "20261121"
    starts = day.midnight(day.today() + timedelta(days=3)) + timedelta(hours=7)
    made = client.post(
        "/api/reviews", headers=as_actor(here),
        json={"client_id": str(uuid4()), "area_code": here.area_code,
              "starts_at": starts.isoformat()},
    )  # fmt: skip
    assert made.status_code == 201, made.text
    on = day.today() + timedelta(days=3)
    assert made.json()["review_no"].startswith(f"M{on:%Y%m%d}-")
    assert f"{on.month}月{on.day}日" in made.json()["title"]


def test_what_happens_counts_in_the_citys_month(town: Town) -> None:
    last = datetime(2026, 10, 31, 16, 30, tzinfo=UTC)
    assert "2026-11.reported" in counting.first(last, restricted=False)


def test_nobody_is_written_to_in_the_citys_night() -> None:
    night = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)  # ten in the evening
    assert sending.after_quiet(night) == datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
    early = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)  # four in the morning of the 21st
    assert sending.after_quiet(early) == datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
    assert sending.after_quiet(MORNING) == datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
    noon = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
    assert sending.after_quiet(noon) == noon


def test_a_post_ends_with_the_citys_day(server_zone: str, town: Town) -> None:
    """A post whose last day was the 20th is over at half past midnight of the 21st in China."""
    who = town["demo-village"]
    with unit_of_work() as session:
        before = len(accounts.posts_of(session, who.id))
        session.execute(
            text(
                "UPDATE post SET valid_from = '2026-11-01', valid_to = '2026-11-20' WHERE id = :id"
            ),
            {"id": who.post_id},
        )
        with clock.at(datetime(2026, 11, 20, 15, 59, tzinfo=UTC)):
            assert len(accounts.posts_of(session, who.id)) == before
        with clock.at(datetime(2026, 11, 20, 16, 1, tzinfo=UTC)):
            assert len(accounts.posts_of(session, who.id)) == before - 1
        session.rollback()


def test_the_application_never_depends_on_the_servers_zone(town: Town) -> None:
    with get_engine().connect() as connection:
        assert connection.execute(text("SHOW timezone")).scalar() == "UTC"


def test_no_column_takes_a_day_from_the_database(town: Town) -> None:
    with get_engine().connect() as connection:
        made = connection.execute(
            text(
                "SELECT table_name, column_name FROM information_schema.columns"
                " WHERE table_schema = 'public' AND data_type = 'date'"
                " AND column_default IS NOT NULL"
            )
        ).all()
        functions = connection.execute(
            text(
                "SELECT proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace"
                " WHERE n.nspname = 'public' AND prokind = 'f'"
                " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_proc.oid"
                "                 AND d.deptype = 'e')"
                r" AND prosrc ~* 'current_date|::\s*date\M|date_trunc|to_char'"
            )
        ).all()
    assert (made, functions) == ([], [])
