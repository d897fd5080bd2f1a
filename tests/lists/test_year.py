"""A village's year on one page tells the same numbers as what was done."""

from collections.abc import Callable
from datetime import datetime

from fastapi.testclient import TestClient

from backend.core.actor import Actor
from backend.core.db import unit_of_work
from backend.tools.counters import service as counters
from tests.conftest import Town
from tests.days import CHINA
from tests.events.makers import an_event_at, reported, take
from tests.items.makers import a_promising_item, proposed, take_item
from tests.reviews.test_reviews import Board, running

As = Callable[[Actor], dict[str, str]]


def test_a_year_is_what_was_done(town: Town, client: TestClient, as_actor: As) -> None:
    village, head = town["demo-village"], town.unit_head_of(town.grids[0])
    now = datetime.now(CHINA)
    item = a_promising_item(town, village, title="健身角")
    proposed(village, "problem")
    carried = an_event_at(town, "filed", category="0204")
    take(town, village, carried, "carry_by_item", item_id=item)
    take(town, head, reported(town, head, category="0301"), "resolve_on_spot")
    solved = an_event_at(town, "following_up", category="0204")
    take(town, head, solved, "answer_solved")
    take(town, town["demo-town"], solved, "close")
    with unit_of_work() as session:
        while counters.roll_up(session, "359902"):
            pass

    def year(**query: object) -> dict[str, object]:
        asked = {"area": village.area_code, "year": now.year, **query}
        answer = client.get("/api/indicators/year", params=asked, headers=as_actor(village))
        assert answer.status_code == 200, answer.text
        found: dict[str, object] = answer.json()
        return found

    page = year()
    months = {m["month"]: m for m in page["months"]}  # type: ignore[attr-defined]
    this = months[f"{now:%Y-%m}"]
    # Filed twice and once fixed on the spot; one closed, one carried on, which counts as neither.
    assert (this["came"], this["solved"], this["carried"]) == (3, 2, 1)
    assert sum(m["came"] for m in months.values()) == 3
    assert page["lists"] == {"problem": {"confirmed": 1}, "development": {"claimed": 1}, "task": {}}
    assert [line["title"] for line in page["building"]] == ["健身角"]  # type: ignore[attr-defined]
    take_item(town, town["demo-dept"], item, "start")
    take_item(town, village, item, "achieve")
    page = year()
    assert [line["title"] for line in page["achieved"]] == ["健身角"]  # type: ignore[attr-defined]
    assert page["building"] == []
    assert year(year=now.year - 1)["achieved"] == []


def test_a_meeting_counts_in_the_year_in_which_it_ended_and_not_once_that_is_taken_back(
    town: Town, client: TestClient, as_actor: As
) -> None:
    village, board = town["demo-village"], Board(client, as_actor)
    asked = {"area": village.area_code, "year": datetime.now(CHINA).year}

    def held(**other: int) -> int:
        answer = client.get(
            "/api/indicators/year", params=asked | other, headers=as_actor(village)
        )  # fmt: skip
        found: int = answer.json()["meetings"]
        return found

    before = held()
    path = f"/{running(board, village)['id']}"
    assert held() == before, "it has not ended"
    board.ok(village, "POST", f"{path}/end")
    assert (held(), held(year=asked["year"] - 1)) == (before + 1, 0)
    board.ok(village, "POST", f"{path}/restore")
    assert held() == before
    board.ok(village, "POST", f"{path}/end")
    assert held() == before + 1
