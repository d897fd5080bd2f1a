"""Numbers that matters have where they come from: each leads to one event, however often sent."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.core.actor import INTAKE_COUNTY, Actor
from backend.core.errors import Conflict
from backend.matters.events import queries
from backend.matters.events.models import Event, ExternalReference


@dataclass(frozen=True)
class Reference:
    """A number in the system that gave it; two systems may count alike."""

    system: str
    number: str


def reference(system: str, number: str | None) -> Reference | None:
    """A number as it is compared: width of letters, case and spaces around do not tell apart."""
    plain = unicodedata.normalize("NFKC", number or "").strip().upper()
    return Reference(system, plain) if plain else None


def take(session: Session, wanted: Reference, county_code: str, event_id: UUID) -> bool:
    """Let a number lead to a new event; False when it leads to another one already.

    Whoever sends the same number at the same moment waits here for the end of the first.
    """
    taken = session.execute(
        insert(ExternalReference)
        .values(
            county_code=INTAKE_COUNTY, system=wanted.system, reference=wanted.number,
            event_county=county_code, event_id=event_id,
        )
        .on_conflict_do_nothing()
        .returning(ExternalReference.event_id)
    ).scalar()  # fmt: skip
    return taken is not None


def receipt(session: Session, actor: Actor, wanted: Reference) -> dict[str, Any]:
    """The receipt of the event to which a number leads.

    Raises
    ------
    Conflict
        It was taken in elsewhere, by a desk whose matters the actor does not see.
    """
    key = queries.led_to(session, wanted.system, [wanted.number])[wanted.number]
    event = queries.one(session, actor, key)
    if event is None:
        raise Conflict("reference_taken_elsewhere", number=wanted.number)
    return receipt_of_event(event)


def receipt_of_event(event: Event) -> dict[str, Any]:
    """What the first sender was told, as far as it still holds."""
    return {
        "id": str(event.id), "county_code": event.county_code, "event_no": event.event_no,
        "state": event.state, "area_code": event.area_code, "doubt": None, "ask_position": False,
    }  # fmt: skip


def known(session: Session, wanted: Iterable[Reference | None]) -> Mapping[Reference, UUID]:
    """To which events of these numbers lead already, in one query a system."""
    by_system: dict[str, set[str]] = {}
    for one in wanted:
        if one is not None:
            by_system.setdefault(one.system, set()).add(one.number)
    found: dict[Reference, UUID] = {}
    for system, numbers in by_system.items():
        leads = queries.led_to(session, system, numbers)
        found |= {Reference(system, number): key for number, key in leads.items()}
    return found
