"""The database: one engine a process, one transaction a request or job, one scope a transaction.

Row-level security reads the scope from transaction-local settings that `after_begin` writes from
``session.info["actor"]``. A session without an actor sees no row of a protected table.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Engine,
    ForeignKeyConstraint,
    MetaData,
    String,
    create_engine,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, SessionTransaction, mapped_column

from backend.core import day
from backend.core.actor import Actor, Role, anonymous
from backend.core.ids import new_id
from backend.core.rights import appoints
from backend.core.settings import get_settings

# Codes compare byte by byte everywhere, so that a range means the same on every machine.
Code = String(18, collation="C")
CountyCode = String(6, collation="C")


class Base(DeclarativeBase):
    """Every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
    }


class CountyFirst:
    """A table that grows with the city: its key begins with the managing county.

    Citus can then spread it by county. The county of a row never changes by UPDATE.
    """

    county_code: Mapped[str] = mapped_column(CountyCode, primary_key=True, sort_order=-2)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)


def same_county(column: str, table: str, **kw: Any) -> ForeignKeyConstraint:
    """A reference to a row of ``table`` in the same county."""
    return ForeignKeyConstraint(
        ["county_code", column], [f"{table}.county_code", f"{table}.id"], **kw
    )


@lru_cache
def get_engine() -> Engine:
    """The engine of this process. rq's forked children dispose of it before first use."""
    return create_engine(
        get_settings().database_url,
        pool_size=20,
        max_overflow=20,
        pool_timeout=10,
        # What people wrote is in the parameters; an error that names them would end in the log.
        hide_parameters=True,
        # Nobody waits for a row for ever: whoever holds it may need the thread that waits.
        connect_args={
            "connect_timeout": 5,
            "application_name": "onemap",
            "options": "-c lock_timeout=10s -c timezone=UTC",
        },
    )


# One round trip; `true` makes each value end with the transaction, so nothing leaks through the
# pool. Cost measured in the trials: about 0.1 ms a transaction.
SET_SCOPE = text(
    "SELECT set_config('onemap.scope', :scope, true),"
    " set_config('onemap.account', :account, true),"
    " set_config('onemap.organization', :organization, true),"
    " set_config('onemap.tracked', :tracked, true),"
    " set_config('onemap.appoints', :appoints, true),"
    " set_config('onemap.today', :today, true),"
    " set_config('plan_cache_mode', :plans, true)"
)


ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))")


# How PostgreSQL plans prepared statements: as it sees fit, or once and for all.
PLANS, ONE_PLAN = "auto", "force_generic_plan"
NOBODY = anonymous()


def scope_parameters(actor: Actor, plans: str = PLANS) -> dict[str, str]:
    """The transaction's scope as row-level security reads it.

    ``onemap.scope`` is a multirange of ``county/area`` keys: a slice can name no other county.
    ``onemap.appoints`` is one of ``role/county/area`` keys: the posts that the actor may fill, as
    far as they are held on ``onemap.today``.
    """
    ranges = ",".join(f'["{s.county_code}/{s.lo}","{s.county_code}/{s.hi}")' for s in actor.scope)
    return {
        "scope": "{" + ranges + "}",
        "account": str(actor.id),
        "organization": str(actor.organization_id or ""),
        "tracked": str(actor.tracked or ""),
        "appoints": appoints(actor.role, actor.area_code, actor.home_county),
        "today": day.today().isoformat(),
        "plans": plans,
    }


@event.listens_for(Session, "after_begin")
def set_scope(session: Session, _: SessionTransaction, connection: Connection) -> None:
    """Give the transaction its actor's scope; without one the policies let nothing through."""
    actor: Actor | None = session.info.get("actor")
    if actor is not None:
        connection.execute(SET_SCOPE, scope_parameters(actor, session.info.get("plans", PLANS)))


def one_at_a_time(session: Session, what: str) -> None:
    """Let nobody else past this point with the same words until the transaction ends.

    For what two people may write at once and no row is there to be locked.
    """
    session.execute(ALONE, {"what": what})


@contextmanager
def unit_of_work(actor: Actor | None = None, plans: str = PLANS) -> Iterator[Session]:
    """Open one transaction; commit it at the end, or roll it back on any exception.

    Jobs were left as rows of `outbox` in the same transaction: what rolls back sends nothing,
    what commits cannot lose its jobs.
    """
    with (
        Session(
            get_engine(), expire_on_commit=False, info={"actor": actor, "plans": plans}
        ) as session,
        session.begin(),
    ):
        yield session


@contextmanager
def one_statement() -> Iterator[Session]:
    """A session for one statement that reads, in nobody's scope: one trip and not three.

    PostgreSQL's own transaction around a statement is enough for it; ours would be begun and
    committed by a trip each.
    """
    with Session(get_engine()) as session:
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        yield session


def act_as(session: Session, actor: Actor) -> None:
    """Give the session's running and coming transactions another actor's scope."""
    session.info["actor"] = actor
    if session.in_transaction():
        session.execute(SET_SCOPE, scope_parameters(actor, session.info.get("plans", PLANS)))


@contextmanager
def acting_as(session: Session, actor: Actor) -> Iterator[None]:
    """Give the session the system's scope for a while; afterwards it is the former one's again.

    Also when something is refused inside: whoever catches that goes on as before.
    """
    before: Actor | None = session.info.get("actor")
    if before is not None and before.role is Role.SYSTEM and {*actor.scope} <= {*before.scope}:
        yield
        return
    act_as(session, actor)
    try:
        yield
    finally:
        # Of a transaction that has failed nothing is read any more.
        with suppress(DBAPIError):
            act_as(session, before or NOBODY)
        session.info["actor"] = before
