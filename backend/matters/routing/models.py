"""The table of routing rules: small and shared. A rule is never edited, only succeeded."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, String, Uuid, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base, Code
from backend.core.ids import new_id


class RoutingRule(Base):
    """What goes to whom inside an area; the smallest number of priority is asked first."""

    __tablename__ = "routing_rule"
    __table_args__ = (
        Index("ix_routing_rule_now", "area_code", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    area_code: Mapped[str] = mapped_column(Code)
    name: Mapped[str] = mapped_column(String(80))
    priority: Mapped[int] = mapped_column(SmallInteger)
    condition: Mapped[dict[str, Any]]
    # Nobody: whoever owns the asset that the condition found.
    lead_organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"))
    co_organization_ids: Mapped[list[UUID]] = mapped_column(
        ARRAY(Uuid), server_default="{}", default=list
    )
    # Sends by itself what it decides; otherwise it proposes and a person sends.
    auto: Mapped[bool] = mapped_column(default=False)
    enabled: Mapped[bool] = mapped_column(default=True)
    made_by: Mapped[UUID]
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]
    replaces: Mapped[UUID | None]
