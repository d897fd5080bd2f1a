"""When a post ends: what its holder was named in or was handling goes on with a successor."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.city.accounts import queries as accounts
from backend.city.accounts.models import Post
from backend.city.accounts.scopes import slices
from backend.city.areas import queries as areas
from backend.city.organizations import queries as organizations
from backend.core.actor import system
from backend.core.db import act_as
from backend.matters.events import queries
from backend.matters.events.models import Assignment
from backend.matters.events.vocabulary import OVER


def hear(session: Session, _: str, post_id: UUID, details: Mapping[str, Any]) -> None:
    """Hear ``post.ended``: the successor takes the place of the holder, person by person.

    What was assigned to an organization stays with it; what was asked of a place is asked of
    whoever holds its post now. Only where people are named one by one must somebody follow: as
    handlers inside an organization, and in open restricted cases. Of those the successor is shown
    what the post had, in whichever county, and nothing that its holder was named in otherwise.
    """
    before = UUID(details["account"])
    after = UUID(details["successor"]) if details.get("successor") else None
    post = accounts.posts_by_id(session, [post_id])[post_id]
    reach = _reach(session, post)
    left = [_reach(session, other) for other in accounts.posts_of(session, before)]
    act_as(session, system(*sorted(reach.counties)))
    # Cases before duties, as steps lock them.
    named_in = queries.naming(session, before, reach)
    stays = queries.within(session, [event.id for event in named_in], left)
    for event in named_in:
        named = set(event.named) | ({after} if after else set())
        # Nobody left behind would be a case that no one can see: then the holder stays named.
        if event.id not in stays and named != {before}:
            named.discard(before)
        event.named = sorted(named)
    session.flush()
    if post.organization_id is not None:
        _hand_over(session, post.organization_id, before, after)


def _reach(session: Session, post: Post) -> queries.Reach:
    """What a post has, or had, of the cases."""
    scope = slices(session, post)
    serves = organizations.area_of(session, post.organization_id)
    managing = areas.managing(session, serves) if serves else []
    counties = {post.home_county, *(part.county_code for part in scope), *managing}
    return queries.Reach(scope, post.organization_id, frozenset(counties))


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
