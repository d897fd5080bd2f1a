"""What a backup says about itself: rows, heads of the logs, files."""

import hashlib
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql
from pydantic import BaseModel

NAME = "manifest.json"
CHUNK = 1 << 20

# PostGIS brings this table itself.
NOT_OURS = ("spatial_ref_sys",)


class File(BaseModel):
    """One file of a backup."""

    bytes: int
    sha256: str


class Manifest(BaseModel):
    """A backup's description of itself."""

    made_at: datetime
    revision: str
    postgresql: str
    rows: dict[str, int]
    # By table: the hash of all its logs' heads, in the order of their keys.
    heads: dict[str, str]
    files: dict[str, File]
    media: dict[str, File]
    # Photos and documents that the database names and that were not found; none, if all is well.
    missing: list[str]


def hash_of(file: Path) -> File:
    """The size and the SHA-256 of a file."""
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while part := opened.read(CHUNK):
            digest.update(part)
    return File(bytes=file.stat().st_size, sha256=digest.hexdigest())


def rows_of(connection: psycopg.Connection) -> dict[str, int]:
    """How many rows each of our tables has, as this transaction sees them."""
    tables = connection.execute(
        "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
        " WHERE n.nspname = 'public' AND relkind IN ('r', 'p') AND relname <> ALL (%s)"
        " ORDER BY relname",
        [list(NOT_OURS)],
    ).fetchall()
    counted = {}
    for (table,) in tables:
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
        row = connection.execute(query).fetchone()
        assert row is not None
        counted[table] = row[0]
    return counted


def heads_of(connection: psycopg.Connection) -> dict[str, str]:
    """One hash a table over the heads of all of its chained logs, in the order of their keys."""
    tables = connection.execute(
        "SELECT c.table_name FROM information_schema.columns c"
        " WHERE c.table_schema = 'public' AND c.column_name = 'log_head' ORDER BY 1"
    ).fetchall()
    found = {}
    for (table,) in tables:
        digest = hashlib.sha256()
        # Read in parts, on the server's side: a city has millions of logs.
        with connection.cursor(name=f"heads_{table}") as cursor:
            cursor.itersize = 20_000
            query = sql.SQL("SELECT county_code, id, log_head FROM {} ORDER BY 1, 2")
            cursor.execute(query.format(sql.Identifier(table)))
            for county, key, head in cursor:
                digest.update(f"{county}/{key}/".encode() + bytes(head or b""))
        found[table] = digest.hexdigest()
    return found


def differences(wanted: Manifest, connection: psycopg.Connection) -> list[str]:
    """What a restored database has otherwise than its backup says; nothing, if all is well."""
    rows, heads = rows_of(connection), heads_of(connection)
    counted = [
        f"{table}: {rows.get(table, 0)} rows instead of {count}"
        for table, count in wanted.rows.items()
        if rows.get(table) != count
    ]
    chained = [
        f"{table}: the logs' heads differ"
        for table, head in wanted.heads.items()
        if heads.get(table) != head
    ]
    return counted + chained
