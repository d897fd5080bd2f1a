"""A file that the reader of files is at until a test lets it go; small, because it is spawned."""

from pathlib import Path


def until_written(pipe: Path) -> None:
    """Return once somebody has opened a named pipe for writing, and shut it."""
    pipe.read_bytes()
