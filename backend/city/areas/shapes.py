"""Preparing what maps draw of areas: done on write, so that a tile only reads.

Each level is simplified as one coverage, so that neighbours keep their shared edge and no gap opens
between them at any zoom (PostGIS 3.3 has no coverage functions; shapely 2.2 has).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.codes import Level

# Band: tolerance in metres of EPSG:3857, and the levels that are shown at its zooms. A band serves
# the zooms from its own number to the next band's; band 8 serves all smaller ones.
BANDS: dict[int, tuple[float, tuple[Level, ...]]] = {
    8: (200.0, (Level.CITY, Level.COUNTY, Level.TOWN)),
    10: (50.0, (Level.CITY, Level.COUNTY, Level.TOWN, Level.VILLAGE)),
    12: (12.0, (Level.COUNTY, Level.TOWN, Level.VILLAGE, Level.GRID)),
    14: (2.0, (Level.COUNTY, Level.TOWN, Level.VILLAGE, Level.GRID, Level.UNIT)),
}

_EARTH_M = 6378137.0


def to_mercator(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Project longitude and latitude (degrees) to EPSG:3857, taking CGCS2000 as WGS 84."""

    def project(c: NDArray[np.float64]) -> NDArray[np.float64]:
        x = np.radians(c[:, 0]) * _EARTH_M
        y = np.log(np.tan(np.pi / 4 + np.radians(c[:, 1]) / 2)) * _EARTH_M
        return np.column_stack([x, y])

    return np.asarray(shapely.transform(geometries, project), dtype=object)


@dataclass(frozen=True)
class Source:
    """An area whose shapes are to be prepared."""

    id: UUID
    code: str
    name: str
    managing_county: str
    geom: shapely.MultiPolygon


@dataclass(frozen=True)
class Shape:
    """One area in one band."""

    source: Source
    band: int
    geom: shapely.MultiPolygon
    label: shapely.Point


def prepare(level: Level, sources: Sequence[Source]) -> Iterator[Shape]:
    """The shapes of all areas of one level, for every band that shows it."""
    if not sources:
        return
    plane = to_mercator(np.array([s.geom for s in sources], dtype=object))
    labels = shapely.point_on_surface(plane)
    for band, (tolerance_m, levels) in BANDS.items():
        if level not in levels:
            continue
        simple = shapely.coverage_simplify(plane, tolerance_m)
        for source, geom, label in zip(sources, simple, labels, strict=True):
            kept = geom if not geom.is_empty else shapely.convex_hull(geom)
            multi = (
                kept if isinstance(kept, shapely.MultiPolygon) else shapely.multipolygons([kept])
            )
            yield Shape(source, band, multi, label)
