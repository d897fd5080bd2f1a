"""Every SELECT on meetings that set themselves up."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.actor import Actor
from backend.matters.reviews import queries
from backend.matters.reviews.models import Review, ReviewPattern


def of(session: Session, actor: Actor) -> Sequence[ReviewPattern]:
    """The patterns in force in the actor's area."""
    rows = session.scalars(
        select(ReviewPattern)
        .where(
            ReviewPattern.county_code.in_({s.county_code for s in actor.scope}),
            ReviewPattern.ended_at.is_(None),
        )
        .order_by(ReviewPattern.area_code, ReviewPattern.at)
    )
    return [row for row in rows if actor.covers(row.county_code, row.area_code)]


def locked(session: Session, pattern_id: UUID) -> ReviewPattern | None:
    """A pattern by its key, locked; whose it is, the caller asks."""
    return session.scalar(
        select(ReviewPattern).where(ReviewPattern.id == pattern_id).with_for_update()
    )


def planned(session: Session, actor: Actor, row: ReviewPattern) -> Sequence[Review]:
    """What a pattern has called and nobody has opened, locked."""
    return session.scalars(
        select(Review)
        .where(
            queries.arms(actor), Review.county_code == row.county_code,
            Review.pattern_id == row.id, Review.state == "planned",
        )
        .with_for_update(of=Review)
    ).all()  # fmt: skip


def next_in_line(
    session: Session, county_code: str, aside: Collection[UUID]
) -> Sequence[ReviewPattern]:
    """The patterns of a county in force, locked; those that another job holds are left to it."""
    return session.scalars(
        select(ReviewPattern)
        .where(
            ReviewPattern.county_code == county_code, ReviewPattern.ended_at.is_(None),
            ReviewPattern.id.not_in(aside),
        )
        .order_by(ReviewPattern.id)
        .with_for_update(skip_locked=True)
    ).all()  # fmt: skip


def called(session: Session, row: ReviewPattern, after: datetime) -> set[datetime]:
    """When the meetings begin that a pattern has called."""
    return set(
        session.scalars(
            select(Review.starts_at).where(
                Review.county_code == row.county_code, Review.pattern_id == row.id,
                Review.starts_at > after,
            )
        )
    )  # fmt: skip
