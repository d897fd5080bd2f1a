"""Making a backup: one moment of the database, every file that it names, the secrets."""

import json
import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

import psycopg

from backend.backup import manifest, tools
from backend.backup.manifest import File, Manifest
from backend.backup.tools import BackupFailed
from backend.core import clock, files
from backend.core.settings import get_settings

Say = Callable[[str], None]
STAMP = "%Y%m%dT%H%M%SZ"


def make(folder: Path, say: Say, *, secrets: bool = True, keep: int | None = None) -> Path:
    """Write a backup of this installation into a new folder inside ``folder``; where it is.

    The rows are those of one moment, while people go on working. Files are copied afterwards: they
    are never changed, so whatever that moment names is there. An unfinished backup has a name that
    ends in ``.part`` and is never taken for one. With ``keep``, older ones beyond it are removed.

    Raises
    ------
    BackupFailed
        One of PostgreSQL's programs failed, or there is no room.
    """
    made_at = clock.now()
    folder.mkdir(parents=True, exist_ok=True)
    before = latest(folder)
    part = folder / f"{made_at:{STAMP}}.part"
    part.mkdir(mode=0o700)
    try:
        with tools.connect(get_settings().owner_url) as connection:
            found = _database(connection, part, made_at, say)
        say("copying photos and documents")
        found.media, found.missing = _media(part, before, found.missing)
        if secrets:
            _secrets(part)
        for file in sorted(part.iterdir()):
            if file.is_file():
                found.files[file.name] = manifest.hash_of(file)
        _write(part / manifest.NAME, found.model_dump_json(indent=1))
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise BackupFailed(f"{folder}: {error.strerror or error}") from error
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    done = part.with_suffix("")
    # All that was copied, before it has a name that is believed.
    os.sync()
    part.rename(done)
    files.settle(folder)
    if keep:
        for old in backups(folder)[:-keep]:
            shutil.rmtree(old)
    return done


def backups(folder: Path) -> list[Path]:
    """The finished backups in a folder, the oldest first."""
    return sorted(
        path.parent for path in folder.glob(f"*/{manifest.NAME}") if not path.parent.suffix
    )


def latest(folder: Path) -> Path | None:
    """The newest finished backup in a folder."""
    found = backups(folder)
    return found[-1] if found else None


def _database(connection: psycopg.Connection, part: Path, made_at: datetime, say: Say) -> Manifest:
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    row = connection.execute(
        "SELECT pg_export_snapshot(), current_setting('server_version'),"
        " (SELECT version_num FROM alembic_version)"
    ).fetchone()
    assert row is not None
    snapshot, version, revision = row
    say("writing the database")
    where, env = tools.address(get_settings().owner_url)
    tools.run(
        "pg_dump",
        [*where, "--format=custom", f"--snapshot={snapshot}", f"--file={part / 'database.dump'}"],
        env,
    )
    say("counting rows and logs")
    keys = connection.execute("SELECT id FROM media ORDER BY id").fetchall()
    return Manifest(
        made_at=made_at, revision=revision, postgresql=version,
        rows=manifest.rows_of(connection), heads=manifest.heads_of(connection),
        files={}, media={}, missing=[key.hex for (key,) in keys],
    )  # fmt: skip


def _media(part: Path, before: Path | None, named: list[str]) -> tuple[dict[str, File], list[str]]:
    """Copy every file, or link it to the backup before; which of the named keys have none."""
    source, target = get_settings().media_dir, part / "media"
    known = Manifest.model_validate_json((before / manifest.NAME).read_text()) if before else None
    found: dict[str, File] = {}
    keys = set()
    for file in sorted(path for path in source.rglob("*") if path.is_file()):
        if file.suffix == files.UNFINISHED:
            continue
        name = str(file.relative_to(source))
        there = target / name
        there.parent.mkdir(parents=True, exist_ok=True)
        old = known.media.get(name) if known else None
        kept = before / "media" / name if before and old else None
        try:
            if old and kept and old.bytes == file.stat().st_size and kept.exists():
                os.link(kept, there)
                found[name] = old
            else:
                shutil.copy2(file, there)
                found[name] = manifest.hash_of(there)
        except FileNotFoundError:
            # Removed since the folder was read: an upload that no case took in time.
            continue
        keys.add(_key(file.parent.name))
    return found, [key for key in named if key not in keys]


def _key(name: str) -> str:
    try:
        return UUID(name).hex
    except ValueError:
        return ""


def _secrets(part: Path) -> None:
    secret = get_settings().secret_key.get_secret_value()
    _write(part / "secrets.json", json.dumps({"secret_key": secret}))


def _write(file: Path, text: str) -> None:
    files.keep(file, text.encode(), mode=0o600)
