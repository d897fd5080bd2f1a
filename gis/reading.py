"""Reading features from files: GeoJSON, GeoPackage, Shapefile (zipped or not) and CSV.

The coordinate system is what the caller declares, never what the file claims: files in GCJ-02 are
published as WGS 84 every day, and no file format has a name for GCJ-02.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from gis import delimited
from gis.crs import geometry_to_4490, known
from gis.errors import CoordinateRangeError, UnreadableFile
from gis.ogr import pyogrio

VECTOR = (".geojson", ".json", ".gpkg", ".shp", ".zip")
TABLES = (".csv",)
# Whole numbers beyond this are not exact as floats (IEEE 754): 18 digits of a code are not.
EXACT_MOST = 2**53


@dataclass(frozen=True)
class Feature:
    """One row of a file: where it stood (1 is the first), its fields, its geometry in EPSG:4490."""

    row: int
    fields: Mapping[str, Any]
    geometry: BaseGeometry | None
    # Why this row cannot be used; the others can.
    problem: str = ""


def read_table(path: Path) -> Iterator[Feature]:
    """The rows of a CSV file, without geometry. The first row names the columns.

    Parameters
    ----------
    path : Path
        UTF-8 or GB 18030 (`gis.delimited`).

    Yields
    ------
    Feature
        Rows are counted without the titles and without empty lines; every field is text.

    Raises
    ------
    UnreadableFile
        Text in an unknown encoding, no header, a title that stands twice, a quote that is not
        closed, a row with too many cells.
    """
    try:
        rows = delimited.rows_of(path.read_bytes())
        delimited.check(rows)
    except UnreadableFile as bad:
        raise UnreadableFile(f"{path.name}: {bad}") from None
    titles = [title.strip() for title in rows[0]]
    number = 0
    for row in rows[1:]:
        if any(cell.strip() for cell in row):
            number += 1
            cells = [cell.strip() for cell in row] + [""] * (len(titles) - len(row))
            fields = {t: c for t, c in zip(titles, cells, strict=False) if t}
            yield Feature(number, fields, None)


def read_features(path: Path, crs: str) -> Iterator[Feature]:
    """The features of a vector file, converted to EPSG:4490.

    Parameters
    ----------
    path : Path
        GeoJSON, GeoPackage, or a Shapefile (``.shp``, or zipped with its companions).
    crs : str
        What the coordinates are, whatever the file says (see `gis.crs.known`).

    Yields
    ------
    Feature
        In the order of the file; a row with a broken shape says so in ``problem``.

    Raises
    ------
    UnreadableFile
        Not a file of a kind that we read, or broken.
    gis.errors.UnknownCrs, gis.errors.CoordinateRangeError
        The declared system is unknown, or the coordinates cannot be in it.
    """
    known(crs)
    source = f"/vsizip/{path}" if path.suffix.lower() == ".zip" else str(path)
    try:
        meta, _, wkb, columns = pyogrio.raw.read(source)
    except IndexError:
        raise UnreadableFile(
            f"{path.name} holds no rows that can be read; a Shapefile needs .shx beside .shp"
        ) from None
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        ValueError,
        RuntimeError,
    ) as error:
        raise UnreadableFile(f"{path.name} cannot be read: {error}") from error
    if wkb is None and not columns:
        raise UnreadableFile(f"{path.name} holds no rows that can be read; a Shapefile needs .shx")
    names = list(meta["fields"])
    whole = [str(kind).startswith(("int", "uint", "OFTInteger")) for kind in _kinds(meta)]
    for index in range(len(wkb) if wkb is not None else len(columns[0])):
        fields, problem = {}, ""
        for name, column, is_whole in zip(names, columns, whole, strict=True):
            fields[name] = _plain(column[index], is_whole)
            if is_whole and isinstance(column[index], float) and abs(column[index]) > EXACT_MOST:
                problem = f"column {name}: a number too long to be exact; make the column text"
        geometry = None
        if wkb is not None and wkb[index]:
            # One broken shape is one row's fault: the others are read.
            try:
                geometry = geometry_to_4490(shapely.from_wkb(wkb[index]), crs)
            except (GEOSException, CoordinateRangeError) as error:
                problem = str(error)
        yield Feature(index + 1, fields, geometry, problem)


def _kinds(meta: Mapping[str, Any]) -> list[Any]:
    """What each column was in the file: with one empty cell, numbers come as floats."""
    return [*meta.get("ogr_types", meta.get("dtypes", []))]


def _plain(value: Any, is_whole: bool = False) -> Any:
    if isinstance(value, np.datetime64):
        return "" if np.isnat(value) else str(value)
    value = value.item() if hasattr(value, "item") else value
    if value is None or value != value:
        return ""
    if is_whole and isinstance(value, float):
        return int(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return clean_text(value) if isinstance(value, str) else value


def clean_text(value: str) -> str:
    """Text without NUL, which no database stores.

    Parameters
    ----------
    value : str

    Returns
    -------
    str
    """
    return value.replace("\0", "")


def read(path: Path, crs: str) -> Iterator[Feature]:
    """The features of any file that we read; tables have no geometry.

    Parameters
    ----------
    path : Path
        Its suffix says what it is, in any case.
    crs : str
        What the coordinates are (see `gis.crs.known`); a table has none.

    Returns
    -------
    iterator of Feature

    Raises
    ------
    UnreadableFile
        Of no kind that we read; or, once the first row is asked for, as `read_table` and
        `read_features`.
    gis.errors.UnknownCrs, gis.errors.CoordinateRangeError
        As `read_features`.
    """
    if path.suffix.lower() in TABLES:
        return read_table(path)
    if path.suffix.lower() in VECTOR:
        return read_features(path, crs)
    kinds = ", ".join((*VECTOR, *TABLES))
    raise UnreadableFile(f"{path.name} is of no kind that can be read: {kinds} are")
