"""Tiles hold what the caller may see, and every place is in its own tile."""

import math
from collections.abc import Callable

import mapbox_vector_tile
import pytest
from fastapi.testclient import TestClient

from backend.core.actor import Actor
from backend.core.db import unit_of_work
from backend.core.settings import get_settings
from backend.matters.events.intake import reporting
from tests.conftest import Town
from tests.events.makers import a_report, an_event_at
from tiles.layers import LAYERS

Header = Callable[[Actor], dict[str, str]]


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    """The XYZ tile of a point (web mercator's own formula)."""
    n = 1 << z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return int((lon + 180) / 360 * n), int(y * n)


def read(
    client: TestClient, layer: str, place: tuple[float, float], z: int, header: dict[str, str]
):  # type: ignore[no-untyped-def]
    x, y = tile_of(*place, z)
    answer = client.get(f"/tiles/{layer}/{z}/{x}/{y}.mvt", headers=header)
    if answer.status_code == 204:
        return {}
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert answer.headers["vary"] == "Cookie, Authorization"
    return mapbox_vector_tile.decode(answer.content)


@pytest.fixture(scope="module")
def place(town: Town) -> tuple[float, float]:
    an_event_at(town, "dispatched")
    return town.sites[town.unit_head_of(town.grids[0]).area_code]


@pytest.mark.parametrize("z", [8, 10, 12, 14, 16, 18])
def test_no_zoom_loses_the_event(
    client: TestClient, town: Town, as_actor: Header, place, z: int
) -> None:  # type: ignore[no-untyped-def]
    layers = read(client, "events", place, z, as_actor(town["demo-town"]))
    (feature,) = layers["events"]["features"]
    assert set(feature["properties"]) == set(LAYERS["events"].fields)
    assert feature["properties"]["state"] == "dispatched"


def test_events_are_drawn_for_those_who_may_see_them(
    client: TestClient, town: Town, as_actor: Header, place
) -> None:  # type: ignore[no-untyped-def]
    neighbour = next(
        a for a in town.actors.values()
        if a.role == "village_secretary" and a.area_code == town.villages[1]
    )  # fmt: skip
    other_clerk = next(
        a for a in town.actors.values()
        if a.role == "department_clerk" and a.organization_id != town["demo-dept"].organization_id
    )  # fmt: skip
    for actor, sees in (
        (town["demo-village"], True), (town["demo-dept"], True),
        (town.unit_head_of(town.grids[0]), True), (neighbour, False), (other_clerk, False),
    ):  # fmt: skip
        assert bool(read(client, "events", place, 14, as_actor(actor))) == sees, actor.role


def test_restricted_events_stand_on_no_map(
    client: TestClient, town: Town, as_actor: Header
) -> None:
    head = town.unit_head_of(town.grids[-1])
    there = town.sites[head.area_code]
    with unit_of_work(head) as session:
        # A dispute: its category narrows it to those named from the first moment.
        reporting.report(session, head, a_report(town, head.area_code, category="0501"))
    for actor in (head, town["demo-town"], town["demo-city"]):
        assert read(client, "events", there, 18, as_actor(actor)) == {}, actor.role


def test_areas_carry_chinese_names_and_units_stay_inside_the_scope(
    client: TestClient, town: Town, as_actor: Header, place
) -> None:  # type: ignore[no-untyped-def]
    def levels(actor: Actor) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for feature in read(client, "areas", place, 14, as_actor(actor))["areas"]["features"]:
            found.setdefault(feature["properties"]["level"], set()).add(
                feature["properties"]["code"]
            )
        return found

    own = levels(town["demo-village"])
    assert set(own) == {"county", "town", "village", "grid", "unit"}
    assert all(c.startswith(town["demo-village"].area_code) for c in own["unit"] | own["grid"])
    neighbour = next(
        a for a in town.actors.values()
        if a.role == "village_secretary" and a.area_code != town["demo-village"].area_code
    )  # fmt: skip
    assert not levels(neighbour).get("unit", set()) & own["unit"]
    labels = read(client, "areas", town.sites[town.units[0]], 12, as_actor(town["demo-town"]))
    names = {f["properties"]["name"] for f in labels["labels"]["features"]}
    assert names & {"东星社区", "南塘社区", "西天镇"}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/tiles/events/12/0/0.mvt", 204), ("/tiles/events/2/0/0.mvt", 204),
        ("/tiles/events/2/4/0.mvt", 404), ("/tiles/roads/2/0/0.mvt", 404),
        ("/tiles/events/23/0/0.mvt", 422), ("/tiles/roads.json", 404), ("/tiles/areas.json", 200),
    ],
)  # fmt: skip
def test_nothing_there(
    client: TestClient, town: Town, as_actor: Header, path: str, status: int
) -> None:
    assert client.get(path, headers=as_actor(town["demo-town"])).status_code == status


def test_a_layers_description_repeats_no_foreign_host(
    client: TestClient, bearer: Callable[[str], dict[str, str]]
) -> None:
    header = bearer("demo-town") | {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    (tiles,) = client.get("/tiles/areas.json", headers=header).json()["tiles"]
    assert tiles.startswith(get_settings().public_url + "/tiles/areas/")


def test_tiles_need_a_signed_in_caller(client: TestClient) -> None:
    assert client.get("/tiles/areas/12/3402/1752.mvt").status_code == 401
