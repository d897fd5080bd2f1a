"""What comes back on both sides of a border is one place, and both sides see it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from shapely import Point, wkb
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from backend.city.areas import queries as areas
from backend.core import delivery
from backend.core.actor import Actor, Role, Slice, system
from backend.core.db import unit_of_work
from backend.matters.events.intake import reporting
from backend.matters.lists import hot_spots, queries
from backend.matters.lists.models import HotSpot
from backend.subscriptions import HANDLERS
from gis import codes
from tests.conftest import Town
from tests.events.makers import a_report, take
from tests.owner import owner

As = Callable[[Actor], dict[str, str]]
COUNTY, OTHER = "359902", "359903"
# Degrees of latitude; the reports lie within 26 m of each other.
STEP = 0.00008


def at_the_border(town: Town) -> dict[str, list[tuple[float, float]]]:
    """Two points on each side of the border of two villages, within 26 m."""
    with unit_of_work() as session:
        rows = session.execute(
            text(
                "SELECT code, ST_AsBinary(geom) AS shape FROM area"
                " WHERE level = 'village' AND valid_to IS NULL AND code = ANY(:codes)"
            ),
            {"codes": town.villages},
        ).all()
    shapes = {row.code: wkb.loads(bytes(row.shape)) for row in rows}
    one, other = shapes.values()
    border = one.buffer(1e-7).intersection(other.buffer(1e-7))
    for share in (0.5, 0.4, 0.6, 0.3, 0.7):
        middle = border.boundary.interpolate(share, normalized=True)
        found: dict[str, list[tuple[float, float]]] = {code: [] for code in shapes}
        for dx in (-STEP, -STEP / 2, STEP / 2, STEP):
            for dy in (-STEP, 0, STEP):
                point = Point(middle.x + dx, middle.y + dy)
                for code, shape in shapes.items():
                    if shape.contains(point):
                        found[code].append((point.x, point.y))
        if all(len(points) >= 2 for points in found.values()):
            return {code: points[:2] for code, points in found.items()}
    raise AssertionError("no border")


def secretary_of(town: Town, village: str) -> Actor:
    return next(
        a for a in town.actors.values()
        if a.role is Role.VILLAGE_SECRETARY and a.area_code == village
    )  # fmt: skip


@pytest.fixture
def spots(client: TestClient, as_actor: As) -> Callable[[Actor], list[dict[str, Any]]]:
    def of(actor: Actor) -> list[dict[str, Any]]:
        answer = client.get("/api/hot-spots", headers=as_actor(actor))
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()
        return found

    return of


def test_four_reports_on_two_sides_of_a_border_are_one_hot_spot(
    town: Town, client: TestClient, as_actor: As, spots: Callable[[Actor], list[dict[str, Any]]]
) -> None:
    sides = at_the_border(town)
    for village, points in sides.items():
        secretary = secretary_of(town, village)
        head = town.unit_head_of(village)
        for lon, lat in points:
            with unit_of_work(head) as session:
                body = a_report(
                    town, head.area_code, category="0403", text="界上又堆了垃圾",
                    position={"lon": lon, "lat": lat, "crs": "CGCS2000", "confirmed": True},
                )  # fmt: skip
                event_id = UUID(reporting.report(session, head, body)["id"])
            take(town, secretary, event_id, "file")
            while delivery.drain(COUNTY, HANDLERS):
                pass
    seen = {village: spots(secretary_of(town, village)) for village in sides}
    assert [[s["count"] for s in found] for found in seen.values()] == [[4], [4]]
    (one,), (other,) = seen.values()
    assert one["id"] == other["id"] and one["area_code"][:12] in sides
    for village in sides:
        header = as_actor(secretary_of(town, village))
        whole = client.get(f"/api/hot-spots/{one['id']}", headers=header).json()
        assert sum(whole["months"].values()) == 4
        # Of the cases each side sees its own.
        assert {e["area_code"][:12] for e in whole["events"]} == {village}


def test_two_counties_that_hear_at_once_make_one_hot_spot(town: Town) -> None:
    sides = at_the_border(town)
    here, there = sides
    with owner() as session:
        session.execute(
            text("UPDATE area SET managing_county = :other WHERE code >= :lo AND code < :hi"),
            {"other": OTHER, "lo": there, "hi": codes.upper(there)},
        )
    areas.forget()
    heads = [
        replace(
            town.unit_head_of(village), home_county=county,
            scope=(Slice(county, village, codes.upper(village)),),
        )
        for village, county in ((here, COUNTY), (there, OTHER))
    ]  # fmt: skip
    keys: dict[str, list[UUID]] = {COUNTY: [], OTHER: []}
    for head, points in zip(heads, sides.values(), strict=True):
        for lon, lat in points:
            with unit_of_work(head) as session:
                body = a_report(
                    town, head.area_code, category="0402", text="界上又漏水了",
                    position={"lon": lon, "lat": lat, "crs": "CGCS2000", "confirmed": True},
                )  # fmt: skip
                receipt = reporting.report(session, head, body)
            keys[receipt["county_code"]].append(UUID(receipt["id"]))
    filed = {"action": "file"}
    with unit_of_work() as first:
        hot_spots.hear(first, COUNTY, keys[COUNTY][0], filed)
        # Not committed yet: whoever hears on the other side waits, and does not make its own.
        with pytest.raises(OperationalError, match="lock timeout"), unit_of_work() as second:
            second.execute(text("SET LOCAL lock_timeout = '200ms'"))
            hot_spots.hear(second, OTHER, keys[OTHER][0], filed)
    with unit_of_work() as second:
        hot_spots.hear(second, OTHER, keys[OTHER][0], filed)
    with owner() as session:
        (spot,) = session.scalars(select(HotSpot).where(HotSpot.category_code == "0402")).all()
    assert spot.count == 4 and {spot.county_code, spot.beside_county} == {COUNTY, OTHER}
    # It is on agendas of the side that keeps it, and of no other: there its point would be empty.
    with unit_of_work(system(COUNTY, OTHER)) as session:
        for county in (COUNTY, OTHER):
            found = queries.waiting(session, system(COUNTY, OTHER), county, town.towns[0], 5)
            assert (spot.id in {one.id for one in found}) == (county == spot.county_code)
