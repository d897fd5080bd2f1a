"""Tables of category schemes: small, shared, and never edited once published, only succeeded."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, SmallInteger, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base


class Scheme(Base):
    """One edition of the categories; the newest one is in force, running cases keep theirs."""

    __tablename__ = "category_scheme"

    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    name: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    published_by: Mapped[UUID | None]
    published_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Category(Base):
    """One category of one edition."""

    __tablename__ = "category"

    scheme_version: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    parent_code: Mapped[str | None]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    icon: Mapped[str]
    photo_required: Mapped[bool] = mapped_column(default=False)
    self_resolve_allowed: Mapped[bool] = mapped_column(default=False)
    # May go out before it is filed.
    fast_track: Mapped[bool] = mapped_column(server_default="false", default=False)
    # Somebody must look on site before it may end.
    recheck_required: Mapped[bool] = mapped_column(server_default="false", default=False)
    # Disputes, minors: narrowed to those named from the first moment.
    sensitive: Mapped[bool] = mapped_column(server_default="false", default=False)
    # About somebody at home: desks see it as any other, strangers hear nothing of it.
    personal: Mapped[bool] = mapped_column(server_default="false", default=False)
    # The duty of the organization that usually leads; names one of `Organization.duties`.
    lead_duty: Mapped[str] = mapped_column(server_default="", default="")
    # Words by which a description points here.
    words: Mapped[list[str]] = mapped_column(JSONB, server_default="[]", default=list)
    # What to ask: [{code, zh, en, type, options, required, when: {code: value}}].
    questions: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, server_default="[]", default=list
    )
    position: Mapped[int] = mapped_column(SmallInteger)


class FilingCondition(Base):
    """When a matter is accepted, by when it is handled, and when it is done."""

    __tablename__ = "filing_condition"
    __table_args__ = (
        ForeignKeyConstraint(
            ["scheme_version", "category_code"], ["category.scheme_version", "category.code"]
        ),
    )

    scheme_version: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    category_code: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    clock: Mapped[str]
    amount: Mapped[float]
    # Limits of the stages inside: [{zh, en, clock, amount}].
    stages: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]", default=list)
    closing_zh: Mapped[str]
    closing_en: Mapped[str]
    legal_basis: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(SmallInteger)
