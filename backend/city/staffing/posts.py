"""Who holds which post in one's own area; ending a post, with its open work handed over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.city.accounts import service
from backend.city.accounts.models import Account, Post
from backend.city.accounts.queries import running, today
from backend.city.organizations.models import Organization
from backend.city.staffing.appointing import MAY_APPOINT, Wanted, may_fill
from backend.core import outbox
from backend.core.actor import Actor, Role
from backend.core.errors import BadInput, NotFound


@dataclass(frozen=True)
class Holder:
    """A person in a post."""

    account: Account
    post: Post


def holders(
    session: Session, actor: Actor, role: Role | None = None, words: str = "", limit: int = 200
) -> Sequence[Holder]:
    """The running posts that the actor may fill, by role and place."""
    roles = MAY_APPOINT.get(actor.role, frozenset())
    wanted = roles & {role} if role else roles
    inside = or_(
        *(
            (Post.area_code >= s.lo) & (Post.area_code < s.hi) & (Post.home_county == s.county_code)
            for s in actor.scope
        ),
        *(
            Post.organization_id.in_(
                select(Organization.id).where(
                    Organization.area_code >= s.lo, Organization.area_code < s.hi
                )
            )
            for s in actor.scope
        ),
    )
    query = (
        select(Account, Post)
        .join(Post, Post.account_id == Account.id)
        .where(Post.role.in_([r.value for r in wanted]), running(), Account.disabled_at.is_(None))
        .where(inside)
    )
    if words:
        query = query.where(or_(Account.name.contains(words), Account.username.contains(words)))
    rows = session.execute(query.order_by(Post.role, Post.area_code, Account.name).limit(limit))
    return [Holder(account, post) for account, post in rows]


def end(session: Session, actor: Actor, post_id: UUID, successor: UUID | None = None) -> Post:
    """End a post now: its sessions stop, and what its holder was named in goes to a successor.

    Raises
    ------
    NotFound
        No such running post that the actor may fill.
    BadInput
        The successor holds no post.
    """
    post = session.scalar(select(Post).where(Post.id == post_id, running()).with_for_update())
    wanted = Wanted("", "", Role(post.role), post.area_code, post.organization_id) if post else None
    if post is None or wanted is None or not may_fill(session, actor, wanted):
        raise NotFound("post_not_found")
    if successor is not None and not session.scalar(
        select(Post.id).where(Post.account_id == successor, running()).limit(1)
    ):
        raise BadInput("successor_without_post")
    # A post is held up to and including its last day: ended now means that yesterday was the last.
    post.valid_to = today() - timedelta(days=1)
    service.end_sessions(session, post.account_id, post_id=post.id)
    outbox.leave(
        session, post.home_county, "post.ended", post.id, account=str(post.account_id),
        organization=str(post.organization_id) if post.organization_id else None,
        successor=str(successor) if successor else None,
    )  # fmt: skip
    return post
