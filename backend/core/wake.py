"""Waking those who wait for news: through Redis, after the commit, and never with the news itself.

Whoever is woken reads the database. When Redis is away they look by themselves, a little later.
"""

import structlog
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import event
from sqlalchemy.orm import Session

from backend.core.settings import get_settings

log = structlog.get_logger()


def after_commit(session: Session, channel: str) -> None:
    """Wake the listeners of a channel once the session's transaction has been committed."""
    waiting: set[str] = session.info.setdefault("wake", set())
    if not waiting:
        event.listen(session, "after_commit", _wake, once=True)
    waiting.add(channel)


def _wake(session: Session) -> None:
    channels = session.info.pop("wake", set())
    try:
        with Redis.from_url(get_settings().redis_url, socket_timeout=1) as redis:
            for channel in channels:
                redis.publish(channel, b"")
    except (RedisError, OSError) as away:
        log.warning("nobody woken", because=type(away).__name__)
