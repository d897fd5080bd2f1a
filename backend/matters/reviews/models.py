"""Tables of review meetings."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base, Code, CountyFirst, same_county
from backend.core.journal import COMMON, Entry, Journaled


class Review(Journaled, Base):
    """One meeting of one area: planned, running, ended or cancelled."""

    __tablename__ = "review"
    __table_args__ = (
        UniqueConstraint("county_code", "review_no"),
        Index("ix_review_id", "id"),
        Index("ix_review_starts", "starts_at"),
        Index("ix_review_area", "county_code", "area_code", "starts_at"),
        Index("ix_review_code", "code", postgresql_where=text("state <> 'ended'")),
        Index(
            "ix_review_pattern", "county_code", "pattern_id", "starts_at", unique=True,
            postgresql_where=text("pattern_id IS NOT NULL"),
        ),
    )  # fmt: skip

    review_no: Mapped[str]
    area_code: Mapped[str] = mapped_column(Code)
    title: Mapped[str]
    starts_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    # What people sign in with; shown on the projector.
    code: Mapped[str]
    chair_id: Mapped[UUID]
    # Whose screen the others follow; anybody who leads may take it over.
    presenter_id: Mapped[UUID | None]
    # The last one that was held here when this one opened; it opens with what became of that one.
    previous_id: Mapped[UUID | None]
    # The pattern that called it.
    pattern_id: Mapped[UUID | None]
    # What is shown now, and where the presenter's map stands: {lon, lat, zoom, n}.
    entry_id: Mapped[UUID | None]
    view: Mapped[dict[str, Any] | None]


class ReviewPattern(CountyFirst, Base):
    """Meetings of an area that set themselves up; ended, never changed."""

    __tablename__ = "review_pattern"
    __table_args__ = (
        Index("ix_review_pattern_now", "county_code", postgresql_where=text("ended_at IS NULL")),
        Index(
            "uq_review_pattern_now",
            "county_code",
            "area_code",
            "rhythm",
            "weekday",
            "at",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
    )

    area_code: Mapped[str] = mapped_column(Code)
    # daily: every working day; weekly: on a weekday, Monday is 0.
    rhythm: Mapped[str]
    weekday: Mapped[int | None] = mapped_column(SmallInteger)
    # The time of day in China, "09:00".
    at: Mapped[str]
    title: Mapped[str]
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ReviewEntry(CountyFirst, Base):
    """One point of an agenda, and what was decided on it."""

    __tablename__ = "review_entry"
    __table_args__ = (
        same_county("review_id", "review"),
        Index("ix_review_entry_review", "county_code", "review_id"),
        Index(
            "ix_review_entry_event", "county_code", "event_id",
            postgresql_where=text("event_id IS NOT NULL"),
        ),
    )  # fmt: skip

    review_id: Mapped[UUID]
    position: Mapped[float]
    # Why it is here: judging, due, back, hot_spot, item, added.
    reason: Mapped[str]
    event_id: Mapped[UUID | None]
    item_id: Mapped[UUID | None]
    hot_spot_id: Mapped[UUID | None]
    # Put to the vote: only a majority of those who signed in lets it be decided.
    vote_needed: Mapped[bool] = mapped_column(server_default="false", default=False)
    decision: Mapped[str | None]
    body: Mapped[dict[str, Any] | None]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    # After the end: "done", or the sentence's code that says why not.
    outcome: Mapped[str | None]
    outcome_params: Mapped[dict[str, Any] | None]
    made_item_id: Mapped[UUID | None]
    # Taken off the agenda; until the meeting ends it can be put back.
    removed_at: Mapped[datetime | None]


class ReviewPerson(CountyFirst, Base):
    """Somebody who is there; without an account, entered by the chair."""

    __tablename__ = "review_person"
    __table_args__ = (
        same_county("review_id", "review"),
        Index("ix_review_person_review", "county_code", "review_id"),
        Index("ix_review_person_account", "account_id", "review_id"),
        Index(
            "uq_review_person_once",
            "county_code",
            "review_id",
            "account_id",
            unique=True,
            postgresql_where=text("account_id IS NOT NULL"),
        ),
        Index(
            "uq_review_person_guest",
            "county_code",
            "review_id",
            "name",
            unique=True,
            postgresql_where=text("account_id IS NULL"),
        ),
    )

    review_id: Mapped[UUID]
    account_id: Mapped[UUID | None]
    name: Mapped[str]
    role: Mapped[str]
    signed_at: Mapped[datetime]


class ReviewVote(CountyFirst, Base):
    """One person's voice on one point: yes, no, abstain."""

    __tablename__ = "review_vote"
    __table_args__ = (
        same_county("review_id", "review"),
        UniqueConstraint("county_code", "entry_id", "account_id"),
    )

    review_id: Mapped[UUID]
    entry_id: Mapped[UUID]
    account_id: Mapped[UUID]
    choice: Mapped[str]
    at: Mapped[datetime]


class ReviewLine(Entry, Base):
    """One line of a meeting's journal: something that happened there, by the name of that day."""

    __tablename__ = "review_line"
    __table_args__ = (
        same_county("review_id", "review"),
        UniqueConstraint("county_code", "review_id", "seq"),
    )
    of, of_column = Review, "review_id"
    sealed = {
        1: ("review_id", "seq", "kind", "entry_id", "actor_id", "name", "details", "at"),
        2: (*COMMON, "review_id", "entry_id", "name"),
    }  # fmt: skip

    review_id: Mapped[UUID]
    entry_id: Mapped[UUID | None]
    name: Mapped[str]

    @property
    def kind(self) -> str:
        """What form 1 called the action."""
        return self.action
