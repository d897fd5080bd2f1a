"""The table of photos and documents."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base, CountyFirst


class Media(CountyFirst, Base):
    """One photo or document. ``county_code`` is the uploader's home county and never changes."""

    __tablename__ = "media"
    __table_args__ = (
        Index("ix_media_event", "event_county", "event_id"),
        Index(
            "ix_media_orphans", "county_code", "uploaded_at",
            postgresql_where=text("event_id IS NULL"),
        ),
        # A time that no calendar knows would break every list that shows the photo.
        CheckConstraint(
            "taken_at BETWEEN timestamptz '1990-01-01 00:00Z'"
            " AND timestamptz '2200-01-01 00:00Z'",
            name="taken_at",
        ),
    )  # fmt: skip

    uploaded_by: Mapped[UUID]
    # photo, document; a document has the name that it came with.
    kind: Mapped[str] = mapped_column(server_default="photo", default="photo")
    name: Mapped[str] = mapped_column(server_default="", default="")
    # Opens an anonymous upload for the report that takes it; hashed like a password would be.
    claim_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    event_county: Mapped[str | None]
    event_id: Mapped[UUID | None]
    action_id: Mapped[UUID | None]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    width: Mapped[int]
    height: Mapped[int]
    size_bytes: Mapped[int]
    # data class: personal. Where and when the camera says it was; a suggestion, never shown.
    exif_position: Mapped[dict[str, Any] | None]
    taken_at: Mapped[datetime | None]
    uploaded_at: Mapped[datetime] = mapped_column(server_default=func.now())
