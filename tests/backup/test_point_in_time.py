"""Back to a minute before a mistake, from a copy of the cluster and its archived log."""

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.backup import point_in_time
from backend.backup.tools import BackupFailed
from backend.cli.environment import settle, start_servers
from backend.core.settings import get_settings
from backend.embedded import postgres
from backend.embedded.place import Place
from backend.embedded.supervisor import Supervisor


@pytest.fixture
def alone(servers: Place) -> Iterator[Path]:
    """An installation of its own that archives its log; the run's own is put back after."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="onemap-pitr-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        for name in [name for name in os.environ if name.startswith("ONEMAP_")]:
            del os.environ[name]
        os.environ["ONEMAP_VAR"] = str(root / "v")
        os.environ["ONEMAP_WAL_ARCHIVE"] = str(root / "archive")
        get_settings.cache_clear()
        yield root
    os.environ.clear()
    os.environ.update(before)
    get_settings.cache_clear()


class Running:
    """The servers of the installation, while something is done with them."""

    def __enter__(self) -> Place:
        place = settle()
        self.supervisor = Supervisor(place.logs, print)
        start_servers(place, self.supervisor)
        return place

    def __exit__(self, *_: object) -> None:
        self.supervisor.stop()


def archived(place: Place) -> None:
    """Close the segment and wait until it lies in the archive."""
    name = postgres.psql(place, "SELECT pg_walfile_name(pg_switch_wal())")
    end = time.monotonic() + 30
    while not (get_settings().wal_archive or Path()).joinpath(name).exists():
        assert time.monotonic() < end, "the segment was never archived"
        postgres.psql(place, "SELECT pg_sleep(0.05)")


NOW = (
    "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"')"
)


def test_what_was_done_after_the_moment_is_gone_and_what_was_before_is_there(alone: Path) -> None:
    with Running() as place:
        postgres.psql(place, "CREATE TABLE kept (what text)", "onemap")
        copy = point_in_time.base(place, alone / "backups", print)
        postgres.psql(place, "INSERT INTO kept VALUES ('before')", "onemap")
        moment = postgres.psql(place, NOW)
        postgres.psql(place, "DELETE FROM kept", "onemap")
        archived(place)
        with pytest.raises(BackupFailed, match="running"):
            point_in_time.restore(copy, moment, print)
    with pytest.raises(BackupFailed, match="no zone"):
        point_in_time.restore(copy, "2026-11-28 15:00", print)
    with pytest.raises(BackupFailed, match="does not reach"):
        point_in_time.restore(copy, "2099-01-01T00:00:00+08:00", print)
    point_in_time.restore(copy, moment, print)
    with Running() as place:
        assert postgres.psql(place, "SELECT what FROM kept", "onemap") == "before"
        assert postgres.psql(place, "SELECT pg_is_in_recovery()") == "f"
        postgres.psql(place, "INSERT INTO kept VALUES ('after')", "onemap")
