"""The database as its owner sees it: no policy holds it back. For setting a scene and for looking."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from backend.core.settings import get_settings


@contextmanager
def owner() -> Iterator[Session]:
    """One transaction of the owner's."""
    engine = create_engine(get_settings().owner_url, poolclass=NullPool)
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session
