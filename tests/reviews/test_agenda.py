"""The agenda's points: what each is about, and where each stands."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from backend.core import clock
from tests.conftest import Town
from tests.events.makers import an_event_at
from tests.items.makers import proposed

Bearer = Callable[[str], dict[str, str]]


def planned(client: TestClient, header: dict[str, str], area: str) -> Any:
    body = {
        "client_id": str(uuid4()), "area_code": area,
        "starts_at": (clock.now() + timedelta(minutes=5)).isoformat(),
    }  # fmt: skip
    return client.post("/api/reviews", headers=header, json=body).json()


@pytest.mark.parametrize("beside", ["item_id", "hot_spot_id"])
def test_a_point_is_about_one_thing(
    client: TestClient, town: Town, bearer: Bearer, beside: str
) -> None:
    """A second key would stand there unasked, be it a neighbour's or nothing at all."""
    header = bearer("demo-village")
    path = f"/api/reviews/{planned(client, header, town.villages[0])['id']}/entries"
    event, item = an_event_at(town, "handling"), proposed(town["demo-village"])
    for body in (
        {"event_id": str(event), beside: str(uuid4())},
        {"item_id": str(item), "hot_spot_id": str(uuid4())},
        {},
    ):
        answer = client.post(path, headers=header, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "agenda_unknown")
    assert client.post(path, headers=header, json={"item_id": str(item)}).status_code == 201


def test_a_point_can_be_moved_however_often_others_were(
    client: TestClient, town: Town, bearer: Bearer
) -> None:
    """Each move halves the room between two points; a float has room for about fifty."""
    header = bearer("demo-village")
    for _ in range(4):
        an_event_at(town, "judging")
    review = planned(client, header, town.villages[0])
    first, second, third, *rest = [entry["id"] for entry in review["entries"]]
    for turn in range(120):
        moved = (third, second)[turn % 2]
        answer = client.post(
            f"/api/reviews/{review['id']}/entries/{moved}/move", headers=header,
            json={"after": first},
        )  # fmt: skip
        other = (second, third)[turn % 2]
        now = [entry["id"] for entry in answer.json()["entries"]]
        assert now == [first, moved, other, *rest], turn
