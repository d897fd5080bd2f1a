"""Coordinate systems: every point names its own, and all are stored as CGCS2000 (EPSG:4490).

GCJ-02 and BD-09 are shifted systems with no EPSG code. The forward formulas are the ones that the
common libraries share (eviltransform, coordtransform; checked against their own test vectors); the
inverses are ours, iterated, because the libraries' are off by 0.6 to 4 m.

WGS 84 and CGCS2000 agree to decimetres and are taken as equal; PROJ itself knows only a null
transformation between them.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from shapely.geometry.base import BaseGeometry

from gis.errors import CoordinateRangeError, UnknownCrs

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]

# Krasovsky 1940, the ellipsoid that the published GCJ-02 formula uses.
_A_M = 6378245.0
_E2 = 0.00669342162296594323
_X_PI = np.pi * 3000.0 / 180.0

# The rectangle outside which the published formula leaves a point alone, degrees.
_SHIFTED = (72.004, 0.8293, 137.8347, 55.8271)

TOLERANCE_DEG = 1e-9
# How far outside an inverse may come to lie for what is on the border itself.
EDGE_DEG = 2e-9
ROUNDS = 30
SHIFTED_SYSTEMS = ("GCJ02", "BD09")
EQUAL_TO_4490 = ("WGS84", "CGCS2000")


def _inside(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    west, south, east, north = _SHIFTED
    inside: NDArray[np.bool_] = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return inside


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Shift WGS 84 to GCJ-02; points outside the rectangle of mainland China stay as they are.

    Parameters
    ----------
    lon, lat : array_like, shape (n,)
        Degrees.

    Returns
    -------
    tuple of two ndarray, shape (n,)
        Degrees.
    """
    return _within(_gcj02, lon, lat)


def _within(shift: Callable[[Floats, Floats], Pair], lon: ArrayLike, lat: ArrayLike) -> Pair:
    """A shift of points inside the rectangle; the others stay as they are."""
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    inside = _inside(lon, lat)
    shifted_lon, shifted_lat = shift(lon, lat)
    return np.where(inside, shifted_lon, lon), np.where(inside, shifted_lat, lat)


def _gcj02(lon: Floats, lat: Floats) -> Pair:
    """The formula of GCJ-02 wherever it is asked, also outside the rectangle."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    waves = 20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)
    dlat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + (
        waves
        + 20 * np.sin(y * np.pi) + 40 * np.sin(y / 3 * np.pi)
        + 160 * np.sin(y / 12 * np.pi) + 320 * np.sin(y * np.pi / 30)
    ) * 2 / 3  # fmt: skip
    dlon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + (
        waves
        + 20 * np.sin(x * np.pi) + 40 * np.sin(x / 3 * np.pi)
        + 150 * np.sin(x / 12 * np.pi) + 300 * np.sin(x / 30 * np.pi)
    ) * 2 / 3  # fmt: skip
    phi = np.radians(lat)
    w2 = 1 - _E2 * np.sin(phi) ** 2
    dlat = np.degrees(dlat * w2 * np.sqrt(w2) / (_A_M * (1 - _E2)))
    dlon = np.degrees(dlon * np.sqrt(w2) / (_A_M * np.cos(phi)))
    return lon + dlon, lat + dlat


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Shift GCJ-02 to BD-09 (Baidu's ``bd09ll``), degrees; only inside the rectangle.

    Parameters
    ----------
    lon, lat : array_like, shape (n,)
        Degrees.

    Returns
    -------
    tuple of two ndarray of float64, shape (n,)
        Longitude and latitude, degrees.
    """
    return _within(_bd09, lon, lat)


def _bd09(lon: Floats, lat: Floats) -> Pair:
    """The formula of BD-09 wherever it is asked, also outside the rectangle."""
    z = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _X_PI)
    theta = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _X_PI)
    return z * np.cos(theta) + 0.0065, z * np.sin(theta) + 0.006


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Shift WGS 84 to BD-09, degrees.

    Parameters
    ----------
    lon, lat : array_like, shape (n,)
        Degrees.

    Returns
    -------
    tuple of two ndarray of float64, shape (n,)
        Longitude and latitude, degrees.
    """
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def _invert(shift: Callable[[Floats, Floats], Pair], lon: Floats, lat: Floats) -> Pair:
    """Fixed-point inverse of a formula; NaN for a point that is no shift of one in the rectangle.

    Both formulas have slopes below 0.03, so each round brings a point 30 times nearer and half a
    dozen reach 1e-9 degrees. The formula itself is inverted, not its cut at the rectangle: there it
    jumps by up to 1.2 km, and what steps over the border and back would never come to rest.
    """
    west, south, east, north = _SHIFTED
    at_lon, at_lat = lon.copy(), lat.copy()
    # What lies outside is its own source.
    asked = _inside(lon, lat)
    for _ in range(ROUNDS):
        seen_lon, seen_lat = shift(at_lon, at_lat)
        step_lon = np.where(asked, lon - seen_lon, 0.0)
        step_lat = np.where(asked, lat - seen_lat, 0.0)
        at_lon, at_lat = at_lon + step_lon, at_lat + step_lat
        if max(np.abs(step_lon).max(initial=0), np.abs(step_lat).max(initial=0)) < TOLERANCE_DEG:
            break
    # What lies on the border may come back a hair outside.
    edge_lon, edge_lat = np.clip(at_lon, west, east), np.clip(at_lat, south, north)
    found = (
        asked & (np.abs(edge_lon - at_lon) <= EDGE_DEG) & (np.abs(edge_lat - at_lat) <= EDGE_DEG)
    )
    return np.where(found, edge_lon, np.nan), np.where(found, edge_lat, np.nan)


def _found(found: Pair, lon: Floats, lat: Floats) -> Pair:
    """What was found; a point without a source in the rectangle as it is."""
    none = np.isnan(found[0])
    return np.where(none, lon, found[0]), np.where(none, lat, found[1])


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """The inverse of `wgs84_to_gcj02`, to 1e-9 degrees (0.1 mm).

    A point inside the rectangle that is no shift of another one inside, 1.2 km from its border at
    most, has no inverse and comes back as it is; so does whatever lies outside, where nothing was
    shifted.

    Parameters
    ----------
    lon, lat : array_like, shape (n,)
        Degrees.

    Returns
    -------
    tuple of two ndarray of float64, shape (n,)
        Longitude and latitude, degrees.
    """
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    return _found(_invert(_gcj02, lon, lat), lon, lat)


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """The inverse of `wgs84_to_bd09`, to 1e-9 degrees; near the border as `gcj02_to_wgs84`.

    Parameters
    ----------
    lon, lat : array_like, shape (n,)
        Degrees.

    Returns
    -------
    tuple of two ndarray of float64, shape (n,)
        Longitude and latitude, degrees.
    """
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    return _found(_invert(_gcj02, *_invert(_bd09, lon, lat)), lon, lat)


@lru_cache
def _projection(name: str) -> Transformer:
    """From a plane or geographic EPSG system to EPSG:4490, x east and y north on both sides.

    Raises
    ------
    UnknownCrs
        For a code that PROJ does not know, or from which it has only a "ballpark" guess: for
        Beijing 1954 and Xian 1980 that guess returns the input unchanged, 60 to 100 m off.
    """
    try:
        source = CRS.from_user_input(name)
        same_datum = source.geodetic_crs is not None and source.geodetic_crs.to_epsg() in (
            4326,
            4490,
        )
        return Transformer.from_crs(source, 4490, always_xy=True, allow_ballpark=same_datum)
    except (CRSError, ProjError) as error:
        raise UnknownCrs(f"{name!r} is no coordinate system that can be converted") from error


def known(name: str) -> str:
    """The one spelling of a coordinate system's name: GCJ02, BD09, WGS84, CGCS2000 or EPSG:n.

    Parameters
    ----------
    name : str
        In any case, with or without hyphen and spaces.

    Returns
    -------
    str
        A name that `to_4490` takes.

    Raises
    ------
    UnknownCrs
        When the name is empty or not understood.
    """
    plain = name.strip().upper().replace("-", "").replace(" ", "")
    if plain in (*SHIFTED_SYSTEMS, *EQUAL_TO_4490):
        return plain
    if plain in ("EPSG:4326", "EPSG:4490"):
        return {"EPSG:4326": "WGS84", "EPSG:4490": "CGCS2000"}[plain]
    if plain.startswith("EPSG:") and plain[5:].isdigit():
        _projection(plain)
        return plain
    raise UnknownCrs(
        f"{name!r} is no coordinate system: say WGS84, CGCS2000, GCJ02, BD09 or EPSG:<number>"
    )


def to_4490(x: ArrayLike, y: ArrayLike, crs: str) -> Pair:
    """Convert points to EPSG:4490 longitude and latitude.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Longitude and latitude in degrees, or east and north in metres, as ``crs`` says.
    crs : str
        A name that `known` understands.

    Returns
    -------
    tuple of two ndarray of float64, shape (n,)
        Longitude and latitude, degrees.

    Raises
    ------
    UnknownCrs
        As `known`.
    CoordinateRangeError
        When a result is no position on Earth: most often the wrong ``crs``, or swapped axes.
    """
    name = known(crs)
    lon, lat = np.asarray(x, float), np.asarray(y, float)
    if name == "GCJ02":
        lon, lat = gcj02_to_wgs84(lon, lat)
    elif name == "BD09":
        lon, lat = bd09_to_wgs84(lon, lat)
    elif name not in EQUAL_TO_4490:
        lon, lat = _projection(name).transform(lon, lat)
    if not (np.all(np.abs(lon) <= 180) and np.all(np.abs(lat) <= 90)):
        raise CoordinateRangeError(f"not a position on Earth when read as {name}")
    return lon, lat


def geometry_to_4490(geometry: BaseGeometry, crs: str) -> BaseGeometry:
    """A geometry of any kind, its vertices converted by `to_4490`; heights are dropped.

    Parameters
    ----------
    geometry : BaseGeometry
        Coordinates as ``crs`` says.
    crs : str
        A name that `known` understands.

    Returns
    -------
    BaseGeometry
        Of the same kind, two-dimensional, degrees.

    Raises
    ------
    UnknownCrs, CoordinateRangeError
        As `to_4490`.
    """

    def convert(coordinates: Floats) -> Floats:
        return np.column_stack(to_4490(coordinates[:, 0], coordinates[:, 1], crs))

    moved: BaseGeometry = shapely.transform(shapely.force_2d(geometry), convert)
    return moved


def misdeclared(lon: float, lat: float) -> dict[str, tuple[float, float]]:
    """Where a point said to be WGS 84 would lie if it were really GCJ-02 or BD-09, by system.

    Parameters
    ----------
    lon, lat : float
        Degrees.

    Returns
    -------
    dict of str to (float, float)
        ``GCJ02`` and ``BD09``, each with longitude and latitude in degrees.

    Raises
    ------
    CoordinateRangeError
        As `to_4490`.
    """
    answers = {}
    for name in SHIFTED_SYSTEMS:
        there_lon, there_lat = to_4490([lon], [lat], name)
        answers[name] = (float(there_lon[0]), float(there_lat[0]))
    return answers
