"""Nothing is told before it is committed: neither to those who wait, nor to those who remember."""

from collections.abc import Iterator

import pytest
from redis import Redis
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from backend.core import wake
from backend.core.db import unit_of_work
from backend.core.memory import Memory
from backend.core.settings import get_settings
from backend.matters.categories import publishing
from backend.matters.categories import service as categories
from backend.tools.calendar import service as calendar
from backend.tools.calendar.clocks import USUAL_HOURS
from tests.conftest import Town


@pytest.fixture
def heard(database: str) -> Iterator[list[str]]:
    """The channels that were woken, read whenever the list is looked at."""
    redis = Redis.from_url(get_settings().redis_url)
    ear = redis.pubsub(ignore_subscribe_messages=True)
    ear.psubscribe("test:*")
    while ear.get_message(timeout=1) is not None:
        pass

    class Heard(list[str]):
        def now(self) -> list[str]:
            while (said := ear.get_message(timeout=0.2)) is not None:
                self.append(said["channel"].decode())
            return list(self)

    yield Heard()
    ear.close()
    redis.close()


def test_nobody_is_woken_at_a_savepoint_and_everybody_after_the_commit(heard) -> None:  # type: ignore[no-untyped-def]
    with unit_of_work() as session:
        with session.begin_nested():
            wake.after_commit(session, "test:one")
        wake.after_commit(session, "test:two")
        with session.begin_nested():
            pass
        assert heard.now() == []
    assert sorted(heard.now()) == ["test:one", "test:two"]


def test_nobody_is_woken_for_what_was_rolled_back(heard) -> None:  # type: ignore[no-untyped-def]
    session = Session(create_engine(get_settings().database_url))
    with session, session.begin() as whole:
        session.connection()
        wake.after_commit(session, "test:never")
        whole.rollback()
    with session, session.begin():
        session.connection()
    assert heard.now() == []


def test_redis_away_does_not_make_a_commit_fail(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONEMAP_REDIS_URL", "redis://127.0.0.1:1/0")
    get_settings.cache_clear()
    with unit_of_work() as session:
        session.connection()
        wake.after_commit(session, "test:nobody")
    monkeypatch.undo()
    get_settings.cache_clear()


class Stop(Exception):
    pass


def test_what_was_rolled_back_is_not_remembered(database: str) -> None:
    memory: Memory[str, int] = Memory(seconds=60)
    with pytest.raises(Stop), unit_of_work() as session:
        session.connection()
        memory.forget(session)
        memory.put(session, "edition", 2)
        assert memory.get(session, "edition") == 2
        with unit_of_work() as other:
            assert memory.get(other, "edition") is None
        raise Stop
    with unit_of_work() as session:
        assert memory.get(session, "edition") is None


def test_a_savepoint_commits_nothing(database: str) -> None:
    memory: Memory[str, int] = Memory(seconds=60)
    with unit_of_work() as session, unit_of_work() as other:
        session.connection()
        with session.begin_nested():
            memory.put(session, "a", 1)
        assert memory.get(other, "a") is None
        undone = session.begin_nested()
        memory.put(session, "b", 2)
        undone.rollback()
        assert memory.get(session, "b") is None
        memory.put(session, "c", 3)
    with unit_of_work() as session:
        assert memory.get(session, "b") is None
        assert memory.get(session, "c") == 3


def test_a_commit_makes_everybody_forget_and_an_older_reader_brings_nothing_back(
    database: str,
) -> None:
    memory: Memory[str, int] = Memory(seconds=60)
    with unit_of_work() as reader:
        reader.connection()
        memory.put(reader, "edition", 1)
        with unit_of_work() as writer:
            writer.connection()
            memory.forget(writer)
        # The reader commits later what it read earlier.
    with unit_of_work() as session:
        assert memory.get(session, "edition") is None


def test_a_session_that_changed_the_rows_believes_nobody_else(database: str) -> None:
    memory: Memory[str, int] = Memory(seconds=60)
    with unit_of_work() as writer:
        writer.connection()
        memory.forget(writer)
        with unit_of_work() as reader:
            reader.connection()
            memory.put(reader, "edition", 1)
        with unit_of_work() as another:
            assert memory.get(another, "edition") == 1
        assert memory.get(writer, "edition") is None
        memory.put(writer, "edition", 2)
    with unit_of_work() as session:
        # It was read by the writer; what others had put there is gone with the commit.
        assert memory.get(session, "edition") is None


def test_an_edition_that_was_not_published_is_nobodys(town: Town) -> None:
    with unit_of_work() as session:
        before = (calendar.current(session).version, set(categories.current(session)))
    with pytest.raises(Stop), unit_of_work() as session:
        calendar.publish(session, None, list(USUAL_HOURS), [])
        assert calendar.current(session).version == before[0] + 1
        drafts = publishing.published(session, 1)
        publishing.publish(
            session, None, [d for d in drafts if d.parent is not None][:0] or drafts, "x"
        )
        assert next(iter(categories.current(session).values())).scheme_version > 1
        raise Stop
    with unit_of_work() as session:
        assert (calendar.current(session).version, set(categories.current(session))) == before
        assert {c.scheme_version for c in categories.current(session).values()} == {1}
    with unit_of_work() as session:
        calendar.publish(session, None, list(USUAL_HOURS), [])
    with unit_of_work() as session:
        assert calendar.current(session).version == before[0] + 1
