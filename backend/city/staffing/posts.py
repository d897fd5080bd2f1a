"""Who holds which post in one's own area; ending a post, with its open work handed over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, case, false, func, or_, select
from sqlalchemy.orm import Session

from backend.city.accounts import audit, service
from backend.city.accounts.models import Account, Post
from backend.city.accounts.queries import running
from backend.city.organizations.models import Organization
from backend.city.staffing.placing import may_empty
from backend.core import day, outbox
from backend.core.actor import Actor, Role
from backend.core.asking import among, holds
from backend.core.errors import BadInput, Conflict, NotFound
from backend.core.rights import MAY_APPOINT, WITHOUT_AREA, city_wide
from gis import codes

CITY_DIGITS = codes.LENGTH[codes.Level.CITY]


@dataclass(frozen=True)
class Holder:
    """A person in a post."""

    account: Account
    post: Post


def holders(
    session: Session, actor: Actor, role: Role | None = None, words: str = "", limit: int = 200,
    *, disabled: bool = False,
) -> Sequence[Holder]:  # fmt: skip
    """The running posts that the actor may fill, by role and place; or those of disabled people."""
    off = Account.disabled_at.is_not(None) if disabled else Account.disabled_at.is_(None)
    roles = MAY_APPOINT.get(actor.role, frozenset())
    wanted = roles & {role} if role else roles
    query = (
        select(Account, Post)
        .join(Post, Post.account_id == Account.id)
        .join(Organization, Organization.id == Post.organization_id, isouter=True)
        .where(Post.role.in_([r.value for r in wanted]), running(), off)
        .where(_governed(actor))
        .order_by(Post.role, Post.area_code, Account.name)
        .limit(limit)
    )
    if words:
        query = query.where(or_(holds(Account.name, words), holds(Account.username, words)))
    # Posts of an area are read from the index by area, and the few of organizations by themselves:
    # where a post counts is worked out of both, and no index could serve that.
    of_bodies = query.where(Post.organization_id.is_not(None))
    of_areas = query.where(Post.organization_id.is_(None))
    if actor.area_code and codes.level_of(actor.area_code) is not codes.Level.COUNTY:
        inside = (actor.area_code, codes.upper(actor.area_code))
        of_areas = of_areas.where(Post.area_code >= inside[0], Post.area_code < inside[1])
    found = [
        Holder(account, post)
        for part in (of_areas, of_bodies)
        for account, post in session.execute(part)
    ]
    return sorted(found, key=_by_place)[:limit]


def _by_place(holder: Holder) -> tuple[str, bool, str, str]:
    post = holder.post
    return post.role, post.area_code is None, post.area_code or "", holder.account.name


def _governed(actor: Actor) -> ColumnElement[bool]:
    """Posts of the area that the actor governs: by their own area, clerks by their organization's.

    The same as `placing.may_empty`, for lists.
    """
    place = func.coalesce(
        case((Post.role.in_(sorted(WITHOUT_AREA)), Organization.area_code), else_=Post.area_code),
        Organization.area_code, Post.area_code,
    )  # fmt: skip
    if not actor.area_code:
        return false()
    inside = (place >= actor.area_code) & (place < codes.upper(actor.area_code))
    level = codes.level_of(actor.area_code)
    if level is codes.Level.CITY:
        return inside
    if level is codes.Level.COUNTY:
        return Post.home_county == actor.area_code
    return inside & (Post.home_county == actor.home_county)


def end(
    session: Session, actor: Actor, post_id: UUID, successor: UUID | None = None, *,
    own: bool = False,
) -> Post:  # fmt: skip
    """End a post now: its sessions stop, and what its holder was named in goes to a successor.

    Ending a post of one's own shuts oneself out, so it is asked for by ``own``.

    Raises
    ------
    NotFound
        No such running post that the actor may fill.
    BadInput
        The successor holds no post.
    Conflict
        It is the last administrator's, or the actor's own and that was not said.
    """
    administrators = lock_administrators(session)
    post = session.scalar(
        select(Post)
        .where(Post.id == post_id, running())
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if post is None or not may_empty(
        session, actor, Role(post.role), post.area_code, post.organization_id
    ):
        raise NotFound("post_not_found")
    if administrators == {post.account_id} and _administers(post):
        raise Conflict("last_administrator")
    if post.account_id == actor.id and not own:
        raise Conflict("ends_own_post")
    if successor is not None and not session.scalar(
        select(Post.id).where(Post.account_id == successor, running()).limit(1)
    ):
        raise BadInput("successor_without_post")
    # A post is held up to and including its last day: ended now means that yesterday was the last.
    post.valid_to = day.today() - timedelta(days=1)
    service.end_sessions(session, post.account_id, post_id=post.id)
    _note(session, actor, post, successor)
    outbox.leave(
        session, post.home_county, "post.ended", post.id, account=str(post.account_id),
        organization=str(post.organization_id) if post.organization_id else None,
        successor=str(successor) if successor else None,
    )  # fmt: skip
    return post


def _administers(post: Post) -> bool:
    return post.role == Role.SYS_ADMIN and city_wide(post.area_code)


def lock_administrators(session: Session) -> set[UUID]:
    """Who administers the whole city and has joined; held, so that two cannot end each other."""
    rows = session.scalars(
        select(Post)
        .where(Post.role == Role.SYS_ADMIN, func.length(Post.area_code) == CITY_DIGITS, running())
        .order_by(Post.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    joined = session.scalars(
        select(Account.id).where(
            among(Account.id, {post.account_id for post in rows}), Account.disabled_at.is_(None),
            Account.joined,
        )
    )  # fmt: skip
    return set(joined)


def _note(session: Session, actor: Actor, post: Post, successor: UUID | None) -> None:
    account = session.get(Account, post.account_id)
    assert account is not None
    audit.note(
        session, actor, audit.What.POST_ENDED, subject_id=post.account_id, about=account.username,
        county_code=post.home_county, area_code=post.area_code or post.home_county,
        post=post.role, area=post.area_code, own=post.account_id == actor.id,
        organization=str(post.organization_id) if post.organization_id else None,
        successor=str(successor) if successor else None,
    )  # fmt: skip
