"""Tables of counters."""

from datetime import datetime

from sqlalchemy import Index, func
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base, Code, CountyCode, CountyFirst


class CounterDelta(CountyFirst, Base):
    """One change of one number at one place."""

    __tablename__ = "counter_delta"

    area_code: Mapped[str] = mapped_column(Code)
    measure: Mapped[str]
    change: Mapped[int]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class Counter(Base):
    """The sum of one measure over one area, its descendants included."""

    __tablename__ = "counter"
    __table_args__ = (Index("ix_counter_area", "county_code", "area_code", "measure"),)

    county_code: Mapped[str] = mapped_column(CountyCode, primary_key=True)
    area_code: Mapped[str] = mapped_column(Code, primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    total: Mapped[int]
