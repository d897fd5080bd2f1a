"""Points into areas, in memory: many at once."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely import Geometry, STRtree

from gis.errors import CoordinateRangeError

OUTSIDE = -1
_CHUNK = 200_000


def require_degrees(lon: ArrayLike, lat: ArrayLike) -> None:
    """Raise `CoordinateRangeError` when a point is no position on Earth.

    Parameters
    ----------
    lon, lat : array_like, shape (n,)
        Degrees.

    Raises
    ------
    CoordinateRangeError
        Beyond ±180° or ±90°, or not a number.
    """
    lon, lat = np.asarray(lon), np.asarray(lat)
    if not (np.all(np.abs(lon) <= 180) and np.all(np.abs(lat) <= 90)):
        raise CoordinateRangeError("longitude must lie within ±180°, latitude within ±90°")


class Locator:
    """An index over areas that answers, for each point, which area holds it.

    Parameters
    ----------
    cells : sequence of Polygon or MultiPolygon, length m
        EPSG:4490 degrees. Sort them by code: a point on a shared edge belongs to the first.
    """

    def __init__(self, cells: Sequence[Geometry]) -> None:
        self._cells = np.asarray(cells, dtype=object)
        shapely.prepare(self._cells)
        self._tree = STRtree(self._cells)

    def locate(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.intp]:
        """Return, for each point, the index of the area that covers it, or `OUTSIDE` (-1).

        Parameters
        ----------
        lon, lat : array_like, shape (n,)
            Degrees.

        Returns
        -------
        ndarray of intp, shape (n,)
            The first covering area, edges included: the same answer as ``ST_Covers`` ordered by
            code.

        Raises
        ------
        CoordinateRangeError
            If a point lies outside ±180°, ±90°.
        """
        lon, lat = np.asarray(lon, float), np.asarray(lat, float)
        require_degrees(lon, lat)
        first = np.full(lon.shape[0], len(self._cells), dtype=np.intp)
        for start in range(0, lon.shape[0], _CHUNK):
            part = slice(start, start + _CHUNK)
            self._locate_part(lon[part], lat[part], first[part])
        return np.where(first == len(self._cells), OUTSIDE, first)

    def _locate_part(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64], first: NDArray[np.intp]
    ) -> None:
        if len(self._cells) == 0:
            return
        # Boxes first, then the exact test against prepared cells, cell by cell in memory order:
        # 1.5 times the speed of the tree's own `intersects` (measured in the trials).
        point, cell = self._tree.query(shapely.points(lon, lat))
        order = np.argsort(cell, kind="stable")
        point, cell = point[order], cell[order]
        hit = shapely.intersects_xy(self._cells[cell], lon[point], lat[point])
        np.minimum.at(first, point[hit], cell[hit])


def locate(points: Sequence[Geometry], cells: Sequence[Geometry]) -> NDArray[np.intp]:
    """Return, for each point, the index of the cell that holds it, or `OUTSIDE`.

    Parameters
    ----------
    points : sequence of Point, length n
        EPSG:4490 degrees.
    cells : sequence of Polygon or MultiPolygon, length m
        As `Locator` takes them.

    Returns
    -------
    ndarray of intp, shape (n,)
        As `Locator.locate`.

    Raises
    ------
    CoordinateRangeError
        As `Locator.locate`.

    Examples
    --------
    >>> west, east = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
    >>> locate([shapely.Point(0.5, 0.5), shapely.Point(1, 0.5), shapely.Point(9, 9)], [west, east])
    array([ 0,  0, -1])
    """
    array = np.asarray(points, dtype=object)
    return Locator(cells).locate(shapely.get_x(array), shapely.get_y(array))
