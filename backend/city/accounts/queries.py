"""Reads of accounts and posts."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from backend.city.accounts.models import Account, Post
from backend.core.actor import Role
from gis import codes


def today() -> date:
    """The day by which appointments count: the server's own."""
    return date.today()  # noqa: DTZ011


def running(day: date | None = None) -> ColumnElement[bool]:
    """Posts that are held on a day (today when not said)."""
    on = day or today()
    return (Post.valid_from <= on) & or_(Post.valid_to.is_(None), Post.valid_to >= on)


def names(session: Session, ids: Iterable[UUID]) -> dict[UUID, str]:
    """People's names by id, in one query."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = session.execute(select(Account.id, Account.name).where(Account.id.in_(wanted)))
    return {row.id: row.name for row in rows}


LEADERS = {
    codes.Level.UNIT: Role.UNIT_HEAD,
    codes.Level.GRID: Role.GRID_WORKER,
    codes.Level.VILLAGE: Role.VILLAGE_SECRETARY,
}


def leaders_of(session: Session, chain: Sequence[str]) -> list[str]:
    """Who is responsible for a place: the unit's head, the grid's worker, the secretary."""
    wanted = {c: LEADERS[codes.level_of(c)] for c in chain if codes.level_of(c) in LEADERS}
    rows = session.execute(
        select(Account.name, Post.area_code, Post.role)
        .join(Account, Account.id == Post.account_id)
        .where(Post.area_code.in_(wanted), running(), Account.disabled_at.is_(None))
    )
    found = [(row.area_code, row.name) for row in rows if wanted[row.area_code] == row.role]
    return [name for _, name in sorted(found, key=lambda pair: -len(pair[0]))]


def posts_of(session: Session, account_id: UUID) -> Sequence[Post]:
    """The posts that a person holds today, the newest first."""
    return session.scalars(
        select(Post).where(Post.account_id == account_id, running()).order_by(Post.id.desc())
    ).all()


def holders(session: Session, chain: Sequence[str], roles: Iterable[Role]) -> frozenset[UUID]:
    """Who holds one of these roles today, in one of these areas."""
    return frozenset(
        session.scalars(
            select(Post.account_id)
            .join(Account, Account.id == Post.account_id)
            .where(
                Post.area_code.in_(chain), Post.role.in_(list(roles)), running(),
                Account.disabled_at.is_(None),
            )
        )
    )  # fmt: skip


def members(session: Session, organization_id: UUID) -> frozenset[UUID]:
    """Who holds a post in an organization today."""
    return frozenset(
        session.scalars(
            select(Post.account_id)
            .join(Account, Account.id == Post.account_id)
            .where(
                Post.organization_id == organization_id, running(), Account.disabled_at.is_(None)
            )
        )
    )
