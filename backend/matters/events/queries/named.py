"""Restricted cases by who is named in them, as far as a post had them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import Session

from backend.core import scope
from backend.core.actor import Slice
from backend.core.asking import among
from backend.matters.events.models import Event
from backend.matters.events.queries.sight import given_to


@dataclass(frozen=True)
class Reach:
    """The cases that a post has: of the area that it sees, and what its organization was given."""

    scope: tuple[Slice, ...]
    organization_id: UUID | None
    # Where such cases may lie.
    counties: frozenset[str]


def _had(reach: Reach) -> ColumnElement[bool]:
    given = [] if reach.organization_id is None else [given_to(reach.organization_id)]
    return or_(false(), *scope.arms(Event, reach.scope), *given)


def naming(session: Session, account_id: UUID, reach: Reach) -> Sequence[Event]:
    """The open restricted cases of a post that name somebody, locked in the order of their keys."""
    return session.scalars(
        select(Event)
        .where(
            Event.county_code.in_(sorted(reach.counties)), Event.restricted,
            Event.closed_at.is_(None), Event.moved_to.is_(None),
            Event.named.contains([account_id]), _had(reach),
        )
        .order_by(Event.id)
        .with_for_update()
    ).all()  # fmt: skip


def within(session: Session, keys: Iterable[UUID], reaches: Iterable[Reach]) -> set[UUID]:
    """Those of these cases that one of some posts has as well."""
    had = [_had(reach) for reach in reaches]
    query = select(Event.id).where(among(Event.id, keys), or_(false(), *had))
    return set(session.scalars(query))
