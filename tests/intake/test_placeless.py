"""An address alone: who hears of it, what the reporter is told, and how it gets its place."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from backend.core import clock, delivery
from backend.core.actor import INTAKE_COUNTY, Actor, anonymous, system
from backend.core.db import unit_of_work
from backend.core.settings import get_settings
from backend.matters.events import queries
from backend.matters.events.intake import addresses, importing, reporting
from backend.matters.events.intake.finding import proposals
from backend.matters.events.models import Alarm
from backend.matters.events.promises import alarms
from backend.subscriptions import HANDLERS
from backend.tools.notices.models import Message, Notice
from gis.reading import Feature
from tests.conftest import Town
from tests.events.makers import a_report, reported, take

Headers = Callable[[Actor], dict[str, str]]

NAMES = {
    "359902": "荷城区", "359902101": "西天镇", "359902101001": "东星社区", "359902101002": "上林村",
    "359903": "兰溪区", "359903101": "东洋镇", "359903101001": "东星村", "359903101002": "星村",
}  # fmt: skip


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("东星社区3号楼旁", ["359902101001"]),
        ("荷城区，西天镇 上林村 老槐树下", ["359902101002"]),
        ("西天镇", ["359902101"]),
        ("西天镇菜市场，荷城区", ["359902101"]),
        # The village's name alone is somewhere in two counties; with its town it is one.
        ("东星村委会门口", ["359903101001"]),
        ("东星那边", ["359902101001", "359903101001"]),
        ("兰溪区东星", ["359903101001"]),
        ("桥头第二根电线杆", []), ("", []),
    ],
)  # fmt: skip
def test_an_address_names_areas(said: str, codes: list[str]) -> None:
    assert [found.code for found in addresses.named_in(said, NAMES)] == codes


def test_doors_and_streets_are_read() -> None:
    assert addresses.doors("东星社区 １２－１ 号 楼道") == ["12-1号"]
    assert "解放路8号" in addresses.doors("镇上解放路8号")


def hear(*counties: str) -> None:
    with unit_of_work(system(INTAKE_COUNTY, *counties)):
        pass
    for county in (INTAKE_COUNTY, *counties):
        while delivery.drain(county, HANDLERS):
            pass


def told(account: UUID, event_id: UUID) -> list[tuple[str, dict[str, Any]]]:
    engine = create_engine(get_settings().owner_url)
    with Session(engine) as session:
        rows = session.execute(
            select(Notice.about, Notice.details)
            .where(Notice.account_id == account, Notice.event_id == event_id)
            .order_by(Notice.id)
        ).all()
    engine.dispose()
    return [(row.about, row.details) for row in rows]


def from_stranger(client: TestClient, **changes: Any) -> dict[str, Any]:
    body = {
        "client_id": str(uuid4()), "text": "路口积水", "category": "0201",
        "address_text": "桥头第二根电线杆", "contact": {"name": "", "phone": "13800000071"},
    } | changes  # fmt: skip
    answer = client.post("/api/public/events", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def follow(client: TestClient, receipt: dict[str, Any]) -> dict[str, Any]:
    opened = client.post(
        f"/api/public/events/{receipt['event_no']}/open",
        json={"code": receipt["track_code"]},
        headers={"Accept-Language": "zh-CN"},
    )
    found: dict[str, Any] = opened.json()
    return found


def test_an_address_alone_waits_for_the_city_and_says_so(
    client: TestClient, town: Town, as_actor: Headers
) -> None:
    city, village = town["demo-city"], town["demo-village"]
    receipt = from_stranger(client)
    event_id = UUID(receipt["id"])
    assert receipt["placed_by"] == "city"
    assert "市级受理中心" in follow(client, receipt)["whose_turn"]
    # The city's people are told at once, and see it in a queue with its count.
    hear()
    assert [about for about, _ in told(city.id, event_id)] == ["told.to_place"]
    an = as_actor(city)
    count = client.get("/api/intake/placeless", headers=an).json()
    assert count["count"] >= 1 and count["oldest_at"]
    queue = client.get("/api/events?placeless=true", headers=an).json()["items"]
    assert str(event_id) in {line["id"] for line in queue}
    assert client.get("/api/events?placeless=true", headers=as_actor(village)).json()["items"] == []
    first = client.get(f"/api/events/{event_id}", headers=an).json()["steps"][0]
    assert (first["action"], first["onward"]) == ("correct_position", True)
    # Left lying it is said to be late, to the same people.
    with unit_of_work(system(INTAKE_COUNTY)) as session:
        rings = session.scalars(
            select(Alarm).where(Alarm.event_id == event_id, Alarm.kind == "place")
        ).one()
        rings.at = clock.now() - timedelta(minutes=1)
    with unit_of_work(system(INTAKE_COUNTY)) as session:
        assert alarms.scan(session, INTAKE_COUNTY, 100)
    hear()
    assert "told.late_place" in [about for about, _ in told(city.id, event_id)]
    # One press gives it to the village, which can go on; and the reporter hears which.
    step = {
        "client_id": str(uuid4()), "action": "correct_position", "area_code": village.area_code,
    }  # fmt: skip
    assert client.post(f"/api/events/{event_id}/steps", json=step, headers=an).status_code == 201
    opened = follow(client, receipt)
    assert (opened["placed_by"], opened["area_code"]) == (None, village.area_code)
    assert opened["place"].endswith("东星社区")
    hear(town.counties[0])
    with unit_of_work(system(town.counties[0])) as session:
        said = session.scalars(
            select(Message.words).where(
                Message.event_id == event_id, Message.about == "told.placed"
            )
        ).one()
        assert "东星社区的“" in said and "西天镇 东星社区" in said
        waits = session.scalars(select(Alarm.kind).where(Alarm.event_id == event_id)).all()
        assert waits == ["step"], "it begins with its village, and needs no place any more"
    assert queue and str(event_id) not in {
        line["id"] for line in client.get("/api/events?placeless=true", headers=an).json()["items"]
    }
    take(town, village, event_id, "file")


def test_a_chosen_village_or_town_is_told_the_truth(client: TestClient, town: Town) -> None:
    village = town["demo-village"].area_code
    assert from_stranger(client, area_code=village)["placed_by"] is None
    receipt = from_stranger(client, area_code=village[:9], contact=None)
    assert (receipt["placed_by"], receipt["county_code"]) == ("town", village[:6])
    hear(village[:6])
    about = told(town["demo-town"].id, UUID(receipt["id"]))
    assert [a for a, _ in about] == ["told.to_place"]
    county = from_stranger(client, area_code=village[:6], contact=None)
    assert county["placed_by"] == "county"
    hear(village[:6])
    assert told(town["demo-county"].id, UUID(county["id"]))


def test_strangers_choose_from_the_areas_and_are_shown_what_they_mean(
    client: TestClient, town: Town
) -> None:
    (county,) = client.get("/api/public/areas").json()
    (place,) = client.get(f"/api/public/areas?under={county['code']}").json()
    assert (county["name"], place["name"]) == ("荷城区", "西天镇")
    villages = client.get(f"/api/public/areas?under={place['code']}").json()
    assert {"东星社区", "南塘社区"} == {one["name"] for one in villages}
    # No grid and no unit is anybody's to list.
    assert client.get(f"/api/public/areas?under={villages[0]['code']}").json() == []
    star = next(one["code"] for one in villages if one["name"] == "东星社区")
    found = client.post("/api/public/places", json={"address": "西天镇东星社区1号"}).json()
    assert [(p["area_code"], p["words"], p["lon"]) for p in found] == [
        (star, ["西天镇", "东星社区"], None)
    ]


def test_a_house_that_is_known_gives_its_point_to_the_desk(
    client: TestClient, town: Town, as_actor: Headers
) -> None:
    village = town["demo-village"].area_code
    engine = create_engine(get_settings().owner_url)
    with Session(engine) as session, session.begin():
        session.execute(
            text("UPDATE house SET address = '777号' WHERE id = (SELECT id FROM house"
                 " WHERE area_code LIKE :village LIMIT 1)"),
            {"village": f"{village}%"},
        )  # fmt: skip
    engine.dispose()
    said = {"address": "东星社区777号门口"}
    (found,) = client.post(
        "/api/intake/places", json=said, headers=as_actor(town["demo-city"])
    ).json()
    assert found["area_code"].startswith(village) and len(found["area_code"]) == 18
    assert found["lon"] and found["words"] == ["东星社区", "777号"]
    (public,) = client.post("/api/public/places", json=said).json()
    assert (public["area_code"], public["lon"]) == (village, None)
    # The same for a matter that waits.
    receipt = from_stranger(client, address_text=said["address"])
    of = f"/api/events/{receipt['id']}/places"
    assert client.get(of, headers=as_actor(town["demo-city"])).json() == [found]
    assert client.get(of, headers=as_actor(town["demo-village"])).status_code == 404
    # Whoever reports names any door, and is told of none.
    head = town.unit_head_of(village)
    own = reported(town, head, position=None, address_text=said["address"])
    (area,) = client.get(f"/api/events/{own}/places", headers=as_actor(head)).json()
    assert (area["area_code"], area["lon"], area["words"]) == (village, None, ["东星社区"])


def test_imported_orders_with_an_address_alone_wait_too(town: Town) -> None:
    engine = create_engine(get_settings().owner_url)
    row = {
        "reference": "P1", "reported_at": "2026-11-20 08:30:00", "category": "0201",
        "text": "积水", "address": "东星社区牌坊", "lon": "", "lat": "",
    }  # fmt: skip
    with Session(engine) as session, session.begin():
        importing.import_events(
            session, [Feature(2, row, None)],
            importing.Plan("WGS84", ZoneInfo("Asia/Shanghai"), "0201"),
        )  # fmt: skip
    engine.dispose()
    city = town["demo-city"]
    with unit_of_work(city) as session:
        (event,) = [
            e for e in session.scalars(queries.listed(city, queries.Wanted(placeless=True), None, 50))
            if e.external_ref == "P1"
        ]  # fmt: skip
        assert (event.state, event.county_code) == ("filed", INTAKE_COUNTY)
        (found,) = proposals(session, event.address_text)
        assert session.scalars(select(Alarm.kind).where(Alarm.event_id == event.id)).all() == [
            "place"
        ]
        event_id = event.id
    take(town, city, event_id, "correct_position", area_code=found.code)
    with unit_of_work(town["demo-town"]) as session:
        event = queries.one(session, town["demo-town"], event_id)
        assert event is not None and event.area_code == found.code
    take(town, town["demo-town"], event_id, "dispatch")


def test_a_sensitive_matter_without_a_place_is_named_to_nobody_else(
    client: TestClient, town: Town
) -> None:
    with unit_of_work(anonymous()) as session:
        receipt = reporting.report(
            session, anonymous(), a_report(town, category="0501", position=None)
        )
    hear()
    event_id = UUID(receipt["id"])
    ((about, details),) = told(town["demo-city"].id, event_id)
    assert about == "told.to_place" and not details.get("place")
    assert told(town["demo-town"].id, event_id) == []
