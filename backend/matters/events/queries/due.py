"""What the clock finds: each locked, and what somebody else holds is left to them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import Session

from backend.core.asking import among
from backend.matters.events.models import Alarm, Event
from backend.matters.events.vocabulary import CLOCK_RUNS


def out_of_time(
    session: Session, county_code: str, now: datetime, most: int
) -> Sequence[Row[UUID, str, bool]]:
    """Key, area and whether restricted, of events whose clock ran out and that nobody marked."""
    return session.execute(
        select(Event.id, Event.area_code, Event.restricted)
        .where(
            Event.county_code == county_code, Event.due_at <= now, Event.overdue_at.is_(None),
            Event.closed_at.is_(None), Event.state.in_(CLOCK_RUNS),
        )
        .order_by(Event.due_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()  # fmt: skip


def at_their_time(
    session: Session, county_code: str, which: ColumnElement[bool], order: object,
    aside: Collection[UUID], most: int,
) -> Sequence[Event]:  # fmt: skip
    """Events of a county for which a moment has come, read afresh, without those put aside."""
    return session.scalars(
        select(Event)
        .where(Event.county_code == county_code, which, Event.id.not_in(aside))
        .order_by(order)  # type: ignore[arg-type]
        .limit(most)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()


def rung_for(
    session: Session, county_code: str, kind: str, now: datetime, most: int
) -> Sequence[UUID]:
    """The cases with an alarm of a kind whose moment has come, locked in the one order of all.

    Before the alarms themselves: a step locks its case first, and silences it then.
    """
    rung = (
        select(Alarm.event_id)
        .where(Alarm.county_code == county_code, Alarm.kind == kind, Alarm.at <= now)
        .order_by(Alarm.at)
        .limit(most)
    )
    return session.scalars(
        select(Event.id)
        .where(Event.county_code == county_code, Event.id.in_(rung))
        .order_by(Event.id)
        .with_for_update(skip_locked=True)
    ).all()


def alarms_by(
    session: Session, county_code: str, now: datetime, most: int, kind: str, held: Collection[UUID]
) -> Sequence[Alarm]:
    """What should have happened by now and did not, the longest ago first.

    Of a ``kind`` that changes its case, only what rings for cases that are ``held``.
    """
    return session.scalars(
        select(Alarm)
        .where(
            Alarm.county_code == county_code, Alarm.at <= now,
            (Alarm.kind != kind) | among(Alarm.event_id, held),
        )
        .order_by(Alarm.at)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()  # fmt: skip
