"""What is restricted to people by name stands in no number that others can compare with a list."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient
from sqlalchemy import select

from backend.core import delivery
from backend.core.actor import Actor, system
from backend.core.db import unit_of_work
from backend.matters.lists.models import HotSpot
from backend.subscriptions import HANDLERS
from tests.conftest import Town
from tests.events.makers import reported, take

As = Callable[[Actor], dict[str, str]]
COUNTY = "359902"


def heard() -> None:
    while delivery.drain(COUNTY, HANDLERS):
        pass


def filed(town: Town, head: Actor, category: str) -> UUID:
    event_id = reported(town, head, category=category)
    take(town, town["demo-village"], event_id, "file")
    heard()
    return event_id


def restricted(town: Town, event_id: UUID) -> None:
    take(town, town["demo-town"], event_id, "restrict", people=["demo-town"])
    heard()


def spots(client: TestClient, header: dict[str, str], category: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/api/hot-spots", headers=header).json()
    return [spot for spot in found if spot["category_code"] == category]


def agrees(client: TestClient, header: dict[str, str], spot: dict[str, Any], n: int) -> bool:
    page = client.get(f"/api/hot-spots/{spot['id']}", headers=header).json()
    return (spot["count"], sum(page["months"].values()), len(page["events"])) == (n, n, n)


def test_a_hot_spot_counts_what_its_list_can_show(
    town: Town, client: TestClient, as_actor: As
) -> None:
    head, header = town.unit_head_of(town.grids[0]), as_actor(town["demo-village"])
    first, second, _, _ = (filed(town, head, "0204") for _ in range(4))
    (spot,) = spots(client, header, "0204")
    assert agrees(client, header, spot, 4)
    restricted(town, first)
    (spot,) = spots(client, header, "0204")
    assert agrees(client, header, spot, 3), "hidden since: it is taken back at once"
    restricted(town, second)
    filed(town, head, "0204")
    (spot,) = spots(client, header, "0204")
    assert agrees(client, header, spot, 3), "the next report counts without those hidden"


def test_hidden_reports_make_no_place_hot(town: Town, client: TestClient, as_actor: As) -> None:
    head, header = town.unit_head_of(town.grids[0]), as_actor(town["demo-village"])
    for _ in range(2):
        restricted(town, reported(town, head, category="0203"))
    filed(town, head, "0203")
    assert spots(client, header, "0203") == []


def test_a_place_of_which_all_is_hidden_is_in_no_list(
    town: Town, client: TestClient, as_actor: As
) -> None:
    head, header = town.unit_head_of(town.grids[0]), as_actor(town["demo-village"])
    known = [filed(town, head, "0201") for _ in range(3)]
    assert len(spots(client, header, "0201")) == 1
    for event_id in known:
        restricted(town, event_id)
    assert spots(client, header, "0201") == []
    with unit_of_work(system(COUNTY)) as session:
        assert session.scalars(
            select(HotSpot.count).where(HotSpot.category_code == "0201")
        ).all() == [0]
