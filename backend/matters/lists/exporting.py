"""A whole list as a spreadsheet, however long it is.

Rows are read and written a batch at a time. What is longer than a page or two is made in a process
apart, which is gone afterwards: it holds up no other request, and its memory goes back.
"""

from asyncio import wrap_future
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session

from backend.city.accounts import audit
from backend.core import apart
from backend.core.actor import Actor
from backend.core.db import unit_of_work
from backend.core.language import say
from backend.matters.items import queries
from backend.matters.items.models import Item
from backend.matters.lists import sheet, showing
from backend.tools.importing import streaming
from backend.tools.importing.sheets import Table

BATCH = 1_000
# Lists up to this long are written at once: a process of its own takes seconds to begin.
SHORT = 2_000
# Two at a time; a million rows take three minutes of processor time, and no more memory than one.
CHILDREN, MEMORY_MB, CPU_S = 2, 1_500, 600


async def items(actor: Actor, wanted: queries.Wanted, path: Path) -> None:
    """Write every item of a list into a file, and into the audit list that it was handed out.

    Raises
    ------
    Busy
        Too many lists are being written already.
    """
    if await run_in_threadpool(_is_short, actor, wanted):
        await run_in_threadpool(save_items, actor, wanted, path)
    else:
        await wrap_future(_pool().submit(save_items, actor, wanted, path))


@lru_cache
def _pool() -> apart.Pool:
    return apart.Pool(CHILDREN, MEMORY_MB, CPU_S, once=True)


def _is_short(actor: Actor, wanted: queries.Wanted) -> bool:
    query = queries.listed(actor, wanted, None, SHORT).with_only_columns(Item.id)
    with unit_of_work(actor) as session:
        return len(session.scalars(query).all()) <= SHORT


def save_items(actor: Actor, wanted: queries.Wanted, path: Path) -> int:
    """Write the list as the actor sees it; how many rows there are."""
    cut = say(actor.language, "export_cut", most=streaming.MOST)
    with unit_of_work(actor) as session:
        written = streaming.save(path, _batches(session, actor, wanted), cut)
        audit.exported(session, actor, "items.xlsx", written)
    return written


def _batches(session: Session, actor: Actor, wanted: queries.Wanted) -> Iterator[Table]:
    after: UUID | None = None
    more = True
    while more:
        rows = session.scalars(queries.listed(actor, wanted, after, BATCH)).all()
        more, rows = len(rows) > BATCH, rows[:BATCH]
        yield sheet.of_items(actor.language, showing.lines(session, rows))
        if rows:
            after = rows[-1].id
        session.expunge_all()
