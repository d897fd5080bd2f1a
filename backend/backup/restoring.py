"""Restoring a backup into an empty database and folder, and proving that it is the same."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from backend.backup import manifest, tools
from backend.backup.manifest import NOT_OURS, Manifest
from backend.backup.tools import BackupFailed
from backend.core.settings import get_settings

Say = Callable[[str], None]


def read(backup: Path) -> Manifest:
    """The description of a backup.

    Raises
    ------
    BackupFailed
        The folder holds no finished backup.
    """
    file = backup / manifest.NAME
    if not file.exists() or backup.suffix == ".part":
        raise BackupFailed(f"{backup} holds no finished backup (no {manifest.NAME})")
    return Manifest.model_validate_json(file.read_text())


def check(backup: Path) -> Manifest:
    """Compare every file of a backup with what its description says.

    Raises
    ------
    BackupFailed
        A file is missing or was changed.
    """
    found = read(backup)
    wanted = {**found.files, **{f"media/{name}": file for name, file in found.media.items()}}
    for name, file in wanted.items():
        path = backup / name
        if not path.exists():
            raise BackupFailed(f"{path} is missing: use another backup")
        if manifest.hash_of(path) != file:
            raise BackupFailed(f"{path} is not as it was written: use another backup")
    return found


def restore(backup: Path, say: Say) -> Manifest:
    """Restore a backup into the empty database that the settings name; it all holds, or nothing is.

    The database has its three roles and its extensions already (`postgres.prepare_database`, or
    docker/database.sh); what else it holds must be nothing.

    Raises
    ------
    BackupFailed
        The backup is damaged, the database is not empty, or the two differ at the end.
    """
    say("checking the backup")
    found = check(backup)
    url = get_settings().owner_url
    with tools.connect(url) as connection:
        if manifest.rows_of(connection):
            raise BackupFailed("the database holds tables already: restore into an empty one")
    media = get_settings().media_dir
    if media.exists() and any(media.iterdir()):
        raise BackupFailed(f"{media} holds files already: restore into an empty folder")
    say("restoring the database")
    _database(backup / "database.dump", url)
    say("restoring photos and documents")
    media.mkdir(parents=True, exist_ok=True)
    for name in found.media:
        (media / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(backup / "media" / name, media / name)
    say("comparing rows and logs")
    with tools.connect(url) as connection:
        wrong = manifest.differences(found, connection)
    if wrong:
        raise BackupFailed("restored, but not the same: " + "; ".join(wrong))
    return found


def _database(dump: Path, url: str) -> None:
    """Restore in one transaction: a restore that fails leaves the database empty."""
    where, env = tools.address(url)
    listed = tools.run("pg_restore", ["--list", str(dump)], {})
    # Extensions, with the table that PostGIS brings, are there already; they are a superuser's.
    kept = [
        line
        for line in listed.splitlines()
        if " EXTENSION " not in line and not any(f" {table} " in line for table in NOT_OURS)
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".list") as wanted:
        wanted.write("\n".join(kept))
        wanted.flush()
        tools.run(
            "pg_restore",
            [*where, "--single-transaction", "--exit-on-error", f"--use-list={wanted.name}",
             str(dump)],
            env,
        )  # fmt: skip
