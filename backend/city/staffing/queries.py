"""Reads of who holds which post, of those who are being invited, and of their links."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, case, false, func, or_, select
from sqlalchemy.orm import Session

from backend.city.accounts.models import Account, Invitation, Post
from backend.city.accounts.queries import running
from backend.city.organizations.models import Organization
from backend.core import clock
from backend.core.actor import Actor, Role
from backend.core.asking import among, holds
from backend.core.rights import MAY_APPOINT, WITHOUT_AREA
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


def posts_of_names(
    session: Session, names: Iterable[str]
) -> set[tuple[str, str, str | None, UUID | None]]:
    """Name, role, area and organization of the running posts of people who are called so."""
    rows = session.execute(
        select(Account.name, Post.role, Post.area_code, Post.organization_id)
        .join(Post, Post.account_id == Account.id)
        .where(among(Account.name, names), running(), Account.disabled_at.is_(None))
    )
    return {(row.name, row.role, row.area_code, row.organization_id) for row in rows}


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


def locked_administrators(session: Session) -> Sequence[Post]:
    """The running posts that administer the whole city, locked and read afresh."""
    return session.scalars(
        select(Post)
        .where(Post.role == Role.SYS_ADMIN, func.length(Post.area_code) == CITY_DIGITS, running())
        .order_by(Post.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def who_can_sign_in(session: Session, ids: set[UUID]) -> set[UUID]:
    """Those of these people who have joined and are not disabled."""
    return set(
        session.scalars(
            select(Account.id).where(
                among(Account.id, ids), Account.disabled_at.is_(None), Account.joined
            )
        )
    )


def locked_account(session: Session, account_id: UUID) -> Account | None:
    """An account, locked: nobody gets another post between a question and its answer."""
    return session.scalar(select(Account).where(Account.id == account_id).with_for_update())


def locked_account_named(session: Session, username: str) -> Account:
    """The account with this user name, locked; the caller has made sure that there is one."""
    return session.scalars(
        select(Account).where(Account.username == username).with_for_update()
    ).one()


def locked_invitation(session: Session, secret_hash: bytes) -> Invitation | None:
    """The invitation of a secret, locked; None when it is unknown, used or too old."""
    return session.scalar(
        select(Invitation)
        .where(
            Invitation.secret_hash == secret_hash, Invitation.used_at.is_(None),
            Invitation.expires_at > clock.actual(),
        )
        .with_for_update()
    )  # fmt: skip
