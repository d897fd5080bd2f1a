"""What stands in `backend/schema/` is what the migrated database does, and can be applied to it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, create_engine, text

from backend.core.settings import get_settings
from backend.embedded.place import REPOSITORY
from backend.migrations import apply as applying
from backend.schema import catalogue


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    """The owner's connection; what a test changes is rolled back."""
    engine = create_engine(get_settings().owner_url)
    with engine.connect() as connection:
        yield connection
        connection.rollback()
    engine.dispose()


def test_the_files_say_what_the_database_does(connection: Connection) -> None:
    there, said = catalogue.read(connection), catalogue.written()
    differing = sorted(p for p in there.keys() | said.keys() if there.get(p) != said.get(p))
    assert differing == [], "run ./onemap schema, and read what it changed"


def test_every_file_applied_again_changes_nothing(connection: Connection) -> None:
    before = catalogue.read(connection)
    with Operations.context(MigrationContext.configure(connection)):
        assert all(applying.apply(path) for path in before)
    assert catalogue.read(connection) == before


def test_a_file_brings_back_what_was_changed(connection: Connection) -> None:
    before = catalogue.read(connection)
    for statement in (
        "DROP POLICY seen ON event",
        "CREATE POLICY everybody ON event FOR ALL TO PUBLIC USING (true)",
        "GRANT TRUNCATE ON event TO onemap_app",
        "GRANT EXECUTE ON FUNCTION events_near TO PUBLIC",
    ):
        connection.execute(text(statement))
    changed = catalogue.read(connection)
    assert {p for p in before if changed[p] != before[p]} == {
        "policies/event.sql", "functions/events_near.sql",
    }  # fmt: skip
    with Operations.context(MigrationContext.configure(connection)):
        assert applying.apply("policies/event.sql") and applying.apply("functions/events_near.sql")
    assert catalogue.read(connection) == before


def test_a_file_that_names_what_comes_later_is_left_and_other_faults_are_not(
    connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "event.sql").write_text(
        "CREATE POLICY seen ON event FOR SELECT TO onemap_app USING (comes_later = 1);"
    )
    (tmp_path / "grants.sql").write_text("GRANT EVERYTHING ON event TO onemap_app;")
    monkeypatch.setattr(applying, "FOLDER", tmp_path)
    before = catalogue.read(connection)
    with Operations.context(MigrationContext.configure(connection)):
        assert not applying.apply("policies/event.sql")
        assert not applying.apply("functions/removed_since.sql")
        assert catalogue.read(connection) == before
        with pytest.raises(Exception, match=r"(?i)syntax|unrecognized"):
            applying.apply("grants.sql")


def test_comments_at_the_top_are_kept() -> None:
    assert catalogue.split("-- why\n-- so\nSELECT 1;\n-- in it\n") == (
        "-- why\n-- so\n", "SELECT 1;\n-- in it\n",
    )  # fmt: skip


def test_what_tiles_call_stands_in_the_schema() -> None:
    functions = {f.stem for f in (catalogue.FOLDER / "functions").glob("tile_*.sql")}
    called = {
        name
        for file in (REPOSITORY / "tiles" / "sql").glob("*.sql")
        for name in re.findall(r"\b(tile_\w+)\(", file.read_text("utf-8"))
    }
    assert called == functions != set()
