"""Small zooms draw counts; this module's own database holds nothing but its own events."""

from fastapi.testclient import TestClient

from tests.conftest import Town
from tests.events.makers import an_event_at
from tests.tiles.test_tiles import Header, read


def test_small_zooms_count_and_lose_nobody(
    client: TestClient, town: Town, as_actor: Header
) -> None:  # type: ignore[no-untyped-def]
    place = town.sites[town.unit_head_of(town.grids[0]).area_code]
    an_event_at(town, "dispatched")
    others = [an_event_at(town, "reported") for _ in range(3)]
    header = as_actor(town["demo-town"])
    for z in (8, 10, 12):
        features = read(client, "events", place, z, header)["events"]["features"]
        assert sum(f["properties"]["n"] for f in features) >= len(others) + 1, z
        assert max(f["properties"]["n"] for f in features) >= len(others)
    singles = read(client, "events", place, 14, header)["events"]["features"]
    assert {f["properties"]["n"] for f in singles} == {1}
    assert len({f["properties"]["id"] for f in singles}) == len(singles) == len(others) + 1
