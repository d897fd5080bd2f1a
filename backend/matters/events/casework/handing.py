"""When a post ends: what its holder was named in or was handling goes on with a successor."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.city.accounts import queries as accounts
from backend.core.actor import system
from backend.core.db import act_as
from backend.matters.events import queries
from backend.matters.events.models import Assignment
from backend.matters.events.vocabulary import OVER


def hear(session: Session, county_code: str, post_id: UUID, details: Mapping[str, Any]) -> None:
    """Hear ``post.ended``: the successor takes the place of the holder, person by person.

    What was assigned to an organization stays with it; what was asked of a place is asked of
    whoever holds its post now. Only where people are named one by one must somebody follow: as
    handlers inside an organization, and in open restricted cases.
    """
    before = UUID(details["account"])
    after = UUID(details["successor"]) if details.get("successor") else None
    act_as(session, system(county_code))
    if details.get("organization"):
        _hand_over(session, UUID(details["organization"]), before, after)
    # Of a post that has an area: only what lies there, not what its holder was named in elsewhere
    # for another post of theirs.
    named_in = queries.naming(session, county_code, before, details.get("area"))
    for event in named_in:
        others = {one for one in event.named if one != before}
        # Nobody left behind would be a case that no one can see: then the holder stays named.
        if after is not None or others:
            event.named = sorted(others | ({after} if after else set()))


def _hand_over(session: Session, organization: UUID, before: UUID, after: UUID | None) -> None:
    """The handler's open work: to the successor of the same house, or to everybody of it again."""
    if after is not None and after not in accounts.members(session, organization):
        after = None
    session.execute(
        update(Assignment)
        .where(
            Assignment.organization_id == organization, Assignment.handler_id == before,
            Assignment.status.not_in(OVER),
        )
        .values(handler_id=after)
    )  # fmt: skip
