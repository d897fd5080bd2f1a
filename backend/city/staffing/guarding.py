"""Administrators over the accounts of their own area: sessions ended, accounts disabled at once."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from backend.city.accounts import audit, queries, service
from backend.city.accounts.audit import What
from backend.city.accounts.models import Account, Post, SignIn
from backend.city.staffing import queries as staff
from backend.city.staffing.placing import may_empty
from backend.city.staffing.posts import lock_administrators
from backend.core import clock
from backend.core.actor import Actor, Role
from backend.core.errors import Conflict, NotFound


def _mine(session: Session, actor: Actor, posts: Sequence[Post]) -> set[UUID]:
    """Those of these posts that the actor may empty."""
    return {
        post.id for post in posts
        if may_empty(session, actor, Role(post.role), post.area_code, post.organization_id)
    }  # fmt: skip


def _in_mine(session: Session, actor: Actor, account_id: UUID) -> set[UUID]:
    """The posts of a person that are the actor's to empty; at least one.

    Raises
    ------
    NotFound
        There are none.
    """
    mine = _mine(session, actor, queries.posts_of(session, account_id))
    if not mine:
        raise NotFound("account_not_found")
    return mine


def _whole(session: Session, actor: Actor, account_id: UUID) -> Account:
    """The account of a person all of whose posts are the actor's to empty, locked.

    Nobody gives them another post between this question and its answer.

    Raises
    ------
    NotFound
        There is no such post, or one that is not the actor's.
    """
    account = staff.locked_account(session, account_id)
    posts = queries.posts_of(session, account_id)
    if account is None or not posts or len(_mine(session, actor, posts)) < len(posts):
        raise NotFound("account_not_found")
    return account


def sessions(session: Session, actor: Actor, account_id: UUID) -> Sequence[SignIn]:
    """The sessions of a person in the posts that the actor governs, the one used last first."""
    mine = _in_mine(session, actor, account_id)
    return [row for row in service.sessions_of(session, account_id) if row.post_id in mine]


def end_sessions(session: Session, actor: Actor, account_id: UUID) -> int:
    """End every session of a person in the posts that the actor governs; how many there were."""
    mine = _in_mine(session, actor, account_id)
    ended = sum(service.end_sessions(session, account_id, post_id=post) for post in sorted(mine))
    _note(session, actor, account_id, What.SESSION_ENDED, because="administrator", sessions=ended)
    return ended


def end_session(session: Session, actor: Actor, account_id: UUID, sign_in_id: UUID) -> None:
    """End one session of a person.

    Raises
    ------
    NotFound
        No such session in a post that the actor governs.
    """
    if sign_in_id not in {row.id for row in sessions(session, actor, account_id)}:
        raise NotFound("session_not_found")
    service.end_session(session, actor, account_id, sign_in_id)


def disable(session: Session, actor: Actor, account_id: UUID, reason: str) -> None:
    """Disable an account: nobody signs in with it, and every session ends within seconds.

    Raises
    ------
    NotFound
        Not every post of the person is the actor's to empty.
    Conflict
        It is the actor's own account, or the last administrator's: two could disable each other.
    """
    account = _whole(session, actor, account_id)
    if account_id == actor.id:
        raise Conflict("disables_oneself")
    if lock_administrators(session) == {account_id}:
        raise Conflict("last_administrator")
    if account.disabled_at is None:
        account.disabled_at = clock.now()
    service.end_sessions(session, account_id)
    _note(session, actor, account_id, What.DISABLED, reason)


def enable(session: Session, actor: Actor, account_id: UUID, reason: str) -> None:
    """Let a disabled account sign in again, with the password that it had.

    Raises
    ------
    NotFound
        Not every post of the person is the actor's to empty.
    """
    _whole(session, actor, account_id).disabled_at = None
    _note(session, actor, account_id, What.ENABLED, reason)


def _note(
    session: Session, actor: Actor, account_id: UUID, what: What, reason: str = "",
    **details: object,
) -> None:  # fmt: skip
    account = session.get(Account, account_id)
    assert account is not None
    posts = queries.posts_of(session, account_id)
    mine = _mine(session, actor, posts)
    # Filed where the actor governs: the newest of the person's posts may lie elsewhere.
    post = next(post for post in posts if post.id in mine)
    audit.note(
        session, actor, what, county_code=post.home_county,
        area_code=post.area_code or post.home_county, subject_id=account_id,
        about=account.username, reason=reason, **details,
    )  # fmt: skip
