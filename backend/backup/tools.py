"""PostgreSQL's own programs, called with an address of ours."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psycopg
from sqlalchemy import make_url


class BackupFailed(Exception):
    """A backup or a restore cannot go on; the sentence says why and what would help."""


def program(name: str) -> str:
    """The newest installed version of one of PostgreSQL's programs.

    Raises
    ------
    BackupFailed
        None is installed.
    """
    found = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4])
    )
    where = str(found[-1]) if found else shutil.which(name)
    if where is None:
        raise BackupFailed(f"{name} is not installed: apt-get install postgresql-client")
    return where


def address(url: str) -> tuple[list[str], dict[str, str]]:
    """A database's address as arguments and environment: no password stands in a command line."""
    parts = make_url(url)
    host = parts.host or str(parts.query.get("host", ""))
    arguments = ["--dbname", parts.database or "", "--username", parts.username or ""]
    arguments += ["--host", host] if host else []
    arguments += ["--port", str(parts.port)] if parts.port else []
    return arguments, {"PGPASSWORD": parts.password or ""}


def run(name: str, arguments: Sequence[str], env: dict[str, str]) -> str:
    """Run one of PostgreSQL's programs; what it printed.

    Raises
    ------
    BackupFailed
        It failed; its last lines say why.
    """
    done = subprocess.run(
        [program(name), *arguments], env={**os.environ, **env}, capture_output=True, text=True,
        cwd="/",
    )  # fmt: skip
    if done.returncode:
        said = " ".join(done.stderr.strip().splitlines()[-3:])
        raise BackupFailed(f"{name} failed: {said}")
    return done.stdout


def connect(url: str) -> psycopg.Connection:
    """A connection to the database that an address of SQLAlchemy's names."""
    parts = make_url(url).set(drivername="postgresql")
    return psycopg.connect(parts.render_as_string(hide_password=False))
