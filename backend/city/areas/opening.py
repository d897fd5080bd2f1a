"""Opening files of boundaries that came from outside: in a process apart, bounded in all it takes.

A zipped file of 50 MB may unpack to a thousand times as much.
"""

from asyncio import wrap_future
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from backend.core import apart
from backend.core.errors import BadInput
from gis import reading
from gis.errors import GisError
from gis.reading import Feature

# One at a time, with room and time for every unit of a large city: 130,000 units of 20 corners,
# 86 MB of GeoJSON, took 32 seconds of a processor and 320 MB. Slower machines, and shapes with
# more corners, have four times that; a photo's 20 seconds would refuse the city.
CHILDREN, MEMORY_MB, CPU_S = 1, 4_000, 120


async def opened(path: Path, crs: str) -> Sequence[Feature]:
    """What a file holds, as `gis.reading.read` reads it; no thread waits meanwhile.

    Raises
    ------
    BadInput
        It cannot be read.
    TooLarge, Busy
        It takes more memory or time than a file may, or too many files wait.
    """
    return await wrap_future(_pool().submit(_read, path, crs))


@lru_cache
def _pool() -> apart.Pool:
    return apart.Pool(CHILDREN, MEMORY_MB, CPU_S, once=True)


def _read(path: Path, crs: str) -> list[Feature]:
    """Foreign bytes: runs in a process apart."""
    try:
        return list(reading.read(path, crs))
    except GisError as error:
        raise BadInput("file_unreadable", reason=str(error)) from None
