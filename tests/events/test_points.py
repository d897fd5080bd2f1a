"""A map shows what its list shows."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from backend.matters.events.views import PointsOut
from tests.conftest import Town
from tests.events.makers import reported, take

Bearer = Callable[[str], dict[str, str]]


@pytest.fixture(scope="module")
def cases(database: str, town: Town) -> dict[str, str]:
    """Two cases that wait, one before the meeting, one without a place; all in one village."""
    head = town.unit_head_of(town["demo-village"].area_code)
    made = {
        "waits": reported(town, head),
        "other kind": reported(town, head, category="0301"),
        "judging": reported(town, head),
        "placeless": reported(town, head, position=None, area_code=head.area_code),
    }
    take(town, town["demo-village"], made["judging"], "put_on_agenda")
    return {name: str(key) for name, key in made.items()}


@pytest.mark.parametrize(
    ("filters", "shown"),
    [
        ({"state": ["reported"]}, {"waits", "other kind"}),
        ({"state": ["reported"], "category": "0301"}, {"other kind"}),
        ({"state": ["judging"]}, {"judging"}),
        ({"open_only": True}, {"waits", "other kind", "judging"}),
        ({"overdue": True}, set()),
        ({"number": "nothing like it"}, set()),
    ],
)
def test_two_rows_are_two_points(
    client: TestClient,
    bearer: Bearer,
    cases: dict[str, str],
    filters: dict[str, Any],
    shown: set[str],
) -> None:
    rows = client.get("/api/events", params=filters, headers=bearer("demo-village")).json()["items"]
    found = client.get("/api/events/points", params=filters, headers=bearer("demo-village")).json()
    assert {one["id"] for one in found["points"]} == {cases[name] for name in shown}
    assert {one["id"] for one in found["points"]} == {
        row["id"] for row in rows if row["lon"] is not None
    }
    assert found["placeless"] == len(rows) - len(found["points"])
    assert found["more"] is False


def test_a_point_is_told_as_it_is_described(
    client: TestClient, bearer: Bearer, cases: dict[str, str]
) -> None:
    answer = client.get("/api/events/points", headers=bearer("demo-village"))
    told = PointsOut.model_validate_json(answer.content, strict=True)
    # The database writes it: in the order of the description, and no field more.
    assert told.model_dump(mode="json") == answer.json()
    assert told.model_dump_json().encode() == answer.content


def test_nobody_sees_points_of_cases_that_are_not_theirs(
    client: TestClient, bearer: Bearer, cases: dict[str, str]
) -> None:
    found = client.get("/api/events/points", headers=bearer("demo-resident")).json()
    assert found == {"points": [], "placeless": 0, "more": False}
    assert client.get("/api/events/points").status_code == 401


def test_more_than_a_map_can_show_is_said(
    client: TestClient, bearer: Bearer, cases: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.matters.events.reading.listing.MOST_POINTS", 1)
    found = client.get("/api/events/points", headers=bearer("demo-village")).json()
    assert len(found["points"]) + found["placeless"] == 1
    assert found["more"] is True
