"""People of one's own area: listed, invited by the hundred, and relieved with their work handed on."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from backend.city.accounts.models import Account
from backend.core import delivery
from backend.core.actor import Actor, system
from backend.core.db import NOBODY, unit_of_work
from backend.matters.events.models import Event
from backend.subscriptions import HANDLERS
from backend.tools.importing import sheets
from tests.conftest import Town
from tests.events.makers import reported, take
from tests.owner import owner

Bearer = Callable[[str], dict[str, str]]
HEAD = "姓名,手机,岗位,区域编码,单位,用户名\n"


def accounts() -> int:
    with unit_of_work(NOBODY) as session:
        return session.scalar(select(func.count()).select_from(Account)) or 0


def staff(client: TestClient, header: dict[str, str], **wanted: object) -> list[dict[str, Any]]:
    """Every page of the list, one after the other."""
    found: list[dict[str, Any]] = []
    page: dict[str, Any] = {"next": None}
    while not found or page["next"]:
        asked = wanted | ({"after": page["next"]} if page["next"] else {})
        page = client.get("/api/staff", params=asked, headers=header).json()
        if not page["items"]:
            break
        found += page["items"]
    return found


def test_a_secretary_sees_the_villages_own_people(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    village = town["demo-village"].area_code
    mine = staff(client, bearer("demo-village"))
    assert {p["role"] for p in mine} == {"unit_head", "grid_worker"}
    assert all(p["area_code"].startswith(village) for p in mine)
    of_town = staff(client, bearer("demo-town"), role="department_clerk")
    assert of_town and all(
        p["organization"].startswith("西天镇")
        or p["organization"].endswith("委会")
        or p["organization"].endswith("居委会")
        for p in of_town
    )
    found = staff(client, bearer("demo-village"), q=mine[0]["name"])
    assert mine[0]["post_id"] in {p["post_id"] for p in found}
    assert client.get("/api/staff", headers=bearer("demo-unit")).status_code == 403


@pytest.mark.parametrize("who", ["demo-admin", "demo-town", "demo-village"])
def test_page_by_page_everybody_is_listed_once_and_in_order(
    client: TestClient, bearer: Bearer, who: str
) -> None:
    whole = client.get("/api/staff", params={"size": 200}, headers=bearer(who)).json()
    assert whole["next"] is None and len(whole["items"]) > 7
    assert staff(client, bearer(who), size=3) == whole["items"]
    order = [(p["role"], p["area_code"] or "~", p["name"]) for p in whole["items"]]
    assert order == sorted(order)
    nowhere = client.get("/api/staff", params={"after": str(uuid4())}, headers=bearer(who)).json()
    assert nowhere == {"items": [], "next": None}


def test_people_of_a_place_are_all_of_it_however_many_stand_before_them(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    village, admin = town.villages[-1], bearer("demo-admin")
    there = staff(client, admin, area=village, size=2)
    assert {p["area_code"][:12] if p["area_code"] else "" for p in there} <= {village, ""}
    held = {actor.post_id for actor in town.actors.values() if actor.area_code.startswith(village)}
    assert held <= {UUID(p["post_id"]) for p in there}
    of_committee = [p for p in there if p["area_code"] is None]
    assert {p["role"] for p in of_committee} == {"department_clerk"}
    in_county = staff(client, admin, area=town.counties[0], size=100)
    assert {p["post_id"] for p in there} < {p["post_id"] for p in in_county}
    # Nothing outside of what is the caller's own.
    assert staff(client, bearer("demo-village"), area=town.towns[0]) == staff(
        client, bearer("demo-village")
    )
    assert staff(client, bearer("demo-village"), area=village) == []


def test_a_faulty_list_says_every_fault_and_invites_nobody(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    village = town["demo-village"].area_code
    mine = next(u for u in town.units if u.startswith(village))
    theirs = next(u for u in town.units if not u.startswith(village))
    rows = [
        f"林一,13800000001,单元长,{mine},,lin-1", f",13800000002,单元长,{mine},,", f"林三,12,单元长,{mine},,",
        f"林四,,皇帝,{mine},,", "林五,,单元长,359902999999999999,,", f"林六,,单元长,{village},,",
        f"林七,,单元长,{theirs},,", f"林八,,单元长,{mine},,demo-town", f"林九,,镇街调度员,{town.towns[0]},,",
        f"林十,,单元长,{mine},,lin-1",
    ]  # fmt: skip
    before = accounts()
    answer = client.post(
        "/api/staff/roster",
        content=(HEAD + "\n".join(rows)).encode(),
        headers=bearer("demo-village"),
    ).json()
    assert [(f["row"], f["column"]) for f in answer["faults"]] == [
        (3, "姓名"), (4, "手机"), (5, "岗位"), (6, "区域编码"), (7, "区域编码"), (8, "岗位"),
        (9, "用户名"), (10, "岗位"), (11, "用户名"),
    ]  # fmt: skip
    assert (answer["invited"], accounts()) == ([], before)


def test_a_hundred_and_thirty_heads_from_one_sheet(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    village = town["demo-village"].area_code
    units = [u for u in town.units if u.startswith(village)]
    table = sheets.Table("名单", ["姓名", "手机", "岗位", "区域编码"], [
        sheets.Row(i + 2, {"姓名": f"新人{i}", "手机": f"138{i:08d}", "岗位": "单元长", "区域编码": units[i % len(units)]})
        for i in range(130)
    ])  # fmt: skip
    book = sheets.write([table])
    before = accounts()
    tried = client.post(
        "/api/staff/roster?dry=true", content=book, headers=bearer("demo-village")
    ).json()
    assert (tried["people"], tried["invited"], accounts()) == (130, [], before)
    done = client.post("/api/staff/roster", content=book, headers=bearer("demo-village")).json()
    assert (len(done["invited"]), accounts()) == (130, before + 130)
    # Long enough that in a whole city none is somebody's already.
    assert {len(one["username"]) for one in done["invited"]} == {13}
    link = done["invited"][77]["link"]
    secret = link.split("#")[1]
    joined = client.post(
        "/api/auth/invitation",
        json={"secret": secret, "password": "a good long one", "bearer": True},
    )
    assert joined.status_code == 200 and joined.json()["post"]["role"] == "unit_head"
    listed = staff(client, bearer("demo-village"), q="新人77")
    assert [(p["joined"], p["phone"]) for p in listed] == [(True, "138****0077")]


def test_a_list_that_is_sent_twice_invites_nobody_twice(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    """Its answer may be lost; rows without a user name had made a second person each."""
    unit = next(u for u in town.units if u.startswith(town["demo-village"].area_code))

    def sheet(*usernames: str) -> bytes:
        return sheets.write([sheets.Table("名单", ["姓名", "岗位", "区域编码", "用户名"], [
            sheets.Row(i, {"姓名": "陈两次", "岗位": "单元长", "区域编码": unit, "用户名": name})
            for i, name in enumerate(usernames, 2)
        ])])  # fmt: skip

    def send(*usernames: str) -> Any:
        return client.post(
            "/api/staff/roster", content=sheet(*usernames), headers=bearer("demo-village")
        ).json()

    assert [f["column"] for f in send("", "")["faults"]] == ["姓名"], "twice on one list"
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: send(""), range(2)))
    assert sorted(len(a["invited"]) for a in answers) == [0, 1]
    assert [f["column"] for a in answers for f in a["faults"]] == ["姓名"]
    assert len(send("chen-another")["invited"]) == 1, "another person of that name"


def test_an_ended_post_opens_nothing_and_its_named_cases_go_on(
    client: TestClient, bearer: Bearer, as_actor: Callable[[Actor], dict[str, str]], town: Town
) -> None:
    village = town["demo-village"]
    head = town.unit_head_of(village.area_code)
    next_head = [
        a
        for a in town.actors.values()
        if a.role == "unit_head" and a.area_code.startswith(village.area_code)
    ][-1]
    event_id = reported(town, head, category="0204")
    take(town, town["demo-town"], event_id, "restrict", people=["demo-village"])
    # Named in a neighbour village as well, for whatever else he does there.
    elsewhere = reported(town, town.unit_head_of(town.villages[1]), category="0204")
    take(town, town["demo-town"], elsewhere, "restrict", people=["demo-village"])
    with owner() as session:
        there = session.scalars(select(Event).where(Event.id == elsewhere)).one()
        there.named = sorted({*there.named, head.id})
    # Who follows is shown restricted cases: neither the caller nor somebody of elsewhere.
    for other in (village, town["demo-town"], town.unit_head_of(town.villages[1])):
        refused = client.post(
            f"/api/posts/{head.post_id}/end", json={"successor": str(other.id)},
            headers=bearer("demo-village"),
        )  # fmt: skip
        assert (refused.status_code, refused.json()["code"]) == (422, "successor_without_post")
    header = as_actor(head)
    assert client.get(f"/api/events/{event_id}", headers=header).status_code == 200
    ended = client.post(
        f"/api/posts/{head.post_id}/end",
        json={"successor": str(next_head.id)},
        headers=bearer("demo-village"),
    )
    assert ended.status_code == 204
    assert client.get(f"/api/events/{event_id}", headers=header).status_code == 401
    while delivery.drain("359902", HANDLERS):
        pass
    with unit_of_work(system("359902")) as session:
        named = session.scalars(select(Event.named).where(Event.id == event_id)).one()
        kept = session.scalars(select(Event.named).where(Event.id == elsewhere)).one()
    assert next_head.id in named and head.id not in named
    assert next_head.id not in kept and head.id in kept
    # Ended is ended, and a stranger's post is not found.
    assert (
        client.post(
            f"/api/posts/{head.post_id}/end", json={}, headers=bearer("demo-village")
        ).status_code
        == 404
    )
    other = next(
        a
        for a in town.actors.values()
        if a.role == "unit_head" and not a.area_code.startswith(village.area_code)
    )
    assert (
        client.post(
            f"/api/posts/{other.post_id}/end", json={}, headers=bearer("demo-village")
        ).status_code
        == 404
    )
