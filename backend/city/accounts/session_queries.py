"""Reads of sessions: who signs in, which session a secret belongs to, which of a person's stand.

Rows are seen by their own person and by a transaction that has named whose sessions it is about
(`queries.name_subject`); what is asked before anybody is known asks a function of the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Boolean, String, Uuid, column, func, select
from sqlalchemy.orm import Session

from backend.city.accounts.models import SignIn
from backend.core import clock, day


@dataclass(frozen=True)
class Candidate:
    """What there is under a user name; nothing of it for a name that nobody has."""

    account_id: UUID | None
    # None as well for whom is disabled or has not joined.
    password_hash: str | None
    known_address: bool


def who_signs_in(session: Session, username: str, address_blind: bytes) -> Candidate:
    """Whom a name means, what the password is checked against, and whether the place is known."""
    found = func.who_signs_in(username, address_blind).table_valued(
        column("account_id", Uuid), column("password_hash", String),
        column("known_address", Boolean),
    )  # fmt: skip
    row = session.execute(select(found)).one_or_none()
    return Candidate(*row) if row else Candidate(None, None, False)


def stands(session: Session, sign_in_id: UUID, post_id: UUID) -> bool:
    """Whether a session stands now in a post, its account is open, and the post is held today.

    One statement, whoever asks: a token is checked before anybody is known.
    """
    answer = func.session_stands(sign_in_id, post_id, clock.actual(), day.today())
    return bool(session.scalar(select(answer)))


def locked(session: Session, sign_in_id: UUID) -> SignIn | None:
    """One session, locked and read afresh."""
    return session.scalar(
        select(SignIn)
        .where(SignIn.id == sign_in_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def not_ended(
    session: Session, account_id: UUID, *, but: UUID | None = None, post_id: UUID | None = None
) -> Sequence[UUID]:
    """The sessions of a person that nobody has ended, locked; of one post, or all but one."""
    wanted = select(SignIn.id).where(SignIn.account_id == account_id, SignIn.revoked_at.is_(None))
    if but is not None:
        wanted = wanted.where(SignIn.id != but)
    if post_id is not None:
        wanted = wanted.where(SignIn.post_id == post_id)
    return session.scalars(wanted.with_for_update()).all()


def standing(session: Session, account_id: UUID) -> Sequence[SignIn]:
    """The sessions of a person that stand, the one used last first."""
    return session.scalars(
        select(SignIn)
        .where(
            SignIn.account_id == account_id, SignIn.revoked_at.is_(None),
            SignIn.expires_at > clock.now(),
        )
        .order_by(SignIn.rotated_at.desc())
    ).all()  # fmt: skip
