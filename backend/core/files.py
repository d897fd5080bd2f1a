"""Files that the product promises to keep: whole and on the disk, or not there at all.

What was only written lies in the machine's memory for half a minute. After a power cut its row is
there, and the file is empty, half, or gone. So a file is written under another name, brought to the
disk, given its name, and its folder brought to the disk as well.
"""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

# Ends the name of a file that is being written; what a crash leaves of one is nobody's.
UNFINISHED = ".part"


def keep(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Write a file, in the place of what stood there; it outlives a power cut from then on.

    ``mode`` are its rights, less those that the process gives nobody (umask).

    Raises
    ------
    OSError
        The disk is full, for one; what stood there stands there still.
    """
    keep_all(path.parent, {path.name: data}, mode)


def keep_all(folder: Path, files: Mapping[str, bytes], mode: int = 0o666) -> None:
    """Write several files into one folder, which is made when it is missing; as `keep`, each."""
    _make(folder)
    for name, data in files.items():
        half = folder / f"{name}.{secrets.token_hex(4)}{UNFINISHED}"
        try:
            with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            half.replace(folder / name)
        except BaseException:
            half.unlink(missing_ok=True)
            raise
    settle(folder)


def settle(folder: Path) -> None:
    """Bring the names in a folder to the disk (fsync(2): a file's own does not bring its name)."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make(folder: Path) -> None:
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(exist_ok=True)
        settle(folder.parent)
