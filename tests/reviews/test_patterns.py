"""Meetings that set themselves up, are called off, are filled by drawing, and keep their people."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from backend.core import clock
from backend.core.actor import Actor, Role, system
from backend.core.db import unit_of_work
from backend.matters.reviews import patterns
from backend.matters.reviews.models import Review, ReviewPattern
from backend.tools.importing import sheets
from tests.conftest import Town
from tests.days import CHINA
from tests.events.makers import an_event_at, reported, take

Bearer = Callable[[str], dict[str, str]]
COUNTY = "359902"


@pytest.fixture(autouse=True)
def no_patterns_left(database: str, bearer: Bearer) -> Iterator[None]:
    # Sessions live in real time: nobody signs in on another day.
    for name in ("demo-village", "demo-town", "demo-unit", "demo-dept"):
        bearer(name)
    yield
    with unit_of_work(system(COUNTY)) as session:
        session.execute(text("UPDATE review_pattern SET ended_at = now() WHERE ended_at IS NULL"))


def keep(client: TestClient, headers: dict[str, str], town: Town, **fields: Any) -> Any:
    body = {"area_code": town["demo-village"].area_code, "rhythm": "daily", "at": "09:00"}
    answer = client.post("/api/reviews/patterns", json=body | fields, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()[-1]


def called(pattern_id: str) -> list[tuple[str, str]]:
    """When a pattern meets, in China, and whether it is still meant to."""
    with unit_of_work(system(COUNTY)) as session:
        rows = session.scalars(
            select(Review).where(Review.pattern_id == UUID(pattern_id)).order_by(Review.starts_at)
        )
        return [(f"{r.starts_at.astimezone(CHINA):%m-%d %H:%M}", r.state) for r in rows]


def on(day: str) -> Any:
    return clock.at(datetime.fromisoformat(f"{day}+08:00"))


def scan() -> int:
    with unit_of_work(system(COUNTY)) as session:
        return patterns.call_due(session, COUNTY)


def test_a_daily_meeting_knows_holidays_and_make_up_days(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    # 30 September 2026 is a Wednesday; 1 to 7 October are free, Saturday the 10th is worked.
    with on("2026-09-30T08:00"):
        pattern = keep(client, bearer("demo-village"), town)
        assert called(pattern["id"]) == [("09-30 09:00", "planned")]
        assert scan() == 0
    with on("2026-10-07T10:00"):
        assert scan() == 2
        assert scan() == 0
    with on("2026-10-09T10:00"):
        scan()
    assert called(pattern["id"]) == [
        (f"{day} 09:00", "planned") for day in ("09-30", "10-08", "10-09", "10-10")
    ]


def test_a_weekly_meeting_on_a_free_day_is_held_on_the_next_working_day(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    # Fridays at three: 2 October is free, and so are all days to the 7th.
    with on("2026-09-28T08:00"):
        pattern = keep(
            client, bearer("demo-town"), town, area_code=town.towns[0], rhythm="weekly",
            weekday=4, at="15:00", title="每周研判会",
        )  # fmt: skip
        assert (pattern["rhythm"], pattern["weekday"], pattern["title"]) == (
            "weekly", 4, "每周研判会"
        )  # fmt: skip
        assert called(pattern["id"]) == [("10-08 15:00", "planned")]
    with on("2026-10-02T08:00"):
        scan()
    assert called(pattern["id"]) == [("10-08 15:00", "planned"), ("10-09 15:00", "planned")]


def test_a_stopped_pattern_cancels_what_nobody_has_opened(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    an = bearer("demo-village")
    with on("2026-11-02T08:00"):
        pattern = keep(client, an, town)
        first = client.get(
            "/api/reviews", headers=an,
            params={"since": "2026-11-01T00:00:00Z", "until": "2026-11-30T00:00:00Z"},
        ).json()  # fmt: skip
        today = next(r for r in first if r["starts_at"].startswith("2026-11-02"))
        assert client.post(f"/api/reviews/{today['id']}/open", headers=an).status_code == 200
        gone = client.delete(f"/api/reviews/patterns/{pattern['id']}", headers=an)
        assert (gone.status_code, gone.json()) == (200, [])
        assert called(pattern["id"]) == [
            ("11-02 09:00", "running"), ("11-03 09:00", "cancelled"), ("11-04 09:00", "cancelled"),
        ]  # fmt: skip
        assert scan() == 0
        again = client.delete(f"/api/reviews/patterns/{pattern['id']}", headers=an)
        assert again.status_code == 404


def a_meeting(client: TestClient, headers: dict[str, str], town: Town) -> Any:
    body = {
        "client_id": str(uuid4()), "area_code": town["demo-village"].area_code,
        "starts_at": (clock.now() + timedelta(minutes=5)).isoformat(),
    }  # fmt: skip
    return client.post("/api/reviews", json=body, headers=headers).json()


def test_a_meeting_is_called_off_before_it_opens_and_not_after(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    an = bearer("demo-village")
    review = a_meeting(client, an, town)
    off = client.delete(f"/api/reviews/{review['id']}", headers=an)
    assert (off.status_code, off.json()["state"]) == (200, "cancelled")
    assert client.post(f"/api/reviews/{review['id']}/open", headers=an).status_code == 409
    # Its code opens nothing any more.
    join = client.post(
        "/api/reviews/join", json={"code": review["code"]}, headers=bearer("demo-unit")
    )
    assert join.status_code == 404
    running = a_meeting(client, an, town)
    client.post(f"/api/reviews/{running['id']}/open", headers=an)
    assert client.delete(f"/api/reviews/{running['id']}", headers=an).status_code == 409
    assert client.delete(
        f"/api/reviews/{running['id']}", headers=bearer("demo-dept")
    ).status_code in (403, 404)


def test_cases_come_on_the_agenda_by_drawing_around_them(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    an = bearer("demo-village")
    quiet = an_event_at(town, "dispatched", category="0403")
    hidden = reported(town, town.unit_head_of(town.grids[0]), category="0501")
    take(town, town["demo-town"], hidden, "restrict")
    review = a_meeting(client, an, town)
    keys = {e["event_id"] for e in review["entries"]}
    assert str(quiet) not in keys
    lon, lat = town.sites[town.unit_head_of(town.grids[0]).area_code]
    d = 0.0004
    ring = [[lon - d, lat - d], [lon + d, lat - d], [lon + d, lat + d], [lon - d, lat - d]]
    shape = {"geometry": {"type": "Polygon", "coordinates": [ring]}, "crs": "CGCS2000"}
    path = f"/api/reviews/{review['id']}/entries/within"
    far = {"geometry": {"type": "Point", "coordinates": [lon + 0.5, lat]}, "crs": "CGCS2000"}
    nothing = client.post(path, json=far, headers=an)
    assert (nothing.status_code, nothing.json()["code"]) == (422, "agenda_nothing_there")
    added = client.post(path, json=shape, headers=an)
    assert added.status_code == 201, added.text
    fresh = [e for e in added.json()["entries"] if e["event_id"] == str(quiet)]
    assert [e["reason"] for e in fresh] == ["added"]
    # What only those named may see is not drawn into the open.
    assert str(hidden) not in {e["event_id"] for e in added.json()["entries"]}
    # Twice is not twice on the agenda.
    again = client.post(path, json=shape, headers=an)
    assert again.status_code == 422


def test_a_meeting_leaves_the_house_as_a_sheet_and_comes_in_by_a_code(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    an = bearer("demo-village")
    an_event_at(town, "judging", category="0204")
    review = a_meeting(client, an, town)
    (table,) = sheets.read(client.get(f"/api/reviews/{review['id']}/sheet", headers=an).content)
    assert len(table.rows) == len(review["entries"]) and len(table.columns) == 10
    code = client.get(f"/api/reviews/{review['id']}/code.svg", headers=an)
    assert code.headers["content-type"] == "image/svg+xml" and b"<svg" in code.content
    other = client.get(f"/api/reviews/{review['id']}/code.svg", headers=bearer("demo-unit"))
    assert other.status_code in (403, 404)


def test_who_was_there_and_how_they_voted_is_out_of_a_neighbours_sight(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    an = bearer("demo-village")
    an_event_at(town, "judging", category="0204")
    review = a_meeting(client, an, town)
    opened = client.post(f"/api/reviews/{review['id']}/open", headers=an).json()
    guest = bearer("demo-unit")
    client.post("/api/reviews/join", json={"code": opened["code"]}, headers=guest)
    entry = opened["entries"][0]["id"]
    client.put(
        f"/api/reviews/{review['id']}/entries/{entry}/vote", json={"choice": "yes"}, headers=guest
    )
    neighbour = next(
        a for a in town.actors.values()
        if a.role is Role.VILLAGE_SECRETARY and a.area_code == town.villages[1]
    )  # fmt: skip

    def rows(actor: Actor) -> list[int]:
        with unit_of_work(actor) as session:
            return [
                session.execute(
                    text(f"SELECT count(*) FROM {table} WHERE review_id = :id"),
                    {"id": review["id"]},
                ).scalar_one()
                for table in ("review_person", "review_entry", "review_vote")
            ]

    assert rows(neighbour) == [0, 0, 0]
    assert rows(town["demo-village"]) == rows(town["demo-unit"])
    assert all(n > 0 for n in rows(town["demo-unit"]))


def test_the_same_is_set_up_once_and_an_area_that_is_gone_stops_nobody(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    an = bearer("demo-village")
    with on("2026-11-02T08:00"):
        keep(client, an, town)
        body = {"area_code": town["demo-village"].area_code, "rhythm": "daily", "at": "09:00"}
        twice = client.post("/api/reviews/patterns", json=body, headers=an)
        assert (twice.status_code, twice.json()["code"]) == (409, "review_pattern_known")
        with unit_of_work(system(COUNTY)) as session:
            gone = ReviewPattern(
                county_code=COUNTY, area_code="359902101099", rhythm="daily", at="10:00", title="",
                made_by=town["demo-village"].id, made_at=clock.now(),
            )  # fmt: skip
            session.add(gone)
            session.flush()
            key = gone.id
    with on("2026-11-03T08:00"):
        assert scan() == 1
    with unit_of_work(system(COUNTY)) as session:
        assert session.get_one(ReviewPattern, (COUNTY, key)).ended_at is not None
