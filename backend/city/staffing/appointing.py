"""Putting people into posts, and inviting them by a link."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.city.accounts import audit, keeping, passwords, queries, tokens
from backend.city.accounts.audit import What
from backend.city.accounts.models import Account, Invitation, Post
from backend.city.accounts.service import end_sessions
from backend.city.areas import queries as areas
from backend.city.organizations import queries as organizations
from backend.city.staffing import queries as staff
from backend.city.staffing.placing import Wanted, home_of, may_empty
from backend.core import clock, ids
from backend.core.actor import Actor, Role, proven
from backend.core.db import act_as
from backend.core.errors import Conflict, Forbidden, NotFound
from backend.core.rights import stand_apart
from backend.tools.notices import writing
from backend.tools.notices.models import Kind

INVITATION_DAYS = 7


@dataclass(frozen=True)
class Appointed:
    """A person in a new post; with a secret when they were new and must choose a password."""

    account: Account
    post_id: UUID
    secret: str | None


def appoint(session: Session, actor: Actor, wanted: Wanted) -> Appointed:
    """Put somebody into a post: a new person by invitation, somebody known by their user name.

    Who is known keeps their account as it is: nobody is given a link that opens it, the new post
    stands beside their others, and a notice tells them.

    Raises
    ------
    Forbidden
        The actor may not appoint this role, or not there; or the person is the actor.
    BadInput
        The role belongs to another level of area, or the place is unknown.
    Conflict
        The user name is somebody else's, the post is theirs already, or it stands apart from
        another that they hold.
    """
    home = home_of(session, actor, wanted)
    # The first of two that come at once makes the account; the second finds it.
    made = session.scalar(
        insert(Account)
        .values(id=ids.new_id(), username=wanted.username, name=wanted.name)
        .on_conflict_do_nothing(index_elements=["username"])
        .returning(Account.id)
    )
    account = staff.locked_account_named(session, wanted.username)
    if made is None:
        may_hold(session, actor, account, wanted)
    post = Post(
        account_id=account.id, role=wanted.role, area_code=wanted.area_code,
        organization_id=wanted.organization_id, home_county=home,
    )  # fmt: skip
    session.add(post)
    session.flush()
    if made is not None and wanted.phone:
        keeping.keep_phone(session, account.id, wanted.phone)
    audit.note(
        session, actor, What.INVITED if made else What.APPOINTED, subject_id=account.id,
        about=account.username, post=wanted.role.value, area=wanted.area_code,
        organization=str(wanted.organization_id) if wanted.organization_id else None,
        **_where(session, wanted),
    )  # fmt: skip
    if made is not None:
        return Appointed(account, post.id, invite(session, actor, account))
    _close_links(session, account, besides=actor.id)
    words = {"role": f"role.{wanted.role}", "place": _place(session, wanted), "by": actor.name}
    told = writing.Told(account.id, "told.appointed", Kind.MINE, words=words)
    writing.write(session, home, post.id, actor.id, [told])
    return Appointed(account, post.id, None)


def _where(session: Session, wanted: Wanted) -> dict[str, str]:
    """The place that the audit list files the entry under."""
    body = organizations.area_of(session, wanted.organization_id)
    code = wanted.area_code or body
    county = areas.home_of(session, code) if code else None
    return {"county_code": county, "area_code": code} if county and code else {}


def _place(session: Session, wanted: Wanted) -> str:
    if wanted.organization_id is not None:
        known = organizations.names(session, [wanted.organization_id])
        return known.get(wanted.organization_id, "")
    code = wanted.area_code or ""
    found = areas.named(session, [code]).get(code)
    return found.name if found else code


def may_hold(session: Session, actor: Actor, account: Account, wanted: Wanted) -> None:
    """Refuse a post to somebody known who is not meant, or may not hold it beside theirs.

    Raises
    ------
    Forbidden
        The person is the actor.
    Conflict
        The name is another, the post is theirs already, or it stands apart from one they hold.
    """
    if account.id == actor.id:
        raise Forbidden("appoint_self")
    if account.disabled_at is not None or account.name != wanted.name.strip():
        raise Conflict("username_taken", username=wanted.username)
    held = queries.posts_of(session, account.id)
    place = (wanted.role, wanted.area_code, wanted.organization_id)
    if place in {(post.role, post.area_code, post.organization_id) for post in held}:
        raise Conflict("post_held_already", name=account.name)
    for post in held:
        if stand_apart(Role(post.role), wanted.role):
            raise Conflict(
                "post_stands_apart", role=f"role.{wanted.role}", other=f"role.{post.role}"
            )


def _close_links(session: Session, account: Account, besides: UUID | None = None) -> None:
    """Open links stop working; with ``besides``, all but those of one inviter.

    A link opens the whole account: whoever made it may not govern a post that came after it.
    """
    query = update(Invitation).where(
        Invitation.account_id == account.id, Invitation.used_at.is_(None)
    )
    if besides is not None:
        query = query.where(Invitation.made_by != besides)
    session.execute(query.values(used_at=clock.now()))


def invite(session: Session, actor: Actor, account: Account) -> str:
    """A secret that sets a password once within a week; earlier ones stop working."""
    _close_links(session, account)
    secret = tokens.new_secret()
    session.add(
        Invitation(
            account_id=account.id, secret_hash=tokens.secret_hash(secret), made_by=actor.id,
            expires_at=clock.now() + timedelta(days=INVITATION_DAYS),
        )
    )  # fmt: skip
    session.flush()
    return secret


def invite_again(session: Session, actor: Actor, account_id: UUID) -> str:
    """A new link for somebody who lost theirs, or forgot the password.

    The link opens the whole account, so whoever gets it must govern every post of the account; and
    an account that has a password is opened anew by an administrator alone.

    Raises
    ------
    NotFound
        No such person holds a post that the actor may fill.
    Forbidden
        The person holds posts elsewhere as well, has a password, or is the actor.
    """
    # Locked, so that nobody gets another post between the question and the answer.
    account = staff.locked_account(session, account_id)
    posts = queries.posts_of(session, account_id) if account else ()
    mine = [
        post
        for post in posts
        if may_empty(session, actor, Role(post.role), post.area_code, post.organization_id)
    ]
    if account is None or not mine or account.disabled_at is not None:
        raise NotFound("account_not_found")
    if account.id == actor.id:
        raise Forbidden("invite_self")
    if len(mine) < len(posts):
        raise Forbidden("account_holds_others")
    if account.joined and actor.role is not Role.SYS_ADMIN:
        raise Forbidden("account_has_password")
    first = mine[0]
    audit.note(
        session, actor, What.INVITED_AGAIN, subject_id=account.id, about=account.username,
        county_code=first.home_county, area_code=first.area_code or first.home_county,
        had_password=account.joined,
    )  # fmt: skip
    return invite(session, actor, account)


def accept(session: Session, secret: str, password: str) -> Account:
    """Set a password with an invitation; every older session of the person ends.

    Raises
    ------
    NotFound
        The invitation is unknown, used or too old.
    BadInput
        The password is too short, too long, or easily guessed.
    """
    row = staff.locked_invitation(session, tokens.secret_hash(secret))
    if row is not None:
        queries.name_subject(session, row.account_id)
    account = session.get(Account, row.account_id) if row else None
    if row is None or account is None or account.disabled_at is not None:
        raise NotFound("invitation_over")
    passwords.check_new(password, queries.words_of(session, account))
    # Whoever holds the secret is the person from here on.
    act_as(session, proven(account.id))
    keeping.keep_password(session, account, passwords.hashed(password))
    row.used_at = clock.actual()
    end_sessions(session, account.id)
    return account
