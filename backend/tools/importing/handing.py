"""A whole list as a spreadsheet, however long it is.

Rows are read and written a batch at a time. What is longer than a page or two is made in a process
apart, which is gone afterwards: it holds up no other request, and its memory goes back.
"""

import os
from asyncio import wrap_future
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import mkstemp
from typing import Any

from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from sqlalchemy import Select
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask

from backend.core import apart
from backend.tools.importing.sheets import XLSX, Table

BATCH = 1_000
# Lists up to this long are written at once: a process of its own takes seconds to begin.
SHORT = 2_000
# Two at a time; a million rows take three minutes of processor time, and no more memory than one.
CHILDREN, MEMORY_MB, CPU_S = 2, 1_500, 600


async def handed(
    name: str, count: Callable[[int], int], save: Callable[..., int], *given: Any
) -> FileResponse:
    """Answer with a list as a file of a name (ASCII).

    ``count`` says how many rows there are, without counting further than it is told.
    ``save(*given, path)`` writes them; it is a function of a module, called in another process when
    there are many, so what it is given can be pickled.

    Raises
    ------
    Busy
        Too many lists are being written already.
    """
    handle, file = mkstemp(suffix=".xlsx", prefix="onemap-list-")
    os.close(handle)
    path = Path(file)
    try:
        if await run_in_threadpool(count, SHORT + 1) <= SHORT:
            await run_in_threadpool(save, *given, path)
        else:
            await wrap_future(_pool().submit(save, *given, path))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    gone = BackgroundTask(path.unlink, missing_ok=True)
    return FileResponse(path, media_type=XLSX, filename=name, background=gone)


def batches(
    session: Session, query: Select[Any], to_table: Callable[[Sequence[Any]], Table]
) -> Iterator[Table]:
    """All rows of a query, a batch at a time; one empty batch when there are none."""
    found = session.execute(query.execution_options(yield_per=BATCH))
    empty = True
    for rows in found.partitions():
        empty = False
        yield to_table(rows)
    if empty:
        yield to_table([])


@lru_cache
def _pool() -> apart.Pool:
    return apart.Pool(CHILDREN, MEMORY_MB, CPU_S, once=True)
