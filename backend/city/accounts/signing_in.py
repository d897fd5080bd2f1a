"""Checking a password: slowed down, hashed apart, and the same for who exists and who does not.

Whatever is wrong (the name, the password, an account that is disabled or was never joined) takes
the same steps, the same time, and gets the same answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import anyio.to_thread
from sqlalchemy.orm import Session

from backend.city.accounts import (
    audit,
    keeping,
    passwords,
    queries,
    service,
    session_queries,
    slowing,
)
from backend.city.accounts.audit import What
from backend.city.accounts.models import Account
from backend.city.accounts.session_queries import Candidate
from backend.core import rate
from backend.core.actor import NOBODY_ID, Actor, anonymous, proven
from backend.core.db import unit_of_work
from backend.core.errors import Forbidden, NotSignedIn, TooMany

Shown = TypeVar("Shown")


@dataclass(frozen=True)
class Try:
    """Who wants to sign in, as it was sent."""

    username: str
    password: str
    device: str
    address: str
    # What the browser kept from an earlier time (`slowing.mark_of`); empty when nothing.
    mark: str = ""


def _find(wanted: Try) -> Candidate:
    with unit_of_work() as session:
        blind = service.address_blind(wanted.address)
        return session_queries.who_signs_in(session, wanted.username, blind)


async def sign_in(wanted: Try, show: Callable[[Session, service.Issued], Shown]) -> Shown:
    """Check a password and sign the device in; what ``show`` makes of it in the same transaction.

    Raises
    ------
    NotSignedIn
        The name or the password is wrong; it is not said which.
    TooMany
        Too many tries just now (`slowing`).
    Forbidden
        The person holds no post today.
    """
    found = await anyio.to_thread.run_sync(_find, wanted)
    tries = slowing.counted(wanted.username, wanted.address, wanted.mark, found.known_address)
    try:
        await anyio.to_thread.run_sync(slowing.admit, tries)
    except TooMany:
        await anyio.to_thread.run_sync(_note_failure, wanted, found)
        raise
    right, newer = await passwords.verify(wanted.password, found.password_hash)
    if not right:
        await anyio.to_thread.run_sync(_note_failure, wanted, found)
        raise NotSignedIn("wrong_name_or_password")
    await anyio.to_thread.run_sync(slowing.was_right, tries)
    return await anyio.to_thread.run_sync(_enter, wanted, found, newer, show)


def _enter(
    wanted: Try, found: Candidate, newer: str | None,
    show: Callable[[Session, service.Issued], Shown],
) -> Shown:  # fmt: skip
    assert found.account_id is not None
    with unit_of_work(proven(found.account_id)) as session:
        account = session.get(Account, found.account_id, with_for_update={"key_share": True})
        # It may have been disabled, or given another password, while this one was hashed.
        if (
            account is None or account.disabled_at is not None
            or queries.password_hash(session, account.id) != found.password_hash
        ):  # fmt: skip
            raise NotSignedIn("wrong_name_or_password")
        if newer is not None:
            keeping.keep_password(session, account, newer)
        issued = service.sign_in(session, account, wanted.device, address=wanted.address)
        return show(session, issued)


def _note_failure(wanted: Try, found: Candidate) -> None:
    tries = slowing.failed(wanted.username, wanted.address)
    if not tries:
        return
    with unit_of_work() as session:
        post = next(iter(queries.posts_of(session, found.account_id or NOBODY_ID)), None)
        # What was typed as a name may be a password: only names that exist are written down.
        audit.note(
            session, anonymous(), What.SIGN_IN_FAILED, subject_id=found.account_id,
            county_code=post.home_county if post else None,
            area_code=post.area_code if post else None,
            about=wanted.username if found.account_id else "", tries=tries,
            address=rate.coarse(wanted.address),
        )  # fmt: skip


async def change_password(actor: Actor, old: str, new: str) -> None:
    """Change one's own password: the old one is asked for, every other session ends.

    Raises
    ------
    TooMany
        Too many wrong tries just now.
    Forbidden
        The old password is wrong.
    BadInput
        The new one can be guessed.
    """

    def begin() -> str | None:
        slowing.at_most("change_password", str(actor.id), slowing.TRIES, slowing.TRIES_S)
        with unit_of_work(actor) as session:
            account = session.get(Account, actor.id)
            assert account is not None
            passwords.check_new(new, queries.words_of(session, account))
            return queries.password_hash(session, account.id)

    known = await anyio.to_thread.run_sync(begin)
    right, _ = await passwords.verify(old, known)
    if not right:
        raise Forbidden("old_password_wrong")

    def finish() -> None:
        made = passwords.hashed(new)
        with unit_of_work(actor) as session:
            account = session.get(Account, actor.id, with_for_update={"key_share": True})
            assert account is not None
            if queries.password_hash(session, account.id) != known:
                raise Forbidden("old_password_wrong")
            keeping.keep_password(session, account, made)
            ended = service.end_sessions(session, account.id, but=actor.sign_in_id)
            audit.note(
                session, actor, What.PASSWORD_CHANGED, subject_id=account.id,
                about=account.username, sessions_ended=ended,
            )  # fmt: skip

    await anyio.to_thread.run_sync(finish)
