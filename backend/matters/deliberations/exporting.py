"""Village decisions as a spreadsheet: the whole list, as the actor sees it."""

from pathlib import Path

from backend.city.accounts import audit
from backend.core.actor import Actor
from backend.core.db import unit_of_work
from backend.core.language import say
from backend.matters.deliberations import queries, sheet, showing
from backend.matters.deliberations.models import Deliberation
from backend.tools.importing import handing, streaming


def count(actor: Actor, most: int) -> int:
    """How many motions there are, counted no further than ``most``."""
    query = queries.visible_to(actor).limit(most).with_only_columns(Deliberation.id)
    with unit_of_work(actor) as session:
        return len(session.scalars(query).all())


def save(actor: Actor, path: Path) -> int:
    """Write the motions into a file, and into the audit list; how many rows there are."""
    cut = say(actor.language, "export_cut", most=streaming.MOST)
    with unit_of_work(actor) as session:
        lines = handing.batches(
            session, queries.visible_to(actor).order_by(Deliberation.id.desc()),
            lambda rows: sheet.to_table(
                actor.language,
                showing.lines(session, actor, [row.Deliberation for row in rows]),
            ),
        )  # fmt: skip
        written = streaming.save(path, lines, cut)
        audit.exported(session, actor, "deliberations.xlsx", written)
    return written
