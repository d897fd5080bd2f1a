"""The table of hot spots."""

from datetime import datetime
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base, Code, CountyCode, CountyFirst


class HotSpot(CountyFirst, Base):
    """A place where the same kind of matter comes back."""

    __tablename__ = "hot_spot"
    __table_args__ = (
        Index("ix_hot_spot_area", "county_code", "area_code"),
        Index(
            "ix_hot_spot_beside",
            "beside_county",
            "beside_area",
            postgresql_where=text("beside_area IS NOT NULL"),
        ),
        Index("ix_hot_spot_count", text("count DESC"), text("last_at DESC")),
        Index("ix_hot_spot_uncounted", "county_code", "id", postgresql_where=text("uncounted")),
        Index("ix_hot_spot_geom", "geom", postgresql_using="gist"),
    )

    category_code: Mapped[str]
    # The area that has most of its reports, and the village across a border that has the others.
    area_code: Mapped[str] = mapped_column(Code)
    beside_county: Mapped[str | None] = mapped_column(CountyCode)
    beside_area: Mapped[str | None] = mapped_column(Code)
    geom: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=4490, spatial_index=False))
    # Reports within the last year, as of the last one that came in.
    count: Mapped[int]
    # Reports came in since; a job counts them.
    uncounted: Mapped[bool] = mapped_column(server_default=false(), default=False)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    # What people found it goes back to.
    cause: Mapped[str] = mapped_column(server_default="", default="")
    # The item that was raised for it.
    item_id: Mapped[UUID | None]
