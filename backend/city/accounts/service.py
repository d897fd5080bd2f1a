"""Keeping devices signed in: (session, actor, ...) in, never commits.

The refresh secret of a device changes at every exchange. The matrix, by what is presented:

- the newest: exchanged for the next;
- an older one, replaced less than 60 s ago: the newest is handed out again, so tabs that refresh at
  once and phones whose answer was lost all end up with the same one, over any chain of exchanges;
- an older one, replaced longer ago: it was copied, and the session ends;
- anything that we did not make: refused, and ends nothing, or a stranger could sign others out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.city.accounts import audit, queries, revocation, session_queries, tokens
from backend.city.accounts.audit import What
from backend.city.accounts.models import Account, Post, SignIn
from backend.city.accounts.scopes import slices
from backend.core import clock, crypto, rate
from backend.core.actor import Actor, Role
from backend.core.errors import Forbidden, NotFound
from backend.core.settings import get_settings

GRACE = timedelta(seconds=60)


@dataclass(frozen=True)
class Issued:
    """What a device gets when it is signed in."""

    access: str
    refresh: str
    account: Account
    post: Post
    actor: Actor


def sign_in(
    session: Session, account: Account, device: str, post_id: UUID | None = None, address: str = ""
) -> Issued:
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
    queries.name_subject(session, account.id)
    now = clock.now()
    row = SignIn(
        account_id=account.id, post_id=post.id, salt=tokens.new_salt(), generation=0, replaced=[],
        device=device[:200], address=rate.coarse(address) if address else "",
        address_blind=address_blind(address) if address else None, rotated_at=now, created_at=now,
        expires_at=_expiry(now),
    )  # fmt: skip
    session.add(row)
    session.flush()
    issued = _issued(session, account, post, row)
    audit.note(
        session, issued.actor, What.SIGN_IN, subject_id=account.id, about=account.username,
        address=row.address, sign_in=str(row.id),
    )  # fmt: skip
    return issued


def _expiry(now: datetime) -> datetime:
    """When a session ends that is used now; whoever lives a past day is not signed out by today."""
    return max(now, clock.actual()) + timedelta(days=get_settings().refresh_days)


def address_blind(address: str) -> bytes:
    """By what a place of earlier use is known again."""
    return crypto.blind(address, "sign_in.address")


def _issued(session: Session, account: Account, post: Post, row: SignIn) -> Issued:
    access = tokens.issue(account, post, slices(session, post), row.id)
    claims = tokens.read(access)
    assert claims is not None
    actor = tokens.actor_of(claims, account.language)
    return Issued(access, tokens.secret_of(row.id, row.generation, row.salt), account, post, actor)


def refresh(session: Session, presented: str, address: str = "") -> Issued | None:
    """Exchange a refresh secret, by the matrix above; None when it is refused."""
    row = exchanged(session, presented)
    if row is None:
        return None
    account = session.get(Account, row.account_id)
    post = queries.running_post(session, row.post_id)
    if account is None or account.disabled_at is not None or post is None:
        return None
    if address:
        row.address, row.address_blind = rate.coarse(address), address_blind(address)
    session.flush()
    return _issued(session, account, post, row)


def exchanged(session: Session, presented: str, owner: UUID | None = None) -> SignIn | None:
    """The standing session of a secret that is in order, locked and moved on to its next secret.

    None when it is not, or not its ``owner``'s: what was copied has ended the session, which the
    caller must let commit.
    """
    known = _presented(session, presented)
    if known is None or owner not in (None, known[0].account_id):
        return None
    row, generation = known
    now = clock.now()
    if row.revoked_at is not None or row.expires_at <= now:
        return None
    if generation < row.generation and not _lately(row, generation, now):
        _end(session, [row.id], now)
        account, post = session.get(Account, row.account_id), session.get(Post, row.post_id)
        if account is not None and post is not None:
            audit.note(
                session, tokens.actor_for(account, post, (), row.id), What.SESSION_ENDED,
                subject_id=account.id, about=account.username, because="secret_copied",
            )  # fmt: skip
        return None
    if generation >= row.generation:
        # Higher than ours: the database was restored from before; only we can have made it.
        row.replaced = [at for at in (*row.replaced, row.rotated_at) if now - at < GRACE]
        row.generation, row.rotated_at = generation + 1, now
    row.expires_at = _expiry(now)
    return row


def _lately(row: SignIn, generation: int, now: datetime) -> bool:
    """Whether an older secret was replaced less than a minute ago.

    The last exchange is ``rotated_at``; those before it stand in ``replaced``, the newest last, as
    long as they matter.
    """
    back = row.generation - generation
    if back == 1:
        return now - row.rotated_at < GRACE
    earlier = row.replaced[::-1]
    return back - 2 < len(earlier) and now - earlier[back - 2] < GRACE


def _presented(session: Session, presented: str) -> tuple[SignIn, int] | None:
    """The locked session whose secret, of whichever generation, was presented; None otherwise."""
    given = tokens.split(presented)
    if given is None:
        return None
    queries.name_session(session, given.sign_in_id)
    row = session_queries.locked(session, given.sign_in_id)
    if row is None or not tokens.ours(given, row.salt):
        return None
    return row, given.generation


def sign_out(session: Session, presented: str) -> None:
    """End the session of a device; unknown secrets end nothing and are not told so."""
    known = _presented(session, presented)
    if known is None or known[0].revoked_at is not None:
        return
    row = known[0]
    _end(session, [row.id], clock.now())
    account, post = session.get(Account, row.account_id), session.get(Post, row.post_id)
    if account is not None and post is not None:
        audit.note(
            session, tokens.actor_for(account, post, (), row.id), What.SIGN_OUT,
            subject_id=account.id, about=account.username,
        )  # fmt: skip


def _end(session: Session, ids: Iterable[UUID], now: datetime) -> None:
    wanted = list(ids)
    session.execute(update(SignIn).where(SignIn.id.in_(wanted)).values(revoked_at=now))
    revocation.announce(session, wanted)


def end_sessions(
    session: Session, account_id: UUID, *, but: UUID | None = None, post_id: UUID | None = None
) -> int:
    """End every session of a person (or those of one post, or all but one); how many there were.

    Their tokens stop everywhere within a second or two (`revocation`).
    """
    queries.name_subject(session, account_id)
    ids = session_queries.not_ended(session, account_id, but=but, post_id=post_id)
    _end(session, ids, clock.now())
    return len(ids)


def end_session(session: Session, actor: Actor, account_id: UUID, sign_in_id: UUID) -> None:
    """End one session of a person, whom the caller may do this to.

    Raises
    ------
    NotFound
        They have no such session that still stands.
    """
    row = next((s for s in sessions_of(session, account_id) if s.id == sign_in_id), None)
    account = session.get(Account, account_id)
    if row is None or account is None:
        raise NotFound("session_not_found")
    _end(session, [row.id], clock.now())
    audit.note(
        session, actor, What.SESSION_ENDED, subject_id=account_id, about=account.username,
        because="ended", sign_in=str(row.id),
    )  # fmt: skip


def sessions_of(session: Session, account_id: UUID) -> Sequence[SignIn]:
    """The sessions of a person that stand, the one used last first."""
    queries.name_subject(session, account_id)
    return session_queries.standing(session, account_id)


def switch_post(session: Session, actor: Actor, post_id: UUID, presented: str) -> Issued | None:
    """Act in another of one's posts from now on, on this device; None when its secret is refused.

    Raises
    ------
    NotFound
        The person holds no such post today.
    """
    row = exchanged(session, presented, actor.id)
    if row is None:
        return None
    post = next((p for p in queries.posts_of(session, actor.id) if p.id == post_id), None)
    account = session.get(Account, actor.id)
    if post is None or account is None or account.disabled_at is not None:
        raise NotFound("no_such_post")
    row.post_id = post.id
    session.flush()
    # Tokens of the post that it left speak for nobody from now on.
    revocation.announce(session, [row.id])
    issued = _issued(session, account, post, row)
    audit.note(
        session, issued.actor, What.POST_SWITCHED, subject_id=account.id, about=account.username,
        role=Role(post.role).value,
    )  # fmt: skip
    return issued
