"""Journals: append-only logs, each entry sealing itself and everything before it.

Events, list items, village decisions and meetings each keep one. ``hash = SHA-256(previous hash ||
canonical form of the entry)``; the first entry's previous hash is 32 zero bytes. Whatever the
journal belongs to holds the number and the hash of its last entry, so a removed tail is noticed.

The canonical form is RFC 8785 (JSON Canonicalization Scheme) of what the database will give back,
not of what was handed in, because PostgreSQL keeps the value of JSON and not its letters: ``1e17``
comes back as ``100000000000000000``, ``-0.0`` as ``0.0``, and a moment in any zone as the moment
that it is. Two things are settled before the library sees them:

- moments become UTC with microseconds; one without a zone is by the city's clocks (`core.day`);
- a whole number counts as the double that is written like it, as all numbers do in RFC 8785; if
  there is none (beyond 2^53) it keeps all of its digits, as appendix D there advises, marked by a
  sign that JSONB cannot hold, so that no string is mistaken for it.

``form`` says in which form an entry was sealed. Form 1 was Python's own JSON; what it sealed still
holds, and nothing new is sealed in it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import rfc8785
from sqlalchemy import LargeBinary, SmallInteger, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.core import clock, day, ids
from backend.core.actor import Actor
from backend.core.db import CountyFirst

GENESIS = bytes(32)
FORM = 2

# Sealed of every entry, since form 2; each kind adds its own.
COMMON = (
    "form", "seq", "action", "actor_id", "post_id", "role", "organization_id", "note", "details",
    "at",
)  # fmt: skip


class Journaled(CountyFirst):
    """A thing with a journal: it holds the number and the hash of the last entry."""

    state: Mapped[str]
    log_seq: Mapped[int] = mapped_column(default=0)
    log_head: Mapped[bytes] = mapped_column(LargeBinary, default=GENESIS)


class Entry(CountyFirst):
    """One entry of a journal. The application's role can add rows and change none."""

    # The thing that the journal belongs to, and the column that names it.
    of: ClassVar[type[Journaled]]
    of_column: ClassVar[str]
    # Which fields each form seals.
    sealed: ClassVar[Mapping[int, tuple[str, ...]]]

    seq: Mapped[int]
    action: Mapped[str]
    actor_id: Mapped[UUID]
    # In which capacity: the post, its role, and the organization that it is in.
    post_id: Mapped[UUID | None]
    role: Mapped[str] = mapped_column(default="")
    organization_id: Mapped[UUID | None]
    note: Mapped[str] = mapped_column(default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime]
    form: Mapped[int] = mapped_column(SmallInteger, default=FORM)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


E = TypeVar("E", bound=Entry)


def moment(given: datetime) -> datetime:
    """A moment as it is stored: in UTC; without a zone it is by the city's clocks."""
    return (given if given.tzinfo else given.replace(tzinfo=day.zone())).astimezone(UTC)


def entry(
    kind: type[Entry], actor: Actor, previous: bytes, seq: int, action: str, *,
    note: str = "", details: Mapping[str, Any] | None = None, at: datetime | None = None,
    **own: Any,
) -> dict[str, Any]:  # fmt: skip
    """The fields of an entry that follows ``previous``, sealed, just as they are to be stored."""
    fields: dict[str, Any] = {
        "seq": seq, "action": str(action), "actor_id": actor.id, "post_id": actor.post_id,
        "role": str(actor.role), "organization_id": actor.organization_id, "note": note,
        "details": dict(details or {}), "at": moment(at or clock.now()), "form": FORM,
        **{
            name: moment(value) if isinstance(value, datetime) else value
            for name, value in own.items()
        },
    }  # fmt: skip
    return fields | {"hash": seal(kind, previous, fields)}


def append(
    session: Session, actor: Actor, kind: type[Entry], thing: Journaled, action: str, *,
    note: str = "", details: Mapping[str, Any] | None = None, at: datetime | None = None,
    **own: Any,
) -> UUID:  # fmt: skip
    """Append one entry to the journal of a locked thing; the entry's id.

    ``own`` are the fields of this kind of journal. What else changed of the thing is written with
    its new head, in one statement.
    """
    fields = entry(
        kind, actor, thing.log_head, thing.log_seq + 1, action, note=note, details=details, at=at,
        **own, **{kind.of_column: thing.id},
    )  # fmt: skip
    entry_id = ids.new_id()
    with session.no_autoflush:
        session.execute(insert(kind).values(county_code=thing.county_code, id=entry_id, **fields))
    thing.log_seq, thing.log_head = fields["seq"], fields["hash"]
    session.flush()
    return entry_id


def seal(kind: type[Entry], previous: bytes, fields: Mapping[str, Any]) -> bytes:
    """The hash of an entry that follows ``previous``, in the form that it says."""
    form = fields["form"]
    said = {name: fields[name] for name in kind.sealed[form]}
    return hashlib.sha256(previous + (canonical(said) if form > 1 else _first_form(said))).digest()


def entries_of(session: Session, kind: type[E], thing: Journaled) -> Sequence[E]:
    """The journal of a thing, from the beginning, as far as the transaction's scope reaches."""
    return session.scalars(
        select(kind)
        .where(
            kind.county_code == thing.county_code, getattr(kind, kind.of_column) == thing.id
        )
        .order_by(kind.seq)
    ).all()  # fmt: skip


def broken_at(entries: Iterable[Entry], head: bytes) -> int | None:
    """The first number that does not fit; None when the journal holds to its head."""
    previous, expected = GENESIS, 1
    for one in entries:
        known = one.form in one.sealed
        fields = {name: getattr(one, name) for name in one.sealed[one.form]} if known else {}
        if (
            not known or one.seq != expected
            or seal(type(one), previous, fields | {"form": one.form}) != one.hash
        ):  # fmt: skip
            return expected
        previous, expected = one.hash, expected + 1
    return None if previous == head else expected


def canonical(fields: Mapping[str, Any]) -> bytes:
    """The fields in the one form that a round trip through the database does not change."""
    return rfc8785.dumps({name: _settled(value) for name, value in fields.items()})


def _settled(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment(value).isoformat(timespec="microseconds")
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        # Keys and tuples become what JSON makes of them: a number as a key comes back as a string.
        return _numbers_settled(json.loads(json.dumps(value)))
    return _numbers_settled(value)


def _numbers_settled(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _numbers_settled(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_numbers_settled(inner) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return _whole(value)
    return value


def _whole(number: int) -> int | float | str:
    if abs(number) < 2**53:
        return number
    try:
        double = float(number)
    except OverflowError:
        return f"\0{number}"
    # Of the doubles near 2^70 only some are written with these digits: repr gives the shortest.
    return double if int(Decimal(repr(double))) == number else f"\0{number}"


def _first_form(fields: Mapping[str, Any]) -> bytes:
    """Form 1: Python's JSON with sorted keys."""
    plain = {
        name: value.astimezone(UTC).isoformat(timespec="microseconds")
        if isinstance(value, datetime)
        else str(value) if isinstance(value, UUID) else value
        for name, value in fields.items()
    }  # fmt: skip
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
