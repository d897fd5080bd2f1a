"""Locating, checking, and making cities that tile."""

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Point, Polygon

from gis import checks, partition
from gis.errors import CoordinateRangeError
from gis.locate import OUTSIDE, Locator, locate
from gis.measure import geodesic_area

WEST, EAST = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)


def test_a_point_on_a_shared_edge_belongs_to_the_first() -> None:
    points = [Point(0.5, 0.5), Point(1, 0.5), Point(1.5, 0.5), Point(9, 9), Point(1, 1)]
    assert locate(points, [WEST, EAST]).tolist() == [0, 0, 1, OUTSIDE, 0]
    assert locate(points, [EAST, WEST]).tolist() == [1, 0, 0, OUTSIDE, 0]


def test_a_hole_is_outside_and_its_edge_is_not() -> None:
    ring = shapely.box(0, 0, 3, 3).difference(shapely.box(1, 1, 2, 2))
    assert locate([Point(1.5, 1.5), Point(1, 1.5)], [ring]).tolist() == [OUTSIDE, 0]


def test_no_cells_hold_nothing() -> None:
    assert Locator([]).locate([1.0], [1.0]).tolist() == [OUTSIDE]


def test_swapped_axes_are_refused() -> None:
    with pytest.raises(CoordinateRangeError):
        locate([Point(25, 119)], [WEST])


def test_areas_are_measured_on_the_ellipsoid() -> None:
    # One degree square at the equator: 12,308.8 km² (Karney's algorithm; a sphere gives 12,364).
    area = geodesic_area([shapely.box(0, 0, 1, 1), None, Polygon()])
    assert area[0] == pytest.approx(12_308_778_361, rel=1e-6)
    assert np.isnan(area[1])
    assert area[2] == 0


def multi(*polygons: Polygon) -> MultiPolygon:
    return MultiPolygon(list(polygons))


def test_a_bow_tie_is_found_with_its_place() -> None:
    bow_tie = multi(Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]))
    (fault,) = checks.invalid([multi(WEST), bow_tie, None])
    assert (fault.index, fault.kind) == (1, "invalid")
    assert (fault.lon, fault.lat) == (1, 1)
    assert "Self-intersection" in fault.detail


def test_an_overlap_is_told_once_and_neighbours_are_not() -> None:
    intruder = multi(shapely.box(0.9, 0.2, 1.1, 0.4))
    faults = checks.overlaps([multi(WEST), multi(EAST), intruder], ["W", "E", "I"])
    assert [(f.index, f.kind) for f in faults] == [(2, "overlap"), (2, "overlap")]
    assert {f.detail.split()[-1] for f in faults} == {"W", "E"}


COUNTS = (2, 3, 9, 30, 400)


@pytest.fixture(scope="module")
def tree() -> partition.Tree:
    return partition.make_tree(COUNTS, seed=5)


class TestPartition:
    def test_units_tile_without_gap_or_overlap(self, tree: partition.Tree) -> None:
        assert shapely.is_valid(tree.units).all()
        assert shapely.coverage_is_valid(tree.units)
        whole = shapely.coverage_union_all(tree.units)
        assert shapely.area(tree.units).sum() == pytest.approx(whole.area, rel=1e-9)
        assert all(not part.interiors for part in shapely.get_parts(whole))

    def test_every_level_has_its_count_and_no_area_is_childless(self, tree: partition.Tree) -> None:
        for parent, count in zip(tree.parents, COUNTS, strict=False):
            assert set(parent) == set(range(count))

    def test_borders_are_irregular(self, tree: partition.Tree) -> None:
        assert np.median(shapely.get_num_coordinates(tree.units)) >= 16

    def test_the_same_seed_makes_the_same_city(self, tree: partition.Tree) -> None:
        again = partition.make_tree(COUNTS, seed=5)
        assert shapely.equals_exact(tree.units, again.units).all()

    def test_codes_are_unique_and_nested(self, tree: partition.Tree) -> None:
        sites = np.random.default_rng(1).uniform(size=(len(tree.parents[0]), 2))
        numbered = partition.numbered(tree.parents[0], sites, 3, ["359902", "359903"])
        assert len(set(numbered)) == 3
        assert all(
            c[:6] == ["359902", "359903"][p] for c, p in zip(numbered, tree.parents[0], strict=True)
        )


BOX = [(0, 0), (9, 0), (9, 9), (0, 9)]
HOLE = [(1, 1), (5, 1), (5, 5), (1, 5)]
BROKEN = {
    "Self-intersection": Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]),
    "Ring Self-intersection": Polygon(
        [(0, 0), (4, 0), (4, 4), (2, 0), (0, 4)],
    ),
    "Hole lies outside shell": Polygon(BOX, [[(20, 20), (21, 20), (21, 21)]]),
    "Holes are nested": Polygon(BOX, [HOLE, [(2, 2), (3, 2), (3, 3), (2, 3)]]),
    "Interior is disconnected": Polygon(BOX, [[(0, 4), (4, 0), (9, 4), (4, 9)]]),
    "Nested shells": MultiPolygon([Polygon(BOX), Polygon(HOLE)]),
    "Too few points in geometry component": Polygon([(1, 1), (1, 1), (1, 1), (1, 1)]),
    "Duplicate Rings": Polygon(BOX, [HOLE, HOLE]),
    "Invalid Coordinate": Polygon([(0, 0), (1, 0), (1, float("inf")), (0, 1)]),
    "Invalid Coordinate nan": Polygon([(0, 0), (1, 0), (1, float("nan")), (0, 1)]),
}


@pytest.mark.parametrize("reason", BROKEN)
def test_whatever_is_wrong_with_a_shape_is_said_with_a_place_on_earth_or_none(reason: str) -> None:
    shape = checks.multipolygon(BROKEN[reason])
    assert shape is not None and not shape.is_valid
    (fault,) = checks.invalid([shape])
    assert (fault.kind, bool(fault.detail)) == ("invalid", True)
    assert "[" not in fault.detail
    if reason.startswith("Invalid Coordinate"):
        assert (fault.lon, fault.lat) == (None, None)
    else:
        assert fault.lon is not None and fault.lat is not None
        assert 0 <= fault.lon <= 21 and 0 <= fault.lat <= 21


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Self-intersection[119.01 25.43]", ("Self-intersection", 119.01, 25.43)),
        ("Self-intersection[1.1e-05 -2.5e+01]", ("Self-intersection", 1.1e-05, -25.0)),
        # With a height, in other words, without a place, with one that is none, and nothing at all.
        ("自相交[119 25 3.5]", ("自相交", 119.0, 25.0)),
        ("Interior is disconnected", ("Interior is disconnected", None, None)),
        ("Too few points (at 119 25)", ("Too few points (at 119 25)", None, None)),
        ("Nested shells[there]", ("Nested shells", None, None)),
        ("Invalid Coordinate[nan 25]", ("Invalid Coordinate", None, None)),
        ("Invalid Coordinate[1 -inf]", ("Invalid Coordinate", None, None)),
        ("", (checks.SOME_REASON, None, None)),
        ("[119 25]", (checks.SOME_REASON, 119.0, 25.0)),
    ],
)  # fmt: skip
def test_what_the_library_says_is_read_where_it_can_be(
    said: str, read: tuple[str, float | None, float | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "explain_validity", lambda _: said)
    (fault,) = checks.invalid([multi(BROKEN["Self-intersection"])])  # type: ignore[arg-type]
    assert (fault.detail, fault.lon, fault.lat) == read
