"""The migration that sets secrets apart moves those of a whole city, there and back, without loss."""

import runpy
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, create_engine, text

from backend.core.settings import get_settings
from backend.embedded.place import REPOSITORY

FILE = REPOSITORY / "backend/migrations/versions/20261128_0036a_apart.py"
PEOPLE = 150_000
# Measured: 23 on a busy machine.
SECONDS_MOST = 120

# By turns: who has joined and left everything, who was invited by number, who has only joined, who nothing.
MADE = f"""
    INSERT INTO account (id, username, name, language, password_hash, phone_sealed, phone_blind, mail_sealed)
    SELECT gen_random_uuid(), 'many-' || n, 'x', 'zh-CN',
           CASE WHEN n % 4 IN (0, 2) THEN '$argon2id$' || n END,
           CASE WHEN n % 4 < 2 THEN convert_to('phone' || n, 'UTF8') END,
           CASE WHEN n % 4 < 2 THEN convert_to('blind' || n, 'UTF8') END,
           CASE WHEN n % 4 = 0 THEN convert_to('mail' || n, 'UTF8') END
    FROM generate_series(1, {PEOPLE}) n
"""
WHOLE = """
    SELECT md5(string_agg(concat_ws('|', a.id, a.username, a.name, a.language, a.disabled_at, a.created_at,
        {s}.password_hash, {c}.phone_sealed, {c}.phone_blind, {c}.mail_sealed), E'\\n' ORDER BY a.id))
    FROM account a {joins}
"""
BEFORE = WHOLE.format(s="a", c="a", joins="")
AFTER = WHOLE.format(
    s="s", c="c",
    joins="LEFT JOIN account_secret s ON s.account_id = a.id"
    " LEFT JOIN account_contact c ON c.account_id = a.id",
)  # fmt: skip
COUNTS = "SELECT (SELECT count(*) FROM account_secret), (SELECT count(*) FROM account_contact)"


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    """The owner's connection; everything is rolled back."""
    engine = create_engine(get_settings().owner_url)
    with engine.connect() as connection:
        yield connection
        connection.rollback()
    engine.dispose()


def test_a_citys_accounts_are_moved_there_and_back(connection: Connection) -> None:
    migration: dict[str, Any] = runpy.run_path(str(FILE))

    def run(step: str) -> float:
        began = time.monotonic()
        move: Callable[[], None] = migration[step]
        with Operations.context(MigrationContext.configure(connection)):
            move()
        return time.monotonic() - began

    def said(query: str) -> Any:
        return connection.execute(text(query)).one()

    run("downgrade")
    base = said("SELECT count(password_hash), count(*) FROM account")
    connection.execute(text(MADE))
    before = said(BEFORE)
    took = run("upgrade")
    print(f"\n{PEOPLE} accounts moved in {took:.1f} s")
    assert took < SECONDS_MOST
    assert said(AFTER) == before
    assert said(COUNTS) == (base[0] + PEOPLE // 2, PEOPLE // 2)
    joined = said("SELECT count(*) FILTER (WHERE joined), count(*) FROM account")
    assert joined == (base[0] + PEOPLE // 2, base[1] + PEOPLE)
    # Nothing of the columns stays in the table's file: it was written anew.
    assert said("SELECT pg_relation_size('account') < 400 * (SELECT count(*) FROM account)")[0]
    assert not said("SELECT EXISTS (SELECT FROM pg_index WHERE indisclustered)")[0]
    print(f"and back in {run('downgrade'):.1f} s")
    assert said(BEFORE) == before
    run("upgrade")
    assert said(AFTER) == before
    secured = "SELECT count(*) FROM pg_class WHERE relrowsecurity AND relname LIKE 'account%'"
    assert said(secured)[0] == 3
