"""Signing in and out, and keeping devices signed in."""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from pwdlib import PasswordHash
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.city.accounts import queries, tokens
from backend.city.accounts.models import Account, Post, SignIn
from backend.city.accounts.scopes import slices
from backend.core import crypto
from backend.core.actor import Actor
from backend.core.errors import Forbidden, NotFound, NotSignedIn, TooMany
from backend.core.settings import get_settings

hasher = PasswordHash.recommended()
# Verified against when there is no such account, so that the answer takes as long.
_NOBODY = hasher.hash("nobody has this password")

FREE_FAILURES = 5
FIRST_LOCK_S = 30
LONGEST_LOCK_S = 3600
GRACE = timedelta(seconds=60)


@dataclass(frozen=True)
class Issued:
    """What a device gets when it is signed in."""

    access: str
    refresh: str
    account: Account
    post: Post


def verify(session: Session, username: str, password: str) -> Account | None:
    """The account, when the password is right; failures are counted and lock with back-off.

    Raises
    ------
    TooMany
        The account is locked for now: 30 s after five failures, doubled at each further one, at
        most an hour, so that nobody can be locked out for good by a stranger.
    """
    account = session.scalar(
        select(Account)
        .where(Account.username == username)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    now = datetime.now(UTC)
    if account is not None and account.locked_until is not None and account.locked_until > now:
        raise TooMany("locked", seconds=int((account.locked_until - now).total_seconds()) + 1)
    right = hasher.verify(password, (account and account.password_hash) or _NOBODY)
    if account is None or account.password_hash is None or account.disabled_at is not None:
        return None
    if not right:
        account.failures += 1
        if account.failures >= FREE_FAILURES:
            lock_s = min(FIRST_LOCK_S * 2 ** (account.failures - FREE_FAILURES), LONGEST_LOCK_S)
            account.locked_until = now + timedelta(seconds=lock_s)
        return None
    account.failures, account.locked_until = 0, None
    return account


def sign_in(session: Session, account: Account, device: str, post_id: UUID | None = None) -> Issued:
    """Sign a device in, in the wanted post or the newest one.

    Raises
    ------
    Forbidden
        The person holds no post today, or not that one.
    """
    posts = queries.posts_of(session, account.id)
    post = next((p for p in posts if post_id in (None, p.id)), None)
    if post is None:
        raise Forbidden("no_post")
    secret = tokens.new_secret()
    row = SignIn(
        account_id=account.id, post_id=post.id, refresh_hash=tokens.secret_hash(secret),
        device=device[:200],
        expires_at=datetime.now(UTC) + timedelta(days=get_settings().refresh_days),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return _issued(session, account, post, row.id, secret)


def _issued(
    session: Session, account: Account, post: Post, sign_in_id: UUID, secret: str
) -> Issued:
    access = tokens.issue(account, post, slices(session, post), sign_in_id)
    return Issued(access, f"{sign_in_id}.{secret}", account, post)


def refresh(session: Session, presented: str) -> Issued | None:
    """Exchange a refresh secret for a new one; None when it is refused.

    An old secret that comes back within a minute belongs to a phone whose answer was lost, and is
    served again. One that comes back later was copied: the whole session ends.
    """
    row = _presented(session, presented)
    if row is None:
        return None
    now = datetime.now(UTC)
    given = tokens.secret_hash(presented.partition(".")[2])
    if row.revoked_at is not None or row.expires_at < now:
        return None
    if not hmac.compare_digest(given, row.refresh_hash):
        lost_answer = (
            row.previous_hash is not None
            and hmac.compare_digest(given, row.previous_hash)
            and now - row.rotated_at < GRACE
        )
        if not lost_answer:
            row.revoked_at = now
            tokens.forget(row.id)
            return None
    account = session.get(Account, row.account_id)
    post = session.scalar(select(Post).where(Post.id == row.post_id, queries.running()))
    if account is None or account.disabled_at is not None or post is None:
        return None
    secret = tokens.new_secret()
    row.previous_hash, row.refresh_hash = given, tokens.secret_hash(secret)
    row.rotated_at = now
    row.expires_at = now + timedelta(days=get_settings().refresh_days)
    return _issued(session, account, post, row.id, secret)


def _presented(session: Session, presented: str) -> SignIn | None:
    try:
        sign_in_id = UUID(presented.partition(".")[0])
    except ValueError:
        return None
    return session.scalar(
        select(SignIn)
        .where(SignIn.id == sign_in_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def sign_out(session: Session, presented: str) -> None:
    """End the session of a device; unknown secrets end nothing and are not told so."""
    row = _presented(session, presented)
    given = tokens.secret_hash(presented.partition(".")[2])
    if row is not None and given in (row.refresh_hash, row.previous_hash):
        row.revoked_at = datetime.now(UTC)
        tokens.forget(row.id)


def end_sessions(session: Session, account_id: UUID) -> None:
    """End every session of a person; their tokens stop within `ONEMAP_REVOCATION_S` seconds."""
    ended = session.scalars(
        update(SignIn)
        .where(SignIn.account_id == account_id, SignIn.revoked_at.is_(None))
        .values(revoked_at=datetime.now(UTC))
        .returning(SignIn.id)
    )
    for sign_in_id in ended:
        tokens.forget(sign_in_id)


def switch_post(session: Session, actor: Actor, post_id: UUID, presented: str) -> Issued:
    """Act in another of one's posts from now on, on this device.

    Raises
    ------
    NotSignedIn
        The device's refresh secret is not in order.
    NotFound
        The person holds no such post today.
    """
    row = _presented(session, presented)
    if row is None or row.account_id != actor.id or row.revoked_at is not None:
        raise NotSignedIn("not_signed_in")
    post = next((p for p in queries.posts_of(session, actor.id) if p.id == post_id), None)
    account = session.get(Account, actor.id)
    if post is None or account is None:
        raise NotFound("no_such_post")
    row.post_id = post.id
    secret = tokens.new_secret()
    row.previous_hash, row.refresh_hash = None, tokens.secret_hash(secret)
    row.rotated_at = datetime.now(UTC)
    return _issued(session, account, post, row.id, secret)


def set_mail(session: Session, actor: Actor, mail: str) -> None:
    """Keep the address that notices go to; an empty one takes it away."""
    account = session.get(Account, actor.id)
    assert account is not None
    account.mail_sealed = crypto.seal(mail, f"account.mail/{account.id}") if mail else None


def masked_mail(session: Session, actor: Actor) -> str:
    """The caller's own address as a screen may show it: ``l***@example.org``; empty when none."""
    account = session.get(Account, actor.id)
    if account is None or account.mail_sealed is None:
        return ""
    name, _, host = crypto.unseal(account.mail_sealed, f"account.mail/{account.id}").partition("@")
    return f"{name[:1]}***@{host}"
