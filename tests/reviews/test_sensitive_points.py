"""What became sensitive, or moved away, while it stands on an agenda."""

from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from backend.core.actor import Actor, Role, system
from backend.core.db import unit_of_work
from backend.matters.events.casework.moving import move
from backend.matters.events.models import Event
from tests.conftest import Town
from tests.events.makers import an_event_at, take
from tests.reviews.test_reviews import As, Board, entry_of, running

COUNTY, OTHER, SECRET = "359902", "359903", "谁家的事只有自家知道"


@pytest.fixture
def board(client: TestClient, as_actor: As) -> Board:
    return Board(client, as_actor)


def guest(town: Town, board: Board, review: dict[str, str]) -> Actor:
    """Somebody of the village who signed in, and is named in nothing."""
    worker = next(
        a for a in town.actors.values()
        if a.role is Role.GRID_WORKER and a.area_code.startswith(town["demo-village"].area_code)
    )  # fmt: skip
    board.ok(worker, "POST", "/join", {"code": review["code"]})
    return worker


def test_restricted_since_it_is_shown_to_those_named(town: Town, board: Board) -> None:
    event_id = an_event_at(town, "judging", text=SECRET)
    village = town["demo-village"]
    review = running(board, village)
    worker = guest(town, board, review)
    assert SECRET in board(worker, "GET", f"/{review['id']}").text
    take(town, town["demo-town"], event_id, "restrict", people=["demo-village", "demo-town"])
    point = entry_of(review, event_id)["id"]
    for path in (f"/{review['id']}", f"/{review['id']}/entries/{point}"):
        assert SECRET not in board(worker, "GET", path).text
        assert SECRET in board(village, "GET", path).text


def test_another_restricted_case_is_refused_in_words(town: Town, board: Board) -> None:
    event_id = an_event_at(town, "reported", category="0501")
    review = running(board, town["demo-village"])
    answer = board(
        town["demo-village"], "POST", f"/{review['id']}/entries", {"event_id": str(event_id)}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "restricted_not_for_meetings")


def test_moved_since_it_is_shown_where_it_lies_now(town: Town, board: Board) -> None:
    event_id: UUID = an_event_at(town, "judging", text=SECRET)
    review = running(board, town["demo-village"])
    with unit_of_work(system(COUNTY, OTHER)) as session:
        there = move(session, session.get_one(Event, (COUNTY, event_id)), OTHER)
        there.state = "filed"
    shown = board.ok(town["demo-village"], "GET", f"/{review['id']}")
    assert entry_of(shown, event_id)["state"] == "filed"


def test_the_number_of_a_restricted_case_that_it_repeats_is_not_told(
    town: Town, board: Board
) -> None:
    before, event_id = an_event_at(town, "filed"), an_event_at(town, "judging")
    take(town, town["demo-town"], before, "restrict", people=["demo-village"])
    with unit_of_work(system(COUNTY)) as session:
        number = session.get_one(Event, (COUNTY, before)).event_no
        session.get_one(Event, (COUNTY, event_id)).recurrence_of = before
    review = running(board, town["demo-village"])
    worker = guest(town, board, review)
    path = f"/{review['id']}/entries/{entry_of(review, event_id)['id']}"
    assert number not in board(worker, "GET", path).text
    assert number in board(town["demo-village"], "GET", path).text
