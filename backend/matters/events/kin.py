"""What was merged into what, through any length: read as the system, whoever asks.

A report keeps the link to the event that it was merged into, so that undoing a merge restores what
was; the main event is the one at the end of the chain. A chain has no longest length and no
circle: a merge locks both rows in one order and looks again (`casework.locking`).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.core.actor import system
from backend.core.db import acting_as
from backend.matters.events.guards.ending import PERSONAL_SOURCES
from backend.matters.events.models import Event
from backend.matters.events.queries import merges
from backend.matters.events.vocabulary import State


@dataclass(frozen=True)
class Main:
    """The event at the end of a chain of merges, and how it stands."""

    id: UUID
    event_no: str
    state: State
    ended_at: datetime | None
    item_id: UUID | None


@dataclass(frozen=True)
class Others:
    """Those whose reports were merged into an event: can any be asked, has any said "solved"."""

    reachable: bool = False
    solved: bool = False


@dataclass(frozen=True)
class Ties:
    """What hangs on an event."""

    # The keys of everything that was merged into it, directly or through another.
    below: Sequence[UUID]
    # Its reporter left a way to be reached.
    has_contact: bool
    # The area that its lead serves; empty without one.
    lead_serves: str
    others: Others


@contextmanager
def unfiltered(session: Session, county_code: str) -> Iterator[None]:
    """Read the facts of a county's event as they are, not as the caller may see them.

    Rules decide by these; what is shown of them is filtered by whoever shows it.
    """
    with acting_as(session, system(county_code)):
        yield


def main_of(session: Session, event: Event) -> Main | None:
    """The event that now stands for a merged one; None when it is not merged."""
    if event.state != State.MERGED or event.master_id is None:
        return None
    with unfiltered(session, event.county_code):
        row = merges.end_of_chain(session, event.county_code, event.master_id)
    if row is None:
        return None
    return Main(
        row.id, row.event_no, State(row.state), row.closed_at, row.item_id
    )  # fmt: skip


def below(session: Session, county_code: str, event_id: UUID) -> Sequence[UUID]:
    """The keys of everything that was merged into an event, directly or through another."""
    with unfiltered(session, county_code):
        return merges.below(session, county_code, event_id)


def merged_into(session: Session, event: Event) -> Sequence[Event]:
    """Everything that was merged into an event: for jobs, which stand in the county's scope."""
    found = below(session, event.county_code, event.id)
    if not found:
        return ()
    return merges.by_key(session, event.county_code, found)


def ties(session: Session, event: Event, since: datetime) -> Ties:
    """What hangs on an event; what others have said counts since its last result."""
    with unfiltered(session, event.county_code):
        row = merges.ties(session, event, PERSONAL_SOURCES, since)
    return Ties(row.keys, row.has_contact, row.lead_serves or "", Others(row.reachable, row.solved))
