"""The drill: what was backed up while people worked is restored, is the same, and serves."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from backend.backup import making, manifest, restoring, tools
from backend.backup.manifest import File
from backend.backup.tools import BackupFailed
from backend.core import files
from backend.core.db import get_engine
from backend.core.settings import get_settings
from backend.embedded import postgres
from backend.embedded.place import REPOSITORY, Place
from backend.seeding.recipe import PASSWORD
from tests.conftest import Town, use
from tests.events.makers import a_photo, a_report

Header = Callable[[str], dict[str, str]]


@pytest.fixture
def elsewhere(servers: Place, database: str, tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Go to an empty database and an empty folder; come back at the end."""
    before = dict(os.environ)
    postgres.prepare_database(servers, "restored")

    def go() -> None:
        use(servers, "restored")
        os.environ["ONEMAP_MEDIA_DIR"] = str(tmp_path / "media")
        get_settings.cache_clear()

    yield go
    get_engine().dispose()
    os.environ.clear()
    os.environ.update(before)
    use(servers, database)
    postgres.psql(servers, "DROP DATABASE restored WITH (FORCE)")


def reported(client: TestClient, header: dict[str, str], town: Town) -> tuple[str, str]:
    photo = client.post("/api/media", content=a_photo(), headers=header).json()["id"]
    unit = town.unit_head_of(town.grids[0]).area_code
    body = a_report(town, unit, photos=[photo]).model_dump(mode="json")
    made = client.post("/api/events", json=body, headers=header)
    assert made.status_code == 201, made.text
    return made.json()["id"], photo


def quiet(_: str) -> None: ...


def test_a_backup_made_while_people_work_is_restored_the_same_and_serves(
    client: TestClient, bearer: Header, town: Town, tmp_path: Path, elsewhere: Callable[[], None]
) -> None:
    header = bearer("demo-unit")
    event, photo = reported(client, header, town)
    stranger = a_report(town).model_dump(mode="json") | {
        "client_id": str(uuid4()), "contact": {"name": "林先生", "phone": "13800000011"},
    }  # fmt: skip
    sealed = client.post("/api/public/events", json=stranger).json()["id"]
    over, during = threading.Event(), 0

    def work() -> None:
        nonlocal during
        while not over.is_set():
            reported(client, header, town)
            during += 1

    worker = threading.Thread(target=work)
    worker.start()
    where = making.make(tmp_path / "backups", quiet)
    over.set()
    worker.join()
    found = restoring.read(where)
    assert during > 0 and found.missing == [] and found.rows["event"] >= 2
    assert (where / "secrets.json").stat().st_mode & 0o077 == 0

    elsewhere()
    restoring.restore(where, quiet)
    from backend.api import create_app

    with TestClient(create_app(), base_url="http://onemap.test") as restored:
        said = restored.post(
            "/api/auth/sign-in",
            json={"username": "demo-town", "password": PASSWORD, "bearer": True},
        )
        desk = {"Authorization": f"Bearer {said.json()['access']}"}
        assert restored.get(f"/api/events/{event}", headers=desk).status_code == 200
        picture = restored.get(f"/api/media/{photo}/full.jpg", headers=desk)
        assert picture.status_code == 200 and picture.content[:2] == b"\xff\xd8"
        contact = restored.post(
            f"/api/events/{sealed}/contact", json={"reason": "回访核实"}, headers=desk
        )
        assert contact.json()["phone"] == "13800000011"
        again = restored.post("/api/public/events", json=stranger)
        assert again.json()["id"] == sealed


def test_a_second_backup_costs_what_is_new_and_old_ones_go(
    client: TestClient, bearer: Header, town: Town, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    reported(client, bearer("demo-unit"), town)
    stamps = iter(("20261128T010000Z", "20261128T020000Z", "20261128T030000Z"))
    where = []
    for _ in range(3):
        monkeypatch.setattr(making, "STAMP", next(stamps))
        where.append(making.make(tmp_path, quiet, keep=2))
    assert making.backups(tmp_path) == where[1:]
    name = next(iter(restoring.read(where[1]).media))
    first, second = (folder / "media" / name for folder in where[1:])
    assert first.stat().st_ino == second.stat().st_ino
    restoring.check(where[2])


@pytest.fixture
def backup(client: TestClient, bearer: Header, town: Town, tmp_path: Path) -> Path:
    reported(client, bearer("demo-unit"), town)
    return making.make(tmp_path / "backups", quiet)


@pytest.mark.usefixtures("database")
def test_a_file_that_goes_or_comes_while_files_are_copied_ends_no_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = tmp_path / "media"
    monkeypatch.setenv("ONEMAP_MEDIA_DIR", str(media))
    get_settings.cache_clear()
    for name in ("aa/first.jpg", "aa/second.jpg.0f0f.part", "bb/orphan.jpg"):
        files.keep(media / name, b"x")
    hash_of = manifest.hash_of

    def tidied(copied: Path) -> File:
        (media / "bb" / "orphan.jpg").unlink(missing_ok=True)
        return hash_of(copied)

    monkeypatch.setattr(manifest, "hash_of", tidied)
    try:
        found, _ = making._media(tmp_path / "part", None, [])
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()
    assert list(found) == ["aa/first.jpg"]


def test_a_damaged_or_unfinished_backup_is_refused_before_anything_is_written(
    backup: Path, elsewhere: Callable[[], None]
) -> None:
    elsewhere()
    half = backup.with_name("20200101T000000Z.part")
    shutil.copytree(backup, half)
    with pytest.raises(BackupFailed, match="no finished backup"):
        restoring.restore(half, quiet)
    name = next(iter(restoring.read(backup).media))
    (backup / "media" / name).write_bytes(b"x")
    with pytest.raises(BackupFailed, match="not as it was written"):
        restoring.restore(backup, quiet)
    (backup / "media" / name).unlink()
    with pytest.raises(BackupFailed, match="missing"):
        restoring.restore(backup, quiet)
    with tools.connect(get_settings().owner_url) as connection:
        assert manifest.rows_of(connection) == {}


def test_nothing_is_restored_over_what_is_there(backup: Path) -> None:
    before = restoring.read(backup).rows["event"]
    with pytest.raises(BackupFailed, match="holds tables already"):
        restoring.restore(backup, quiet)
    with tools.connect(get_settings().owner_url) as connection:
        assert manifest.rows_of(connection)["event"] == before


def test_a_restored_row_too_few_or_a_changed_log_is_told(
    backup: Path, elsewhere: Callable[[], None]
) -> None:
    elsewhere()
    found = restoring.restore(backup, quiet)
    with tools.connect(get_settings().owner_url) as connection:
        assert manifest.differences(found, connection) == []
        connection.execute("DELETE FROM outbox WHERE id = (SELECT min(id::text)::uuid FROM outbox)")
        connection.execute("UPDATE event SET log_head = sha256('other')")
        assert manifest.differences(found, connection) == [
            f"outbox: {found.rows['outbox'] - 1} rows instead of {found.rows['outbox']}",
            "event: the logs' heads differ",
        ]
        connection.rollback()


def test_the_command_says_what_it_wrote(backup: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "backend", "backup", str(tmp_path / "b"), "--no-secrets"],
        cwd=REPOSITORY, env=dict(os.environ), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (where,) = making.backups(tmp_path / "b")
    assert where.name in done.stderr.replace("\n", "")
    assert not (where / "secrets.json").exists()
