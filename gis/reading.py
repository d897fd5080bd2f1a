"""Reading features from files: GeoJSON, GeoPackage, Shapefile (zipped or not) and CSV.

The coordinate system is what the caller declares, never what the file claims: files in GCJ-02 are
published as WGS 84 every day, and no file format has a name for GCJ-02.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyogrio
import shapely
from pyogrio.errors import DataSourceError
from shapely.geometry.base import BaseGeometry

from gis.crs import geometry_to_4490, known
from gis.errors import UnreadableFile

VECTOR = (".geojson", ".json", ".gpkg", ".shp", ".zip")
TABLES = (".csv",)
# Longest first row that is looked at when a table's encoding is guessed.
_SNIFF = 4096


@dataclass(frozen=True)
class Feature:
    """One row of a file: where it stood (1 is the first), its fields, its geometry in EPSG:4490."""

    row: int
    fields: Mapping[str, Any]
    geometry: BaseGeometry | None


def decode(data: bytes) -> str:
    """A table's text: UTF-8 with or without a mark, or GB 18030, as Chinese offices save it."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile("the text is neither UTF-8 nor GB 18030")


def read_table(path: Path) -> Iterator[Feature]:
    """The rows of a CSV file, without geometry. The first row names the columns.

    Raises
    ------
    UnreadableFile
        No header, or text in an unknown encoding.
    """
    reader = csv.DictReader(io.StringIO(decode(path.read_bytes())))
    if not reader.fieldnames:
        raise UnreadableFile(f"{path.name} has no header row")
    for number, row in enumerate(reader, start=1):
        yield Feature(number, {k: (v or "").strip() for k, v in row.items() if k}, None)


def read_features(path: Path, crs: str) -> Iterator[Feature]:
    """The features of a vector file, converted to EPSG:4490.

    Parameters
    ----------
    path : Path
        GeoJSON, GeoPackage, or a Shapefile (``.shp``, or zipped with its companions).
    crs : str
        What the coordinates are, whatever the file says (see `gis.crs.known`).

    Raises
    ------
    UnreadableFile
        Not a file of a kind that we read, or broken.
    gis.errors.UnknownCrs, gis.errors.CoordinateRangeError
        The declared system is unknown, or the coordinates cannot be in it.
    """
    known(crs)
    source = f"/vsizip/{path}" if path.suffix == ".zip" else str(path)
    try:
        meta, _, wkb, columns = pyogrio.raw.read(source)
    except (DataSourceError, ValueError) as error:
        raise UnreadableFile(f"{path.name} cannot be read: {error}") from error
    names = list(meta["fields"])
    for index in range(len(wkb) if wkb is not None else len(columns[0])):
        geometry = shapely.from_wkb(wkb[index]) if wkb is not None and wkb[index] else None
        fields = {n: _plain(column[index]) for n, column in zip(names, columns, strict=True)}
        yield Feature(
            index + 1, fields, geometry_to_4490(geometry, crs) if geometry is not None else None
        )


def _plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    return "" if value is None or value != value else value


def read(path: Path, crs: str) -> Iterator[Feature]:
    """The features of any file that we read; tables have no geometry."""
    if path.suffix.lower() in TABLES:
        return read_table(path)
    if path.suffix.lower() in VECTOR:
        return read_features(path, crs)
    kinds = ", ".join((*VECTOR, *TABLES))
    raise UnreadableFile(f"{path.name} is of no kind that can be read: {kinds} are")
