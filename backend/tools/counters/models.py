"""Tables of counters."""

from datetime import datetime

from sqlalchemy import Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base, Code, CountyCode, CountyFirst

# What is read together: all states, or what happened in a month. How often each length of time was
# seen in it (``2026-11.response.17``) is nine tenths of a month's rows, and a family of its own.
FAMILY = "split_part(replace(measure, '.response.', '-response.'), '.', 1)"
LENGTHS = "-response"


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
            "county_code", text(FAMILY), text("length(area_code)"),
            "area_code",
        ),
    )  # fmt: skip

    county_code: Mapped[str] = mapped_column(CountyCode, primary_key=True)
    area_code: Mapped[str] = mapped_column(Code, primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    total: Mapped[int]
