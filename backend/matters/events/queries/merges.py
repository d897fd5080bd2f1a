"""Chains of merges, as they are: whoever asks stands in the scope of the whole county."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from backend.core.asking import among
from backend.matters.events.models import Event
from backend.matters.events.vocabulary import State

UPWARDS = text(
    """
    WITH RECURSIVE way AS (
        SELECT id, master_id, state, closed_at, event_no, item_id FROM event
        WHERE county_code = :county AND id = :id AND moved_to IS NULL
        UNION
        SELECT event.id, event.master_id, event.state, event.closed_at, event.event_no,
               event.item_id
        FROM event
        JOIN way ON event.id = way.master_id AND way.state = 'merged'
        WHERE event.county_code = :county AND event.moved_to IS NULL
    )
    SELECT id, state, closed_at, event_no, item_id FROM way WHERE state <> 'merged'
    """
)
BELOW = """
    WITH RECURSIVE below AS (
        SELECT id FROM event
        WHERE county_code = :county AND master_id = :id AND state = 'merged' AND moved_to IS NULL
        UNION
        SELECT event.id FROM event JOIN below ON event.master_id = below.id
        WHERE event.county_code = :county AND event.state = 'merged' AND event.moved_to IS NULL
    )
"""
DOWNWARDS = text(f"{BELOW} SELECT id FROM below ORDER BY id")
TIES = text(
    f"""
    {BELOW}, found AS MATERIALIZED (SELECT ARRAY(SELECT id FROM below ORDER BY id) AS keys)
    SELECT
        keys,
        EXISTS (
            SELECT FROM event_contact WHERE county_code = :county AND id = :id
        ) AS has_contact,
        (SELECT area_code FROM organization WHERE id = :lead) AS lead_serves,
        EXISTS (
            SELECT FROM event
            WHERE event.county_code = :county AND event.id = ANY (keys)
              AND event.source = ANY (:personal) AND (
                event.reporter_id IS NOT NULL OR EXISTS (
                    SELECT FROM event_contact
                    WHERE event_contact.county_code = :county AND event_contact.id = event.id))
        ) AS reachable,
        EXISTS (
            SELECT FROM event_action
            WHERE event_action.county_code = :county AND event_action.event_id = ANY (keys)
              AND event_action.action = 'answer_solved' AND event_action.at > :since
        ) AS solved
    FROM found
    """
)


def end_of_chain(session: Session, county_code: str, event_id: UUID) -> Row[Any] | None:
    """The event at the end of the chain that begins here: key, number, state, end, item."""
    return session.execute(UPWARDS, {"county": county_code, "id": event_id}).one_or_none()


def below(session: Session, county_code: str, event_id: UUID) -> Sequence[UUID]:
    """The keys of everything that was merged into an event, directly or through another."""
    return session.scalars(DOWNWARDS, {"county": county_code, "id": event_id}).all()


def merged_directly(session: Session, county_code: str, event_id: UUID) -> Sequence[UUID]:
    """The keys of what was merged into an event and into no other between, the first first."""
    return session.scalars(
        select(Event.id)
        .where(
            Event.county_code == county_code, Event.master_id == event_id,
            Event.state == State.MERGED,
        )
        .order_by(Event.id)
    ).all()  # fmt: skip


def by_key(session: Session, county_code: str, keys: Iterable[UUID]) -> Sequence[Event]:
    """Events of a county by their keys, the first first."""
    return session.scalars(
        select(Event)
        .where(Event.county_code == county_code, among(Event.id, keys))
        .order_by(Event.id)
    ).all()


def ties(session: Session, event: Event, personal: Iterable[str], since: datetime) -> Row[Any]:
    """What hangs on an event, in one statement, for the system.

    The keys of all that was merged into it; whether its reporter left a way to be reached; where
    its lead serves; whether anybody whose report was merged can be reached, and said "solved".
    """
    return session.execute(
        TIES,
        {
            "county": event.county_code, "id": event.id, "lead": event.lead_organization_id,
            "personal": sorted(personal), "since": since,
        },
    ).one()  # fmt: skip
