"""Going back to a minute: a copy of the private cluster, and the log that it archived since.

Archiving begins when ``ONEMAP_WAL_ARCHIVE`` names a folder; a segment is closed after a minute at
most, so no more than that can be lost with the machine. A real server does the same with its own
tools (docs/operating.md).
"""

import shutil
import subprocess
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from backend.backup import tools
from backend.backup.tools import BackupFailed
from backend.cli.environment import already_running, settle, start_servers, uses_private_database
from backend.core import clock
from backend.core.settings import get_settings
from backend.embedded import postgres
from backend.embedded.place import Place, own_by_server, server_user
from backend.embedded.supervisor import Supervisor

Say = Callable[[str], None]
WITHIN_S = 3600


def base(place: Place, folder: Path, say: Say) -> Path:
    """Copy the private cluster while it works, into a new folder inside ``folder``; where it is.

    Raises
    ------
    BackupFailed
        The database is not the private one, or nothing archives its log.
    """
    _must_archive(place)
    folder.mkdir(parents=True, exist_ok=True)
    where = folder / f"base-{clock.compact(clock.now())}"
    say("copying the cluster")
    tools.run(
        "pg_basebackup",
        ["--host", str(place.sockets), "--username", "postgres", "--pgdata", str(where),
         "--wal-method=stream", "--checkpoint=fast"],
        {},
    )  # fmt: skip
    return where


def restore(copy: Path, until: str, say: Say) -> None:
    """Put the private cluster back to how it was at a moment; the one of now is kept beside it.

    Raises
    ------
    BackupFailed
        The moment has no zone, OneMap is running, or the archive does not reach that far; the
        cluster is then as it was.
    """
    place = settle()
    archive = _must_archive(place)
    moment = _moment(until)
    if not (copy / "PG_VERSION").exists():
        raise BackupFailed(f"{copy} is no copy of a cluster: make one with backup --base")
    if already_running(place):
        raise BackupFailed("OneMap is running: stop it first")
    kept = place.root / f"postgres.before-{clock.compact(clock.now())}"
    place.database.rename(kept)
    try:
        say("putting the copy back")
        shutil.copytree(copy, place.database)
        with (place.database / "postgresql.auto.conf").open("a") as settings:
            settings.write(
                f'restore_command = \'cp "{archive}/%f" "%p"\'\n'
                f"recovery_target_time = '{moment.isoformat()}'\n"
                "recovery_target_action = 'promote'\n"
            )
        (place.database / "recovery.signal").touch()
        _give_to_server(place.database)
        say(f"replaying the log up to {until}")
        _replay(place)
    except BaseException:
        shutil.rmtree(place.database, ignore_errors=True)
        kept.rename(place.database)
        raise
    say(f"the cluster of before is kept in {kept}")


def _replay(place: Place) -> None:
    supervisor = Supervisor(place.logs, lambda _: None)
    try:
        try:
            start_servers(place, supervisor)
            end = time.monotonic() + WITHIN_S
            while postgres.psql(place, "SELECT pg_is_in_recovery()") == "t":
                if time.monotonic() > end:
                    raise BackupFailed(f"the log was not replayed within {WITHIN_S} s")
                time.sleep(0.2)
        except postgres.ServerFailed as failed:
            raise BackupFailed(
                f"the archive does not reach that moment; the log: {place.logs}/postgres.log"
            ) from failed
        _forget_target(place)
    finally:
        supervisor.stop()


def _forget_target(place: Place) -> None:
    file = place.database / "postgresql.auto.conf"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text(
        "".join(line for line in lines if not line.startswith(("restore_", "recovery_")))
    )


def _must_archive(place: Place) -> Path:
    archive = get_settings().wal_archive
    if not uses_private_database(place):
        raise BackupFailed("a real server goes back in time with its own tools, not with this")
    if archive is None:
        raise BackupFailed("nothing archives the log: name a folder in ONEMAP_WAL_ARCHIVE")
    return archive


def _moment(until: str) -> datetime:
    try:
        moment = datetime.fromisoformat(until)
    except ValueError as error:
        raise BackupFailed(f"{until} is no moment: write 2026-11-28T15:00:00+08:00") from error
    if moment.tzinfo is None:
        raise BackupFailed(f"{until} has no zone: write 2026-11-28T15:00:00+08:00")
    return moment


def _give_to_server(folder: Path) -> None:
    own_by_server(folder)
    user = server_user()
    if user is not None:
        subprocess.run(["chown", "-R", f"{user}:", str(folder)], check=True)
