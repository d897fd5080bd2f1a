"""Reads of who holds which post, of those who are being invited, and of their links."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Row, case, false, func, or_, select, tuple_, union_all
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


@dataclass(frozen=True)
class Wanted:
    """Which holders are wanted."""

    role: Role | None = None
    # A part of a name, or of a user name.
    words: str = ""
    area: str | None = None
    # Those whose account is disabled, instead of the others.
    disabled: bool = False


# Posts without an area stand behind those that have one: no digit comes after this sign.
_LAST = "~"


def holders(
    session: Session, actor: Actor, wanted: Wanted, size: int, after: UUID | None = None
) -> Sequence[Holder]:
    """The running posts that the actor may fill, by role, place and name: the next ``size``.

    ``after`` is the post that the page before ended with.
    """
    off = Account.disabled_at.is_not(None) if wanted.disabled else Account.disabled_at.is_(None)
    roles = MAY_APPOINT.get(actor.role, frozenset())
    asked = roles & {wanted.role} if wanted.role else roles
    query = (
        select(Post.id, Post.role, Post.area_code, Account.name)
        .join(Account, Account.id == Post.account_id)
        .join(Organization, Organization.id == Post.organization_id, isouter=True)
        .where(Post.role.in_([r.value for r in asked]), running(), off, _governed(actor))
    )
    if wanted.words:
        query = query.where(
            or_(holds(Account.name, wanted.words), holds(Account.username, wanted.words))
        )
    if wanted.area:
        query = query.where(_inside(wanted.area))
    # Posts of an area are read from the index by area, and the few of organizations by themselves:
    # where a post counts is worked out of both, and no index could serve that.
    of_areas = query.where(Post.organization_id.is_(None), *_ranges(actor.area_code, wanted.area))
    of_bodies = query.where(Post.organization_id.is_not(None))
    if after is not None:
        last = _place_of(session, after)
        if last is None:
            return []
        of_areas = of_areas.where(
            # Said first, because an index can serve it.
            tuple_(Post.role, Post.area_code) >= tuple_(last.role, last.area),
            tuple_(Post.role, Post.area_code, Account.name, Post.id) > tuple_(*last),
        )
        of_bodies = of_bodies.where(tuple_(Post.role, _AREA, Account.name, Post.id) > tuple_(*last))
    found = union_all(
        of_areas.order_by(Post.role, Post.area_code, Account.name, Post.id).limit(size),
        of_bodies.order_by(Post.role, _AREA, Account.name, Post.id).limit(size),
    ).subquery()
    order = (found.c.role, func.coalesce(found.c.area_code, _LAST), found.c.name, found.c.id)
    rows = session.execute(
        select(Account, Post)
        .join(Post, Post.account_id == Account.id)
        .join(found, found.c.id == Post.id)
        .order_by(*order)
        .limit(size)
    )
    return [Holder(account, post) for account, post in rows]


_AREA = func.coalesce(Post.area_code, _LAST)


def _place_of(session: Session, post_id: UUID) -> Row[str, str, str, UUID] | None:
    """Where a post stands in the list; its holder may have left it since."""
    return session.execute(
        select(Post.role, _AREA.label("area"), Account.name, Post.id)
        .join(Account, Account.id == Post.account_id)
        .where(Post.id == post_id)
    ).one_or_none()


# Where a post counts: by its own area, a clerk's by the organization's.
_PLACE = func.coalesce(
    case((Post.role.in_(sorted(WITHOUT_AREA)), Organization.area_code), else_=Post.area_code),
    Organization.area_code, Post.area_code,
)  # fmt: skip


def _inside(area: str) -> ColumnElement[bool]:
    """Posts that count in an area; of a county those that it manages, whatever their digits."""
    if codes.level_of(area) is codes.Level.COUNTY:
        return Post.home_county == area
    return (area <= _PLACE) & (codes.upper(area) > _PLACE)


def _ranges(*areas: str | None) -> list[ColumnElement[bool]]:
    """The same of posts of an area alone, for the index; a county's are no range of codes."""
    return [
        (Post.area_code >= area) & (Post.area_code < codes.upper(area))
        for area in areas
        if area and codes.level_of(area) is not codes.Level.COUNTY
    ]


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


def _governed(actor: Actor) -> ColumnElement[bool]:
    """Posts of the area that the actor governs. The same as `placing.may_empty`, for lists."""
    if not actor.area_code:
        return false()
    inside = _inside(actor.area_code)
    if codes.level_of(actor.area_code) in (codes.Level.CITY, codes.Level.COUNTY):
        return inside
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
