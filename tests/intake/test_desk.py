"""Calls taken down for others, callers known again, proposals, and limits for strangers."""

from collections.abc import Callable, Iterator
from math import floor
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from redis import Redis
from sqlalchemy import create_engine, update
from sqlalchemy.orm import Session

from backend.core import memory
from backend.core.actor import Actor
from backend.core.db import unit_of_work
from backend.core.settings import get_settings
from backend.matters.categories.schemes import of_data
from backend.matters.categories.service import Category
from backend.matters.events.intake import reporting
from backend.matters.events.intake.suggesting import propose
from backend.matters.events.models import Event
from backend.matters.events.reading import listing
from backend.seeding.recipe import read
from backend.tools.search.alike import likeness, pairs
from backend.tools.search.past import Past
from tests.conftest import Town
from tests.events.makers import a_report, an_event_at

Bearer = Callable[[str], dict[str, str]]


def call(town: Town, **changes: Any) -> dict[str, Any]:
    lon, lat = town.sites[town.unit_head_of(town.grids[0]).area_code]
    return {
        "client_id": str(uuid4()), "text": "桥头路灯坏了两盏", "category": "0204",
        "source": "hotline_12345", "external_ref": f"12345-{uuid4()}",
        "position": {"lon": lon, "lat": lat, "crs": "WGS84", "source": "map", "confirmed": True},
        "contact": {"name": "陈伯", "phone": "139 0000 1234"},
    } | changes  # fmt: skip


def test_a_call_is_taken_down_for_the_caller_and_the_desk_may_go_on(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    an = bearer("demo-town")
    receipt = client.post("/api/intake/reports", json=call(town), headers=an)
    assert receipt.status_code == 201, receipt.text
    event = client.get(f"/api/events/{receipt.json()['id']}", headers=an).json()
    assert (event["source"], event["reported_by_me"], event["has_contact"]) == (
        "hotline_12345",
        False,
        True,
    )
    # Who took it down reported nothing: the same person may file and dispatch it.
    for step in (
        {"action": "file"},
        {"action": "dispatch", "organization_id": str(town.bodies["西天镇城建办"])},
    ):
        answer = client.post(
            f"/api/events/{event['id']}/steps", json={"client_id": str(uuid4())} | step, headers=an
        )
        assert answer.status_code == 201, answer.text
    # The caller follows it with the number and code that were read out.
    opened = client.post(
        f"/api/public/events/{receipt.json()['event_no']}/open",
        json={"code": receipt.json()["track_code"]},
    )
    assert opened.status_code == 200
    assert (
        client.post("/api/intake/reports", json=call(town), headers=bearer("demo-dept")).status_code
        == 403
    )


def test_a_number_that_calls_again_is_known_however_it_is_written(
    client: TestClient, bearer: Bearer, as_actor: Callable[[Actor], dict[str, str]], town: Town
) -> None:
    an = bearer("demo-town")
    number = "+86 137-0000-5678"
    receipt = client.post(
        "/api/intake/reports",
        json=call(town, contact={"name": "李婶", "phone": number}),
        headers=an,
    )
    for written in ("13700005678", "137 0000 5678", "+86 13700005678"):
        found = client.post("/api/intake/caller", json={"phone": written}, headers=an).json()
        assert [line["id"] for line in found] == [receipt.json()["id"]]
    assert client.post("/api/intake/caller", json={"phone": "13700005679"}, headers=an).json() == []
    # Another village's secretary learns nothing of it.
    other = next(
        a for a in town.actors.values()
        if a.role == "village_secretary" and a.area_code != town["demo-village"].area_code
    )  # fmt: skip
    asked = client.post("/api/intake/caller", json={"phone": number}, headers=as_actor(other))
    assert (asked.status_code, asked.json()) == (200, [])


SCHEME = {
    c.code: Category(code=c.code, words=c.words, name_zh=c.zh, name_en=c.en)
    for c in of_data(read("categories")) if c.conditions
}  # fmt: skip


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("楼下的路灯已经三天不亮了", "0204"), ("下雨之后路口全是积水", "0201"),
        ("有人把垃圾倒在河边，异味很重", "0101"), ("闻到很浓的煤气味道", "0304"),
        ("井盖被偷了一个洞", "0202"), ("两家邻居为宅基地吵架", "0501"),
    ],
)  # fmt: skip
def test_words_lead_to_a_category(said: str, code: str) -> None:
    first = propose(said, SCHEME, None)[0]
    assert first.code == code and first.words


@pytest.mark.parametrize(
    "words", ["严重影响周边居民的出行", "这件事反响很大", "请给我一个答复", "灯红酒绿", ""]
)
def test_one_sign_is_no_word_and_nothing_said_proposes_nothing(words: str) -> None:
    assert propose(words, SCHEME, None) == []


def test_the_longest_word_counts() -> None:
    scheme = {
        "1": Category(code="1", words=["消防", "占用"], name_zh="消防", name_en=""),
        "2": Category(code="2", words=["消防通道"], name_zh="消防通道堵塞", name_en=""),
    }
    (found,) = propose("消防通道停满了车", scheme, None)
    assert (found.code, found.words) == ("2", ("消防通道",))


def test_past_cases_lead_to_a_category_where_no_word_does() -> None:
    past = Past([
        ("小区门口石墩拦住轮椅", "0102"), ("石墩拦住轮椅，绕不过去", "0102"),
        ("别的事情，没有人管", "0402"), ("还有一件别的事情", "0402"),
    ])  # fmt: skip
    assert propose("石墩拦住轮椅过不去", SCHEME, None) == []
    (found,) = propose("石墩拦住轮椅过不去", SCHEME, past)
    assert (found.code, found.cases, found.words) == ("0102", 2, ())
    assert propose("天气很好", SCHEME, past) == []
    # One case that sounds alike is chance.
    assert propose("石墩拦住轮椅过不去", SCHEME, Past([("石墩拦住轮椅", "0102")])) == []
    # Where earlier cases are clear, one short word does not bring in another category.
    clear = Past([(f"路口大坑把电动车颠倒了，第{n}次", "0203") for n in range(4)])
    said = "路口大坑把电动车颠倒了，老人也摔过"
    assert [p.code for p in propose("老人", SCHEME, clear)] == ["0401"]
    assert [p.code for p in propose(said, SCHEME, clear)] == ["0203"]
    assert likeness(pairs("同样的话"), pairs("同样的话")) == 1
    assert likeness(pairs("甲乙"), pairs("丙丁")) == 0


def test_the_desk_hears_of_filed_cases_and_of_no_sealed_ones(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    for n in range(3):
        an_event_at(town, "filed", category="0403", text=f"晒谷坪被石墩围住 {n}")
    memory.forget_everything()
    ask = {"text": "晒谷坪被石墩围住进不去"}
    found = client.get("/api/intake/categories", params=ask, headers=bearer("demo-town")).json()
    assert [(p["code"], p["words"], p["cases"]) for p in found] == [("0403", [], 3)]
    engine = create_engine(get_settings().owner_url)
    with Session(engine) as session, session.begin():
        session.execute(update(Event).where(Event.text.contains("晒谷坪")).values(restricted=True))
    engine.dispose()
    memory.forget_everything()
    assert (
        client.get("/api/intake/categories", params=ask, headers=bearer("demo-town")).json() == []
    )


def test_likely_duplicates_come_first(client: TestClient, bearer: Bearer, town: Town) -> None:
    an = bearer("demo-village")
    same = an_event_at(town, "filed", category="0403", text="村口空地长满草")
    an_event_at(town, "filed", category="0402", text="夜里施工很吵")
    lon, lat = town.sites[town.unit_head_of(town.grids[0]).area_code]
    near = {"lon": lon, "lat": lat, "text": "空地长满草有蛇", "category": "0403"}
    found = client.get("/api/events/near", params=near, headers=an).json()
    assert found[0]["id"] == str(same) and found[0]["likely"] > 0.8
    assert [f["likely"] for f in found] == sorted((f["likely"] for f in found), reverse=True)


def test_strangers_learn_what_is_known_nearby_and_not_by_whom(
    client: TestClient, town: Town
) -> None:
    an_event_at(town, "filed", category="0203", text="只有我知道的话")
    an_event_at(town, "filed", category="0401", text="阿婆独居")
    dispute_at = town.unit_head_of(town.grids[-1])
    with unit_of_work(dispute_at) as session:
        body = a_report(town, dispute_at.area_code, category="0501", text="两家的事")
        reporting.report(session, dispute_at, body)
    lon, lat = town.sites[town.unit_head_of(town.grids[0]).area_code]
    found = client.get("/api/public/near", params={"lon": lon, "lat": lat, "crs": "WGS84"})
    kinds = {row["category"] for row in found.json()}
    assert "Broken surface" in kinds
    assert "只有我知道的话" not in found.text
    assert set(found.json()[0]) == {"category", "state", "distance_m", "reported_at"}
    lon, lat = town.sites[dispute_at.area_code]
    there = client.get("/api/public/near", params={"lon": lon, "lat": lat, "crs": "WGS84"}).json()
    assert "Neighbours' dispute" not in {row["category"] for row in there}
    # That somebody old lives alone behind a door is for nobody to ask a map; nor is the very door.
    assert "Older person needs help" not in kinds
    assert {row["distance_m"] % 10 for row in found.json()} == {0}
    nowhere = {"lon": 110, "lat": 30, "crs": "WGS84"}
    assert client.get("/api/public/near", params=nowhere).json() == []


def test_strangers_who_ask_from_many_places_find_a_cell_and_not_the_door(
    client: TestClient, town: Town
) -> None:
    head = town.unit_head_of(town.grids[1])
    lon, lat = town.sites[head.area_code]
    size = listing.STRANGERS_CELL_DEG
    west, south = floor(lon / size) * size, floor(lat / size) * size
    doors = [(west + 0.1 * size, south + 0.1 * size), (west + 0.9 * size, south + 0.9 * size)]
    for door, category in zip(doors, ("0203", "0403"), strict=True):
        with unit_of_work(head) as session:
            body = a_report(town, head.area_code, category=category, text="门口")
            assert body.position is not None
            body.position.lon, body.position.lat = door
            reporting.report(session, head, body)
    told: dict[str, list[tuple[int, int, float]]] = {}
    for x in range(-3, 4):
        for y in range(-3, 4):
            here = {"lon": west + (x + 0.5) * size, "lat": south + (y + 0.5) * size, "crs": "WGS84"}
            answer = client.get("/api/public/near", params=here, headers={"Accept-Language": "en"})
            for row in answer.json():
                told.setdefault(row["category"], []).append((x, y, row["distance_m"]))
    # From wherever one asks, it is as far to the one door as to the other.
    assert set(map(tuple, told.values())) == {tuple(told["Broken surface"])}
    assert len(told) == 2 and len(told["Broken surface"]) > 10


def test_strangers_ask_so_often_an_hour(
    client: TestClient, settings: Callable[[str, str], None]
) -> None:
    settings("ONEMAP_PUBLIC_LOOKS_PER_HOUR", "2")
    Redis.from_url(get_settings().redis_url).flushall()
    where = {"lon": 110, "lat": 30, "crs": "WGS84"}
    asked = [client.get("/api/public/near", params=where).status_code for _ in range(3)]
    assert asked == [200, 200, 429]


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Change a setting for one test."""

    def change(name: str, value: str) -> None:
        monkeypatch.setenv(name, value)
        get_settings.cache_clear()

    yield change
    monkeypatch.undo()
    get_settings.cache_clear()


def test_strangers_are_limited_by_the_hour_and_let_in_while_redis_is_away(
    client: TestClient, settings: Callable[[str, str], None]
) -> None:
    def try_code() -> int:
        return client.post("/api/public/events/E1-2-3/open", json={"code": "x"}).status_code

    Redis.from_url(get_settings().redis_url).flushall()
    settings("ONEMAP_PUBLIC_OPENS_PER_HOUR", "3")
    assert [try_code() for _ in range(5)] == [404, 404, 404, 429, 429]
    settings("ONEMAP_REDIS_URL", "unix:///nowhere/redis.sock")
    assert try_code() == 404
