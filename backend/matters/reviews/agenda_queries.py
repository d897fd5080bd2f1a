"""What belongs on an agenda: every SELECT behind it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from geoalchemy2.shape import from_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Boolean, ColumnElement, Select, func, literal_column, or_, select
from sqlalchemy.orm import Session

from backend.core import day
from backend.core.actor import Actor
from backend.core.asking import among
from backend.matters.events import queries as events
from backend.matters.events.models import Event
from backend.matters.events.vocabulary import CLOCK_RUNS, TERMINAL, State
from backend.matters.items import queries as items
from backend.matters.items.models import Item
from backend.matters.lists.showing import STUCK_AFTER
from backend.matters.reviews import queries
from backend.matters.reviews.models import Review
from gis import codes

# What is due within this time is spoken about before it is late.
SOON = timedelta(hours=24)


def _inside(table: type[Event] | type[Item], review: Review) -> list[ColumnElement[bool]]:
    return [
        table.county_code == review.county_code, table.area_code >= review.area_code,
        table.area_code < codes.upper(review.area_code),
    ]  # fmt: skip


def _open(actor: Actor, review: Review) -> Select[Any]:
    """The open cases of the meeting's area; restricted ones are on no agenda."""
    return events.visible_to(actor).where(
        *_inside(Event, review), Event.restricted.is_(False), Event.state.not_in(TERMINAL)
    )


def open_cases(
    session: Session, actor: Actor, review: Review, reason: str, now: datetime, most: int
) -> Sequence[UUID]:
    """Keys of the open cases that wait (``judging``), came back, or are ``due``, oldest first."""
    wanted: dict[str, ColumnElement[bool]] = {
        # As the partial index says it.
        "back": or_(
            literal_column("event.asked <> '{}'", Boolean),
            Event.unsolved_count > 0,
            Event.reopen_count > 0,
        ),
        "judging": Event.state.in_([State.JUDGING, State.REPORTED]),
        "due": Event.state.in_(CLOCK_RUNS)
        & or_(Event.due_at < now + SOON, Event.overdue_at.is_not(None)),
    }
    return session.scalars(
        _open(actor, review)
        .where(wanted[reason])
        .with_only_columns(Event.id)
        .order_by(Event.id)
        .limit(most)
    ).all()


def stuck_items(
    session: Session, actor: Actor, review: Review, now: datetime, most: int
) -> Sequence[UUID]:
    """Keys of the open items that are blocked, stand still or are late, oldest first."""
    stuck = or_(
        Item.state == "blocked", Item.moved_at < now - STUCK_AFTER, Item.due_on < day.of(now)
    )
    return session.scalars(
        items.visible_to(actor)
        .where(*_inside(Item, review), Item.closed_at.is_(None), stuck)
        .with_only_columns(Item.id)
        .order_by(Item.id)
        .limit(most)
    ).all()


def inside(
    session: Session, actor: Actor, review: Review, shape: BaseGeometry, most: int
) -> Sequence[UUID]:
    """Keys of the open cases of the meeting's area inside a shape (EPSG:4490), oldest first."""
    return session.scalars(
        _open(actor, review)
        .where(func.ST_Intersects(Event.geom, from_shape(shape, srid=4490)))
        .with_only_columns(Event.id)
        .order_by(Event.id)
        .limit(most)
    ).all()


def ended(session: Session, county_code: str, keys: Sequence[UUID]) -> Sequence[Event]:
    """Those of some cases that ended and are shown to everybody there, the newest first."""
    return session.scalars(
        select(Event)
        .where(
            Event.county_code == county_code, among(Event.id, keys),
            Event.state.in_(TERMINAL), Event.restricted.is_(False),
        )
        .order_by(Event.id.desc())
    ).all()  # fmt: skip


def last_held(session: Session, actor: Actor, county_code: str, area_code: str) -> UUID | None:
    """The meeting that was held last at a place: asked when the next one opens, not before."""
    return session.scalar(
        select(Review.id)
        .where(
            queries.arms(actor), Review.county_code == county_code, Review.area_code == area_code,
            Review.state == "ended",
        )
        .order_by(Review.ended_at.desc())
        .limit(1)
    )  # fmt: skip
