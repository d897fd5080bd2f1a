"""Forty reports of one plot become one development, and then the reports stop."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import jobs
from backend.core import clock, delivery
from backend.core.actor import Actor, system
from backend.core.db import unit_of_work
from backend.matters.events.casework.moving import move
from backend.matters.events.intake import reporting
from backend.matters.events.models import Event
from backend.matters.lists import around_queries as around
from backend.matters.lists import hot_spots
from backend.matters.lists.models import HotSpot
from backend.subscriptions import HANDLERS
from backend.tools.notices.models import Notice
from tests.conftest import Town
from tests.events.makers import HELPER, a_report, keep_photo, reported, take
from tests.items.makers import soon, take_item

As = Callable[[Actor], dict[str, str]]
COUNTY, OTHER = "359902", "359903"
NOW = clock.now()


def heard() -> None:
    while delivery.drain(COUNTY, HANDLERS):
        pass


def came(town: Town, head: Actor, at: datetime, metres: float = 0, category: str = "0403") -> UUID:
    """A report at the head's own place, a few metres off, accepted by the village."""
    lon, lat = town.sites[head.area_code]
    with clock.at(at):
        with unit_of_work(head) as session:
            body = a_report(
                town, head.area_code, category=category, text="空地又堆了垃圾",
                position={"lon": lon + metres / 100_000, "lat": lat, "crs": "CGCS2000", "confirmed": True},
            )  # fmt: skip
            event_id = UUID(reporting.report(session, head, body)["id"])
        take(town, town["demo-village"], event_id, "file")
        heard()
    return event_id


def spots(client: TestClient, header: dict[str, str]) -> list[dict[str, Any]]:
    answer = client.get("/api/hot-spots", headers=header)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def test_forty_reports_one_plot_one_gymnasium(town: Town, client: TestClient, as_actor: As) -> None:
    head, village, clerk = town.unit_head_of(town.grids[0]), town["demo-village"], town["demo-dept"]
    header = as_actor(village)
    dates = [NOW - timedelta(days=300 - 7 * i) for i in range(40)]
    reports = [came(town, head, at, metres=(i % 5) * 8) for i, at in enumerate(dates[:2])]
    assert spots(client, header) == [], "twice is no hot spot"
    reports += [came(town, head, at, metres=(i % 5) * 8) for i, at in enumerate(dates[2:])]
    (spot,) = spots(client, header)
    assert (spot["count"], spot["category"], spot["item"]) == (40, "Vacant plot", None)
    page = client.get(f"/api/hot-spots/{spot['id']}", headers=header).json()
    assert sum(page["months"].values()) == 40 and len(page["months"]) >= 9
    assert page["since_achieved"] is None and len(page["events"]) == 40

    said = client.put(
        f"/api/hot-spots/{spot['id']}/cause", json={"cause": "建设用地长期未用"}, headers=header
    )
    assert said.json()["cause"] == "建设用地长期未用"
    body = {
        "client_id": str(uuid4()), "kind": "development", "title": "全民健身中心",
        "cause": "建设用地长期未用", "hot_spot_id": spot["id"], "events": [str(r) for r in reports],
        "shape": {"geometry": {"type": "Point", "coordinates": [spot["lon"], spot["lat"]]}, "crs": "CGCS2000"},
    }  # fmt: skip
    raised = client.post("/api/items", json=body, headers=header)
    assert raised.status_code == 201, raised.text
    item = raised.json()
    assert (item["state"], len(item["events"]), item["hot_spot_id"]) == (
        "confirmed",
        40,
        spot["id"],
    )
    again = client.post("/api/items", json=body, headers=header)
    assert (again.status_code, again.json()["id"]) == (201, item["id"]), (
        "an answer was lost, no more"
    )
    twice = client.post("/api/items", json=body | {"client_id": str(uuid4())}, headers=header)
    assert (twice.status_code, twice.json()["code"]) == (409, "hot_spot_has_item")

    def step(actor: Actor, action: str, **fields: Any) -> dict[str, Any]:
        sent = {"client_id": str(uuid4()), "action": action, "note": "因为", **fields}
        answer = client.post(f"/api/items/{item['id']}/steps", json=sent, headers=as_actor(actor))
        assert answer.status_code == 201, answer.text
        return answer.json() or {}

    water = next(a for a in town.actors.values() if a.organization_id == town.bodies[HELPER])
    step(clerk, "claim", due_on="2027-06-30")
    step(
        village,
        "ask_funds",
        amount=800000,
        source="水库后期项目扶持资金",
        organization_id=str(town.bodies[HELPER]),
    )
    for action in ("review_funds", "approve_funds", "pay_funds"):
        shown = step(water, action, amount=750000 if action == "approve_funds" else None)
    assert (shown["fund"]["state"], shown["fund"]["amount"]) == ("paid", 750000)
    step(clerk, "start", note="平整场地，铺设跑道")
    heard()
    # The last report is carried on by the item, and its reporter follows it to the end.
    take(town, village, reports[-1], "carry_by_item", item_id=item["id"])
    with unit_of_work(village) as session:
        photo = keep_photo(session, village)
    done = step(village, "achieve", photos=[str(photo)], note="开馆")
    assert done["state"] == "achieved" and done["timeline"][-1]["photos"] == [str(photo)]
    heard()
    mine = client.get("/api/notices", headers=as_actor(head)).json()
    told = [n for n in mine if n["item_id"] == item["id"]]
    assert [n["event_id"] for n in told] == [str(reports[-1])] and item["item_no"] in told[0][
        "words"
    ]
    shown = client.get(f"/api/events/{reports[-1]}", headers=as_actor(head)).json()
    assert (shown["carried_by"]["state"], shown["carried_by"]["last"]) == ("achieved", "开馆")
    # The reporter may look at the opening day; the neighbour's secretary may not.
    look = f"/api/media/{photo}/thumb.jpg"
    assert client.get(look, headers=as_actor(head)).status_code == 200
    stranger = next(
        a for a in town.actors.values() if a.role == "village_secretary" and a.id != village.id
    )
    assert client.get(look, headers=as_actor(stranger)).status_code == 404

    after = client.get(f"/api/hot-spots/{spot['id']}", headers=header).json()
    assert (after["since_achieved"], after["item"]["state"]) == (0, "achieved")
    came(town, head, clock.now() + timedelta(days=1))
    after = client.get(f"/api/hot-spots/{spot['id']}", headers=header).json()
    assert after["since_achieved"] == 1


def test_how_often_is_often(town: Town, client: TestClient, as_actor: As) -> None:
    head, header = town.unit_head_of(town.grids[1]), as_actor(town["demo-village"])
    # Days before the last report, and whether the place is hot with it.
    cases: dict[str, tuple[list[int], bool]] = {
        "0201": ([89, 40, 0], True), "0102": ([91, 40, 0], False),
        "0203": ([364, 270, 180, 91, 0], True), "0303": ([366, 270, 180, 91, 0], False),
        "0402": ([2, 0], False),
    }  # fmt: skip
    for category, (days_before, _) in cases.items():
        for n in days_before:
            came(town, head, NOW - timedelta(days=n), category=category)
    found = {spot["category_code"] for spot in spots(client, header)}
    assert {code: code in found for code in cases} == {
        code: hot for code, (_, hot) in cases.items()
    }


def test_a_place_with_very_many_reports_is_counted_by_a_job(
    town: Town, client: TestClient, as_actor: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, header = town.unit_head_of(town.grids[1]), as_actor(town["demo-village"])
    monkeypatch.setattr(hot_spots, "MANY", 4)
    counted: list[dict[str, Any]] = []
    kept = around.sides

    def told(session: Session, place: around.Place, *since: datetime) -> list[around.Side]:
        found = kept(session, place, *since)
        # However many reports there are, one row a village is read.
        counted.append({side.village: side.count for side in found})
        return found

    monkeypatch.setattr(around, "sides", told)
    known = [came(town, head, NOW, metres=n, category="0304") for n in range(4)]
    village = head.area_code[:12]
    assert counted == [{village: n} for n in (1, 2, 3, 4)]
    known += [came(town, head, NOW, metres=n, category="0304") for n in range(3)]
    assert len(counted) == 4, "none of the three was counted by itself"

    def count() -> int:
        (spot,) = (s for s in spots(client, header) if s["category_code"] == "0304")
        page = client.get(f"/api/hot-spots/{spot['id']}", headers=header).json()
        assert sum(page["months"].values()) == len(page["events"])
        return int(spot["count"])

    assert count() == 4
    jobs.run_now(jobs.BY_NAME["hot_spots"])
    assert (count(), len(counted)) == (7, 5), "counted once"
    jobs.run_now(jobs.BY_NAME["hot_spots"])
    assert len(counted) == 5, "nothing came in since"
    # What is hidden from now on is taken back at once: nobody may tell it from a number.
    take(town, town["demo-town"], known[0], "restrict", people=["demo-town"])
    heard()
    assert count() == 6


def test_what_moved_before_it_was_heard_of_counts_where_it_lies(town: Town) -> None:
    head, village = town.unit_head_of(town.grids[1]), town["demo-village"]
    for _ in range(2):
        take(town, village, reported(town, head, category="0401"), "file")
    heard()
    third = reported(town, head, category="0401")
    take(town, village, third, "file")
    with unit_of_work(system(COUNTY, OTHER)) as session:
        move(session, session.get_one(Event, (COUNTY, third)), OTHER)
    # The fact names the county in which it was filed.
    heard()
    with unit_of_work(system(COUNTY, OTHER)) as session:
        spot = session.scalars(select(HotSpot).where(HotSpot.category_code == "0401")).one()
        assert (spot.count, spot.area_code[:12]) == (3, village.area_code)


def test_others_kinds_far_places_and_nonsense_do_not_count(
    town: Town, client: TestClient, as_actor: As
) -> None:
    head = town.unit_head_of(town.grids[-1])
    secretary = next(
        a for a in town.actors.values()
        if a.role == "village_secretary" and head.area_code.startswith(a.area_code)
    )  # fmt: skip
    lon, lat = town.sites[head.area_code]

    def report(metres: float, category: str, action: str) -> None:
        with unit_of_work(head) as session:
            body = a_report(
                town, head.area_code, category=category,
                position={"lon": lon + metres / 100_000, "lat": lat, "crs": "CGCS2000", "confirmed": True},
            )  # fmt: skip
            event_id = UUID(reporting.report(session, head, body)["id"])
        take(town, secretary, event_id, action)
        heard()

    before = len(spots(client, as_actor(secretary)))
    report(0, "0204", "file")
    report(0, "0203", "file")
    report(90, "0204", "file")
    report(0, "0204", "void")
    assert len(spots(client, as_actor(secretary))) == before
    report(5, "0204", "file")
    assert len(spots(client, as_actor(secretary))) == before, "twice, and one that was void"
    report(10, "0204", "file")
    assert len(spots(client, as_actor(secretary))) == before + 1


def test_a_problem_ends_with_the_last_of_its_events(
    town: Town, client: TestClient, as_actor: As
) -> None:
    from tests.events.makers import an_event_at

    village = town["demo-village"]
    first, second = (an_event_at(town, "following_up", category="0204") for _ in range(2))
    body = {
        "client_id": str(uuid4()), "kind": "problem", "title": "路灯成片不亮",
        "area_code": village.area_code, "events": [str(first), str(second)],
    }  # fmt: skip
    item = client.post("/api/items", json=body, headers=as_actor(village)).json()
    head = town.unit_head_of(town.grids[0])

    def state() -> str:
        heard()
        answer = client.get(f"/api/items/{item['id']}", headers=as_actor(village)).json()
        return str(answer["state"])

    for event_id, expected in ((first, "confirmed"), (second, "achieved")):
        take(town, head, event_id, "answer_solved")
        take(town, town["demo-town"], event_id, "close")
        assert state() == expected
    hidden = body | {"client_id": str(uuid4()), "events": [str(uuid4())]}
    assert client.post("/api/items", json=hidden, headers=as_actor(village)).status_code == 404


def test_a_problem_with_an_open_milestone_does_not_end_with_its_events(
    town: Town, client: TestClient, as_actor: As
) -> None:
    from tests.events.makers import an_event_at

    village, head = town["demo-village"], town.unit_head_of(town.grids[0])
    event_id = an_event_at(town, "following_up", category="0204")
    body = {
        "client_id": str(uuid4()), "kind": "problem", "title": "路灯线路老化",
        "area_code": village.area_code, "events": [str(event_id)],
    }  # fmt: skip
    item = client.post("/api/items", json=body, headers=as_actor(village)).json()
    take_item(town, village, UUID(item["id"]), "plan_milestone", title="换线", due_on=soon())
    take(town, head, event_id, "answer_solved")
    take(town, town["demo-town"], event_id, "close")
    heard()
    shown = client.get(f"/api/items/{item['id']}", headers=as_actor(village)).json()
    assert shown["state"] == "confirmed"
    with unit_of_work(village) as session:
        told = session.scalars(
            select(Notice.about).where(
                Notice.account_id == village.id, Notice.item_id == UUID(item["id"])
            )
        ).all()
    assert "told.item_milestones_left" in told
