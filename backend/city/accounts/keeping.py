"""What is kept of a person that colleagues do not see: a password's hash, a number, an address.

The hash is its person's alone; number and address are also seen by who may fill a post of theirs
(`backend/schema/policies/account_secret.sql`, `account_contact.sql`). Numbers and addresses are
sealed with `core.crypto` and bound to the account.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.city.accounts import queries
from backend.city.accounts.models import Account, AccountContact, AccountSecret
from backend.core import crypto


def keep_password(session: Session, account: Account, hashed: str) -> None:
    """Keep the hash of a new password; from the first one on the person has joined.

    The transaction must be the person's own (`core.actor.proven`).
    """
    session.execute(
        insert(AccountSecret)
        .values(account_id=account.id, password_hash=hashed)
        .on_conflict_do_update(index_elements=["account_id"], set_={"password_hash": hashed})
    )
    account.joined = True


def keep_phone(session: Session, account_id: UUID, phone: str) -> None:
    """Keep the number that a new person is invited with; they hold the post already."""
    session.add(
        AccountContact(
            account_id=account_id, phone_sealed=crypto.seal(phone, f"account.phone/{account_id}"),
            phone_blind=crypto.blind(phone, "account.phone"),
        )
    )  # fmt: skip
    session.flush()


def keep_mail(session: Session, account_id: UUID, mail: str) -> None:
    """Keep the address that the caller's own notices go to; an empty one takes it away."""
    sealed = crypto.seal(mail, _mail(account_id)) if mail else None
    session.execute(
        insert(AccountContact)
        .values(account_id=account_id, mail_sealed=sealed)
        .on_conflict_do_update(index_elements=["account_id"], set_={"mail_sealed": sealed})
    )


def masked_mail(session: Session, account_id: UUID) -> str:
    """The caller's own address as a screen may show it: ``l***@example.org``; empty when none."""
    name, _, host = _open(account_id, queries.own_mail(session, account_id)).partition("@")
    return f"{name[:1]}***@{host}" if host else ""


def mail_for_notices(session: Session, account_id: UUID) -> str:
    """Where notices to somebody go as mail; empty when nowhere, or the account is disabled."""
    return _open(account_id, queries.mail_for_notices(session, account_id))


def masked_phones(session: Session, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The numbers of those people whom the caller may appoint, as lists show them."""
    return {
        account_id: crypto.mask_phone(crypto.unseal(sealed, f"account.phone/{account_id}"))
        for account_id, sealed in queries.phones(session, ids).items()
    }


def _mail(account_id: UUID) -> str:
    return f"account.mail/{account_id}"


def _open(account_id: UUID, sealed: bytes | None) -> str:
    return crypto.unseal(sealed, _mail(account_id)) if sealed else ""
