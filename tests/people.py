"""People of a test's own, as the owner adds them."""

from uuid import UUID

from sqlalchemy.orm import Session

from backend.city.accounts.models import Account, AccountContact, AccountSecret
from backend.core import crypto, ids


def add_person(
    session: Session, username: str, name: str, *, account_id: UUID | None = None,
    password_hash: str | None = None, phone: str | None = None,
) -> Account:  # fmt: skip
    """Add an account; with a password's hash the person has joined."""
    key = account_id or ids.new_id()
    account = Account(id=key, username=username, name=name, joined=password_hash is not None)
    session.add(account)
    session.flush()
    if password_hash is not None:
        session.add(AccountSecret(account_id=key, password_hash=password_hash))
    if phone is not None:
        sealed = crypto.seal(phone, f"account.phone/{key}")
        session.add(AccountContact(account_id=key, phone_sealed=sealed))
    session.flush()
    return account
