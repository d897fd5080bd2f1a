"""Items and hot spots as spreadsheets: the whole list, as the actor sees it."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from backend.city.accounts import audit
from backend.core.actor import Actor
from backend.core.db import unit_of_work
from backend.core.language import say
from backend.matters.items import queries
from backend.matters.items.models import Item
from backend.matters.lists import queries as spot_reads
from backend.matters.lists import sheet, showing, spots
from backend.matters.lists.models import HotSpot
from backend.tools.importing import handing, streaming
from backend.tools.importing.sheets import Table


def count_items(actor: Actor, wanted: queries.Wanted, most: int) -> int:
    """How many items a list has, counted no further than ``most``."""
    query = queries.listed(actor, wanted, None, most - 1).with_only_columns(Item.id)
    with unit_of_work(actor) as session:
        return len(session.scalars(query).all())


def save_items(actor: Actor, wanted: queries.Wanted, path: Path) -> int:
    """Write the list into a file, and into the audit list; how many rows there are."""
    cut = say(actor.language, "export_cut", most=streaming.MOST)
    with unit_of_work(actor) as session:
        written = streaming.save(path, _items(session, actor, wanted), cut)
        audit.exported(session, actor, "items.xlsx", written)
    return written


def _items(session: Session, actor: Actor, wanted: queries.Wanted) -> Iterator[Table]:
    after: UUID | None = None
    more = True
    while more:
        rows = session.scalars(queries.listed(actor, wanted, after, handing.BATCH)).all()
        more, rows = len(rows) > handing.BATCH, rows[: handing.BATCH]
        yield sheet.of_items(actor.language, showing.lines(session, rows))
        if rows:
            after = rows[-1].id
        session.expunge_all()


def count_spots(actor: Actor, area: str | None, most: int) -> int:
    """How many hot spots there are, counted no further than ``most``."""
    query = spot_reads.listed(actor, area, most).with_only_columns(HotSpot.id)
    with unit_of_work(actor) as session:
        return len(session.scalars(query).all())


def save_spots(actor: Actor, area: str | None, path: Path) -> int:
    """Write the hot spots into a file, and into the audit list; how many rows there are."""
    cut = say(actor.language, "export_cut", most=streaming.MOST)
    with unit_of_work(actor) as session:
        lines = handing.batches(
            session, spot_reads.listed(actor, area, None),
            lambda rows: sheet.of_spots(
                actor.language, spots.spot_lines(session, actor, [row.HotSpot for row in rows])
            ),
        )  # fmt: skip
        written = streaming.save(path, lines, cut)
        audit.exported(session, actor, "hot-spots.xlsx", written)
    return written
