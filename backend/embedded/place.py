"""Where the private servers keep their data, and who runs them."""

import hashlib
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
# sun_path holds 108 bytes with its terminator (unix(7)); ".s.PGSQL.5432" takes 14 of them.
SOCKET_PATH_LIMIT = 108 - 1 - len("/.s.PGSQL.5432")


@dataclass(frozen=True)
class Place:
    """The folder of one installation's servers and files."""

    root: Path

    @property
    def database(self) -> Path:
        """The cluster's data folder."""
        return self.root / "postgres"

    @property
    def sockets(self) -> Path:
        """The folder of the unix sockets, outside the data so that its mode can differ."""
        return self.root / "run"

    @property
    def redis(self) -> Path:
        """Redis's append-only file."""
        return self.root / "redis"

    @property
    def media(self) -> Path:
        """Photos, before and after re-encoding."""
        return self.root / "media"

    @property
    def secrets(self) -> Path:
        """Keys that this installation made for itself; mode 0600."""
        return self.root / "secrets.json"

    @property
    def logs(self) -> Path:
        """What the servers say."""
        return self.root / "log"


def server_user() -> str | None:
    """The user that PostgreSQL and Redis run as: ``postgres`` under root, else oneself (None)."""
    return "postgres" if os.geteuid() == 0 else None


def as_server_user() -> list[str]:
    """A command prefix that drops root for good; empty when there is no root to drop."""
    user = server_user()
    if user is None:
        return []
    entry = pwd.getpwnam(user)
    return ["setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--init-groups"]


def own_by_server(path: Path) -> None:
    """Make a folder that only the servers' user (and root) can enter."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    user = server_user()
    if user is not None:
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)


def find(var: Path | None = None) -> tuple[Place, str | None]:
    """The installation's folder, and a sentence when it is not the usual ``var/``.

    A checkout under a closed folder (``/root`` has mode 0700), or one whose path is too long for
    a socket, keeps its servers under ``/var/lib/onemap`` (or ``~/.onemap`` without root) instead.
    """
    wanted = var or Path(os.environ.get("ONEMAP_VAR", REPOSITORY / "var"))
    wanted.mkdir(parents=True, exist_ok=True)
    too_long = len(str(wanted / "run").encode()) > SOCKET_PATH_LIMIT
    reachable = (
        subprocess.run([*as_server_user(), "test", "-x", str(wanted)], cwd="/").returncode == 0
    )
    if reachable and not too_long:
        return Place(wanted), None
    name = hashlib.sha256(str(wanted).encode()).hexdigest()[:12]
    home = Path("/var/lib/onemap") if os.geteuid() == 0 else Path.home() / ".onemap"
    root = home / name
    root.mkdir(parents=True, exist_ok=True)
    root.chmod(0o755)
    why = "its path is too long for a socket" if too_long else "the database's user cannot enter it"
    return Place(root), f"{wanted} is not used for the servers, because {why}; they live in {root}"
