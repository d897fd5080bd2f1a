"""The table of assets."""

from datetime import datetime
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base, Code, CountyFirst


class Asset(CountyFirst, Base):
    """A fixed thing in public space (EPSG:4490) and who answers for it; ended, never deleted."""

    __tablename__ = "asset"
    __table_args__ = (
        UniqueConstraint("county_code", "asset_no"),
        Index("ix_asset_number", "asset_no"),
        Index("ix_asset_area", "county_code", "area_code", "asset_no"),
        Index("ix_asset_geom", "geom", postgresql_using="gist"),
    )

    asset_no: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str]
    area_code: Mapped[str] = mapped_column(Code)
    owner_id: Mapped[UUID]
    geom: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=4490, spatial_index=False))
    ended_at: Mapped[datetime | None]
