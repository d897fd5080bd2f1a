"""The table of organizations."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base, Code
from backend.core.ids import new_id


class Kind(StrEnum):
    """What sort of body an organization is."""

    DEPARTMENT = "department"
    VILLAGE = "village"
    COORD_CENTER = "coord_center"
    COMMAND_CENTER = "command_center"
    POLICE = "police"
    UTILITY = "utility"


class Organization(Base):
    """A body that can be given a task; ``area_code`` is the area that it serves."""

    __tablename__ = "organization"
    __table_args__ = (
        Index(
            "uq_organization_open", "area_code", "name",
            unique=True, postgresql_where=text("closed_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    kind: Mapped[str]
    area_code: Mapped[str] = mapped_column(Code, index=True)
    # What it is there for, in the words of `Category.lead_duty`.
    duties: Mapped[list[str]] = mapped_column(ARRAY(String), server_default="{}", default=list)
    phone: Mapped[str] = mapped_column(server_default="", default="")
    closed_at: Mapped[datetime | None]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"))


class Team(Base):
    """A part of an organization that work inside it can be given to."""

    __tablename__ = "team"
    __table_args__ = (
        Index(
            "uq_team_open", "organization_id", "name",
            unique=True, postgresql_where=text("closed_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    name: Mapped[str]
    closed_at: Mapped[datetime | None]
