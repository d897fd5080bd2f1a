"""A review meeting from its agenda to its decisions' effect, lived by real people over the API."""

import asyncio
import hashlib
import io
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from pyhanko.pdf_utils.reader import PdfFileReader
from sqlalchemy import select

from backend.core import clock, delivery, journal
from backend.core.actor import Actor, Role, system
from backend.core.db import unit_of_work
from backend.core.errors import Refused
from backend.matters.events.models import Event
from backend.matters.reviews import attending, deciding, live, minutes, projecting, queries
from backend.matters.reviews.models import Review
from backend.matters.reviews.schemas import DecisionIn, RemarkIn, ViewIn
from backend.subscriptions import HANDLERS
from backend.tools.typesetting import signing
from tests.conftest import Town
from tests.events.makers import HELPER, LEAD, an_event_at, keep_photo, reported, take
from tests.items.makers import proposed, soon, take_item

As = Callable[[Actor], dict[str, str]]
COUNTY = "359902"


class Board:
    """One person's way to call the meeting's API."""

    def __init__(self, client: TestClient, as_actor: As) -> None:
        self.client, self.as_actor = client, as_actor

    def __call__(self, actor: Actor, method: str, path: str, body: Any = None) -> Any:
        answer = self.client.request(
            method, f"/api/reviews{path}", headers=self.as_actor(actor),
            **({"json": body} if body is not None else {}),
        )  # fmt: skip
        return answer

    def ok(self, actor: Actor, method: str, path: str, body: Any = None) -> Any:
        answer = self(actor, method, path, body)
        assert answer.status_code < 300, (path, answer.text)
        return answer.json() if answer.content else None


@pytest.fixture
def board(client: TestClient, as_actor: As) -> Board:
    return Board(client, as_actor)


def planned(board: Board, actor: Actor, area: str | None = None) -> Any:
    body = {
        "client_id": str(uuid4()), "area_code": area or actor.area_code,
        "starts_at": (clock.now() + timedelta(minutes=5)).isoformat(),
    }  # fmt: skip
    return board.ok(actor, "POST", "", body)


def running(board: Board, actor: Actor) -> Any:
    review = planned(board, actor)
    return board.ok(actor, "POST", f"/{review['id']}/open")


def entry_of(review: Any, key: object) -> Any:
    return next(
        e for e in review["entries"] if str(key) in (e["event_id"], e["item_id"], e["hot_spot_id"])
    )


def the(event_id: UUID) -> Event:
    with unit_of_work(system(COUNTY)) as session:
        return session.scalars(select(Event).where(Event.id == event_id)).one()


def test_the_agenda_makes_itself_in_order_and_again_at_the_opening(
    town: Town, board: Board
) -> None:
    village, head = town["demo-village"], town.unit_head_of(town.grids[0])
    judged = an_event_at(town, "judging", category="0204")
    back = an_event_at(town, "handling", category="0204")
    take(town, town["demo-dept"], back, "ask_return")
    with clock.at(clock.now() - timedelta(days=2)):
        late = an_event_at(town, "handling", category="0201")
        stuck = proposed(village)
        take_item(town, town["demo-town"], stuck, "assign", due_on=soon(5))
        take_item(town, town["demo-dept"], stuck, "start")
        take_item(town, town["demo-dept"], stuck, "block")
    quiet = an_event_at(town, "dispatched", category="0403")
    hidden = reported(town, head, category="0501")
    review = planned(board, village)
    by_key = {e["event_id"] or e["item_id"]: e["reason"] for e in review["entries"]}
    assert (by_key[str(judged)], by_key[str(back)]) == ("judging", "back")
    assert (by_key[str(late)], by_key[str(stuck)]) == ("due", "item")
    assert str(quiet) not in by_key and str(hidden) not in by_key
    later = reported(town, head, category="0204")
    opened = board.ok(village, "POST", f"/{review['id']}/open")
    assert entry_of(opened, later)["reason"] == "judging"
    assert (opened["state"], opened["presents"]) == ("running", True)
    assert opened["entry_id"] == opened["entries"][0]["id"]
    # Drag, add, remove.
    first, second = opened["entries"][:2]
    moved = board.ok(
        village, "POST", f"/{review['id']}/entries/{second['id']}/move", {"after": None}
    )
    assert moved["entries"][0]["id"] == second["id"]
    last = opened["entries"][-1]["id"]
    moved = board.ok(
        village, "POST", f"/{review['id']}/entries/{second['id']}/move", {"after": last}
    )
    assert moved["entries"][-1]["id"] == second["id"]
    added = board.ok(village, "POST", f"/{review['id']}/entries", {"event_id": str(quiet)})
    assert entry_of(added, quiet)["reason"] == "added"
    twice = board(village, "POST", f"/{review['id']}/entries", {"event_id": str(quiet)})
    assert (twice.status_code, twice.json()["code"]) == (409, "agenda_has_it")
    gone = board.ok(village, "DELETE", f"/{review['id']}/entries/{first['id']}")
    assert first["id"] not in {e["id"] for e in gone["entries"]}


def test_decisions_wait_for_the_end_can_be_taken_back_and_become_work(
    town: Town, board: Board
) -> None:
    village = town["demo-village"]
    cases = [
        an_event_at(town, "judging", category=c)
        for c in ("0204", "0301", "0204", "0403", "0204", "0204", "0204")
    ]
    route, spot, problem, develop, off, verify, changed = cases
    review = running(board, village)
    path = f"/{review['id']}"
    board.ok(village, "POST", f"{path}/people", {"name": "林村民代表"})

    def decide(event_id: UUID, decision: str, **fields: Any) -> Any:
        entry = entry_of(review, event_id)
        return board(
            village,
            "POST",
            f"{path}/entries/{entry['id']}/decision",
            {"decision": decision, **fields},
        )

    lead = str(town.bodies[LEAD])
    assert (
        decide(route, "file", organization_id=lead, condition="a", note="马上修").status_code == 200
    )
    assert decide(spot, "on_spot", note="已清开").status_code == 200
    assert (
        decide(
            problem,
            "problem",
            organization_id=lead,
            condition="a",
            title="路灯成片不亮",
            note="列入",
        ).status_code
        == 200
    )
    bare = decide(develop, "development", title="健身中心", note="x")
    assert (bare.status_code, bare.json()["code"]) == (422, "item_needs_organization")
    assert (
        decide(
            develop,
            "development",
            title="健身中心",
            organization_id=lead,
            due_on=str(soon(90)),
            note="长期办",
        ).status_code
        == 200
    )
    assert decide(off, "put_off", note="等现场").status_code == 200
    assert decide(verify, "verify", note="看看").status_code == 200
    assert decide(changed, "file", condition="a", note="立案").status_code == 200
    # What the workflow would refuse is refused at once.
    wrong = decide(route, "merge", master="E1")
    assert (wrong.status_code, wrong.json()["code"]) == (409, "review_decided_by")
    assert the(route).state == "judging", "nothing happens before the end"
    entry = entry_of(review, off)
    shown = board.ok(village, "DELETE", f"{path}/entries/{entry['id']}/decision")
    assert entry_of(shown, off)["decision"] is None
    assert decide(off, "put_off", note="下次再议").status_code == 200
    # Somebody moves one of them in the meantime.
    take(town, town["demo-town"], changed, "file")
    ended = board.ok(village, "POST", f"{path}/end")
    outcome = {e["event_id"]: e["outcome"] for e in ended["entries"] if e["decision"]}
    assert outcome.pop(str(changed)) not in (None, "done")
    assert set(outcome.values()) == {"done"}
    assert [the(c).state for c in (route, spot, problem, develop, off, verify)] == [
        "dispatched", "self_resolved", "dispatched", "closed", "judging", "verifying",
    ]  # fmt: skip
    assert the(off).put_off_count == 1
    timeline = board.client.get(f"/api/events/{route}", headers=board.as_actor(village)).json()[
        "timeline"
    ]
    filed = next(e for e in timeline if e["action"] == "file")
    assert filed["review"] == review["review_no"] and "林村民代表" in filed["present"]
    made = {e["event_id"]: e["made_item_id"] for e in ended["entries"] if e["made_item_id"]}
    assert set(made) == {str(problem), str(develop)}
    item = board.client.get(
        f"/api/items/{made[str(develop)]}", headers=board.as_actor(village)
    ).json()
    assert (item["title"], item["kind"], item["events"][0]["id"]) == (
        "健身中心",
        "development",
        str(develop),
    )
    assert item["geometry"]["type"] == "Point" and len(item["area_code"]) == 18
    assert the(develop).item_id == UUID(made[str(develop)])
    # The record is whole, and nothing can be done to it any more.
    with unit_of_work(system(COUNTY)) as session:
        row = session.scalars(select(Review).where(Review.id == UUID(review["id"]))).one()
        assert journal.broken_at(queries.lines(session, row), row.log_head) is None
    over = decide(off, "file", condition="a", note="x")
    assert (over.status_code, over.json()["code"]) == (409, "review_not_now")
    # The next meeting opens with what became of it.
    following = planned(board, village)
    last = {one["number"]: (one["decision"], one["state"]) for one in following["last"]}
    assert last[the(route).event_no] == ("file", "dispatched")
    assert last[the(develop).event_no] == ("development", "closed")


def test_a_residents_report_is_refused_by_two_also_in_a_meeting(
    town: Town, board: Board, client: TestClient
) -> None:
    village = town["demo-village"]
    lon, lat = town.sites[town.unit_head_of(town.grids[0]).area_code]
    body = {
        "client_id": str(uuid4()), "text": "邻居唱歌", "category": "0402",
        "position": {"lon": lon, "lat": lat, "crs": "WGS84", "confirmed": True},
    }  # fmt: skip
    event_id = UUID(client.post("/api/public/events", json=body).json()["id"])
    take(town, village, event_id, "put_on_agenda")
    for expected in ("judging", "rejected"):
        who = village if expected == "judging" else town["demo-town"]
        review = running(board, village)
        entry = entry_of(review, event_id)
        board.ok(
            who,
            "POST",
            f"/{review['id']}/entries/{entry['id']}/decision",
            {"decision": "reject", "reason": "privacy", "note": "自行协商"},
        )
        board.ok(who, "POST", f"/{review['id']}/end")
        assert the(event_id).state == expected


def test_two_decide_at_once_and_one_is_told(town: Town, board: Board) -> None:
    village, other = town["demo-village"], town["demo-town"]
    event_id = an_event_at(town, "judging", category="0204")
    review = running(board, village)
    entry = UUID(entry_of(review, event_id)["id"])
    together = Barrier(2)

    def decide(actor: Actor) -> tuple[str, dict[str, Any]] | None:
        together.wait()
        try:
            with unit_of_work(actor) as session:
                body = DecisionIn(decision="put_off", note="等")  # type: ignore[arg-type]
                deciding.decide(session, actor, UUID(review["id"]), entry, body)
        except Refused as refusal:
            return refusal.code, refusal.params
        return None

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(decide, (village, other)))
    (told,) = [s for s in said if s is not None]
    winner = (village, other)[said.index(None)]
    assert told[0] == "review_decided_by" and told[1]["name"] == winner.name


def test_who_comes_in_by_the_code_sees_the_case_speaks_and_votes(town: Town, board: Board) -> None:
    village, neighbour = town["demo-village"], town.unit_head_of(town.villages[1])
    head = town.unit_head_of(town.grids[0])
    with unit_of_work(head) as session:
        photo = keep_photo(session, head)
    event_id = reported(town, head, category="0204", photos=[photo])
    take(town, village, event_id, "put_on_agenda")
    review = running(board, village)
    path, entry = f"/{review['id']}", entry_of(review, event_id)["id"]
    assert board(neighbour, "GET", path).status_code == 404
    assert board(neighbour, "GET", f"{path}/live").status_code == 404
    assert board(neighbour, "POST", "/join", {"code": "000000"}).status_code == 404
    joined = board.ok(neighbour, "POST", "/join", {"code": review["code"]})
    board.ok(neighbour, "POST", "/join", {"code": review["code"]})
    assert [p["name"] for p in joined["people"]].count(neighbour.name) == 1
    assert joined["code"] == "" and not joined["decides"]
    case = board.ok(neighbour, "GET", f"{path}/entries/{entry}")["event"]
    assert case["id"] == str(event_id) and case["reporter_name"] is None and case["steps"] == []
    look = f"/api/reviews{path}/photos/{photo}/thumb.jpg"
    assert board.client.get(look, headers=board.as_actor(neighbour)).status_code == 200
    assert (
        board.client.get(
            f"/api/media/{photo}/thumb.jpg", headers=board.as_actor(neighbour)
        ).status_code
        == 404
    )
    assert board(neighbour, "GET", f"{path}/photos/{uuid4()}/thumb.jpg").status_code == 404
    for choice in ("no", "yes"):
        board.ok(neighbour, "PUT", f"{path}/entries/{entry}/vote", {"choice": choice})
    drawn = {"type": "Point", "coordinates": [119, 25]}
    board.ok(
        neighbour, "POST", f"{path}/entries/{entry}/remarks", {"text": "晚上更暗", "drawing": drawn}
    )
    seen = board.ok(village, "GET", path)
    assert entry_of(seen, event_id)["votes"] == {"yes": 1}
    said = [line for line in seen["lines"] if line["kind"] == "remark"]
    assert (said[0]["name"], said[0]["details"]) == (
        neighbour.name,
        {"text": "晚上更暗", "drawing": drawn},
    )
    for method, way, body in (
        ("POST", f"/entries/{entry}/show", None), ("POST", "/view", {"lon": 119, "lat": 25, "zoom": 14}),
        ("POST", f"/entries/{entry}/decision", {"decision": "put_off", "note": "x"}), ("POST", "/end", None),
    ):  # fmt: skip
        assert board(neighbour, method, path + way, body).status_code == 403
    stranger = town["demo-dept"]
    assert (
        board(stranger, "PUT", f"{path}/entries/{entry}/vote", {"choice": "yes"}).status_code == 404
    )


def test_screens_hear_everything_in_order_also_what_they_missed(town: Town, board: Board) -> None:
    village = town["demo-village"]
    event_id = an_event_at(town, "judging", category="0204")
    review = running(board, village)
    key, entry = UUID(review["id"]), UUID(entry_of(review, event_id)["id"])

    def act(what: Callable[..., None], *args: Any) -> None:
        with unit_of_work(village) as session:
            what(session, village, key, *args)

    async def story() -> None:
        heard: list[Any] = []
        feed = live.follow(village, key, review["seq"])

        async def until(n: int) -> None:
            while len(heard) < n:
                one = await asyncio.wait_for(anext(feed), 20)
                heard.extend([one] if one.event else [])

        act(projecting.show, entry)
        await until(1)
        act(projecting.look, ViewIn(lon=119.05, lat=25.42, zoom=15))
        act(attending.remark, entry, RemarkIn(text="第一句"))
        act(attending.remark, entry, RemarkIn(text="第二句"))
        while [e.event for e in heard].count("line") < 3 or "view" not in [e.event for e in heard]:
            await until(len(heard) + 1)
        lines = [e for e in heard if e.event == "line"]
        assert [int(e.id) for e in lines] == list(range(review["seq"] + 1, review["seq"] + 4))
        view = next(e for e in heard if e.event == "view")
        assert (view.data["lon"], view.data["zoom"]) == (119.05, 15)
        await feed.aclose()
        # The network was away: two more things happened; a new stream tells them and nothing twice.
        act(attending.remark, entry, RemarkIn(text="掉线时说的"))
        act(deciding.decide, entry, DecisionIn(decision="put_off", note="等"))  # type: ignore[arg-type]
        again = live.follow(village, key, int(lines[-1].id))
        caught = [await asyncio.wait_for(anext(again), 20) for _ in range(4)][1:]
        kinds = [
            (e.event, e.raw_data and e.raw_data.split('"kind":"')[1].split('"')[0]) for e in caught
        ]
        assert kinds[:2] == [("line", "remark"), ("line", "decided")] and kinds[2][0] == "view"
        act(deciding.end)
        rest = [e async for e in again]
        assert [e.raw_data.split('"kind":"')[1].split('"')[0] for e in rest if e.raw_data] == [
            "ended"
        ]

    # In a thread of its own: the browser tests of the same run leave a loop in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, story()).result()


def test_one_person_on_many_devices_at_once_comes_in_once(town: Town, board: Board) -> None:
    review = running(board, town["demo-village"])
    head = town.unit_head_of(town.grids[0])
    together = Barrier(8)

    def come(_: int) -> None:
        together.wait()
        with unit_of_work(head) as session:
            attending.join(session, head, review["code"])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(come, range(8)))
    there = board.ok(town["demo-village"], "GET", f"/{review['id']}")
    assert [p["name"] for p in there["people"]].count(head.name) == 1
    with unit_of_work(system(COUNTY)) as session:
        row = session.scalars(select(Review).where(Review.id == UUID(review["id"]))).one()
        said = queries.lines(session, row)
    signed = [n for n in said if n.kind == "signed" and n.name == head.name]
    assert len(signed) == 1


def test_a_code_opens_meetings_of_ones_own_county_or_town_while_they_last(
    town: Town, board: Board
) -> None:
    village, head = town["demo-village"], town.unit_head_of(town.grids[0])
    review = running(board, village)
    assert len(review["code"]) == 8

    def refused(actor: Actor, at: timedelta = timedelta(0)) -> str:
        with clock.at(clock.now() + at), pytest.raises(Refused) as no, unit_of_work(actor) as s:
            attending.join(s, actor, review["code"])
        return no.value.code

    stranger = replace(head, area_code="359903001001001001", home_county="359903")
    elsewhere = replace(head, area_code="359902999001001001")
    assert refused(stranger) == refused(elsewhere) == "review_code_unknown"
    assert refused(head, timedelta(days=2)) == "review_code_unknown"
    resident = replace(head, role=Role.RESIDENT, area_code="")
    assert refused(resident) == "role_not_allowed"


def test_a_planned_meeting_is_entered_from_an_hour_before(town: Town, board: Board) -> None:
    review = planned(board, town["demo-village"])
    head = town.unit_head_of(town.grids[0])
    starts = datetime.fromisoformat(review["starts_at"])
    with (
        clock.at(starts - timedelta(hours=2)), pytest.raises(Refused), unit_of_work(head) as session,
    ):  # fmt: skip
        attending.join(session, head, review["code"])
    with clock.at(starts - timedelta(minutes=50)), unit_of_work(head) as session:
        assert str(attending.join(session, head, review["code"])) == review["id"]


def test_twelve_come_in_at_once(town: Town, board: Board) -> None:
    review = running(board, town["demo-village"])
    heads = [a for a in town.actors.values() if a.role is Role.UNIT_HEAD][:12]
    together = Barrier(len(heads))

    def come(actor: Actor) -> None:
        together.wait()
        with unit_of_work(actor) as session:
            attending.join(session, actor, review["code"])

    with ThreadPoolExecutor(len(heads)) as pool:
        list(pool.map(come, heads))
    there = board.ok(town["demo-village"], "GET", f"/{review['id']}")
    assert len(there["people"]) == len(heads) + 1
    assert [line["seq"] for line in there["lines"]] == list(range(1, there["seq"] + 1))


def test_one_presents_and_another_may_take_over(town: Town, board: Board) -> None:
    village, other = town["demo-village"], town["demo-town"]
    an_event_at(town, "judging", category="0204")
    review = running(board, village)
    path, entry = f"/{review['id']}", review["entries"][-1]["id"]
    view = {"lon": 119, "lat": 25, "zoom": 14}
    refused = board(other, "POST", f"{path}/view", view)
    assert (refused.status_code, refused.json()["code"]) == (409, "review_not_presenting")
    assert board.ok(other, "POST", f"{path}/present")["presents"] is True
    board.ok(other, "POST", f"{path}/view", view)
    board.ok(other, "POST", f"{path}/entries/{entry}/show")
    seen = board.ok(village, "GET", path)
    assert (seen["presents"], seen["entry_id"], seen["view"]["lon"]) == (False, entry, 119)
    assert board(village, "POST", f"{path}/entries/{entry}/show").status_code == 409


def test_the_board_offers_what_the_case_allows(town: Town, board: Board) -> None:
    village = town["demo-village"]
    judged = an_event_at(town, "judging", category="0204")
    handled = an_event_at(town, "handling", category="0204")
    take(town, town["demo-dept"], handled, "ask_return")
    review = running(board, village)
    path = f"/{review['id']}/entries"
    offers = {
        key: board.ok(village, "GET", f"{path}/{entry_of(review, key)['id']}")["decisions"]
        for key in (judged, handled)
    }
    assert offers[judged]["file"] == "" and "put_off" in offers[judged]
    # A street light is no small matter, and a case under way is not filed again.
    assert "on_spot" not in offers[judged] and "file" not in offers[handled]
    assert offers[handled]["development"] != "", "a request waits: nothing moves on"


def test_a_hot_spot_on_the_agenda_becomes_a_development(
    town: Town, board: Board, client: TestClient
) -> None:
    village, head = town["demo-village"], town.unit_head_of(town.grids[0])
    for _ in range(3):
        take(town, village, reported(town, head, category="0203"), "file")
    while delivery.drain(COUNTY, HANDLERS):
        pass
    review = running(board, village)
    entry = next(e for e in review["entries"] if e["title"] == "Broken surface × 3")
    assert entry["reason"] == "hot_spot"
    path = f"/{review['id']}/entries/{entry['id']}/decision"
    wrong = board(village, "POST", path, {"decision": "file", "note": "x"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "review_only_lists")
    board.ok(village, "POST", path, {
        "decision": "development", "title": "这段路翻修", "note": "年年补", "due_on": str(soon(200)),
        "organization_id": str(town.bodies[HELPER]),
    })  # fmt: skip
    ended = board.ok(village, "POST", f"/{review['id']}/end")
    made = next(e for e in ended["entries"] if e["id"] == entry["id"])
    assert made["outcome"] == "done"
    item = client.get(f"/api/items/{made['made_item_id']}", headers=board.as_actor(village)).json()
    assert item["timeline"][0]["details"]["meeting"].startswith("M")
    assert (item["title"], len(item["events"])) == ("这段路翻修", 3)
    spot = client.get(
        f"/api/hot-spots/{entry['hot_spot_id']}", headers=board.as_actor(village)
    ).json()
    assert spot["item"]["id"] == made["made_item_id"]


def test_the_minutes_write_themselves_are_signed_and_cannot_be_changed(
    town: Town, board: Board
) -> None:
    village, head = town["demo-village"], town.unit_head_of(town.grids[0])
    with unit_of_work(head) as session:
        photo = keep_photo(session, head)
    event_id = reported(town, head, category="0204", photos=[photo], text="桥头路灯全灭")
    review = running(board, village)
    path, entry = f"/{review['id']}", entry_of(review, event_id)["id"]
    board.ok(village, "POST", f"{path}/entries/{entry}/remarks", {"text": "晚上有人摔倒"})
    board.ok(
        village,
        "POST",
        f"{path}/entries/{entry}/decision",
        {"decision": "file", "condition": "a", "note": "马上修"},
    )
    assert board(village, "GET", f"{path}/minutes.pdf").status_code == 404
    board.ok(village, "POST", f"{path}/end")
    for _ in range(2):
        while delivery.drain(COUNTY, HANDLERS):
            pass
    got = board(village, "GET", f"{path}/minutes.pdf")
    assert got.status_code == 200 and got.content.startswith(b"%PDF")
    if out := os.environ.get("ONEMAP_SCREENSHOTS"):
        (Path(out) / "minutes.pdf").write_bytes(got.content)
    lines = board.ok(village, "GET", path)["lines"]
    hashes = [line["details"]["sha256"] for line in lines if line["kind"] == "minutes"]
    assert hashes == [hashlib.sha256(got.content).hexdigest()], "written once, however often heard"
    assert signing.holds(got.content)
    # Chinese fonts are inside, and so are the map and the photo.
    reader = PdfFileReader(io.BytesIO(got.content))
    assert b"NotoSerifCJK" in got.content or "NotoSerifCJK" in fonts_of(reader)
    for at in (len(got.content) // 3, len(got.content) // 2):
        broken = bytearray(got.content)
        broken[at] ^= 1
        assert not signing.holds(bytes(broken))
    file = minutes.path_of(UUID(review["id"]))
    changed = bytearray(got.content)
    changed[200] ^= 1
    file.write_bytes(bytes(changed))
    refused = board(village, "GET", f"{path}/minutes.pdf")
    assert (refused.status_code, refused.json()["code"]) == (409, "minutes_changed")


def fonts_of(reader: PdfFileReader) -> str:
    """The names of the fonts on the first page."""
    page = reader.root["/Pages"]["/Kids"][0]
    fonts = page["/Resources"]["/Font"]
    return " ".join(str(fonts[name]["/BaseFont"]) for name in fonts)


def test_a_point_that_is_put_to_the_vote_waits_for_its_majority(town: Town, board: Board) -> None:
    village, head = town["demo-village"], town.unit_head_of(town.grids[0])
    case = an_event_at(town, "judging", category="0204")
    review = running(board, village)
    entry = entry_of(review, case)["id"]
    path = f"/{review['id']}/entries/{entry}"
    for other in (head, town["demo-grid"]):
        board.ok(other, "POST", "/join", {"code": review["code"]})
    asked = board.ok(village, "PUT", f"{path}/vote-needed", {"needed": True})
    assert entry_of(asked, case)["vote_needed"]
    # Only who leads puts to the vote.
    assert board(head, "PUT", f"{path}/vote-needed", {"needed": False}).status_code == 403
    wanted = {"decision": "development", "title": "口袋公园", "note": "x",
              "organization_id": str(town.bodies[LEAD]), "due_on": str(soon())}  # fmt: skip
    board.ok(head, "PUT", f"{path}/vote", {"choice": "yes"})
    board.ok(village, "PUT", f"{path}/vote", {"choice": "no"})
    # One of three is not enough; two are.
    early = board(village, "POST", f"{path}/decision", wanted)
    assert (early.status_code, early.json()["code"]) == (409, "review_vote_first")
    assert "2" in early.json()["title"]
    board.ok(town["demo-grid"], "PUT", f"{path}/vote", {"choice": "yes"})
    decided = board.ok(village, "POST", f"{path}/decision", wanted)
    assert entry_of(decided, case)["decision"] == "development"
    late = board(village, "PUT", f"{path}/vote-needed", {"needed": False})
    assert (late.status_code, late.json()["code"]) == (409, "review_decided_already")
