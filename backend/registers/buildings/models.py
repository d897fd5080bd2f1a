"""The table of houses."""

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base, Code, CountyFirst


class House(CountyFirst, Base):
    """A house: where it stands (EPSG:4490) and the number on its door."""

    __tablename__ = "house"
    __table_args__ = (
        Index("ix_house_area", "county_code", "area_code"),
        Index("ix_house_geom", "geom", postgresql_using="gist"),
    )

    area_code: Mapped[str] = mapped_column(Code)
    address: Mapped[str]
    geom: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=4490, spatial_index=False))
