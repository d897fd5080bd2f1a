"""Tables of village decisions; the append-only log stands beside the row that it explains."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, Numeric, SmallInteger, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base, Code, CountyFirst, same_county
from backend.core.ids import new_id
from backend.core.journal import COMMON, Entry, Journaled


class ProcedureRow(Base):
    """One version of a procedure; never changed, only succeeded. Small and shared.

    A county may have an edition of its own, which counts there and nowhere else.
    """

    __tablename__ = "procedure"
    __table_args__ = (UniqueConstraint("code", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str]
    version: Mapped[int]
    # The county whose own edition it is; empty: the city's.
    area_code: Mapped[str] = mapped_column(Code, server_default="", default="")
    # A county's last word on its own edition: the city's counts there again.
    withdrawn: Mapped[bool] = mapped_column(server_default="false", default=False)
    # As `procedures.Procedure` reads it.
    body: Mapped[dict[str, Any]]
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Deliberation(Journaled, Base):
    """One motion of one village. data class: work; names stand in its log and its sittings."""

    __tablename__ = "deliberation"
    __table_args__ = (
        UniqueConstraint("county_code", "deliberation_no"),
        Index("ix_deliberation_id", "id"),
        Index("ix_deliberation_area", "county_code", "area_code", "id"),
        Index(
            "ix_deliberation_item", "county_code", "item_id",
            postgresql_where=text("item_id IS NOT NULL"),
        ),
        Index(
            "ix_deliberation_published", "notice_until",
            postgresql_where=text("notice IS NOT NULL"),
        ),
    )  # fmt: skip

    deliberation_no: Mapped[str]
    area_code: Mapped[str] = mapped_column(Code)
    procedure_id: Mapped[UUID]
    title: Mapped[str]
    matter: Mapped[str]
    words: Mapped[str]
    amount: Mapped[float | None] = mapped_column(Numeric(14, 2))
    # Its place in the procedure, and how often it had to begin anew.
    step_code: Mapped[str]
    round: Mapped[int] = mapped_column(SmallInteger, default=1)
    # What everybody may read: of the decision, and of its result.
    notice: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    notice_until: Mapped[datetime | None]
    # The list item that the motion is about, or that carries it out.
    item_id: Mapped[UUID | None]
    spent: Mapped[float | None] = mapped_column(Numeric(14, 2))
    made_at: Mapped[datetime]
    made_by: Mapped[UUID]
    moved_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class DeliberationAction(Entry, Base):
    """One entry of a motion's journal."""

    __tablename__ = "deliberation_action"
    __table_args__ = (
        same_county("deliberation_id", "deliberation"),
        UniqueConstraint("county_code", "deliberation_id", "seq"),
    )
    of, of_column = Deliberation, "deliberation_id"
    sealed = {
        1: ("deliberation_id", "seq", "action", "step_code", "round", "to_step", "to_state",
            "actor_id", "post_id", "role", "note", "details", "at"),
        2: (*COMMON, "deliberation_id", "step_code", "round", "to_step", "to_state"),
    }  # fmt: skip

    deliberation_id: Mapped[UUID]
    # The step at which it happened, and where the motion stood afterwards.
    step_code: Mapped[str]
    round: Mapped[int] = mapped_column(SmallInteger)
    to_step: Mapped[str]
    to_state: Mapped[str]


class Sitting(CountyFirst, Base):
    """An assembly that was held: how many there were, and how they voted."""

    __tablename__ = "sitting"
    __table_args__ = (
        same_county("deliberation_id", "deliberation"),
        Index("ix_sitting_deliberation", "county_code", "deliberation_id"),
    )

    deliberation_id: Mapped[UUID]
    step_code: Mapped[str]
    round: Mapped[int] = mapped_column(SmallInteger)
    held_at: Mapped[datetime]
    place: Mapped[str]
    chair: Mapped[str]
    on_roll: Mapped[int]
    present: Mapped[int]
    yes: Mapped[int]
    no: Mapped[int]
    abstain: Mapped[int]
    outcome: Mapped[str]


class SittingPerson(CountyFirst, Base):
    """Somebody who was there, by the name of that day. data class: personal."""

    __tablename__ = "sitting_person"
    __table_args__ = (
        same_county("sitting_id", "sitting"),
        UniqueConstraint("county_code", "sitting_id", "member_id"),
    )

    sitting_id: Mapped[UUID]
    member_id: Mapped[UUID]
    name: Mapped[str]


class Objection(CountyFirst, Base):
    """What somebody says against what hangs out. data class: personal."""

    __tablename__ = "objection"
    __table_args__ = (
        same_county("deliberation_id", "deliberation"),
        Index("ix_objection_deliberation", "county_code", "deliberation_id"),
        UniqueConstraint("county_code", "deliberation_id", "said_hash"),
    )

    deliberation_id: Mapped[UUID]
    name: Mapped[str]
    words: Mapped[str]
    # Who said what against which publication: the same once more is not another objection.
    said_hash: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]


class RollMember(CountyFirst, Base):
    """Somebody who belongs to an assembly of a village. data class: personal (party membership)."""

    __tablename__ = "roll_member"
    __table_args__ = (
        Index(
            "ix_roll_member_now", "county_code", "area_code", "assembly",
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "uq_roll_member_now", "county_code", "area_code", "assembly", "name", unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip

    area_code: Mapped[str] = mapped_column(Code)
    assembly: Mapped[str]
    name: Mapped[str]
    position: Mapped[int] = mapped_column(SmallInteger)
    ended_at: Mapped[datetime | None]
