"""What can be wrong with a set of boundaries: which feature, where, what.

Checks look at one level of the tree at a time, in EPSG:4490.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon, STRtree
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from gis.measure import geodesic_area

# Below this an overlap is digitising noise: neighbours drawn by hand differ by centimetres.
OVERLAP_TOLERANCE_M2 = 1.0
SOME_REASON = "the shape is not valid"


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one feature, and where to look for it."""

    index: int
    kind: str
    detail: str
    lon: float | None = None
    lat: float | None = None


def multipolygon(geometry: BaseGeometry) -> MultiPolygon | None:
    """The geometry as a MultiPolygon; None when it is neither polygon nor multipolygon.

    Parameters
    ----------
    geometry : BaseGeometry
        In any coordinate system; it is not changed.

    Returns
    -------
    MultiPolygon or None
    """
    if isinstance(geometry, MultiPolygon):
        return geometry
    if isinstance(geometry, Polygon):
        return MultiPolygon([geometry])
    return None


def invalid(geometries: Sequence[MultiPolygon | None]) -> list[Fault]:
    """Features that cross themselves, repeat a ring, or are empty; with the place of the fault.

    Parameters
    ----------
    geometries : sequence of MultiPolygon or None, length n
        EPSG:4490 degrees; None is passed over.

    Returns
    -------
    list of Fault
        At most one a feature, in the order of the features: kind ``empty``, or ``invalid`` with the
        reason as GEOS says it and its place in degrees, where it says one on Earth.
    """
    faults = []
    for index, geometry in enumerate(geometries):
        if geometry is None:
            continue
        if geometry.is_empty:
            faults.append(Fault(index, "empty", "the geometry has no area"))
        elif not geometry.is_valid:
            faults.append(Fault(index, "invalid", *_why(explain_validity(geometry))))
    return faults


def _why(said: str) -> tuple[str, float | None, float | None]:
    """The reason and the place in what GEOS says, as ``Self-intersection[119.01 25.43]``.

    Its words are no interface: what cannot be read is a general reason, or has no place. A place
    that is no number (a corner at infinity) is none.
    """
    what, _, where = said.partition("[")
    try:
        lon, lat = (float(part) for part in where.rstrip("] ").split()[:2])
    except ValueError:
        return what.strip() or SOME_REASON, None, None
    on_earth = abs(lon) <= 180 and abs(lat) <= 90
    return what.strip() or SOME_REASON, *((lon, lat) if on_earth else (None, None))


def overlaps(
    geometries: Sequence[MultiPolygon | None], names: Sequence[str],
    tolerance_m2: float = OVERLAP_TOLERANCE_M2,
) -> list[Fault]:  # fmt: skip
    """Pairs of valid features that cover the same ground by more than the tolerance.

    Each pair is reported once, at the feature that comes later, with the shared area in m² and a
    point inside the shared part.

    Parameters
    ----------
    geometries : sequence of MultiPolygon or None, length n
        EPSG:4490 degrees; None, empty and invalid ones are passed over.
    names : sequence of str, length n
        What the other feature of a pair is called in the fault.
    tolerance_m2 : float
        Square metres on the ellipsoid (`gis.measure.geodesic_area`).

    Returns
    -------
    list of Fault
        Kind ``overlap``, by the index of the later feature.
    """
    usable = [
        i for i, g in enumerate(geometries) if g is not None and g.is_valid and not g.is_empty
    ]
    if len(usable) < 2:
        return []
    array = np.array([geometries[i] for i in usable], dtype=object)
    left, right = STRtree(array).query(array, predicate="intersects")
    keep = left > right
    left, right = left[keep], right[keep]
    # Neighbours share an edge and nothing else; only real overlaps survive this cheap test.
    inner = ~shapely.touches(array[left], array[right])
    faults = []
    for later, earlier in zip(left[inner], right[inner], strict=True):
        shared = shapely.intersection(array[later], array[earlier])
        parts = [p for p in shapely.get_parts(shared) if isinstance(p, Polygon)]
        area = float(geodesic_area([MultiPolygon(parts)])[0]) if parts else 0.0
        if area > tolerance_m2:
            point = shapely.point_on_surface(shared)
            faults.append(
                Fault(
                    int(usable[later]),
                    "overlap",
                    f"{area:.1f} m² {names[usable[earlier]]}",
                    point.x,
                    point.y,
                )
            )
    return faults
