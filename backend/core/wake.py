"""Waking those who wait for news: through Redis, after the commit, and never with the news itself.

Whoever is woken reads the database. When Redis is away they look by themselves, a little later.
"""

import structlog
from redis import Redis
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from backend.core.settings import get_settings

log = structlog.get_logger()

WAITING = "wake"


def after_commit(session: Session, channel: str) -> None:
    """Wake the listeners of a channel once the session's outermost transaction has committed."""
    session.info.setdefault(WAITING, set()).add(channel)


@event.listens_for(Session, "after_commit")
def _wake(session: Session) -> None:
    # SQLAlchemy calls this at the release of a savepoint too, which nobody else can see.
    if WAITING not in session.info or session.in_nested_transaction():
        return
    channels = session.info.pop(WAITING)
    try:
        with Redis.from_url(
            get_settings().redis_url, socket_timeout=1, socket_connect_timeout=1
        ) as redis:
            for channel in channels:
                redis.publish(channel, b"")
    except Exception as away:  # it is committed: whatever Redis does must not make it look failed
        log.warning("nobody woken", because=type(away).__name__)


@event.listens_for(Session, "after_soft_rollback")
def _rolled_back(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        session.info.pop(WAITING, None)
