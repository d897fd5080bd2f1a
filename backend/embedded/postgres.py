"""A private PostgreSQL 15 cluster with PostGIS: made once, reached by a unix socket.

Authentication is ``peer`` through one map: the operating system user that owns the checkout may
become each of the three roles of `LOGINS`, nobody else can become any.
"""

import os
import pwd
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from backend.embedded.place import Place, as_server_user, own_by_server, server_user

BIN = Path("/usr/lib/postgresql/15/bin")
LOGINS = ("onemap_owner", "onemap_app", "onemap_tiles")
DATABASE = "onemap"

# For two cores and the demo; a real server is tuned by those who run it. fsync stays on: an
# answered report must survive a power cut here too.
SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "512MB",
    "maintenance_work_mem": "512MB",
    "work_mem": "32MB",
    "max_wal_size": "4GB",
    "jit": "off",
    "wal_compression": "lz4",
    "timezone": "'UTC'",
    "log_min_duration_statement": "1000",
}


class ServerFailed(Exception):
    """A private server did not start; the message says why and where its log is."""


def create(place: Place) -> bool:
    """Make the cluster, its roles' map and its settings; False when it exists already."""
    own_by_server(place.sockets)
    own_by_server(place.logs)
    if (place.database / "PG_VERSION").exists():
        return False
    own_by_server(place.database)
    done = subprocess.run(
        [
            *as_server_user(), str(BIN / "initdb"), "--pgdata", str(place.database),
            "--encoding=UTF8", "--locale=C.UTF-8", "--auth=peer", "--username=postgres",
            "--data-checksums",
        ],
        capture_output=True, text=True, cwd="/",
    )  # fmt: skip
    if done.returncode:
        raise ServerFailed(f"initdb failed: {done.stderr.strip().splitlines()[-1]}")
    _write(
        place.database / "pg_hba.conf",
        "# Only the socket, and only those whom pg_ident.conf names.\n"
        "local all all peer map=onemap\n"
        "local replication all peer map=onemap\n",
    )
    people = {pwd.getpwuid(os.geteuid()).pw_name, server_user() or "", "root"} - {""}
    roles = ("postgres", *LOGINS)
    _write(
        place.database / "pg_ident.conf",
        "".join(f"onemap {person} {role}\n" for person in sorted(people) for role in roles),
    )
    _write(
        place.database / "postgresql.auto.conf",
        "".join(f"{name} = {value}\n" for name, value in SETTINGS.items()),
    )
    return True


def _write(path: Path, text: str) -> None:
    """Write as the servers' user, who owns the folder."""
    subprocess.run([*as_server_user(), "tee", str(path)], input=text.encode(),
                   stdout=subprocess.DEVNULL, check=True, cwd="/")  # fmt: skip


def command(place: Place) -> list[str]:
    """The server in the foreground; SIGINT, which its parent's death sends, is a fast shutdown."""
    # A crashed machine leaves a pid file that PostgreSQL itself recognises as stale.
    return [
        "setpriv", "--pdeathsig=INT", *as_server_user()[1:],
        str(BIN / "postgres"), "-D", str(place.database), "-k", str(place.sockets),
        *_archiving(),
    ]  # fmt: skip


def _archiving() -> list[str]:
    """Have each closed segment of the log copied into the folder that the settings name.

    Copied under another name and renamed, so that a crash leaves no half segment for whole.
    """
    named = os.environ.get("ONEMAP_WAL_ARCHIVE")
    if not named:
        return []
    archive = Path(named).resolve()
    own_by_server(archive)
    there = f'"{archive}/%f"'
    copy = f'test ! -f {there} && cp "%p" "{archive}/%f.part" && mv "{archive}/%f.part" {there}'
    settings = ("archive_mode=on", "archive_timeout=60", f"archive_command={copy}")
    return [word for setting in settings for word in ("-c", setting)]


def end_remains(place: Place) -> int:
    """End the server processes of a cluster whose postmaster is dead; how many there were.

    A postmaster that is killed leaves backends at work, and no other can start while one of them
    holds the shared memory (measured: away for 61 s). They serve nobody any more; what they had not
    committed is undone by the recovery that follows. Call this only when no postmaster lives.
    """
    ended = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            program, where = (folder / "exe").readlink(), (folder / "cwd").readlink()
        except OSError:  # gone in the meantime, or somebody else's
            continue
        if program.name == "postgres" and where == place.database.resolve():
            with suppress(ProcessLookupError):
                os.kill(int(folder.name), signal.SIGKILL)
                ended += 1
    return ended


def url(place: Place, role: str, database: str = DATABASE) -> str:
    """SQLAlchemy's address of a database for one of the roles."""
    return f"postgresql+psycopg://{role}@/{database}?host={place.sockets}"


def psql(place: Place, sql: str, database: str = "postgres") -> str:
    """Run SQL as the superuser; used only to make roles and databases."""
    done = subprocess.run(
        ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "postgres",
         "-h", str(place.sockets), "-d", database, "-c", sql],
        capture_output=True, text=True, cwd="/",
    )  # fmt: skip
    if done.returncode:
        raise ServerFailed(done.stderr.strip())
    return done.stdout.strip()


def wait(place: Place, seconds: float = 60) -> None:
    """Return when the server answers; crash recovery may take its time.

    Raises
    ------
    ServerFailed
        When it does not answer within ``seconds``.
    """
    end = time.monotonic() + seconds
    while True:
        ready = subprocess.run([str(BIN / "pg_isready"), "-q", "-h", str(place.sockets)], cwd="/")
        if ready.returncode == 0:
            return
        if time.monotonic() > end:
            raise ServerFailed(f"PostgreSQL does not answer; its log: {place.logs}/postgres.log")
        time.sleep(0.05)


def prepare_database(place: Place, database: str = DATABASE) -> bool:
    """Make the roles and the database with its extensions; False when it was there."""
    for login in LOGINS:
        psql(
            place,
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{login}') THEN "
            f"CREATE ROLE {login} LOGIN NOSUPERUSER NOBYPASSRLS; END IF; END $$",
        )
    if psql(place, f"SELECT 1 FROM pg_database WHERE datname = '{database}'"):  # noqa: S608
        return False
    psql(place, f"CREATE DATABASE {database} OWNER onemap_owner")
    psql(place, "CREATE EXTENSION postgis; CREATE EXTENSION btree_gist; CREATE EXTENSION pg_trgm",
         database)  # fmt: skip
    return True
