"""The table of what people had tried again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base, CountyFirst


class TriedAgain(CountyFirst, Base):
    """Somebody had a parked fact or a failed message tried again; appended, never changed."""

    __tablename__ = "tried_again"

    kind: Mapped[str]  # fact or message
    subject_id: Mapped[UUID]
    # Why it had been given up.
    because: Mapped[str]
    by_account: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
