"""The audit list over HTTP: read within one's own place, filtered, page by page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from backend.city.accounts import queries
from backend.city.accounts.audit import RESTRICTED, What
from backend.city.accounts.models import AuditEntry
from backend.city.areas import queries as areas
from backend.core.actor import Actor, Role
from backend.core.inputs import Day, Short
from backend.core.paging import Cursor, Page, Size, page_of
from backend.core.permissions import ActorDep, allow
from backend.core.session import SessionDep

router = APIRouter(prefix="/audit", tags=["audit"])


class AuditLine(BaseModel):
    """Something that somebody did and must answer for."""

    id: UUID
    at: datetime
    what: What
    # Who did it, in which post, on the day; empty for somebody who was not signed in.
    account_id: UUID
    name: str
    role: Role
    place: str
    about: str
    subject_id: UUID | None
    reason: str
    details: dict[str, Any]


@router.get(
    "/entries", dependencies=[allow(Role.AUDITOR, Role.CITY_DISPATCHER, Role.COUNTY_DISPATCHER)]
)
def list_entries(
    actor: ActorDep,
    session: SessionDep,
    what: Annotated[list[What] | None, Query(max_length=40)] = None,
    who: Annotated[Short, Query()] = "",
    account: UUID | None = None,
    since: Annotated[Day | None, Query()] = None,
    until: Annotated[Day | None, Query()] = None,
    after: Cursor = None,
    size: Size = 50,
) -> Page[AuditLine]:
    """List what was done in the caller's area, the newest first. Both days count."""
    wanted = queries.Entries(tuple(what or ()), who, account, since, until)
    rows = session.scalars(queries.entries(actor, wanted, after, size)).all()
    named = areas.named(session, {row.area_code for row in rows})
    shown = [_line(row, named, told=_is_told(actor, row)) for row in rows]
    return page_of(shown, [row.id for row in rows], size)


def _is_told(actor: Actor, row: AuditEntry) -> bool:
    """Whether somebody reads what an entry is about."""
    return RESTRICTED not in row.details or actor.role is Role.AUDITOR or row.account_id == actor.id


def _line(row: AuditEntry, named: Mapping[str, areas.Named], *, told: bool) -> AuditLine:
    place = named[row.area_code].name if told and row.area_code in named else ""
    return AuditLine(
        id=row.id, at=row.at, what=What(row.what), account_id=row.account_id, name=row.name,
        role=Role(row.role), place=place, about=row.about if told else "",
        subject_id=row.subject_id if told else None, reason=row.reason if told else "",
        details=row.details,
    )  # fmt: skip
