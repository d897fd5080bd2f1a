"""A meeting ends whatever its points are; what that means is told before, and undone for a while."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from backend.core import clock, delivery
from backend.core.actor import Actor, system
from backend.core.db import unit_of_work
from backend.core.errors import Conflict
from backend.matters.items.models import Item
from backend.matters.reviews import attending, deciding, minutes, patterns, queries, service
from backend.matters.reviews.models import Review
from backend.matters.reviews.schemas import RemarkIn
from backend.subscriptions import HANDLERS
from tests.conftest import Town
from tests.events.makers import LEAD, an_event_at, reported, take
from tests.items.makers import soon
from tests.reviews.test_reviews import Board, entry_of, planned, running, the

As = Callable[[Actor], dict[str, str]]
COUNTY = "359902"


@pytest.fixture
def board(client: TestClient, as_actor: As) -> Board:
    return Board(client, as_actor)


def decide(board: Board, actor: Actor, review: Any, key: UUID, **body: Any) -> Any:
    path = f"/{review['id']}/entries/{entry_of(review, key)['id']}/decision"
    return board(actor, "POST", path, {"note": "按会议决定", **body})


def development(town: Town, **more: Any) -> dict[str, Any]:
    return {
        "decision": "development", "organization_id": str(town.bodies[LEAD]),
        "due_on": str(soon()), **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("title", "status"), [("长" * 121, 422), ("路", 422), (" ", 200), ("长" * 120, 200)]
)
def test_a_title_has_the_limits_of_the_item_that_it_names(
    town: Town, board: Board, title: str, status: int
) -> None:
    village = town["demo-village"]
    event_id = an_event_at(town, "judging")
    review = running(board, village)
    answer = decide(board, village, review, event_id, **development(town, title=title))
    assert answer.status_code == status, answer.text
    ended = board.ok(village, "POST", f"/{review['id']}/end")
    assert (entry_of(ended, event_id)["outcome"] == "done") == (status == 200)


def test_a_report_of_one_sign_goes_on_a_list_by_its_kind(town: Town, board: Board) -> None:
    village = town["demo-village"]
    event_id = an_event_at(town, "judging", text="坑")
    review = running(board, village)
    assert decide(board, village, review, event_id, **development(town)).status_code == 200
    ended = board.ok(village, "POST", f"/{review['id']}/end")
    made = UUID(entry_of(ended, event_id)["made_item_id"])
    with unit_of_work(system(COUNTY)) as session:
        title = session.scalars(select(Item.title).where(Item.id == made)).one()
    assert title.endswith(" 坑") and len(title) > 2


def test_what_cannot_take_effect_is_refused_when_it_is_decided(town: Town, board: Board) -> None:
    village = town["demo-village"]
    one, other = an_event_at(town, "judging"), an_event_at(town, "judging")
    review = running(board, village)
    answer = decide(board, village, review, one, decision="merge", master="E20200101-000000-XX-Y")
    assert (answer.status_code, answer.json()["code"]) == (409, "master_unknown")
    assert "E20200101-000000-XX-Y" in answer.json()["title"]
    assert the(one).state == "judging", "tried, and undone"
    assert decide(
        board, village, review, one, decision="merge", master=the(other).event_no
    ).status_code == 200  # fmt: skip
    assert the(one).state == "judging"


def test_one_wrong_point_stops_no_other_and_is_told_before_and_after(
    town: Town, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    village, head = town["demo-village"], town.unit_head_of(town.grids[0])
    good, moved, broken, open_still = (an_event_at(town, "judging") for _ in range(4))
    a, b = an_event_at(town, "judging"), an_event_at(town, "judging")
    review = running(board, village)
    for key in (good, moved, broken):
        assert decide(board, village, review, key, decision="file", condition="a").status_code < 300
    # Each alone looks well: that they merge into each other shows only when both are tried.
    for one, other in ((a, b), (b, a)):
        answer = decide(board, village, review, one, decision="merge", master=the(other).event_no)
        assert answer.status_code == 200, answer.text
    board.ok(village, "POST", f"/{review['id']}/people", {"name": "老支书"})
    take(town, village, moved, "void")

    real = deciding.carry_out

    def fails(session: Any, actor: Actor, review: Any, entry: Any, *rest: Any) -> None:
        if entry.event_id == broken:
            raise ZeroDivisionError
        real(session, actor, review, entry, *rest)

    monkeypatch.setattr(deciding, "carry_out", fails)
    said = board.ok(village, "GET", f"/{review['id']}/ending")
    wrong = {one["entry_id"]: one["because"] for one in said["failing"]}
    expected = {entry_of(review, key)["id"] for key in (moved, broken, b)}
    assert set(wrong) == expected and all(wrong.values())
    assert (said["people"], said["guests"], said["decided"]) == (2, 1, 5)
    assert said["undecided"] == said["points"] - 5 > 0
    assert {the(key).state for key in (good, broken, a, b)} == {"judging"}, "nothing of it stays"
    ended = board.ok(village, "POST", f"/{review['id']}/end")
    outcomes = {key: entry_of(ended, key)["outcome"] for key in (good, moved, broken, a, b)}
    assert (outcomes[good], outcomes[a], the(good).state) == ("done", "done", "filed")
    assert {str(entry_of(ended, key)["id"]): outcomes[key] for key in (moved, broken, b)} == wrong
    assert the(open_still).state == "judging" and head.id


def test_an_end_is_taken_back_for_what_was_not_decided(town: Town, board: Board) -> None:
    village = town["demo-village"]
    done, waits = an_event_at(town, "judging"), an_event_at(town, "judging")
    review = running(board, village)
    decide(board, village, review, done, decision="file", condition="a")
    ended = board.ok(village, "POST", f"/{review['id']}/end")
    while delivery.drain(COUNTY, HANDLERS):
        pass
    long = datetime.fromisoformat(ended["restore_until"]) - clock.now()
    assert timedelta() < long <= service.RESTORE_WITHIN
    first = minutes.path_of(UUID(review["id"])).read_bytes()
    again = board.ok(village, "POST", f"/{review['id']}/restore")
    assert (again["state"], again["ended_at"]) == ("running", None)
    assert board(village, "GET", f"/{review['id']}/minutes.pdf").status_code == 404
    # What took effect stays and is not decided anew; what waited is decided now.
    path = f"/{review['id']}/entries/{entry_of(again, done)['id']}/decision"
    assert board(village, "DELETE", path).json()["code"] == "review_took_effect"
    assert decide(board, village, again, waits, decision="put_off").status_code == 200
    last = board.ok(village, "POST", f"/{review['id']}/end")
    while delivery.drain(COUNTY, HANDLERS):
        pass
    assert [entry_of(last, key)["outcome"] for key in (done, waits)] == ["done", "done"]
    assert the(done).log_seq == the(done).log_seq and the(done).state == "filed"
    assert the(waits).put_off_count == 1
    assert minutes.path_of(UUID(review["id"])).read_bytes() != first
    assert board(village, "GET", f"/{review['id']}/minutes.pdf").status_code == 200


def test_too_late_nothing_is_taken_back(town: Town, board: Board) -> None:
    village = town["demo-village"]
    review = running(board, village)
    then = clock.now() - service.RESTORE_WITHIN - timedelta(minutes=1)
    with clock.at(then), unit_of_work(village) as session:
        deciding.end(session, village, UUID(review["id"]))
    answer = board(village, "POST", f"/{review['id']}/restore")
    assert (answer.status_code, answer.json()["code"]) == (409, "review_restore_late")
    assert board(village, "GET", f"/{review['id']}/ending").status_code == 409


def test_a_meeting_that_was_called_off_is_planned_again(town: Town, board: Board) -> None:
    village = town["demo-village"]
    review = planned(board, village)
    assert review["restore_until"] is None
    assert board(village, "POST", f"/{review['id']}/restore").status_code == 409
    off = board.ok(village, "DELETE", f"/{review['id']}")
    assert off["state"] == "cancelled" and off["restore_until"]
    assert board.ok(village, "POST", f"/{review['id']}/restore")["state"] == "planned"
    assert board.ok(village, "POST", f"/{review['id']}/open")["state"] == "running"


def test_what_was_taken_off_the_agenda_is_put_back_with_what_was_said(
    town: Town, board: Board
) -> None:
    village = town["demo-village"]
    event_id = an_event_at(town, "judging")
    review = running(board, village)
    entry = entry_of(review, event_id)
    where = [e["id"] for e in review["entries"]].index(entry["id"])
    path = f"/{review['id']}/entries/{entry['id']}"
    board.ok(village, "POST", f"{path}/remarks", {"text": "去看过了"})
    board.ok(village, "PUT", f"{path}/vote", {"choice": "yes"})
    gone = board.ok(village, "DELETE", path)
    assert entry["id"] not in [e["id"] for e in gone["entries"]]
    assert [(e["id"], e["title"]) for e in gone["taken_off"]] == [(entry["id"], entry["title"])]
    assert board(village, "POST", f"{path}/decision", {"decision": "file"}).status_code == 404
    back = board.ok(village, "POST", f"{path}/restore")
    assert back["entries"][where]["id"] == entry["id"] and back["taken_off"] == []
    assert back["entries"][where]["votes"] == {"yes": 1}
    assert board(village, "POST", f"{path}/restore").status_code == 404
    # Added again by hand, it is the same point too.
    board.ok(village, "DELETE", path)
    same = board.ok(village, "POST", f"/{review['id']}/entries", {"event_id": str(event_id)})
    assert entry_of(same, event_id)["id"] == entry["id"]


def test_what_was_taken_off_does_not_come_back_by_itself(town: Town, board: Board) -> None:
    village = town["demo-village"]
    event_id = reported(town, town.unit_head_of(town.grids[0]))
    review = planned(board, village)
    board.ok(village, "DELETE", f"/{review['id']}/entries/{entry_of(review, event_id)['id']}")
    opened = board.ok(village, "POST", f"/{review['id']}/open")
    assert str(event_id) not in [e["event_id"] for e in opened["entries"]]
    assert the(event_id).state == "reported"


def test_each_meeting_opens_with_the_one_that_was_held_last(
    town: Town, client: TestClient, board: Board
) -> None:
    village = town["demo-village"]

    def scan() -> None:
        with unit_of_work(system(COUNTY)) as session:
            patterns.call_due(session, COUNTY)

    def of(day: datetime) -> Review:
        with unit_of_work(system(COUNTY)) as session:
            return session.scalars(
                select(Review).where(Review.starts_at == day, Review.area_code == village.area_code)
            ).one()

    header = board.as_actor(village)
    pattern = {"area_code": village.area_code, "rhythm": "daily", "at": "09:00"}
    with clock.at(datetime(2026, 12, 6, 23, 0, tzinfo=UTC)):  # Monday 07:00
        assert client.post("/api/reviews/patterns", json=pattern, headers=header).status_code == 201
        scan()
    before = None
    for day in (7, 8, 9, 10, 11):
        at = datetime(2026, 12, day, 1, 0, tzinfo=UTC)
        with clock.at(at):
            scan()
            if day == 9:
                # One that is called off was not held.
                board.ok(village, "DELETE", f"/{of(at).id}")
                continue
            board.ok(village, "POST", f"/{of(at).id}/open")
            assert before is None or of(at).previous_id == before
        with clock.at(at + timedelta(hours=1)):
            board.ok(village, "POST", f"/{of(at).id}/end")
            scan()
        before = of(at).id


def test_what_is_said_after_the_end_is_not_said_in_the_meeting(town: Town, board: Board) -> None:
    village, head = town["demo-village"], town.unit_head_of(town.grids[0])
    event_id = an_event_at(town, "judging")
    review = running(board, village)
    key, entry = UUID(review["id"]), UUID(entry_of(review, event_id)["id"])
    board.ok(head, "POST", "/join", {"code": review["code"]})
    with unit_of_work(head) as session:
        assert queries.one(session, head, key).state == "running"
        with unit_of_work(village) as chair:
            deciding.end(chair, village, key)
        with pytest.raises(Conflict, match="review_not_now"):
            attending.remark(session, head, key, entry, RemarkIn(text="慢了一步"))
        with pytest.raises(Conflict, match="review_not_now"):
            attending.vote(session, head, key, entry, "yes")


def test_a_line_that_is_no_number_begins_the_feed_anew(town: Town, board: Board) -> None:
    village = town["demo-village"]
    review = running(board, village)
    board.ok(village, "POST", f"/{review['id']}/end")
    headers: Any = board.as_actor(village) | {"Last-Event-ID": "²".encode("latin-1")}
    heard = board.client.get(f"/api/reviews/{review['id']}/live", headers=headers)
    assert heard.status_code == 200 and '"ended"' in heard.text


def test_what_lies_around_a_case_is_said_in_the_callers_language(town: Town, board: Board) -> None:
    village, head = town["demo-village"], town.unit_head_of(town.grids[0])
    old = an_event_at(town, "following_up", category="0204")
    take(town, head, old, "answer_solved")
    take(town, town["demo-town"], old, "close")
    event_id, near = (an_event_at(town, "judging", category="0204") for _ in range(2))
    review = running(board, village)
    path = f"/api/reviews/{review['id']}/entries/{entry_of(review, event_id)['id']}"
    said = {}
    for language in ("en", "zh-CN"):
        asked = board.as_actor(village) | {"Accept-Language": language}
        case = board.client.get(path, headers=asked).json()
        around = {one["id"]: one["category"] for one in (*case["before"], *case["near"])}
        said[language] = {around[str(old)], around[str(near)]}
    assert said == {"en": {"Street light out"}, "zh-CN": {"路灯不亮"}}
