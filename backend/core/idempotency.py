"""Writes that may be sent twice: the client makes the key, the answer is remembered with it.

Same key and same body: the same answer. Same key, other body: 409. Keys live under the sender's
home county, so a repeat meets its first answer even when the place would resolve elsewhere by now.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Index, LargeBinary, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.core.actor import Actor
from backend.core.db import Base, CountyFirst
from backend.core.errors import Conflict


class ClientKey(CountyFirst, Base):
    """A write that was done; ``id`` is the client's own key."""

    __tablename__ = "client_key"
    # Keys are made by clients and know no order; rows lie in the order of their use.
    __table_args__ = (Index("ix_client_key_used_at", "used_at", postgresql_using="brin"),)

    account_id: Mapped[UUID]
    body_hash: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[dict[str, Any]] = mapped_column(default=dict)
    used_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Dumps(Protocol):
    """A model of a request."""

    def model_dump_json(self) -> str:
        """Its fields, in their order."""
        ...


def fingerprint(what: str, body: Dumps) -> bytes:
    """SHA-256 of an operation's name and its body in one canonical form."""
    return hashlib.sha256(f"{what}\n{body.model_dump_json()}".encode()).digest()


def known_answer(
    session: Session, actor: Actor, key: UUID, body_hash: bytes
) -> dict[str, Any] | None:
    """The first answer to this key, or None when the key is new.

    Raises
    ------
    Conflict
        The key was used for something else, or by somebody else.
    """
    row = session.scalar(
        select(ClientKey).where(ClientKey.county_code == actor.home_county, ClientKey.id == key)
    )
    if row is None:
        return None
    if row.body_hash != body_hash or row.account_id != actor.id:
        raise Conflict("key_used_for_other_body")
    return row.answer


def taken_answer(session: Session, actor: Actor, key: UUID, body_hash: bytes) -> dict[str, Any]:
    """The first answer to a key that is taken.

    Raises
    ------
    Conflict
        By something else, or by somebody else: row-level security hides what others sent.
    """
    answer = known_answer(session, actor, key, body_hash)
    if answer is None:
        raise Conflict("key_used_for_other_body")
    return answer


def once(
    session: Session, actor: Actor, key: UUID, body_hash: bytes, do: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Do a write once a key. A second sender waits for the first and gets its answer.

    The key's row is inserted before ``do`` runs: a concurrent insert of the same key blocks on it
    until this transaction ends, then finds it (committed) or takes its place (rolled back).
    """
    taken = session.execute(
        insert(ClientKey)
        .values(
            county_code=actor.home_county, id=key, account_id=actor.id, body_hash=body_hash,
            answer={},
        )
        .on_conflict_do_nothing()
        .returning(ClientKey.id)
    ).scalar()  # fmt: skip
    if taken is None:
        return taken_answer(session, actor, key, body_hash)
    answer = do()
    session.execute(
        ClientKey.__table__.update()  # type: ignore[attr-defined]
        .where(
            ClientKey.county_code == actor.home_county,
            ClientKey.id == key,
        )
        .values(answer=answer)
    )
    return answer
