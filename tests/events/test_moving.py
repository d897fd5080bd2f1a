"""A position put right: into the next village, and into another county, with every link kept."""

from collections.abc import Callable
from uuid import UUID, uuid4

from fastapi.testclient import TestClient
from sqlalchemy import func, select

from backend.core import journal
from backend.core.actor import INTAKE_COUNTY, Actor
from backend.core.db import unit_of_work
from backend.matters.events import queries
from backend.matters.events.intake import reporting
from backend.matters.events.models import EventContact
from backend.matters.events.schemas import ContactIn, PositionIn
from backend.tools.counters import service as rolling
from backend.tools.counters.models import Counter
from backend.tools.media.models import Media
from tests.conftest import Town
from tests.events.makers import a_report, keep_photo, reported, take

NOWHERE = PositionIn(lon=110.0, lat=30.0, crs="WGS84", accuracy_m=8)


def pin(town: Town, unit: str) -> PositionIn:
    lon, lat = town.sites[unit]
    return PositionIn(lon=lon, lat=lat, crs="CGCS2000", source="map", confirmed=True)


def counted(county: str, area: str) -> int:
    with unit_of_work() as session:
        while rolling.roll_up(session, county):
            pass
        return session.scalar(
            select(func.coalesce(func.sum(Counter.total), 0)).where(
                Counter.county_code == county, Counter.area_code == area,
                Counter.measure == "state.reported",
            )
        ) or 0  # fmt: skip


def test_out_of_nowhere_into_a_county(town: Town, client: TestClient) -> None:
    head, city, village = town.unit_head_of(town.grids[0]), town["demo-city"], town["demo-village"]
    county, unit = town.counties[0], head.area_code
    intake_before, unit_before = counted(INTAKE_COUNTY, INTAKE_COUNTY), counted(county, unit)
    with unit_of_work(head) as session:
        photo = keep_photo(session, head)
        body = a_report(
            town, position=NOWHERE, photos=[photo],
            contact=ContactIn(name="林伯", phone="13800000001"),
        )  # fmt: skip
        receipt = reporting.report(session, head, body)
    assert receipt["county_code"] == INTAKE_COUNTY
    event_id = UUID(receipt["id"])
    with unit_of_work(village) as session:
        assert queries.one(session, village, event_id) is None
    take(town, city, event_id, "correct_position", position=pin(town, unit))
    for actor in (head, city, village):
        with unit_of_work(actor) as session:
            event = queries.one(session, actor, event_id)
            assert event is not None
            assert (event.county_code, event.area_code) == (county, unit)
            assert event.event_no == receipt["event_no"]
            entries = queries.log_of(session, event)
            assert [e.action for e in entries] == ["submit", "correct_position"]
            assert journal.broken_at(entries, event.log_head) is None
            assert session.scalar(select(Media.event_county).where(Media.id == photo)) == county
            contacts = session.scalars(select(EventContact).where(EventContact.id == event_id))
            assert [c.county_code for c in contacts] == [county]
    assert counted(INTAKE_COUNTY, INTAKE_COUNTY) == intake_before
    assert counted(county, unit) == unit_before + 1
    # The number still names the intake county, and the code still opens it.
    opened = client.post(
        f"/api/public/events/{receipt['event_no']}/open", json={"code": receipt["track_code"]}
    )
    assert (opened.status_code, opened.json()["county_code"]) == (200, county)
    # It goes on from there like any other.
    take(town, village, event_id, "file")


def test_moved_out_of_sight_says_so(
    town: Town, client: TestClient, as_actor: Callable[[Actor], dict[str, str]]
) -> None:
    village = town["demo-village"]
    event_id = reported(town, town.unit_head_of(village.area_code))
    there = next(u for u in town.units if not u.startswith(village.area_code))
    step = {
        "client_id": str(uuid4()), "action": "correct_position",
        "position": pin(town, there).model_dump(mode="json"),
    }  # fmt: skip
    answer = client.post(f"/api/events/{event_id}/steps", json=step, headers=as_actor(village))
    assert (answer.status_code, answer.json()) == (201, None)
    assert client.get(f"/api/events/{event_id}", headers=as_actor(village)).status_code == 404
    with unit_of_work(town["demo-town"]) as session:
        event = queries.one(session, town["demo-town"], event_id)
        assert event is not None and event.area_code == there
