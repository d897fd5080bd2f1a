"""Taking reports in: located at once, once, and doubted when a position is unlikely."""

from collections.abc import Callable
from uuid import UUID, uuid4

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from backend.city.areas import queries as areas
from backend.core import journal
from backend.core.actor import INTAKE_COUNTY, Actor, anonymous
from backend.core.db import unit_of_work
from backend.core.errors import BadInput, Conflict
from backend.core.idempotency import ClientKey
from backend.core.outbox import Outbox
from backend.matters.events import queries
from backend.matters.events.intake import reporting
from backend.matters.events.models import Event, EventAction
from backend.matters.events.schemas import PositionIn
from backend.tools.counters.models import CounterDelta
from gis import crs
from tests.conftest import Town
from tests.events.makers import a_report, an_event_at, reported, take


def test_a_report_is_located_in_its_unit_and_leaves_everything_it_should(town: Town) -> None:
    head = town.unit_head_of(town.grids[0])
    event_id = reported(town, head)
    with unit_of_work(head) as session:
        event = queries.one(session, head, event_id)
        assert event is not None
        assert (event.area_code, event.state) == (head.area_code, "reported")
        assert event.county_code == "359902"
        (entry,) = queries.log_of(session, event)
        assert journal.broken_at([entry], event.log_head) is None
        facts = session.scalars(select(Outbox).where(Outbox.subject_id == event_id)).all()
        assert [f.fact for f in facts] == ["event.advanced"]
        deltas = session.scalars(select(CounterDelta).where(CounterDelta.id == entry.id)).all()
        assert [(d.measure, d.change) for d in deltas] == [("state.reported", 1)]


def test_the_same_report_twice_is_one_report(town: Town) -> None:
    head = town.unit_head_of(town.grids[0])
    body = a_report(town, head.area_code)
    answers = []
    for _ in range(2):
        with unit_of_work(head) as session:
            answers.append(reporting.report(session, head, body))
    assert answers[0] == answers[1]
    with unit_of_work(head) as session:
        entries = select(func.count()).select_from(EventAction)
        n = session.scalar(entries.where(EventAction.event_id == UUID(answers[0]["id"])))
        assert n == 1


def test_the_same_key_for_something_else_is_refused(town: Town) -> None:
    head, other = town.unit_head_of(town.grids[0]), town.unit_head_of(town.villages[1])
    body = a_report(town, head.area_code)
    with unit_of_work(head) as session:
        reporting.report(session, head, body)
    for actor, changed in ((head, body.model_copy(update={"text": "别的"})), (other, body)):
        with pytest.raises(Conflict, match="key_used"), unit_of_work(actor) as session:
            reporting.report(session, actor, changed)


def shifted_inside(town: Town) -> tuple[Actor, float, float]:
    """A unit head whose GCJ-02 position, read as WGS 84, still lies somewhere in the town."""
    for unit, (lon, lat) in town.sites.items():
        shifted_lon, shifted_lat = (float(v[0]) for v in crs.wgs84_to_gcj02([lon], [lat]))
        with unit_of_work() as session:
            if areas.code_at(session, shifted_lon, shifted_lat):
                return town.unit_head_of(unit), shifted_lon, shifted_lat
    raise AssertionError("the town is too small")


def test_gcj02_sent_as_wgs84_is_flagged_and_settled_by_the_reporter(town: Town) -> None:
    head, lon, lat = shifted_inside(town)
    wrong = PositionIn(lon=lon, lat=lat, crs="WGS84", accuracy_m=8)
    with unit_of_work(head) as session:
        answer = reporting.report(session, head, a_report(town, position=wrong))
    assert answer["doubt"]["crs"] == "GCJ02"
    assert answer["area_code"] != head.area_code
    assert answer["doubt"]["distance_m"] == pytest.approx(567, abs=15)
    right = PositionIn(
        lon=answer["doubt"]["lon"], lat=answer["doubt"]["lat"], crs="CGCS2000", source="map",
        confirmed=True,
    )  # fmt: skip
    event_id = UUID(answer["id"])
    take(town, head, event_id, "correct_position", position=right)
    with unit_of_work(head) as session:
        event = queries.one(session, head, event_id)
        assert event is not None
        assert (event.area_code, event.crs_suspect) == (head.area_code, None)
        # What was sent stays as it was sent.
        assert event.raw_position == {
            "lon": lon, "lat": lat, "crs": "WGS84", "accuracy_m": 8, "source": "gps",
            "confirmed": False,
        }  # fmt: skip
        assert journal.broken_at(queries.log_of(session, event), event.log_head) is None


def test_a_declared_gcj02_position_is_not_doubted(town: Town) -> None:
    head = town.unit_head_of(town.grids[0])
    site = town.sites[head.area_code]
    lon, lat = np.ravel(crs.wgs84_to_gcj02([site[0]], [site[1]]))
    told = PositionIn(lon=float(lon), lat=float(lat), crs="GCJ02")
    with unit_of_work(head) as session:
        answer = reporting.report(session, head, a_report(town, position=told))
    assert (answer["doubt"], answer["area_code"]) == (None, head.area_code)


def test_a_position_of_a_confirmed_pin_is_not_doubted_again(town: Town) -> None:
    head = town.unit_head_of(town.grids[0])
    elsewhere = town.sites[next(u for u in town.units if u.startswith(town.villages[1]))]
    pin = PositionIn(lon=elsewhere[0], lat=elsewhere[1], crs="WGS84", confirmed=True)
    with unit_of_work(head) as session:
        assert reporting.report(session, head, a_report(town, position=pin))["doubt"] is None


def test_a_place_outside_every_area_goes_to_the_city(town: Town) -> None:
    head = town.unit_head_of(town.grids[0])
    sea = PositionIn(lon=121.5, lat=25.0, crs="WGS84", confirmed=True)
    with unit_of_work(head) as session:
        answer = reporting.report(session, head, a_report(town, position=sea))
    assert (answer["county_code"], answer["area_code"]) == (INTAKE_COUNTY, INTAKE_COUNTY)
    city = town["demo-city"]
    with unit_of_work(city) as session:
        assert queries.one(session, city, UUID(answer["id"])) is not None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"category": "9999"}, "unknown_category"),
        ({"category": "0103"}, "needs_photo"),
        ({"text": " "}, "needs_words_or_photo"),
        ({"area_code": "359902999", "position": None}, "area_unknown"),
        ({"photos": [uuid4()]}, "photo_not_yours"),
        ({"position": PositionIn(lon=399417.0, lat=2816280.0, crs="WGS84")}, "position_unreadable"),
        ({"position": PositionIn(lon=119.0, lat=25.4, crs="amap")}, "position_unreadable"),
    ],
)
def test_what_cannot_be_used_is_refused_and_leaves_nothing(town: Town, changes, code) -> None:  # type: ignore[no-untyped-def]
    head = town.unit_head_of(town.grids[0])
    body = a_report(town, **changes)
    with pytest.raises(BadInput, match=code), unit_of_work(head) as session:
        reporting.report(session, head, body)
    with unit_of_work(head) as session:
        assert session.get(ClientKey, (head.home_county, body.client_id)) is None


def test_a_point_without_crs_is_refused(
    client: TestClient, bearer: Callable[[str], dict[str, str]]
) -> None:
    body = {"client_id": str(uuid4()), "category": "0201", "text": "x",
            "position": {"lon": 119.0, "lat": 25.4}}  # fmt: skip
    answer = client.post("/api/events", json=body, headers=bearer("demo-unit"))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "position.crs"


class TestPublic:
    def report(self, client: TestClient, town: Town, **changes: object):  # type: ignore[no-untyped-def]
        body = a_report(town, anonymous=True, **changes).model_dump(mode="json")
        return client.post("/api/public/events", json=body)

    def test_reported_and_followed_without_an_account(self, client: TestClient, town: Town) -> None:
        receipt = self.report(client, town).json()
        path = f"/api/public/events/{receipt['event_no']}/open"
        opened = client.post(path, json={"code": receipt["track_code"].lower()}).json()
        assert (opened["state"], opened["reported_by_me"]) == ("reported", True)
        assert opened["timeline"][0]["actor_name"] == ""
        for wrong in ("", "AAAAAAAA", receipt["track_code"][:-1]):
            assert client.post(path, json={"code": wrong}).status_code == 404

    def test_the_code_opens_one_report_and_no_other(self, client: TestClient, town: Town) -> None:
        one, two = (self.report(client, town).json() for _ in range(2))
        path = f"/api/public/events/{two['event_no']}/open"
        assert client.post(path, json={"code": one["track_code"]}).status_code == 404

    def test_a_contact_is_sealed_masked_and_revealed_with_a_reason(
        self, client: TestClient, town: Town, as_actor, bearer
    ) -> None:  # type: ignore[no-untyped-def]
        contact = {"name": "张三", "phone": "13800001234"}
        receipt = self.report(
            client, town, contact=contact, position=None, area_code=town.units[0]
        ).json()
        path = f"/api/events/{receipt['id']}"
        secretary = next(
            a
            for a in town.actors.values()
            if a.role == "village_secretary" and town.units[0].startswith(a.area_code)
        )
        shown = client.get(path, headers=as_actor(secretary))
        assert shown.json()["has_contact"] is True
        assert "13800001234" not in shown.text and "张三" not in shown.text
        reveal = f"{path}/contact"
        assert (
            client.post(reveal, json={"reason": "x"}, headers=as_actor(secretary)).status_code
            == 422
        )
        full = client.post(reveal, json={"reason": "回访核实情况"}, headers=as_actor(secretary))
        assert full.json() == {**contact, "phone_proved": False}
        assert (
            client.post(
                reveal, json={"reason": "回访核实情况"}, headers=bearer("demo-dept")
            ).status_code
            == 403
        )
        with unit_of_work(secretary) as session:
            from backend.matters.events.models import EventContact, Reveal

            looks = session.scalars(select(Reveal)).all()
            assert [(r.account_id, r.reason) for r in looks] == [(secretary.id, "回访核实情况")]
            row = session.scalars(select(EventContact)).one()
            assert b"13800001234" not in (row.phone_sealed or b"")
        listed = client.get("/api/audit/looks", headers=bearer("demo-audit")).json()["items"]
        assert [(one["event_no"], one["name"], one["reason"]) for one in listed] == [
            (shown.json()["event_no"], secretary.name, "回访核实情况")
        ]

    def test_anonymous_stays_anonymous_to_everyone(
        self, client: TestClient, town: Town, as_actor
    ) -> None:  # type: ignore[no-untyped-def]
        head = town.unit_head_of(town.grids[0])
        event_id = reported(town, head, anonymous=True)
        for who in (town["demo-town"], town["demo-village"], head):
            answer = client.get(f"/api/events/{event_id}", headers=as_actor(who))
            if answer.status_code == 200:
                assert head.name not in str(answer.json()["timeline"])
                assert answer.json()["reporter_name"] is None


def test_somebody_nobody_in_particular_sees_nothing(town: Town) -> None:
    reported(town, town.unit_head_of(town.grids[0]))
    nobody = anonymous()
    for actor in (None, nobody):
        with unit_of_work(actor) as session:
            assert session.scalar(select(func.count()).select_from(Event)) == 0


def test_an_event_knows_its_near_ones_inside_the_scope(
    town: Town, client: TestClient, as_actor
) -> None:  # type: ignore[no-untyped-def]
    event_id = an_event_at(town, "reported")
    lon, lat = town.sites[town.unit_head_of(town.grids[0]).area_code]
    query = f"/api/events/near?lon={lon}&lat={lat}&radius_m=40"
    inside = client.get(query, headers=as_actor(town["demo-town"])).json()
    assert str(event_id) in [one["id"] for one in inside]
    assert all(one["distance_m"] <= 40 for one in inside)
    neighbour = next(
        a
        for a in town.actors.values()
        if a.role == "village_secretary" and not town.grids[0].startswith(a.area_code)
    )
    assert client.get(query, headers=as_actor(neighbour)).json() == []
