"""Writing areas in bulk: rows and their prepared shapes, through COPY."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import psycopg
import shapely
from sqlalchemy.orm import Session

from backend.city.areas import queries, shapes
from backend.city.areas.models import Kind
from backend.core import day
from backend.core.ids import new_id
from gis import codes


@dataclass(frozen=True)
class NewArea:
    """An area to be written. ``geom`` is in EPSG:4490 or None."""

    code: str
    name: str
    managing_county: str
    geom: shapely.MultiPolygon | None
    kind: str = Kind.NORMAL

    @property
    def level(self) -> codes.Level:
        """The level that the code stands for."""
        return codes.level_of(self.code)


def driver(session: Session) -> psycopg.Connection:
    """The psycopg connection under a session, for COPY inside its transaction."""
    connection: psycopg.Connection = session.connection().connection.driver_connection  # type: ignore[assignment]
    return connection


def ewkb(geom: shapely.Geometry | None, srid: int) -> str | None:
    """A geometry as PostGIS reads it in a text COPY."""
    if geom is None:
        return None
    text: str = shapely.to_wkb(shapely.set_srid(geom, srid), hex=True, include_srid=True)
    return text


def write(session: Session, areas: Sequence[NewArea]) -> None:
    """Add areas and prepare their shapes in the caller's transaction."""
    ids, today = [new_id() for _ in areas], day.today()
    with (
        driver(session).cursor() as cursor,
        cursor.copy(
            "COPY area (id, code, level, kind, name, managing_county, geom, valid_from) FROM STDIN"
        ) as copy,
    ):
        for area_id, a in zip(ids, areas, strict=True):
            copy.write_row(
                (
                    area_id,
                    a.code,
                    a.level,
                    a.kind,
                    a.name,
                    a.managing_county,
                    ewkb(a.geom, 4490),
                    today,
                )
            )
    by_level: dict[codes.Level, list[shapes.Source]] = {}
    for area_id, a in zip(ids, areas, strict=True):
        if a.geom is not None:
            source = shapes.Source(area_id, a.code, a.name, a.managing_county, a.geom)
            by_level.setdefault(a.level, []).append(source)
    for level, sources in by_level.items():
        write_shapes(session, level, shapes.prepare(level, sources))
    queries.forget(session)


def write_shapes(session: Session, level: codes.Level, prepared: Iterable[shapes.Shape]) -> None:
    """Add prepared shapes."""
    with (
        driver(session).cursor() as cursor,
        cursor.copy(
            "COPY area_shape (area_id, band, level, code, name, managing_county, geom, label)"
            " FROM STDIN"
        ) as copy,
    ):
        for s in prepared:
            copy.write_row(
                (
                    s.source.id, s.band, level, s.source.code, s.source.name,
                    s.source.managing_county, ewkb(s.geom, 3857), ewkb(s.label, 3857),
                )
            )  # fmt: skip
