"""Who can be called back and who looked at it; the numbers of other systems and of supervisions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, SmallInteger, func
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base, CountyCode, CountyFirst, same_county


class EventContact(CountyFirst, Base):
    """How the reporter can be reached; ``id`` is the event's. data class: personal, sealed."""

    __tablename__ = "event_contact"
    __table_args__ = (same_county("id", "event"), Index("ix_event_contact_phone", "phone_blind"))

    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    # The number was proved by a code that was sent to it.
    phone_proved: Mapped[bool] = mapped_column(server_default="false", default=False)
    # A keyed fingerprint: a number that calls again is known again, and nothing else.
    phone_blind: Mapped[bytes | None] = mapped_column(LargeBinary)


class Reveal(CountyFirst, Base):
    """Somebody looked at a personal field in full, and said why. Append-only."""

    __tablename__ = "reveal"
    __table_args__ = (same_county("event_id", "event"),)

    event_id: Mapped[UUID]
    field: Mapped[str]
    account_id: Mapped[UUID]
    post_id: Mapped[UUID | None]
    reason: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class ExternalReference(Base):
    """The number that an event has in the system it came from: one event a number.

    Lies under the intake county, because the same order may lead to another county at its second
    time; ``event_county`` is where its event lies now. data class: work.
    """

    __tablename__ = "external_reference"
    __table_args__ = (Index("ix_external_reference_event", "event_county", "event_id"),)

    county_code: Mapped[str] = mapped_column(CountyCode, primary_key=True)
    system: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(primary_key=True)
    event_county: Mapped[str] = mapped_column(CountyCode)
    event_id: Mapped[UUID]


class SupervisionSerial(Base):
    """How many supervisions a county has given a number in a year. data class: work."""

    __tablename__ = "supervision_serial"

    county_code: Mapped[str] = mapped_column(CountyCode, primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    last: Mapped[int]
