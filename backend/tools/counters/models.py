"""Tables of counters."""

from datetime import datetime

from sqlalchemy import Index, func, text
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
    __table_args__ = (
        # A page reads one family of measures (all states, or one month) of the areas of one level:
        # they lie beside each other, however many months there are.
        Index(
            "ix_counter_family",
            "county_code", text("split_part(measure, '.', 1)"), text("length(area_code)"),
            "area_code",
        ),
    )  # fmt: skip

    county_code: Mapped[str] = mapped_column(CountyCode, primary_key=True)
    area_code: Mapped[str] = mapped_column(Code, primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    total: Mapped[int]
