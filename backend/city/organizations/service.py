"""Keeping organizations: what they are called, what they are there for, and when they ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.city.organizations import queries
from backend.city.organizations.models import Kind, Organization
from backend.core import clock
from backend.core.actor import Actor
from backend.core.errors import BadInput, Conflict, NotFound


@dataclass(frozen=True)
class Wanted:
    """An organization as somebody wants it."""

    name: str
    kind: Kind
    area_code: str
    duties: Sequence[str]
    phone: str


def keep(session: Session, actor: Actor, wanted: Wanted, which: UUID | None = None) -> Organization:
    """Make an organization, or change one.

    Raises
    ------
    NotFound
        It is not in the actor's area, or has ended.
    Conflict
        The area has another one of that name.
    BadInput
        The place is not the actor's.
    """
    if not _mine(session, actor, wanted.area_code):
        raise BadInput("not_your_area")
    same = queries.called(session, wanted.name, wanted.area_code)
    if same is not None and same != which:
        raise Conflict("organization_name_taken", name=wanted.name)
    row = _own(session, actor, which) if which else Organization()
    row.name, row.kind, row.area_code = wanted.name, wanted.kind, wanted.area_code
    row.duties, row.phone = sorted(set(wanted.duties)), wanted.phone
    session.add(row)
    session.flush()
    return row


def end(session: Session, actor: Actor, which: UUID) -> None:
    """No new work for an organization; what it has, it finishes."""
    _own(session, actor, which).closed_at = clock.now()


def _own(session: Session, actor: Actor, which: UUID) -> Organization:
    row = session.get(Organization, which, with_for_update=True)
    if row is None or row.closed_at is not None or not _mine(session, actor, row.area_code):
        raise NotFound("organization_unknown")
    return row


def _mine(session: Session, actor: Actor, area_code: str) -> bool:
    """Whether a place lies in the area that the actor governs."""
    home = areas.home_of(session, area_code)
    return home is not None and actor.governs(home, area_code)
