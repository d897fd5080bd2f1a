"""Who sees a sensitive matter follows its category and its place, whenever either changes."""

from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from backend.core.actor import INTAKE_COUNTY, Actor, Role, anonymous, system
from backend.core.db import unit_of_work
from backend.core.steps import NotYet
from backend.matters.events import queries
from backend.matters.events.intake import reporting
from backend.matters.events.models import Event
from backend.matters.events.reading.whole import read
from backend.matters.events.schemas import PositionIn
from tests.conftest import Town
from tests.events.makers import a_report, an_event_at, reported, take

SENSITIVE, PLAIN = "0501", "0201"


def sees(actor: Actor, event_id: UUID) -> bool:
    with unit_of_work(actor) as session:
        return queries.one(session, actor, event_id) is not None


def the(event_id: UUID, county: str = "359902") -> Event:
    with unit_of_work(system(county)) as session:
        return session.scalars(
            select(Event).where(Event.id == event_id, Event.moved_to.is_(None))
        ).one()


def grid_worker(town: Town) -> Actor:
    head = town.unit_head_of(town["demo-village"].area_code)
    return next(
        a for a in town.actors.values()
        if a.role is Role.GRID_WORKER and head.area_code.startswith(a.area_code)
    )  # fmt: skip


def other_secretary(town: Town) -> Actor:
    return next(
        a for a in town.actors.values()
        if a.role is Role.VILLAGE_SECRETARY and a.id != town["demo-village"].id
    )  # fmt: skip


def pin(town: Town, unit: str) -> PositionIn:
    lon, lat = town.sites[unit]
    return PositionIn(lon=lon, lat=lat, crs="CGCS2000", source="map", confirmed=True)


def test_filing_under_a_sensitive_category_narrows_it(town: Town) -> None:
    head, worker = town.unit_head_of(town["demo-village"].area_code), grid_worker(town)
    event_id = reported(town, head)
    assert sees(worker, event_id)
    take(town, town["demo-village"], event_id, "file", category=SENSITIVE)
    seen = [sees(who, event_id) for who in (head, town["demo-village"], town["demo-town"])]
    assert all(seen) and not sees(worker, event_id) and not sees(town["demo-county"], event_id)
    # Whoever gets it to do sees it.
    take(town, town["demo-town"], event_id, "dispatch")
    assert sees(town["demo-dept"], event_id)
    take(town, town["demo-town"], event_id, "escalate")
    assert sees(town["demo-county"], event_id), "whoever takes it up sees it"


def test_filing_under_a_plain_one_opens_it_unless_somebody_restricted_it(town: Town) -> None:
    head, worker = town.unit_head_of(town["demo-village"].area_code), grid_worker(town)
    once, by_hand = (reported(town, head, category=SENSITIVE) for _ in range(2))
    take(town, town["demo-town"], by_hand, "restrict")
    for event_id in (once, by_hand):
        assert not sees(worker, event_id)
        take(town, town["demo-village"], event_id, "file", category=PLAIN)
    assert sees(worker, once) and the(once).named == []
    assert not sees(worker, by_hand)


def test_another_village_has_another_secretary(town: Town) -> None:
    head, there = town.unit_head_of(town["demo-village"].area_code), other_secretary(town)
    event_id = reported(town, head, category=SENSITIVE)
    assert sees(town["demo-village"], event_id) and not sees(there, event_id)
    unit = next(u for u in town.units if u.startswith(there.area_code))
    take(town, town["demo-town"], event_id, "correct_position", position=pin(town, unit))
    assert sees(there, event_id) and not sees(town["demo-village"], event_id)
    assert sees(head, event_id) and sees(town["demo-town"], event_id)


def test_a_secretary_who_reported_it_goes_on_seeing_it(town: Town) -> None:
    village, there = town["demo-village"], other_secretary(town)
    own = next(u for u in town.units if u.startswith(village.area_code))
    with unit_of_work(village) as session:
        body = a_report(town, own, category=SENSITIVE)
        event_id = UUID(reporting.report(session, village, body)["id"])
    unit = next(u for u in town.units if u.startswith(there.area_code))
    take(town, town["demo-town"], event_id, "correct_position", position=pin(town, unit))
    assert sees(village, event_id) and sees(there, event_id)


def test_without_a_place_it_is_the_citys_until_it_has_one(town: Town) -> None:
    stranger = anonymous()
    with unit_of_work(stranger) as session:
        body = a_report(town, category=SENSITIVE, position=None)
        receipt = reporting.report(session, stranger, body)
    event_id, city = UUID(receipt["id"]), town["demo-city"]
    assert receipt["county_code"] == INTAKE_COUNTY and sees(city, event_id)
    unit = town.unit_head_of(town["demo-village"].area_code).area_code
    take(town, city, event_id, "correct_position", position=pin(town, unit))
    assert sees(town["demo-village"], event_id) and sees(town["demo-town"], event_id)
    assert not sees(city, event_id)


def test_a_stranger_follows_a_sensitive_report_by_its_code(town: Town, client: TestClient) -> None:
    unit = town.unit_head_of(town["demo-village"].area_code).area_code
    body = {
        "client_id": str(uuid4()), "text": "邻里纠纷", "category": SENSITIVE, "area_code": unit,
    }  # fmt: skip
    receipt = client.post("/api/public/events", json=body).json()
    path = f"/api/public/events/{receipt['event_no']}/open"
    opened = client.post(path, json={"code": receipt["track_code"]})
    assert (opened.status_code, opened.json()["restricted"]) == (200, True)
    assert client.post(path, json={"code": "AAAAAAAA"}).status_code == 404
    # The code opens this one, and no other.
    other = an_event_at(town, "reported", category=SENSITIVE)
    with unit_of_work(anonymous()) as session:
        assert queries.one(session, anonymous(), other) is None
    step = {"client_id": str(uuid4()), "action": "urge"}
    urged = client.post(
        f"/api/public/events/{receipt['event_no']}/steps",
        json={"code": receipt["track_code"], "step": step},
    )
    assert urged.status_code == 201


def test_a_restricted_case_is_on_no_meeting_and_the_person_hears_why(town: Town) -> None:
    event_id = an_event_at(town, "reported", category=SENSITIVE)
    with pytest.raises(NotYet, match="restricted_not_for_meetings"):
        take(town, town["demo-village"], event_id, "put_on_agenda")
    take(town, town["demo-village"], event_id, "file")


def test_a_restricted_case_is_looked_at_on_site_by_who_may_see_it(town: Town) -> None:
    event_id = an_event_at(town, "rechecking", category=SENSITIVE)
    with unit_of_work(system("359902")) as session:
        facts = read(session, session.get_one(Event, ("359902", event_id))).facts
    assert facts.local_recheckers == {town["demo-village"].id}, "the grid worker cannot see it"
    take(town, town["demo-village"], event_id, "pass_recheck")
