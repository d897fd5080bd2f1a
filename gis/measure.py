"""Areas and distances on the ellipsoid, never on the screen's projection."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod
from shapely import MultiPolygon, Polygon

_WGS84 = Geod(ellps="WGS84")


def geodesic_area(polygons: Sequence[Polygon | MultiPolygon | None]) -> NDArray[np.float64]:
    """Return the area of each polygon on the WGS 84 ellipsoid.

    Parameters
    ----------
    polygons : sequence of Polygon, MultiPolygon or None, length n
        Longitude and latitude, degrees.

    Returns
    -------
    ndarray of float64, shape (n,)
        Square metres, never negative; NaN for None, 0 for an empty polygon.

    Notes
    -----
    Source: C. F. F. Karney, "Algorithms for geodesics", J. Geodesy 87 (2013) 43-55,
    doi:10.1007/s00190-012-0578-z, as implemented by pyproj.
    """
    return np.array(
        [np.nan if p is None else abs(_WGS84.geometry_area_perimeter(p)[0]) for p in polygons],
        dtype=np.float64,
    )


def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """The geodesic distance between two points given in degrees, in metres.

    Parameters
    ----------
    lon1, lat1, lon2, lat2 : float
        Degrees.

    Returns
    -------
    float
        Metres on the WGS 84 ellipsoid, after Karney as `geodesic_area`.
    """
    return float(_WGS84.inv(lon1, lat1, lon2, lat2)[2])
