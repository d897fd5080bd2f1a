"""Shapes as GeoJSON (RFC 7946): which kinds, how many corners, how deep, how far."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from backend.core.inputs.base import Checked

VERTICES_MOST = 2_000
# Of a shape in a system of its own: metres, with the zone's number in front.
FAR = 1e8
_DEPTH = {"Point": 0, "LineString": 1, "Polygon": 2}
_LEAST = {"LineString": 2, "Polygon": 4}


def read_geometry(value: Any, *, degrees: bool = False) -> dict[str, Any]:
    """A point, line or polygon with nothing but its kind and its two-dimensional corners.

    Heights are checked and left out. With ``degrees`` corners are longitude and latitude.

    Raises
    ------
    PydanticCustomError
        Anything else: a ``ValueError``.
    """
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in _DEPTH:
        raise PydanticCustomError("geometry", "is no Point, LineString or Polygon")
    counted = [0]
    coordinates = _corners(value.get("coordinates"), _DEPTH[kind], degrees, counted)
    lines = [coordinates] if kind == "LineString" else coordinates if kind == "Polygon" else []
    if kind == "Polygon" and not lines:
        raise PydanticCustomError("geometry_empty", "has no corners")
    for line in lines:
        if len(line) < _LEAST[kind] or (kind == "Polygon" and line[0] != line[-1]):
            raise PydanticCustomError("geometry_ring", "has too few corners, or does not close")
    return {"type": kind, "coordinates": coordinates}


def _corners(value: Any, depth: int, degrees: bool, counted: list[int]) -> Any:
    if not isinstance(value, list | tuple):
        raise PydanticCustomError("geometry", "is no Point, LineString or Polygon")
    if depth == 0:
        counted[0] += 1
        if counted[0] > VERTICES_MOST:
            raise PydanticCustomError(
                "geometry_corners", "has more than {most} corners", {"most": VERTICES_MOST}
            )
        return _corner(value, degrees)
    # Whoever sends a million empty rings is stopped as well.
    counted[0] += 1
    if len(value) > VERTICES_MOST or counted[0] > 2 * VERTICES_MOST:
        raise PydanticCustomError(
            "geometry_corners", "has more than {most} corners", {"most": VERTICES_MOST}
        )
    return [_corners(part, depth - 1, degrees, counted) for part in value]


def _corner(value: Sequence[Any], degrees: bool) -> list[float]:
    numbers = [v for v in value if isinstance(v, int | float) and not isinstance(v, bool)]
    # `abs(v) <= FAR` is false for NaN and infinities, and no whole number is too long for it.
    if not (2 <= len(value) <= 4 and len(numbers) == len(value)) or not all(
        abs(v) <= FAR for v in numbers
    ):
        raise PydanticCustomError("geometry_number", "has a corner that is no position")
    lon, lat = float(numbers[0]) + 0.0, float(numbers[1]) + 0.0
    if degrees and not (abs(lon) <= 180 and abs(lat) <= 90):
        raise PydanticCustomError("geometry_number", "has a corner that is no position")
    return [lon, lat]


def _drawing(value: Any) -> dict[str, Any]:
    return read_geometry(value, degrees=True)


# In the system that its body names.
Geometry = Annotated[dict[str, Any], BeforeValidator(read_geometry), Checked("shape")]
# On the map: longitude and latitude in CGCS2000.
Drawing = Annotated[dict[str, Any], BeforeValidator(_drawing), Checked("shape")]
