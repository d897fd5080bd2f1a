"""Removing what was uploaded and never used: rows that no case took, folders that no row names."""

import math
import shutil
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from backend.core import clock
from backend.core.db import unit_of_work
from backend.core.jobs import job_unit
from backend.core.rows import Aside
from backend.core.settings import get_settings
from backend.tools.media import queries
from backend.tools.media.service import folder

BATCH = 200
# Younger folders may belong to an upload whose row is being written.
STRAY_AFTER = timedelta(days=1)
SHELVES = 256


def remove_orphans(session: Session, county_code: str, batch: int = BATCH) -> list[UUID]:
    """Delete the rows of uploads that no case has taken in time; the keys of what was deleted.

    A phone may hold a report back for weeks and has its photos on the server already, so accounts
    have ``ONEMAP_ORPHAN_DAYS``; a stranger's report follows its photos at once or never.
    """
    settings, now = get_settings(), clock.now()
    return queries.remove_orphaned(
        session, county_code, now - timedelta(days=settings.orphan_days),
        now - timedelta(hours=settings.public_orphan_hours), batch,
    )  # fmt: skip


def remove_files(keys: list[UUID]) -> None:
    """Remove the files of deleted rows, once their deletion has been committed."""
    for key in keys:
        shutil.rmtree(folder(key), ignore_errors=True)


def remove_strays(session: Session, shelf: int) -> int:
    """Remove the folders of one shelf (0 to 255) that no row names; how many there were.

    They are left by a crash between a file and its row, or between a row's end and its file's.
    """
    where = get_settings().media_dir / f"{shelf:02x}"
    old = (clock.now() - STRAY_AFTER).timestamp()
    found = {
        key: path
        for path in (where.iterdir() if where.is_dir() else ())
        if (key := _key(path)) is not None and _made(path) < old
    }
    known = queries.known(session, found)
    for key in found.keys() - known:
        shutil.rmtree(found[key], ignore_errors=True)
    return len(found.keys() - known)


def _made(path: Path) -> float:
    """When a folder was last written to; never, of one that another job has removed meanwhile."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return math.inf


def _key(path: Path) -> UUID | None:
    try:
        return UUID(path.name)
    except ValueError:
        return None


def orphans(county_code: str, _: Aside) -> int:
    """A slice of the job that removes uploads which no case took."""
    with job_unit(county_code) as session:
        keys = remove_orphans(session, county_code)
    remove_files(keys)
    return len(keys)


def strays(_: str, __: Aside) -> int:
    """The job that removes folders which no row names: every shelf, once."""
    for shelf in range(SHELVES):
        with unit_of_work() as session:
            remove_strays(session, shelf)
    return 0
