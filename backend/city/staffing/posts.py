"""Ending a post, with its open work handed over."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from backend.city.accounts import audit, service
from backend.city.accounts import queries as accounts
from backend.city.accounts.models import Account, Post
from backend.city.staffing import queries
from backend.city.staffing.placing import may_empty
from backend.core import day, outbox
from backend.core.actor import Actor, Role
from backend.core.errors import BadInput, Conflict, NotFound
from backend.core.rights import city_wide


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
        The successor holds no post that the actor may fill, or is the actor.
    Conflict
        It is the last administrator's, or the actor's own and that was not said.
    """
    administrators = lock_administrators(session)
    post = accounts.running_post(session, post_id, lock=True)
    if post is None or not may_empty(
        session, actor, Role(post.role), post.area_code, post.organization_id
    ):
        raise NotFound("post_not_found")
    if administrators == {post.account_id} and _administers(post):
        raise Conflict("last_administrator")
    if post.account_id == actor.id and not own:
        raise Conflict("ends_own_post")
    if successor is not None and not _may_follow(session, actor, successor):
        raise BadInput("successor_without_post")
    # A post is held up to and including its last day: ended now means that yesterday was the last.
    post.valid_to = day.today() - timedelta(days=1)
    service.end_sessions(session, post.account_id, post_id=post.id)
    _note(session, actor, post, successor)
    outbox.leave(
        session, post.home_county, "post.ended", post.id, account=str(post.account_id),
        successor=str(successor) if successor else None,
    )  # fmt: skip
    return post


def _may_follow(session: Session, actor: Actor, account_id: UUID) -> bool:
    """Whether somebody is the actor's to appoint: who follows is shown restricted cases.

    Otherwise whoever ends a post could name themselves, or anybody in the city, and read on.
    """
    return account_id != actor.id and any(
        may_empty(session, actor, Role(post.role), post.area_code, post.organization_id)
        for post in accounts.posts_of(session, account_id)
    )


def _administers(post: Post) -> bool:
    return post.role == Role.SYS_ADMIN and city_wide(post.area_code)


def lock_administrators(session: Session) -> set[UUID]:
    """Who administers the whole city and has joined; held, so that two cannot end each other."""
    rows = queries.locked_administrators(session)
    return queries.who_can_sign_in(session, {post.account_id for post in rows})


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
