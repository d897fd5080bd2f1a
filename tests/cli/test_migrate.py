"""Two who migrate at once: the second waits, and finds nothing to do."""

import os
import subprocess
import sys

from sqlalchemy import create_engine, text

from backend.core.settings import get_settings
from backend.embedded import postgres
from backend.embedded.place import REPOSITORY, Place
from tests.conftest import use


def test_two_at_once_both_end_well(servers: Place) -> None:
    postgres.prepare_database(servers, "twice")
    use(servers, "twice")
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "backend", "migrate"], cwd=REPOSITORY, env=dict(os.environ),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    told = [one.communicate(timeout=120)[0] for one in both]
    assert [one.returncode for one in both] == [0, 0], told
    engine = create_engine(get_settings().owner_url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1
    engine.dispose()
    postgres.psql(servers, "DROP DATABASE twice WITH (FORCE)")


def test_a_port_that_does_not_exist_is_told_in_a_sentence() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "backend", "up", "--port", "99999"], cwd=REPOSITORY,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "65535" in done.stderr and "./onemap up" in done.stderr
