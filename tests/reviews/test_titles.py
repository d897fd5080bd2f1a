"""A meeting ends whatever its cases are called: titles from stored words are fitted, typed ones checked."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.conftest import Town
from tests.events.makers import LEAD, an_event_at
from tests.items.makers import soon
from tests.reviews.test_reviews import Board, entry_of, running


@pytest.fixture
def board(client: TestClient, as_actor: Any) -> Board:
    return Board(client, as_actor)


def wanted(town: Town, **more: Any) -> dict[str, Any]:
    return {
        "decision": "development",
        "note": "n",
        "organization_id": str(town.bodies[LEAD]),
        "due_on": str(soon()),
    } | more


@pytest.mark.parametrize("text", ["坑", "一\n二", "长" * 2000, "% _"])
def test_a_case_of_any_words_becomes_an_item(town: Town, board: Board, text: str) -> None:
    village = town["demo-village"]
    event = an_event_at(town, "judging", text=text)
    review = running(board, village)
    entry = entry_of(review, event)
    board.ok(village, "POST", f"/{review['id']}/entries/{entry['id']}/decision", wanted(town))
    ended = board.ok(village, "POST", f"/{review['id']}/end")
    assert entry_of(ended, event)["outcome"] == "done"
    assert entry_of(ended, event)["made_item_id"]


@pytest.mark.parametrize("title", ["长" * 121, "路", "a\0b"])
def test_a_title_that_an_item_cannot_have_is_refused_at_once(
    town: Town, board: Board, title: str
) -> None:
    village = town["demo-village"]
    event = an_event_at(town, "judging")
    review = running(board, village)
    entry = entry_of(review, event)
    path = f"/{review['id']}/entries/{entry['id']}/decision"
    answer = board(village, "POST", path, wanted(town, title=title))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "title")
    board.ok(village, "POST", path, wanted(town, title="路面"))
    assert entry_of(board.ok(village, "POST", f"/{review['id']}/end"), event)["outcome"] == "done"
