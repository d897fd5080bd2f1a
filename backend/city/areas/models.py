"""Tables of areas."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core import day
from backend.core.db import Base, Code, CountyCode
from backend.core.ids import new_id
from gis import codes

# The few areas whose managing counties are all that there are.
ABOVE_VILLAGES = "level IN ('city', 'county', 'town')"


class Kind(StrEnum):
    """What sort of area it is."""

    NORMAL = "normal"
    FUNCTIONAL_ZONE = "functional_zone"
    DEDICATED = "dedicated"
    VIRTUAL = "virtual"


class Area(Base):
    """One version of one area. ``geom`` is a MultiPolygon in EPSG:4490, or null when unknown."""

    __tablename__ = "area"
    __table_args__ = (
        Index("uq_area_code_now", "code", unique=True, postgresql_where=text("valid_to IS NULL")),
        Index("ix_area_code", "code"),
        Index("ix_area_managing_county", "managing_county", postgresql_where=text(ABOVE_VILLAGES)),
        # One index a level: a common one on (level, geom) took 0.7 ms for a point, these 0.05.
        *(
            Index(
                f"ix_area_geom_{level}", "geom", postgresql_using="gist",
                postgresql_where=text(f"level = '{level}' AND valid_to IS NULL"),
            )
            for level in codes.LEVELS
        ),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(Code)
    level: Mapped[str]
    kind: Mapped[str] = mapped_column(default=Kind.NORMAL)
    name: Mapped[str]
    # Who runs it: its own first six digits, or the functional zone that manages it.
    managing_county: Mapped[str] = mapped_column(CountyCode)
    geom: Mapped[WKBElement | None] = mapped_column(
        Geometry("MULTIPOLYGON", srid=4490, spatial_index=False)
    )
    valid_from: Mapped[date] = mapped_column(default=day.today)
    valid_to: Mapped[date | None]


class AreaShape(Base):
    """What a map draws of an area: simplified for a band of zooms, in EPSG:3857."""

    __tablename__ = "area_shape"
    __table_args__ = (
        Index("ix_area_shape_geom", "level", "band", "geom", postgresql_using="gist"),
    )

    area_id: Mapped[UUID] = mapped_column(
        ForeignKey("area.id", ondelete="CASCADE"), primary_key=True
    )
    band: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[str]
    code: Mapped[str] = mapped_column(Code, index=True)
    name: Mapped[str]
    managing_county: Mapped[str] = mapped_column(CountyCode)
    geom: Mapped[WKBElement] = mapped_column(
        Geometry("MULTIPOLYGON", srid=3857, spatial_index=False)
    )
    label: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=3857, spatial_index=False))
