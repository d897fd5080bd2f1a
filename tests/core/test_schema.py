"""What stands in `backend/schema/` is what the migrated database does, and can be applied to it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import ProgrammingError

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


def chain(folder: Path, *texts: str) -> ScriptDirectory:
    """Migrations 1, 2, 3 ... with these texts."""
    (folder / "versions").mkdir()
    for n, said in enumerate(texts, 1):
        before = repr(str(n - 1)) if n > 1 else None
        (folder / "versions" / f"{n}.py").write_text(
            f'revision = "{n}"\ndown_revision = {before}\ndef upgrade():\n    {said}\n'
        )
    return ScriptDirectory(str(folder))


@pytest.mark.parametrize(
    ("running", "told"),
    [("1", False), ("2", False), ("3", True), ("4", True)],
)
def test_a_file_is_left_for_a_later_migration_and_told_when_there_is_none(
    connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    running: str, told: bool,
) -> None:  # fmt: skip
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "event.sql").write_text(
        "CREATE POLICY seen ON event FOR SELECT TO onemap_app USING (comes_later = 1);"
    )
    monkeypatch.setattr(applying, "FOLDER", tmp_path)
    applies = 'apply("policies/event.sql")'
    opts = {"script": chain(tmp_path, "pass", applies, applies, 'apply("policies/message.sql")')}
    before = catalogue.read(connection)
    now = str(int(running) - 1)
    connection.execute(text("UPDATE alembic_version SET version_num = :now"), {"now": now})
    if running == "1":
        connection.execute(text("DELETE FROM alembic_version"))
    with Operations.context(MigrationContext.configure(connection, opts=opts)):
        if told:
            with pytest.raises(ProgrammingError, match="comes_later") as caught:
                applying.apply("policies/event.sql")
            assert "backend/schema/policies/event.sql" in "".join(caught.value.__notes__)
        else:
            assert not applying.apply("policies/event.sql")
    assert catalogue.read(connection) == before


def test_a_file_that_is_gone_is_left_and_one_that_cannot_be_read_is_not(
    connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "grants.sql").write_text("GRANT EVERYTHING ON event TO onemap_app;")
    monkeypatch.setattr(applying, "FOLDER", tmp_path)
    with Operations.context(MigrationContext.configure(connection)):
        assert not applying.apply("functions/removed_since.sql")
        with pytest.raises(ProgrammingError, match=r"(?i)syntax|unrecognized"):
            applying.apply("grants.sql")


def test_policies_ask_for_the_scope_once_a_statement_and_not_once_a_row() -> None:
    # Reading a scope of seven counties takes 30 µs; a subquery of its own is asked once.
    plain = [
        f"{path}: {line.strip()}"
        for path, words in catalogue.written().items()
        if path.startswith("policies/")
        for line in words.splitlines()
        if "current_setting" in re.sub(rf"\(SELECT {catalogue.ASKED}\)", "", line)
    ]
    assert plain == []


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
