"""Coordinate systems: hand-computed values, other libraries' vectors, and our own inverse."""

import csv
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis import crs
from gis.errors import CoordinateRangeError, UnknownCrs
from gis.measure import distance_m

# Computed from the published formula, five places of the domain notes (B11).
KNOWN = {
    "Putian": ((119.0077, 25.4540), (119.012434, 25.451218), (119.018935, 25.457266)),
    "Nanri island": ((119.50, 25.21), (119.504640, 25.207224), (119.511095, 25.213474)),
    "Yuexiu": ((113.267, 23.129), (113.272331, 23.126325), (113.278748, 23.132634)),
    "Zhangqiu": ((117.53, 36.71), (117.535947, 36.710213), (117.542545, 36.715865)),
}
BOSTON = (-71.0824, 42.3029)


@pytest.mark.parametrize("place", KNOWN)
def test_forward_gives_the_published_values(place: str) -> None:
    wgs84, gcj02, bd09 = KNOWN[place]
    assert np.ravel(crs.wgs84_to_gcj02(*wgs84)) == pytest.approx(gcj02, abs=1e-6)
    assert np.ravel(crs.wgs84_to_bd09(*wgs84)) == pytest.approx(bd09, abs=1e-6)


def test_a_shift_in_putian_is_567_metres() -> None:
    wgs84, gcj02, _ = KNOWN["Putian"]
    assert distance_m(*wgs84, *gcj02) == pytest.approx(567, abs=1)


@given(st.floats(73.5, 134.9), st.floats(18.1, 53.4), st.sampled_from(["GCJ02", "BD09"]))
def test_the_inverse_is_exact_to_a_tenth_of_a_millimetre(lon: float, lat: float, name: str) -> None:
    forward = {"GCJ02": crs.wgs84_to_gcj02, "BD09": crs.wgs84_to_bd09}[name]
    back = np.ravel(crs.to_4490(*forward([lon], [lat]), name))
    assert back == pytest.approx((lon, lat), abs=2e-9)


WEST, SOUTH, EAST, NORTH = 72.004, 0.8293, 137.8347, 55.8271
SYSTEMS = {
    "GCJ02": (crs.wgs84_to_gcj02, crs.gcj02_to_wgs84),
    "BD09": (crs.wgs84_to_bd09, crs.bd09_to_wgs84),
}
# Around the border by more than the largest shift, 1.2 km; often on it, and a hair beside it.
BESIDE = st.one_of(
    st.floats(-0.03, 0.03), st.floats(-1e-4, 1e-4), st.sampled_from([0.0, 1e-9, -1e-9])
)


@st.composite
def at_the_border(draw: st.DrawFn) -> tuple[float, float]:
    beside = draw(BESIDE)
    if draw(st.booleans()):
        return draw(st.sampled_from([WEST, EAST])) + beside, draw(st.floats(SOUTH, NORTH))
    return draw(st.floats(WEST, EAST)), draw(st.sampled_from([SOUTH, NORTH])) + beside


def is_inside(lon: float, lat: float) -> bool:
    return WEST <= lon <= EAST and SOUTH <= lat <= NORTH


@given(at_the_border(), st.sampled_from(sorted(SYSTEMS)))
def test_at_the_border_a_shifted_point_comes_back(source: tuple[float, float], name: str) -> None:
    forward, inverse = SYSTEMS[name]
    there = np.ravel(forward(*source))
    back = np.ravel(inverse(*there))
    assert np.ravel(forward(*back)) == pytest.approx(there, abs=2e-9)
    # One that stayed inside all the way has one source; outside, it is its own.
    between = np.ravel(crs.wgs84_to_gcj02(*source))
    if all(is_inside(*p) for p in (source, between, there)):
        assert back == pytest.approx(source, abs=2e-9)
    if not is_inside(*there):
        assert tuple(back) == tuple(there)


@given(at_the_border(), st.sampled_from(sorted(SYSTEMS)))
def test_at_the_border_a_point_without_a_source_comes_back_as_it_is(
    point: tuple[float, float], name: str
) -> None:
    forward, inverse = SYSTEMS[name]
    back = np.ravel(inverse(*point))
    if tuple(back) != point:
        assert is_inside(*back)
        assert np.ravel(forward(*back)) == pytest.approx(point, abs=2e-9)


def test_half_a_dozen_rounds_reach_the_end_whatever_lies_beside() -> None:
    axis = np.linspace(WEST - 0.02, EAST + 0.02, 200), np.linspace(SOUTH - 0.02, NORTH + 0.02, 200)
    lon, lat = (grid.ravel() for grid in np.meshgrid(*axis))
    for shift in (crs._gcj02, crs._bd09):
        rounds = 0

        def counted(x: crs.Floats, y: crs.Floats) -> crs.Pair:
            nonlocal rounds
            rounds += 1
            return shift(x, y)  # noqa: B023 (called in this round only)

        found, _ = crs._invert(counted, lon, lat)
        assert rounds <= 7 and np.isfinite(found).mean() > 0.9


@pytest.mark.parametrize("name", ["GCJ02", "BD09", "WGS84", "CGCS2000"])
def test_nothing_outside_china_is_shifted(name: str) -> None:
    assert tuple(np.ravel(crs.to_4490([BOSTON[0]], [BOSTON[1]], name))) == BOSTON


def test_plane_coordinates_come_east_first() -> None:
    # EPSG:4549 (CM 120E) and 4528 (zone 40) of 119.0 E, 25.45 N, from the domain notes (B11).
    for x, name in ((399417.45, "EPSG:4549"), (40399417.45, "EPSG:4528")):
        lon, lat = crs.to_4490([x], [2816280.70], name)
        assert (lon[0], lat[0]) == pytest.approx((119.0, 25.45), abs=1e-6)


def test_a_ballpark_transformation_is_refused() -> None:
    # PROJ returns Beijing 1954 unchanged without an error: 60 to 100 m wrong.
    for name in ("EPSG:4214", "EPSG:4610"):
        with pytest.raises(UnknownCrs):
            crs.to_4490([119.0], [25.4], name)


@pytest.mark.parametrize("name", ["", "gps", "EPSG:", "EPSG:999999"])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(UnknownCrs):
        crs.known(name)


def test_metres_read_as_degrees_are_refused() -> None:
    with pytest.raises(CoordinateRangeError):
        crs.to_4490([399417.45], [2816280.70], "WGS84")


def test_geometries_lose_their_height_and_keep_their_holes() -> None:
    ring = shapely.Polygon(
        [(119, 25, 3), (119.1, 25, 3), (119.1, 25.1, 3), (119, 25.1, 3)],
        [[(119.02, 25.02), (119.04, 25.02), (119.04, 25.04), (119.02, 25.04)]],
    )
    moved = crs.geometry_to_4490(ring, "GCJ02")
    assert not moved.has_z and len(moved.interiors) == 1
    assert moved.centroid.distance(shapely.force_2d(ring).centroid) > 0.004


def test_other_libraries_vectors(data: Path) -> None:
    with (data / "gcj-vectors" / "vectors_dev.csv").open(encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if r["wgs84_lng"] and r["gcj02_lng"]]
    assert len(rows) > 100
    for row in rows:
        # gcoord's own city list is rounded differently: 1e-4 degrees, says its test.
        tolerance = 1e-4 if row["source"].startswith("gcoord") else 2e-6
        found = np.ravel(crs.wgs84_to_gcj02([float(row["wgs84_lng"])], [float(row["wgs84_lat"])]))
        wanted = (float(row["gcj02_lng"]), float(row["gcj02_lat"]))
        assert found == pytest.approx(wanted, abs=tolerance), row["name"]
