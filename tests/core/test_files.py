"""Files that are kept: on the disk before they have their name, and never half."""

import ast
import os
import resource
from pathlib import Path

import pytest

from backend.core import files
from backend.embedded.place import REPOSITORY

# What these write can be made again, or is gone with its paper, or is PostgreSQL's own.
OTHERWISE = {
    "write_bytes": {"backend/cli/web.py"},
    "write_text": {
        "backend/bench/report.py", "backend/backup/point_in_time.py", "backend/cli/app.py",
        "backend/cli/web.py", "backend/matters/reviews/minutes.py", "backend/schema/catalogue.py",
    },
}  # fmt: skip


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of the disk, in its order."""
    heard: list[str] = []
    fsync, replace = os.fsync, os.replace

    def synced(descriptor: int) -> None:
        fsync(descriptor)
        name = Path(f"/proc/self/fd/{descriptor}").readlink().name
        heard.append(f"sync {name.partition('.')[0]}{Path(name).suffix}")

    def renamed(old: str, new: str) -> None:
        replace(old, new)
        heard.append(f"name {Path(new).name}")

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renamed)
    return heard


def test_a_file_is_on_the_disk_before_it_has_its_name_and_its_name_before_it_counts(
    tmp_path: Path, told: list[str]
) -> None:
    files.keep_all(tmp_path / "shelf" / "photo", {"full.jpg": b"f", "thumb.jpg": b"t"})
    assert told == [
        f"sync {tmp_path.name}", "sync shelf",
        "sync full.part", "name full.jpg", "sync thumb.part", "name thumb.jpg", "sync photo",
    ]  # fmt: skip
    assert (tmp_path / "shelf/photo/full.jpg").read_bytes() == b"f"


def test_what_stood_there_stands_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    files.keep(path, b"before", mode=0o600)
    was = resource.getrlimit(resource.RLIMIT_FSIZE)
    # No file may grow past this size: a write beyond it fails as on a full disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, was[1]))
    try:
        with pytest.raises(OSError):
            files.keep(path, bytes(4096), mode=0o600)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, was)
    assert [file.name for file in tmp_path.iterdir()] == ["secrets.json"]
    assert path.read_bytes() == b"before"
    files.keep(path, b"after", mode=0o600)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"after", 0o600)


def test_nobody_writes_a_file_of_an_installation_by_another_way() -> None:
    found: dict[str, set[str]] = {way: set() for way in OTHERWISE}
    for file in (REPOSITORY / "backend").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in found:
                found[node.attr].add(file.relative_to(REPOSITORY).as_posix())
    assert found == OTHERWISE
